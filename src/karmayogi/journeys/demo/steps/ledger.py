"""Evidence: rater severities, ratings and marked work, tests; written quarter by quarter as it was recorded then."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

import numpy as np

from karmayogi.assessment import histories, pools
from karmayogi.assessment.histories import HistorySitting
from karmayogi.competency import calibrations, evidence
from karmayogi.competency.evidence import NewEvidence, Source
from karmayogi.journeys.demo import content
from karmayogi.journeys.demo.showings import Sat, Shown
from karmayogi.journeys.demo.steps import roll
from karmayogi.journeys.demo.steps.roll import Roll
from karmayogi.journeys.demo.world import World

QUARTERS = (637, 546, 455, 364, 273, 182, 91, 0)
"""Days before the demonstration's day on which what had happened by then was recorded."""
SEVERITIES = "Rater severities, as estimated for the demonstration"
SLIP = 0.1
"""Logits by which an estimated severity misses the true habit, as a standard deviation."""


def load_severities(world: World) -> int:
    """A calibration set with the severities of everybody who rated; nothing if it stands."""
    raters = sorted(
        {s.observer for s in world.history.shown if s.source == "rating" and s.observer is not None}
    )
    if calibrations.current().label == SEVERITIES:
        return len(raters)
    called = roll.call(world)
    slips = np.random.default_rng(world.seed).normal(0.0, SLIP, len(raters))
    calibrations.publish(
        [],
        label=SEVERITIES,
        order_no="demo/severities",
        now=world.at(700),
        severities={
            called.people[rater]: round(float(world.abilities.habit[rater] + slip), 3)
            for rater, slip in zip(raters, slips, strict=True)
        },
    )
    return len(raters)


def load_evidence(world: World, tell: Callable[[int, int], None]) -> int:
    """Ratings, marked work and people's own views; how many rows were new."""
    called, competencies = roll.call(world), roll.competencies()
    written = 0
    for place, (recorded, rows) in enumerate(_by_quarter(world, world.history.shown)):
        tell(place, len(QUARTERS))
        written += evidence.record(
            (_evidence(row, world, called, competencies) for row in rows), now=recorded
        )
    return written


def load_sittings(world: World, tell: Callable[[int, int], None]) -> int:
    """The tests people took, with every answer; how many were new."""
    called, competencies = roll.call(world), roll.competencies()
    versions = _item_versions(competencies)
    written = 0
    for place, (recorded, rows) in enumerate(_by_quarter(world, world.history.sat)):
        tell(place, len(QUARTERS))
        written += histories.record_history(
            [_sitting(row, world, called, competencies, versions) for row in rows], now=recorded
        )
    return written


class _Dated(Protocol):
    @property
    def at(self) -> dt.datetime: ...


R = TypeVar("R", Shown, Sat)


def _by_quarter(world: World, rows: Sequence[R]) -> Iterator[tuple[dt.datetime, list[R]]]:
    left = sorted(rows, key=_moment)
    for days in QUARTERS:
        end = world.at(days)
        size = sum(_moment(row) < end for row in left)
        yield end, left[:size]
        left = left[size:]


def _moment(row: Shown | Sat) -> dt.datetime:
    return row.finished if isinstance(row, Sat) else row.at


def _evidence(row: Shown, world: World, called: Roll, competencies: dict[str, UUID]) -> NewEvidence:
    return NewEvidence(
        person=called.people[row.person],
        competency=competencies[row.competency],
        source=Source(row.source),
        happened_at=row.at,
        key=f"demo/{world.people[row.person].login}/{row.key}",
        observer=None if row.observer is None else called.people[row.observer],
        instrument=row.instrument,
        payload={"level": row.level, "answers": row.answers},
        body=called.bodies.get(row.body),
    )


def _sitting(
    row: Sat, world: World, called: Roll, competencies: dict[str, UUID], versions: dict[str, UUID]
) -> HistorySitting:
    return HistorySitting(
        person=called.people[row.person],
        competency=competencies[row.competency],
        items=[versions[key] for key in row.items],
        started_at=row.started,
        finished_at=row.finished,
        key=f"demo/{world.people[row.person].login}/{row.competency}/{row.started:%Y%m%d}",
        options=row.options,
        milliseconds=row.milliseconds,
        supervised=row.supervised,
    )


def _item_versions(competencies: dict[str, UUID]) -> dict[str, UUID]:
    """Item key -> version, in the pools published for the demonstration."""
    found: dict[str, UUID] = {}
    current = pools.current(competencies[key] for key in content.TESTED)
    for competency in content.TESTED:
        keys = [item["key"] for item in content.items(competency)]
        found.update(zip(keys, current[competencies[competency]].items, strict=True))
    return found
