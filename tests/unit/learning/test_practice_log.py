"""The practice log: the 70 and the 20, with a second party."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from tests.unit.learning.conftest import DAY, NOW, after, web

from karmayogi.learning import practice_log
from karmayogi.learning.practice_log import ActivityNotOpen, ReasonMissing, SecondPartyNeeded
from karmayogi.registry.acting import as_worker

pytestmark = pytest.mark.django_db


def plan(service, person, **changes):
    values = {
        "by": person, "kind": "on_job", "title": "Evaluate a live tender", "minutes": 120,
        "planned_on": DAY, "competency": service.competency, "now": NOW,
    }  # fmt: skip
    return practice_log.plan(person, **{**values, **changes})


@pytest.fixture
def claimed(service):
    with web(service.anna):
        activity = plan(service, service.anna)
        practice_log.claim(activity, by=service.anna, done_on=DAY, minutes=150, now=after(hours=3))
    return activity


def test_planned_done_and_confirmed_by_the_supervisor_counts(service, claimed):
    with web(service.boss, team=True):
        practice_log.confirm(claimed, by=service.boss, now=after(hours=4), note="Saw it")
        (card,) = practice_log.of([service.anna], states=["confirmed"])[service.anna]
        counted = practice_log.minutes_confirmed([service.anna], since=DAY, until=DAY + dt.timedelta(days=1))
        steps = practice_log.steps_of([claimed])[claimed]
    assert (card.confirmed_by, card.minutes, card.note) == (service.boss, 150, "Saw it")
    assert counted == {service.anna: {"on_job": 150}}
    assert [(s.act, s.by) for s in steps] == [
        ("planned", service.anna), ("done", service.anna), ("confirmed", service.boss),
    ]  # fmt: skip


def test_nobody_confirms_their_own_work(service, claimed):
    with web(service.anna), pytest.raises(SecondPartyNeeded):
        practice_log.confirm(claimed, by=service.anna, now=NOW)


def test_the_database_refuses_a_confirmation_by_the_same_person_whoever_writes_it(service, claimed):
    with (
        as_worker(),
        pytest.raises(IntegrityError, match="nobody_confirms_their_own_work"),
        transaction.atomic(),
    ):
        connection.cursor().execute(
            "update learning_activity set state = 'confirmed', confirmed_by_id = person_id where id = %s",
            [claimed],
        )


def test_the_web_role_cannot_mark_its_own_work_as_confirmed_by_another(service, claimed):
    with pytest.raises(Exception, match="row-level security"), web(service.anna):
        connection.cursor().execute(
            "update learning_activity set state = 'confirmed', confirmed_by_id = %s where id = %s",
            [service.boss, claimed],
        )


def test_only_the_supervisor_of_the_person_confirms(service, claimed):
    with as_worker(), pytest.raises(SecondPartyNeeded):
        practice_log.confirm(claimed, by=service.chand, now=NOW)
    with web(service.chand), pytest.raises(LookupError):
        practice_log.confirm(claimed, by=service.chand, now=NOW)


def test_a_declined_activity_has_a_reason_and_can_be_answered(service, claimed):
    with web(service.boss, team=True):
        with pytest.raises(ReasonMissing):
            practice_log.decline(claimed, by=service.boss, reason=" ", now=NOW)
        practice_log.decline(claimed, by=service.boss, reason="Which tender?", now=after(hours=4))
    with web(service.anna):
        assert practice_log.by_id(claimed).note == "Which tender?"
        practice_log.claim(claimed, by=service.anna, done_on=DAY, note="No. 12", now=after(hours=5))
        assert practice_log.by_id(claimed).state == "done"
    with web(service.boss, team=True):
        practice_log.confirm(claimed, by=service.boss, now=after(hours=6))
        steps = practice_log.steps_of([claimed])[claimed]
    assert [s.act for s in steps] == ["planned", "done", "declined", "done", "confirmed"]


def test_what_was_confirmed_is_not_moved_again(service, claimed):
    with web(service.boss, team=True):
        practice_log.confirm(claimed, by=service.boss, now=after(hours=4))
        with pytest.raises(ActivityNotOpen):
            practice_log.decline(claimed, by=service.boss, reason="Changed my mind", now=after(hours=5))


def test_a_supervisor_plans_for_the_team_and_nobody_else_does(service):
    with web(service.boss, team=True):
        activity = plan(service, service.bela, by=service.boss, kind="with_others")
    with web(service.bela):
        assert practice_log.by_id(activity).kind == "with_others"
    with web(service.anna), pytest.raises(SecondPartyNeeded):
        plan(service, service.bela, by=service.anna)
