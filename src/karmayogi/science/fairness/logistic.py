"""Differing items by logistic regression: does the group add to what the matching score says of an answer?

All items are fitted together from counts by score and group, so the cost does not grow with the people.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, expit

from karmayogi.science.fairness.mantel_haenszel import LEAST_PEOPLE
from karmayogi.science.fairness.purification import Matching, matched
from karmayogi.science.fairness.tables import Tables
from karmayogi.science.irt import Bools, Floats, Ints

MODERATE, LARGE = 0.035, 0.070
"""Changes of Nagelkerke's R2 from which a difference is moderate (B) and large (C): Jodoin & Gierl (2001)."""
MOST_STEPS = 60
SETTLED = 1e-9


@dataclass(frozen=True)
class LogisticDifference:
    """Every focal group against the reference, every item: all arrays [F, I] but `people` [F, 2, I].

    Likelihood ratio chi-squares, with their p: `uniform` (1 df: the group moves the odds at every score alike),
    `non_uniform` (1 df: more so at some scores), `both` (2 df). `log_odds` with `se` is the group's uniform effect in
    logits, above 0 where the item favours the focal group; `slope` with `slope_se` the non-uniform one, in logits per
    sd of the matching score. `r2_change` is what both effects together add to the Nagelkerke R2 of the score alone.
    `effect` is A, B or C by it and by the significance of `both`, "-" without an estimate; `flagged` are B and C.
    NaN where the answers cannot tell an effect: an item one group never met, or people all of one score.
    `converged` is False there, and where the maximum was not reached, for instance as a score parts right from wrong.
    """

    uniform: Floats
    uniform_p: Floats
    non_uniform: Floats
    non_uniform_p: Floats
    both: Floats
    both_p: Floats
    log_odds: Floats
    se: Floats
    slope: Floats
    slope_se: Floats
    r2_change: Floats
    effect: NDArray[np.str_]
    flagged: Bools
    thin: Bools
    converged: Bools
    people: Ints
    matching: Matching


@dataclass(frozen=True)
class Fit:
    """Coefficients [P, I], their standard errors [P, I], log-likelihoods [I] and whether each item converged [I]."""

    coefficients: Floats
    se: Floats
    log_likelihood: Floats
    converged: Bools


def logistic_difference(
    responses: NDArray[np.generic],
    group: NDArray[np.generic],
    *,
    reference: int = 0,
    matching: NDArray[np.generic] | None = None,
    purify: bool = True,
    significance: float = 0.05,
    most_rounds: int = 10,
) -> LogisticDifference:
    """Uniform and non-uniform differences of all items at once (Swaminathan & Rogers 1990).

    Arguments as for `mantel_haenszel`. Nested models with the score; the score and the group; and their product
    besides are compared by their likelihoods. Raises AnswersCannotBeCompared.
    """
    found, how = matched(
        responses,
        group,
        lambda tables: _analysed(tables, significance),
        reference=reference,
        matching=matching,
        purify=purify,
        most_rounds=most_rounds,
    )
    columns = {name: np.array([one[name] for one in found]) for name in found[0]}
    return LogisticDifference(**columns, matching=how)


def _analysed(tables: Tables, significance: float) -> tuple[dict[str, NDArray[np.generic]], Bools]:
    """The fields of LogisticDifference for one comparison, each [I], and the flags."""
    design = _design(tables)
    score, group, product = (fit(design[:, :columns], tables) for columns in (2, 3, 4))
    uniform, slopes = _identified(design, tables)
    tests = {
        "uniform": 2.0 * (group.log_likelihood - score.log_likelihood),
        "non_uniform": 2.0 * (product.log_likelihood - group.log_likelihood),
        "both": 2.0 * (product.log_likelihood - score.log_likelihood),
    }
    change = _nagelkerke(product.log_likelihood, tables) - _nagelkerke(score.log_likelihood, tables)
    tests = {name: np.maximum(statistic, 0.0) for name, statistic in tests.items()}
    for name, told in {"uniform": uniform, "non_uniform": slopes, "both": uniform & slopes}.items():
        tests[name] = np.where(told, tests[name], np.nan)
    change = np.where(uniform & slopes, change, np.nan)
    ps = {f"{name}_p": chdtrc(2 if name == "both" else 1, tests[name]) for name in tests}
    matters = np.asarray((ps["both_p"] < significance) & (change >= MODERATE))
    effect = np.where(matters & (change >= LARGE), "C", np.where(matters, "B", "A"))
    people = tables.people
    found = {
        **tests,
        **ps,
        "log_odds": np.where(uniform, group.coefficients[2], np.nan),
        "se": np.where(uniform, group.se[2], np.nan),
        "slope": np.where(slopes, product.coefficients[3], np.nan),
        "slope_se": np.where(slopes, product.se[3], np.nan),
        "r2_change": change,
        "effect": np.where(np.isnan(change), "-", effect),
        "flagged": matters,
        "thin": people.min(axis=0) < LEAST_PEOPLE,
        "converged": score.converged & group.converged & product.converged & uniform & slopes,
        "people": people,
    }
    return found, matters


