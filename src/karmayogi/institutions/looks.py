"""Who opened somebody's record and why: one row of the log for each page opened under a reason, and each refusal."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from karmayogi.institutions import audit, people
from karmayogi.institutions.access import Reach
from karmayogi.institutions.models import AuditRow
from karmayogi.institutions.roles import Role

OPEN, REFUSE = "record.open", "record.refuse"
SUPPORT = "support"
"""The purpose of a page opened with the consent of its person."""
PURPOSES: dict[str, Any] = {
    "training": _("To plan training for this person"),
    "posting": _("To prepare a posting or an order"),
    "question": _("To answer what this person asked me"),
    "appraisal": _("To prepare an appraisal"),
    "audit": _("To audit who used this record"),
    "other": _("Another reason, written below"),
}
"""Why somebody's record is opened: what is kept -> the words to choose by. "other" needs a sentence."""
OTHER = "other"


@dataclass(frozen=True, slots=True)
class LookCard:
    """A page of somebody's record that was opened, or refused. `who` may be empty after an erasure.

    `purpose`: a key of `PURPOSES` or `SUPPORT`; `reason`: the sentence, if one was written; `page`: name of the route.
    """

    id: UUID
    at: dt.datetime
    who: str
    roles: tuple[Role, ...]
    bodies: tuple[str, ...]
    purpose: str
    reason: str
    page: str
    refused: bool


def opened(
    reach: Reach, person: UUID, *, page: str, purpose: str, reason: str, details: dict[str, str] | None = None
) -> UUID:
    """Writes down that the actor opened a page about the person, and why; the id of the row."""
    return audit.record(
        OPEN, actor=reach.actor, object_kind="person", object_id=person, reason=reason,
        details={**_who(reach), "page": page, "purpose": purpose, **(details or {})},
    )  # fmt: skip


def refused(reach: Reach, person: UUID, *, page: str, why: str) -> UUID:
    """Writes down that the actor was refused a page about the person; in a transaction of its own."""
    return audit.record(
        REFUSE, actor=reach.actor, object_kind="person", object_id=person, reason=why[:200],
        details={**_who(reach), "page": page, "purpose": ""},
    )  # fmt: skip


def of(person: UUID, *, limit: int = 200) -> list[LookCard]:
    """Who opened the person's record or was refused it, newest first; the person's own visits are no looks."""
    rows = AuditRow.objects.filter(Q(act=OPEN) | Q(act=REFUSE), object_kind="person", object_id=str(person))
    rows = rows.exclude(actor=person).order_by("-at", "-id")[:limit]
    return [_card(row) for row in rows]


def _who(reach: Reach) -> dict[str, Any]:
    """The name, roles and bodies as they are today: the person reads them later, when both may be others."""
    named = people.by_ids([reach.actor]).values() if reach.actor else ()
    return {
        "who": next((p.name for p in named), ""),
        "roles": sorted(r.value for r in reach.roles),
        "bodies": [b.code for b in reach.bodies],
    }


def _card(row: Any) -> LookCard:
    told = row.details or {}
    return LookCard(
        row.id, row.at, told.get("who", ""), tuple(_roles(told.get("roles", ()))), tuple(told.get("bodies", ())),
        told.get("purpose", ""), row.reason, told.get("page", ""), row.act == REFUSE,
    )  # fmt: skip


def _roles(values: Iterable[str]) -> Iterable[Role]:
    known = {r.value for r in Role}
    return (Role(value) for value in values if value in known)
