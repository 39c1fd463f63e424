"""Objections: an official says what is wrong in their own record and proves it; two others examine and decide.

The person asks and attaches the proof. A clerk of the establishment section examines it and proposes an answer; a
verifier, another person, decides. The person is no maker of the correction: they would vouch for themselves. What was
recorded, what is said to be right and the proof stand in the case as they were that day. A correction is carried out
by a job that the decision puts into its own transaction; the former value stays in the audit row and, for postings,
in the row that is closed.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from karmayogi.ehrms import corrections as service
from karmayogi.institutions import audit, bodies, corrections, proposals
from karmayogi.institutions.access import OutOfReach, Reach
from karmayogi.institutions.corrections import Recorded
from karmayogi.institutions.proposals import ProposalCard
from karmayogi.institutions.roles import Audience, Role
from karmayogi.journeys.entries import Entry, right_value
from karmayogi.policy import rules
from karmayogi.registry import cases, jobs, notices
from karmayogi.registry.cases import SHORTEST, CaseCard, Outcome

KIND, ACT, APPLY = "record.objection", "record.correct", "journeys.correct_record"
WAY = "correct.record"
"""The rule: which roles answer, in their order, and in how many working days each."""
APPEAL = "appeal"


class ReasonMissing(Exception):
    """An objection needs words that somebody can check."""

    status = 400


class ActedBefore(Exception):
    """An appeal goes to other people than those who answered first."""

    status = 403


class NothingToDecide(Exception):
    """Nobody has examined the objection yet, or the answer was given."""

    status = 409


@dataclass(frozen=True, slots=True)
class Proof:
    """The file that proves it: kept apart, named by its hash (SHA-256, hexadecimal)."""

    file: UUID
    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection as it stands: what was recorded, what is said to be right, the proof, and the case about it."""

    case: CaseCard
    field: str
    subject: UUID
    called: str
    was: str
    says: str
    text: str
    proof: Proof | None
    handled_by: tuple[UUID, ...]
    appealed: bool


def lodge(
    person: UUID,
    entry: Entry,
    *,
    says: str,
    text: str,
    proof: Proof,
    body: UUID | None,
    on: dt.date,
    now: dt.datetime,
) -> UUID:
    """Opens a case about an entry of the person's own record and returns its id; one that is open gives that id.

    `body`: where the person serves. Raises `entries.NotAValue`, `ReasonMissing`, `rules.NoSuchRule`.
    """
    said = right_value(entry, says, on=on)
    if len(text.strip()) < SHORTEST:
        raise ReasonMissing(_("Say in a sentence what is wrong and what your proof shows. Nothing was sent."))
    details = {
        "field": entry.field, "called": entry.called, "subject": str(entry.subject), "was": entry.value, "says": said,
        "file": str(proof.file), "name": proof.name, "sha256": proof.sha256, "size": proof.size,
    }  # fmt: skip
    before = cases.asked(KIND, subject_kind=entry.field, subject_id=entry.subject, by=person)
    with transaction.atomic():
        if before and before[0].state == "decided" and before[0].opened_by == person:
            cases.close(before[0].id, by=person, now=now)
        return _lodge(
            person, entry.field, entry.subject, text=text, details=details, body=body, on=on, now=now
        )


def appeal(person: UUID, objection: Objection, *, text: str, on: dt.date, now: dt.datetime) -> UUID:
    """Asks the body above for another answer, by other people; returns the id of the new case.

    Raises `NothingToDecide` before the first answer, `ReasonMissing`.
    """
    if objection.case.state != "decided" or objection.case.outcome == Outcome.CORRECTED:
        raise NothingToDecide(_("There is no refusal to appeal against. Wait for the answer."))
    if len(text.strip()) < SHORTEST:
        raise ReasonMissing(_("Say in a sentence what the answer overlooked. Nothing was sent."))
    details = dict(cases.lodged([objection.case.id])[objection.case.id][1])
    details["handled_by"] = [str(by) for by in _handlers(objection)]
    return _lodge(
        person, APPEAL, objection.case.id, text=text, details=details, body=_above(objection.case.body), on=on,
        now=now,
    )  # fmt: skip


