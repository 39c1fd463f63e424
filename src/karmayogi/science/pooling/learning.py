"""One row of evidence each: normal states times likelihoods, matched by mean and variance (Minka 2001).

Likelihoods are known on GRID alone. Sums on it are exact enough for what lies inside. What is narrower than its
steps, or reaches over its ends, is summed on a grid of its own.
"""

from dataclasses import dataclass

import numpy as np

from karmayogi.science.irt import GRID, Floats, moments, weights_of

STEP = float(GRID[1] - GRID[0])
NARROW = 1.2 * STEP
"""A posterior narrower than this is summed again on a finer grid of its own."""

AT_AN_END = float(np.log(1e-7))
"""Log of the density at an end of GRID, or beyond it, over the highest on GRID, from which the end matters."""

REACH = 8.0
"""Sds to each side of a grid of a state's own."""
UNIT: Floats = np.linspace(0.0, 1.0, 161)
FINE = 4.0
"""Steps of such a grid to an sd, at least."""
REFINEMENTS = 12


def learned(means: Floats, variances: Floats, log_likelihood: Floats) -> tuple[Floats, Floats]:
    """Mean and variance [E] of N(means, variances) times the likelihoods [E, Q] on GRID."""
    log_state = -np.square(GRID - means[:, None]) / (2.0 * variances[:, None])
    log_weights = log_state + log_likelihood
    new_means, sds = moments(weights_of(log_weights))
    low, high, height = _ends(means, variances, log_likelihood, log_weights)
    beyond = height > log_weights.max(axis=1) + AT_AN_END
    far, narrow = np.flatnonzero(beyond), np.flatnonzero(~beyond & (sds < NARROW))
    if narrow.size:
        unit = np.maximum(sds[narrow], STEP / 2.0)
        fine = new_means[narrow, None] + unit[:, None] * GRID
        log_state = -np.square(fine - means[narrow, None]) / (2.0 * variances[narrow, None])
        weights = weights_of(log_state + _between(log_likelihood[narrow], fine))
        new_means[narrow] = (weights * fine).sum(axis=1)
        sds[narrow] = np.sqrt((weights * np.square(fine - new_means[narrow, None])).sum(axis=1))
    if far.size:
        new_means[far], sds[far] = _on_own_grids(
            means[far], variances[far], log_likelihood[far], low[far], high[far]
        )
    return new_means, np.square(sds)


@dataclass(frozen=True)
class _Tail:
    """Rows [E] beyond the upper end of GRID, t steps out: value + t slope + t (t + 1) bend / 2, bend <= 0.

    That is the quadratic through the last three points, so what is normal goes on as it is; where it would turn
    upwards, the straight line through the last two.
    """

    value: Floats
    slope: Floats
    bend: Floats

    @classmethod
    def of(cls, rows: Floats) -> "_Tail":
        value, before, first = rows[:, -1], rows[:, -2], rows[:, -3]
        known = np.isfinite(value) & np.isfinite(before) & np.isfinite(first)
        with np.errstate(invalid="ignore"):
            slope, bend = value - before, value - 2.0 * before + first
        return cls(value, np.where(known, slope, 0.0), np.where(known, np.minimum(bend, 0.0), 0.0))

    def at(self, steps: Floats) -> Floats:
        """Rows [E, P] so many steps [E, P] beyond the end."""
        bent = steps * (steps + 1.0) / 2.0 * self.bend[:, None]
        return np.asarray(self.value[:, None] + steps * self.slope[:, None] + bent)

    def peak(self, distance: Floats, variances: Floats) -> tuple[Floats, Floats]:
        """How many logits beyond the end a state times the row reaches, and how much its log rises there.

        `distance`: how far the mean of the state lies below the end.
        """
        precision = STEP**2 / variances - self.bend
        rise = np.maximum(self.slope + self.bend / 2.0 - distance * STEP / variances, 0.0)
        return STEP * (rise / precision + REACH / np.sqrt(precision)), np.square(rise) / (2.0 * precision)


def _ends(
    means: Floats, variances: Floats, rows: Floats, log_weights: Floats
) -> tuple[Floats, Floats, Floats]:
    """Where states times rows certainly end [E], below and above, and the highest log at or beyond GRID's ends."""
    above, more = _Tail.of(rows).peak(GRID[-1] - means, variances)
    below, less = _Tail.of(rows[:, ::-1]).peak(means - GRID[0], variances)
    height = np.maximum(log_weights[:, -1] + more, log_weights[:, 0] + less)
    return GRID[0] - below, GRID[-1] + above, height


def _on_own_grids(
    means: Floats, variances: Floats, rows: Floats, low: Floats, high: Floats
) -> tuple[Floats, Floats]:
    """Means and sds [E] of states times rows that lie between low and high, on grids drawn in until they are fine."""
    new_means, sds = np.empty((2, len(means)))
    left = np.arange(len(means))
    for _ in range(REFINEMENTS):
        points = low[left, None] + (high - low)[left, None] * UNIT
        log_state = -np.square(points - means[left, None]) / (2.0 * variances[left, None])
        weights = weights_of(log_state + _anywhere(rows[left], points))
        middle = (weights * points).sum(axis=1)
        sd = np.sqrt((weights * np.square(points - middle[:, None])).sum(axis=1))
        new_means[left], sds[left] = middle, sd
        step = (high - low)[left] * UNIT[1]
        half = REACH * np.maximum(sd, step)
        low[left], high[left] = np.maximum(low[left], middle - half), np.minimum(high[left], middle + half)
        left = left[FINE * step > sd]
        if not left.size:
            break
    return new_means, sds


def _anywhere(rows: Floats, points: Floats) -> Floats:
    """Rows [E, Q] on GRID read at points [E, P] inside and beyond it."""
    lower, upper = _Tail.of(rows[:, ::-1]), _Tail.of(rows)
    one = np.ones((len(rows), 1))
    wider = np.concatenate([lower.at(one), rows, upper.at(one)], axis=1)
    inside = _between(wider, np.clip(points, GRID[0], GRID[-1]), start=float(GRID[0]) - STEP)
    return np.select(
        [points < GRID[0], points > GRID[-1]],
        [lower.at((GRID[0] - points) / STEP), upper.at((points - GRID[-1]) / STEP)],
        default=inside,
    )


def _between(rows: Floats, points: Floats, *, start: float = float(GRID[0])) -> Floats:
    """Rows [E, Q] on GRID read at points [E, P] by Catmull-Rom cubics, which keep normal messages exact.

    `start`: where the first column stands. Next to the impossible, a point is read as its nearest column.
    """
    position = (points - start) / STEP
    cell = np.clip(np.floor(position).astype(np.int64), 1, rows.shape[1] - 3)
    t = position - cell
    before, left, right, after = (np.take_along_axis(rows, cell + shift, axis=1) for shift in (-1, 0, 1, 2))
    with np.errstate(invalid="ignore"):
        slope = right - before
        bend = 2.0 * before - 5.0 * left + 4.0 * right - after
        twist = 3.0 * (left - right) + after - before
        read = left + 0.5 * t * (slope + t * (bend + t * twist))
    return np.asarray(np.where(np.isfinite(read), read, np.where(t < 0.5, left, right)))
