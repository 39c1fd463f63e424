"""Pooled strength: officials counted by unit and grade where no seat has a name (constables, railway staff)."""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from karmayogi.ehrms.models import PooledStrength
from karmayogi.registry import bulk, ids

COLUMNS = ("id", "body_id", "unit", "grade", "designation", "fte", "during", "recorded", "source", "key")


@dataclass(frozen=True)
class Pool:
    """So many full-time equivalents of one grade and title in one unit of a body, from its day to the next count."""

    body: UUID
    unit: str
    grade: str
    designation: str
    fte: Decimal
    since: dt.date
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


@dataclass(frozen=True)
class Counted:
    """How many pools are new, and how many stood already and now end on another day."""

    new: int
    changed: int


def count(pools: Iterable[Pool], *, source: str, now: dt.datetime) -> Counted:
    """Writes the pools of one source not known yet, each until the next day on which the source counted its body.

    What a new day of counting ends earlier is closed in record time and written anew. A second run changes nothing.
    """
    said = [(p, p.key) for p in pools if p.source == source]
    with transaction.atomic(), connection.cursor() as cursor:
        days: dict[UUID, set[dt.date]] = defaultdict(set)
        for p, _ in said:
            days[p.body].add(p.since)
        asked: dict[str, Any] = {"bodies": list(days), "source": source, "now": now}
        cursor.execute(_DAYS, asked)
        for body, since in cursor.fetchall():
            days[body].add(since)
        cursor.execute(
            "SELECT key FROM ehrms_pooledstrength WHERE key = ANY(%s) AND upper_inf(recorded)",
            [[key for _, key in said]],
        )
        known = {key for (key,) in cursor.fetchall()}
        until = {(body, a): b for body, found in days.items() for a, b in _following(found)}
        new = bulk.load(
            PooledStrength,
            COLUMNS,
            (
                (ids.new(), p.body, p.unit[:240], p.grade[:120], p.designation[:240], p.fte,
                 f"[{p.since},{until[p.body, p.since] or ''})", f"[{now.isoformat()},)", p.source, key)
                for p, key in said
                if key not in known
            ),
        )  # fmt: skip
        cursor.execute(_FOLLOW, asked)
        moved = {key for (key,) in cursor.fetchall()}
    return Counted(new, sum(key in moved for _, key in said))


def _following(days: Iterable[dt.date]) -> Iterable[tuple[dt.date, dt.date | None]]:
    ordered = sorted(days)
    return zip(ordered, [*ordered[1:], None], strict=True)


_DAYS = """
SELECT DISTINCT body_id, lower(during) FROM ehrms_pooledstrength
WHERE source = %(source)s AND upper_inf(recorded) AND body_id = ANY(%(bodies)s)
"""
_FOLLOW = f"""
WITH day AS (
    SELECT body_id, since, lead(since) OVER (PARTITION BY body_id ORDER BY since) AS until
    FROM ({_DAYS}) d(body_id, since)
), closed AS (
    UPDATE ehrms_pooledstrength s SET recorded = tstzrange(lower(s.recorded), greatest(%(now)s, lower(s.recorded)))
    FROM day d
    WHERE s.body_id = d.body_id AND s.source = %(source)s AND upper_inf(s.recorded) AND lower(s.during) = d.since
      AND upper(s.during) IS DISTINCT FROM d.until
    RETURNING s.*, d.until
)
INSERT INTO ehrms_pooledstrength ({", ".join(COLUMNS)})
SELECT gen_random_uuid(), body_id, unit, grade, designation, fte, daterange(lower(during), until),
       tstzrange(%(now)s, NULL), source, key
FROM closed RETURNING key
"""  # noqa: S608
