"""Due dates. 2026-11-20 is a Friday."""

import datetime as dt

from karmayogi.registry import clock

FRIDAY = dt.date(2026, 11, 20)
MONDAY = dt.date(2026, 11, 23)


def test_working_days_leave_out_the_first_day_the_weekend_and_holidays():
    assert clock.due(FRIDAY, 1) == MONDAY
    assert clock.due(FRIDAY, 5) == dt.date(2026, 11, 27)
    assert clock.due(FRIDAY, 1, holidays={MONDAY}) == dt.date(2026, 11, 24)


def test_calendar_days_that_end_on_a_closed_day_run_to_the_next_open_one():
    assert clock.due(FRIDAY, 3, working=False) == MONDAY
    assert clock.due(FRIDAY, 1, working=False) == MONDAY
    assert clock.due(FRIDAY, 1, working=False, holidays={MONDAY}) == dt.date(2026, 11, 24)
