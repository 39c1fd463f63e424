"""Where the likelihood of ratings is highest, on a grid that is refined until it is fine and wide enough."""

import numpy as np
from scipy.optimize import minimize

from karmayogi.science.irt import Floats
from karmayogi.science.raters.design import Design, Ratings
from karmayogi.science.raters.information import looked
from karmayogi.science.raters.model import Parameters, Problem
from karmayogi.science.raters.quadrature import FINEST, WIDEST, Quadrature, needed_step

LARGEST = 250.0
"""Logits. Abilities spread further than a grid of this half-width holds have no maximum worth the name."""


def problem_of(ratings: Ratings, at: Parameters) -> Problem:
    """The loops' view of ratings by raters whose severities are known; a severity nobody knows is read as 0."""
    tops = np.isfinite(at.thresholds).sum(axis=1)
    unknown = np.full(ratings.ratees, np.nan)
    return Problem(Design.of(ratings), tops, np.nan_to_num(at.severity), unknown, 0.0, mean_free=False)


def grid_for(problem: Problem, at: Parameters) -> Quadrature:
    """A grid wide enough for these parameters and fine enough for the sharpest posterior of these ratings."""
    design = problem.design
    per_ratee = np.bincount(design.pair_ratee, weights=np.diff(design.pair_start))
    sharpest = 1.0 / np.sqrt(per_ratee.max() / 4.0 + at.ability_sd**-2.0)
    step = needed_step(at.halo_sd, np.array([sharpest]), np.diff(design.pair_start).astype(np.float64))
    return Quadrature.of(half_width=6.5 * at.ability_sd + abs(at.ability_mean), step=step, halo_sd=at.halo_sd)


def fitted(problem: Problem, most_iterations: int) -> tuple[Floats, Quadrature, int, bool] | None:
    """The vector at the maximum, the grid it was found on, steps, and whether it stood still; None if it ran away."""
    vector, steps, converged = problem.packed(problem.start()), 0, False
    step, half_width = WIDEST, 8.0
    for _ in range(6):
        quadrature = Quadrature.of(
            half_width=half_width, step=step, halo_sd=max(problem.unpacked(vector).halo_sd, 0.3)
        )
        vector, used, converged = _maximum(problem, vector, quadrature, most_iterations)
        steps += used
        at = problem.unpacked(np.clip(vector, -LARGEST, 600.0))
        wide = 6.5 * at.ability_sd + abs(at.ability_mean)
        if not max(wide, 9.0 * at.halo_sd, float(np.abs(vector).max())) < LARGEST:
            return None
        fine = _needed_step(problem, at, quadrature)
        held = quadrature.reach * quadrature.step >= 6.0 * at.halo_sd
        if step <= 1.1 * fine and half_width >= wide and held:
            return vector, quadrature, steps, converged
        step, half_width = min(step, max(fine, FINEST)), max(half_width, 1.2 * wide)
    return vector, quadrature, steps, False


def _needed_step(problem: Problem, at: Parameters, quadrature: Quadrature) -> float:
    """How fine the grid has to be for the posteriors of those whose ability is asked for."""
    asked = np.isnan(problem.known_ability) & (np.diff(problem.design.ratee_start) > 0)
    sds = np.sqrt(looked(problem, at, quadrature).variance)[asked]
    per_pair = np.diff(problem.design.pair_start).astype(np.float64)
    return needed_step(at.halo_sd, sds if len(sds) else np.ones(1), per_pair)


def _maximum(
    problem: Problem, vector: Floats, quadrature: Quadrature, most_iterations: int
) -> tuple[Floats, int, bool]:
    """Quasi-Newton steps in units of rough standard errors, so that one tolerance serves every parameter."""
    scale = _rough_errors(problem)

    def downhill(units: Floats) -> tuple[float, Floats]:
        with np.errstate(over="ignore", invalid="ignore"):
            value, slopes = problem.value(units * scale, quadrature)
        if np.isfinite(value) and np.all(np.isfinite(slopes)):
            return -value, -slopes * scale
        return 1e100, np.zeros(len(units))  # a step out of all bounds: the line search comes back

    best = minimize(
        downhill,
        vector / scale,
        jac=True,
        method="L-BFGS-B",
        options={
            "maxiter": most_iterations,
            "maxfun": 2 * most_iterations,
            "gtol": 1e-4,
            "ftol": 0.0,
            "maxcor": 30,
        },
    )
    still = float(np.abs(best.jac).max())
    return best.x * scale, int(best.nit), bool(still <= 1e-3)


def _rough_errors(problem: Problem) -> Floats:
    """Of each parameter, from counts alone: pairs of a rater, ratings near a threshold, ratees."""
    design = problem.design
    pairs = np.bincount(design.pair_rater, minlength=len(problem.known_severity))[problem.free]
    counts = np.bincount(design.criterion, minlength=len(problem.tops))
    near = np.broadcast_to(counts[:, None], problem.cells.shape)[problem.cells]
    ratees = max(1, int((np.diff(design.ratee_start) > 0).sum()))
    shared = [1.0 / ratees] * (3 if problem.mean_free else 2)
    rough = np.concatenate([1.5 / np.maximum(pairs, 0.5), 6.0 / near, shared])
    return np.asarray(np.sqrt(rough), dtype=np.float64)
