"""Compiled loops over answers, one person after another, in the order given and without fastmath.

`cells` [M] are rows of a table of log chances [C, Q]: the item's offset plus the code. Windows `low`, `high` [N]
say on which nodes each person's posterior was not negligible; outside, nothing is computed.
"""

import numpy as np
from numpy.typing import NDArray

from karmayogi.science.irt.grid import Floats, Ints
from karmayogi.science.kernels import compiled, inner

Places = NDArray[np.int32]

NEGLIGIBLE = 1e-9
"""Nodes with less than this of a person's highest weight are left out of the window."""
EDGE = 1e-7
"""A window whose outer node weighs more than this of the highest was too narrow: the person is done again in full."""
MARGIN = 1
STRIDE = 8
"""Windows are whole multiples of this many nodes wide: the compiled loops then have no remainder to do one by one."""


@inner
def exponentials(x: Floats, top: float) -> float:
    """Turns x [n] into exp(x - top), in place, and returns the sum; relative error 2e-14, least value exp(-44).

    (exp(y / 128))^128 with a polynomial of degree 12: no branch and no table, so that several are done at once; the
    library's function takes four times as long.
    """
    for k in range(len(x)):
        y = x[k] - top
        y = (y if y > -44.0 else -44.0) * 0.0078125
        e = 1.0 + y * (1.0 / 12.0)
        e = 1.0 + y * e * (1.0 / 11.0)
        e = 1.0 + y * e * (1.0 / 10.0)
        e = 1.0 + y * e * (1.0 / 9.0)
        e = 1.0 + y * e * (1.0 / 8.0)
        e = 1.0 + y * e * (1.0 / 7.0)
        e = 1.0 + y * e * (1.0 / 6.0)
        e = 1.0 + y * e * (1.0 / 5.0)
        e = 1.0 + y * e * (1.0 / 4.0)
        e = 1.0 + y * e * (1.0 / 3.0)
        e = 1.0 + y * e * (1.0 / 2.0)
        e = 1.0 + y * e
        e *= e
        e *= e
        e *= e
        e *= e
        e *= e
        e *= e
        x[k] = e * e
    total = 0.0
    for k in range(len(x)):
        total += x[k]
    return total


@inner
def posterior(
    first: int, last: int, cells: Places, table: Floats, log_prior: Floats, low: int, high: int, row: Floats
) -> tuple[float, float]:
    """Fills row[low:high] with weights that sum to 1; the log of their sum before, and the highest weight.

    Four answers at a time and slices that start at 0: both let the compiler work on several nodes at once.
    """
    here, width = row[low:high], high - low
    for k in range(width):
        here[k] = log_prior[low + k]
    j = first
    while j + 4 <= last:
        one, two = table[cells[j], low:high], table[cells[j + 1], low:high]
        three, four = table[cells[j + 2], low:high], table[cells[j + 3], low:high]
        for k in range(width):
            here[k] += (one[k] + two[k]) + (three[k] + four[k])
        j += 4
    while j < last:
        one = table[cells[j], low:high]
        for k in range(width):
            here[k] += one[k]
        j += 1
    top = here.max()
    total = exponentials(here, top)
    share = 1.0 / total
    for k in range(width):
        here[k] *= share
    return top + np.log(total), share


@inner
def spread(row: Floats, nodes: Floats) -> tuple[float, float]:
    """Mean and sd of weights [n] on nodes [n]."""
    mean, square = 0.0, 0.0
    for k in range(len(row)):
        mean += row[k] * nodes[k]
        square += row[k] * nodes[k] * nodes[k]
    return mean, np.sqrt(max(square - mean * mean, 0.0))


