"""What each answer does to the estimate of an ability: its pull, curvature, information and Warm's correction."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from karmayogi.science.irt.answers import Answers
from karmayogi.science.irt.curves import (
    Block,
    blocks,
    log_chances_of,
    parameters_of,
    theta_slopes_of,
)
from karmayogi.science.irt.grid import Floats
from karmayogi.science.irt.items import Family, Items
from karmayogi.science.irt.sigmoids import asymptote, sigmoid


@dataclass(frozen=True)
class Pulls:
    """Sums over each person's answers, each [N]: `pull` is the derivative of the log-likelihood by theta, `observed`
    minus its second; `information` is Fisher's; `bias` is the sum of P' P'' / P over categories (Warm's J)."""

    pull: Floats
    observed: Floats
    information: Floats
    bias: Floats


def pulls_at(answers: Answers, items: Items, theta: Floats) -> Pulls:
    """The sums for everybody at their theta [N]."""
    persons = answers.persons()
    terms = np.empty((4, len(persons)))
    block_of = np.empty(len(items), np.int64)
    row_in = np.empty(len(items), np.int64)
    parts = blocks(items)
    for place, block in enumerate(parts):
        block_of[block.columns], row_in[block.columns] = place, np.arange(len(block.columns))
    which = block_of[answers.items]
    for place, block in enumerate(parts):
        here = np.flatnonzero(which == place)
        rows = parameters_of(items, block)[row_in[answers.items[here]]]
        terms[:, here] = _terms(block, rows, theta[persons[here]], answers.codes[here])
    sums = (np.asarray(np.bincount(persons, term, answers.people), dtype=np.float64) for term in terms)
    return Pulls(*sums)


def _terms(block: Block, parameters: Floats, theta: Floats, codes: NDArray[np.int8]) -> Floats:
    """Pull, minus the second derivative, information and bias of each answer, [4, M]."""
    nodes = theta[:, None, None]
    log_chances = log_chances_of(block, parameters, nodes)
    first = theta_slopes_of(block, parameters, nodes, log_chances)[:, :, 0]
    chance = np.exp(log_chances[:, :, 0])
    second = _second(block, parameters, theta, chance, first)
    at = np.arange(len(codes))
    information = (chance * np.square(first)).sum(axis=1)
    bias = (chance * first * (second + np.square(first))).sum(axis=1)
    return np.stack([first[at, codes], -second[at, codes], information, bias])


def _second(block: Block, parameters: Floats, theta: Floats, chance: Floats, first: Floats) -> Floats:
    """Second derivatives of the log chances by theta, [M, K]."""
    slope = parameters[:, :1]
    if block.family == Family.PARTIAL_CREDIT:
        steps = np.arange(block.categories, dtype=np.float64)
        mean = (chance * steps).sum(axis=1, keepdims=True)
        spread = (chance * np.square(steps - mean)).sum(axis=1, keepdims=True)
        return np.broadcast_to(-np.square(slope) * spread, chance.shape)
    logits = slope * theta[:, None] + parameters[:, 1 : block.categories]
    rise, fall = sigmoid(logits), sigmoid(-logits)
    if block.bounded:
        height = asymptote(parameters[:, -1:]) - asymptote(parameters[:, -2:-1])
        bend = np.square(slope) * height * rise * fall * (fall - rise)
        return np.concatenate([-bend, bend], axis=1) / chance - np.square(first)
    curve = np.square(slope) * rise * fall
    return -(np.pad(curve, ((0, 0), (1, 0))) + np.pad(curve, ((0, 0), (0, 1))))
