"""The fixed grid of abilities on which likelihoods travel between nouns, and the moments of weights on it."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NOT_ASKED = -1
GRID: Floats = np.round(np.linspace(-6.0, 6.0, 121), 10)
WEIGHTS: Floats = np.exp(-(GRID**2) / 2) / np.exp(-(GRID**2) / 2).sum()
"""Weights of the standard normal on GRID; they sum to 1."""
GRID.flags.writeable = WEIGHTS.flags.writeable = False


def weights_of(log_weights: Floats) -> Floats:
    """Weights that sum to 1 along the last axis, from unnormalised log weights."""
    weights = np.exp(log_weights - log_weights.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def moments(weights: Floats, grid: Floats = GRID) -> tuple[Floats, Floats]:
    """Means and sds [...] of weights [..., Q] that sum to 1 on the grid."""
    means = np.asarray(weights @ grid)
    variances = (weights * np.square(grid - means[..., None])).sum(axis=-1)
    return means, np.sqrt(variances)
