"""One engine for everything that somebody must decide in time: "Question this result", grievances, appeals.

A case has a route (roles, from first reviewer to last instance), a clock, and an append-only list of events.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from karmayogi.registry import clock, joined
from karmayogi.registry.models import Case, CaseEvent

WAITING = ("open", "with_reviewer")
SHORTEST = 20
"""Letters of a reason, at least."""


class Outcome(StrEnum):
    """What a decision says: what was questioned stands, was wrong, or there was nothing to find."""

    UPHELD = "upheld"
    CORRECTED = "corrected"
    CLOSED = "closed"


class CaseAlreadyDecided(Exception):
    """The case has its decision; lodge an appeal if it is wrong."""

    status = 409


class ReasonMissing(Exception):
    """A decision needs a reason that the person can understand; write one."""

    status = 400


class OwnCase(Exception):
    """Nobody decides a case they opened or that is about them; hand it to somebody else."""

    status = 403


class NotYourTurn(Exception):
    """The case waits for another role or another reviewer; leave it to them."""

    status = 403


class NoSuchCase(LookupError):
    """There is no such case, or it is not yours to see."""


@dataclass(frozen=True, slots=True)
class CaseCard:
    """A case as it stands. `role`: whose turn it is; `due`: the last day in time."""

    id: UUID
    kind: str
    subject_kind: str
    subject_id: UUID
    opened_by: UUID
    about: UUID | None
    body: UUID | None
    role: str
    reviewer: UUID | None
    state: str
    opened_at: dt.datetime
    due: dt.date
    outcome: str
    reason: str
    decided_at: dt.datetime | None
    decided_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a case, `what` being lodged, said, assigned, escalated, overdue, decided or closed."""

    at: dt.datetime
    by: UUID | None
    what: str
    text: str
    details: Mapping[str, Any]


def lodge(
    kind: str,
    *,
    subject_kind: str,
    subject_id: UUID,
    opened_by: UUID,
    route: Sequence[str],
    days: int,
    now: dt.datetime,
    text: str = "",
    details: Mapping[str, Any] | None = None,
    about: UUID | None = None,
    body: UUID | None = None,
    working: bool = True,
    holidays: Collection[dt.date] = frozenset(),
) -> UUID:
    """Opens a case and returns its id; a question the same person has open already gives that case's id.

    `route`: at least one role, first reviewer first. `days`: for each step; working days unless `working` is
    False. `details`: what the reviewer must see of the thing questioned, as JSON; it stays as it was that day.
    """
    if not route:
        raise ValueError("A case needs at least one role that decides it.")
    row = Case(
        kind=kind, subject_kind=subject_kind, subject_id=subject_id, opened_by=opened_by, about=about,
        body=body, route=list(route), days=days, working=working, opened_at=now,
        due=clock.due(_day(now), days, working=working, holidays=holidays),
    )  # fmt: skip
    with transaction.atomic():
        Case.objects.bulk_create([row], ignore_conflicts=True)
        held = Case.objects.exclude(state="closed").get(
            kind=kind, subject_kind=subject_kind, subject_id=subject_id, opened_by=opened_by
        )
        if held.id == row.id:
            _event(row, "lodged", by=opened_by, text=text, now=now, details=details)
    return held.id


def say(id: UUID, text: str, *, by: UUID, now: dt.datetime) -> None:
    """Adds what somebody has to say; the state stays. Raises `NoSuchCase`."""
    with transaction.atomic():
        _event(_locked(id), "said", by=by, text=text, now=now)


def assign(id: UUID, *, to: UUID, by: UUID, now: dt.datetime, reason: str = "") -> None:
    """Puts the case with a reviewer: taken (`to` is `by`) or handed on.

    Raises `OwnCase`, `CaseAlreadyDecided`.
    """
    with transaction.atomic():
        row = _undecided(id)
        if to in (row.opened_by, row.about):
            raise OwnCase(_("Nobody reviews a case they opened or that is about them. Choose somebody else."))
        row.reviewer, row.state = to, "with_reviewer"
        row.save(update_fields=["reviewer", "state"])
        _event(row, "assigned", by=by, text=reason, now=now, details={"to": str(to)})


def decide(
    id: UUID, *, by: UUID, roles: Collection[str], outcome: Outcome, reason: str, now: dt.datetime
) -> None:
    """Ends the case with a decision of `by`, who holds `roles` over its body.

    Raises `ReasonMissing`, `OwnCase`, `NotYourTurn`, `CaseAlreadyDecided`.
    """
    if len(reason.strip()) < SHORTEST:
        raise ReasonMissing(_("Write the reason for the decision in words the person can understand."))
    with transaction.atomic():
        row = _undecided(id)
        if by in (row.opened_by, row.about):
            raise OwnCase(_("Nobody decides a case they opened or that is about them."))
        if row.route[row.step] not in roles or row.reviewer not in (None, by):
            raise NotYourTurn(_("This case waits for another reviewer. Leave it to them."))
        row.state, row.decided_by, row.decided_at = "decided", by, now
        row.outcome, row.reason = outcome, reason
        row.save(update_fields=["state", "decided_by", "decided_at", "outcome", "reason"])
        _event(row, "decided", by=by, text=reason, now=now, details={"outcome": outcome})


def pass_on(
    id: UUID,
    *,
    to: str,
    by: UUID,
    text: str,
    now: dt.datetime,
    holidays: Collection[dt.date] = frozenset(),
) -> None:
    """Hands the case to another role of its route, forwards or back, and starts its clock anew.

    `text`: what the next one must know. Raises `CaseAlreadyDecided`, `NotYourTurn` where the route has no such role.
    """
    with transaction.atomic():
        row = _undecided(id)
        if to not in row.route:
            raise NotYourTurn(_("This case does not go to that role. Leave it to those of its route."))
        was, row.step = row.route[row.step], row.route.index(to)
        row.reviewer, row.state = None, "open"
        row.due = clock.due(_day(now), row.days, working=row.working, holidays=holidays)
        row.save(update_fields=["step", "reviewer", "state", "due"])
        _event(row, "passed", by=by, text=text, now=now, details={"from": was, "to": to})


