"""Making plans for many people at once: read, settle what is done, draft, write where something changed."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from karmayogi.institutions import assignments
from karmayogi.planning import drafting, histories, needs, options, writing
from karmayogi.planning.drafting import Draft, Frame
from karmayogi.planning.models import Plan, PlanItem
from karmayogi.policy import rules
from karmayogi.policy.rules import NoSuchRule

HORIZON = dt.timedelta(weeks=12)
DAYS_PER_MONTH = 365.25 / 12
BATCH = 1_000
"""People per transaction: as many advisory locks are held at once."""

RULES = ("plan.hours_per_month", "plan.shares", "plan.shares_tolerance", "assessment.retake_days")


@dataclass(frozen=True, slots=True)
class Held:
    """The current plan of a person: its room, the steps still open, and the minutes done in it."""

    since: dt.date
    until: dt.date
    minutes: int
    open: frozenset[tuple[str, UUID, UUID]]


def make(people: Iterable[UUID], *, on: dt.date, now: dt.datetime) -> int:
    """Makes or renews the plans of these people; returns how many plans are new.

    A plan stands until its steps change or its horizon ends: making it again changes nothing. What is done is never
    lost. Raises `policy.rules.NoSuchRule` where the rules of planning are missing.
    """
    chosen = sorted(set(people))
    made = 0
    for start in range(0, len(chosen), BATCH):
        with transaction.atomic():
            made += _make(chosen[start : start + BATCH], on=on, now=now)
    return made


def _make(people: Sequence[UUID], *, on: dt.date, now: dt.datetime) -> int:
    writing.lock(people)
    done = histories.of(people, now=now)
    writing.settle(done)
    held = _held(people)
    found = needs.of(people, on=on)
    wanted = {need.competency for of_one in found.values() for need in of_one}
    offers, checks = options.for_competencies(wanted), options.checks(wanted)
    told = _rules(people, on=on)
    spent = _spent(people, held)
    changed: list[tuple[UUID, Draft, Frame]] = []
    for person in people:
        frame = _frame(told[person], held.get(person), spent.get(person, 0), on=on)
        draft = drafting.draft(found.get(person, []), offers, checks, done[person].history(), frame)
        if _differs(draft, held.get(person), frame):
            changed.append((person, draft, frame))
    return writing.replace(changed, now=now)


def _differs(draft: Draft, held: Held | None, frame: Frame) -> bool:
    if held is None:
        return bool(draft.steps)
    ended = held.until != frame.until
    return frozenset(step.same for step in draft.steps) != held.open or (ended and bool(draft.steps))


def _held(people: Sequence[UUID]) -> dict[UUID, Held]:
    plans = {plan.id: plan for plan in Plan.objects.filter(person__in=people, state="current")}
    steps: dict[UUID, set[tuple[str, UUID, UUID]]] = {}
    rows = PlanItem.objects.filter(plan__in=list(plans), state="planned")
    for plan, kind, ref, competency in rows.values_list("plan_id", "kind", "ref", "competency_id"):
        steps.setdefault(plan, set()).add((kind, ref, competency))
    return {
        p.person_id: Held(p.horizon.lower, p.horizon.upper, p.minutes, frozenset(steps.get(p.id, ())))
        for p in plans.values()
    }


def _spent(people: Sequence[UUID], held: Mapping[UUID, Held]) -> dict[UUID, int]:
    """Minutes of items done on a day of the running horizon, in whatever plan they stood."""
    found: dict[UUID, int] = {}
    rows = PlanItem.objects.filter(person__in=people, state="done")
    for person, minutes, at in rows.values_list("person_id", "minutes", "done_at"):
        plan = held.get(person)
        if plan is not None and at is not None and histories.day(at) >= plan.since:
            found[person] = found.get(person, 0) + minutes
    return found


def _frame(told: Mapping[str, Any], held: Held | None, spent: int, *, on: dt.date) -> Frame:
    """The running horizon while it lasts, else a new one from today with nothing spent."""
    running = held is not None and held.since <= on < held.until
    since, until = (held.since, held.until) if held is not None and running else (on, on + HORIZON)
    months = (until - since).days / DAYS_PER_MONTH
    on_job, with_others, training = (float(share) for share in told["plan.shares"])
    return Frame(
        since=since,
        until=until,
        minutes=int(float(told["plan.hours_per_month"]) * 60 * months),
        spent=spent if running else 0,
        today=on,
        retake_days=int(told["assessment.retake_days"]),
        shares=(on_job, with_others, training),
        tolerance=float(told["plan.shares_tolerance"]),
    )


def _rules(people: Sequence[UUID], *, on: dt.date) -> dict[UUID, dict[str, Any]]:
    """person -> rules of the body they serve in; read once per body."""
    standing = assignments.standing(people, on=on)
    bodies = {person: standing[person].body if person in standing else None for person in people}
    told = {body: _read(body, on) for body in set(bodies.values())}
    return {person: told[body] for person, body in bodies.items()}


def _read(body: UUID | None, on: dt.date) -> dict[str, Any]:
    found = rules.values(RULES, body=body, on=on)
    missing = [key for key in RULES if key not in found]
    if missing:
        raise NoSuchRule(
            f"No order sets {', '.join(missing)} for {on:%d.%m.%Y}. Ask the rule-maker to issue one."
        )
    return {key: rule.value for key, rule in found.items()}
