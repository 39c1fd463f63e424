"""Needs: what the post requires less what the evidence shows, weighted by how much the requirement counts."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from scipy.special import ndtr

from karmayogi.competency import gaps
from karmayogi.competency.gaps import Gap
from karmayogi.science.irt import Floats

SQRT_2PI = float(np.sqrt(2.0 * np.pi))


@dataclass(frozen=True, slots=True)
class Need:
    """One requirement that is not met, or not sure yet.

    `chance_of_gap`: P(ability below the cut). `size`: expected shortfall E[max(0, cut - ability)] in logits, above 0
    even where the estimate lies over the cut. `value`: where on the level scale the estimate stands, beside `level`.
    """

    person: UUID
    competency: UUID
    key: str
    name: str
    statement: str
    chance_of_gap: float
    weight: float
    size: float
    level: int
    value: float
    essential: bool

    @property
    def urgency(self) -> float:
        """What closing it is worth: `weight` times `size`."""
        return self.weight * self.size


def of(people: Iterable[UUID], *, on: dt.date) -> dict[UUID, list[Need]]:
    """person -> needs of the post held on the day, the most urgent first; who has none is absent."""
    return of_gaps(gap for found in gaps.of(people, on=on).values() for gap in found)


def of_gaps(found: Iterable[Gap]) -> dict[UUID, list[Need]]:
    """The same from gaps already read, e.g. against another post; set-based."""
    open_gaps = [gap for gap in found if gap.statement != "met"]
    sizes = shortfall(
        np.array([g.mean for g in open_gaps]),
        np.array([g.sd for g in open_gaps]),
        np.array([g.cut for g in open_gaps]),
    )
    needs: dict[UUID, list[Need]] = {}
    for gap, size in zip(open_gaps, sizes.tolist(), strict=True):
        needs.setdefault(gap.person, []).append(_need(gap, size))
    return {person: sorted(held, key=lambda n: (-n.urgency, n.key)) for person, held in needs.items()}


def shortfall(means: Floats, sds: Floats, cuts: Floats) -> Floats:
    """E[max(0, cut - ability)] in logits for normal estimates: sd * (u Phi(u) + phi(u)), u = (cut - mean) / sd."""
    distance = cuts - means
    spread = np.maximum(sds, 1e-9)
    u = distance / spread
    worth: Floats = np.maximum(distance * ndtr(u) + spread * np.exp(-(u**2) / 2.0) / SQRT_2PI, 0.0)
    return worth


def _need(gap: Gap, size: float) -> Need:
    return Need(
        person=gap.person, competency=gap.competency, key=gap.key, name=gap.name, statement=str(gap.statement),
        chance_of_gap=1.0 - gap.chance, weight=gap.weight, size=size, level=gap.level, value=gap.value,
        essential=gap.essential,
    )  # fmt: skip
