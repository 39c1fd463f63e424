"""Estimates: what is stored of a level, as it stood at a moment, and when two of them are the same."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from django.db import connection
from django.db.models import Q, QuerySet

from karmayogi.competency.models import Estimate as Row
from karmayogi.competency.posterior import Pair, State

SAME = 1.01e-6
"""Two estimates that are kept to six decimals and differ by no more are the same."""


@dataclass(frozen=True)
class Estimate:
    """Mean and sd in logits at `as_of`; information and kinds of the evidence that had not expired then.

    `changes_on`: the first day on which some of that evidence expires.
    """

    person: UUID
    competency: UUID
    mean: float
    sd: float
    information: float
    as_of: dt.datetime
    kinds: tuple[str, ...]
    changes_on: dt.date | None = None
    calibration: int = 0


def same(one: Estimate, other: Estimate) -> bool:
    """True if two estimates are the same at six decimals, with the same kinds of evidence."""
    numbers = ((one.mean, other.mean), (one.sd, other.sd), (one.information, other.information))
    return one.kinds == other.kinds and all(abs(a - b) <= SAME for a, b in numbers)


def stood(people: Iterable[UUID], *, at: dt.datetime) -> QuerySet[Row]:
    """The rows that stood at that moment."""
    stands = Q(superseded_at__isnull=True) | Q(superseded_at__gt=at)
    return Row.objects.filter(stands, person_id__in=list(people), recorded_at__lte=at)


def by_person(query: QuerySet[Row]) -> dict[UUID, dict[UUID, Estimate]]:
    """person -> competency -> estimate."""
    found: dict[UUID, dict[UUID, Estimate]] = defaultdict(dict)
    for row in query:
        found[row.person_id][row.competency_id] = kept(row)
    return dict(found)


def computed(pair: Pair, s: State, at: dt.datetime, calibration: int) -> Estimate:
    """The estimate that a state of now is, before it is stored."""
    return Estimate(*pair, s.mean, s.sd, s.information, at, s.kinds, s.changes_on, calibration)


def kept(row: Row) -> Estimate:
    """The estimate of a stored row."""
    return Estimate(
        row.person_id,
        row.competency_id,
        row.mean,
        row.sd,
        row.information,
        row.as_of,
        tuple(row.kinds),
        row.changes_on,
        row.calibration,
    )


def fetch(query: LiteralString, arguments: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Rows in the binary format: moments and JSON of many rows cost several times less than as text."""
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(query, arguments, binary=True).fetchall()
