"""Corrections of what is recorded about people, in sets: the new value stands, the former one is in the audit row."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from karmayogi.institutions import audit
from karmayogi.institutions.audit import Trace

FIELDS = ("name", "email", "mobile", "joined")


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is recorded about a person and a file may correct; '' and None where nothing is."""

    id: UUID
    name: str
    email: str
    mobile: str
    joined: dt.date | None


def recorded(codes: Collection[str]) -> dict[str, Recorded]:
    """employee code -> what is recorded, for those in reach."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT employee_code, id, name, email, mobile, joined FROM institutions_person"
            " WHERE employee_code = ANY(%s)",
            [list(codes)],
        )
        return {code: Recorded(*rest) for code, *rest in cursor.fetchall()}


def correct(people: Iterable[Recorded], *, reason: str, now: dt.datetime) -> int:
    """Records what differs, with one audit row a person that keeps the former and the new value; how many differed.

    '' and None change nothing. Two statements, whatever the number of people.
    """
    said = list(people)
    if not said:
        return 0
    columns: list[Any] = [
        [p.id for p in said],
        *([getattr(p, name) or None for p in said] for name in FIELDS),
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CORRECT, columns)
        traces = [_trace(row) for row in cursor.fetchall()]
        return audit.record_all(
            "person.correct", traces, actor=None, object_kind="person", reason=reason, now=now
        )


def _trace(row: tuple[Any, ...]) -> Trace:
    id, *values = row
    pairs = zip(FIELDS, values[: len(FIELDS)], values[len(FIELDS) :], strict=True)
    return Trace(id, {name: change(old, new) for name, old, new in pairs if old != new})


def change(old: object, new: object) -> Mapping[str, str]:
    """A former and a new value as audit rows keep them."""
    return {"from": _text(old), "to": _text(new)}


def _text(value: object) -> str:
    return "" if value is None else str(value)


_CORRECT = f"""
WITH held AS MATERIALIZED (
    SELECT p.id, {", ".join(f"p.{f} AS old_{f}, coalesce(s.{f}, p.{f}) AS new_{f}" for f in FIELDS)}
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::date[]) s (id, {", ".join(FIELDS)})
    JOIN institutions_person p ON p.id = s.id
)
UPDATE institutions_person p SET {", ".join(f"{f} = h.new_{f}" for f in FIELDS)}
FROM held h
WHERE p.id = h.id AND ({", ".join(f"h.old_{f}" for f in FIELDS)}) IS DISTINCT FROM
    ({", ".join(f"h.new_{f}" for f in FIELDS)})
RETURNING p.id, {", ".join(f"h.old_{f}" for f in FIELDS)}, {", ".join(f"h.new_{f}" for f in FIELDS)}
"""  # noqa: S608
