"""From an estimate to what a person reads: met, below or not sure yet; awarded; where on the scale."""

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from karmayogi.science.irt import Bools, Floats

ON_THE_LINE = 1e-9
"""A chance this close to a threshold is on it, so that 0.8 reached by arithmetic is 0.8."""


class CutsNotAscending(ValueError):
    """A scale's cut scores do not rise from level to level."""

    def __init__(self) -> None:
        super().__init__("Cut scores must rise from one level to the next. Correct the scale and try again.")


class EstimateNotANumber(ValueError):
    """An estimate or a cut is no number, or a spread is below 0: nothing can be said about a level."""

    def __init__(self) -> None:
        super().__init__(
            "Means, sds, information and cuts must be numbers, sds 0 or above. Leave out who has none."
        )


class Statement(StrEnum):
    """What the evidence says about one requirement."""

    MET = "met"
    BELOW = "below"
    UNSURE = "unsure"


def chances(means: ArrayLike, sds: ArrayLike, cuts: ArrayLike) -> Floats:
    """P(ability >= cut) for normal estimates; the three arguments broadcast. An sd of 0 is certainty.

    Raises EstimateNotANumber.
    """
    distance = np.asarray(means, dtype=np.float64) - np.asarray(cuts, dtype=np.float64)
    spread = np.broadcast_to(np.asarray(sds, dtype=np.float64), np.broadcast(distance, sds).shape)
    if np.any(np.isnan(distance)) or not np.all(spread >= 0.0):
        raise EstimateNotANumber
    with np.errstate(divide="ignore", invalid="ignore"):
        standard = np.where(spread > 0.0, distance / spread, np.where(distance >= 0.0, np.inf, -np.inf))
    return np.asarray(ndtr(standard), dtype=np.float64)


def statements(
    means: ArrayLike,
    sds: ArrayLike,
    information: ArrayLike,
    cuts: ArrayLike,
    *,
    sure: float = 0.8,
    least_information: float,
) -> NDArray[np.str_]:
    """Values of Statement, as strings, for arguments that broadcast.

    Met if P(ability >= cut) >= sure, below if <= 1 - sure, both only with at least `least_information`
    (above 0) from unexpired evidence: a prior or drift alone never decides. Else unsure.
    Raises EstimateNotANumber, and ValueError for a `sure` below a half or above 1.
    """
    if least_information <= 0.0:
        raise ValueError("least_information must be above 0: without evidence nothing is decided.")
    if not 0.5 <= sure <= 1.0:
        raise ValueError("sure lies in 0.5 to 1: below it, met and below could both be said.")
    if np.any(np.isnan(np.asarray(information, dtype=np.float64))):
        raise EstimateNotANumber
    chance = chances(means, sds, cuts)
    informed = np.asarray(information) >= least_information
    met, below = chance >= sure - ON_THE_LINE, chance <= 1.0 - sure + ON_THE_LINE
    return np.select(
        [informed & met, informed & below],
        [Statement.MET.value, Statement.BELOW.value],
        default=Statement.UNSURE.value,
    )


def on_scale(theta: ArrayLike, cuts: ArrayLike) -> Floats:
    """Abilities as level values in [1, L]: exactly k at the cut of level k, linear between neighbouring cuts.

    `cuts` [L] holds the cut of level k at index k - 1. Beyond the outer cuts the value is held at 1 and at L.
    Raises CutsNotAscending.
    """
    ascending = np.asarray(cuts, dtype=np.float64)
    if not np.all(np.diff(ascending) > 0.0):
        raise CutsNotAscending
    levels = np.arange(1.0, len(ascending) + 1.0)
    return np.asarray(np.interp(np.asarray(theta, dtype=np.float64), ascending, levels), dtype=np.float64)


def likely_range(means: ArrayLike, sds: ArrayLike, *, share: float = 0.9) -> tuple[Floats, Floats]:
    """Lower and upper ends, in logits, of the central interval that holds `share` of the estimate.

    NaN for who has no estimate. Raises EstimateNotANumber for an sd below 0, and ValueError for a share that is
    not between 0 and 1.
    """
    if not 0.0 < share < 1.0:
        raise ValueError("The share of an interval lies between 0 and 1.")
    if np.any(np.asarray(sds) < 0.0):
        raise EstimateNotANumber
    centre, half = np.asarray(means, dtype=np.float64), np.asarray(sds) * float(ndtri(0.5 + share / 2.0))
    return centre - half, centre + half


def awarded(
    chance: ArrayLike, kinds_in_upper: ArrayLike, *, sure: float = 0.8, least_kinds: ArrayLike = 2
) -> Bools:
    """True where a level may be awarded: P(ability >= cut) >= sure, on at least `least_kinds` kinds.

    `kinds_in_upper` counts the kinds of unexpired evidence that an award in the upper part of the scale
    rests on. The arguments broadcast; pass `least_kinds` 1 for the levels of the lower part.
    """
    certain = np.asarray(chance, dtype=np.float64) >= sure - ON_THE_LINE
    return np.asarray(certain & (np.greater_equal(kinds_in_upper, least_kinds)))
