"""Sensitive acts by two people: one asks with a reason, another decides; the database refuses one person for both.

The noun that owns an act offers two verbs. Its "propose" checks that the maker may ask and calls `make`; its
"approve" calls `decide` and carries the act out in the same transaction, so that an approved proposal is an act done.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from karmayogi.institutions import audit
from karmayogi.institutions.access import Reach
from karmayogi.institutions.models import Proposal
from karmayogi.institutions.roles import Audience
from karmayogi.registry import ids

SHORTEST = 20
"""Letters of a reason, at least."""


class ReasonTooShort(Exception):
    """A sensitive act needs a reason that others can check."""

    status = 400


class AlreadyProposed(Exception):
    """The same act about the same thing waits for its decision."""

    status = 409


class NoSuchProposal(LookupError):
    """There is no such proposal, or it is not the actor's to see or decide."""


class OwnProposal(Exception):
    """Nobody decides what they asked for themselves."""

    status = 403


class ProposalAlreadyEnded(Exception):
    """The proposal was decided or withdrawn, or it lapsed."""

    status = 409


@dataclass(frozen=True, slots=True)
class ProposalCard:
    """A proposal as it stands; `state`: waiting, approved, declined, withdrawn, lapsed."""

    id: UUID
    act: str
    key: str
    about: UUID | None
    body: UUID
    desk: str
    content: Mapping[str, Any]
    reason: str
    maker: UUID
    made_at: dt.datetime
    lapses_at: dt.datetime
    state: str
    checker: UUID | None
    decided_at: dt.datetime | None
    answer: str


def make(
    act: str,
    *,
    key: str,
    reason: str,
    maker: UUID,
    body: UUID,
    desk: Audience,
    now: dt.datetime,
    content: Mapping[str, Any] | None = None,
    about: UUID | None = None,
    days: int = 14,
) -> UUID:
    """Writes down that `maker` asks for an act, and returns the proposal's id. Whether they may ask, the caller knows.

    `act`: a verb with its noun, e.g. "grant.give". `key`: what it is about, at most 160 letters; the same act with
    the same key waits only once. `days`: after so many it lapses undecided. Raises `ReasonTooShort`, `AlreadyProposed`.
    """
    if len(reason.strip()) < SHORTEST:
        raise ReasonTooShort(_("Write the reason in a sentence that whoever decides can check."))
    row = Proposal(
        id=ids.new(), act=act, key=key, about_id=about, body_id=body, desk=desk.value, content=dict(content or {}),
        reason=reason.strip(), maker_id=maker, made_at=now, lapses_at=now + dt.timedelta(days=days),
    )  # fmt: skip
    with transaction.atomic():
        Proposal.objects.bulk_create([row], ignore_conflicts=True)
        if not Proposal.objects.filter(pk=row.id).exists():
            raise AlreadyProposed(_("This is already asked for and waits for a decision."))
        _trace("proposal.make", row, by=maker, reason=row.reason)
    return row.id


def decide(id: UUID, *, act: str, approve: bool, answer: str, by: UUID, now: dt.datetime) -> ProposalCard:
    """Approves or declines a proposal of this act and returns it; row policies say whose it is to decide.

    A refusal needs an `answer` of a sentence. Raises `NoSuchProposal`, `OwnProposal`, `ProposalAlreadyEnded`,
    `ReasonTooShort`.
    """
    if not approve and len(answer.strip()) < SHORTEST:
        raise ReasonTooShort(_("Write why you decline in a sentence that whoever asked can answer."))
    with transaction.atomic():
        row = _waiting_row(id, act=act, now=now)
        if row.maker_id == by:
            raise OwnProposal(_("You asked for this yourself. Another person decides it."))
        row.state = Proposal.State.APPROVED if approve else Proposal.State.DECLINED
        row.checker_id, row.answer = by, answer.strip()
        _end(row, now=now)
        _trace(f"proposal.{'approve' if approve else 'decline'}", row, by=by, reason=row.answer)
    return _card(row)


