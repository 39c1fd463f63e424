"""The evidence ledger: appended rows about what people showed, read by person or by a cursor over commits."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from karmayogi.competency import frameworks
from karmayogi.competency.models import Evidence
from karmayogi.institutions import aliases
from karmayogi.registry import bulk, ids

COLUMNS = (
    "id",
    "person_id",
    "competency_id",
    "source",
    "happened_at",
    "recorded_at",
    "key",
    "observer_id",
    "instrument",
    "payload",
    "body_id",
    "replaces",
)


class ObserverIsThePerson(Exception):
    """Nobody observes themselves; ask someone who saw the work."""

    status = 403


class AlreadyObserved(Exception):
    """The observer recorded another level for this competency of this person today."""

    status = 409


class LevelNotOnScale(ValueError):
    """The level is not on the scale of this competency."""

    status = 400


class Source(StrEnum):
    """Where a row comes from."""

    COMPLETED = "completed"
    SELF_RATING = "self_rating"
    TEST = "test"
    SUPERVISED_TEST = "supervised_test"
    RATING = "rating"
    WORK_PRODUCT = "work_product"


@dataclass(frozen=True)
class NewEvidence:
    """One thing that happened. `key`: what makes it one, e.g. "sitting:<id>"; the same key is recorded once.

    Payloads: test {"items": [item-version uuid], "right": [0 or 1]}; rating and work product {"level": value
    on the scale, "answers": n}; completed {"course": uuid, "minutes": n}.
    `replaces`: the row this one takes the place of; with an empty payload it withdraws it.
    """

    person: UUID
    competency: UUID
    source: Source
    happened_at: dt.datetime
    key: str
    observer: UUID | None = None
    instrument: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    body: UUID | None = None
    replaces: UUID | None = None


@dataclass(frozen=True)
class EvidenceRow:
    """A row of the ledger."""

    id: UUID
    person: UUID
    competency: UUID
    source: Source
    happened_at: dt.datetime
    recorded_at: dt.datetime
    key: str
    observer: UUID | None
    instrument: str
    payload: Mapping[str, Any]
    body: UUID | None
    replaces: UUID | None


def record(rows: Iterable[NewEvidence], *, now: dt.datetime) -> int:
    """Appends the rows and returns how many were new; a key of a person that is there already is left out.

    The database refuses a rating without an observer, or by the person (constraints of the table).
    """
    return bulk.load(
        Evidence,
        COLUMNS,
        (
            (
                ids.new(),
                r.person,
                r.competency,
                r.source.value,
                r.happened_at,
                now,
                r.key,
                r.observer,
                r.instrument,
                json.dumps(dict(r.payload), default=str),
                r.body,
                r.replaces,
            )
            for r in rows
        ),
    )


def observe(
    observer: UUID, *, person: UUID, competency: UUID, level: int, now: dt.datetime, body: UUID | None = None
) -> NewEvidence:
    """Records that a supervisor saw the person work at `level` (0: not yet at level 1); the row as recorded.

    One observation of a competency per observer and day; the same again changes nothing, another level raises
    `AlreadyObserved`. Raises `ObserverIsThePerson` and `LevelNotOnScale`;
    row-level security refuses an observer who does not lead the person that day.
    """
    if observer == person:
        raise ObserverIsThePerson(_("Nobody observes themselves. Ask your supervisor, who saw the work."))
    cards = frameworks.competencies(ids=[competency])
    if not cards or not 0 <= level <= len(cards[0].levels):
        raise LevelNotOnScale(_("Choose one of the levels of this competency."))
    observed = NewEvidence(
        person=person,
        competency=competency,
        source=Source.RATING,
        happened_at=now,
        key=f"observation:{observer}:{competency}:{timezone.localdate(now)}",
        observer=observer,
        instrument="observation",
        payload={"level": float(level), "answers": 1},
        body=body,
    )
    if not record([observed], now=now):
        kept = Evidence.objects.filter(person_id=person, key=observed.key).values_list("payload", flat=True)
        if dict(observed.payload) not in kept:
            raise AlreadyObserved(_("You recorded this competency today. Record the new level tomorrow."))
    return observed


def of(
    people: Iterable[UUID], *, competencies: Iterable[UUID] | None = None, until: dt.datetime | None = None
) -> dict[UUID, list[EvidenceRow]]:
    """person -> rows in the order they happened, under all ids of the person (`aliases`).

    With `until`, only those recorded up to then.
    """
    asked = {
        "people": list(people),
        "competencies": None if competencies is None else list(competencies),
        "until": until,
    }
    found: dict[UUID, list[EvidenceRow]] = defaultdict(list)
    with connection.cursor() as db:
        db.execute(_OF, asked)
        for values in db.fetchall():
            found[values[1]].append(row(values))
    return dict(found)


def changed_since(cursor: int | None, *, limit: int = 10_000) -> tuple[list[EvidenceRow], int]:
    """Rows that came since `cursor` (None: all), and the cursor to ask with next time.

    Only transactions below the oldest one still running are told, so that a row that commits late is never
    passed over. A transaction is never split: its rows come together, even beyond `limit`.
    """
    with connection.cursor() as db:
        db.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
        (horizon,) = db.fetchone()
        bounds = {"since": str(cursor or 0), "horizon": horizon, "limit": limit - 1}
        db.execute(_LIMIT, bounds)
        full = db.fetchone()
        bounds["horizon"] = str(int(full[0]) + 1) if full else horizon
        db.execute(_CHANGED, bounds)
        return [row(values) for values in db.fetchall()], int(bounds["horizon"])


TOLD = ", ".join("who.asked" if name == "person_id" else f"e.{name}" for name in COLUMNS)
"""The columns of a row as it is told of a person under the id that was asked for."""
_OF = f"""
SELECT {TOLD} FROM {aliases.WHO} who JOIN competency_evidence e ON e.person_id = who.member
WHERE (%(competencies)s::uuid[] IS NULL OR competency_id = ANY(%(competencies)s::uuid[]))
  AND (%(until)s::timestamptz IS NULL OR recorded_at <= %(until)s::timestamptz)
ORDER BY e.happened_at, e.id
"""  # noqa: S608
_LIMIT = """
SELECT xact::text FROM competency_evidence
WHERE xact >= %(since)s::text::xid8 AND xact < %(horizon)s::text::xid8
ORDER BY xact, id OFFSET %(limit)s LIMIT 1
"""
_CHANGED = f"""
SELECT {", ".join(COLUMNS)} FROM competency_evidence
WHERE xact >= %(since)s::text::xid8 AND xact < %(horizon)s::text::xid8
ORDER BY xact, id
"""  # noqa: S608


def row(columns: tuple[Any, ...]) -> EvidenceRow:
    """A row of the ledger from the values of its COLUMNS."""
    values = list(columns)
    values[3] = Source(values[3])
    if isinstance(values[9], str):
        values[9] = json.loads(values[9])
    return EvidenceRow(*values)
