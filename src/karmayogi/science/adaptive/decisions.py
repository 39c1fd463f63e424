"""One step of an adaptive test: where it stands, whether it stops, which item comes next, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from karmayogi.science import irt, levels
from karmayogi.science.adaptive import curves
from karmayogi.science.adaptive.designs import SAME, Design
from karmayogi.science.adaptive.eligibility import Closed, interval_of
from karmayogi.science.adaptive.policies import Policy, Rule
from karmayogi.science.adaptive.uniforms import CHOICE, uniforms
from karmayogi.science.irt import GRID, Bools, Floats, Ints


class Why(StrEnum):
    """What a step rests on: the first three choose an item, the others end the sitting."""

    BEST = "best"
    """The item worth most of those that may be asked."""
    AMONG_BEST = "among-best"
    """One of the few worth most, drawn by the seed."""
    DRAWN = "drawn"
    """Drawn by the seed alone."""
    PRECISE = "precise"
    CLASSIFIED = "classified"
    LONGEST = "longest"
    NO_ITEM_LEFT = "no-item-left"


STOPS = (Why.PRECISE, Why.CLASSIFIED, Why.LONGEST, Why.NO_ITEM_LEFT)


class Lifted(StrEnum):
    """A limit that was put aside for a step, because no item kept all of them."""

    EXPOSURE = "exposure"
    LEAST = "least"


@dataclass(frozen=True)
class Decision:
    """A step after `step` answers: the estimate, the item to ask or None at the end, and why.

    `mean` and `sd` are in logits, rounded to six decimals. For an item: `open` items could have been asked, it was
    number `rank` of them by worth, `worth` is that value (ten decimals), and `owed` names the areas whose least
    number made it come from them. For an end by classification `level` is the number of cuts passed.
    """

    step: int
    mean: float
    sd: float
    why: Why
    item: int | None = None
    open: int = 0
    rank: int = 0
    worth: float = 0.0
    owed: tuple[str, ...] = ()
    lifted: tuple[Lifted, ...] = ()
    level: int | None = None


def decide(
    design: Design, *, seed: int, closed: Closed, asked: Sequence[int], right: Sequence[bool]
) -> Decision:
    """The step that follows these answers. The same arguments give the same decision, wherever it is made."""
    policy, done = design.policy, np.array(asked, dtype=np.int64)
    weights = _posterior(design, done, np.array(right, dtype=np.bool_))
    mean, sd = (float(np.rint(value * 1e6) / 1e6 + 0.0) for value in irt.moments(weights))
    why, level = _end(policy, mean, sd, len(done))
    if why is not None:
        return Decision(len(done), mean, sd, why, level=level)
    worth, eligible = worths(design, weights, mean), np.ones(len(design.pool), dtype=np.bool_)
    if closed:
        eligible[list(closed[interval_of(mean, policy)])] = False
    if policy.shadow:
        found, owed, lifted = _of_shadow_test(design, done, eligible, worth)
    else:
        found, owed, lifted = _step_by_step(design, done, eligible)
    if not found.any():
        return Decision(len(done), mean, sd, Why.NO_ITEM_LEFT)
    ranked = np.flatnonzero(_balanced(design, done, found))
    ranked = ranked[np.argsort(-worth[ranked], kind="stable")]
    few = len(ranked) if policy.rule is Rule.RANDOM else min(policy.top, len(ranked))
    rank = int(uniforms(seed, CHOICE, len(done)) * few)
    item, why = int(ranked[rank]), _reason(policy)
    return Decision(len(done), mean, sd, why, item, len(ranked), rank + 1, float(worth[item]), owed, lifted)


def _reason(policy: Policy) -> Why:
    if policy.rule is Rule.RANDOM:
        return Why.DRAWN
    return Why.BEST if policy.top == 1 else Why.AMONG_BEST


def _posterior(design: Design, asked: Ints, right: Bools) -> Floats:
    log_right, log_wrong = design.log_chances
    answers = np.where(right[:, None], log_right[asked], log_wrong[asked]).sum(axis=0)
    return irt.weights_of(design.log_prior + answers)


def node_of(mean: float) -> int:
    """Index of the grid point nearest to a mean."""
    return int(np.clip(np.rint((mean - GRID[0]) * 10.0), 0, len(GRID) - 1))


def worths(design: Design, weights: Floats, mean: float) -> Floats:
    """What each item is worth by the policy's rule at this step, [I], from the posterior weights [Q] and their mean."""
    rule, node = design.policy.rule, node_of(mean)
    if rule is Rule.RANDOM:
        return np.zeros(len(design.pool))
    if rule is Rule.FISHER:
        worth = curves.information(GRID[node : node + 1], design.pool.items)[0]
    elif rule is Rule.POSTERIOR:
        worth = weights @ design.information
    else:
        worth = curves.global_information(weights, node, *design.log_chances)
    return np.asarray(np.round(worth, SAME))


