"""Whether a rater grew more severe or more lenient: severities by window, and a sum that shows the turn."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import kolmogorov
from scipy.stats import chi2

from karmayogi.science.irt import Floats, Ints
from karmayogi.science.raters.abilities import readable
from karmayogi.science.raters.calibration import Calibration
from karmayogi.science.raters.design import Ratings
from karmayogi.science.raters.fitting import grid_for, problem_of
from karmayogi.science.raters.information import looked
from karmayogi.science.raters.refusals import RatingsMalformed


@dataclass(frozen=True)
class RaterDrift:
    """Per rater [J], and window [J, W]: NaN where nothing was rated.

    `severity` and `se` by window, in logits. `statistic` is chi-square on `freedom` degrees if the rater was steady,
    `p_value` its tail. `cusum` is the largest distance of the running sum of surprises from a straight line, in units
    of its sd at the end; `cusum_p_value` its tail under a steady rater, `turned` the day at which it was reached.
    """

    severity: Floats
    se: Floats
    statistic: Floats
    freedom: Ints
    p_value: Floats
    cusum: Floats
    cusum_p_value: Floats
    turned: Floats


def drift(ratings: Ratings, calibration: Calibration, *, day: ArrayLike, edges: ArrayLike = ()) -> RaterDrift:
    """How each rater's severity moved over days [E], the days of the ratings.

    Windows are cut at `edges` (ascending; window w ends before edges[w]). Each window's severity is one scoring step
    (Rao 1948) from the rater's overall one, the rest of the model held as calibrated; what a rater says of a ratee in
    another window has another halo. The running sum is that of Page (1954), read as a Brownian bridge (Ploberger &
    Kramer 1992), so a steady rater is signalled as often as `cusum_p_value` says, or more rarely with few ratees.
    Signals are for people to review. Raises RatersNotIdentified and RatingsMalformed. Compiled: for jobs.
    """
    days, cuts = np.asarray(day, dtype=np.float64), np.asarray(edges, dtype=np.float64)
    if days.shape != ratings.ratee.shape or not np.all(np.isfinite(days)):
        raise RatingsMalformed("Give the day of each rating, as a number.")
    if cuts.ndim != 1 or np.any(np.diff(cuts) <= 0.0):
        raise RatingsMalformed("The edges of windows must rise.")
    windows = len(cuts) + 1
    window = np.searchsorted(cuts, days, side="right")
    turn = window if ratings.occasion is None else ratings.occasion * windows + window
    split = Ratings(
        ratings.ratee, ratings.rater, ratings.criterion, ratings.category, turn.astype(np.int64),
        ratings.raters, ratings.ratees, ratings.categories,
    )  # fmt: skip
    at = readable(split, calibration)
    problem = problem_of(split, at)
    seen = looked(problem, at, grid_for(problem, at))
    design, own = problem.design, seen.value[problem.design.own_couples()]
    cell = design.pair_rater * windows + design.pair_occasion % windows
    size = (len(at.severity), windows)
    score = (
        np.bincount(cell, weights=seen.score, minlength=size[0] * windows).reshape(size).astype(np.float64)
    )
    told = np.bincount(cell, weights=own, minlength=size[0] * windows).reshape(size).astype(np.float64)
    when = np.maximum.reduceat(days[design.rating_order], design.pair_start[:-1])
    return RaterDrift(
        *_by_window(at.severity, score, told), *_running(design.pair_rater, when, seen.score, own, size[0])
    )


def _by_window(severity: Floats, score: Floats, told: Floats) -> tuple[Floats, Floats, Floats, Ints, Floats]:
    """Severities, their errors, and the test that all windows have the same."""
    rated = told > 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        step = np.where(rated, score / told, np.nan)
        error = np.where(rated, told**-0.5, np.nan)
        middle = np.where(rated, score, 0.0).sum(axis=1) / np.where(rated, told, 0.0).sum(axis=1)
    away = np.where(rated, told * np.square(step - middle[:, None]), 0.0).sum(axis=1)
    freedom = np.maximum(rated.sum(axis=1) - 1, 0).astype(np.int64)
    tested = freedom > 0
    p_value = np.where(tested, chi2.sf(away, np.maximum(freedom, 1)), np.nan)
    return severity[:, None] + step, error, np.where(tested, away, np.nan), freedom, p_value


def _running(
    rater: Ints, when: Floats, score: Floats, told: Floats, raters: int
) -> tuple[Floats, Floats, Floats]:
    """Largest distance of each rater's running sum from a straight line, its tail, and the day."""
    peak, turned = np.full((2, raters), np.nan)
    order = np.lexsort((when, rater))
    starts = np.flatnonzero(np.diff(rater[order], prepend=-1))
    for first, last in zip(starts, np.append(starts[1:], len(order)), strict=True):
        mine = order[first:last]
        known = np.maximum(told[mine], 0.0).cumsum()
        if len(mine) < 2 or known[-1] <= 0.0:
            continue
        running = score[mine].cumsum()
        away = np.abs(running - known / known[-1] * running[-1]) / np.sqrt(known[-1])
        ends = np.append(np.diff(when[mine]) > 0.0, False)
        if ends.any():
            best = np.flatnonzero(ends)[np.argmax(away[ends])]
            peak[rater[mine[0]]], turned[rater[mine[0]]] = away[best], when[mine[best]]
    return peak, np.where(np.isnan(peak), np.nan, kolmogorov(np.nan_to_num(peak))), turned
