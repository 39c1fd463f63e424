"""Spans of days `[since, until)`; `OPEN` stands for no end. Pure."""

import datetime as dt
from collections.abc import Iterable

Span = tuple[dt.date, dt.date]
OPEN = dt.date.max
ALWAYS: Span = (dt.date.min, OPEN)


def span(since: dt.date, until: dt.date | None) -> Span:
    """The span of a dated fact whose `until` is None where it is open."""
    return since, until or OPEN


def end(until: dt.date) -> dt.date | None:
    """The last day as dated facts write it: None for open."""
    return None if until == OPEN else until


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same days in as few spans as can be, in order."""
    found: list[Span] = []
    for since, until in sorted(spans):
        if found and since <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], until)
        else:
            found.append((since, until))
    return found


def common(one: Iterable[Span], other: Iterable[Span]) -> list[Span]:
    """The days in both, in order."""
    theirs = list(other)
    pieces = [(max(a, c), min(b, d)) for a, b in one for c, d in theirs]
    return joined((since, until) for since, until in pieces if since < until)


def without(one: Iterable[Span], other: Iterable[Span]) -> list[Span]:
    """The days of the first that are not in the other, in order."""
    left = joined(one)
    for since, until in joined(other):
        left = [
            piece
            for a, b in left
            for piece in ((a, min(b, since)), (max(a, until), b))
            if piece[0] < piece[1]
        ]
    return left
