"""The logistic function and its logarithm, for all models: each formula stands here once."""

import numpy as np
from numpy.typing import ArrayLike

from karmayogi.science.irt.grid import Floats

STEEPEST = 700.0
"""Logits are held within this before exp, whose result would leave the range of float64; no chance moves."""


def sigmoid(logits: Floats) -> Floats:
    """1 / (1 + exp(-x)), never quite 0 or 1."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits, -STEEPEST, STEEPEST))))


def log_sigmoids(logits: Floats) -> tuple[Floats, Floats]:
    """Logarithms of the logistic function of the logits and of minus them, exact however far out."""
    softened = np.log1p(np.exp(-np.abs(logits)))  # shared by both, never overflows; a fifth of two logaddexp
    return np.minimum(logits, 0.0) - softened, np.minimum(-logits, 0.0) - softened


def asymptote(logits: Floats) -> Floats:
    """Asymptotes from their logits; exactly 0 and 1 at the infinities."""
    with np.errstate(over="ignore"):
        return np.asarray(1.0 / (1.0 + np.exp(-logits)))


def asymptote_logits(asymptotes: ArrayLike) -> Floats:
    """Logits of asymptotes; minus and plus infinity for 0 and 1."""
    values = np.asarray(asymptotes, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(values) - np.log1p(-values))
