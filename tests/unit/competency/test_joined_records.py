"""Two records of one person: joined they are read as one, parted each stands exactly as before."""

import datetime as dt

import pytest
from django.db import Error, connection, transaction
from tests.unit.competency.conftest import DAY, NOW
from tests.unit.competency.test_profile import YEAR, calibrated, sitting

from karmayogi.competency import evidence, profile, replays
from karmayogi.institutions import aliases, assignments, bodies, grants, identities, people, proposals
from karmayogi.institutions.access import NotForYou, OutOfReach, reach
from karmayogi.institutions.assignments import AssignmentFact
from karmayogi.institutions.grants import NewGrant
from karmayogi.institutions.people import NewPerson
from karmayogi.institutions.roles import Audience, Role
from karmayogi.registry.acting import acting, as_worker

pytestmark = pytest.mark.django_db
__all__ = ["calibrated"]
WHY = "Both records bear her birth certificate and the same first appointment."
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def office(calibrated):
    """anna with a second, older record "old"; a clerk and a verifier who keep the records of the ministry."""
    with as_worker():
        people.enrol(
            NewPerson(login=n, name=n.title(), employee_code=n.upper()) for n in ("old", "clerk", "verifier")
        )
        calibrated.old, clerk, verifier = (people.by_codes([n])[n] for n in ("OLD", "CLERK", "VERIFIER"))
        calibrated.clerk, calibrated.verifier = clerk, verifier
        ministry = bodies.by_code("min").id
        grants.give(
            NewGrant(
                person=p, role=r, body=ministry, since=DAY - YEAR, order_no="1", granted_by=calibrated.boss
            )
            for p, r in ((clerk, Role.CLERK), (verifier, Role.VERIFIER))
        )
        assignments.write(
            [
                AssignmentFact(
                    calibrated.old, bodies.by_code("dept").id, "Assistant", dt.date(2015, 1, 1), "old/1",
                    until=dt.date(2016, 1, 1),
                )
            ]
        )  # fmt: skip
        evidence.record(
            [
                sitting(calibrated.anna, calibrated.tenders, 5, at=NOW - HOUR),
                sitting(calibrated.old, calibrated.tenders, 10, at=NOW - 2 * HOUR),
                sitting(calibrated.old, calibrated.noting, 8, at=NOW - 2 * HOUR),
            ],
            now=NOW - HOUR,
        )
        profile.refresh([calibrated.anna, calibrated.old], now=NOW)
    return calibrated


def at(person):
    with acting(actor=person, on=DAY, purpose="establishment"):
        return reach(person, Audience.ESTABLISHMENT, on=DAY)


def as_(found):
    return acting(actor=found.actor, scopes=found.scopes, on=DAY, purpose=found.audience.value)


def merge(office, *, stays=None, other=None, now=NOW + HOUR):
    clerk = at(office.clerk)
    with as_(clerk):
        id = identities.propose_merge(
            clerk, stays=stays or office.anna, other=other or office.old, reason=WHY, now=now
        )
    return decide(office, id, identities.MERGE, now=now)


def split(office, *, now=NOW + 3 * HOUR):
    clerk = at(office.clerk)
    with as_(clerk):
        (link,) = aliases.links([office.anna])
        id = identities.propose_split(clerk, link.id, reason=WHY, now=now)
    return decide(office, id, identities.SPLIT, now=now)


def decide(office, id, act, *, now):
    verifier = at(office.verifier)
    with as_(verifier):
        card = identities.decide(verifier, id, act=act, approve=True, answer="", now=now)
    with as_worker():
        profile.refresh([office.anna, office.old], now=now)
    return card


def counted(office):
    """Rows by person in the ledger and in the assignments, read under no alias."""
    with as_worker(), connection.cursor() as cursor:
        found = []
        for table in ("competency_evidence", "institutions_assignment"):
            cursor.execute(
                f"SELECT person_id, md5(string_agg(t::text, '|' ORDER BY id)) FROM {table} t GROUP BY 1"
            )
            found.append(dict(cursor.fetchall()))
        return found


def levels(office, person, *, now):
    with as_worker():
        held = profile.of([person]).get(person, {}).values()
        aged = profile.aged(list(held), at=now)
    return {e.competency: (round(e.mean, 5), round(e.sd, 5), e.information, e.kinds) for e in aged}


