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
