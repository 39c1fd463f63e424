"""The audit rows: a plain append inside the business transaction, so that act and trace stand or fall together."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from karmayogi.institutions.models import AuditRow, Refusal


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


def refuse(*, actor: UUID | None, route: str, method: str, reason: str) -> None:
    """Keeps a refused act. Call it in a transaction of its own: the refused request is rolled back."""
    Refusal(at=timezone.now(), actor=actor, route=route, method=method, reason=reason[:200]).save(
        force_insert=True
    )
