"""Grants of authority: given by order, over a body and its subtree, from a day to a day."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from karmayogi.institutions.models import Grant
from karmayogi.institutions.roles import Role
from karmayogi.registry import bulk, ids


@dataclass(frozen=True)
class NewGrant:
    """Authority to be given: `role` over `body` and everything under it, from `since` until `until` (excluded)."""

    person: UUID
    role: Role
    body: UUID
    since: dt.date
    order_no: str
    until: dt.date | None = None
    granted_by: UUID | None = None


def give(grants: Iterable[NewGrant]) -> int:
    """Writes the grants; returns how many. Self-grants are refused by the database."""
    return bulk.load(
        Grant,
        ["id", "person_id", "role", "body_id", "during", "order_no", "granted_by_id", "recorded_at"],
        (
            (
                ids.new(),
                g.person,
                g.role.value,
                g.body,
                f"[{g.since},{g.until or ''})",
                g.order_no,
                g.granted_by,
                dt.datetime.now(dt.UTC),
            )
            for g in grants
        ),
    )


def holders(role: Role, *, on: dt.date) -> list[UUID]:
    """Who holds a role over any body on the day, for jobs that must tell somebody."""
    held = Grant.objects.filter(role=role.value, during__contains=on)
    return sorted(set(held.values_list("person_id", flat=True)))
