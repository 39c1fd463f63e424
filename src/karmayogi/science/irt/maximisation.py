"""The maximisation step: one Fisher-scoring step for all items at once, and the moments of every group.

One step suffices: it climbs as surely as a full maximisation and converges as fast (Lange 1995).
"""

from dataclasses import dataclass

import numpy as np

from karmayogi.science.irt.curves import Block, log_chances_of, slopes_of
from karmayogi.science.irt.design import Design, Kind
from karmayogi.science.irt.grid import Bools, Floats, Ints
from karmayogi.science.irt.items import Family
from karmayogi.science.irt.priors import Priors

LONGEST = 1.0
"""No parameter moves further in one step, so that a poor start does not throw an item away."""
RIDGE = 1e-9
LAST = 30.0
"""A lower asymptote of this logit is 1 in float64, an upper one of minus this 0: no item is left between."""


Piece = tuple[Ints, Floats, Floats]
"""Of a block: which estimated parameter stands where [n, p], the gradient [n, p], the information [n, p, p]."""


@dataclass(frozen=True)
class Pull:
    """The gradient [F] of the expected log-likelihood, and the step [F] of one Fisher scoring."""

    gradient: Floats
    step: Floats


def tables_of(design: Design, full: Floats, nodes: Floats) -> tuple[Floats, list[Floats]]:
    """Log chances of all categories [C, Q], and again block by block [n, K, Q]."""
    out = np.empty((int(design.offsets[-1]), len(nodes)))
    parts = []
    for block in design.blocks:
        found = log_chances_of(block, full[design.columns_of(block)], nodes)
        out[design.offsets[block.columns][:, None] + np.arange(block.categories)] = found
        parts.append(found)
    return out, parts


def pull_of(
    design: Design, x: Floats, parts: list[Floats], counts: Floats, nodes: Floats, priors: Priors
) -> Pull:
    """Gradient and step [F] of the item parameters from expected counts [C, Q]."""
    full = design.full(x)
    gradient = np.zeros(design.count)
    pieces: list[Piece] = []
    for block, log_chances in zip(design.blocks, parts, strict=True):
        places = design.columns_of(block)
        free = design.free[places]
        if not (free >= 0).any():
            continue
        first, second = _derivatives(design, block, full[places], log_chances, counts, nodes)
        first[free < 0] = 0.0
        np.add.at(gradient, free[free >= 0], first[free >= 0])
        pieces.append((free, first, second))
    by_prior, curvature = prior_derivatives(design, x, priors)
    gradient += by_prior
    curvature = np.maximum(curvature, 0.0)
    if design.shared:
        return Pull(gradient, _joint_step(design, gradient, curvature, pieces))
    step = np.zeros(design.count)
    for free, _, second in pieces:
        step[free[free >= 0]] = _block_step(free, second, gradient, curvature)[free >= 0]
    return Pull(gradient, step)


def _derivatives(
    design: Design, block: Block, parameters: Floats, log_chances: Floats, counts: Floats, nodes: Floats
) -> tuple[Floats, Floats]:
    """Gradient [n, p] and expected information [n, p, p] of a block's items."""
    rows = design.offsets[block.columns][:, None] + np.arange(block.categories)
    r = counts[rows]
    if block.categories == 2 and not block.bounded:
        return _logistic_derivatives(log_chances, r, nodes)
    slopes = slopes_of(block, parameters, nodes, log_chances)
    n, p = slopes.shape[:2]
    slopes = slopes.reshape(n, p, -1)
    first = (slopes @ r.reshape(n, -1, 1))[:, :, 0]
    weight = (r.sum(axis=1, keepdims=True) * np.exp(log_chances)).reshape(n, 1, -1)
    return first, (slopes * weight) @ slopes.transpose(0, 2, 1)