def close(id: UUID, *, by: UUID, now: dt.datetime, reason: str = "") -> None:
    """Closes a case: after its decision, or withdrawn by whoever opened it."""
    with transaction.atomic():
        row = _locked(id)
        if row.state != "closed":
            row.state = "closed"
            row.save(update_fields=["state"])
            _event(row, "closed", by=by, text=reason, now=now)


def escalate(*, now: dt.datetime, holidays: Collection[dt.date] = frozenset(), limit: int = 1000) -> int:
    """Moves overdue undecided cases one step up their route and restarts the clock; how many were late.

    At the last step the case stays and is marked overdue once for each further period. Run it as a job.
    """
    today = _day(now)
    with transaction.atomic():
        rows = list(
            Case.objects.select_for_update(skip_locked=True)
            .filter(state__in=WAITING, due__lt=today)
            .order_by("due")[:limit]
        )
        events = [_late(row, today=today, now=now, holidays=holidays) for row in rows]
        Case.objects.bulk_update(rows, ["step", "due", "reviewer", "state"])
        CaseEvent.objects.bulk_create(events)
    return len(rows)


def card(id: UUID) -> CaseCard:
    """The case as it stands; raises `NoSuchCase`."""
    row = Case.objects.filter(pk=id).first()
    if row is None:
        raise NoSuchCase(_("There is no such case."))
    return _card(row)


def of(person: UUID) -> list[CaseCard]:
    """Cases the person opened or that are about them, newest first, under all ids (`joined`)."""
    found = Case.objects.filter(joined.under("opened_by", person) | joined.under("about", person))
    rows = found.order_by("-opened_at")
    return [_card(row) for row in rows]


def asked(
    kind: str, *, subject_kind: str, subject_id: UUID, by: UUID
) -> tuple[CaseCard, list[Happening]] | None:
    """The question of this kind that `by` has open about something, with what happened to it, oldest first.

    None if there is none, or if it is closed. Of several under the ids of one person (`joined`) the one under `by`,
    else the latest. One statement: a case has the event of its lodging at least.
    """
    rows = CaseEvent.objects.filter(
        joined.under("case__opened_by", by), case__kind=kind, case__subject_kind=subject_kind,
        case__subject_id=subject_id,
    )  # fmt: skip
    found = list(rows.exclude(case__state="closed").select_related("case").order_by("at", "id"))
    if not found:
        return None
    chosen = max((row.case for row in found), key=lambda case: (case.opened_by == by, case.opened_at))
    return _card(chosen), [_happening(row) for row in found if row.case_id == chosen.id]


def waiting(roles: Collection[str], *, bodies: Collection[UUID]) -> list[CaseCard]:
    """Undecided cases of these bodies, and of none, whose turn it is for one of `roles`, most urgent first."""
    here = Q(body__in=bodies) | Q(body__isnull=True)
    rows = Case.objects.filter(here, state__in=WAITING).order_by("due", "id")
    return [found for found in map(_card, rows) if found.role in roles]


def lodged(ids: Iterable[UUID]) -> dict[UUID, tuple[str, Mapping[str, Any]]]:
    """case -> what was said when it was lodged, and what was kept of the thing questioned; in one query."""
    rows = CaseEvent.objects.filter(case_id__in=list(ids), what="lodged")
    return {case: (text, details) for case, text, details in rows.values_list("case_id", "text", "details")}


def events(id: UUID) -> list[Happening]:
    """What happened to the case, oldest first."""
    rows = CaseEvent.objects.filter(case_id=id).order_by("at", "id")
    return [_happening(row) for row in rows]


def _late(row: Case, *, today: dt.date, now: dt.datetime, holidays: Collection[dt.date]) -> CaseEvent:
    was = row.route[row.step]
    last = row.step == len(row.route) - 1
    details = {"was_due": row.due.isoformat(), "from": was}
    if not last:
        row.step, row.reviewer, row.state = row.step + 1, None, "open"
        details["to"] = row.route[row.step]
    row.due = clock.due(today, row.days, working=row.working, holidays=holidays)
    return CaseEvent(case=row, at=now, what="overdue" if last else "escalated", details=details)


def _locked(id: UUID) -> Case:
    row = Case.objects.select_for_update().filter(pk=id).first()
    if row is None:
        raise NoSuchCase(_("There is no such case."))
    return row


def _undecided(id: UUID) -> Case:
    row = _locked(id)
    if row.state not in WAITING:
        raise CaseAlreadyDecided(_("This case has its decision already."))
    return row


def _event(
    row: Case, what: str, *, by: UUID, text: str, now: dt.datetime, details: Mapping[str, Any] | None = None
) -> None:
    event = CaseEvent(case=row, at=now, by=by, what=what, text=text, details=dict(details or {}))
    event.save(force_insert=True)


def _day(now: dt.datetime) -> dt.date:
    return timezone.localdate(now)


def _happening(row: CaseEvent) -> Happening:
    return Happening(row.at, row.by, row.what, row.text, row.details)


def _card(row: Case) -> CaseCard:
    return CaseCard(
        row.id, row.kind, row.subject_kind, row.subject_id, row.opened_by, row.about, row.body,
        row.route[row.step], row.reviewer, row.state, row.opened_at, row.due, row.outcome, row.reason,
        row.decided_at, row.decided_by,
    )  # fmt: skip
