"""How far raters agree: exactly, within one, beyond chance."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from karmayogi.science.irt import Floats, Ints
from karmayogi.science.raters.refusals import NothingToCompare, RatingsMalformed


@dataclass(frozen=True)
class Kappa:
    """Agreement beyond chance: 1 complete, 0 as by chance. `low` to `high` is the interval asked for, cut at 1 and -1.

    `se` holds for intervals, `se_chance` for the test of no agreement beyond chance (`z` = value / se_chance).
    """

    value: float
    se: float
    se_chance: float
    low: float
    high: float

    @property
    def z(self) -> float:
        """The value in units of its error under chance alone; NaN where that is 0."""
        return self.value / self.se_chance if self.se_chance > 0.0 else float("nan")


def agreement(first: ArrayLike, second: ArrayLike, *, within: int = 0) -> float:
    """The share of ratees [N] on whom two raters gave the same category (`within` 0) or neighbours (`within` 1).

    Raises RatingsMalformed, NothingToCompare.
    """
    one, two = _two(first, second)
    if within < 0:
        raise RatingsMalformed("Agreement within 0 categories is exact; less there is not.")
    return float(np.mean(np.abs(one - two) <= within))


def kappa(
    first: ArrayLike,
    second: ArrayLike,
    *,
    weights: Literal["none", "linear", "quadratic"] = "none",
    categories: int | None = None,
    confidence: float = 0.95,
) -> Kappa:
    """Cohen's kappa of two raters on the same ratees [N], categories from 0 (Cohen 1960; weighted, Cohen 1968).

    Weights take |i - j| ("linear") or its square ("quadratic") for the size of a disagreement. Large-sample errors
    after Fleiss, Cohen & Everitt (1969). Raises RatingsMalformed, and NothingToCompare where both raters used one
    and the same category throughout.
    """
    one, two = _two(first, second)
    size = max(int(max(one.max(), two.max())) + 1, categories or 2)
    table = np.bincount(one * size + two, minlength=size**2).reshape(size, size) / len(one)
    agreed = _agreed(size, weights)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    seen, by_chance = float((agreed * table).sum()), float(rows @ agreed @ columns)
    if by_chance >= 1.0 - 1e-12:
        raise NothingToCompare("Both raters used one category throughout; kappa has no value.")
    mean = (agreed @ columns)[:, None] + (agreed.T @ rows)[None, :]
    left = 1.0 - by_chance
    value = (seen - by_chance) / left
    spread = (table * np.square(agreed - mean * (1.0 - value))).sum()
    spread -= (value - by_chance * (1.0 - value)) ** 2
    under = (np.outer(rows, columns) * np.square(agreed - mean)).sum() - by_chance**2
    errors = np.sqrt(np.maximum([spread, under], 0.0) / len(one)) / left
    return _stated(value, errors[0], errors[1], confidence)


def _agreed(size: int, weights: str) -> Floats:
    """How far two categories agree [K, K]: 1 on the diagonal, 0 for what is furthest apart."""
    away = np.abs(np.subtract.outer(np.arange(size), np.arange(size))) / (size - 1)
    apart = {"none": (away > 0.0).astype(np.float64), "linear": away, "quadratic": away**2}
    if weights not in apart:
        raise RatingsMalformed('Weights are "none", "linear" or "quadratic".')
    return 1.0 - apart[weights]


def fleiss_kappa(counts: ArrayLike, *, confidence: float = 0.95) -> Kappa:
    """Agreement of several raters, not the same on every ratee, from counts [N, K] of raters per category.

    Every ratee has the same number of raters, 2 or more. Value after Fleiss (1971), error under chance after Fleiss,
    Nee & Landis (1979); the error for the interval leaves each ratee out in turn (jackknife), or
    is the linear one (delta method) where a ratee alone used a second category. Raises RatingsMalformed,
    NothingToCompare.
    """
    table = _counted(counts)
    n = float(table[0].sum())
    each, shares = (np.square(table).sum(axis=1) - n) / (n * (n - 1.0)), table.sum(axis=0) / table.sum()
    if np.max(shares) >= 1.0:
        raise NothingToCompare("All raters used one category throughout; kappa has no value.")
    by_chance = float(shares @ shares)
    value = (each.mean() - by_chance) / (1.0 - by_chance)
    q = shares * (1.0 - shares)
    under = np.sqrt(2.0 * (q.sum() ** 2 - (q * (1.0 - 2.0 * shares)).sum()))
    under /= q.sum() * np.sqrt(len(table) * n * (n - 1.0))
    by_chance_without = np.square((table.sum(axis=0) - table) / (table.sum() - n)).sum(axis=1)
    each_without = (each.sum() - each) / (len(table) - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = (each_without - by_chance_without) / (1.0 - by_chance_without)
    if np.all(np.isfinite(values)):
        error = np.sqrt((len(table) - 1) / len(table) * np.square(values - values.mean()).sum())
    else:
        moves = each - each.mean() - 2.0 * (1.0 - value) * ((table / n - shares) @ shares)
        error = np.sqrt(np.square(moves).sum()) / (len(table) * (1.0 - by_chance))
    return _stated(value, error, under, confidence)


def _counted(counts: ArrayLike) -> Floats:
    table = np.asarray(counts, dtype=np.float64)
    if table.ndim != 2 or not np.all(np.isfinite(table) & (table >= 0.0) & (table == np.rint(table))):
        raise RatingsMalformed("Give counts [ratees, categories]: whole numbers, 0 or above.")
    raters = table.sum(axis=1)
    if len(table) < 2 or raters.min() < 2 or np.any(raters != raters[0]):
        raise RatingsMalformed("Give two ratees or more, each with the same number of raters, two or more.")
    return table


def _two(first: ArrayLike, second: ArrayLike) -> tuple[Ints, Ints]:
    one, two = np.asarray(first), np.asarray(second)
    if one.shape != two.shape or one.ndim != 1:
        raise RatingsMalformed("Give the categories of both raters for the same ratees, in the same order.")
    if not len(one):
        raise NothingToCompare("There is no ratee whom both rated.")
    for codes in (one, two):
        if not np.issubdtype(codes.dtype, np.integer) or codes.min() < 0:
            raise RatingsMalformed(
                "Categories are whole numbers from 0; leave out ratees whom one did not rate."
            )
    return one.astype(np.int64), two.astype(np.int64)


def _stated(value: float, se: float, se_chance: float, confidence: float) -> Kappa:
    if not 0.0 < confidence < 1.0:
        raise RatingsMalformed("The confidence of an interval lies between 0 and 1.")
    half = float(ndtri(0.5 + confidence / 2.0)) * se
    ends: Floats = np.clip([value - half, value + half], -1.0, 1.0)
    return Kappa(float(value), float(se), float(se_chance), float(ends[0]), float(ends[1]))
