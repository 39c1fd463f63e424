"""Standard errors of severities, thresholds and spreads, and abilities with what is not known of their raters."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.sparse import coo_array, csc_array, diags_array
from scipy.sparse.linalg import splu

from karmayogi.science.irt import Bools, Floats, Ints
from karmayogi.science.raters.model import Parameters, Problem
from karmayogi.science.raters.quadrature import Quadrature

Solve = Callable[[Floats], Floats]

AT_ONCE = 256
"""Columns of an inverse that are in memory at a time."""

DENSE = 6_000
"""Severities up to which their information is kept as a full matrix; beyond, as a sparse one."""


@dataclass(frozen=True)
class Looked:
    """What one walk over all ratees tells; see `kernels.information`."""

    row: Ints
    column: Ints
    value: Floats
    score: Floats
    mean: Floats
    variance: Floats
    lean: Floats


@dataclass(frozen=True)
class Found:
    """Standard errors and abilities at the maximum; `curved`: whether the likelihood falls off on all sides."""

    se_severity: Floats
    se_thresholds: Floats
    se_spread: float
    se_halo_sd: float
    ability: Floats
    ability_sd: Floats
    log_likelihood: float
    curved: bool


def looked(problem: Problem, at: Parameters, quadrature: Quadrature) -> Looked:
    """Scores and information of severities, and abilities, at these parameters. Compiled."""
    from karmayogi.science.raters import kernels

    design = problem.design
    couples = int(np.square(np.diff(design.ratee_start)).sum())
    pairs, ratees = len(design.pair_rater), len(problem.known_ability)
    seen = Looked(
        np.empty(couples, dtype=np.int64), np.empty(couples, dtype=np.int64), np.empty(couples),
        np.empty(pairs), np.empty(ratees), np.empty(ratees), np.empty(pairs),
    )  # fmt: skip
    kernels.information(
        design.pair_start, design.pair_rater, design.ratee_start, design.criterion, design.category,
        at.severity, at.eb, problem.tops, quadrature.growth, quadrature.prior(at.ability_mean, at.ability_sd)[0],
        *quadrature.pinned(problem.known_ability), quadrature.blur(at.halo_sd)[0], quadrature.theta,
        seen.row, seen.column, seen.value, seen.score, seen.mean, seen.variance, seen.lean,
    )  # fmt: skip
    return seen


def found(problem: Problem, vector: Floats, quadrature: Quadrature, centre: Bools) -> Found:
    """Errors from the observed information at `vector`; severities are stated less the mean of those in `centre` [J].

    The block of severities is exact per ratee (Louis 1982) and sparse; that of the few other parameters, and what
    joins the two, are central differences of the exact slopes. One Schur complement joins them.
    """
    at = problem.unpacked(vector)
    seen = looked(problem, at, quadrature)
    joined = _joined(problem, vector, quadrature, seen, centre)
    variances = _severity_variances(joined)
    errors = np.zeros(len(problem.free))
    errors[problem.free] = np.sqrt(np.maximum(variances, 0.0))
    thresholds = np.full(problem.cells.shape, np.nan)
    thresholds[problem.cells] = _threshold_errors(joined, problem.jacobian(at))
    spreads = np.sqrt(np.maximum(np.diag(joined.shared)[-2:], 0.0)) * (at.ability_sd, at.halo_sd)
    variance = seen.variance + unsure_raters(problem, seen, errors)
    log = problem.value(vector, quadrature)[0] - problem.log_prior(vector)
    return Found(
        errors, thresholds, float(spreads[0]), float(spreads[1]), seen.mean, np.sqrt(variance), log,
        joined.curved and bool(np.all(variances >= 0.0)),
    )  # fmt: skip


def freed(problem: Problem, vector: Floats, quadrature: Quadrature) -> Floats:
    """The vector moved to where the likelihood, freed of what fitting severities takes off the spreads, is highest.

    Severities fitted to the ratings take up part of what is halo. The modified profile likelihood of the two spreads
    (Barndorff-Nielsen 1983) allows for that: less half the log determinant of the severities' information, and less
    the log of how much all severities grow together with a spread. One Newton step from the maximum leads there.
    """
    nobody = np.zeros(len(problem.free), dtype=np.bool_)
    count = int(problem.free.sum())
    joined = _joined(
        problem, vector, quadrature, looked(problem, problem.unpacked(vector), quadrature), nobody
    )
    if not joined.curved or count < 2:
        return vector
    spread = joined.shared[-2:, -2:]
    along = joined.shared[:, -2:] @ np.linalg.inv(spread)  # how the other parameters follow the two spreads
    along = np.concatenate([-joined.pull @ along, along])
    rated = np.bincount(problem.design.pair_rater, minlength=len(problem.free))[problem.free] > 0
    own, follow = vector[:count][rated], along[:count][rated]
    own, follow = own - own.mean(), follow - follow.mean(axis=0)
    grow = (own @ follow) / max(float(own @ own), 1e-12)
    bends = [
        _bend(problem, vector + 0.01 * way, quadrature) - _bend(problem, vector - 0.01 * way, quadrature)
        for way in along.T
    ]
    move = -spread @ (np.array(bends) / 0.04 + len(own) * grow)
    if not np.all(np.abs(move) < 0.5):  # far from where one step is right: so few ratings tell neither
        return vector
    return np.asarray(vector + along @ move)


def _bend(problem: Problem, vector: Floats, quadrature: Quadrature) -> float:
    """The log determinant of the information of severities."""
    block = _severity_block(problem, looked(problem, problem.unpacked(vector), quadrature))
    if block.shape[0] > DENSE:
        return float(np.log(np.abs(splu(block).U.diagonal())).sum())
    return float(np.linalg.slogdet(block.toarray())[1])


@dataclass(frozen=True)
class _Joined:
    """The inverse of all information in parts: `solve` with the block of severities, `pull` = its inverse times what
    joins them to the others [free, shared], `shared` = the others' covariance; `weights` [free] of the centre.
    """

    solve: Solve
    pull: Floats
    shared: Floats
    weights: Floats
    curved: bool


def _joined(problem: Problem, vector: Floats, quadrature: Quadrature, seen: Looked, centre: Bools) -> _Joined:
    """The parts at `vector`; all NaN where the likelihood does not fall off on all sides."""
    count = int(problem.free.sum())
    joint = _shared_columns(problem, vector, quadrature, count)
    weights = centre[problem.free] / max(1, int(centre.sum()))
    try:
        solve = _solver(_severity_block(problem, seen))
        pull = solve(joint[:count])
        rest = joint[count:] - joint[:count].T @ pull
        factor = cho_factor((rest + rest.T) / 2.0)
    except LinAlgError:
        nothing = np.full_like(joint, np.nan)
        return _Joined(
            lambda columns: columns * np.nan, nothing[:count], nothing[count:], weights, curved=False
        )
    return _Joined(solve, pull, np.asarray(cho_solve(factor, np.eye(len(rest)))), weights, curved=True)


def _solver(block: csc_array) -> Solve:
    """A function that solves the block for columns. Raises LinAlgError."""
    if block.shape[0] == 0:
        return np.asarray
    if block.shape[0] > DENSE:
        sparse: Solve = splu(block).solve
        return sparse
    factor = cho_factor(block.toarray(), overwrite_a=True)
    return lambda columns: np.asarray(cho_solve(factor, columns))


def _severity_block(problem: Problem, seen: Looked) -> csc_array:
    """Information [free, free] between the severities that are estimated, with that of their prior."""
    free = problem.free
    place = np.cumsum(free) - 1
    inside = free[seen.row] & free[seen.column]
    count = int(free.sum())
    entries = (seen.value[inside], (place[seen.row[inside]], place[seen.column[inside]]))
    # a rater without ratings has no information of its own; 1e-9 keeps the block solvable and states nothing
    least = np.full(count, max(problem.prior_precision, 1e-9))
    return csc_array(coo_array(entries, shape=(count, count)) + diags_array(least))


def _shared_columns(problem: Problem, vector: Floats, quadrature: Quadrature, count: int) -> Floats:
    """Information [all, shared] of every parameter with thresholds, mean and spreads: differences of slopes."""
    columns = []
    for index in range(count, len(vector)):
        step = np.zeros(len(vector))
        step[index] = 1e-4
        ahead, behind = (
            problem.value(vector + step, quadrature)[1],
            problem.value(vector - step, quadrature)[1],
        )
        columns.append((behind - ahead) / 2e-4)
    return np.stack(columns, axis=1)


def _severity_variances(joined: _Joined) -> Floats:
    """Variances [free] of severities less their weighted mean."""
    solve, pull, weights = joined.solve, joined.pull, joined.weights
    count = len(weights)
    variances = np.asarray(((pull @ joined.shared) * pull).sum(axis=1), dtype=np.float64)
    for first in range(0, count, AT_ONCE):
        columns = np.arange(min(AT_ONCE, count - first))
        unit = np.zeros((count, len(columns)))
        unit[first + columns, columns] = 1.0
        variances[first + columns] += solve(unit)[first + columns, columns]
    if not weights.any():
        return variances
    with_mean = solve(weights) + pull @ (joined.shared @ (pull.T @ weights))
    return np.asarray(variances - 2.0 * with_mean + weights @ with_mean)


def _threshold_errors(joined: _Joined, slopes: Floats) -> Floats:
    """Errors [cells] of thresholds, with the mean severity that is moved into them."""
    cells, pulled = len(slopes), joined.pull.T @ joined.weights
    own = slopes @ joined.shared[:cells, :cells] @ slopes.T
    variance = np.diag(own).copy()
    if joined.weights.any():
        variance -= 2.0 * slopes @ (joined.shared[:cells] @ pulled)
        variance += joined.weights @ joined.solve(joined.weights) + pulled @ joined.shared @ pulled
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)))


def unsure_raters(problem: Problem, seen: Looked, errors: Floats) -> Floats:
    """Variance [N] that the severities' errors add to abilities, taken as independent of each other."""
    added = np.square(seen.lean * errors[problem.design.pair_rater])
    return np.asarray(np.bincount(problem.design.pair_ratee, weights=added, minlength=len(seen.mean)))
