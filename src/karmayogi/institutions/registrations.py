"""Registrations: somebody in an organisation asks that a register be completed, somebody else decides, a job enters it.

Three registers: e-mail domains of bodies, the tree of bodies, designations. Asking writes a proposal; approving it asks
for the job in the same transaction, because the web may number no tree anew. What is checked when it is asked for is
checked again when it is decided and when it is entered.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rapidfuzz import fuzz, process

from karmayogi.institutions import audit, bodies, designations, domains, proposals
from karmayogi.institutions.access import Reach
from karmayogi.institutions.bodies import BodyCard, NewBody
from karmayogi.institutions.models import Body, Registration
from karmayogi.institutions.proposals import SHORTEST, ProposalCard, ReasonTooShort
from karmayogi.institutions.roles import Audience, Role
from karmayogi.registry import jobs, notices

DOMAIN, BODY, DESIGNATION = "domain.enter", "body.enter", "designation.enter"
ACTS = (DOMAIN, BODY, DESIGNATION)
JOB, TITLE = "journeys.register", "Enter what was approved in its register"
SOURCE = "request"
"""The source of spellings that came by a request; their `ref` is the proposal's id."""
KINDS = ("ministry", "department", "office", "state", "district", "institute", "provider")
"""The kinds of body that can be asked for."""
DECIDING: Mapping[str, frozenset[Role]] = {
    # A head knows what stands under them; what the whole service shares is not theirs alone.
    BODY: frozenset({Role.HEAD, Role.OPERATOR, Role.COUNCIL}),
    DOMAIN: frozenset({Role.OPERATOR, Role.COUNCIL}),
    DESIGNATION: frozenset({Role.OPERATOR, Role.COUNCIL}),
}
"""Act -> the roles that decide on it, over the body concerned or one above it."""
_CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38}[A-Za-z0-9])?", re.ASCII)
_ALIKE = 82.0


class NotYourLine(Exception):
    """Somebody asks for a body that is neither theirs nor above theirs."""

    status = 403


class NotYoursToDecide(Exception):
    """The actor's roles over the body do not decide on this register."""

    status = 403


class NotABody(ValueError):
    """What is said of the new body is incomplete."""

    status = 400


class AlreadyEntered(Exception):
    """It stands in the register already."""

    status = 409


class NotApproved(LookupError):
    """There is no approved proposal of this kind; nothing is entered."""


@dataclass(frozen=True, slots=True)
class NewOffice:
    """A body asked for, with the order that sets it up from `since` on."""

    code: str
    name: str
    kind: str
    order_no: str
    since: dt.date


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an approved proposal; `problem` '' where it was entered."""

    at: dt.datetime
    problem: str


def ask_domain(domain: str, *, body: BodyCard, by: UUID, line: Iterable[BodyCard], reason: str, on: dt.date,
               now: dt.datetime) -> UUID:  # fmt: skip
    """Asks that a domain be entered for a body of the asker's line; the proposal's id.

    `line`: the bodies from the top down to where the asker serves. Raises `NotYourLine`, what `domains` and
    `proposals.make` raise.
    """
    _refuse_outside(body, line)
    name = domains.normal(domain)
    _refuse_domain(name, body, on=on)
    return _ask(DOMAIN, key=name, content={"domain": name}, body=body, by=by, reason=reason, now=now)


def ask_body(new: NewOffice, *, under: BodyCard, by: UUID, line: Iterable[BodyCard], reason: str, on: dt.date,
             now: dt.datetime) -> UUID:  # fmt: skip
    """Asks that a body be set up under one of the asker's line; the proposal's id.

    Raises `NotYourLine`, `NotABody`, `AlreadyEntered`, and what `proposals.make` raises.
    """
    _refuse_outside(under, line)
    said = NewOffice(new.code.strip(), " ".join(new.name.split()), new.kind, new.order_no.strip(), new.since)
    _refuse_body(said, under, on=on)
    content = {"code": said.code, "name": said.name, "kind": said.kind, "order_no": said.order_no,
               "since": said.since.isoformat()}  # fmt: skip
    return _ask(BODY, key=said.code.lower(), content=content, body=under, by=by, reason=reason, now=now)


def ask_designation(title: str, *, body: BodyCard, by: UUID, reason: str, now: dt.datetime) -> UUID:
    """Asks that a title become a designation; the proposal's id. `body`: where the asker serves.

    Show `designations.near` first. Raises `designations.NotATitle`, `AlreadyEntered`, what `proposals.make` raises.
    """
    form = designations.normal(title)
    _refuse_designation(title)
    content = {"title": " ".join(title.split()), "name": form.name}
    return _ask(DESIGNATION, key=form.key[:160], content=content, body=body, by=by, reason=reason, now=now)


def alike(name: str, *, limit: int = 6, language: str = "en") -> list[tuple[str, float]]:
    """(name and code, score of 0 to 100) of the bodies most like the name, for whoever asks for a new one."""
    held = {
        f"{card_name} ({code})": card_name for card_name, code in Body.objects.values_list("name", "code")
    }
    found = process.extract(name, held, scorer=fuzz.token_sort_ratio, score_cutoff=_ALIKE, limit=limit)
    return [(shown, round(score, 1)) for _name, score, shown in found]


def may_decide(reach: Reach, card: ProposalCard, body: BodyCard) -> bool:
    """True if the actor's roles over the body decide on it, and they did not ask for it."""
    over = {role for role, held in reach.held if held.lower <= body.lower < held.upper}
    return bool(DECIDING[card.act] & over) and card.maker != reach.actor


