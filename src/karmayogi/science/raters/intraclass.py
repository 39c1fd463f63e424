"""Intraclass correlations: how much of a rating is the ratee, and how much the rater or chance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import f as f_law

from karmayogi.science.irt import Floats, Ints
from karmayogi.science.raters.refusals import NothingToCompare, RatingsMalformed


@dataclass(frozen=True)
class Intraclass:
    """One form: its value, the interval asked for, and the F test of no differences between ratees.

    Value and ends are NaN where the form has none: the second, of two ratees whom two raters put in opposite order.
    """

    form: str
    value: float
    low: float
    high: float
    f: float
    freedom: tuple[int, int]
    p_value: float


def intraclass(ratings: ArrayLike, *, confidence: float = 0.95) -> dict[str, Intraclass]:
    """All six forms from ratings [ratees, raters] without gaps (Shrout & Fleiss 1979), by their names there.

    "1,1": each ratee has raters of its own; "2,1": the same raters, drawn from many, absolute agreement; "3,1": these
    raters and no others, consistency; "1,k", "2,k", "3,k": the mean of all k raters. Intervals as there, those of the
    second forms after McGraw & Wong (1996). Raises RatingsMalformed for gaps (use `components`), NothingToCompare.
    """
    table = _complete(ratings)
    if not 0.0 < confidence < 1.0:
        raise RatingsMalformed("The confidence of an interval lies between 0 and 1.")
    n, k = table.shape
    between, columns, within, rest = _mean_squares(table)
    if between + rest <= 0.0:
        raise NothingToCompare("No ratee differs from another; there is nothing to tell apart.")
    tail = (1.0 - confidence) / 2.0
    found = {}
    for name, below, freedom in (
        ("1", within, n * (k - 1)),
        ("2", rest, (n - 1) * (k - 1)),
        ("3", rest, (n - 1) * (k - 1)),
    ):
        ratio = between / below if below > 0.0 else float("inf")
        if name == "2":
            total = between + (k - 1) * rest + k * (columns - rest) / n
            value = (between - rest) / total if total > 0.0 else float("nan")
            low, high = _second_ends(between, columns, rest, n, k, value, tail)
        else:
            value = (between - below) / (between + (k - 1) * below)
            low, high = (_one_of(end, k) for end in _ends(ratio, (n - 1, freedom), tail))
        p_value = float(f_law.sf(ratio, n - 1, freedom))
        found[f"{name},1"] = Intraclass(f"{name},1", value, low, high, ratio, (n - 1, freedom), p_value)
        value, low, high = (_all_of(one_rater, k) for one_rater in (value, low, high))
        found[f"{name},k"] = Intraclass(f"{name},k", value, low, high, ratio, (n - 1, freedom), p_value)
    return found


def _complete(ratings: ArrayLike) -> Floats:
    table = np.asarray(ratings, dtype=np.float64)
    if table.ndim != 2 or min(table.shape) < 2:
        raise RatingsMalformed("Give ratings [ratees, raters], two of each or more.")
    if not np.all(np.isfinite(table)):
        raise RatingsMalformed(
            "There are gaps. Leave out ratees with gaps, or use `components`, which allows them."
        )
    return table


@dataclass(frozen=True)
class Components:
    """Variances of ratees, of raters and of the rest, and what they make of one rating's reliability.

    An estimate below 0 is left as it is: it says that the variance is too small to be seen. `absolute` is
    ratee / (ratee + rater + rest), as form 2,1; `consistency` ratee / (ratee + rest), as form 3,1; NaN where
    those parts are 0 together.
    """

    ratee: float
    rater: float
    rest: float

    @property
    def absolute(self) -> float:
        """Reliability of one rating by a rater drawn from all."""
        return _share(self.ratee, self.ratee + self.rater + self.rest)

    @property
    def consistency(self) -> float:
        """Reliability of one rating among those of the same rater."""
        return _share(self.ratee, self.ratee + self.rest)


def _share(part: float, whole: float) -> float:
    return part / whole if whole != 0.0 else float("nan")


def components(ratee: ArrayLike, rater: ArrayLike, value: ArrayLike) -> Components:
    """Variance components of ratings [E] of whoever rated whom, gaps and repeats allowed (Henderson 1953, method I).

    Four sums of squares are set equal to what they would be on average; without gaps the result is that of
    `intraclass`. `ratee` and `rater` are codes of any kind. Raises RatingsMalformed, and NothingToCompare where the
    design cannot tell the three apart or all values are equal.
    """
    values = np.asarray(value, dtype=np.float64)
    if (
        values.ndim != 1
        or not np.shape(ratee) == np.shape(rater) == values.shape
        or not np.all(np.isfinite(values))
    ):
        raise RatingsMalformed("Give ratee, rater and a number for each rating; leave out ratings not given.")
    if len(values) and np.ptp(values) <= 0.0:
        raise NothingToCompare("All values are equal; there is no variance to divide.")
    values = values - values.mean()  # the digits of a far origin would be lost in the squares
    by_ratee, by_rater = (np.unique(codes, return_inverse=True)[1] for codes in (ratee, rater))
    sums, means = _squares(by_ratee, by_rater, values)
    if np.linalg.matrix_rank(means) < 4:
        raise NothingToCompare(
            "Ratees, raters and the rest cannot be told apart: no rater shares ratees with another."
        )
    found = np.linalg.solve(means, sums)
    return Components(float(found[1]), float(found[2]), float(found[3]))


def _squares(by_ratee: Ints, by_rater: Ints, values: Floats) -> tuple[Floats, Floats]:
    """Four sums of squares [4], and what they are on average in mean² and the three variances [4, 4]."""
    n_ratee, n_rater, n = np.bincount(by_ratee), np.bincount(by_rater), len(values)
    cells, count = np.unique(by_ratee * len(n_rater) + by_rater, return_counts=True)
    of_ratee, of_rater = cells // len(n_rater), cells % len(n_rater)
    sums = np.array([
        values @ values,
        (np.bincount(by_ratee, weights=values) ** 2 / n_ratee).sum(),
        (np.bincount(by_rater, weights=values) ** 2 / n_rater).sum(),
        values.sum() ** 2 / n,
    ])  # fmt: skip
    means = np.array([
        [n, n, n, n],
        [n, n, (count**2 / n_ratee[of_ratee]).sum(), len(n_ratee)],
        [n, (count**2 / n_rater[of_rater]).sum(), n, len(n_rater)],
        [n, (n_ratee**2).sum() / n, (n_rater**2).sum() / n, 1.0],
    ])  # fmt: skip
    return sums, means


def _mean_squares(table: Floats) -> tuple[float, float, float, float]:
    """Mean squares between ratees, between raters, within ratees, and of what is left of the last."""
    n, k = table.shape
    ratee, rater, all_of_it = table.mean(axis=1), table.mean(axis=0), table.mean()
    squares = (
        k * np.square(ratee - all_of_it).sum() / (n - 1),
        n * np.square(rater - all_of_it).sum() / (k - 1),
        np.square(table - ratee[:, None]).sum() / (n * (k - 1)),
        np.square(table - ratee[:, None] - rater + all_of_it).sum() / ((n - 1) * (k - 1)),
    )
    dust = 1e-24 * np.square(table).sum()  # what rounding leaves of a sum that is 0
    between, columns, within, rest = (float(square) if square > dust else 0.0 for square in squares)
    return between, columns, within, rest


def _ends(ratio: float, freedom: tuple[int, int], tail: float) -> tuple[float, float]:
    """Ends of the ratio of true mean squares."""
    return float(ratio / f_law.isf(tail, *freedom)), float(ratio * f_law.isf(tail, freedom[1], freedom[0]))


def _one_of(ratio: float, k: int) -> float:
    """The correlation of one rater's ratings that gives this ratio of mean squares."""
    return 1.0 if np.isinf(ratio) else (ratio - 1.0) / (ratio + k - 1.0)


def _all_of(one: float, k: int) -> float:
    """The correlation of means of k, from that of one (Spearman 1910; Brown 1910)."""
    if np.isnan(one):
        return one
    return k * one / (1.0 + (k - 1.0) * one) if one > -1.0 / (k - 1.0) else float("-inf")


def _second_ends(
    between: float, columns: float, rest: float, n: int, k: int, value: float, tail: float
) -> tuple[float, float]:
    """Ends of the second form, on Satterthwaite's degrees of freedom."""
    if value >= 1.0 or np.isnan(value):
        return value, value
    a = k * value / (n * (1.0 - value))
    b = 1.0 + k * value * (n - 1) / (n * (1.0 - value))
    parts = np.square(a * columns) / (k - 1) + np.square(b * rest) / ((n - 1) * (k - 1))
    freedom = (a * columns + b * rest) ** 2 / parts if parts > 0.0 else 1.0
    above, below = f_law.isf(tail, n - 1, freedom), f_law.isf(tail, freedom, n - 1)
    error = k * columns + (k * n - k - n) * rest
    low = n * (between - above * rest) / (above * error + n * between)
    high = n * (below * between - rest) / (error + n * below * between)
    return float(low), float(high)
