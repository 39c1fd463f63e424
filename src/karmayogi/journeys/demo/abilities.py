"""What the invented officials really can do: known here, and nowhere in the product."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from karmayogi.journeys.demo.bodies import top
from karmayogi.journeys.demo.content import Asked
from karmayogi.journeys.demo.posts import DemoPost

FOLLOWS, LIFT, SPREAD, OWN_SPREAD = 0.6, 0.3, 0.75, 0.4
"""Abilities follow what the seat asks by this share of its cut score, lie this much higher, and spread so much.

In logits. With them abilities over all seats are close to the cohort N(0, 1) that estimates start from.
"""
ELSEWHERE, ELSEWHERE_SPREAD = -0.6, 0.8
BODY_SPREAD = 0.3
HABIT = 0.35
"""Logits: the spread of how lenient or severe supervisors are."""
EDGE = 3.2


@dataclass(frozen=True)
class Abilities:
    """`theta` [people, competencies] and `habit` [people] in logits; `order` names the columns."""

    theta: NDArray[np.float64]
    habit: NDArray[np.float64]
    order: tuple[str, ...]

    def of(self, person: int, competency: str) -> float:
        """One ability in logits."""
        return float(self.theta[person, self.order.index(competency)])


def draw(
    seats: Sequence[DemoPost],
    *,
    asked: Mapping[str, Sequence[Asked]],
    cuts: Sequence[float],
    competencies: Sequence[str],
    rng: np.random.Generator,
) -> Abilities:
    """Abilities of the holders of `seats` (one per person), higher where the seat asks for more."""
    bodies = sorted({post.body for post in seats})
    tops = sorted({top(body) for body in bodies})
    by_top = dict(zip(tops, rng.normal(0.0, BODY_SPREAD, len(tops)).tolist(), strict=True))
    by_body = dict(zip(bodies, rng.normal(0.0, BODY_SPREAD / 2, len(bodies)).tolist(), strict=True))
    column = {key: place for place, key in enumerate(competencies)}
    theta = rng.normal(ELSEWHERE, ELSEWHERE_SPREAD, (len(seats), len(competencies)))
    own = rng.normal(0.0, OWN_SPREAD, len(seats))
    single = rng.normal(0.0, SPREAD, theta.shape)
    for person, post in enumerate(seats):
        lift = LIFT + by_top[top(post.body)] + by_body[post.body] + own[person]
        for need in asked[post.position]:
            place = column[need.competency]
            theta[person, place] = FOLLOWS * cuts[need.level - 1] + lift + single[person, place]
    return Abilities(np.clip(theta, -EDGE, EDGE), rng.normal(0.0, HABIT, len(seats)), tuple(competencies))