def waiting(reach: Reach, *, now: dt.datetime) -> list[ProposalCard]:
    """What waits for a decision over the reached bodies, the actor's own left out, oldest first."""
    return proposals.waiting(reach, acts=ACTS, now=now)


def decide(
    reach: Reach, card: ProposalCard, *, body: BodyCard, approve: bool, answer: str, link: str, on: dt.date,
    now: dt.datetime,
) -> None:  # fmt: skip
    """Declines, or approves and has it entered by a job of this transaction; whoever asked is told either way.

    `answer`: what was checked, or why it is declined. `link`: where whoever asked reads it. Raises
    `NotYoursToDecide`, `ReasonTooShort`, what the checks of the register and `proposals.decide` raise.
    """
    if not may_decide(reach, card, body):
        raise NotYoursToDecide(_("Your role does not decide on this register over this body."))
    if len(answer.strip()) < SHORTEST:
        raise ReasonTooShort(_("Write in a sentence what you checked, or why you decline."))
    assert reach.actor is not None
    with transaction.atomic():
        if approve:
            refuse_late(card, body, on=on)
        proposals.decide(card.id, act=card.act, approve=approve, answer=answer, by=reach.actor, now=now)
        if approve:
            jobs.start(JOB, owner=reach.actor, title=TITLE, now=now, arguments={"proposal": str(card.id)})
        notices.tell(
            card.maker, "registration_approved" if approve else "registration_declined",
            params={"name": called(card)}, link=link, now=now, key=f"registration:{card.id}",
        )  # fmt: skip


def refuse_late(card: ProposalCard, body: BodyCard, *, on: dt.date) -> None:
    """Refuses what the register no longer takes, because it changed since it was asked for."""
    said = card.content
    if card.act == DOMAIN:
        _refuse_domain(said["domain"], body, on=on)
    elif card.act == BODY:
        _refuse_body(_office(said), body, on=on)
    else:
        _refuse_designation(said["title"])


def called(card: ProposalCard) -> str:
    """What is asked for, as it will be called."""
    return str(card.content.get("domain") or card.content.get("name") or "")


def outcomes(asked: Iterable[UUID]) -> dict[UUID, Outcome]:
    """Proposal -> what came of it, for those that were carried out; one query."""
    rows = Registration.objects.filter(pk__in=list(asked))
    return {row.id: Outcome(row.at, row.problem) for row in rows}


