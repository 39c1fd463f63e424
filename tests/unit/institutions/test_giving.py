"""Authority is asked for by one and given by another, stopped by one, and never more than its giver has."""

import datetime as dt
from dataclasses import replace

import pytest
from django.db import DatabaseError, connection, transaction

from karmayogi.institutions import access, bodies, giving, grant_stops, grants, people
from karmayogi.institutions.access import NotForYou
from karmayogi.institutions.bodies import NewBody
from karmayogi.institutions.giving import MoreThanHeld, NotYoursToGive, Wanted, WrongTime
from karmayogi.institutions.grants import NewGrant
from karmayogi.institutions.people import NewPerson
from karmayogi.institutions.proposals import OwnProposal, ReasonTooShort
from karmayogi.institutions.roles import GIVING, Audience, Role
from karmayogi.registry.acting import acting, as_worker

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 4, 2, 9, tzinfo=dt.UTC)
TODAY = NOW.date()
LAST = TODAY + dt.timedelta(days=90)
WHY = "The establishment order of 1 April names her for this."
NAMES = ("head", "above", "operator", "council", "manager", "helper", "clerk")


class House:
    """A service with a ministry (and a division in it) and another ministry; people by login, bodies by code."""

    def __init__(self):
        with as_worker():
            new = [
                NewBody("top", "T", "service"), NewBody("a", "A", "ministry", "top"),
                NewBody("a1", "A1", "division", "a"), NewBody("b", "B", "ministry", "top"),
            ]  # fmt: skip
            bodies.establish(new, since=dt.date(2020, 1, 1), order_no="1")
            people.enrol(NewPerson(login=n, name=n.title(), employee_code=n) for n in NAMES)
            self.people = people.by_codes(list(NAMES))
            self.bodies = bodies.by_codes(["top", "a", "a1", "b"])
            self.hold("head", Role.HEAD, "a")
            self.hold("above", Role.HEAD, "top")
            self.hold("operator", Role.OPERATOR, "top")
            self.hold("council", Role.COUNCIL, "top")

    def hold(self, who, role, code, until=None):
        given = NewGrant(self.people[who], role, self.bodies[code].id, TODAY - dt.timedelta(30), "0", until)
        with as_worker():
            grants.give([given])

    def reach(self, who, audience=Audience.GRANTOR):
        person = self.people[who]
        with acting(actor=person, on=TODAY, purpose=audience.value):
            return access.reach(person, audience, on=TODAY)

    def as_(self, who, audience=Audience.GRANTOR):
        found = self.reach(who, audience)
        return acting(actor=found.actor, scopes=found.scopes, on=TODAY, purpose=audience.value), found

    def ask(self, who="head", *, to="manager", role=Role.TRAINING_MANAGER, code="a", **other):
        wanted = Wanted(self.people[to], role, self.bodies[code], TODAY, LAST, "E-1/2026")
        doing, reach = self.as_(who)
        with doing:
            return giving.ask(reach, replace(wanted, **other), reason=WHY, now=NOW)

    def decide(self, who, id, *, approve=True):
        from karmayogi.institutions import proposals

        doing, reach = self.as_(who)
        with doing:
            asked = proposals.cards([id])[id]
            body = bodies.by_ids([asked.body])[asked.body]
            return giving.decide(reach, asked, body=body, approve=approve, answer=WHY, now=NOW)

    def given(self):
        return self.decide("operator", self.ask())

    def card(self, id, who="operator"):
        doing, _reach = self.as_(who)
        with doing:
            return grants.card(id, on=TODAY)

    def opens(self, who, audience=Audience.MANAGER):
        try:
            return [b.code for b in self.reach(who, audience).bodies]
        except NotForYou:
            return []


@pytest.fixture
def house():
    return House()


def sql(house, who, statement, *values):
    """The statement through the web role, as somebody who gives authority."""
    doing, _ = house.as_(who)
    with doing, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


STOP = (
    "INSERT INTO institutions_grantstop (id, grant_id, kind, during, reason, by_id, recorded_at, lifted_why)"
    " VALUES (gen_random_uuid(), %s, 'ended', daterange(%s, NULL), 'x', %s, now(), '')"
)
LIFT = "UPDATE institutions_grantstop SET during = 'empty', lifted_by_id = %s, lifted_at = now()"
INSERT = (
    "INSERT INTO institutions_grant (id, person_id, role, body_id, during, order_no, granted_by_id, recorded_at,"
    " proposal_id, source_id) VALUES (gen_random_uuid(), %s, %s, %s, daterange(%s, %s), 'x', %s, now(), %s, %s)"
)


def test_one_asks_another_gives_and_the_authority_opens_at_the_next_request(house):
    id = house.ask()
    assert house.opens("manager") == []
    house.decide("operator", id)
    assert house.opens("manager") == ["a"]


