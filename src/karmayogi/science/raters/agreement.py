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
        """The value in units of its error under chance alone."""
        return self.value / self.se_chance


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
    away = np.abs(np.subtract.outer(np.arange(size), np.arange(size))) / (size - 1)
    if weights not in ("none", "linear", "quadratic"):
        raise RatingsMalformed('Weights are "none", "linear" or "quadratic".')
    apart = {"none": (away > 0).astype(np.float64), "linear": away, "quadratic": away**2}[weights]
    agreed = 1.0 - apart
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    seen, by_chance = float((agreed * table).sum()), float(rows @ agreed @ columns)
    if by_chance >= 1.0 - 1e-12:
        raise NothingToCompare("Both raters used one category throughout; kappa has no value.")
    mean = (agreed @ columns)[:, None] + (agreed.T @ rows)[None, :]
    chance_table = np.outer(rows, columns)
    left = 1.0 - by_chance
    value = (seen - by_chance) / left
    spread = (table * np.square(agreed - mean * (1.0 - value))).sum() - (
        value - by_chance * (1.0 - value)
    ) ** 2
    under = (chance_table * np.square(agreed - mean)).sum() - by_chance**2
    return _stated(
        value,
        np.sqrt(max(spread, 0.0) / len(one)) / left,
        np.sqrt(max(under, 0.0) / len(one)) / left,
        confidence,
    )


def fleiss_kappa(counts: ArrayLike, *, confidence: float = 0.95) -> Kappa:
    """Agreement of several raters, not the same on every ratee, from counts [N, K] of raters per category.

    Every ratee has the same number of raters, 2 or more. Value after Fleiss (1971), error under chance after Fleiss,
    Nee & Landis (1979); the error for the interval leaves each ratee out in turn (jackknife). Raises RatingsMalformed,
    NothingToCompare.
    """
    table = np.asarray(counts, dtype=np.float64)
    if (
        table.ndim != 2
        or not np.all(np.isfinite(table))
        or np.any(table < 0)
        or np.any(table != np.rint(table))
    ):
        raise RatingsMalformed("Give counts [ratees, categories]: whole numbers, 0 or above.")
    raters = table.sum(axis=1)
    if len(table) < 2 or raters.min() < 2 or np.any(raters != raters[0]):
        raise RatingsMalformed(
            "Every ratee needs the same number of raters, two or more; and two ratees are needed."
        )
    n = float(raters[0])
    each, shares = (np.square(table).sum(axis=1) - n) / (n * (n - 1.0)), table.sum(axis=0) / table.sum()
    if np.max(shares) >= 1.0:
        raise NothingToCompare("All raters used one category throughout; kappa has no value.")
    by_chance = float(shares @ shares)
    value = (each.mean() - by_chance) / (1.0 - by_chance)
    q = shares * (1.0 - shares)
    under = np.sqrt(2.0 * (q.sum() ** 2 - (q * (1.0 - 2.0 * shares)).sum())) / (
        q.sum() * np.sqrt(len(table) * n * (n - 1.0))
    )
    without = (table.sum(axis=0) - table) / (table.sum() - n)
    chance_without = np.square(without).sum(axis=1)
    mean_without = (each.sum() - each) / (len(table) - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = (mean_without - chance_without) / (1.0 - chance_without)
    error = np.sqrt((len(table) - 1) / len(table) * np.square(values - values.mean()).sum())
    return _stated(float(value), float(error), float(under), confidence)


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