def of(case: CaseCard) -> Objection:
    """What the case is about, for whoever may see it."""
    return _objection(case, *cases.lodged([case.id])[case.id])


def all_of(person: UUID) -> list[Objection]:
    """What the person ever objected to, newest first."""
    found = [c for c in cases.of(person) if c.kind == KIND and c.opened_by == c.about]
    lodged = cases.lodged(c.id for c in found)
    return [_objection(c, *lodged[c.id]) for c in found]


def _objection(case: CaseCard, text: str, told: Mapping[str, Any]) -> Objection:
    proof = Proof(UUID(told["file"]), told["name"], told["sha256"], told["size"]) if "file" in told else None
    return Objection(
        case, told["field"], UUID(told["subject"]), told["called"], told["was"], told["says"], text, proof,
        tuple(UUID(by) for by in told.get("handled_by", ())), case.subject_kind == APPEAL,
    )  # fmt: skip


def asked(person: UUID, entry: Entry) -> tuple[Objection, Objection | None] | None:
    """What the person objected to in this entry and is not closed, with the appeal against the answer, if any."""
    found = cases.asked(KIND, subject_kind=entry.field, subject_id=entry.subject, by=person)
    if found is None:
        return None
    again = cases.asked(KIND, subject_kind=APPEAL, subject_id=found[0].id, by=person)
    return of(found[0]), of(again[0]) if again else None


def at_the_desk(reach: Reach, case: UUID) -> CaseCard:
    """An objection of somebody in a reached body, not the actor's own; `OutOfReach` for any other."""
    found = cases.card(case)
    place = bodies.by_ids([found.body]).get(found.body) if found.body else None
    mine = reach.actor in (found.opened_by, found.about)
    if found.kind != KIND or mine or place is None or not reach.covers(place.lower):
        raise OutOfReach(_("There is no such objection among those you answer."))
    return found


def waiting(reach: Reach) -> list[CaseCard]:
    """Objections whose turn it is for a role of the actor, those due first on top, own ones left out."""
    places = {b.id for root in reach.bodies for b in bodies.subtree(root)}
    found = cases.waiting(reach.roles, bodies=places)
    return [c for c in found if c.kind == KIND and reach.actor not in (c.opened_by, c.about)]


def proposed(reach: Reach, case: UUID, *, now: dt.datetime) -> ProposalCard | None:
    """The answer that waits for the actor's decision, None if none does."""
    found = proposals.waiting(reach, acts=[ACT], now=now)
    return next((card for card in found if card.key == str(case)), None)


def examine(case: CaseCard, *, reach: Reach, outcome: Outcome, reason: str, now: dt.datetime) -> UUID:
    """Proposes the answer; a verifier decides it. The reason is read by the person too. Returns the proposal's id.

    Raises `cases.NotYourTurn`, `ActedBefore`, what `proposals.make` raises.
    """
    actor = _actor(case, reach)
    if case.state not in cases.WAITING or case.role not in reach.roles or case.body is None:
        raise cases.NotYourTurn(_("This case waits for another role. Leave it to them."))
    with transaction.atomic():
        made = proposals.make(
            ACT, key=str(case.id), about=case.about, body=case.body, desk=Audience.ESTABLISHMENT, maker=actor,
            reason=reason, content={"case": str(case.id), "outcome": outcome.value}, now=now,
        )  # fmt: skip
        cases.pass_on(case.id, to=Role.VERIFIER, by=actor, text=reason, now=now)
    return made


