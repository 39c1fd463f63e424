"""The audit rows: a plain append inside the business transaction, so that act and trace stand or fall together."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from karmayogi.institutions.models import AuditRow, Refusal
from karmayogi.registry import bulk, ids


@dataclass(frozen=True, slots=True)
class Trace:
    """One of many acts of a kind: to what it was done, and what about it is worth keeping."""

    object_id: UUID
    details: Mapping[str, Any]


def record(
    act: str,
    *,
    actor: UUID | None,
    object_kind: str,
    object_id: object,
    body: UUID | None = None,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
) -> UUID:
    """Appends one row and returns its id. `act` is a verb with its noun, e.g. "order.issue"."""
    row = AuditRow(
        at=timezone.now(),
        actor=actor,
        act=act,
        object_kind=object_kind,
        object_id=str(object_id),
        body=body,
        reason=reason,
        details=dict(details or {}),
    )
    row.save(force_insert=True)
    return row.id


def record_all(
    act: str, traces: Iterable[Trace], *, actor: UUID | None, object_kind: str, reason: str, now: dt.datetime
) -> int:
    """Appends one row for each trace, in one statement; returns how many."""
    return bulk.load(
        AuditRow,
        ["id", "at", "actor", "act", "object_kind", "object_id", "body", "reason", "details"],
        (
            (ids.new(), now, actor, act, object_kind, str(t.object_id), None, reason, json.dumps(t.details))
            for t in traces
        ),
    )


def refuse(*, actor: UUID | None, route: str, method: str, reason: str) -> None:
    """Keeps a refused act. Call it in a transaction of its own: the refused request is rolled back."""
    Refusal(at=timezone.now(), actor=actor, route=route, method=method, reason=reason[:200]).save(
        force_insert=True
    )
