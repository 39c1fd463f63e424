"""The evidence ledger: appended, guarded, and read by a cursor that loses nothing."""

import datetime as dt
from dataclasses import replace
from uuid import uuid4

import psycopg
import pytest
from django.db import connection, transaction
from tests import horizon
from tests.unit.competency.conftest import DAY, NOW

from karmayogi.competency import evidence
from karmayogi.competency.evidence import NewEvidence, Source
from karmayogi.registry.acting import acting, as_worker

pytestmark = pytest.mark.django_db


def a_row(person, competency, **changes):
    row = NewEvidence(
        person,
        competency,
        Source.TEST,
        NOW,
        key="sitting:1",
        payload={"items": [str(uuid4())], "right": [1]},
    )
    return replace(row, **changes)


def test_a_row_is_recorded_once_by_its_key(service):
    with as_worker():
        assert evidence.record([a_row(service.anna, service.tenders)], now=NOW) == 1
        assert evidence.record([a_row(service.anna, service.tenders)], now=NOW) == 0
        (row,) = evidence.of([service.anna])[service.anna]
    assert (row.source, row.payload["right"]) == (Source.TEST, [1])


def test_rows_come_in_the_order_they_happened_and_up_to_a_moment_of_recording(service):
    with as_worker():
        rows = [
            a_row(service.anna, service.tenders, key=str(n), happened_at=NOW - dt.timedelta(days=n))
            for n in (1, 3, 2)
        ]
        evidence.record(rows[:2], now=NOW)
        evidence.record(rows[2:], now=NOW + dt.timedelta(hours=1))
        assert [r.key for r in evidence.of([service.anna])[service.anna]] == ["3", "2", "1"]
        assert [r.key for r in evidence.of([service.anna], until=NOW)[service.anna]] == ["3", "1"]


@pytest.mark.parametrize(
    "statement", ["UPDATE competency_evidence SET payload = '{}'", "DELETE FROM competency_evidence"]
)
def test_no_role_changes_or_deletes_evidence(service, statement):
    with as_worker():
        evidence.record([a_row(service.anna, service.tenders)], now=NOW)
    for role in (as_worker(), transaction.atomic()):
        with pytest.raises(Exception, match="is appended to"), role, connection.cursor() as cursor:
            cursor.execute(statement)


