"""Gaps: what a post needs against what the evidence says, as met, below or not sure yet."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection
from django.utils import timezone

from karmayogi.competency import positions, profile, sql
from karmayogi.competency.estimates import Estimate
from karmayogi.competency.grounds import DRIFT
from karmayogi.competency.positions import Requirement
from karmayogi.competency.posterior import cohort_of
from karmayogi.institutions.assignments import Standing
from karmayogi.policy import rules
from karmayogi.policy.rules import NoSuchRule, Rule
from karmayogi.science import levels
from karmayogi.science.irt import Floats
from karmayogi.science.levels import Statement

SURE, LEAST = "evidence.sure", "evidence.least_information"
RULES = (SURE, LEAST, DRIFT)


@dataclass(frozen=True)
class Gap:
    """A requirement against the estimate. `level`: required; `cut`, `mean`, `sd` in logits.

    `chance`: P(ability >= cut). `value`, `low`, `high`: the estimate and its 90 % interval on the level scale.
    `statement`: "met", "below" or "unsure". `kinds`: of the unexpired evidence, some of which expires first on
    `changes_on`. `scale`: the names of the levels from 1 up.
    """

    person: UUID
    competency: UUID
    key: str
    name: str
    kind: str
    level: int
    essential: bool
    weight: float
    cut: float
    mean: float
    sd: float
    information: float
    chance: float
    statement: str
    value: float
    low: float
    high: float
    kinds: tuple[str, ...] = ()
    as_of: dt.datetime | None = None
    levels: int = 0
    scale: tuple[str, ...] = ()
    changes_on: dt.date | None = None


@dataclass(frozen=True)
class Counts:
    """How many requirements are met, below, and not sure yet."""

    met: int
    below: int
    unsure: int

    @property
    def required(self) -> int:
        """All of them."""
        return self.met + self.below + self.unsure


def of(
    people: Iterable[UUID],
    *,
    on: dt.date,
    language: str = "en",
    order: Mapping[str, Rule] | None = None,
) -> dict[UUID, list[Gap]]:
    """person -> gaps against the position of the substantive assignment on the day, in framework order.

    People without a described position are left out. Estimates age to the day. `order`: the rules (`RULES`) in force
    that day, from whoever has read them already.
    """
    asked = {"people": list(people), "on": on, "language": language}
    return _state(*_measured(sql.MEASURED_WHERE_THEY_STAND, asked), on, order)


def of_standings(
    standings: Iterable[Standing],
    *,
    on: dt.date,
    language: str = "en",
    order: Mapping[str, Rule] | None = None,
) -> dict[UUID, list[Gap]]:
    """The same for people whose standing that day was looked up already."""
    serving = list(standings)
    asked = {
        "people": [s.person for s in serving],
        "posts": [s.position for s in serving],
        "on": on,
        "language": language,
    }
    return _state(*_measured(sql.MEASURED, asked), on, order)


def against(
    people: Iterable[UUID], *, requirements: Sequence[Requirement], on: dt.date | None = None
) -> dict[UUID, list[Gap]]:
    """person -> gaps against these requirements, e.g. of another post. `on`: the day to age to (None: as stored)."""
    needs = [(person, need) for person in people for need in requirements]
    held = profile.of({p for p, _ in needs}, competencies={need.competency for need in requirements})
    return _state(needs, held, on, None)


def counts(gaps: Iterable[Gap]) -> Counts:
    """The gaps counted by statement."""
    by = Counter(gap.statement for gap in gaps)
    return Counts(by[Statement.MET], by[Statement.BELOW], by[Statement.UNSURE])


@dataclass(frozen=True)
class _Known:
    """Columns [N] of what is known for each requirement."""

    mean: Floats
    sd: Floats
    information: Floats


Held = dict[UUID, dict[UUID, Estimate]]


def _measured(statement: str, asked: Mapping[str, Any]) -> tuple[list[tuple[UUID, Requirement]], Held]:
    """What is needed of each person, and the estimates that stand of them; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        rows = cursor.fetchall()
    needs: list[tuple[UUID, Requirement]] = []
    held: Held = defaultdict(dict)
    for row in rows:
        need, people, columns = positions.requirement(*row[:-9]), row[-9], row[-8:]
        needs += ((person, need) for person in people)
        for person, mean, sd, information, as_of, kinds, changes_on, calibration in zip(
            *(column or () for column in columns), strict=True
        ):
            held[person][need.competency] = Estimate(
                person,
                need.competency,
                mean,
                sd,
                information,
                as_of,
                tuple(kinds.split()),
                changes_on,
                calibration,
            )
    return needs, held


