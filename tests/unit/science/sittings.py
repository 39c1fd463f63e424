"""Sittings and banks of known truth for the tests of integrity."""

import numpy as np

from karmayogi.science import integrity
from karmayogi.science.irt import Items
from karmayogi.science.simulation import misconduct

PEOPLE, ITEMS = 4000, 40


def sitting(seed: int = 1) -> tuple[misconduct.Sitting, integrity.Choosing, np.ndarray]:
    random = np.random.default_rng(seed)
    choosing, pace = misconduct.bank(ITEMS, random)
    theta = random.normal(0.0, 1.0, PEOPLE)
    return misconduct.honest(theta, choosing, pace, random), choosing, theta


def bank(items: int, seed: int, guess: float | None = None) -> Items:
    random = np.random.default_rng(seed)
    a, b = np.clip(random.lognormal(0.1, 0.3, items), 0.4, 2.5), random.normal(0.0, 1.0, items)
    return Items.logistic(a, b, lower=guess or 0.0)