def test_the_register_names_order_days_and_giver(house):
    card = house.card(house.given())
    assert (card.name, card.giver, card.order_no, card.until, card.state) == (
        "Manager", "Operator", "E-1/2026", LAST, "counts",
    )  # fmt: skip


def test_a_refusal_gives_nothing(house):
    assert house.decide("operator", house.ask(), approve=False) is None
    assert house.opens("manager") == []


def test_nobody_decides_what_they_asked_for(house):
    id = house.ask("above")
    with pytest.raises(OwnProposal):
        house.decide("above", id)


def test_nobody_asks_or_decides_for_themselves(house):
    with pytest.raises(NotYoursToGive):
        house.ask("head", to="head")
    with pytest.raises(NotYoursToGive):
        house.decide("above", house.ask(to="above"))


@pytest.mark.parametrize(
    ("who", "role", "code"),
    [
        ("head", Role.HEAD, "b"),
        ("head", Role.AUDITOR, "a"),
        ("operator", Role.AUDITOR, "top"),
        ("head", Role.CLERK, "b"),
    ],
)
def test_a_role_asks_only_for_what_is_its_to_ask(house, who, role, code):
    with pytest.raises(NotYoursToGive):
        house.ask(who, role=role, code=code)


def test_a_role_decides_only_on_what_is_its_to_decide(house):
    id = house.ask(role=Role.CADRE_AUTHORITY)
    with pytest.raises(NotYoursToGive):
        house.decide("above", id)
    house.decide("council", id)


@pytest.mark.parametrize(
    "days", [{"since": TODAY - dt.timedelta(1)}, {"until": TODAY}, {"role": Role.CLERK, "until": None},
             {"role": Role.CLERK, "until": TODAY + dt.timedelta(4 * 366)}],
)  # fmt: skip
def test_days_that_do_not_fit_the_role_are_refused(house, days):
    with pytest.raises(WrongTime):
        house.ask(**days)


def test_a_suspended_grant_counts_no_more_the_same_day_and_again_when_it_is_lifted(house):
    id = house.given()
    doing, reach = house.as_("head")
    with doing:
        grant_stops.suspend(reach, house.card(id, "head"), reason=WHY, until=None, now=NOW)
    assert (house.opens("manager"), house.card(id).state) == ([], "suspended")
    doing, reach = house.as_("operator")
    with doing:
        grant_stops.resume(reach, house.card(id), reason=WHY, now=NOW)
    assert (house.opens("manager"), house.card(id).state) == (["a"], "counts")
    assert [s.lifted_by for s in house.card(id).stops] == ["Operator"]


def test_an_ended_grant_never_counts_again(house):
    id = house.given()
    doing, reach = house.as_("head")
    with doing:
        grant_stops.end(reach, house.card(id, "head"), reason=WHY, now=NOW)
    assert (house.opens("manager"), house.card(id).state) == ([], "ended")
    with doing_again(house, "head") as reach, pytest.raises(grant_stops.NotSuspended):
        grant_stops.resume(reach, house.card(id, "head"), reason=WHY, now=NOW)


def doing_again(house, who):
    from contextlib import contextmanager

    @contextmanager
    def inside():
        doing, reach = house.as_(who)
        with doing:
            yield reach

    return inside()


def test_a_stop_needs_a_reason(house):
    id = house.given()
    with doing_again(house, "head") as reach, pytest.raises(ReasonTooShort):
        grant_stops.end(reach, house.card(id, "head"), reason="so", now=NOW)


def test_a_holder_gives_up_their_own_but_lifts_no_suspension_of_it(house):
    id = house.given()
    with doing_again(house, "head") as reach:
        grant_stops.suspend(reach, house.card(id, "head"), reason=WHY, until=None, now=NOW)
    house.hold("manager", Role.HEAD, "a")
    with doing_again(house, "manager") as reach:
        with pytest.raises(NotYoursToGive):
            grant_stops.resume(reach, house.card(id, "manager"), reason=WHY, now=NOW)
        grant_stops.end(reach, house.card(id, "manager"), reason=WHY, now=NOW)
    assert house.card(id).state == "ended"


def pass_on(house, id, *, code="a1", since=TODAY, until=LAST, to="helper", who="manager"):
    with doing_again(house, who) as reach:
        held = house.card(id, who)
        return giving.pass_on(
            reach,
            held,
            to=house.people[to],
            body=house.bodies[code],
            since=since,
            until=until,
            reason=WHY,
            now=NOW,
        )


def test_a_holder_passes_a_part_on_and_it_falls_with_its_source(house):
    id = house.given()
    pass_on(house, id)
    assert house.opens("helper") == ["a1"]
    with doing_again(house, "head") as reach:
        grant_stops.suspend(reach, house.card(id, "head"), reason=WHY, until=None, now=NOW)
    assert house.opens("helper") == []