def carry_out(proposal: UUID, *, on: dt.date, now: dt.datetime) -> int:
    """Enters what was approved, for the job; 1, or 0 where that was done or cannot be. As the worker role.

    Where the register changed in the meantime nothing is entered: whoever asked is told why. Raises `NotApproved`.
    """
    card = proposals.cards([proposal]).get(proposal)
    if card is None or card.act not in ACTS or card.state != "approved":
        raise NotApproved(_("There is no such approved request. Nothing was entered."))
    if Registration.objects.filter(pk=proposal).exists():
        return 0
    made, problem = None, ""
    try:
        with transaction.atomic():
            body = bodies.by_ids([card.body])[card.body]
            refuse_late(card, body, on=on)
            made = _ENTER[card.act](card, now)
    except (AlreadyEntered, NotABody, domains.DomainTaken, domains.SharedDomain) as late:
        problem = str(late)
    Registration(id=proposal, act=card.act, made=made, at=now, problem=problem).save(force_insert=True)
    audit.record(
        card.act if made else f"{card.act}.refused", actor=None, object_kind=card.act.partition(".")[0],
        object_id=made or proposal, body=card.body, reason=problem or card.answer,
        details={"proposal": str(proposal), **card.content},
    )  # fmt: skip
    if problem:
        notices.tell(
            card.maker, "registration_failed", params={"name": called(card)}, now=now,
            key=f"registration:{card.id}:failed",
        )  # fmt: skip
    return 1 if made else 0


def _ask(act: str, *, key: str, content: Mapping[str, Any], body: BodyCard, by: UUID, reason: str,
         now: dt.datetime) -> UUID:  # fmt: skip
    return proposals.make(
        act,
        key=key,
        reason=reason,
        maker=by,
        body=body.id,
        desk=Audience.REGISTRAR,
        now=now,
        content=content,
        days=30,
    )


def _refuse_outside(body: BodyCard, line: Iterable[BodyCard]) -> None:
    if body.id not in {above.id for above in line}:
        raise NotYourLine(_("Ask for your own office or for a body above it."))


def _refuse_domain(name: str, body: BodyCard, *, on: dt.date) -> None:
    domains.refuse_shared(name)
    domains.refuse_taken(name, body, on=on)


def _refuse_body(new: NewOffice, under: BodyCard, *, on: dt.date) -> None:
    if not _CODE.fullmatch(new.code):
        said = _("A code has Latin letters, digits and hyphens, at most 40, such as {code}.")
        raise NotABody(said.format(code="MORD-7"))
    if not 3 <= len(new.name) <= 240 or new.kind not in KINDS:
        raise NotABody(_("Write the name of the body in full and choose what kind of body it is."))
    if not 1 <= len(new.order_no) <= 80:
        raise NotABody(_("Write the number of the order that sets the body up."))
    if new.since > on:
        raise NotABody(_("The order is not in force yet. Ask on its first day."))
    held = Body.objects.filter(code__iexact=new.code).values_list("code", flat=True).first()
    if held:
        raise AlreadyEntered(_("A body has the code {code} already.").format(code=held))
    same = [
        b
        for b in bodies.children([under.id], on=on).get(under.id, ())
        if b.name.casefold() == new.name.casefold()
    ]
    if same:
        raise AlreadyEntered(
            _("{name} stands under this body already, with the code {code}.").format(
                name=same[0].name, code=same[0].code
            )
        )


def _refuse_designation(title: str) -> None:
    held = designations.resolve([title])
    if held:
        raise AlreadyEntered(
            _("It is in the register already: {name}.").format(name=next(iter(held.values())))
        )


def _enter_domain(card: ProposalCard, now: dt.datetime) -> UUID:
    assert card.decided_at is not None
    return domains.enter(
        card.content["domain"], card.body, asked=card.id, since=timezone.localdate(card.decided_at), now=now
    )


def _enter_body(card: ProposalCard, now: dt.datetime) -> UUID:
    new, under = _office(card.content), bodies.by_ids([card.body])[card.body]
    made = bodies.establish(
        [NewBody(new.code, new.name, new.kind, under.code)], since=new.since, order_no=new.order_no
    )
    return made[new.code]


def _enter_designation(card: ProposalCard, now: dt.datetime) -> UUID:
    title = card.content["title"]
    designations.record([designations.Title(str(card.id), title)], source=SOURCE, now=now)
    return designations.entered(title)


_ENTER: Mapping[str, Callable[[ProposalCard, dt.datetime], UUID]] = {
    DOMAIN: _enter_domain, BODY: _enter_body, DESIGNATION: _enter_designation,
}  # fmt: skip


def _office(content: Mapping[str, Any]) -> NewOffice:
    since = dt.date.fromisoformat(content["since"])
    return NewOffice(content["code"], content["name"], content["kind"], content["order_no"], since)
