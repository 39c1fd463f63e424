"""What a cut would do: how many would reach it, and how sure the decisions would be."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from karmayogi.science.fairness.impact import wilson
from karmayogi.science.irt import Floats
from karmayogi.science.standard_setting.judged import JudgementsCannotBeUsed


@dataclass(frozen=True)
class Consequences:
    """For every cut [C]: the `share` of people at or above, with Wilson's interval [C, 2].

    `sure` is the share whose decision has a chance of at least 0.95 to be right, one way or the other, given their
    errors of measurement; NaN where none were handed in.
    """

    cuts: Floats
    share: Floats
    interval: Floats
    sure: Floats


def consequences(
    scores: ArrayLike, cuts: ArrayLike, *, errors: ArrayLike | None = None, confidence: float = 0.95
) -> Consequences:
    """Shares at or above each cut [C], of people with these scores [N] and, if known, standard errors [N].

    Hand over the cut and, say, one and two of its standard errors either way. Raises JudgementsCannotBeUsed.
    """
    values, lines = np.asarray(scores, dtype=np.float64), np.atleast_1d(np.asarray(cuts, dtype=np.float64))
    if values.ndim != 1 or not values.size or not (np.isfinite(values).all() and np.isfinite(lines).all()):
        raise JudgementsCannotBeUsed("Scores and cuts must be finite numbers, one score per person at least.")
    reached = (values >= lines[:, None]).sum(axis=1)
    sure = np.full(len(lines), np.nan)
    if errors is not None:
        spread = np.asarray(errors, dtype=np.float64)
        if spread.shape != values.shape or not np.isfinite(spread).all() or np.any(spread <= 0.0):
            raise JudgementsCannotBeUsed("Hand over one error above 0 per score, or none at all.")
        above = ndtr((values - lines[:, None]) / spread)
        sure = (np.maximum(above, 1.0 - above) >= 0.95).mean(axis=1)
    interval = wilson(reached, len(values), confidence=confidence)
    return Consequences(lines, reached / len(values), interval, sure)
