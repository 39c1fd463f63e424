"""Who took which course of the demonstration in the last two years, and how far they came."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from karmayogi.journeys.demo import content
from karmayogi.journeys.demo.posts import DemoPost
from karmayogi.journeys.demo.showings import ZONE

ENROLLED, FINISHED = 0.32, 0.62
BY_HAND = {
    "meenakshi": (("noting-drafting", 210, 1.0), ("tender-evaluation", 12, 0.0)),
    "devidas": (("grievance-handling", 40, 0.45),),
    "nandini": (("noting-drafting", 300, 1.0),),
    "arvind": (("noting-drafting", 420, 1.0),),
}
"""persona -> (course, days ago, share of its pages done)."""


@dataclass(frozen=True)
class Study:
    """An enrolment: `pages` of the course were done, one after another, from `began` on; `of` is how many it has."""

    person: int
    course: str
    began: dt.datetime
    pages: int
    of: int

    @property
    def whole(self) -> bool:
        """True if the course was done to its end."""
        return self.pages == self.of

    @property
    def ended(self) -> dt.datetime:
        """When the last page was done: over a week, as people do."""
        return self.began + dt.timedelta(days=1 + self.person % 6, minutes=35)


def draw(
    seats: Sequence[DemoPost], *, silent: frozenset[int], chosen: dict[str, int], today: dt.date,
    rng: np.random.Generator,
) -> list[Study]:  # fmt: skip
    """Studies of those whose post asks for what a course builds; the silent ones stay out."""
    sizes = {key: sum(len(m["pages"]) for m in content.course(key)["modules"]) for key in content.TESTED}
    found = []
    for key, entries in BY_HAND.items():
        found += [_study(chosen[key], course, days, share, sizes, today) for course, days, share in entries]
    by_hand = {chosen[key] for key in BY_HAND}
    for person, post in enumerate(seats):
        if person in silent or person in by_hand:
            continue
        for need in content.asked()[post.position]:
            if need.competency in sizes and rng.random() < ENROLLED:
                share = 1.0 if rng.random() < FINISHED else float(rng.uniform(0.0, 0.9))
                found.append(_study(person, need.competency, int(rng.integers(15, 700)), share, sizes, today))
    return found


def _study(person: int, course: str, days: int, share: float, sizes: dict[str, int], today: dt.date) -> Study:
    began = dt.datetime.combine(today - dt.timedelta(days=days), dt.time(15, 5), ZONE)
    return Study(person, course, began, round(share * sizes[course]), sizes[course])