def decide(
    case: CaseCard,
    *,
    proposal: ProposalCard,
    reach: Reach,
    approve: bool,
    answer: str,
    link: str,
    now: dt.datetime,
) -> None:
    """Decides the proposed answer: approved it is the answer to the person, declined the clerk examines again.

    An approved correction is carried out seconds later by a job of the same transaction. Raises `cases.NotYourTurn`,
    `ActedBefore`, what `proposals.decide` raises.
    """
    actor = _actor(case, reach)
    if Role.VERIFIER not in reach.roles:
        raise cases.NotYourTurn(_("A verifier decides this. Leave it to them."))
    with transaction.atomic():
        card = proposals.decide(proposal.id, act=ACT, approve=approve, answer=answer, by=actor, now=now)
        if not approve:
            cases.pass_on(case.id, to=Role.CLERK, by=actor, text=answer, now=now)
            return
        outcome = Outcome(card.content["outcome"])
        cases.decide(case.id, by=actor, roles=[case.role], outcome=outcome, reason=card.reason, now=now)
        if outcome is Outcome.CORRECTED:
            jobs.start(APPLY, owner=actor, title=TITLE, now=now, arguments={"case": str(case.id)})
        told = {"outcome": outcome.value, "field": of(case).field}
        notices.tell(
            case.opened_by, "objection_decided", params=told, link=link, now=now, key=f"objection:{case.id}"
        )


TITLE = "Correct a record as decided"


def carry_out(case: UUID, *, now: dt.datetime) -> int:
    """Records what was decided, for the job; 1, or 0 where it stands already. As the worker role.

    A posting that would meet another one is left as it is and the case says so: an order must come first.
    """
    card = cases.card(case)
    if card.outcome != Outcome.CORRECTED or card.decided_by is None or card.about is None:
        raise NothingToDecide(_("This correction was not decided. Nothing was recorded."))
    found = of(card)
    reason = f"correction {case}"
    if found.field == "ended":
        end = service.End(found.subject, dt.date.fromisoformat(found.says))
        if service.crowded([end]):
            cases.say(
                case, "It would meet another posting. An order must change that one first.", by=card.decided_by,
                now=now,
            )  # fmt: skip
            return 0
        return service.end([end], reason=reason, now=now)
    return corrections.correct([_recorded(card.about, found)], reason=reason, now=now)


def _recorded(person: UUID, found: Objection) -> Recorded:
    name = found.says if found.field == "name" else ""
    joined = dt.date.fromisoformat(found.says) if found.field == "joined" else None
    return Recorded(person, name, "", "", joined)


def _lodge(
    person: UUID,
    subject_kind: str,
    subject: UUID,
    *,
    text: str,
    details: Mapping[str, Any],
    body: UUID | None,
    on: dt.date,
    now: dt.datetime,
) -> UUID:
    way = rules.in_force(WAY, on=on).value
    with transaction.atomic():
        case = cases.lodge(
            KIND, subject_kind=subject_kind, subject_id=subject, opened_by=person, about=person, body=body,
            route=way["roles"], days=way["days"], text=text.strip(), details=details, now=now,
        )  # fmt: skip
        audit.record("record.object", actor=person, object_kind="case", object_id=case, body=body)
    return case


def _actor(case: CaseCard, reach: Reach) -> UUID:
    actor = reach.actor
    if actor is None or actor in (case.opened_by, case.about):
        raise cases.OwnCase(_("Nobody decides a case they opened or that is about them."))
    if actor in of(case).handled_by:
        raise ActedBefore(_("You answered this the first time. An appeal is for others to answer."))
    return actor


def _handlers(objection: Objection) -> set[UUID]:
    events = cases.events(objection.case.id)
    return {e.by for e in events if e.by and e.by != objection.case.opened_by}


def _above(body: UUID | None) -> UUID | None:
    """The body one step up; the top one itself."""
    place = bodies.by_ids([body]).get(body) if body else None
    chain = bodies.above(place) if place else []
    return chain[-2].id if len(chain) > 1 else body
