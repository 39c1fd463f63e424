"""The zone of consideration: the tenure rule is counted on the calendar, and applied before the zone is cut off."""

import datetime as dt

import pytest

from karmayogi.ehrms import durations, orders, posts, zone
from karmayogi.ehrms.orders import Line
from karmayogi.ehrms.posts import NewPost
from karmayogi.institutions import bodies, people
from karmayogi.institutions.bodies import NewBody
from karmayogi.institutions.people import NewPerson
from karmayogi.policy import rules
from karmayogi.policy.rules import NewRule
from karmayogi.registry.acting import as_worker

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 6, 0, tzinfo=dt.UTC)
DAY = dt.date(2026, 11, 21)
FOUNDED = dt.date(2000, 1, 1)


def zone_of(rule, since):
    """The zone of a vacancy where officials have held their posts since these days, under this tenure rule."""
    rules.issue([NewRule(zone.LEAST_TENURE, "duration", rule, "5/2020", since=FOUNDED)])
    body = bodies.establish([NewBody("min", "Ministry", "ministry")], since=FOUNDED, order_no="1")["min"]
    # The longest in service first: their order is that of the list.
    joined = [dt.date(2001, 1, 1) + dt.timedelta(days=n) for n in range(len(since))]
    people.enrol(
        NewPerson(f"p{n}", f"P {n}", employee_code=f"p{n}", joined=day) for n, day in enumerate(joined)
    )
    who = people.by_codes([f"p{n}" for n in range(len(since))])
    seats = posts.sanction(
        [NewPost(f"S{n}", body, "Officer", "B", FOUNDED, "3", level=8) for n in range(len(since))]
        + [NewPost("V", body, "Senior officer", "A", FOUNDED, "3", level=9)]
    )
    lines = [Line(who[f"p{n}"], seats[f"S{n}"], "substantive", day) for n, day in enumerate(since)]
    orders.enter("1/2020", lines, kind="appointment", body=body, effective=FOUNDED, now=NOW)
    return zone.of(posts.by_code("V"), within=bodies.by_ids([body])[body], on=DAY)


def said(considered):
    return [(c.eligible, c.rules[0].value) for c in considered]


def test_729_days_are_not_two_years_and_730_are():
    with as_worker():
        found = zone_of("P2Y", [dt.date(2024, 11, 22), dt.date(2024, 11, 21)])
    assert said(found) == [(True, "2 years"), (False, "1 year 11 months")]
    assert found[0].rules[0].name == "In the present post at least 2 years"


def test_a_rule_of_years_and_months_is_understood():
    with as_worker():
        found = zone_of("P1Y6M", [dt.date(2025, 5, 21), dt.date(2025, 5, 22)])
    assert said(found) == [(True, "1 year 6 months"), (False, "1 year 5 months")]
    assert found[0].rules[0].name == "In the present post at least 1 year 6 months"


def test_a_rule_that_says_no_duration_stops_the_ranking_by_name():
    with as_worker(), pytest.raises(durations.UnreadableDuration, match=r"tenure\.cadre_min"):
        zone_of("two years", [dt.date(2020, 1, 1)])


def test_who_is_stopped_by_the_rule_takes_nobodys_place_in_the_zone(monkeypatch):
    monkeypatch.setattr(zone, "WIDEST_ZONE", 2)
    with as_worker():
        found = zone_of("P2Y", [DAY - dt.timedelta(days=100)] * 3 + [dt.date(2020, 1, 1)] * 3)
    assert [(c.name, c.eligible) for c in found] == [
        ("P 3", True), ("P 4", True), ("P 0", False), ("P 1", False)
    ]  # fmt: skip
