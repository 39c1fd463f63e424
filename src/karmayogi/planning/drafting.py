"""Drafting a plan from needs and options: pure, so that the same facts give the same plan."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import numpy as np

from karmayogi.planning.needs import Need
from karmayogi.planning.options import CHECK_MINUTES, SHARE, Option
from karmayogi.registry import clock
from karmayogi.science import plans as science

FADE = 0.5
"""What a further option for the same need still counts, as in `science.plans`."""


@dataclass(frozen=True, slots=True)
class History:
    """What a person has done. `courses`: completed. `tried`: competency -> day of the last test.

    `learned`: competency -> days on which a course or an activity for it was finished. `activities`: those done.
    """

    courses: frozenset[UUID] = frozenset()
    activities: frozenset[UUID] = frozenset()
    tried: Mapping[UUID, dt.date] = field(default_factory=dict)
    learned: Mapping[UUID, Sequence[dt.date]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Frame:
    """The room a plan has: days `[since, until)`, minutes for them all, `spent` of these, today, and the shares."""

    since: dt.date
    until: dt.date
    minutes: int
    spent: int
    today: dt.date
    retake_days: int
    shares: tuple[float, float, float]
    tolerance: float

    @property
    def left(self) -> int:
        """Minutes not spent yet."""
        return max(self.minutes - self.spent, 0)


@dataclass(frozen=True, slots=True)
class Step:
    """One item of a draft."""

    kind: str
    ref: UUID
    competency: UUID
    title: str
    why: str
    because: Mapping[str, float | int | str]
    minutes: int
    gain: float
    beyond_share: bool
    planned_on: dt.date
    key: str
    competency_key: str
    competency_name: str

    @property
    def same(self) -> tuple[str, UUID, UUID]:
        """Two steps with this in common are the same step."""
        return self.kind, self.ref, self.competency


@dataclass(frozen=True, slots=True)
class Draft:
    """Steps in order, and whether the hours are shared 70-20-10 within the tolerance."""

    steps: tuple[Step, ...]
    shares_kept: bool


def draft(
    needs: Sequence[Need],
    options: Mapping[UUID, Sequence[Option]],
    checks: Iterable[UUID],
    history: History,
    frame: Frame,
) -> Draft:
    """Checks first, for what is not sure yet and for what was learned since the last test; then learning.

    A need that was never tested waits for its check: without it nobody knows what to learn. Learning is chosen
    greedily by gain per hour within the hours left (`science.plans.choose`).
    """
    checkable = set(checks)
    tests = [
        t for t in (_check(n, history, frame) for n in needs if n.competency in checkable) if t is not None
    ]
    tests = tests[: frame.left // CHECK_MINUTES]
    waiting = {t.competency for t in tests if t.competency not in history.tried}
    minutes = frame.left - CHECK_MINUTES * len(tests)
    learning, kept = _learning(
        [n for n in needs if n.competency not in waiting], options, history, frame, minutes
    )
    return Draft(tuple(_spread(tests, learning, frame)), kept)


def _check(need: Need, history: History, frame: Frame) -> Step | None:
    """The check of a need, on the first day it may be sat; None where it is not its turn or not in this horizon."""
    last = history.tried.get(need.competency)
    learned = [day for day in history.learned.get(need.competency, ()) if last is None or day >= last]
    if need.statement != "unsure" and not learned:
        return None
    day = max(frame.today, last + dt.timedelta(days=frame.retake_days)) if last else frame.today
    if day >= frame.until:
        return None
    why = "unsure" if need.statement == "unsure" else "learned"
    return Step(
        "check", need.competency, need.competency, need.name, why, _because(need), CHECK_MINUTES,
        need.urgency, False, day, need.key, need.key, need.name,
    )  # fmt: skip


def _learning(
    needs: Sequence[Need],
    options: Mapping[UUID, Sequence[Option]],
    history: History,
    frame: Frame,
    minutes: int,
) -> tuple[list[Step], bool]:
    offered = [
        (place, need, option)
        for place, need in enumerate(needs)
        for option in options.get(need.competency, ())
        if _helps(option, need, history)
    ]
    if not offered or minutes <= 0:
        return [], not offered
    chosen = science.choose(
        np.array([need.urgency * _fading(need, history, frame) for _, need, _ in offered]),
        np.array([option.minutes / 60.0 for *_, option in offered]),
        np.array([SHARE[option.kind] for *_, option in offered]),
        np.array([place for place, *_ in offered]),
        hours_available=minutes / 60.0,
        targets=frame.shares,
        tolerance=frame.tolerance,
        fade=FADE,
    )
    steps = []
    for choice in chosen.choices:
        _, need, option = offered[choice.option]
        steps.append(
            Step(
                option.kind, option.ref, option.competency, option.title, need.statement, _because(need),
                option.minutes, choice.gain, choice.beyond_share, frame.today, option.key, need.key, need.name,
            )
        )  # fmt: skip
    return steps, chosen.within_tolerance


def _helps(option: Option, need: Need, history: History) -> bool:
    if option.ref in history.courses or option.ref in history.activities:
        return False
    return option.level is None or option.level >= need.level or option.level > need.value


def _fading(need: Need, history: History, frame: Frame) -> float:
    done = sum(day >= frame.since for day in history.learned.get(need.competency, ()))
    return float(FADE**done)


def _because(need: Need) -> dict[str, float | int | str]:
    return {
        "level": need.level,
        "value": round(need.value, 2),
        "chance_of_gap": round(need.chance_of_gap, 3),
        "essential": int(need.essential),
    }


def _spread(tests: Sequence[Step], learning: Sequence[Step], frame: Frame) -> list[Step]:
    """Checks on the first open day they may be sat; learning one after the other at the pace of the plan."""
    start = max(frame.today, frame.since)
    last = frame.until - clock.ONE
    pace = frame.minutes / max((frame.until - frame.since).days, 1)
    used = sum(t.minutes for t in tests if t.planned_on <= start)
    placed = [replace(t, planned_on=_open(t.planned_on, start, last)) for t in tests]
    for step in learning:
        day = start + dt.timedelta(days=int(used / pace))
        placed.append(replace(step, planned_on=_open(day, start, last)))
        used += step.minutes
    return sorted(placed, key=lambda step: step.planned_on)


def _open(day: dt.date, start: dt.date, last: dt.date) -> dt.date:
    return max(min(clock.due(day, 0, working=False), last), start)
