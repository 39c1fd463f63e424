"""Durations as rules write them (ISO 8601: P2Y, P1Y6M, P45D), counted on the calendar and never in mean years."""

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from django.utils.translation import ngettext

_SHAPE = re.compile(r"P(?=\d)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?")


class UnreadableDuration(ValueError):
    """A rule holds something that is not a duration; the message names the rule."""

    status = 500


@dataclass(frozen=True)
class Duration:
    """Whole years, months and days, none below 0."""

    years: int = 0
    months: int = 0
    days: int = 0

    def after(self, start: dt.date) -> dt.date:
        """The day this long after `start`: months first, then days; from the 31st to the last day there is."""
        months = start.month - 1 + self.months
        year, month = start.year + self.years + months // 12, months % 12 + 1
        day = min(start.day, calendar.monthrange(year, month)[1])
        return dt.date(year, month, day) + dt.timedelta(days=self.days)

    def __str__(self) -> str:
        """As a person says it: "1 year 6 months"; "0 days" for none."""
        parts = ((self.years, "year"), (self.months, "month"), (self.days, "day"))
        return " ".join(f"{n} {word}{'s' * (n != 1)}" for n, word in parts if n) or "0 days"


def read(value: object, *, rule: str) -> Duration:
    """The duration that a rule holds: P#Y#M#D with at least one part, or a whole number of years.

    Raises `UnreadableDuration`, naming `rule`, for weeks, times, fractions and anything else.
    """
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1000:
        return Duration(years=value)
    found = _SHAPE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise UnreadableDuration(
            f"The rule {rule} says {value!r}, which is no duration. Write it as P2Y, P1Y6M or P45D."
        )
    return Duration(*(int(part or 0) for part in found.groups()))


def between(start: dt.date, on: dt.date) -> Duration:
    """The longest duration that `start` has behind it on the day; nothing if it begins later."""
    if on < start:
        return Duration()
    months = (on.year - start.year) * 12 + on.month - start.month
    if Duration(months=months).after(start) > on:
        months -= 1
    return Duration(*divmod(months, 12), (on - Duration(months=months).after(start)).days)


def brief(duration: Duration) -> Duration:
    """Years and months, and days only where there is not a month yet: "1 year 11 months", "12 days"."""
    whole = Duration(duration.years, duration.months)
    return duration if whole == Duration() else whole


def said(duration: Duration) -> str:
    """What `str` says, in the language of the reader."""
    parts = [
        (duration.years, ngettext("%(n)s year", "%(n)s years", duration.years)),
        (duration.months, ngettext("%(n)s month", "%(n)s months", duration.months)),
        (duration.days, ngettext("%(n)s day", "%(n)s days", duration.days)),
    ]
    return " ".join(words % {"n": n} for n, words in parts if n) or parts[-1][1] % {"n": 0}
