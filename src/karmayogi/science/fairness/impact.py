"""Adverse impact: does a selection pass one group by, and how sure is that with so few people?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from karmayogi.science.irt import Bools, Floats, Ints

FOUR_FIFTHS = 0.8


class SelectionCannotBeCompared(ValueError):
    """Counts of a selection that make no rates; the message says what to mend."""


@dataclass(frozen=True)
class AdverseImpact:
    """Selection rates of groups [G] against the reference group, with intervals [G, 2] of the confidence asked for.

    `rate` with Wilson's interval; `ratio` = rate / reference rate with Katz's logarithmic interval; `difference` =
    rate - reference rate with Newcombe's interval; `p` is Fisher's exact test, two-sided. `below_four_fifths` says
    ratio < 0.8; `flips_with_one` that it would not if one more of the group and one fewer of the reference had been
    selected, so that it rests on one person; `adverse` is below four fifths and p below 1 - confidence. The
    reference row has ratio 1, difference 0 and p 1.
    """

    reference: int
    rate: Floats
    rate_interval: Floats
    ratio: Floats
    ratio_interval: Floats
    difference: Floats
    difference_interval: Floats
    p: Floats
    below_four_fifths: Bools
    flips_with_one: Bools
    adverse: Bools


def adverse_impact(
    selected: ArrayLike, applied: ArrayLike, *, reference: int | None = None, confidence: float = 0.95
) -> AdverseImpact:
    """Rates, ratios and differences of groups [G], from how many applied and how many of them were selected.

    `reference` is the place of the group to compare with; None takes the one with the highest rate, as the four-fifths
    rule does (Uniform Guidelines 1978; ties: the larger, then the first); it must have somebody selected. Katz et al.
    (1978), with a half added to the counts of a pair that holds a 0, and to those selected and those not where all of
    a group were; Wilson (1927); Newcombe (1998, method 10). Raises SelectionCannotBeCompared.
    """
    chosen, people = _counts(selected, applied)
    rate = chosen / people
    best = int(np.lexsort((-people, -rate))[0]) if reference is None else reference
    if not 0 <= best < len(people):
        raise SelectionCannotBeCompared(
            f"There is no group {reference}. Name a place from 0 to {len(people) - 1}."
        )
    if chosen[best] == 0.0:
        raise SelectionCannotBeCompared(
            f"Nobody of the reference group {best} was selected, so no ratio exists. Name another reference."
        )
    z = _width(confidence)
    interval = wilson(chosen, people, confidence=confidence)
    ratio, ratio_interval = _katz(chosen, people, best, z)
    difference = rate - rate[best]
    # Newcombe's squares: each rate's own interval, added up at right angles
    low, high = rate - interval[:, 0], interval[:, 1] - rate
    below = difference - np.hypot(low, high[best])
    above = difference + np.hypot(high, low[best])
    p = np.array([_exact(chosen, people, group, best) for group in range(len(people))])
    short = (ratio < FOUR_FIFTHS) & (np.arange(len(people)) != best)
    one_more = np.minimum(chosen + 1.0, people) / people
    one_fewer = max(chosen[best] - 1.0, 0.0) / people[best]
    flips = short & (one_more >= FOUR_FIFTHS * one_fewer)
    difference_interval = np.stack([below, above], axis=1)
    difference_interval[best] = 0.0
    adverse = short & (p < 1.0 - confidence)
    return AdverseImpact(
        best, rate, interval, ratio, ratio_interval, difference, difference_interval, p, short, flips, adverse
    )


def wilson(successes: ArrayLike, trials: ArrayLike, *, confidence: float = 0.95) -> Floats:
    """Wilson's (1927) score interval [..., 2] of a share; trials above 0. Raises SelectionCannotBeCompared."""
    hits, n = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    z = _width(confidence)
    share, slack = hits / n, z**2 / n
    middle = (share + slack / 2.0) / (1.0 + slack)
    half = z / (1.0 + slack) * np.sqrt(share * (1.0 - share) / n + slack / (4.0 * n))
    low = np.where(hits == 0.0, 0.0, np.maximum(middle - half, 0.0))
    return np.stack([low, np.where(hits == n, 1.0, np.minimum(middle + half, 1.0))], axis=-1)


def _width(confidence: float) -> float:
    """Standard normal quantile of a two-sided interval."""
    if not 0.0 < confidence < 1.0:
        raise SelectionCannotBeCompared(
            f"A confidence lies between 0 and 1, as 0.95 does, not at {confidence}."
        )
    return float(ndtri(0.5 + confidence / 2.0))


def _counts(selected: ArrayLike, applied: ArrayLike) -> tuple[Floats, Floats]:
    chosen, people = np.asarray(selected, dtype=np.float64), np.asarray(applied, dtype=np.float64)
    if chosen.ndim != 1 or chosen.shape != people.shape or len(people) < 2:
        raise SelectionCannotBeCompared(
            "Hand over two counts for each of two groups or more: selected and applied."
        )
    if not (np.isfinite(chosen).all() and np.isfinite(people).all()):
        raise SelectionCannotBeCompared("Counts hold NaN or infinity. Hand over whole numbers.")
    if np.any(people < 1.0) or np.any(chosen < 0.0) or np.any(chosen > people):
        raise SelectionCannotBeCompared(
            "In every group somebody must have applied, and no more be selected than applied. Leave out empty groups."
        )
    if np.any(chosen != np.floor(chosen)) or np.any(people != np.floor(people)):
        raise SelectionCannotBeCompared("Counts must be whole numbers of people.")
    if not chosen.any():
        raise SelectionCannotBeCompared("Nobody was selected, so no rate can be compared.")
    return chosen, people


def _katz(chosen: Floats, people: Floats, best: int, z: float) -> tuple[Floats, Floats]:
    """Ratios of rates [G] and their intervals [G, 2]."""
    ratio = (chosen / people) / (chosen[best] / people[best])
    everybody = (chosen == people) | (chosen[best] == people[best])
    half = 0.5 * ((chosen == 0.0) | everybody)
    other = half + 0.5 * everybody  # else a group all of whom were selected would count as sure
    mine, all_mine = chosen + half, people + other
    theirs, all_theirs = chosen[best] + half, people[best] + other
    middle = np.log(mine / all_mine) - np.log(theirs / all_theirs)
    spread = z * np.sqrt(1.0 / mine - 1.0 / all_mine + 1.0 / theirs - 1.0 / all_theirs)
    interval = np.exp(np.stack([middle - spread, middle + spread], axis=1))
    interval[best] = 1.0
    interval[:, 0] = np.where(chosen == 0.0, 0.0, interval[:, 0])
    ratio[best] = 1.0
    return ratio, interval


def _exact(chosen: Floats, people: Floats, group: int, best: int) -> float:
    from scipy.stats import fisher_exact  # seconds to load, so only where it is used

    pair: Ints = np.array([group, best])
    if group == best:
        return 1.0
    table = np.stack([chosen[pair], people[pair] - chosen[pair]]).astype(np.int64)
    return float(fisher_exact(table).pvalue)
