"""Building the miniature: every step in its order, each in a transaction of its own, with progress told."""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import signature
from typing import Any

from django.db import connection
from django.utils import timezone

from karmayogi.journeys.demo import world as worlds
from karmayogi.journeys.demo.steps import courses, establishment, framework, house, ledger, outcomes
from karmayogi.journeys.demo.world import World
from karmayogi.policy import rules
from karmayogi.policy.rules import NewRule, NoSuchRule
from karmayogi.registry.acting import as_worker

SEED = 2020_09_02
DAY = "demo.day"
_TURN = 0x64656D6F  # any number nobody else locks

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Step:
    """One part of the load. `work(world)` or `work(world, tell)` returns how much there is of it."""

    title: str
    work: Callable[..., int]
    much: bool = False
    """True where so many rows come that the database should look at its tables again before the next step."""

    def run(self, world: World, progress: Progress) -> int:
        """Does the step in one transaction; how much it came to."""
        with as_worker():
            if len(signature(self.work).parameters) == 1:
                return self.work(world)
            return self.work(world, lambda done, total: progress(self.title, done, total))


STEPS: tuple[Step, ...] = (
    Step("rules in force", house.load_rules),
    Step("bodies", house.load_bodies),
    Step("people", house.load_people, much=True),
    Step("authority", house.load_grants),
    Step("competencies", framework.load_framework),
    Step("positions", framework.load_positions),
    Step("questions", framework.load_questions),
    Step("posts", establishment.load_posts, much=True),
    Step("postings by order", establishment.load_orders, much=True),
    Step("rater severities", ledger.load_severities),
    Step("evidence", ledger.load_evidence),
    Step("tests taken", ledger.load_sittings, much=True),
    Step("courses", courses.load_courses),
    Step("enrolments", courses.load_studies, much=True),
    Step("levels estimated", outcomes.load_profiles, much=True),
    Step("levels stated", outcomes.load_awards, much=True),
    Step("tasks on offer", outcomes.load_activities),
    Step("personal plans", outcomes.load_plans, much=True),
    Step("work confirmed", outcomes.load_practice),
    Step("figures published", outcomes.publish_figures),
)


@dataclass(frozen=True)
class Built:
    """What building came to: the day and seed of the world, and (step, count, seconds) of what was done now."""

    today: dt.date
    seed: int
    steps: tuple[tuple[str, int, float], ...]


def build(
    *,
    today: dt.date,
    seed: int = SEED,
    progress: Progress | None = None,
    analyze: Callable[[], None] | None = None,
) -> Built:
    """Builds the miniature up to `today`, or goes on where a former run stopped, with that run's day and seed.

    `progress` is told (step, done, total). `analyze` is called after steps that changed much: it lets the planner of
    the database know, which only the owner of the tables may ask for; without it the same is built, slower.
    A second run after the first was finished does nothing.
    """
    with _alone():
        return _build(today, seed, progress, analyze)


def _build(today: dt.date, seed: int, progress: Progress | None, analyze: Callable[[], None] | None) -> Built:
    with as_worker():
        told = begun()
        if told is None:
            told = {"day": today.isoformat(), "seed": seed}
            _mark(DAY, told, today)
    if finished():
        return Built(dt.date.fromisoformat(told["day"]), told["seed"], ())
    world = worlds.make(today=dt.date.fromisoformat(told["day"]), seed=told["seed"])
    tell: Progress = progress or (lambda title, done, total: None)
    done: list[tuple[str, int, float]] = []
    for step in STEPS:
        tell(step.title, 0, 0)
        started = time.perf_counter()
        count = step.run(world, tell)
        if step.much and analyze:
            analyze()
        done.append((step.title, count, time.perf_counter() - started))
        tell(step.title, count, count)
    with as_worker():
        _mark(_done(), {"steps": len(STEPS)}, world.today)
    return Built(world.today, world.seed, tuple(done))


def begun() -> dict[str, Any] | None:
    """Day and seed of the world that was begun here; None if none was. Call it acting as the worker."""
    try:
        found: dict[str, Any] = rules.in_force(DAY, on=dt.date.max).value
    except NoSuchRule:
        return None
    return found


def finished() -> bool:
    """True once every step was done."""
    with as_worker():
        try:
            rules.in_force(_done(), on=dt.date.max)
        except NoSuchRule:
            return False
    return True


def _done() -> str:
    """The key of the mark; a house with more steps looks for another one, and goes on."""
    return f"demo.done.{len(STEPS)}"


@contextmanager
def _alone() -> Iterator[None]:
    """Two starts at once take turns; the second finds everything done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_TURN])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_TURN])


def _mark(key: str, value: dict[str, Any], day: dt.date) -> None:
    rules.issue(
        [NewRule(key, "table", value, order_no="demo/1", since=day, note="Written by the demonstration.")],
        now=timezone.now(),
    )
