"""Likely ranges of shares, from sums that add up over bodies."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Z95 = 1.959963984540054
"""The normal quantile that leaves 2.5 % above it."""


@dataclass(frozen=True)
class Sums:
    """Per group: over its officials, sums of cases counted (`hits`), of all cases, and of their products.

    Each official brings `cases` >= 1 cases (e.g. requirements of the post), of which `hits` count. All [G].
    """

    hits: Floats
    cases: Floats
    hits_hits: Floats
    hits_cases: Floats
    cases_cases: Floats


@dataclass(frozen=True)
class Shares:
    """Per group: the share in [0, 1] and the ends of its 95 % interval; NaN where there are no cases."""

    value: Floats
    low: Floats
    high: Floats


def shares(sums: Sums, officials: Floats) -> Shares:
    """hits / cases with Wilson intervals (E. B. Wilson, JASA 22, 1927) on as many cases as they are worth.

    The requirements of one official are not independent of each other. Their variance is taken over officials
    (ratio estimate, linearised: W. G. Cochran, Sampling Techniques, 1977, 6.3), and n is the number of independent
    cases with the same variance, at most the cases there are. Where no official differs from another at 0 or 1, an
    official counts once. With one case per official this is the plain Wilson interval.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        p = sums.hits / sums.cases
        spread = sums.hits_hits - 2.0 * p * sums.hits_cases + p**2 * sums.cases_cases
        effective = p * (1.0 - p) * sums.cases**2 / spread
    flat = (sums.hits <= 0.0) | (sums.hits >= sums.cases)
    effective = np.where(flat, officials, np.minimum(np.nan_to_num(effective, posinf=np.inf), sums.cases))
    low, high = wilson(p, np.maximum(effective, 1.0))
    return Shares(p, low, high)


def wilson(p: Floats, n: Floats, *, z: float = Z95) -> tuple[Floats, Floats]:
    """Ends of the score interval for shares `p` of `n` independent cases."""
    centre = (p + z**2 / (2.0 * n)) / (1.0 + z**2 / n)
    half = z / (1.0 + z**2 / n) * np.sqrt(p * (1.0 - p) / n + z**2 / (4.0 * n**2))
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)