@inner
def padded(low: int, high: int, first: int, last: int) -> tuple[int, int]:
    """A window around [low, high) of a multiple of STRIDE nodes, within [first, last) as far as that goes."""
    width = -(-(high - low) // STRIDE) * STRIDE
    end = min(low + width, last)
    return max(end - width, first), end


@compiled
def expect(
    starts: Ints, cells: Places, table: Floats, log_priors: Floats, group: Ints, weights: Floats, nodes: Floats,
    low: Places, high: Places, counts: Floats, mass: Floats, sds: Floats,
) -> float:  # fmt: skip
    """One expectation step: adds to `counts` [C, Q] and `mass` [G, Q], fills `sds` [N], moves the windows; returns
    the log-likelihood."""
    most = len(nodes)
    row = np.empty(most)
    total = 0.0
    for p in range(len(starts) - 1):
        first, last, g = starts[p], starts[p + 1], group[p]
        lo, hi = int(np.int64(low[p])), int(np.int64(high[p]))
        found, top = posterior(first, last, cells, table, log_priors[g], lo, hi, row)
        narrow = (lo > 0 and row[lo] > EDGE * top) or (hi < most and row[hi - 1] > EDGE * top)
        if narrow:
            lo, hi = int(np.int64(0)), most
            found, top = posterior(first, last, cells, table, log_priors[g], lo, hi, row)
        while row[lo] < NEGLIGIBLE * top:
            lo += 1
        while row[hi - 1] < NEGLIGIBLE * top:
            hi -= 1
        low_next, high_next = padded(max(lo - MARGIN, 0), min(hi + MARGIN, most), int(np.int64(0)), most)
        lo, hi = padded(lo, hi, low[p] if not narrow else 0, high[p] if not narrow else most)
        here = row[lo:hi]
        width = hi - lo
        sds[p] = spread(here, nodes[lo:hi])[1]
        weight = weights[p]
        total += weight * found
        own = mass[g, lo:hi]
        for k in range(width):
            here[k] *= weight
            own[k] += here[k]
        for j in range(first, last):
            target = counts[cells[j], lo:hi]
            for k in range(width):
                target[k] += here[k]
        low[p], high[p] = low_next, high_next
    return total


@compiled
def summarise(
    starts: Ints, cells: Places, table: Floats, log_priors: Floats, group: Ints, nodes: Floats,
    means: Floats, sds: Floats, log_likelihoods: Floats,
) -> None:  # fmt: skip
    """Posterior mean, sd and marginal log-likelihood of each person, filled in."""
    row, zero = np.empty(table.shape[1]), int(np.int64(0))
    for p in range(len(starts) - 1):
        found, _ = posterior(
            starts[p], starts[p + 1], cells, table, log_priors[group[p]], zero, len(nodes), row
        )
        means[p], sds[p] = spread(row, nodes)
        log_likelihoods[p] = found


@compiled
def score_sums(
    starts: Ints, cells: Places, table: Floats, log_priors: Floats, group: Ints, weights: Floats,
    place: Ints, value: Floats, variance: bool, out: Floats,
) -> None:  # fmt: skip
    """Adds to the lower half of `out` [F, F] the variance of each person's score over their posterior, or, without
    `variance`, the square of its mean. `place` [C + G, p] and `value` [C + G, Q, p] are derivatives; row C + g is the
    group's density."""
    nodes, slots, zero = table.shape[1], place.shape[1], int(np.int64(0))
    most = 0
    for p in range(len(starts) - 1):
        most = max(most, starts[p + 1] - starts[p])
    row = np.empty(nodes)
    rows = np.empty(most + 1, np.int64)
    where = np.empty((most + 1) * slots, np.int64)
    which = np.empty((most + 1) * slots, np.int64)
    slot_of = np.empty((most + 1) * slots, np.int64)
    score, mean = np.empty((most + 1) * slots), np.empty((most + 1) * slots)
    local = np.empty(((most + 1) * slots, (most + 1) * slots))
    for p in range(len(starts) - 1):
        first, last, g = starts[p], starts[p + 1], group[p]
        _, top = posterior(first, last, cells, table, log_priors[g], zero, nodes, row)
        lo, hi = 0, nodes
        while row[lo] < NEGLIGIBLE * top:
            lo += 1
        while row[hi - 1] < NEGLIGIBLE * top:
            hi -= 1
        count = last - first
        for j in range(count):
            rows[j] = cells[first + j]
        rows[count] = table.shape[0] + g
        used = 0
        for j in range(count + 1):
            for s in range(slots):
                if place[rows[j], s] >= 0:
                    where[used], which[used], slot_of[used] = place[rows[j], s], rows[j], s
                    used += 1
        mean[:used] = 0.0
        local[:used, :used] = 0.0
        for k in range(lo, hi):
            weight = row[k]
            for j in range(used):
                score[j] = value[which[j], k, slot_of[j]]
                mean[j] += weight * score[j]
            if variance:
                for j in range(used):
                    pull = weight * score[j]
                    for i in range(j + 1):
                        local[j, i] += pull * score[i]
        for j in range(used):
            for i in range(j + 1):
                found = local[j, i] - mean[j] * mean[i] if variance else mean[j] * mean[i]
                a, b = where[j], where[i]
                if a < b:
                    a, b = b, a
                if a == b and i != j:
                    found *= 2.0
                out[a, b] += weights[p] * found
