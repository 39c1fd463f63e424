"""The two-parameter logistic model as pages and small imports use it: numpy only, nothing to compile.

P(right | theta) = 1 / (1 + exp(-a (theta - b))), abilities in logits, N(0, 1) in the calibration sample. `calibrate`
is not a case of `fit`: it moves the logarithms of slopes under a prior and ends by a tolerance of its own, and numbered
calibration sets rest on its digits.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from karmayogi.science.irt.grid import GRID, WEIGHTS, Bools, Floats, Ints, moments, weights_of
from karmayogi.science.irt.refusals import ItemCannotBeCalibrated
from karmayogi.science.irt.sigmoids import log_sigmoids, sigmoid


@dataclass(frozen=True)
class Calibration:
    """Item parameters with standard errors, all [I]; the log-likelihood is marginal, without the prior."""

    a: Floats
    b: Floats
    se_a: Floats
    se_b: Floats
    log_likelihood: float
    iterations: int
    converged: bool


def chance(theta: ArrayLike, a: Floats, b: Floats) -> Floats:
    """Chance of a right answer, shape [..., I] for theta of shape [...]."""
    logits = a * (np.asarray(theta, dtype=np.float64)[..., None] - b)
    return np.exp(-np.logaddexp(0.0, -logits))


def information(theta: ArrayLike, a: Floats, b: Floats) -> Floats:
    """Fisher information a^2 P (1 - P) of each item, shape [..., I] for theta of shape [...]."""
    right = chance(theta, a, b)
    return np.square(a) * right * (1.0 - right)


def _log_chances(a: Floats, b: Floats, grid: Floats) -> tuple[Floats, Floats]:
    """Log chance of right and of wrong, each [I, Q]."""
    return log_sigmoids(a[:, None] * (grid[None, :] - b[:, None]))


def log_likelihoods(responses: NDArray[np.int8], a: Floats, b: Floats, *, grid: Floats = GRID) -> Floats:
    """Log-likelihood of each person's answers at every grid point, [N, Q]; -1 in [N, I] means not asked."""
    log_right, log_wrong = _log_chances(a, b, grid)
    right, wrong = (responses == 1).astype(np.float64), (responses == 0).astype(np.float64)
    return np.asarray(right @ log_right + wrong @ log_wrong)


def sparse_log_likelihoods(
    row: Ints, item: Ints, correct: Bools, a: Floats, b: Floats, *, rows: int, grid: Floats = GRID
) -> Floats:
    """Log-likelihood rows [rows, Q] from answer triples of any length; a row without answers is all zero.

    `row` in [0, rows), `item` in [0, I). An item answered twice in one row counts twice.
    """
    chances = np.concatenate(_log_chances(a, b, grid))  # of right answers [I, Q], then of wrong ones [I, Q]
    column = np.where(correct, item, item + len(a))
    answered = csr_array((np.ones(len(row)), (row, column)), shape=(rows, len(chances)))
    rows_out: Floats = answered @ chances
    return rows_out


def score(
    responses: NDArray[np.int8], a: Floats, b: Floats, *, prior_mean: float = 0.0, prior_sd: float = 1.0
) -> tuple[Floats, Floats]:
    """Expected a posteriori abilities and their sds, each [N] (Bock & Mislevy 1982).

    The quadrature follows the prior: GRID scaled by `prior_sd` and moved to `prior_mean`.
    """
    grid = prior_mean + prior_sd * GRID
    log_posterior = log_likelihoods(responses, a, b, grid=grid) + np.log(WEIGHTS)
    return moments(weights_of(log_posterior), grid)


def calibrate(
    responses: NDArray[np.int8],
    *,
    tolerance: float = 1e-4,
    most_iterations: int = 500,
    slope_prior_sd: float | None = 1.0,
) -> Calibration:
    """Item parameters by marginal maximum likelihood, with EM (Bock & Aitkin 1981).

    `responses` is int8 [N, I]: 1 right, 0 wrong, -1 not asked. Ability is N(0, 1). The weak prior
    log a ~ N(0, slope_prior_sd) keeps a slope finite when few people answered; None switches it off.
    Converged when no slope or intercept moves by `tolerance` or more in an iteration. Slopes stay positive:
    a key that is wrong shows as a slope near 0. Raises ItemCannotBeCalibrated.
    """
    right, wrong = (responses == 1).astype(np.float64), (responses == 0).astype(np.float64)
    _refuse_items_without_variation(right, wrong)
    precision = 0.0 if slope_prior_sd is None else slope_prior_sd**-2
    log_a = np.zeros(right.shape[1])
    intercept = np.log(right.sum(0) / wrong.sum(0))
    converged, iterations = False, 0
    while not converged and iterations < most_iterations:
        iterations += 1
        posterior, _ = _expect(right, wrong, log_a, intercept)
        before = np.exp(log_a), intercept
        log_a, intercept = _maximise(
            right.T @ posterior, (right + wrong).T @ posterior, log_a, intercept, precision
        )
        moved = max(np.abs(np.exp(log_a) - before[0]).max(), np.abs(intercept - before[1]).max())
        converged = bool(moved < tolerance)
    posterior, log_likelihood = _expect(right, wrong, log_a, intercept)
    a, b = np.exp(log_a), -intercept / np.exp(log_a)
    se_a, se_b = _standard_errors(right, right + wrong, posterior, a, b, precision)
    return Calibration(a, b, se_a, se_b, log_likelihood, iterations, converged)


