"""The day of an instant is the service's own: at 20:00 UTC it is tomorrow morning in India."""

import datetime as dt

import pytest
from tests.unit.competency.conftest import DAY

from karmayogi.competency import evidence, gaps, profile
from karmayogi.policy import rules
from karmayogi.policy.rules import NewRule
from karmayogi.registry.acting import as_worker

pytestmark = pytest.mark.django_db
NIGHT = dt.datetime.combine(DAY, dt.time(20, 0), dt.UTC)
"""Half past one in the morning of the day after `DAY`."""
TOMORROW = DAY + dt.timedelta(days=1)


def observe(service, now):
    with as_worker():
        row = evidence.observe(
            service.boss, person=service.anna, competency=service.tenders, level=3, now=now
        )
        profile.refresh([service.anna], now=now)
        return row, profile.of([service.anna])[service.anna][service.tenders]


def test_an_observation_at_night_is_of_the_new_day_and_expires_on_a_day_of_the_service(service):
    evening = NIGHT - dt.timedelta(hours=2)
    yesterday, _ = observe(service, evening)
    tonight, held = observe(service, NIGHT)
    assert yesterday.key.endswith(DAY.isoformat())
    assert tonight.key.endswith(TOMORROW.isoformat())
    # both last 731 days: the first to go is the one of the evening, 18:00 UTC of DAY and 23:30 in India
    assert held.changes_on == DAY + dt.timedelta(days=731)


def test_a_rule_that_begins_tomorrow_holds_from_midnight_of_the_service(service):
    with as_worker():
        lighter = {**rules.in_force("evidence.sources", on=DAY).value}
        lighter["rating"] = {**lighter["rating"], "weight": 0}
        rules.issue(
            [
                NewRule(
                    "evidence.sources",
                    "table",
                    lighter,
                    order_no="9",
                    order_date=DAY,
                    since=TOMORROW,
                    scope="all",
                )
            ]
        )
    _, of_the_evening = observe(service, NIGHT - dt.timedelta(hours=2))
    assert of_the_evening.information > 0
    _, of_the_night = observe(service, NIGHT)
    assert of_the_night.information == 0


def test_gaps_age_to_the_midnight_with_which_the_day_begins(service):
    _, held = observe(service, NIGHT)
    with as_worker():
        (gap,) = (g for g in gaps.of([service.anna], on=DAY)[service.anna] if g.competency == service.tenders)
        (next_week,) = (
            g
            for g in gaps.of([service.anna], on=TOMORROW + dt.timedelta(days=7))[service.anna]
            if g.competency == service.tenders
        )
        midnight = dt.datetime.combine(DAY + dt.timedelta(days=7), dt.time(18, 30), dt.UTC)
        (aged,) = profile.aged([held], at=midnight)
    assert gap.mean == held.mean
    assert next_week.mean == aged.mean