def test_erasure_alone_deletes_evidence(service):
    with as_worker():
        evidence.record([a_row(service.anna, service.tenders)], now=NOW)
    with acting("karmayogi_worker", purpose="erasure"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM competency_evidence")
        assert cursor.rowcount == 1


@pytest.mark.parametrize("source", [Source.TEST, Source.COMPLETED, Source.SELF_RATING])
def test_an_official_adds_own_tests_completions_and_self_ratings(service, source):
    row = a_row(service.anna, service.tenders, source=source)
    with acting(actor=service.anna, on=DAY):
        assert evidence.record([row], now=NOW) == 1


def test_an_official_adds_nothing_else(service):
    own = a_row(service.anna, service.tenders)
    refused = [
        a_row(service.bela, service.tenders),
        replace(own, source=Source.SUPERVISED_TEST),
        replace(own, source=Source.RATING, observer=service.boss),
        replace(own, source=Source.WORK_PRODUCT, observer=service.boss),
        replace(own, replaces=uuid4()),
    ]
    for row in refused:
        with pytest.raises(Exception, match="row-level security"), acting(actor=service.anna, on=DAY):
            evidence.record([row], now=NOW)


def test_a_supervisor_observes_the_team_and_nobody_else(service):
    with acting(actor=service.boss, on=DAY, team=True):
        row = evidence.observe(
            service.boss, person=service.anna, competency=service.tenders, level=3, now=NOW
        )
        assert row.payload == {"level": 3.0, "answers": 1}
    for person, team in ((service.chand, True), (service.anna, False)):
        with (
            pytest.raises(Exception, match="row-level security"),
            acting(actor=service.boss, on=DAY, team=team),
        ):
            evidence.observe(service.boss, person=person, competency=service.noting, level=3, now=NOW)


def test_the_same_observation_again_changes_nothing_and_another_level_the_same_day_is_refused(service):
    seen = {"person": service.anna, "competency": service.tenders, "now": NOW}
    with acting(actor=service.boss, on=DAY, team=True):
        first = evidence.observe(service.boss, level=3, **seen)
        assert evidence.observe(service.boss, level=3, **seen) == first
        with pytest.raises(evidence.AlreadyObserved, match="tomorrow"):
            evidence.observe(service.boss, level=4, **seen)
        assert len(evidence.of([service.anna])[service.anna]) == 1


def test_a_supervisor_cannot_observe_in_another_name(service):
    with pytest.raises(Exception, match="row-level security"), acting(actor=service.boss, on=DAY, team=True):
        evidence.observe(service.bela, person=service.anna, competency=service.noting, level=3, now=NOW)


def test_nobody_observes_themselves(service):
    with as_worker():
        with pytest.raises(evidence.ObserverIsThePerson, match="supervisor"):
            evidence.observe(service.anna, person=service.anna, competency=service.tenders, level=3, now=NOW)
        row = a_row(service.anna, service.tenders, source=Source.RATING, observer=service.anna)
        with pytest.raises(Exception, match="nobody_observes_themselves"), transaction.atomic():
            evidence.record([row], now=NOW)
        row = a_row(service.anna, service.tenders, source=Source.RATING)
        with pytest.raises(Exception, match="a_rating_names_its_observer"), transaction.atomic():
            evidence.record([row], now=NOW)


def test_a_level_outside_the_scale_is_refused(service):
    with as_worker(), pytest.raises(evidence.LevelNotOnScale):
        evidence.observe(service.boss, person=service.anna, competency=service.tenders, level=6, now=NOW)


def test_officials_read_their_own_evidence_and_supervisors_their_teams(service):
    with as_worker():
        evidence.record([a_row(p, service.tenders) for p in (service.anna, service.chand)], now=NOW)
    everyone = [service.anna, service.bela, service.chand]
    with acting(actor=service.anna, on=DAY):
        assert set(evidence.of(everyone)) == {service.anna}
    with acting(actor=service.boss, on=DAY, team=True):
        assert set(evidence.of(everyone)) == {service.anna}
    with acting(on=DAY):
        assert evidence.of(everyone) == {}


def insert(connection, person, competency, key):
    connection.execute(
        "INSERT INTO competency_evidence (id, person_id, competency_id, source, happened_at, recorded_at, key,"
        " instrument, payload) VALUES (gen_random_uuid(), %s, %s, 'completed', now(), now(), %s, '', '{}')",
        [person, competency, key],
    )


@pytest.fixture
def elsewhere(databases):
    """Two connections to a database of their own, with a person and a competency committed; Django points there."""
    name = databases.clone("empty")
    address = databases.url("postgres", name)
    with psycopg.connect(address, autocommit=True) as one, psycopg.connect(address, autocommit=True) as two:
        yield one, two


def test_a_late_commit_is_not_lost_by_the_cursor(elsewhere, monkeypatch):
    early, late = elsewhere
    person, competency = seed(early)
    monkeypatch.setattr(evidence, "connection", early)

    late.execute("BEGIN")
    insert(late, person, competency, "late")
    insert(early, person, competency, "early")
    rows, cursor = evidence.changed_since(None)
    assert rows == [], "the row after a transaction that is still open is not told yet"
    late.execute("COMMIT")
    keys, cursor = told(cursor)
    assert sorted(keys) == ["early", "late"]
    assert evidence.changed_since(cursor)[0] == []


def test_pages_of_changes_hold_whole_transactions(elsewhere, monkeypatch):
    one, _ = elsewhere
    person, competency = seed(one)
    monkeypatch.setattr(evidence, "connection", one)
    with one.transaction():
        for n in range(3):
            insert(one, person, competency, f"a{n}")
    insert(one, person, competency, "b")
    keys, cursor = told(None, limit=2)
    assert sorted(keys) == ["a0", "a1", "a2"]
    keys, cursor = told(cursor, limit=2)
    assert keys == ["b"]


def told(cursor, limit=10):
    """The next page, as soon as the horizon of the server lets it be told."""

    def page():
        found = evidence.changed_since(cursor, limit=limit)
        return found if found[0] else None

    rows, following = horizon.passes(page)
    return [row.key for row in rows], following


def seed(connection):
    person, framework, version, competency = (uuid4() for _ in range(4))
    connection.execute(
        "INSERT INTO institutions_person (id, name, language) VALUES (%s, 'P', 'en')",
        [person],
    )
    connection.execute("INSERT INTO competency_framework (id, key, title) VALUES (%s, 'f', 'F')", [framework])
    connection.execute(
        "INSERT INTO competency_frameworkversion (id, framework_id, version, state, order_no, content, drafted_at)"
        " VALUES (%s, %s, '1', 'draft', '', '', now())",
        [version, framework],
    )
    connection.execute(
        "INSERT INTO competency_competency (id, version_id, key, kind, name, about, number)"
        " VALUES (%s, %s, 'c', 'domain', 'C', '', 0)",
        [competency, version],
    )
    return person, competency