def _refuse_items_without_variation(right: Floats, wrong: Floats) -> None:
    flat = np.flatnonzero((right.sum(0) == 0) | (wrong.sum(0) == 0))
    if flat.size:
        raise ItemCannotBeCalibrated([int(item) for item in flat])


def _expect(right: Floats, wrong: Floats, log_a: Floats, intercept: Floats) -> tuple[Floats, float]:
    """Posterior weights of every person [N, Q] and the marginal log-likelihood."""
    a = np.exp(log_a)
    log_right, log_wrong = _log_chances(a, -intercept / a, GRID)
    joint = right @ log_right
    joint += wrong @ log_wrong
    joint += np.log(WEIGHTS)
    top = joint.max(axis=1, keepdims=True)
    np.exp(joint - top, out=joint)
    total = joint.sum(axis=1, keepdims=True)
    joint /= total
    return joint, float((np.log(total) + top).sum())


def _maximise(
    got_right: Floats, were_asked: Floats, log_a: Floats, intercept: Floats, precision: float
) -> tuple[Floats, Floats]:
    """Three Fisher-scoring steps in (log a, intercept) for all items at once, from expected counts [I, Q]."""
    for _ in range(3):
        slope = np.exp(log_a)[:, None] * GRID
        expected = sigmoid(slope + intercept[:, None])
        residual = got_right - were_asked * expected
        weight = were_asked * expected * (1.0 - expected)
        pull_a = (residual * slope).sum(1) - precision * log_a
        pull_d = residual.sum(1)
        info_a = (weight * slope**2).sum(1) + precision
        cross, info_d = (weight * slope).sum(1), weight.sum(1)
        determinant = info_a * info_d - cross**2
        step_a = (info_d * pull_a - cross * pull_d) / determinant
        step_d = (info_a * pull_d - cross * pull_a) / determinant
        log_a = log_a + np.clip(step_a, -0.5, 0.5)
        intercept = intercept + np.clip(step_d, -0.5, 0.5)
    return log_a, intercept


def _standard_errors(
    right: Floats, asked: Floats, posterior: Floats, a: Floats, b: Floats, precision: float
) -> tuple[Floats, Floats]:
    """Standard errors of a and b from the cross-products of each person's score, by the delta method."""
    items, slopes = len(a), np.arange(len(a))
    scores = score_rows(right, asked, posterior, a, b)
    scores[:, slopes] *= a  # by the logarithm of a slope
    covariance = crossed_covariance(scores, precision)
    var_slope, var_intercept = np.diag(covariance)[:items], np.diag(covariance)[items:]
    shared = covariance[slopes, slopes + items]
    var_b = var_intercept / a**2 + b**2 * var_slope + 2.0 * b / a * shared
    return a * np.sqrt(var_slope), np.sqrt(np.maximum(var_b, 0.0))


def score_rows(right: Floats, asked: Floats, posterior: Floats, a: Floats, b: Floats) -> Floats:
    """Each person's score [N, 2 I]: derivatives of their log-likelihood by slopes, then by intercepts."""
    expected = sigmoid(a[:, None] * (GRID - b[:, None]))
    by_slope = right * (posterior @ GRID)[:, None] - asked * (posterior @ (expected * GRID).T)
    return np.concatenate([by_slope, right - asked * (posterior @ expected.T)], axis=1)


def crossed_covariance(scores: Floats, precision: float = 0.0) -> Floats:
    """The inverse [2 I, 2 I] of the cross-product of scores [N, 2 I] and a prior's `precision` on the first I.

    All items jointly when there are four people or more to an item; else each item alone, because the joint
    matrix of few people is singular.
    """
    cross, items = scores.T @ scores, scores.shape[1] // 2
    first = np.arange(items)
    cross[first, first] += precision
    if len(scores) < 4 * items:
        cross *= np.tile(np.eye(items), (2, 2))
    return np.asarray(np.linalg.pinv(cross, hermitian=True))