def _logistic_derivatives(log_chances: Floats, r: Floats, nodes: Floats) -> tuple[Floats, Floats]:
    """The same for two categories without asymptotes, from residuals."""
    right, asked = np.exp(log_chances[:, 1]), r[:, 0] + r[:, 1]
    expected = asked * right
    powers = np.stack([nodes, np.ones(len(nodes)), np.square(nodes)], axis=1)
    first = (r[:, 1] - expected) @ powers[:, :2]
    moments = (expected * (1.0 - right)) @ powers
    return first, moments[:, [2, 0, 0, 1]].reshape(-1, 2, 2)


def _block_step(free: Ints, second: Floats, gradient: Floats, curvature: Floats) -> Floats:
    """Steps [n, p] of items that share nothing; 0 for fixed parameters."""
    fixed = free < 0
    first = np.where(fixed, 0.0, gradient[free])
    matrix = np.where(fixed[:, :, None] | fixed[:, None, :], 0.0, second)
    at = np.arange(free.shape[1])
    matrix[:, at, at] += np.where(fixed, 1.0, curvature[free])
    matrix[:, at, at] *= 1.0 + RIDGE
    matrix[:, at, at] += RIDGE
    step = np.linalg.solve(matrix, first[:, :, None])[:, :, 0]
    longest = np.abs(step).max(axis=1, keepdims=True)
    return np.asarray(step / np.maximum(longest / LONGEST, 1.0))


def _joint_step(design: Design, gradient: Floats, curvature: Floats, pieces: list[Piece]) -> Floats:
    """The step of all parameters together, for items that share some."""
    matrix = np.zeros((design.count + 1, design.count + 1))
    for free, _, second in pieces:
        np.add.at(matrix, (free[:, :, None], free[:, None, :]), second)
    matrix = matrix[:-1, :-1]
    matrix[np.diag_indices_from(matrix)] += curvature + RIDGE
    step = np.linalg.solve(matrix, gradient)
    return np.asarray(step / max(np.abs(step).max() / LONGEST, 1.0))


def prior_derivatives(design: Design, x: Floats, priors: Priors) -> tuple[Floats, Floats]:
    """First derivatives and minus the second of the log prior densities, each [F]."""
    first, second = np.zeros(design.count), np.zeros(design.count)
    kinds = design.kinds_of_free()
    for kind in Kind:
        prior, here = priors.of_kind(kind), kinds == kind
        if prior is not None and here.any():
            first[here], second[here] = prior.derivatives(x[: design.count][here])
    return first, second


def log_prior_of(design: Design, x: Floats, priors: Priors) -> float:
    """Log prior density of the estimated parameters, 0 without priors."""
    kinds, total = design.kinds_of_free(), 0.0
    for kind in Kind:
        prior, here = priors.of_kind(kind), kinds == kind
        if prior is not None and here.any():
            total += float(prior.log_density(x[: design.count][here]).sum())
    return total


def orderly(design: Design, full: Floats) -> Bools:
    """Whether each item's cuts stand in order and its asymptotes apart, [I]."""
    fine = np.ones(len(design.starts) - 1, bool)
    for block in design.blocks:
        if block.family == Family.GRADED and block.categories > 2:
            d = full[design.columns_of(block)][:, 1:]
            fine[block.columns] = (np.diff(d, axis=1) < -1e-6).all(axis=1)
        if block.bounded:
            tails = full[design.columns_of(block)][:, -2:]
            fine[block.columns] = (tails[:, 0] < tails[:, 1]) & (tails[:, 0] < LAST) & (tails[:, 1] > -LAST)
    return fine


def orderly_step(design: Design, x: Floats, step: Floats) -> Floats:
    """The step, halved for items whose cuts it would put out of order, until it does not."""
    step = step.copy()
    owner = np.repeat(np.arange(len(design.starts) - 1), np.diff(design.starts))
    here = design.free >= 0
    for _ in range(30):
        wrong = ~orderly(design, design.full(x + step))
        if not wrong.any():
            break
        step[np.unique(design.free[here & wrong[owner]])] /= 2.0
    return step