def test_joined_records_are_read_as_one_person(office):
    before = counted(office)
    merge(office)
    assert counted(office) == before, "no row of history is rewritten"
    with acting(actor=office.anna, on=DAY):
        rows = evidence.of([office.anna])[office.anna]
        served = assignments.history([office.anna])[office.anna]
    assert len(rows) == 3
    assert {r.person for r in rows} == {office.anna}
    assert served[-1].designation == "Assistant"
    with as_worker():
        assert people.by_codes(["ANNA", "OLD"]) == {"ANNA": office.anna, "OLD": office.anna}
        assert set(profile.of([office.anna])[office.anna]) == {office.tenders, office.noting}
        assert replays.check([office.anna], at=NOW + 2 * HOUR) == (2, [])


def test_parted_records_stand_exactly_as_before(office):
    later = NOW + 4 * HOUR
    before, expected = counted(office), [levels(office, p, now=later) for p in (office.anna, office.old)]
    merge(office)
    joined = levels(office, office.anna, now=later)
    split(office)
    assert counted(office) == before
    parted = [levels(office, p, now=later) for p in (office.anna, office.old)]
    assert parted == expected
    assert joined != expected[0]
    with as_worker():
        assert len(evidence.of([office.anna])[office.anna]) == 1
        assert people.by_codes(["OLD"]) == {"OLD": office.old}
        for moment in (NOW, NOW + 2 * HOUR, later):
            assert replays.check([office.anna, office.old], at=moment)[1] == []


def test_the_other_record_signs_in_no_more_and_does_again_after(office):
    merge(office)
    with acting(actor=office.old, on=DAY), pytest.raises(identities.JoinedElsewhere):
        identities.refuse_joined(office.old)
    split(office)
    with acting(actor=office.old, on=DAY):
        identities.refuse_joined(office.old)


def test_two_posts_on_one_day_are_not_one_person_and_the_sentence_says_which(office):
    clerk = at(office.clerk)
    with as_(clerk), pytest.raises(identities.HeldTwice) as refused:
        identities.propose_merge(clerk, stays=office.anna, other=office.bela, reason=WHY, now=NOW)
    assert "Dept" in str(refused.value)


def test_the_record_that_serves_today_stays(office):
    clerk = at(office.clerk)
    with as_(clerk), pytest.raises(identities.ServesUnderTheOther):
        identities.propose_merge(clerk, stays=office.old, other=office.anna, reason=WHY, now=NOW)


def test_a_clerk_asks_and_a_verifier_decides_and_never_one_person(office):
    clerk, verifier = at(office.clerk), at(office.verifier)
    with as_(verifier), pytest.raises(identities.RoleMissing):
        identities.propose_merge(verifier, stays=office.anna, other=office.old, reason=WHY, now=NOW)
    with as_(clerk):
        id = identities.propose_merge(clerk, stays=office.anna, other=office.old, reason=WHY, now=NOW)
        with pytest.raises(identities.RoleMissing):
            identities.decide(clerk, id, act=identities.MERGE, approve=True, answer="", now=NOW)
    with as_worker():
        assert aliases.links([office.anna]) == []


def test_without_an_approval_the_web_writes_no_join(office):
    verifier = at(office.verifier)
    with as_(verifier), pytest.raises(Error, match="row-level security"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO institutions_personalias (id, person_id, other_id, alias, kind, order_no, since)"
                " VALUES (gen_random_uuid(), %s, %s, 'x', 'person', '', now())",
                [office.anna, office.old],
            )


def test_a_record_that_was_joined_is_joined_no_further(office):
    merge(office)
    with as_worker():
        people.enrol([NewPerson(login="third", name="Third", employee_code="THIRD")])
        third = people.by_codes(["THIRD"])["THIRD"]
    clerk, verifier = at(office.clerk), at(office.verifier)
    with as_(clerk):
        id = identities.propose_merge(clerk, stays=office.old, other=third, reason=WHY, now=NOW)
    with as_(verifier), pytest.raises(identities.AlreadyJoined):
        identities.decide(verifier, id, act=identities.MERGE, approve=True, answer="", now=NOW)
    with as_(verifier):
        assert proposals.waiting(verifier, acts=[identities.MERGE], now=NOW), "nothing of it was kept"


def test_records_of_another_ministry_are_not_compared(office):
    with as_worker():
        other = bodies.by_code("other").id
        people.enrol([NewPerson(login="far", name="Far", employee_code="FAR")])
        far = people.by_codes(["FAR"])["FAR"]
        assignments.write([AssignmentFact(far, other, "Clerk", DAY - YEAR, "9")])
    clerk = at(office.clerk)
    with as_(clerk):
        assert [r.code for r in identities.compared(clerk, ["ANNA", "OLD"], on=DAY)] == ["ANNA", "OLD"]
        with pytest.raises(OutOfReach):
            identities.compared(clerk, ["ANNA", "FAR"], on=DAY)
    with pytest.raises(NotForYou):
        at(office.anna)
