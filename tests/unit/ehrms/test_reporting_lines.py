"""Reporting lines are dated, and whoever leads on a day is the supervisor of that day."""

import datetime as dt

import pytest

from karmayogi.ehrms import orders, posts, reporting_lines, spans
from karmayogi.ehrms.orders import Line
from karmayogi.ehrms.posts import NewPost
from karmayogi.ehrms.reporting_lines import ReportingFact
from karmayogi.institutions import assignments, bodies, people
from karmayogi.institutions.bodies import NewBody
from karmayogi.institutions.people import NewPerson
from karmayogi.registry.acting import as_worker

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 6, 0, tzinfo=dt.UTC)
Y2020, Y2021, Y2022, Y2023 = (dt.date(y, 1, 1) for y in range(2020, 2024))
NAMES = ("anna", "bela", "chand", "dev")


@pytest.fixture
def house():
    """One body, four officials, three posts that report to nobody."""
    with as_worker():
        body = bodies.establish([NewBody("m", "M", "ministry")], since=Y2020, order_no="1")["m"]
        people.enrol(NewPerson(login=n, name=n.title(), employee_code=n) for n in NAMES)
        seats = posts.sanction([NewPost(c, body, "Officer", "B", Y2020, "1") for c in ("X", "H", "K")])
        yield body, people.by_codes(NAMES), seats


def enter(house, number, *lines):
    return orders.enter(number, lines, kind="appointment", body=house[0], effective=Y2020, now=NOW)


def report(house, *facts, within=(spans.ALWAYS,)):
    seat = house[2]["X"]
    told = [ReportingFact(seat, house[2][over], since, "S/1", until) for over, since, until in facts]
    return reporting_lines.report(told, within={seat: within}, source="S/", now=NOW)


def supervisors(house, *days):
    anna = house[1]["anna"]
    names = {key: name for name, key in house[1].items()}
    return [names.get(assignments.standing([anna], on=day)[anna].supervisor) for day in days]


def changing(house):
    """Anna is on X from 2020; X reports to H, from 2022 to K; H is held by Bela and, from 2021, by Chand; K by Dev."""
    who, seats = house[1:]
    report(house, ("H", Y2020, Y2022), ("K", Y2022, None))
    return enter(
        house,
        "1",
        Line(who["anna"], seats["X"], "substantive", Y2020),
        Line(who["bela"], seats["H"], "substantive", Y2020, Y2021),
        Line(who["chand"], seats["H"], "substantive", Y2021),
        Line(who["dev"], seats["K"], "substantive", dt.date(2022, 7, 1)),
    )


def test_the_supervisor_is_right_on_every_day_while_line_and_boss_change(house):
    changing(house)
    days = (Y2020, dt.date(2020, 12, 31), Y2021, dt.date(2021, 12, 31), Y2022, dt.date(2022, 7, 1), Y2023)
    assert supervisors(house, *days) == ["bela", "bela", "chand", "chand", None, "dev", "dev"]
    assert [f.since for f in assignments.history([house[1]["anna"]])[house[1]["anna"]]] == [
        dt.date(2022, 7, 1),
        Y2022,
        Y2021,
        Y2020,
    ]


def test_entering_it_all_again_changes_nothing(house):
    changing(house)
    who = house[1].values()
    before = assignments.history(who), reporting_lines.history(house[2].values())
    assert changing(house) == 0
    assert report(house, ("H", Y2020, Y2022), ("K", Y2022, None)) == {}
    assert (assignments.history(who), reporting_lines.history(house[2].values())) == before


def test_who_is_posted_above_later_becomes_the_supervisor_of_those_already_there(house):
    who, seats = house[1:]
    report(house, ("H", Y2020, None))
    enter(house, "1", Line(who["anna"], seats["X"], "substantive", Y2020))
    enter(house, "2", Line(who["bela"], seats["H"], "substantive", Y2021, Y2022))
    assert supervisors(house, Y2020, Y2021, Y2022) == [None, "bela", None]


def test_a_line_that_changes_moves_those_posted_there_from_its_day_on(house):
    changing(house)
    changed = report(house, ("H", Y2023, None), within=[(Y2023, spans.OPEN)])
    assert changed == {house[2]["X"]: [(Y2023, spans.OPEN)]}
    assert supervisors(house, Y2021, dt.date(2022, 12, 31), Y2023) == ["chand", "dev", "chand"]
    line = [(f.above, f.since, f.until) for f in reporting_lines.history([house[2]["X"]])[house[2]["X"]]]
    assert line == [
        (house[2]["H"], Y2020, Y2022),
        (house[2]["K"], Y2022, Y2023),
        (house[2]["H"], Y2023, None),
    ]


def test_adjoining_equal_lines_are_one(house):
    report(house, ("H", Y2020, Y2021), within=[(Y2020, Y2021)])
    report(house, ("H", Y2021, None), within=[(Y2021, spans.OPEN)])
    assert [(f.since, f.until) for f in reporting_lines.history([house[2]["X"]])[house[2]["X"]]] == [
        (Y2020, None)
    ]


def test_a_line_of_another_order_stays_as_it_is(house):
    report(house, ("H", Y2021, Y2022))
    told = [ReportingFact(house[2]["X"], house[2]["K"], Y2020, "T/1")]
    reporting_lines.report(told, within={house[2]["X"]: [spans.ALWAYS]}, source="T/", now=NOW)
    found = reporting_lines.history([house[2]["X"]])[house[2]["X"]]
    assert [(f.above, f.since) for f in found] == [
        (house[2]["K"], Y2020),
        (house[2]["H"], Y2021),
        (house[2]["K"], Y2022),
    ]


def test_a_line_refused_keeps_no_other_line_out(house):
    """Of three lines the second meets the first, and the third only the second: first and third stand."""
    who, seats = house[1:]
    lines = (
        Line(who["anna"], seats["X"], "substantive", Y2020),
        Line(who["bela"], seats["X"], "substantive", Y2021),
        Line(who["bela"], seats["H"], "substantive", Y2021),
    )
    assert enter(house, "1", *lines) == 2
    assert [f.post for f in assignments.history([who["bela"]])[who["bela"]]] == [seats["H"]]
