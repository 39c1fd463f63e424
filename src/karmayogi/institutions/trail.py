"""The trail of acts for an auditor: searched by act, object and day; row policies say which bodies' acts are read."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from karmayogi.institutions import audit_proofs, people
from karmayogi.institutions.models import AuditRow


@dataclass(frozen=True, slots=True)
class ActCard:
    """One act. `who`: "" for a job or after an erasure; `position`: its place in the sealed log, None if not sealed."""

    id: UUID
    at: dt.datetime
    actor: UUID | None
    who: str
    act: str
    object_kind: str
    object_id: str
    reason: str
    position: int | None


@dataclass(frozen=True, slots=True)
class Search:
    """What an auditor looks for; empty fields ask for nothing."""

    day: dt.date
    act: str = ""
    object_id: str = ""


def find(asked: Search, *, start: int, size: int) -> list[ActCard]:
    """A stretch of the acts of the day, newest first; ask for one more than is shown to know whether there are more."""
    begins = timezone.make_aware(dt.datetime.combine(asked.day, dt.time()))
    rows = AuditRow.objects.filter(at__gte=begins, at__lt=begins + dt.timedelta(days=1))
    rows = rows.filter(act=asked.act) if asked.act else rows
    rows = rows.filter(object_id=asked.object_id) if asked.object_id else rows
    found = list(rows.order_by("-at", "-id")[start : start + size])
    names = {p.id: p.name for p in people.by_ids({r.actor for r in found if r.actor}).values()}
    sealed = audit_proofs.places([r.id for r in found])
    return [
        ActCard(
            r.id, r.at, r.actor, names.get(r.actor, "") if r.actor else "", r.act, r.object_kind, r.object_id,
            r.reason, sealed.get(r.id),
        )
        for r in found
    ]  # fmt: skip


def seen(entry: UUID) -> bool:
    """True if the actor may read this act."""
    return AuditRow.objects.filter(pk=entry).exists()