def withdraw(id: UUID, *, act: str, by: UUID, now: dt.datetime) -> None:
    """Takes back what one asked for oneself. Raises `NoSuchProposal`, `ProposalAlreadyEnded`."""
    with transaction.atomic():
        row = _waiting_row(id, act=act, now=now)
        if row.maker_id != by:
            raise NoSuchProposal(_("There is no such proposal of yours."))
        row.state = Proposal.State.WITHDRAWN
        _end(row, now=now)
        _trace("proposal.withdraw", row, by=by)


def lapse(*, now: dt.datetime) -> int:
    """Ends what nobody decided in time; how many. Run it as a job."""
    late = Proposal.objects.filter(state=Proposal.State.WAITING, lapses_at__lte=now)
    return late.update(state=Proposal.State.LAPSED, decided_at=now)


def waiting(reach: Reach, *, acts: Collection[str], now: dt.datetime) -> list[ProposalCard]:
    """What waits for the actor's desk over the reached bodies, or for the actor alone, oldest first; not their own."""
    rows = Proposal.objects.filter(state=Proposal.State.WAITING, desk=reach.audience.value, act__in=acts)
    rows = rows.filter(_within(reach), lapses_at__gt=now).exclude(maker_id=reach.actor)
    return _cards(rows.order_by("made_at", "id"))


def made(by: UUID, *, acts: Collection[str], limit: int = 100) -> list[ProposalCard]:
    """What the person asked for, newest first."""
    return _cards(Proposal.objects.filter(maker_id=by, act__in=acts).order_by("-made_at", "-id")[:limit])


def over(reach: Reach, *, state: str = "", start: int = 0, size: int = 50) -> list[ProposalCard]:
    """What was ever asked for over the reached bodies, newest first, for auditors: a stretch of it."""
    rows = Proposal.objects.filter(_within(reach))
    rows = rows.filter(state=state) if state else rows
    return _cards(rows.order_by("-made_at", "-id")[start : start + size])


def cards(proposals: Iterable[UUID]) -> dict[UUID, ProposalCard]:
    """id -> the proposal as it stands, for those the actor may see, in one query."""
    return {card.id: card for card in _cards(Proposal.objects.filter(pk__in=list(proposals)))}


def _within(reach: Reach) -> Q:
    if reach.audience is Audience.OFFICIAL:
        return Q(about_id=reach.actor)
    found = Q(pk__in=[])
    for body in reach.bodies:
        found |= Q(body__lower__gte=body.lower, body__lower__lt=body.upper)
    return found


def _waiting_row(id: UUID, *, act: str, now: dt.datetime) -> Proposal:
    row = Proposal.objects.select_for_update().filter(pk=id, act=act).first()
    if row is None:
        raise NoSuchProposal(_("There is no such proposal for you to decide."))
    if row.state != Proposal.State.WAITING or row.lapses_at <= now:
        raise ProposalAlreadyEnded(
            _("This was decided already, or its time is over. Look at the list again.")
        )
    return row


def _end(row: Proposal, *, now: dt.datetime) -> None:
    row.decided_at = now
    row.save(update_fields=["state", "checker", "decided_at", "answer"])


def _trace(act: str, row: Proposal, *, by: UUID, reason: str = "") -> None:
    audit.record(
        act, actor=by, object_kind="proposal", object_id=row.id, body=row.body_id, reason=reason,
        details={"act": row.act, "about": str(row.about_id or "")},
    )  # fmt: skip


def _cards(rows: "QuerySet[Proposal]") -> list[ProposalCard]:
    return [_card(row) for row in rows]


def _card(row: Proposal) -> ProposalCard:
    return ProposalCard(
        row.id, row.act, row.key, row.about_id, row.body_id, row.desk, row.content, row.reason, row.maker_id,
        row.made_at, row.lapses_at, row.state, row.checker_id, row.decided_at, row.answer,
    )  # fmt: skip
