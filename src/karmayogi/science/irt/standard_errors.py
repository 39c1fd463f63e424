"""How well calibrated parameters are known: the observed information (Louis 1982) or people's scores' cross-product.

Louis' information of the observed answers is that of answers and abilities together, less the variance that people's
scores have over their own posteriors. It equals minus the second derivative of the marginal log-likelihood, as Oakes'
(1999) formula does.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from karmayogi.science.irt.curves import Block
from karmayogi.science.irt.design import Design
from karmayogi.science.irt.expectation import Dense, Sparse
from karmayogi.science.irt.grid import Bools, Floats
from karmayogi.science.irt.items import Family
from karmayogi.science.irt.maximisation import prior_derivatives
from karmayogi.science.irt.observed import complete_information, crossed, mean_scores, missing_information
from karmayogi.science.irt.sigmoids import sigmoid

if TYPE_CHECKING:
    from karmayogi.science.irt.search import Problem

METHODS = ("auto", "louis", "cross-product")
MUCH = 2e11
"""Multiplications up to which "auto" computes the observed information."""
AT_BOUND = 1e-4
"""An asymptote whose logit moves it by less than this stands at its bound: it has no standard error."""

HARDLY = 2e-6
"""A parameter of whose complete information the answers give no larger share is not determined by them."""


@dataclass(frozen=True, eq=False)
class Errors:
    """Standard errors in the shapes of `Items` and the groups; NaN for what was not estimated or has none.

    `b` are those of difficulties, cuts or steps, by the delta method. `covariance` [F, F] is that of the estimated
    parameters: items' slopes, intercepts and logits of asymptotes, item after item, then groups' means and log sds.
    All are NaN where the information is not positive definite: the model then is not determined by the answers.
    """

    slope: Floats
    intercepts: Floats
    b: Floats
    lower: Floats
    upper: Floats
    means: Floats
    sds: Floats
    covariance: Floats
    method: str

    @property
    def determined(self) -> bool:
        """False if the observed information says that other parameters describe the answers as well."""
        return self.method != "louis" or not self.covariance.size or not np.isnan(self.covariance).all()


def refuse_unknown_errors(method: str) -> None:
    """Raises ValueError for anything but "none" and `METHODS`."""
    if method not in (*METHODS, "none"):
        raise ValueError(f"Standard errors come by {', '.join(METHODS)} or none, not by {method}.")


def errors_of(problem: "Problem", x: Floats, nodes: Floats, method: str) -> Errors:
    """Standard errors at the maximum x [F]; `method` of `METHODS`."""
    if method == "auto":
        method = "louis" if _work(problem, len(nodes)) < MUCH else "cross-product"
    if method == "louis":
        complete = complete_information(problem, x, nodes)
        information = complete - missing_information(problem, x, nodes)
    else:
        scores = mean_scores(problem, x, nodes)
        information = scores if isinstance(problem.expectation, Sparse) else crossed(problem, scores)
        complete = information
    at, held = np.arange(problem.design.count), prior_derivatives(problem.design, x, problem.priors)[1]
    most = np.diag(complete).copy()
    information[at, at] += held
    most[at] += held
    return _reported(problem, x, _inverse(information, most, problem.scale(x) > AT_BOUND), method)


def _work(problem: "Problem", nodes: int) -> float:
    engine = problem.expectation
    if isinstance(engine, Sparse):
        widths = np.diff(engine.starts).astype(float)
        return float((np.square(2 * widths) * nodes / 3).sum())
    assert isinstance(engine, Dense)
    return float(len(engine.codes) * np.square(engine.rest.sum()) * nodes)


def _inverse(information: Floats, most: Floats, known: Bools) -> Floats:
    """The covariance [F, F]; NaN for parameters at a bound, and throughout if the rest is not positive definite.

    `most` [F] is what the information of each would be if abilities were known; next to nothing of it is none.
    """
    out = np.full(information.shape, np.nan)
    kept = np.flatnonzero(known)
    part = information[np.ix_(kept, kept)]
    try:
        np.linalg.cholesky(part)
    except np.linalg.LinAlgError:
        return out
    inverse = np.linalg.inv(part)
    if (np.diag(inverse) * most[kept] < 1.0 / HARDLY).all():
        out[np.ix_(kept, kept)] = inverse
    return out


def _reported(problem: "Problem", x: Floats, covariance: Floats, method: str) -> Errors:
    design, population = problem.design, problem.population
    full, _, sds = problem.split(x)
    by_place = np.append(np.sqrt(np.diag(covariance)), np.nan)
    raw = by_place[np.where(design.free >= 0, design.free, -1)]
    count = len(design.starts) - 1
    most = max(block.categories for block in design.blocks)
    slope, lower, upper = (np.full(count, np.nan) for _ in range(3))
    intercepts, b = np.full((count, most - 1), np.nan), np.full((count, most - 1), np.nan)
    for block in design.blocks:
        found, at = raw[design.columns_of(block)], block.columns
        slope[at], intercepts[at, : block.categories - 1] = found[:, 0], found[:, 1 : block.categories]
        if block.bounded:
            tails = sigmoid(full[design.columns_of(block)][:, -2:])
            lower[at], upper[at] = (found[:, -2:] * tails * (1 - tails)).T
        b[at, : block.categories - 1] = _difficulty_errors(design, block, full, covariance)
    means, spreads = np.full(len(sds), np.nan), np.full(len(sds), np.nan)
    tail = by_place[design.count : len(x)]
    split = int(population.free_means.sum())
    means[population.free_means] = tail[:split]
    spreads[population.free_sds] = tail[split:] * sds[population.free_sds]
    return Errors(slope, intercepts, b, lower, upper, means, spreads, covariance, method)


def _difficulty_errors(design: Design, block: Block, full: Floats, covariance: Floats) -> Floats:
    """Standard errors [n, K - 1] of difficulties, cuts or steps; fixed parameters are known exactly."""
    places = design.columns_of(block)[:, : block.categories]
    free = design.free[places]
    padded = np.pad(covariance, ((0, 1), (0, 1)))
    own = padded[free[:, :, None], free[:, None, :]]
    slope, d = full[places[:, 0]], full[places[:, 1:]]
    stepped = block.family == Family.PARTIAL_CREDIT
    steps = np.diff(d, axis=1, prepend=0.0) if stepped else d
    gradient = np.zeros((*d.shape, block.categories))
    with np.errstate(divide="ignore", invalid="ignore"):
        gradient[:, :, 0] = steps / np.square(slope)[:, None]
        at = np.arange(block.categories - 1)
        gradient[:, at, at + 1] = -1.0 / slope[:, None]
        if stepped:
            gradient[:, at[1:], at[1:]] = 1.0 / slope[:, None]
        variance = np.einsum("nkp,npr,nkr->nk", gradient, own, gradient)
        return np.where((free >= 0).any(axis=1, keepdims=True), np.sqrt(variance), np.nan)
