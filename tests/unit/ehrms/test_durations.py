"""Durations of rules, counted on the calendar."""

import datetime as dt

import pytest

from karmayogi.ehrms import durations
from karmayogi.ehrms.durations import Duration, UnreadableDuration

START = dt.date(2024, 11, 21)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("P2Y", Duration(2)),
        ("P30M", Duration(0, 30)),
        ("P1Y6M", Duration(1, 6)),
        ("P1Y2M10D", Duration(1, 2, 10)),
        ("P45D", Duration(0, 0, 45)),
        ("P0D", Duration()),
        (2, Duration(2)),
    ],
)
def test_a_rule_says_years_months_and_days(value, expected):
    assert durations.read(value, rule="tenure.cadre_min") == expected


@pytest.mark.parametrize(
    "value", ["P", "P2W", "PT3H", "P1.5Y", "two years", "P6M1Y", "P-1Y", "", None, 1.5, True, {}]
)
def test_what_is_no_duration_is_refused_by_the_name_of_its_rule(value):
    with pytest.raises(UnreadableDuration, match=r"tenure\.cadre_min"):
        durations.read(value, rule="tenure.cadre_min")


def test_two_years_end_on_the_same_day_and_not_a_day_before():
    assert Duration(2).after(START) == dt.date(2026, 11, 21)
    assert Duration(1, 6).after(START) == dt.date(2026, 5, 21)
    assert Duration(0, 1).after(dt.date(2027, 1, 31)) == dt.date(2027, 2, 28)
    assert Duration(1).after(dt.date(2024, 2, 29)) == dt.date(2025, 2, 28)


@pytest.mark.parametrize(
    ("on", "said"),
    [
        (dt.date(2026, 11, 20), "1 year 11 months"),
        (dt.date(2026, 11, 21), "2 years"),
        (dt.date(2024, 12, 20), "29 days"),
        (dt.date(2024, 12, 21), "1 month"),
        (dt.date(2024, 11, 22), "1 day"),
        (START, "0 days"),
        (dt.date(2024, 1, 1), "0 days"),
    ],
)
def test_time_behind_one_is_said_in_years_and_months(on, said):
    assert str(durations.brief(durations.between(START, on))) == said