def _design(tables: Tables) -> Floats:
    """Columns 1, standardised score, focal group and their product for every stratum and group, [2K, 4]."""
    weight = tables.asked.sum(axis=(1, 2))
    mean = np.average(tables.value, weights=weight)
    sd = np.sqrt(np.average(np.square(tables.value - mean), weights=weight))
    score = np.repeat((tables.value - mean) / (sd if sd > 0.0 else 1.0), 2)
    focal = np.tile([0.0, 1.0], len(tables.value))
    return np.stack([np.ones_like(score), score, focal, score * focal], axis=1)


def _identified(design: Floats, tables: Tables) -> tuple[Bools, Bools]:
    """Items [I] met at scores and in groups that tell the group from the score, and their product from both."""
    met = np.broadcast_to(tables.asked, tables.right.shape).reshape(len(design), -1).T > 0.0
    patterns, which = np.unique(met, axis=0, return_inverse=True)
    ranks = [
        [int(np.linalg.matrix_rank(design[one, :columns])) if one.any() else 0 for columns in (2, 3, 4)]
        for one in patterns
    ]
    gained = np.diff(np.array(ranks), axis=1)[which.ravel()] > 0
    return gained[:, 0], gained[:, 1]


def fit(design: Floats, tables: Tables) -> Fit:
    """Binomial logistic regressions of all items on one design [2K, P], by Newton's method with halved steps.

    Items that nobody, or everybody, of those asked got right have no finite fit: NaN and not converged.
    """
    rows = len(design)
    right = tables.right.reshape(rows, -1)
    asked = np.broadcast_to(tables.asked, tables.right.shape).reshape(rows, -1)
    got, total = right.sum(axis=0), asked.sum(axis=0)
    varied = np.flatnonzero((got > 0.0) & (got < total))
    shape = (design.shape[1], right.shape[1])
    coefficients, se = np.full(shape, np.nan), np.full(shape, np.nan)
    log_likelihood, converged = np.full(shape[1], np.nan), np.zeros(shape[1], dtype=np.bool_)
    if varied.size:
        found = _newton(design, right[:, varied], asked[:, varied])
        coefficients[:, varied], se[:, varied] = found.coefficients, found.se
        log_likelihood[varied], converged[varied] = found.log_likelihood, found.converged
    return Fit(coefficients, se, log_likelihood, converged)


def _newton(design: Floats, right: Floats, asked: Floats) -> Fit:
    parameters, items = design.shape[1], right.shape[1]
    beta = np.zeros((parameters, items))
    start = right.sum(axis=0) / asked.sum(axis=0)
    beta[0] = np.log(start / (1.0 - start))
    products = (design[:, :, None] * design[:, None, :]).reshape(len(design), -1).T
    log_likelihood = _log_likelihood(design @ beta, right, asked)
    converged = np.zeros(items, dtype=np.bool_)
    for _ in range(MOST_STEPS):
        step = _step(design, products, right, asked, beta)
        share = np.ones(items)
        for _ in range(8):
            tried = _log_likelihood(design @ (beta + share * step), right, asked)
            worse = tried < log_likelihood - 1e-9 * np.abs(log_likelihood)
            if not worse.any():
                break
            share[worse] /= 2.0
        beta, log_likelihood = beta + share * step, tried
        converged = np.abs(step).max(axis=0) < SETTLED * (1.0 + np.abs(beta).max(axis=0))
        if converged.all():
            break
    information = _information(design, products, asked, beta)
    variance = np.diagonal(np.linalg.pinv(information, hermitian=True), axis1=1, axis2=2)
    return Fit(beta, np.sqrt(np.maximum(variance, 0.0)).T, log_likelihood, converged)


def _step(design: Floats, products: Floats, right: Floats, asked: Floats, beta: Floats) -> Floats:
    gradient = design.T @ (right - asked * expit(design @ beta))
    information = _information(design, products, asked, beta)
    information += 1e-10 * np.eye(
        len(beta)
    )  # a design short of one column, e.g. a single score, stays solvable
    step = np.linalg.solve(information, gradient.T[:, :, None])[:, :, 0].T
    return np.asarray(np.clip(step, -3.0, 3.0))


def _information(design: Floats, products: Floats, asked: Floats, beta: Floats) -> Floats:
    """Expected information [I, P, P]."""
    chance = expit(design @ beta)
    weight = asked * chance * (1.0 - chance)
    return np.asarray((products @ weight).T.reshape(-1, len(beta), len(beta)))


def _log_likelihood(logits: Floats, right: Floats, asked: Floats) -> Floats:
    return np.asarray((right * logits - asked * np.logaddexp(0.0, logits)).sum(axis=0))


def _nagelkerke(log_likelihood: Floats, tables: Tables) -> Floats:
    """Nagelkerke's (1991) R2 [I] of a model with this log-likelihood over single answers."""
    right = tables.right.sum(axis=(0, 1))
    n = np.broadcast_to(tables.asked, tables.right.shape).sum(axis=(0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = right / n
        null = right * np.log(share) + (n - right) * np.log1p(-share)
        return np.asarray(np.expm1(2.0 * (null - log_likelihood) / n) / np.expm1(2.0 * null / n))
