"""Pooled strength: officials counted by unit and grade where no seat has a name (constables, railway staff)."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from karmayogi.ehrms.models import PooledStrength
from karmayogi.registry import bulk, ids


@dataclass(frozen=True)
class Pool:
    """So many full-time equivalents of one grade and title in one unit of a body."""

    body: UUID
    unit: str
    grade: str
    designation: str
    fte: Decimal
    since: dt.date
    until: dt.date | None
    source: str
    line: str

    @property
    def key(self) -> str:
        """The natural key, as one hash: the same line of the same source is the same fact."""
        parts = (
            str(self.body),
            self.unit,
            self.grade,
            self.designation,
            str(self.since),
            self.source,
            self.line,
        )
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def count(pools: Iterable[Pool]) -> int:
    """Writes the pools not known yet; returns how many were new."""
    columns = ["id", "body_id", "unit", "grade", "designation", "fte", "during", "source", "key"]
    return bulk.load(
        PooledStrength,
        columns,
        (
            (
                ids.new(),
                p.body,
                p.unit[:240],
                p.grade[:120],
                p.designation[:240],
                p.fte,
                f"[{p.since},{p.until or ''})",
                p.source,
                p.key,
            )
            for p in pools
        ),
    )
