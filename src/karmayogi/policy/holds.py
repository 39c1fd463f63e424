"""Legal holds: by order nothing of a person, of the people of a body, or of a case is deleted until released.

A hold blocks retention and erasure alike. Two people place it and two release it; the database refuses one for both.
"""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from karmayogi.institutions import audit
from karmayogi.policy.models import Hold
from karmayogi.registry import ids


class SamePerson(Exception):
    """One person would ask and approve."""

    status = 403


class OrderAlreadyUsed(Exception):
    """There is a hold by this order."""

    status = 409


class NoSuchHold(LookupError):
    """No hold by this order stands."""


@dataclass(frozen=True, slots=True)
class HoldCard:
    """A hold; one of `person`, `body` and `case` is set. `released_at` None: it stands."""

    id: UUID
    person: UUID | None
    body: UUID | None
    case: UUID | None
    reason: str
    order_no: str
    placed_at: dt.datetime
    released_at: dt.datetime | None


def place(
    order_no: str,
    *,
    reason: str,
    asked_by: UUID,
    approved_by: UUID,
    now: dt.datetime,
    person: UUID | None = None,
    body: UUID | None = None,
    case: UUID | None = None,
) -> HoldCard:
    """Places a hold on one thing and returns it. Raises `SamePerson`, `OrderAlreadyUsed`."""
    _two(asked_by, approved_by)
    if Hold.objects.filter(order_no=order_no).exists():
        raise OrderAlreadyUsed(_("There is a hold by this order already."))
    row = Hold(
        id=ids.new(), person_id=person, body_id=body, case=case, reason=reason, order_no=order_no, placed_at=now,
        asked_by_id=asked_by, approved_by_id=approved_by,
    )  # fmt: skip
    with transaction.atomic():
        row.save(force_insert=True)
        _trace("hold.place", row, by=approved_by, asked=asked_by)
    return _card(row)


def release(order_no: str, *, by_order: str, asked_by: UUID, approved_by: UUID, now: dt.datetime) -> HoldCard:
    """Ends the hold that was placed by `order_no`. Raises `SamePerson`, `NoSuchHold`."""
    _two(asked_by, approved_by)
    with transaction.atomic():
        row = Hold.objects.select_for_update().filter(order_no=order_no, released_at=None).first()
        if row is None:
            raise NoSuchHold(_("No hold by this order stands."))
        row.released_at, row.release_order = now, by_order
        row.release_asked_by_id, row.release_approved_by_id = asked_by, approved_by
        row.save()
        _trace("hold.release", row, by=approved_by, asked=asked_by)
    return _card(row)


def standing(*, at: dt.datetime) -> list[HoldCard]:
    """The holds that stand at a moment, oldest first."""
    rows = Hold.objects.filter(placed_at__lte=at).exclude(released_at__lte=at)
    return [_card(row) for row in rows.order_by("placed_at")]


def of_person(person: UUID, *, at: dt.datetime) -> list[str]:
    """The orders of the holds that reach a person, by name or by a body in which they served."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT order_no FROM ({HELD}) h WHERE id = %(person)s ORDER BY 1",  # noqa: S608
                       {"at": at, "person": person})  # fmt: skip
        return [order for (order,) in cursor.fetchall()]


HELD = """
SELECT h.person_id AS id, h.order_no FROM policy_hold h
WHERE h.person_id IS NOT NULL AND h.placed_at <= %(at)s AND (h.released_at IS NULL OR h.released_at > %(at)s)
UNION
SELECT a.person_id, h.order_no FROM policy_hold h JOIN institutions_body top ON top.id = h.body_id
JOIN institutions_body b ON b.lower >= top.lower AND b.lower < top.upper
JOIN institutions_assignment a ON a.body_id = b.id
WHERE h.placed_at <= %(at)s AND (h.released_at IS NULL OR h.released_at > %(at)s)
"""
"""SQL: id and order of everyone under a hold at `%(at)s`: named, or ever assigned in the subtree of a held body."""


def _two(asked_by: UUID, approved_by: UUID) -> None:
    if asked_by == approved_by:
        raise SamePerson(_("Another person than the one who asks approves it."))


def _trace(act: str, row: Hold, *, by: UUID, asked: UUID) -> None:
    audit.record(
        act, actor=by, object_kind="hold", object_id=row.id, body=row.body_id, reason=row.reason,
        details={"order": row.release_order or row.order_no, "asked_by": str(asked)},
    )  # fmt: skip


def _card(row: Hold) -> HoldCard:
    return HoldCard(
        row.id, row.person_id, row.body_id, row.case, row.reason, row.order_no, row.placed_at, row.released_at
    )
