"""Counting days to a due date, as the General Clauses Act, 1897 does.

The first day is left out (section 9), and a time that ends on a day the office is closed runs to the next day it
is open (section 10).
"""

import datetime as dt
from collections.abc import Collection

ONE = dt.timedelta(days=1)


def due(
    start: dt.date, days: int, *, working: bool = True, holidays: Collection[dt.date] = frozenset()
) -> dt.date:
    """The last day in time: `days` (>= 0) after `start`, the day itself not counted.

    `working`: count only open days (Monday to Friday, not in `holidays`); else calendar days, moved on to the
    next open day if the last one is closed.
    """
    day = start
    if not working:
        day += days * ONE
    for _ in range(days if working else 0):
        day = _open_from(day + ONE, holidays)
    return _open_from(day, holidays)


def _open_from(day: dt.date, holidays: Collection[dt.date]) -> dt.date:
    while day.weekday() >= 5 or day in holidays:
        day += ONE
    return day
