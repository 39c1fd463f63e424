"""Numbers as pages show them: grouped the Indian way, in Latin digits, in every language."""

from decimal import Decimal
from functools import cache
from typing import Any

from babel import Locale
from babel.numbers import NumberPattern, parse_pattern
from django.utils.translation import gettext, ngettext

MISSING = "–"
"""What stands for a number or a date that there is not."""


def num(value: Any, decimals: int = 0) -> str:
    """Return the number as 12,40,000 in Latin digits with so many decimals; a dash for None."""
    if value in (None, ""):
        return MISSING
    number = Decimal(str(value))
    if abs(number) < UNGROUPED:  # rounded as Babel rounds, half to even
        shown = f"{number:.{int(decimals)}f}"
    else:
        shown = _pattern(int(decimals)).apply(number, INDIAN)
    return shown.replace("-", "−")


INDIAN = Locale("en", "IN")
UNGROUPED = 999
"""Numbers below it have no group of digits, whatever they are rounded to."""


@cache
def _pattern(decimals: int) -> NumberPattern:
    return parse_pattern("#,##,##0" + ("." + "0" * decimals if decimals else ""))


def signed(value: Any, decimals: int = 1) -> str:
    """Return the number with its sign: +3.0 or −0.4; a dash for None."""
    if value in (None, ""):
        return MISSING
    text = num(value, decimals)
    return f"+{text}" if float(value) > 0 else text


def pct(share: Any, decimals: int = 0) -> str:
    """Return a share from 0 to 1 as 42%; a dash for None."""
    return MISSING if share in (None, "") else f"{num(float(share) * 100, decimals)}%"


def likely(chance: Any) -> str:
    """Return a chance from 0 to 1 in per cent, never as certain: 1% to 99%; a dash for None."""
    return MISSING if chance in (None, "") else pct(min(max(float(chance), 0.01), 0.99))


def rupees(amount: Any, decimals: int = 0) -> str:
    """Return an amount as ₹12,40,000; a dash for None."""
    return MISSING if amount in (None, "") else f"₹{num(amount, decimals)}"


def size(count: Any) -> str:
    """Return a number of bytes as 42 kB or 1.3 MB (units of 1,000)."""
    if count in (None, ""):
        return MISSING
    if count < 1_000_000:
        return f"{num(max(1, round(count / 1000)))} kB"
    return f"{num(count / 1_000_000, 1)} MB"


def minutes(count: Any) -> str:
    """Return minutes as 25 min, 1 h or 1 h 20 min in the language of the page."""
    if count in (None, ""):
        return MISSING
    hours, rest = divmod(round(float(count)), 60)
    if not hours:
        return gettext("{minutes} min").format(minutes=rest)
    if not rest:
        return ngettext("{hours} h", "{hours} h", hours).format(hours=num(hours))
    said = ngettext("{hours} h {minutes} min", "{hours} h {minutes} min", hours)
    return said.format(hours=num(hours), minutes=rest)
