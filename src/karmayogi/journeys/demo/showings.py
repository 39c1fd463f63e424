"""What the invented officials showed in two years: ratings, marked work, tests, what they said of themselves."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from karmayogi.journeys.demo import content
from karmayogi.journeys.demo.abilities import Abilities
from karmayogi.journeys.demo.timeline import Timeline

SILENT, RATED, MARKED, SAID, TESTED = 0.12, 0.6, 0.28, 0.3, 0.5
"""Shares: officials without any evidence; requirements rated in a year, marked, self-rated, tested."""
TESTS_ONE_IN = 2.2
HALO, NOISE, MARKER_NOISE = 0.5, 0.6, 0.5
DAYS = 730
SUPERVISED = 0.15
ZONE = dt.timezone(dt.timedelta(hours=5, minutes=30))


@dataclass(frozen=True)
class Shown:
    """One row for the ledger. `level` is on the scale; `observer` None is the person's own word."""

    person: int
    competency: str
    source: str
    at: dt.datetime
    key: str
    level: float
    answers: int = 1
    observer: int | None = None
    instrument: str = ""
    body: str = ""


@dataclass(frozen=True)
class Sat:
    """One finished test: item keys in the order asked, the option chosen for each, and the time it took."""

    person: int
    competency: str
    started: dt.datetime
    items: tuple[str, ...]
    options: tuple[str, ...]
    milliseconds: tuple[int, ...]
    supervised: bool = False

    @property
    def finished(self) -> dt.datetime:
        """When the last answer was given."""
        return self.started + dt.timedelta(milliseconds=sum(self.milliseconds))


@dataclass(frozen=True)
class History:
    """Everything shown, and the people who showed nothing."""

    shown: tuple[Shown, ...]
    sat: tuple[Sat, ...]
    silent: frozenset[int]


class Showings:
    """Draws the history of one set of careers."""

    def __init__(
        self, timeline: Timeline, abilities: Abilities, *, today: dt.date, rng: np.random.Generator
    ) -> None:
        self.timeline, self.abilities, self.today, self.rng = timeline, abilities, today, rng
        people = len(abilities.theta)
        seats = [timeline.post(p, today) for p in range(people)]
        self.markers = [p for p, seat in enumerate(seats) if seat is not None and 11 <= seat.level <= 13]

    def draw(self, *, loud: Iterable[int], told: Iterable[int]) -> History:
        """The history of everyone; `loud` people are never silent, those `told` by hand are left out."""
        people = len(self.abilities.theta)
        spoken, left_out = set(loud), set(told)
        others = [p for p in range(people) if p not in spoken | left_out]
        silent = frozenset(self.rng.permutation(others)[: round(SILENT * people)].tolist())
        shown: list[Shown] = []
        sat: list[Sat] = []
        for person in range(people):
            if person in silent or person in left_out:
                continue
            post = self.timeline.post(person, self.today)
            for need in content.asked()[post.position] if post else ():
                shown += self._told(person, need.competency)
                if need.competency in content.TESTED and self.rng.random() < TESTED / TESTS_ONE_IN:
                    sat.append(self._sitting(person, need.competency))
        return History(tuple(shown), tuple(sat), silent)

    def _told(self, person: int, competency: str) -> Iterator[Shown]:
        theta = self.abilities.of(person, competency)
        for year in (0, 1):
            at = self._moment(person, DAYS // 2 * year + 5, DAYS // 2 * (year + 1))
            rater = self.timeline.supervisor(person, at.date()) if at else None
            if at and rater is not None and self.rng.random() < RATED:
                answers = int(self.rng.integers(1, 5))
                seen = theta + self.abilities.habit[rater] + self.rng.normal(0.0, HALO)
                yield self._row(
                    person, competency, "rating", at, seen, NOISE, rater, answers, "yearly review"
                )
        if self.rng.random() < MARKED and (at := self._moment(person, 10, DAYS)):
            yield from self._marked(person, competency, at, theta)
        if self.rng.random() < SAID and (at := self._moment(person, 5, DAYS)):
            seen = theta + 0.4 + self.rng.normal(0.0, 0.6)
            yield self._row(person, competency, "self_rating", at, seen, 0.0, None, 1, "own view")

    def _marked(self, person: int, competency: str, at: dt.datetime, theta: float) -> Iterator[Shown]:
        """A piece of work marked blind by two who are not above the person."""
        above = self.timeline.line(person, at.date()) | {person}
        chosen = [m for m in self.rng.choice(self.markers, size=8, replace=False).tolist() if m not in above][
            :2
        ]
        for marker in chosen:
            yield self._row(
                person, competency, "work_product", at, theta, MARKER_NOISE, marker, 1, "rubric/1"
            )

    def _row(
        self, person: int, competency: str, source: str, at: dt.datetime, seen: float, noise: float,
        observer: int | None, answers: int, instrument: str,
    ) -> Shown:  # fmt: skip
        # who works at a level stands between its cut and the next; 0 is below the first
        heard = np.searchsorted(content.CUTS, seen + self.rng.normal(0.0, noise, answers), side="right")
        body = self.timeline.post(person, at.date())
        return Shown(
            person, competency, source, at, f"{source}/{competency}/{at:%Y%m%d}/{observer}",
            round(float(heard.mean()), 2), answers, observer, instrument, body.body if body else "",
        )  # fmt: skip

    def _sitting(self, person: int, competency: str) -> Sat:
        """A test of six to nine questions round the person's ability, answered as the model says."""
        at = self._moment(person, 8, DAYS) or self._time(self.today - dt.timedelta(days=9))
        theta = self.abilities.of(person, competency)
        pool = content.items(competency)
        near = np.array([abs(item["b"] - theta) + self.rng.gumbel(0.0, 0.8) for item in pool])
        chosen = [pool[i] for i in np.argsort(near)[: int(self.rng.integers(6, 10))].tolist()]
        return answered(
            person, competency, at, chosen, theta, self.rng, supervised=bool(self.rng.random() < SUPERVISED)
        )

    def _moment(self, person: int, least: int, most: int) -> dt.datetime | None:
        """A working hour between `least` and `most` days ago, two months after the first day at the earliest."""
        days = int(self.rng.integers(least, most))
        day = self.today - dt.timedelta(days=days)
        if day < self.timeline.first_day(person) + dt.timedelta(days=60):
            return None
        return self._time(day)

    def _time(self, day: dt.date) -> dt.datetime:
        seconds = int(self.rng.integers(10 * 3600, 17 * 3600))
        return dt.datetime.combine(day, dt.time(), ZONE) + dt.timedelta(seconds=seconds)


def answered(
    person: int,
    competency: str,
    started: dt.datetime,
    items: Sequence[dict[str, Any]],
    theta: float,
    rng: np.random.Generator,
    *,
    supervised: bool = False,
    right: Sequence[bool] | None = None,
) -> Sat:
    """A sitting with answers drawn from the two-parameter logistic model, or as `right` says."""
    options, times = [], []
    for place, item in enumerate(items):
        chance = 1.0 / (1.0 + np.exp(-item["a"] * (theta - item["b"])))
        correct = bool(rng.random() < chance) if right is None else right[place]
        wrong = [option["key"] for option in item["options"] if option["key"] != item["right"]]
        options.append(item["right"] if correct else wrong[int(rng.integers(len(wrong)))])
        times.append(int(rng.lognormal(10.6, 0.35)))
    keys = tuple(item["key"] for item in items)
    return Sat(person, competency, started, keys, tuple(options), tuple(times), supervised)
