"""Modified Angoff: judges say for each item how many of a hundred borderline people would get it right."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from karmayogi.science.irt import Floats
from karmayogi.science.standard_setting.judged import JudgementsCannotBeUsed, checked_ratings


@dataclass(frozen=True)
class AngoffCut:
    """One round: `cut` is the expected raw score of a borderline person, with `judge_cuts` [J] and `item_means` [I].

    Variance components of a rating: `judge_variance`, `item_variance`, `rest_variance` (judge by item and chance). `se`
    is the cut's standard error over other judges on these items, `se_items` over other judges and other items.
    `generalizability` (items in the judges' order) and `dependability` (the items' level as well) say how well the
    panel tells items apart (Brennan 2001). `judge_leniency` [J] is judge_cut - cut: below 0 asks less.
    """

    cut: float
    judge_cuts: Floats
    item_means: Floats
    judge_leniency: Floats
    judge_variance: float
    item_variance: float
    rest_variance: float
    se: float
    se_items: float
    generalizability: float
    dependability: float

    def se_with(self, *, judges: int, items: int, items_fixed: bool = True) -> float:
        """The standard error a panel of other size would have, of the cut on a test of `items` items."""
        return _error(self.judge_variance, self.item_variance, self.rest_variance, judges, items, items_fixed)


def angoff(ratings: ArrayLike, *, most: ArrayLike = 1.0) -> AngoffCut:
    """The cut of one round from ratings [J, I] in [0, `most`] (Angoff 1971; errors as in Brennan & Lockwood 1980).

    `most` is the highest score of an item, one number or [I]. Components come from the two-way analysis of variance,
    those below 0 set to 0. Raises JudgementsCannotBeUsed.
    """
    given = checked_ratings(ratings, most=np.asarray(most, dtype=np.float64))
    judges, items = given.shape
    by_judge, by_item = given.mean(axis=1), given.mean(axis=0)
    rest = given - by_judge[:, None] - by_item + given.mean()
    of_judges, of_items = items * by_judge.var(ddof=1), judges * by_item.var(ddof=1)
    of_rest = float(np.square(rest).sum() / ((judges - 1) * (items - 1)))
    judge_variance = max(float(of_judges - of_rest) / items, 0.0)
    item_variance = max(float(of_items - of_rest) / judges, 0.0)
    relative, absolute = of_rest / judges, (judge_variance + of_rest) / judges
    cuts = given.sum(axis=1)
    cut = float(cuts.mean())
    return AngoffCut(
        cut=cut,
        judge_cuts=cuts,
        item_means=by_item,
        judge_leniency=cuts - cut,
        judge_variance=judge_variance,
        item_variance=item_variance,
        rest_variance=of_rest,
        se=float(np.sqrt(of_judges / (items * judges))) * items,
        se_items=_error(judge_variance, item_variance, of_rest, judges, items, False),
        generalizability=_share(item_variance, relative),
        dependability=_share(item_variance, absolute),
    )


def angoff_rounds(rounds: ArrayLike, *, most: ArrayLike = 1.0) -> list[AngoffCut]:
    """The cut of every round, from ratings [R, J, I]; the last one stands, the others show how talk moved the panel."""
    given = np.asarray(rounds, dtype=np.float64)
    if given.ndim != 3 or not len(given):
        raise JudgementsCannotBeUsed(
            f"Ratings have shape {given.shape}; rounds need [rounds, judges, items]."
        )
    return [angoff(one, most=most) for one in given]


def _error(judge: float, item: float, rest: float, judges: int, items: int, items_fixed: bool) -> float:
    """Standard error of the sum over items of mean ratings."""
    variance = judge / judges + rest / (judges * items) + (0.0 if items_fixed else item / items)
    return float(np.sqrt(variance)) * items


def _share(true: float, error: float) -> float:
    return true / (true + error) if true + error > 0.0 else float("nan")
