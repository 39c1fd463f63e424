"""Item curves of the four-parameter logistic model as adaptive tests need them: log chances and what an item tells.

P(right | theta) = c + (d - c) / (1 + exp(-a (theta - b))); with c = 0 and d = 1 the model of `irt`'s plain functions.
All take `irt.Items` of right and wrong answers, as a `Pool` holds them.
"""

import numpy as np
from scipy.special import expit

from karmayogi.science.irt import GRID, Floats, Items
from karmayogi.science.irt.sigmoids import log_sigmoids


def chances(thetas: Floats, items: Items) -> tuple[Floats, Floats]:
    """Chances of a right and of a wrong answer, each [T, I] for thetas [T]; both keep their digits near 0."""
    up, down = _rises(thetas, items)
    height = items.upper - items.lower
    return items.lower + height * up, (1.0 - items.upper) + height * down


def log_chances(items: Items, *, grid: Floats = GRID) -> tuple[Floats, Floats]:
    """Log chances of a right and of a wrong answer on the grid, each [I, Q], exact however far from b.

    With c = 0 or d = 1 the factor that could underflow is never taken out of its logarithm.
    """
    up, down = log_sigmoids(items.a[:, None] * (grid - items.difficulty[:, None]))
    low, high = items.lower[:, None], items.upper[:, None]
    with np.errstate(divide="ignore"):
        right = np.where(low > 0.0, np.log(low + (high - low) * np.exp(up)), np.log(high) + up)
        wrong = np.where(high < 1.0, np.log(1.0 - high + (high - low) * np.exp(down)), np.log1p(-low) + down)
    return right, wrong


def information(thetas: Floats, items: Items) -> Floats:
    """Fisher information [T, I] at thetas [T]: P'(theta)^2 / (P (1 - P)) (Birnbaum 1968; Magis 2013 for d < 1)."""
    up, down = _rises(thetas, items)
    right, wrong = chances(thetas, items)
    of_right = np.divide(up, right, out=np.ones_like(up), where=right > 0.0)
    of_wrong = np.divide(down, wrong, out=np.ones_like(up), where=wrong > 0.0)
    steepest = np.square(items.a * (items.upper - items.lower))
    return np.asarray(steepest * of_right * of_wrong * up * down)


def _rises(thetas: Floats, items: Items) -> tuple[Floats, Floats]:
    """The logistic function of each logit and of minus it, [T, I]."""
    logits = items.a * (np.asarray(thetas, dtype=np.float64)[:, None] - items.difficulty)
    return expit(logits), expit(-logits)


def global_information(weights: Floats, node: int, log_right: Floats, log_wrong: Floats) -> Floats:
    """Kullback-Leibler information [I] between the grid's `node` and the posterior `weights` [Q], expected over it.

    sum over answers x of P(x | node) (log P(x | node) - E log P(x | theta)), from log chances [I, Q]: the global
    information of Chang & Ying (1996), weighted by the posterior (Chen, Ankenmann & Chang 2000).
    """
    right, wrong = log_right[:, node], log_wrong[:, node]
    return np.asarray(
        np.exp(right) * (right - log_right @ weights) + np.exp(wrong) * (wrong - log_wrong @ weights)
    )
