"""Blueprints: drawn from the rules in force."""

import datetime as dt

import pytest

from karmayogi.assessment import blueprints
from karmayogi.policy import rules
from karmayogi.policy.rules import NewRule
from karmayogi.registry.acting import as_worker

pytestmark = pytest.mark.django_db


def test_a_blueprint_is_drawn_by_the_rule_of_the_local_day(house):
    """At 00:15 on 1 January in Delhi the rule of the new year holds, though UTC still writes December."""
    first = dt.date(2027, 1, 1)
    with as_worker():
        value = {**rules.in_force("assessment.check", on=dt.date(2026, 11, 21)).value, "longest": 9}
        rules.issue([NewRule("assessment.check", "table", value, "test/2027", since=first, scope="all")])
        midnight = dt.datetime(2026, 12, 31, 18, 45, tzinfo=dt.UTC)
        assert blueprints.draw(house.competency, now=midnight).longest == 9
