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
STANDING = ("p.name", "a.email", "a.mobile", "p.joined")
"""Where each of the fields stands: p the person, a the account."""


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
            "SELECT p.employee_code, p.id, p.name, a.email, a.mobile, p.joined FROM institutions_person p"
            " JOIN institutions_account a ON a.person_id = p.id WHERE p.employee_code = ANY(%s)",
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
    SELECT p.id, {", ".join(f"{f} AS old_{f.partition('.')[2]}" for f in STANDING)},
           {", ".join(f"coalesce(s.{f.partition('.')[2]}, {f}) AS new_{f.partition('.')[2]}" for f in STANDING)}
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::date[]) s (id, {", ".join(FIELDS)})
    JOIN institutions_person p ON p.id = s.id
    JOIN institutions_account a ON a.person_id = s.id
), differing AS MATERIALIZED (
    SELECT * FROM held WHERE ({", ".join(f"old_{f}" for f in FIELDS)}) IS DISTINCT FROM
        ({", ".join(f"new_{f}" for f in FIELDS)})
), person AS (
    UPDATE institutions_person p SET name = d.new_name, joined = d.new_joined FROM differing d
    WHERE p.id = d.id AND (d.old_name, d.old_joined) IS DISTINCT FROM (d.new_name, d.new_joined)
), account AS (
    UPDATE institutions_account a SET email = d.new_email, mobile = d.new_mobile FROM differing d
    WHERE a.person_id = d.id AND (d.old_email, d.old_mobile) IS DISTINCT FROM (d.new_email, d.new_mobile)
)
SELECT id, {", ".join(f"old_{f}" for f in FIELDS)}, {", ".join(f"new_{f}" for f in FIELDS)} FROM differing
"""  # noqa: S608
