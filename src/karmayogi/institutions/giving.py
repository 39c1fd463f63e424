"""Giving authority: one asks with a reason, another decides and it is given; a holder passes a part on for a time."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db import DatabaseError, transaction
from django.utils.translation import gettext_lazy as _

from karmayogi.institutions import audit, proposals
from karmayogi.institutions.access import Reach
from karmayogi.institutions.bodies import BodyCard
from karmayogi.institutions.grants import GrantCard
from karmayogi.institutions.models import Grant
from karmayogi.institutions.proposals import SHORTEST, ProposalCard, ReasonTooShort
from karmayogi.institutions.roles import DELEGATED_AT_MOST, GIVING, Audience, Role
from karmayogi.registry import ids

GIVE = "grant.give"


class NotYoursToGive(Exception):
    """The actor's roles over the body neither ask for nor decide on this role."""

    status = 403


class WrongTime(Exception):
    """The days of a grant do not fit: they are past, the wrong way round, or longer than the role allows."""

    status = 400


class MoreThanHeld(Exception):
    """Somebody would pass on more than they hold: another body, a longer time, or what was passed on to them."""

    status = 409


@dataclass(frozen=True, slots=True)
class Wanted:
    """Authority asked for: `role` over `body` for `person`, from `since` until `until` (excluded; None is open)."""

    person: UUID
    role: Role
    body: BodyCard
    since: dt.date
    until: dt.date | None
    order_no: str


def may_ask(reach: Reach) -> list[Role]:
    """The roles for which the actor may ask somewhere in the reached bodies."""
    return [role for role, giving in GIVING.items() if giving.makers & reach.roles]


def may_decide(reach: Reach, role: Role, body: BodyCard) -> bool:
    """True if the actor's grants over the body decide on this role."""
    return bool(GIVING[role].checkers & _over(reach, body))


def may_stop(reach: Reach, grant: GrantCard) -> bool:
    """True if the actor may suspend or end the grant: who could ask for it or decide on it, never for themselves."""
    giving = GIVING[grant.role]
    mine = grant.source is not None and grant.given_by == reach.actor
    return mine or bool((giving.makers | giving.checkers) & _over(reach, grant.body))


def ask(reach: Reach, wanted: Wanted, *, reason: str, now: dt.datetime) -> UUID:
    """Asks for a grant; returns the proposal's id. Raises `NotYoursToGive`, `WrongTime`, `ReasonTooShort`,
    `AlreadyProposed`."""
    actor = actor_of(reach)
    if not GIVING[wanted.role].makers & _over(reach, wanted.body):
        raise NotYoursToGive(_("Your role does not ask for this authority over this body."))
    if wanted.person == actor:
        raise NotYoursToGive(_("Nobody asks for authority for themselves. Let your head of office ask."))
    _check_days(wanted, on=reach.on)
    if not wanted.order_no.strip():
        raise ReasonTooShort(_("Write the number of the order by which this authority is given."))
    return proposals.make(
        GIVE,
        key=f"{wanted.person}:{wanted.role.value}:{wanted.body.id}",
        reason=reason,
        maker=actor,
        body=wanted.body.id,
        desk=Audience.GRANTOR,
        now=now,
        about=wanted.person,
        content={
            "role": wanted.role.value,
            "since": wanted.since.isoformat(),
            "until": wanted.until.isoformat() if wanted.until else None,
            "order_no": wanted.order_no.strip()[:80],
        },
    )


def waiting(
    reach: Reach, *, bodies: dict[UUID, BodyCard] | None = None, now: dt.datetime
) -> list[ProposalCard]:
    """What waits for a second person over the reached bodies, the actor's own left out."""
    return proposals.waiting(reach, acts=[GIVE], now=now)


