"""Numbers in [0, 1) that a seed and a place fix, without a stream: any one can be had again alone, in any order."""

import numpy as np
from numpy.typing import ArrayLike

from karmayogi.science.irt import Floats

CHOICE, RESPONSE, ELIGIBILITY = 1, 2, 3
"""What a number is for; two purposes never share one."""
_GOLDEN, _FIRST, _SECOND = (
    np.uint64(0x9E3779B97F4A7C15),
    np.uint64(0xBF58476D1CE4E5B9),
    np.uint64(0x94D049BB133111EB),
)


class SeedOutOfRange(ValueError):
    """A seed is not a whole number of 64 bits."""

    def __init__(self, seed: object) -> None:
        super().__init__(f"The seed {seed} must be a whole number from 0 to 2^64 - 1. Choose another one.")


def checked(seed: int) -> int:
    """The seed, if it is one. Raises SeedOutOfRange."""
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= seed < 2**64:
        raise SeedOutOfRange(seed)
    return int(seed)


def mixed(seed: ArrayLike, place: ArrayLike) -> np.ndarray:
    """uint64 for each seed and place (they broadcast): the finaliser of SplitMix64 (Steele, Lea & Flood 2014)."""
    with np.errstate(over="ignore"):
        z = np.asarray(seed, dtype=np.uint64) + (np.asarray(place, dtype=np.uint64) + np.uint64(1)) * _GOLDEN
        z = (z ^ (z >> np.uint64(30))) * _FIRST
        z = (z ^ (z >> np.uint64(27))) * _SECOND
    return np.asarray(z ^ (z >> np.uint64(31)))


def uniforms(seed: int, purpose: int, places: ArrayLike) -> Floats:
    """Numbers in [0, 1) with 53 bits for each of `places` (integers >= 0), the shape of `places`."""
    return np.asarray((mixed(mixed(seed, purpose), places) >> np.uint64(11)) * 2.0**-53)


def seed_of(seed: int, sitting: int) -> int:
    """The seed in [0, 2^64) of one sitting of a run."""
    return int(mixed(seed, sitting))
