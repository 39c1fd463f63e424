"""For an official: who I am, where I stand and how it is known, my plan, my courses, my certificates."""

import datetime as dt
from typing import Any, Literal
from uuid import UUID

from django.utils.translation import get_language

from karmayogi.competency import frameworks, gaps, proofs
from karmayogi.competency.frameworks import CompetencyCard
from karmayogi.competency.proofs import Proof
from karmayogi.credentials import awards
from karmayogi.credentials.awards import StatementCard
from karmayogi.institutions import access, assignments, grants, people
from karmayogi.institutions.roles import Audience
from karmayogi.planning.plans import ItemCard, PlanCard
from karmayogi.policy import rules
from karmayogi.registry import codes
from karmayogi.web.api import shapes
from karmayogi.web.api.operations import operation
from karmayogi.web.api.shapes import A_PAGE, Assignment, Cursor, Page, Requirement, Shape, Size
from karmayogi.web.pages.official.competencies import measured
from karmayogi.web.pages.official.plan import own_plan
from karmayogi.web.pages.official.proof import said
from karmayogi.web.pages.official.steps import why
from karmayogi.web.routes import Data, Scope

MOST_EVIDENCE = 20
"""Rows of evidence told for one competency; `evidence_rows` says how many there are."""


class Authority(Shape):
    """Authority by grant that counts today; `until` is the first day no longer covered."""

    role: str
    body_code: str
    body_name: str
    since: dt.date
    until: dt.date | None


class Me(Shape):
    """Who is signed in. `audiences`: the parts of this API that are open to them today."""

    person_id: UUID
    name: str
    employee_code: str | None
    language: str
    audiences: list[str]
    assignment: Assignment | None
    authority: list[Authority]


class Evidence(Shape):
    """A row behind a result. `strength` runs from 0 (not counted) to 4; `says` is the sentence of the page.

    `not_counted_because`: replaced, no_weight, not_measurable, expired, or "" where it counts.
    """

    evidence_id: UUID
    at: dt.datetime
    what: str
    strength: int
    counts: bool
    not_counted_because: str
    level: float | None
    questions_asked: int
    counts_until: dt.date | None
    says: str


class Known(Shape):
    """A requirement with how it is known: its latest rows of evidence, those that do not count too."""

    requirement: Requirement
    evidence_rows: int
    evidence: list[Evidence]


class Competencies(Shape):
    """Every requirement of the post. `assignment` is null for whoever holds none today."""

    as_of: dt.date
    assignment: Assignment | None
    requirements: list[Known]


class Step(Shape):
    """A step of the plan; `why` is the sentence of the page."""

    step_id: UUID
    kind: Literal["check", "course", "on_job", "with_others"]
    title: str
    competency_id: UUID
    course_key: str | None
    why: str
    minutes: int
    planned_on: dt.date
    done_at: dt.datetime | None


class Plan(Shape):
    """The plan on [since, until), null where there is none yet. `minutes_available`: for the whole horizon."""

    since: dt.date | None
    until: dt.date | None
    minutes_available: int
    minutes_on_job: int
    minutes_with_others: int
    minutes_course: int
    steps: list[Step]
    done: list[Step]


class Statement(Shape):
    """A certificate. `counts_until` is the first day on which it no longer counts; `counts`: it stands today."""

    statement_id: UUID
    code: str
    competency_id: UUID
    competency_name: str
    level: int
    level_name: str
    issued_at: dt.datetime
    counts_until: dt.date
    counts: bool
    withdrawn_at: dt.datetime | None
    withdrawn_because: str


@operation(
    "GET", "me", Audience.OFFICIAL, name="api-me", answers=Me, scope=Scope.OWN, data=Data.ACCOUNT
)  # fmt: skip
def me(request: Any) -> Me:
    """Who I am: name, posting, authority."""
    actor, on, language = request.reach.actor, request.reach.on, get_language() or "en"
    card = people.card_of(request.user)
    standing = assignments.standing([actor], on=on, language=language).get(actor)
    held = (g for g in grants.of(actor, on=on, language=language) if g.state == "counts")
    return Me(
        person_id=actor,
        name=card.name,
        employee_code=card.employee_code,
        language=card.language,
        audiences=[a.value for a in access.audiences(actor, on=on)],
        assignment=shapes.assignment(standing) if standing else None,
        authority=[
            Authority(
                role=g.role.value, body_code=g.body.code, body_name=g.body.name, since=g.since, until=g.until
            )
            for g in held
        ],
    )