def _state(
    needs: Sequence[tuple[UUID, Requirement]],
    held: Held,
    on: dt.date | None,
    order: Mapping[str, Rule] | None,
) -> dict[UUID, list[Gap]]:
    if not needs:
        return {}
    day = on or timezone.localdate()
    order = rules.values(RULES, on=day) if order is None else order
    if not order.keys() >= set(RULES):
        raise NoSuchRule(f"No order sets all of {', '.join(RULES)}. Load the house defaults or issue them.")
    estimates = [held.get(person, {}).get(need.competency) for person, need in needs]
    known = _known(needs, estimates, order[DRIFT].value, day if on else None)
    cut = np.array([need.cut for _, need in needs])
    chances = levels.chances(known.mean, known.sd, cut)
    stated = levels.statements(
        known.mean,
        known.sd,
        known.information,
        cut,
        sure=order[SURE].value,
        least_information=order[LEAST].value,
    )
    columns = (known.mean, known.sd, known.information, chances, stated, *_on_scale(needs, known))
    found: dict[UUID, list[Gap]] = defaultdict(list)
    for (person, need), estimate, *stand in zip(
        needs, estimates, *(c.tolist() for c in columns), strict=True
    ):
        found[person].append(_gap(person, need, estimate, *stand))
    return dict(found)


def _gap(
    person: UUID,
    need: Requirement,
    estimate: Estimate | None,
    mean: float,
    sd: float,
    information: float,
    chance: float,
    statement: str,
    value: float,
    low: float,
    high: float,
) -> Gap:
    return Gap(
        person=person,
        competency=need.competency,
        key=need.key,
        name=need.name,
        kind=need.kind,
        level=need.level,
        essential=need.essential,
        weight=need.weight,
        cut=need.cut,
        mean=mean,
        sd=sd,
        information=information,
        chance=chance,
        statement=statement,
        value=value,
        low=low,
        high=high,
        kinds=estimate.kinds if estimate else (),
        as_of=estimate.as_of if estimate else None,
        changes_on=estimate.changes_on if estimate else None,
        scale=need.scale,
        levels=len(need.cuts),
    )


def _known(
    needs: Sequence[tuple[UUID, Requirement]],
    estimates: Sequence[Estimate | None],
    drift: Mapping[str, Mapping[str, float]],
    day: dt.date | None,
) -> _Known:
    """Who has no estimate is taken as the cohort; the others age to the day, if one is given."""
    cohorts = [cohort_of(need.cohort, drift[need.kind]) for _, need in needs]
    columns = np.array([(mean, sd, 0.0) for mean, sd, _ in cohorts], dtype=np.float64).T
    held = [i for i, estimate in enumerate(estimates) if estimate is not None]
    stored = [e for e in estimates if e is not None]
    if day:
        moment = timezone.make_aware(dt.datetime.combine(day, dt.time()))
        stored = profile.aged(stored, at=moment, cohorts=[cohorts[i] for i in held])
    columns[:, held] = (
        np.array([(e.mean, e.sd, e.information) for e in stored], dtype=np.float64).reshape(-1, 3).T
    )
    return _Known(*columns)


def _on_scale(needs: Sequence[tuple[UUID, Requirement]], known: _Known) -> Floats:
    """Value, low and high on the level scale, [3, N]; one call per scale, not per person."""
    low, high = levels.likely_range(known.mean, known.sd)
    logits = np.stack([known.mean, low, high])
    places: Mapping[tuple[float, ...], list[int]] = _grouped([need.cuts for _, need in needs])
    scale = np.empty_like(logits)
    for cuts, columns in places.items():
        scale[:, columns] = levels.on_scale(logits[:, columns], cuts)
    return scale


def _grouped(keys: Sequence[tuple[float, ...]]) -> dict[tuple[float, ...], list[int]]:
    found: dict[tuple[float, ...], list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        found[key].append(place)
    return found