def test_nobody_passes_on_more_or_longer_than_they_hold_nor_what_was_passed_on_to_them(house):
    id = house.given()
    for wrong in ({"code": "b"}, {"code": "top"}, {"until": LAST + dt.timedelta(1)}, {"to": "manager"}):
        with pytest.raises(MoreThanHeld):
            pass_on(house, id, **wrong)
    passed = pass_on(house, id)
    with pytest.raises(NotForYou):  # authority that was passed on gives no authority
        house.reach("helper")
    with doing_again(house, "manager") as reach, pytest.raises(MoreThanHeld):
        giving.pass_on(
            replace(reach, actor=house.people["helper"]), house.card(passed), to=house.people["clerk"],
            body=house.bodies["a1"], since=TODAY, until=LAST, reason=WHY, now=NOW,
        )  # fmt: skip


# --- The database says the same, whatever the noun forgets ------------------------------------------------------------


def test_the_web_role_writes_no_grant_without_a_proposal_it_approved(house):
    with pytest.raises(DatabaseError):
        sql(house, "operator", INSERT, house.people["clerk"], "training_manager", house.bodies["a"].id, TODAY, LAST,
            house.people["operator"], None, None)  # fmt: skip
    waiting = house.ask()
    with pytest.raises(DatabaseError):
        sql(house, "operator", INSERT, house.people["manager"], "training_manager", house.bodies["a"].id, TODAY, LAST,
            house.people["operator"], waiting, None)  # fmt: skip


def test_a_grant_wider_than_what_was_approved_is_refused_by_the_database(house, monkeypatch):
    """Planted bug: the noun writes the body above the one that was asked for."""
    written = giving._write

    def wider(**row):
        return written(**{**row, "body": house.bodies["top"].id})

    monkeypatch.setattr(giving, "_write", wider)
    with pytest.raises(MoreThanHeld):
        house.given()
    assert house.opens("manager") == []


def test_a_checker_without_the_role_is_refused_by_the_database(house, monkeypatch):
    """Planted bug: the noun lets everybody decide."""
    monkeypatch.setattr(giving, "may_decide", lambda *_: True)
    with pytest.raises(MoreThanHeld):
        house.decide("above", house.ask(role=Role.CADRE_AUTHORITY))


def test_a_maker_without_the_role_is_refused_by_the_database(house, monkeypatch):
    """Planted bug: the noun lets everybody ask."""
    monkeypatch.setitem(
        giving.GIVING, Role.AUDITOR, replace(GIVING[Role.AUDITOR], makers=frozenset({Role.HEAD}))
    )
    with pytest.raises(DatabaseError):
        house.ask("head", role=Role.AUDITOR)


def test_a_part_wider_than_its_source_is_refused_by_the_database_whoever_writes(house):
    id = house.given()
    for body, until in (("top", LAST), ("a1", LAST + dt.timedelta(1)), ("a1", None)):
        with as_worker(), transaction.atomic(), connection.cursor() as cursor, pytest.raises(DatabaseError):
            with transaction.atomic():
                cursor.execute(
                    INSERT, [house.people["helper"], "training_manager", house.bodies[body].id, TODAY, until,
                             house.people["manager"], None, id],
                )  # fmt: skip


def test_the_check_against_the_source_can_fail(house):
    """Planted bug: without the trigger the wider part is written."""
    id = house.given()
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER lies_within_its_source ON institutions_grant")
    with as_worker(), connection.cursor() as cursor:
        cursor.execute(
            INSERT, [house.people["helper"], "training_manager", house.bodies["top"].id, TODAY, LAST,
                     house.people["manager"], None, id],
        )  # fmt: skip
        assert cursor.rowcount == 1


def test_a_suspension_that_nobody_reads_is_seen_by_the_test(house, monkeypatch):
    """Planted bug: reading grants without their stops leaves a suspended one open."""
    id = house.given()
    with doing_again(house, "head") as reach:
        grant_stops.suspend(reach, house.card(id, "head"), reason=WHY, until=None, now=NOW)
    assert house.opens("manager") == []
    from karmayogi.institutions import holding

    stops = "AND NOT coalesce(h.stopped @> %(on)s::date, false)"
    assert stops in holding._HELD
    monkeypatch.setattr(holding, "_HELD", holding._HELD.replace(stops, ""))
    assert house.opens("manager") == ["a"]


def test_a_bystander_suspends_and_lifts_nothing(house):
    id = house.given()
    house.hold("clerk", Role.HEAD, "b")
    with pytest.raises(DatabaseError):
        sql(house, "clerk", STOP, id, TODAY, house.people["clerk"])
    with doing_again(house, "head") as reach:
        grant_stops.suspend(reach, house.card(id, "head"), reason=WHY, until=None, now=NOW)
    assert sql(house, "clerk", LIFT, house.people["clerk"]) == 0


def test_every_role_has_somebody_who_gives_it_and_never_one_role_alone_with_itself():
    assert set(GIVING) == set(Role)
    assert all(g.makers and g.checkers for g in GIVING.values())
    assert Role.OPERATOR not in GIVING[Role.AUDITOR].makers | GIVING[Role.AUDITOR].checkers
