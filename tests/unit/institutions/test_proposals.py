"""A sensitive act is asked for by one person and decided by another: the rows policies and the table itself say so."""

import datetime as dt

import pytest
from django.db import Error, IntegrityError, connection, transaction

from karmayogi.institutions import bodies, people, proposals
from karmayogi.institutions.access import Reach
from karmayogi.institutions.bodies import NewBody
from karmayogi.institutions.people import NewPerson
from karmayogi.institutions.roles import Audience
from karmayogi.registry.acting import acting, as_worker

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 4, 2, 9, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=15)
WHY = "The establishment order of 1 April names her for this."
ACT = "trial.act"


@pytest.fixture
def house():
    """Two ministries; people by login, cards of the ministries by code."""
    with as_worker():
        new = [NewBody("a", "A", "ministry"), NewBody("b", "B", "ministry")]
        bodies.establish(new, since=dt.date(2020, 1, 1), order_no="1")
        people.enrol(
            NewPerson(login=n, name=n.title(), employee_code=n) for n in ("maker", "checker", "asked")
        )
        return people.by_codes(["maker", "checker", "asked"]), bodies.by_codes(["a", "b"])


def at(house, who, code="a", audience=Audience.MANAGER):
    """The reach of somebody who holds a role over one of the ministries."""
    held = (house[1][code],) if code else ()
    return Reach(house[0][who], audience, NOW.date(), bodies=held)


def as_(reach):
    return acting(actor=reach.actor, scopes=reach.scopes, on=reach.on, purpose=reach.audience.value)


def asked_for(house, **other):
    given = {
        "key": "k", "reason": WHY, "maker": house[0]["maker"], "body": house[1]["a"].id, "desk": Audience.MANAGER,
        "now": NOW, "about": house[0]["asked"],
    } | other  # fmt: skip
    with as_(at(house, "maker")):
        return proposals.make(ACT, **given)


def decide(house, id, who, *, approve=True, code="a", audience=Audience.MANAGER, now=NOW, answer=WHY):
    reach = at(house, who, code, audience)
    with as_(reach):
        return proposals.decide(id, act=ACT, approve=approve, answer=answer, by=reach.actor, now=now)


def test_one_asks_and_another_of_the_same_desk_decides(house):
    id = asked_for(house)
    with as_(at(house, "checker")):
        assert [p.id for p in proposals.waiting(at(house, "checker"), acts=[ACT], now=NOW)] == [id]
    card = decide(house, id, "checker")
    assert (card.state, card.checker, card.decided_at) == ("approved", house[0]["checker"], NOW)
    with as_(at(house, "checker")):
        assert proposals.waiting(at(house, "checker"), acts=[ACT], now=NOW) == []


def test_nobody_decides_what_they_asked_for(house):
    id = asked_for(house)
    with pytest.raises(proposals.OwnProposal):
        decide(house, id, "maker")


def test_the_table_refuses_one_person_for_both_whoever_writes(house):
    id = asked_for(house)
    with as_worker(), pytest.raises(IntegrityError, match="nobody_decides_what_they_asked_for"):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE institutions_proposal SET state = 'approved', checker_id = maker_id, decided_at = made_at"
                " WHERE id = %s",
                [id],
            )


def test_the_web_cannot_approve_its_own_by_plain_sql(house):
    id = asked_for(house)
    with as_(at(house, "maker")), pytest.raises(Error, match="row-level security"):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE institutions_proposal SET state = 'approved', checker_id = %s, decided_at = made_at"
                " WHERE id = %s",
                [house[0]["checker"], id],
            )


@pytest.mark.parametrize(
    "where", [{"code": "b"}, {"audience": Audience.AUTHORITY}, {"code": "", "audience": Audience.OFFICIAL}]
)
def test_another_ministry_and_another_desk_find_nothing(house, where):
    id = asked_for(house)
    with as_(at(house, "checker", **({"code": "a"} | where))):
        assert proposals.cards([id]) == {}
    with pytest.raises(proposals.NoSuchProposal):
        decide(house, id, "checker", **where)


def test_who_is_asked_alone_decides_alone(house):
    id = asked_for(house, desk=Audience.OFFICIAL)
    with pytest.raises(proposals.NoSuchProposal):
        decide(house, id, "checker", code="", audience=Audience.OFFICIAL)
    with as_(at(house, "asked", "", Audience.OFFICIAL)):
        assert len(proposals.waiting(at(house, "asked", "", Audience.OFFICIAL), acts=[ACT], now=NOW)) == 1
    assert decide(house, id, "asked", code="", audience=Audience.OFFICIAL).state == "approved"


def test_the_same_is_asked_for_once_and_again_after_its_end(house):
    id = asked_for(house)
    with pytest.raises(proposals.AlreadyProposed):
        asked_for(house)
    decide(house, id, "checker", approve=False)
    assert asked_for(house) != id


def test_a_reason_is_a_sentence_and_so_is_a_refusal(house):
    with pytest.raises(proposals.ReasonTooShort):
        asked_for(house, reason="Because.")
    id = asked_for(house)
    with pytest.raises(proposals.ReasonTooShort):
        decide(house, id, "checker", approve=False, answer="No.")


def test_what_ended_stays_as_it_is(house):
    id = asked_for(house)
    decide(house, id, "checker")
    with pytest.raises(proposals.ProposalAlreadyEnded):
        decide(house, id, "checker", approve=False)
    with as_worker(), pytest.raises(Error, match="ends once"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("UPDATE institutions_proposal SET reason = 'x' WHERE id = %s", [id])


def test_it_is_withdrawn_by_its_maker_only(house):
    id = asked_for(house)
    with as_(at(house, "checker")), pytest.raises(proposals.NoSuchProposal):
        proposals.withdraw(id, act=ACT, by=house[0]["checker"], now=NOW)
    with as_(at(house, "maker")):
        proposals.withdraw(id, act=ACT, by=house[0]["maker"], now=NOW)
        assert [p.state for p in proposals.made(house[0]["maker"], acts=[ACT])] == ["withdrawn"]


def test_nobody_decides_it_after_its_time(house):
    id = asked_for(house)
    with pytest.raises(proposals.ProposalAlreadyEnded):
        decide(house, id, "checker", now=LATER)
    with as_worker():
        assert (proposals.lapse(now=NOW), proposals.lapse(now=LATER)) == (0, 1)
        assert proposals.cards([id])[id].state == "lapsed"