def _end(policy: Policy, mean: float, sd: float, asked: int) -> tuple[Why | None, int | None]:
    if asked >= policy.shortest:
        if policy.precision is not None and sd <= policy.precision:
            return Why.PRECISE, None
        if (level := _class(policy, mean, sd)) is not None:
            return Why.CLASSIFIED, level
    return (Why.LONGEST, None) if asked >= policy.longest else (None, None)


def _class(policy: Policy, mean: float, sd: float) -> int | None:
    """How many cuts are passed, once each of them is decided and enough is known; else None."""
    if not policy.cuts or max(sd, 1e-6) ** -2 - policy.prior_sd**-2 < policy.least_information:
        return None
    chances = levels.chances(mean, sd, np.array(policy.cuts))
    passed = chances >= policy.sure - levels.ON_THE_LINE
    decided = passed | (chances <= 1.0 - policy.sure + levels.ON_THE_LINE)
    return int(passed.sum()) if decided.all() else None


Found = tuple[Bools, tuple[str, ...], tuple[Lifted, ...]]
"""Items that may be asked, the areas they had to come from, and the limits put aside so that there are any."""


def _step_by_step(design: Design, asked: Ints, eligible: Bools) -> Found:
    possible, owing = _possible(design, asked), _owing(design, asked)
    owed = np.ones(len(design.pool), dtype=np.bool_)
    for row, places in owing:
        owed &= np.isin(design.pool.codes[row], places)
    names = tuple(":".join(design.pool.places[place]) for _, places in owing for place in places)
    if (found := possible & eligible & owed).any():
        return found, names, ()
    if (found := possible & owed).any():
        return found, names, (Lifted.EXPOSURE,)
    if (found := possible & eligible).any():
        return found, (), (Lifted.LEAST,)
    return possible, (), (Lifted.EXPOSURE, Lifted.LEAST)


def _of_shadow_test(design: Design, asked: Ints, eligible: Bools, worths: Floats) -> Found:
    possible = _possible(design, asked)
    if (test := design.shadow_tests.best(worths, asked, possible & eligible)) is not None:
        return test, (), ()
    if (test := design.shadow_tests.best(worths, asked, possible)) is not None:
        return test, (), (Lifted.EXPOSURE,)
    return possible, (), (Lifted.EXPOSURE, Lifted.LEAST)


def _balanced(design: Design, asked: Ints, found: Bools) -> Bools:
    """Of `found` the items of the area furthest behind its share, if areas are balanced."""
    if design.balanced < 0:
        return found
    codes = design.pool.codes[design.balanced]
    present = np.unique(codes[found])
    behind = design.shares * (len(asked) + 1.0) - counts(design, asked)
    return np.asarray(found & (codes == present[np.argmax(behind[present])]))


def _possible(design: Design, asked: Ints) -> Bools:
    """Items not asked, not an enemy of one that was, and not of an area that is full."""
    pool = design.pool
    possible = np.ones(len(pool), dtype=np.bool_)
    possible[asked] = False
    for item in asked:
        possible[pool.rivals[item]] = False
    full = counts(design, asked) >= design.most
    for row in pool.codes:
        possible &= ~full[row]
    return possible


def _owing(design: Design, asked: Ints) -> list[tuple[int, Ints]]:
    """Attributes (by row) whose least numbers take every place left until the shortest length, and their areas."""
    places_left = design.policy.shortest - len(asked)
    owed = np.maximum(design.least - counts(design, asked), 0)
    found = []
    for row, codes in enumerate(design.pool.codes):
        own = np.unique(codes)
        if 0 < places_left <= owed[own].sum() and not owed[own].all():
            found.append((row, own[owed[own] > 0]))
    return found


def counts(design: Design, asked: Ints) -> Ints:
    """Items asked so far from each of `pool.places`."""
    return np.asarray(
        np.bincount(design.pool.codes[:, asked].ravel(), minlength=len(design.pool.places)).astype(np.int64)
    )
