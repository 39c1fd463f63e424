"""The grid of abilities and halos: as wide as the abilities need, as fine as the sharpest posterior needs."""

from dataclasses import dataclass

import numpy as np

from karmayogi.science.irt import Floats, Ints

FINEST = 0.05
"""Logits. A halo narrower than a step is integrated by its first two moments, right to 1e-6 at this step."""
WIDEST = 0.25
REACH = 6.0
"""Sds of the halo, and of abilities, beyond which nothing is counted."""


@dataclass(frozen=True)
class Quadrature:
    """An even grid of abilities with its step, and how many steps the halo's grid is wider on each side."""

    theta: Floats
    step: float
    reach: int

    @classmethod
    def of(cls, *, half_width: float, step: float, halo_sd: float) -> "Quadrature":
        """Abilities from -half_width to half_width in steps of at most `step`; halos to REACH sds, and half as much."""
        points = int(np.ceil(half_width / step))
        step = half_width / points
        reach = max(2, int(np.ceil(1.5 * REACH * halo_sd / step)))
        return cls(np.asarray(np.arange(-points, points + 1) * step), step, reach)

    @property
    def growth(self) -> Floats:
        """exp(v) on the wider grid [V]."""
        points = len(self.theta) // 2 + self.reach
        return np.asarray(np.exp(np.arange(-points, points + 1) * self.step))

    def prior(self, mean: float, sd: float) -> tuple[Floats, Floats, Floats]:
        """Weights [T] of N(mean, sd), and the slopes of their logs in mean and in log sd."""
        z = (self.theta - mean) / sd
        weights = np.exp(-(z**2) / 2.0)
        weights /= weights.sum()
        return weights, (z - weights @ z) / sd, z**2 - weights @ z**2

    def blur(self, sd: float) -> tuple[Floats, Floats]:
        """Weights of the halo on steps -reach to reach, and their slopes in the log of its sd."""
        steps = np.arange(-self.reach, self.reach + 1)
        if sd >= self.step:
            z = steps * self.step / sd
            weights = np.where(
                np.abs(z) <= max(REACH, 0.9 * self.reach * self.step / sd), np.exp(-(z**2) / 2.0), 0.0
            )
            weights /= weights.sum()
            return weights, weights * (z**2 - weights @ z**2)
        share = (sd / self.step) ** 2
        weights, slopes = np.zeros((2, len(steps)))
        weights[self.reach - 1 : self.reach + 2] = share / 2.0, 1.0 - share, share / 2.0
        slopes[self.reach - 1 : self.reach + 2] = share, -2.0 * share, share
        return weights, slopes

    def pinned(self, known: Floats) -> tuple[Ints, Floats]:
        """The point next to each known ability (-1 where not known) and how far the grid has to be moved to meet it."""
        asked = ~np.isnan(known)
        nearest = np.clip(
            np.rint(np.where(asked, known, 0.0) / self.step),
            self.theta[0] / self.step,
            -self.theta[0] / self.step,
        )
        point = np.where(asked, nearest + len(self.theta) // 2, -1).astype(np.int64)
        return point, np.where(asked, known - nearest * self.step, 0.0)


def needed_step(halo_sd: float, ability_sds: Floats, ratings_per_pair: Floats) -> float:
    """The widest step that is safe: half the median posterior sd of an ability, the sd of a halo once it is rated."""
    told = np.median(ratings_per_pair) / 4.0  # a rating tells at most a quarter
    rated = 1.0 / np.sqrt(told + 1.0 / max(halo_sd, FINEST) ** 2)
    return float(np.clip(min(np.median(ability_sds) / 2.0, rated), FINEST, WIDEST))
