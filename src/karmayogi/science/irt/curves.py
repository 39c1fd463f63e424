"""What item parameters say at an ability: chances of each category, their slopes, information, expected scores."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from karmayogi.science.irt.grid import Floats, Ints
from karmayogi.science.irt.items import Family, Items
from karmayogi.science.irt.sigmoids import asymptote, asymptote_logits, log_sigmoids, sigmoid


class Block(NamedTuple):
    """Items of one formula and one number of categories; `columns` [n] says which they are."""

    family: Family
    bounded: bool
    categories: int
    columns: Ints


def blocks(items: Items) -> list[Block]:
    """The items sorted into blocks that are computed at one go; guessing and slipping make a block of their own."""
    bounded = (items.lower > 0) | (items.upper < 1)
    return blocks_of(items.family, bounded, items.categories)


def blocks_of(family: ArrayLike, bounded: ArrayLike, categories: ArrayLike) -> list[Block]:
    """Blocks for items of these families [I], with or without asymptotes [I], of these numbers of categories [I]."""
    keys = np.stack([np.asarray(family), np.asarray(bounded), np.asarray(categories)], axis=1).astype(
        np.int64
    )
    kinds, which = np.unique(keys, axis=0, return_inverse=True)
    return [
        Block(Family(kind[0]), bool(kind[1]), int(kind[2]), np.flatnonzero(which.ravel() == place))
        for place, kind in enumerate(kinds)
    ]


def log_chances_of(block: Block, parameters: Floats, nodes: Floats) -> Floats:
    """Log chances [n, K, Q] of a block's items; `parameters` [n, p] as `parameters_of` gives them.

    `nodes` [Q] for all items, or [n, 1, 1] with one ability for each row of parameters, here and below.
    """
    slope, d = parameters[:, 0], parameters[:, 1 : block.categories]
    if block.family == Family.PARTIAL_CREDIT:
        steps = np.arange(1, block.categories)[None, :, None]
        ladder = steps * slope[:, None, None] * nodes + d[:, :, None]
        ladder = np.concatenate([np.zeros((len(slope), 1, ladder.shape[2])), ladder], axis=1)
        top = ladder.max(axis=1, keepdims=True)
        return np.asarray(ladder - top - np.log(np.exp(ladder - top).sum(axis=1, keepdims=True)))
    logits = slope[:, None, None] * nodes + d[:, :, None]
    if block.bounded:
        return _bounded(logits[:, 0], parameters[:, 2:3], parameters[:, 3:4])
    above, below = log_sigmoids(logits)
    if block.categories == 2:
        return np.concatenate([below, above], axis=1)
    gap = d[:, :-1] - d[:, 1:]
    between = np.log(-np.expm1(-gap))[:, :, None]
    return np.concatenate([below[:, :1], above[:, :-1] + below[:, 1:] + between, above[:, -1:]], axis=1)


def _bounded(logits: Floats, lower: Floats, upper: Floats) -> Floats:
    """Log chances of wrong and right with asymptotes given as logits (minus and plus infinity: none)."""
    g, u, missed = asymptote(lower), asymptote(upper), asymptote(-upper)
    rise = sigmoid(logits)
    right = g + (u - g) * rise
    wrong = missed + (u - g) * sigmoid(-logits)
    with np.errstate(divide="ignore"):
        return np.stack([np.log(wrong), np.log(right)], axis=1)


def slopes_of(block: Block, parameters: Floats, nodes: Floats, log_chances: Floats) -> Floats:
    """Derivatives of the log chances by each parameter, [n, p, K, Q], at the same nodes."""
    slope, d = parameters[:, 0], parameters[:, 1 : block.categories]
    count, K, Q = log_chances.shape
    out = np.zeros((count, parameters.shape[1], K, Q))
    if block.family == Family.PARTIAL_CREDIT:
        chance = np.exp(log_chances)
        steps = np.arange(K, dtype=np.float64)
        expected = np.einsum("nkq,k->nq", chance, steps)
        out[:, 0] = nodes * (steps[None, :, None] - expected[:, None, :])
        for step in range(1, K):
            out[:, step] = -chance[:, step : step + 1]
            out[:, step, step] += 1.0
        return out
    if block.bounded:
        return _bounded_slopes(
            (slope[:, None, None] * nodes + d[:, :, None])[:, 0], parameters, nodes, log_chances, out
        )
    if K == 2:
        out[:, 1] = np.stack([-np.exp(log_chances[:, 1]), np.exp(log_chances[:, 0])], axis=1)
        out[:, 0] = out[:, 1] * nodes
        return out
    above = sigmoid(slope[:, None, None] * nodes + d[:, :, None])
    steep = 1.0 / np.expm1(d[:, :-1] - d[:, 1:])
    for cut in range(K - 1):
        out[:, cut + 1, cut] -= above[:, cut]
        out[:, cut + 1, cut + 1] += 1.0 - above[:, cut]
        if cut + 1 < K - 1:
            out[:, cut + 1, cut + 1] += steep[:, cut : cut + 1]
        if cut > 0:
            out[:, cut + 1, cut] -= steep[:, cut - 1 : cut]
    out[:, 0] = nodes * out[:, 1:].sum(axis=1)
    return out


def _bounded_slopes(
    logits: Floats, parameters: Floats, nodes: Floats, log_chances: Floats, out: Floats
) -> Floats:
    """Derivatives by slope, intercept, logit of the lower and of the upper asymptote."""
    lower, upper = parameters[:, 2:3], parameters[:, 3:4]
    g, u = asymptote(lower), asymptote(upper)
    rise, fall = sigmoid(logits), sigmoid(-logits)
    per_right = np.stack([-np.exp(-log_chances[:, 0]), np.exp(-log_chances[:, 1])], axis=1)
    out[:, 1] = per_right * ((u - g) * rise * fall)[:, None]
    out[:, 0] = out[:, 1] * nodes
    out[:, 2] = per_right * (g * asymptote(-lower) * fall)[:, None]
    out[:, 3] = per_right * (u * asymptote(-upper) * rise)[:, None]
    return out


def parameters_of(items: Items, block: Block) -> Floats:
    """Working parameters [n, p] of a block: slope, intercepts, and logits of the asymptotes where bounded."""
    at = block.columns
    main = np.concatenate([items.slope[at, None], items.intercepts[at, : block.categories - 1]], axis=1)
    if not block.bounded:
        return main
    logits = asymptote_logits(np.stack([items.lower[at], items.upper[at]], axis=1))
    return np.concatenate([main, logits], axis=1)


def log_table(items: Items, nodes: Floats) -> Floats:
    """Log chances of every category of every item, [sum of categories, Q], rows as `Items.offsets` says."""
    offsets = items.offsets
    out = np.empty((int(offsets[-1]), len(nodes)))
    for block in blocks(items):
        rows = offsets[block.columns][:, None] + np.arange(block.categories)
        out[rows] = log_chances_of(block, parameters_of(items, block), nodes)
    return out


def chances(theta: ArrayLike, items: Items) -> Floats:
    """Chance of each category, [..., I, K] for theta [...]; 0 where an item has fewer than K categories."""
    theta = np.asarray(theta, dtype=np.float64)
    nodes = theta.ravel()
    out = np.zeros((nodes.size, len(items), int(items.categories.max())))
    for block in blocks(items):
        found = np.exp(log_chances_of(block, parameters_of(items, block), nodes))
        out[:, block.columns, : block.categories] = np.moveaxis(found, 2, 0)
    return out.reshape(*theta.shape, *out.shape[1:])


def expected_scores(theta: ArrayLike, items: Items) -> Floats:
    """Expected score of each item, categories counted 0, 1, 2 ..., [..., I] for theta [...]."""
    found = chances(theta, items)
    return np.asarray(found @ np.arange(found.shape[-1], dtype=np.float64))


def informations(theta: ArrayLike, items: Items) -> Floats:
    """Fisher information of each item about theta, [..., I] for theta [...] (Samejima 1969)."""
    theta = np.asarray(theta, dtype=np.float64)
    nodes = theta.ravel()
    out = np.empty((nodes.size, len(items)))
    for block in blocks(items):
        out[:, block.columns] = _information(block, parameters_of(items, block), nodes).T
    return out.reshape(*theta.shape, len(items))


def _information(block: Block, parameters: Floats, nodes: Floats) -> Floats:
    log_chances = log_chances_of(block, parameters, nodes)
    by_theta = theta_slopes_of(block, parameters, nodes, log_chances)
    return np.asarray((np.exp(log_chances) * np.square(by_theta)).sum(axis=1))


def theta_slopes_of(block: Block, parameters: Floats, nodes: Floats, log_chances: Floats) -> Floats:
    """Derivatives of the log chances by theta, [n, K, Q]."""
    slope = parameters[:, 0][:, None, None]
    if block.family == Family.PARTIAL_CREDIT:
        steps = np.arange(block.categories, dtype=np.float64)[None, :, None]
        return np.asarray(slope * (steps - (np.exp(log_chances) * steps).sum(axis=1, keepdims=True)))
    by_parameter = slopes_of(block, parameters, nodes, log_chances)
    if block.bounded:
        return np.asarray(slope * by_parameter[:, 1])
    return np.asarray(slope * by_parameter[:, 1 : block.categories].sum(axis=1))
