"""Needs of a body: how its officials stand to each competency, counted with the indicators and read as published."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from karmayogi.competency import frameworks
from karmayogi.institutions.bodies import BodyCard
from karmayogi.monitoring.models import NeedCount
from karmayogi.registry import bulk, ids

Ints = NDArray[np.int64]
COLUMNS = ("id", "publication_id", "body_id", "competency_id", "met", "below", "unsure")


@dataclass(frozen=True)
class Counted:
    """What groups count of their own, beneath no child: rows [N] of group, competency and three counts [N, 3]."""

    groups: Ints
    competencies: tuple[UUID, ...]
    counts: Ints


@dataclass(frozen=True)
class Need:
    """One competency over the officials of a body whose posts require it, and how many stand where."""

    competency: UUID
    name: str
    met: int
    below: int
    unsure: int

    @property
    def required(self) -> int:
        """All whose posts require it."""
        return self.met + self.below + self.unsure


@dataclass(frozen=True)
class Needs:
    """The needs of a body, most often below first, and its seats, as of a publication; `as_of` is None before one."""

    as_of: dt.datetime | None
    rows: tuple[Need, ...]
    sanctioned: int = 0
    filled: int = 0

    @property
    def vacant(self) -> int:
        """Seats without a substantive holder."""
        return self.sanctioned - self.filled


def of(body: BodyCard, *, language: str = "en") -> Needs:
    """What is published of the body and all bodies under it. Two statements, whatever the size of the body."""
    with connection.cursor() as cursor:
        cursor.execute(_OF, {"body": body.id})
        found = cursor.fetchall()
    if not found:
        return Needs(None, ())
    as_of, sanctioned, filled = found[0][:3]
    counted = [row[3:] for row in found if row[3] is not None]
    names = frameworks.names([str(key) for key, *_ in counted], language=language)
    needs = (Need(key, names[str(key)], *counts) for key, *counts in counted)
    ordered = sorted(needs, key=lambda n: (-n.below, -n.unsure, n.name))
    return Needs(as_of, tuple(ordered), sanctioned, filled)


_OF = """
SELECT p.as_of, coalesce(s.sanctioned, 0), coalesce(s.filled, 0), n.competency_id, n.met, n.below, n.unsure
FROM monitoring_current c
JOIN monitoring_publication p ON p.id = c.publication_id
LEFT JOIN monitoring_seatcount s ON s.publication_id = p.id AND s.body_id = %(body)s
LEFT JOIN monitoring_needcount n ON n.publication_id = p.id AND n.body_id = %(body)s
"""


def write(
    publication: UUID, own: Counted, *, bodies: Sequence[UUID | None], parents: Sequence[int]
) -> tuple[int, int]:
    """Writes the totals of every body for a publication and drops those of others: rows meant, and rows written.

    `bodies` and `parents` say of each group which body it is (None: none) and which group stands above (-1: none).
    Only the publication that readers see keeps its counts: a night adds as many rows as bodies have competencies.
    """
    rows = list(_rows(publication, own, bodies, parents))
    written = bulk.load(NeedCount, COLUMNS, rows)
    NeedCount.objects.exclude(publication=publication).delete()
    return len(rows), written


def up_the_tree(own: Counted, *, parents: Sequence[int]) -> Counted:
    """The same with what is counted in a group counted in every group above it too; a row a group and competency."""
    above = np.array(parents, dtype=np.int64)
    subjects = sorted(set(own.competencies))
    place = {competency: i for i, competency in enumerate(subjects)}
    groups, counts = own.groups, own.counts
    columns = np.array([place[competency] for competency in own.competencies], dtype=np.int64)
    keys, parts = [], []
    while groups.size:
        keys.append(groups * len(subjects) + columns)
        parts.append(counts)
        kept = above[groups] >= 0
        groups, columns, counts = above[groups][kept], columns[kept], counts[kept]
    if not keys:
        return own
    found, where = np.unique(np.concatenate(keys), return_inverse=True)
    totals = np.zeros((len(found), 3), dtype=np.int64)
    np.add.at(totals, where, np.concatenate(parts))
    return Counted(found // len(subjects), tuple(subjects[i] for i in found % len(subjects)), totals)


def _rows(
    publication: UUID, own: Counted, bodies: Sequence[UUID | None], parents: Sequence[int]
) -> Iterator[tuple[object, ...]]:
    totals = up_the_tree(own, parents=parents)
    for group, competency, counts in zip(
        totals.groups.tolist(), totals.competencies, totals.counts.tolist(), strict=True
    ):
        if bodies[group] is not None:
            yield (ids.new(), publication, bodies[group], competency, *counts)
