"""Abilities from ratings of raters who are known, and what each of them said as a message for pooling."""

from dataclasses import dataclass

import numpy as np
from scipy.special import log_expit

from karmayogi.science.irt import GRID, Floats, Ints
from karmayogi.science.raters.calibration import Calibration
from karmayogi.science.raters.design import Design, Ratings
from karmayogi.science.raters.fitting import grid_for, problem_of
from karmayogi.science.raters.information import looked, unsure_raters
from karmayogi.science.raters.model import Parameters
from karmayogi.science.raters.quadrature import REACH
from karmayogi.science.raters.refusals import RatersNotIdentified, RatingsMalformed

AT_ONCE = 2_000
"""Pairs whose ratings are on the grid at a time."""


@dataclass(frozen=True)
class Said:
    """One row per rater on a ratee on an occasion [P], by ratee, rater, occasion: the log-likelihood on irt.GRID of all
    they said, the halo integrated out; largest value 0. `pair` [E]: the row each rating went into.
    """

    ratee: Ints
    rater: Ints
    occasion: Ints
    log_likelihood: Floats
    pair: Ints


def log_likelihoods(ratings: Ratings, calibration: Calibration) -> Said:
    """What each rater said of each ratee, ready for `pooling.pool` with ratees as groups; exact, not a normal.

    Abilities are in the calibration's logits: pool with a cohort of its `mean` and `spread`. Raises
    RatersNotIdentified, and RatingsMalformed for criteria or categories that were not calibrated.
    """
    at, design = readable(ratings, calibration), Design.of(ratings)
    wide = int(np.ceil(REACH * at.halo_sd / (GRID[1] - GRID[0]))) + 1
    steps = max(1, int(np.ceil((GRID[1] - GRID[0]) / max(at.halo_sd, 0.02))))
    fine = (GRID[1] - GRID[0]) / steps
    v = GRID[0] + fine * np.arange(-wide * steps, (len(GRID) - 1 + wide) * steps + 1)
    kernel = np.exp(-np.square((v - GRID[:, None]) / max(at.halo_sd, 1e-3 * fine)) / 2.0)
    kernel /= kernel.sum(axis=1, keepdims=True)
    pairs = len(design.pair_rater)
    said = np.empty((pairs, len(GRID)))
    for first in range(0, pairs, AT_ONCE):
        last = min(first + AT_ONCE, pairs)
        rows = np.arange(design.pair_start[first], design.pair_start[last])
        rater = np.repeat(design.pair_rater[first:last], np.diff(design.pair_start[first : last + 1]))
        each = _log_chances(
            at, design.criterion[rows], design.category[rows], v - at.severity[rater][:, None]
        )
        joint = np.add.reduceat(each, design.pair_start[first:last] - rows[0], axis=0)
        top = joint.max(axis=1, keepdims=True)
        said[first:last] = np.log(np.exp(joint - top) @ kernel.T)
    pair = np.empty(len(ratings.ratee), dtype=np.int64)
    pair[design.rating_order] = np.repeat(np.arange(pairs), np.diff(design.pair_start))
    said -= said.max(axis=1, keepdims=True)
    return Said(design.pair_ratee, design.pair_rater, design.pair_occasion, said, pair)


def score(ratings: Ratings, calibration: Calibration) -> tuple[Floats, Floats]:
    """Expected a posteriori abilities and their sds [N] from ratings by raters of a calibration, in its logits.

    The sds hold what the errors of severities add. Ratees without ratings are NaN. Raises RatersNotIdentified, and
    RatingsMalformed for criteria or categories that were not calibrated. Compiled: for jobs, not for pages.
    """
    at = readable(ratings, calibration)
    problem = problem_of(ratings, at)
    seen = looked(problem, at, grid_for(problem, at))
    variance = seen.variance + unsure_raters(problem, seen, np.nan_to_num(calibration.se_severity))
    rated = np.diff(problem.design.ratee_start) > 0
    return np.where(rated, seen.mean, np.nan), np.where(rated, np.sqrt(variance), np.nan)


def readable(ratings: Ratings, calibration: Calibration) -> Parameters:
    """The calibration's parameters, if it can read the ratings; severities of raters who gave none may be anything."""
    gave = np.unique(ratings.rater)
    if gave[-1] >= len(calibration.severity):
        raise RatersNotIdentified(gave[gave >= len(calibration.severity)].tolist())
    if unknown := gave[np.isnan(calibration.severity[gave])].tolist():
        raise RatersNotIdentified(unknown)
    cells = np.isfinite(calibration.thresholds)
    if ratings.criterion.max() >= len(cells) or np.any(
        ratings.category > cells.sum(axis=1)[ratings.criterion]
    ):
        raise RatingsMalformed("Some criteria or categories were not calibrated. Calibrate them first.")
    return calibration.parameters


def _log_chances(at: Parameters, criterion: Ints, category: Ints, u: Floats) -> Floats:
    """Log chance [E, V] of each category at u = ability + halo - severity."""
    edges = np.pad(at.thresholds, ((0, 0), (1, 1)), constant_values=np.nan)
    lower, upper = edges[criterion, category][:, None], edges[criterion, category + 1][:, None]
    first, last = np.isnan(lower), np.isnan(upper)
    reached = np.where(first, 0.0, log_expit(u - np.where(first, 0.0, lower)))
    not_passed = np.where(last, 0.0, log_expit(np.where(last, 0.0, upper) - u))
    gap = np.where(first | last, np.inf, upper - lower)
    return np.asarray(reached + not_passed + np.log(-np.expm1(-gap)))
