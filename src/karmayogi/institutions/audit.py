"""The audit rows: a plain append inside the business transaction, so that act and trace stand or fall together."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from karmayogi.institutions.models import AuditRow
from karmayogi.registry import acting, bulk, ids
from karmayogi.standards import logbook

__all__ = ["ERASED", "REFUSED", "Trace", "entry_of", "record", "record_all", "refuse"]

REFUSED = "request.refuse"
ERASED = "audit.erase"
_COLUMNS = ("id", "at", "actor", "act", "object_kind", "object_id", "body", "reason", "details")
_INSERT = (
    f"INSERT INTO institutions_auditrow ({', '.join(_COLUMNS)})"  # noqa: S608 (columns are ours)
    f" VALUES ({', '.join(['%s'] * len(_COLUMNS))})"
)


@dataclass(frozen=True, slots=True)
class Trace:
    """One of many acts of a kind: to what it was done, and what about it is worth keeping.

    `entry`: the id of the row where it has one of its own (`entry_of`); None for a fresh one.
    """

    object_id: UUID
    details: Mapping[str, Any]
    entry: UUID | None = None


def record(
    act: str,
    *,
    actor: UUID | None,
    object_kind: str,
    object_id: object,
    body: UUID | None = None,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
    entry: UUID | None = None,
) -> UUID:
    """Appends one row and returns its id. `act` is a verb with its noun, e.g. "order.issue".

    `entry`: the id of the row, from `entry_of`, for an act that happens once to its object. The database adds the
    salt; `audit_sealing` gives the row its place in the log.
    """
    id = entry or ids.new()
    # Plain SQL: through a model the same row costs three times as much, and every act pays for it.
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            [
                id, timezone.now(), actor, act, object_kind, str(object_id), body, reason,
                json.dumps(_told(details, actor)),
            ],
        )  # fmt: skip
    return id


def record_all(
    act: str, traces: Iterable[Trace], *, actor: UUID | None, object_kind: str, reason: str, now: dt.datetime
) -> int:
    """Appends one row for each trace, in one statement; returns how many."""
    rows = (
        (
            t.entry or ids.new(),
            now,
            actor,
            act,
            object_kind,
            str(t.object_id),
            None,
            reason,
            json.dumps(_told(t.details, actor)),
        )
        for t in traces
    )
    return bulk.load(AuditRow, _COLUMNS, rows)


def entry_of(act: str, object_id: object, *, digest: str = "") -> UUID:
    """The id of the row about an act that happens once to its object, e.g. ("order.issue", the order's id).

    `digest`: SHA-256 of the document that was issued, in hex, where the id is to stand for the document too.
    """
    return logbook.entry_id(act, str(object_id), digest=digest)


def refuse(*, actor: UUID | None, route: str, method: str, reason: str) -> None:
    """Keeps a refused act. Call it in a transaction of its own: the refused request is rolled back."""
    record(
        REFUSED, actor=actor, object_kind="route", object_id=route[:80], reason=reason[:200],
        details={"method": method[:8]},
    )  # fmt: skip


def _told(details: Mapping[str, Any] | None, actor: UUID | None) -> dict[str, Any]:
    """The details, with the part of the system that acted where no person did."""
    system = acting.SYSTEM.get() if actor is None else ""
    return {**({"system": system} if system else {}), **(details or {})}
