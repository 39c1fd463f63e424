"""How rarely an honest person gets this far: tails of sums, skewed or of single chances."""

import numpy as np
from scipy.special import gammainc, gammaincc, ndtr

from karmayogi.science.irt import Floats

NORMAL = 1e-3


def upper_tail(z: Floats, skew: Floats) -> Floats:
    """P(Z >= z) for standardised sums of this skewness: Pearson's third curve, which has the first three moments.

    The normal tail for a skewness below 0.001. `z` and `skew` broadcast.
    """
    z, skew = np.broadcast_arrays(np.asarray(z, dtype=np.float64), np.asarray(skew, dtype=np.float64))
    flat = np.abs(skew) < NORMAL
    safe = np.where(flat, 1.0, np.abs(skew))
    shape = 4.0 / np.square(safe)
    reach = shape + np.where(skew > 0.0, z, -z) * np.sqrt(shape)
    inside = np.maximum(reach, 0.0)
    curved = np.where(skew > 0.0, gammaincc(shape, inside), gammainc(shape, inside))
    return np.asarray(np.where(flat, ndtr(-z), curved))


def count_chances(chances: Floats) -> Floats:
    """Chances [P, I + 1] of 0 to I successes from independent ones of unlike chances [P, I].

    The generalised binomial distribution, exactly, by adding one trial at a time (Lord & Wingersky 1984). A trial
    of chance 0 counts for nothing, so what was not asked may be given as 0.
    """
    rows, trials = chances.shape
    pmf = np.zeros((trials + 1, rows))
    pmf[0] = 1.0
    for trial in range(trials):
        chance = chances[:, trial]
        pmf[1 : trial + 2] = pmf[1 : trial + 2] * (1.0 - chance) + pmf[: trial + 1] * chance
        pmf[0] *= 1.0 - chance
    return np.ascontiguousarray(pmf.T)


def count_tails(pmf: Floats, count: Floats) -> tuple[Floats, Floats]:
    """P(X >= count) and the same with half of P(X = count), each [P], for whole or fractional counts [P].

    The second (mid-p, Lancaster 1961) makes the stated rate of false positives hold on average where counts jump;
    between whole counts both are drawn in a straight line of logarithms.
    """
    beyond = np.cumsum(pmf[:, ::-1], axis=1)[:, ::-1]
    low = np.clip(np.floor(count), 0, pmf.shape[1] - 1).astype(np.int64)
    high = np.minimum(low + 1, pmf.shape[1] - 1)
    part = np.clip(count - low, 0.0, 1.0)
    rows = np.arange(len(pmf))
    found = []
    for tail in (beyond, beyond - pmf / 2.0):
        logs = np.log(np.maximum(tail, 1e-300))
        found.append(np.exp(logs[rows, low] * (1.0 - part) + logs[rows, high] * part))
    return np.minimum(found[0], 1.0), np.minimum(found[1], 1.0)