def decide(
    reach: Reach, asked: ProposalCard, *, body: BodyCard, approve: bool, answer: str, now: dt.datetime
) -> UUID | None:
    """Approves (then the grant stands; its id is returned) or declines (None) what another person asked for.

    Raises `NotYoursToGive`, `OwnProposal`, `ProposalAlreadyEnded`, `ReasonTooShort`.
    """
    actor, content = actor_of(reach), asked.content
    role = Role(content["role"])
    if actor == asked.about or not may_decide(reach, role, body):
        raise NotYoursToGive(_("Your role does not decide on this authority over this body."))
    with transaction.atomic():
        proposals.decide(asked.id, act=GIVE, approve=approve, answer=answer, by=actor, now=now)
        if not approve or asked.about is None:
            return None
        return _write(
            person=asked.about, role=role, body=asked.body, since=content["since"], until=content["until"],
            order_no=content["order_no"], by=actor, reason=asked.reason, now=now, proposal=asked.id,
        )  # fmt: skip


def pass_on(
    reach: Reach,
    held: GrantCard,
    *,
    to: UUID,
    body: BodyCard,
    since: dt.date,
    until: dt.date,
    reason: str,
    now: dt.datetime,
) -> UUID:
    """Passes a part of one's own authority to another for a time; the id of the new grant.

    It falls with its source, and is never passed further. Raises `MoreThanHeld`, `WrongTime`, `ReasonTooShort`.
    """
    actor = actor_of(reach)
    if len(reason.strip()) < SHORTEST:
        raise ReasonTooShort(_("Write the reason in a sentence that others can check."))
    if since < reach.on or until <= since or (until - since).days > DELEGATED_AT_MOST:
        raise WrongTime(
            _("Authority is passed on from today or later, for at most %(n)s days.")
            % {"n": DELEGATED_AT_MOST}
        )
    inside = held.body.lower <= body.lower < held.body.upper
    shorter = held.since <= since and (held.until is None or until <= held.until)
    whole = held.state == "counts" and held.source is None and GIVING[held.role].delegable
    if to == actor or held.person != actor or not (inside and shorter and whole):
        raise MoreThanHeld(
            _(
                "You can pass on only your own authority, over your body or a part of it, within your own time."
            )
        )
    return _write(
        person=to, role=held.role, body=body.id, since=since.isoformat(), until=until.isoformat(),
        order_no=held.order_no, by=actor, reason=reason.strip(), now=now, source=held.id,
    )  # fmt: skip


def _write(
    *, person: UUID, role: Role, body: UUID, since: str, until: str | None, order_no: str, by: UUID, reason: str,
    now: dt.datetime, proposal: UUID | None = None, source: UUID | None = None,
) -> UUID:  # fmt: skip
    row = Grant(
        id=ids.new(), person_id=person, role=role.value, body_id=body, during=f"[{since},{until or ''})",
        order_no=order_no, granted_by_id=by, proposal_id=proposal, source_id=source,
    )  # fmt: skip
    try:
        with transaction.atomic():
            Grant.objects.bulk_create([row])
    except DatabaseError as refused:
        raise MoreThanHeld(
            _("The register refuses this grant: it would give more than you may give.")
        ) from refused
    audit.record(
        "grant.give" if proposal else "grant.pass_on", actor=by, object_kind="grant", object_id=row.id, body=body,
        reason=reason, details={"person": str(person), "role": role.value, "since": since, "until": until or ""},
    )  # fmt: skip
    return row.id


def _check_days(wanted: Wanted, *, on: dt.date) -> None:
    longest = GIVING[wanted.role].longest
    if wanted.since < on:
        raise WrongTime(_("Authority begins today or later."))
    if wanted.until is not None and wanted.until <= wanted.since:
        raise WrongTime(_("The last day lies before the first one."))
    if longest is not None and (wanted.until is None or (wanted.until - wanted.since).days > longest):
        raise WrongTime(_("This role is given for at most %(n)s days. Write the last day.") % {"n": longest})


def _over(reach: Reach, body: BodyCard) -> frozenset[Role]:
    """The roles of the actor over this very body: each grant has its own subtree."""
    return frozenset(role for role, held in reach.held if held.lower <= body.lower < held.upper)


def actor_of(reach: Reach) -> UUID:
    """Who acts; `NotYoursToGive` where nobody is signed in."""
    if reach.actor is None:
        raise NotYoursToGive(_("Sign in first."))
    return reach.actor
