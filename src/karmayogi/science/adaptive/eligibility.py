"""Item-eligibility exposure control: no item is shown in more than its cap of sittings (van der Linden & Veldkamp).

Before a sitting every item is drawn eligible or not. Its chance is cap * (sittings in which it was eligible) /
(sittings that showed it), at most 1: an item shown too often is eligible less often, one shown too rarely more often.
The chance is kept for each interval of ability apart, if the policy names any: of the sittings whose estimate was ever
in an interval, the cap at most see an item there. One number per item and sitting decides for all intervals.
Besides, no item is eligible while it was shown in more than cap * n of n sittings, over all or in the interval, so
that after n sittings none was shown in more than cap * n + 1 of them, by chance or otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from karmayogi.science.adaptive.choices import eligible
from karmayogi.science.adaptive.policies import Policy
from karmayogi.science.adaptive.uniforms import ELIGIBILITY, uniforms
from karmayogi.science.irt import Bools, Floats, Ints

Closed = tuple[tuple[int, ...], ...]
"""For each interval of ability, the items of the pool that are not eligible in a sitting, ascending."""


@dataclass(frozen=True, eq=False)
class Exposure:
    """What the sittings so far showed, in K intervals of ability; all int64.

    `shown` [K, I]: sittings that asked an item while the estimate was in an interval; `open` [K, I]: sittings whose
    estimate was there and for which the item was eligible there; `visits` [K]: sittings whose estimate was there.
    """

    shown: Ints
    open: Ints
    visits: Ints
    sittings: int

    @property
    def shares(self) -> Floats:
        """Share of all sittings that showed each item, [I]; 0 before the first."""
        return np.asarray(self.shown.sum(0) / max(self.sittings, 1))


def none_yet(items: int, policy: Policy) -> Exposure:
    """The exposure before the first sitting."""
    intervals = len(policy.intervals) + 1
    return Exposure(
        np.zeros((intervals, items), np.int64),
        np.zeros((intervals, items), np.int64),
        np.zeros(intervals, np.int64),
        0,
    )


def chances(exposure: Exposure, *, cap: float) -> Floats:
    """Chance of each item to be eligible in the next sitting, [K, I] in [0, 1]."""
    shown = exposure.shown
    asked = np.divide(cap * np.maximum(exposure.open, 1), shown, out=np.ones(shown.shape), where=shown > 0)
    held: Bools = eligible(shown.sum(0), exposure.sittings, cap=cap)
    there = shown <= cap * exposure.visits[:, None]
    return np.asarray(np.minimum(asked, 1.0) * held * there)


def closed(exposure: Exposure, policy: Policy, *, seed: int) -> Closed:
    """Which items are not eligible in the sitting with this seed, for each interval of ability."""
    if policy.cap >= 1.0:
        return ()
    drawn = uniforms(seed, ELIGIBILITY, np.arange(exposure.shown.shape[1]))
    return tuple(tuple(np.flatnonzero(drawn >= row).tolist()) for row in chances(exposure, cap=policy.cap))


def after(
    exposure: Exposure, policy: Policy, *, asked: Sequence[int], means: Sequence[float], closed: Closed
) -> Exposure:
    """The exposure after a sitting that asked these items at these estimates, with what was closed in it."""
    shown, was_open, visits = exposure.shown.copy(), exposure.open.copy(), exposure.visits.copy()
    places = [interval_of(mean, policy) for mean in means]
    shown[places, list(asked)] += 1
    for place in set(places):
        visits[place] += 1
        was_open[place] += 1
        if closed:
            was_open[place, list(closed[place])] -= 1
    return Exposure(shown, was_open, visits, exposure.sittings + 1)


def interval_of(mean: float, policy: Policy) -> int:
    """Index of the interval of ability in which a mean lies; a boundary belongs to the upper one."""
    return int(np.searchsorted(np.array(policy.intervals), mean, side="right"))