@operation(
    "GET", "me/competencies", Audience.OFFICIAL, name="api-competencies", answers=Competencies,
    scope=Scope.OWN, data=Data.COMPETENCY,
)  # fmt: skip
def competencies(request: Any) -> Competencies:
    """My competencies: what the post requires, what the evidence says, and how it is known."""
    actor, on, language = request.reach.actor, request.reach.on, get_language() or "en"
    standing = assignments.standing([actor], on=on, language=language).get(actor)
    order = rules.values({*gaps.RULES, *proofs.RULES}, on=on)
    found = measured(standing, on=on, language=language, order=order)
    known = proofs.on_scale(actor, {g.competency: g.scale for g in found}, order=order)
    rows = {g.competency: known.get(g.competency, []) for g in found}
    return Competencies(
        as_of=on,
        assignment=shapes.assignment(standing) if standing else None,
        requirements=[
            Known(
                requirement=shapes.requirement(g),
                evidence_rows=len(rows[g.competency]),
                evidence=_evidence(rows[g.competency][:MOST_EVIDENCE]),
            )
            for g in found
        ],
    )


@operation(
    "GET", "me/plan", Audience.OFFICIAL, name="api-plan", answers=Plan,
    scope=Scope.OWN, data=Data.LEARNING, subject=own_plan,
)  # fmt: skip
def plan(request: Any) -> Plan:
    """My plan: what to do next, why, and how long it takes."""
    card: PlanCard = request.subject
    minutes = card.minutes_by_share
    return Plan(
        since=card.since,
        until=card.until,
        minutes_available=card.minutes,
        minutes_on_job=minutes["on_job"],
        minutes_with_others=minutes["with_others"],
        minutes_course=minutes["course"],
        steps=[_step(item) for item in card.items],
        done=[_step(item) for item in card.done],
    )


@operation(
    "GET", "me/certificates", Audience.OFFICIAL, name="api-certificates", answers=Page[Statement],
    scope=Scope.OWN, data=Data.COMPETENCY,
)  # fmt: skip
def certificates(request: Any, cursor: Cursor = "", limit: Size = A_PAGE) -> Page[Statement]:
    """My certificates, the earliest first, those that were withdrawn too."""
    statements = awards.of(request.reach.actor)
    wanted = {s.competency for s in statements}
    found = frameworks.competencies(ids=wanted, language=get_language() or "en") if wanted else []
    cards = {c.id: c for c in found}
    return shapes.cut(
        statements,
        key=lambda s: str(s.id),
        made=lambda s: _statement(s, cards[s.competency], on=request.reach.on),
        cursor=cursor,
        limit=limit,
    )


def _evidence(rows: list[Proof]) -> list[Evidence]:
    return [
        Evidence(
            evidence_id=p.id,
            at=p.when,
            what=p.what.value,
            strength=p.strength,
            counts=p.counts,
            not_counted_because=p.note.value,
            level=p.level,
            questions_asked=p.asked,
            counts_until=p.counts_until,
            says=line.says,
        )
        for p, line in zip(rows, said(rows), strict=True)
    ]


def _step(item: ItemCard) -> Step:
    return Step(
        step_id=item.id,
        kind=item.kind,  # type: ignore[arg-type]
        title=item.title,
        competency_id=item.competency,
        course_key=item.key if item.kind == "course" and item.key else None,
        why=why(item),
        minutes=item.minutes,
        planned_on=item.planned_on,
        done_at=item.done_at,
    )


def _statement(card: StatementCard, competency: CompetencyCard, *, on: dt.date) -> Statement:
    return Statement(
        statement_id=card.id,
        code=codes.shown(card.code),
        competency_id=card.competency,
        competency_name=competency.name,
        level=card.level,
        level_name=competency.levels[card.level - 1].name,
        issued_at=card.issued_at,
        counts_until=card.until,
        counts=card.state == "issued" and card.replaced_by is None and card.until > on,
        withdrawn_at=card.withdrawn_at,
        withdrawn_because=card.reason,
    )
