"""Raters on ratees with known truth: severities, halos, criteria, and a sparse round of who rates whom."""

from dataclasses import dataclass

import numpy as np

from karmayogi.science.irt import Floats, Ints
from karmayogi.science.raters.design import Ratings


@dataclass(frozen=True)
class Round:
    """A round of ratings and the truth behind it: `severity` [J], `ability` [N], `thresholds` [C, K - 1] in logits."""

    ratings: Ratings
    severity: Floats
    ability: Floats
    thresholds: Floats
    halo_sd: float


def simulate(
    rng: np.random.Generator,
    *,
    ratees: int = 2_000,
    raters: int = 400,
    raters_per_ratee: int = 6,
    criteria: int = 5,
    categories: int = 5,
    ability_sd: float = 1.5,
    severity_sd: float = 0.8,
    halo_sd: float = 0.7,
    answers: int = 1,
) -> Round:
    """A 360 round: `raters_per_ratee` raters for every ratee, drawn so that every rater has about as many ratees.

    `answers` ratings on each criterion by each of them. Thresholds lie about evenly over 4 logits, moved up or down by
    criterion; severities are centred to mean 0. Raises ValueError for more raters per ratee than raters.
    """
    if raters_per_ratee > raters:
        raise ValueError("There are fewer raters than every ratee is to have.")
    ability = rng.normal(0.0, ability_sd, ratees)
    severity = rng.normal(0.0, severity_sd, raters)
    severity -= severity.mean()
    even = np.linspace(-2.0, 2.0, categories - 1) if categories > 2 else np.zeros(1)
    thresholds = np.sort(
        even + rng.normal(0.0, 0.5, (criteria, 1)) + rng.normal(0.0, 0.1, (criteria, len(even)))
    )
    ratee, rater = assigned(rng, ratees=ratees, raters=raters, raters_per_ratee=raters_per_ratee)
    halo = rng.normal(0.0, halo_sd, len(ratee)) if halo_sd > 0.0 else np.zeros(len(ratee))
    times = criteria * answers
    criterion = np.tile(np.repeat(np.arange(criteria), answers), len(ratee))
    level = np.repeat(ability[ratee] + halo - severity[rater], times)
    category = categories_of(rng, level[:, None] - thresholds[criterion])
    ratings = Ratings(
        np.repeat(ratee, times), np.repeat(rater, times), criterion, category,
        raters=raters, ratees=ratees, categories=(categories,) * criteria,
    )  # fmt: skip
    return Round(ratings, severity, ability, thresholds, halo_sd)


def assigned(
    rng: np.random.Generator, *, ratees: int, raters: int, raters_per_ratee: int
) -> tuple[Ints, Ints]:
    """Who rates whom: ratee and rater of each pair, nobody twice on one ratee, about as many ratees for every rater."""
    turns = -(-ratees * raters_per_ratee // raters)
    deck = np.concatenate([rng.permutation(raters) for _ in range(turns)])[: ratees * raters_per_ratee]
    rater = deck.reshape(ratees, raters_per_ratee)
    for i in np.flatnonzero([len(set(row)) < raters_per_ratee for row in rater.tolist()]):
        rater[i] = rng.choice(raters, raters_per_ratee, replace=False)
    return np.repeat(np.arange(ratees), raters_per_ratee), rater.ravel().astype(np.int64)


def categories_of(rng: np.random.Generator, logits: Floats) -> Ints:
    """Categories [E] of a graded model from the logits [E, K - 1] of reaching each."""
    chance = 1.0 / (1.0 + np.exp(-logits))
    return np.asarray((rng.random(len(logits))[:, None] < chance).sum(axis=1), dtype=np.int64)
