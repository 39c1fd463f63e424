"""The parameters as one vector, and the marginal log-likelihood with its slopes at any of them."""

from dataclasses import dataclass, replace

import numpy as np

from karmayogi.science.irt import Bools, Floats, Ints
from karmayogi.science.raters.design import Design
from karmayogi.science.raters.quadrature import Quadrature


@dataclass(frozen=True)
class Parameters:
    """Severities [J]; thresholds [C, K - 1], NaN beyond a criterion's last; ability mean and sd; sd of the halo."""

    severity: Floats
    thresholds: Floats
    ability_mean: float
    ability_sd: float
    halo_sd: float

    @property
    def eb(self) -> Floats:
        """exp(-threshold), 1 where there is none: what the loops read."""
        return np.exp(-np.nan_to_num(self.thresholds))


USUAL_SPREADS = np.log([1.0, 0.5])
"""Centres of the priors, with sd 1, of the logs of the ability's and the halo's sd."""


@dataclass(frozen=True)
class Problem:
    """Ratings in order with what is known and what is free. `known_severity` [J], `known_ability` [N]: NaN if free.

    `tops` [C]: the highest category; `prior_precision`: of a severity around 0, and if it is above 0 the two spreads
    have priors too; `mean_free`: whether the mean of abilities is estimated (once an ability is known), else it is 0.
    """

    design: Design
    tops: Ints
    known_severity: Floats
    known_ability: Floats
    prior_precision: float
    mean_free: bool

    @property
    def free(self) -> Bools:
        """Severities to be estimated [J]."""
        return np.isnan(self.known_severity)

    @property
    def cells(self) -> Bools:
        """Where `thresholds` [C, K - 1] holds a threshold."""
        return np.asarray(np.arange(self.tops.max()) < self.tops[:, None])

    def packed(self, at: Parameters) -> Floats:
        """The vector: free severities; per criterion the first threshold and the logs of the gaps; mean; log sds."""
        steps = np.log(np.diff(at.thresholds, axis=1))
        shape = np.concatenate([at.thresholds[:, :1], steps], axis=1)[self.cells]
        mean = [at.ability_mean] if self.mean_free else []
        spreads = [np.log(at.ability_sd), np.log(at.halo_sd)]
        return np.concatenate([at.severity[self.free], shape, mean, spreads])

    def unpacked(self, vector: Floats) -> Parameters:
        """The parameters of a vector."""
        severity = self.known_severity.copy()
        count = int(self.free.sum())
        severity[self.free] = vector[:count]
        shape = np.zeros(self.cells.shape)
        shape[self.cells] = vector[count : count + int(self.cells.sum())]
        shape[:, 1:] = np.exp(shape[:, 1:])
        thresholds = np.where(self.cells, np.cumsum(shape, axis=1), np.nan)
        mean = float(vector[-3]) if self.mean_free else 0.0
        return Parameters(severity, thresholds, mean, float(np.exp(vector[-2])), float(np.exp(vector[-1])))

    def jacobian(self, at: Parameters) -> Floats:
        """Slopes [cells, cells] of the thresholds, row by row, in the vector's part for them."""
        criterion, place = np.nonzero(self.cells)
        gap = np.concatenate([np.ones((len(self.tops), 1)), np.diff(at.thresholds, axis=1)], axis=1)[
            self.cells
        ]
        reaches = (criterion[:, None] == criterion) & (place[:, None] >= place)
        return np.where(reaches, gap, 0.0)

    def value(self, vector: Floats, quadrature: Quadrature) -> tuple[float, Floats]:
        """The log-likelihood with the log of the priors, and its slopes in the vector. Compiled."""
        from karmayogi.science.raters import kernels  # compiling is for whoever has ratings to fit

        at, design = self.unpacked(vector), self.design
        prior, by_mean, by_spread = quadrature.prior(at.ability_mean, at.ability_sd)
        blur, blur_slope = quadrature.blur(at.halo_sd)
        mass, by_severity = np.zeros(len(prior)), np.zeros(len(at.severity))
        by_threshold = np.zeros(self.cells.shape)
        log, by_halo = kernels.gradient(
            design.pair_start, design.pair_rater, design.ratee_start, design.criterion, design.category,
            at.severity, at.eb, self.tops, quadrature.growth, prior, *quadrature.pinned(self.known_ability),
            blur, blur_slope, mass, by_severity, by_threshold,
        )  # fmt: skip
        own = vector[: int(self.free.sum())]
        slopes = np.concatenate([
            by_severity[self.free] - self.prior_precision * own,
            by_threshold[self.cells] @ self.jacobian(at),
            [mass @ by_mean] if self.mean_free else [],
            np.array([mass @ by_spread, by_halo]) - self._away(vector),
        ])  # fmt: skip
        return log + self.log_prior(vector), slopes

    def log_prior(self, vector: Floats) -> float:
        """What the priors add to the log-likelihood, up to a constant."""
        own, away = vector[: int(self.free.sum())], self._away(vector)
        return -(self.prior_precision * float(own @ own) + float(away @ away)) / 2.0

    def _away(self, vector: Floats) -> Floats:
        """How far the logs of the two spreads lie from the centres of their priors; 0 without priors."""
        return (vector[-2:] - USUAL_SPREADS) * float(self.prior_precision > 0.0)

    def start(self) -> Parameters:
        """Severities 0, thresholds from the shares of categories, ability sd 1, halo sd 0.5."""
        design = self.design
        counts = np.zeros((len(self.tops), int(self.tops.max()) + 1))
        np.add.at(counts, (design.criterion, design.category), 1.0)
        above = counts[:, ::-1].cumsum(axis=1)[:, ::-1]
        share = above[:, 1:] / above[:, :1]
        with np.errstate(divide="ignore"):
            logits = np.log1p(-share) - np.log(share)
        # a spread of 1 and a halo of 0.5 flatten the curve of a share by this much
        thresholds = np.where(self.cells, logits * np.sqrt(1.0 + 0.35 * 1.25), np.nan)
        known = np.nan_to_num(self.known_severity)
        mean = float(np.nanmean(self.known_ability)) if self.mean_free else 0.0
        return Parameters(known, thresholds + mean, mean, 1.0, 0.5)


def moved(at: Parameters, severity: Bools, by: float) -> Parameters:
    """The same model with `by` taken from these severities [J] and given to all thresholds."""
    return replace(at, severity=at.severity - np.where(severity, by, 0.0), thresholds=at.thresholds + by)
