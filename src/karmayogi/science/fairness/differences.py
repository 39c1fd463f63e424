"""Differences between groups in what they can do, freed of what a short test gets wrong.

Scores with error spread wider than abilities, so a difference in sds of scores is too small; estimates shrunk to a
common mean bring groups together that are apart. Both are undone here.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from karmayogi.science.irt import GRID, Floats, Ints, weights_of

SETTLED = 1e-8


class GroupsCannotBeCompared(ValueError):
    """Scores or groups that allow no comparison; the message says what to mend."""


@dataclass(frozen=True)
class TrueScoreDifference:
    """Focal groups [F] against the reference, in sds of the groups pooled, with intervals [F, 2].

    `observed` is the standardised difference of scores (focal - reference, Hedges & Olkin 1985), `corrected` the
    same in sds of true scores: observed / sqrt(reliability).
    """

    focal: Ints
    observed: Floats
    observed_interval: Floats
    corrected: Floats
    corrected_interval: Floats


@dataclass(frozen=True)
class LatentDifference:
    """Abilities of every group [G]: mean, sd and standard errors in logits, without shrinkage to a common mean.

    `difference` = mean - reference mean with its `difference_se` and interval [G, 2]; `standardised` in sds pooled
    over the two groups. The reference row is 0. `converged` [G] is False where a group's maximum was not reached.
    """

    groups: Ints
    mean: Floats
    mean_se: Floats
    sd: Floats
    sd_se: Floats
    difference: Floats
    difference_se: Floats
    interval: Floats
    standardised: Floats
    converged: NDArray[np.bool_]


def true_score_difference(
    scores: Floats,
    group: NDArray[np.generic],
    *,
    reliability: float,
    reference: int = 0,
    confidence: float = 0.95,
) -> TrueScoreDifference:
    """Standardised differences [F] with and without measurement error, from scores [N] and their reliability.

    `reliability` in (0, 1] is that within groups, taken as known. Raises GroupsCannotBeCompared.
    """
    values, focal = _checked(scores, group, reference)
    if not 0.0 < reliability <= 1.0:
        raise GroupsCannotBeCompared(f"Reliability {reliability} is not in (0, 1]. Estimate it first.")
    groups = np.asarray(group)
    base = values[groups == reference]
    z = _width(confidence)
    observed, se = np.empty(len(focal)), np.empty(len(focal))
    for place, other in enumerate(focal):
        here = values[groups == other]
        n, m = len(here), len(base)
        if min(n, m) < 2:
            raise GroupsCannotBeCompared("Each group needs two people at least to have a spread.")
        pooled = (here.var(ddof=1) * (n - 1) + base.var(ddof=1) * (m - 1)) / (n + m - 2)
        if pooled == 0.0:
            raise GroupsCannotBeCompared(
                "All scores within the groups are the same, so there is no sd to count in."
            )
        observed[place] = (here.mean() - base.mean()) / np.sqrt(pooled)
        se[place] = np.sqrt(1.0 / n + 1.0 / m + observed[place] ** 2 / (2.0 * (n + m)))
    around = np.stack([observed - z * se, observed + z * se], axis=1)
    root = np.sqrt(reliability)
    return TrueScoreDifference(focal, observed, around, observed / root, around / root)


def _width(confidence: float) -> float:
    """Standard normal quantile of a two-sided interval."""
    if not 0.0 < confidence < 1.0:
        raise GroupsCannotBeCompared(f"A confidence lies between 0 and 1, as 0.95 does, not at {confidence}.")
    return float(ndtri(0.5 + confidence / 2.0))


def _checked(scores: Floats, group: NDArray[np.generic], reference: int) -> tuple[Floats, Ints]:
    values, groups = np.asarray(scores, dtype=np.float64), np.asarray(group)
    if values.ndim != 1 or groups.shape != values.shape or groups.dtype.kind not in "iub":
        raise GroupsCannotBeCompared("Hand over one score and one group, a whole number, per person.")
    if not np.isfinite(values).all():
        raise GroupsCannotBeCompared("Scores hold NaN or infinity. Leave these people out.")
    present = np.unique(groups.astype(np.int64))
    if reference not in present or len(present) < 2:
        raise GroupsCannotBeCompared(f"The groups are {present.tolist()}; name a reference and one more.")
    return values, present[present != reference]


def latent_difference(
    log_likelihoods: Floats,
    group: NDArray[np.generic],
    *,
    reference: int = 0,
    confidence: float = 0.95,
    grid: Floats = GRID,
    most_iterations: int = 2000,
) -> LatentDifference:
    """Means and sds of abilities of every group, straight from what the answers say (Mislevy 1984).

    `log_likelihoods` [N, Q] on `grid` are those of `irt.log_likelihoods`, or of estimates with their errors by
    `pooling.normal_log_likelihoods`. Each group is normal; its mean and sd are fitted by EM to the sum over all
    abilities a person may have, so nothing is shrunk. Standard errors come from the cross-products of the people's
    scores. Item parameters count as known. Raises GroupsCannotBeCompared.
    """
    rows = np.asarray(log_likelihoods, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] != len(grid):
        raise GroupsCannotBeCompared(
            f"Log-likelihoods have shape {rows.shape}; they need a column per grid point."
        )
    _checked(rows.sum(axis=1), group, reference)
    groups = np.unique(np.asarray(group).astype(np.int64))
    fits = np.array([_normal_group(rows[np.asarray(group) == one], grid, most_iterations) for one in groups])
    mean, sd, mean_se, sd_se, converged = fits.T
    base = int(np.flatnonzero(groups == reference)[0])
    difference, other = mean - mean[base], np.arange(len(groups)) != base
    se = np.hypot(mean_se, mean_se[base]) * other
    z = _width(confidence)
    interval = np.stack([difference - z * se, difference + z * se], axis=1)
    pooled = np.sqrt((np.square(sd) + sd[base] ** 2) / 2.0)
    return LatentDifference(
        groups, mean, mean_se, sd, sd_se, difference, se, interval, difference / pooled, converged == 1.0
    )


def _normal_group(rows: Floats, grid: Floats, most: int) -> tuple[float, float, float, float, float]:
    """Mean, sd, their standard errors and 1 if converged, of one group."""
    if len(rows) < 2:
        raise GroupsCannotBeCompared("Each group needs two people at least to have a spread.")
    mean, variance, converged = 0.0, 1.0, False
    spread_least = (grid[1] - grid[0]) ** 2
    for _ in range(most):
        weights = weights_of(rows - np.square(grid - mean) / (2.0 * variance))
        first = weights @ grid
        second = weights @ np.square(grid)
        found = float(first.mean())
        wide = max(float(second.mean()) - found**2, spread_least)
        moved = max(abs(found - mean), abs(wide - variance))
        mean, variance = found, wide
        if converged := moved < SETTLED:
            break
    by_mean = (first - mean) / variance
    by_sd = ((second - 2.0 * mean * first + mean**2) / variance - 1.0) / np.sqrt(variance)
    score = np.stack([by_mean, by_sd])
    covariance = np.linalg.pinv(score @ score.T, hermitian=True)
    inside = variance > spread_least
    return mean, float(np.sqrt(variance)), *np.sqrt(np.diag(covariance)), float(converged and inside)
