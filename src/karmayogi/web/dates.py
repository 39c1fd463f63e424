"""Dates as pages show them: in the words of the page's language, by Babel's patterns."""

import datetime as dt
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import DateTimePattern
from babel.dates import parse_pattern as parse_date_pattern
from django.template.defaultfilters import date as django_date
from django.utils import timezone
from django.utils.translation import get_language

from karmayogi.web.languages import RIGHT_TO_LEFT
from karmayogi.web.numbers import INDIAN, MISSING

DATE_PATTERNS = {
    "": "d MMMM y",
    "short": "d MMM y",
    "day": "EEEE, d MMMM",
    "month": "MMMM y",
    "dm": "d MMMM",
    "d": "d",
    "m": "MMM",
    "wd": "EEE",
    "time": "d MMM y, HH:mm",
    "clock": "HH:mm",
}
CLOCKS = ("time", "clock")
"""The styles that show more than the day."""


def page_locale() -> Locale:
    """Return the Babel locale of the page, English where Babel lacks the language."""
    return _locale(get_language() or "en")


@cache
def _locale(language: str) -> Locale:
    code = language.replace("-", "_")
    for name in (code, code.split("_")[0]):
        try:
            return Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
    return INDIAN


def date(value: dt.date | None, style: str = "") -> str:
    """Return the date in the words of the page, 31 March 2027; a dash for None.

    Styles: short, day, month, dm, d, m, wd, time, clock; any other is a Django format such as ``Y-m-d``.
    """
    if value is None or value == "":
        return MISSING
    if style not in DATE_PATTERNS:
        return django_date(value, style)
    language = get_language() or "en"
    if not isinstance(value, dt.datetime):
        return _day(value, style, language)
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    if style not in CLOCKS:
        return _day(dt.date(local.year, local.month, local.day), style, language)
    pattern, locale = _date_pattern(style, language)
    shown: str = pattern.apply(local, locale)
    return shown


@lru_cache(maxsize=4096)
def _day(day: dt.date, style: str, language: str) -> str:
    pattern, locale = _date_pattern(style, language)
    shown: str = pattern.apply(day, locale)
    return shown


@cache
def _date_pattern(style: str, language: str) -> tuple[DateTimePattern, Locale]:
    locale = _locale(language)
    comma = "،" if locale.language in RIGHT_TO_LEFT else ","
    return parse_date_pattern(DATE_PATTERNS[style].replace(",", comma)), locale
