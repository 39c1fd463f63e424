"""Response times: how long each item takes, how quick each person is, and answers that fit neither.

ln T ~ N(intensity of the item - speed of the person, 1 / discrimination^2), speeds N(0, speed_sd^2) in the calibration
sample (van der Linden 2006). Times are seconds; NaN means no answer.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from karmayogi.science.integrity.items import AnswersCannotBeChecked, checked_rate
from karmayogi.science.irt import Bools, Floats, Ints

LEAST_ANSWERS = 10
SLOWEST = 1e-10
"""The variance of speeds does not fall below this, where people do not differ in speed at all."""


class ItemsCannotBeTimed(AnswersCannotBeChecked):
    """Items with too few times, or the same time from everybody; `items`: their columns."""

    def __init__(self, items: list[int]) -> None:
        self.items = items
        super().__init__(
            f"Items in columns {items} have fewer than {LEAST_ANSWERS} times, or times without any spread. "
            "Leave them out, or collect more."
        )


@dataclass(frozen=True)
class Pace:
    """Items [I]: `intensity` in ln seconds, `discrimination` in 1 / ln seconds; `speed_sd` of people in ln seconds."""

    intensity: Floats
    discrimination: Floats
    speed_sd: float
    log_likelihood: float
    iterations: int
    converged: bool

    def take(self, which: Bools | Ints) -> "Pace":
        """The same model of the items `which`."""
        return Pace(
            self.intensity[which],
            self.discrimination[which],
            self.speed_sd,
            self.log_likelihood,
            self.iterations,
            self.converged,
        )


@dataclass(frozen=True)
class Speeds:
    """People [N]: maximum likelihood speeds in ln seconds (above 0: quicker than the sample) and their errors.

    NaN and infinity for people without any time.
    """

    speed: Floats
    se: Floats


@dataclass(frozen=True)
class ErraticPace:
    """People [N]: `statistic` is the sum of squared residuals, chi-square with `df`; high where items that usually take
    long went quickly or the other way. `flagged` is p below the rate of false positives asked for.
    """

    statistic: Floats
    df: Ints
    p: Floats
    flagged: Bools


def checked_times(seconds: Floats, items: int | None = None) -> tuple[Floats, Bools]:
    """Logarithms of times [N, I], 0 where missing, and where there are times. Raises AnswersCannotBeChecked."""
    times = np.asarray(seconds, dtype=np.float64)
    if times.ndim != 2 or 0 in times.shape or (items is not None and times.shape[1] != items):
        raise AnswersCannotBeChecked(
            f"Times have shape {times.shape}; they need one row per person, one column per item."
        )
    there = ~np.isnan(times)
    if np.any(times[there] <= 0.0) or not np.isfinite(times[there]).all():
        raise AnswersCannotBeChecked(
            "Times must be above 0 seconds and finite. Write NaN where there is none."
        )
    return np.log(np.where(there, times, 1.0)), there


def fit_pace(seconds: Floats, *, tolerance: float = 1e-9, most_iterations: int = 2000) -> Pace:
    """Time intensities, discriminations and the sd of speeds by marginal maximum likelihood, with EM.

    `seconds` [N, I], NaN for no answer. Speeds are integrated out exactly, as all is normal; the sd of speeds is
    expanded in every step, which spares hundreds of them (Liu, Rubin & Wu 1998). Converged when the log-likelihood
    gains less than `tolerance` a time. Raises ItemsCannotBeTimed, AnswersCannotBeChecked.
    """
    logs, there = checked_times(seconds)
    counts = there.sum(axis=0)
    intensity = logs.sum(axis=0) / np.maximum(counts, 1)
    spread = (np.square(logs - intensity) * there).sum(axis=0) / np.maximum(counts, 1)
    bad = np.flatnonzero((counts < LEAST_ANSWERS) | (spread < 1e-12))
    if bad.size:
        raise ItemsCannotBeTimed([int(item) for item in bad])
    precision, variance = 1.0 / spread, float(spread.mean() / 4.0)
    times, before, converged, turn = float(there.sum()), -np.inf, False, 0
    while not converged and turn < most_iterations:
        turn += 1
        speed, unsure, log_likelihood = _expect(logs, there, intensity, precision, variance)
        converged = bool(log_likelihood - before < tolerance * times)
        before = log_likelihood
        if converged:
            break
        intensity = ((logs + speed[:, None]) * there).sum(axis=0) / counts
        off = np.square(logs + speed[:, None] - intensity) + unsure[:, None]
        precision = counts / (off * there).sum(axis=0)
        variance = float((np.square(speed) + unsure).mean())
        variance *= _stretch(logs, there, intensity, precision, speed, unsure) ** 2
        variance = max(variance, SLOWEST)
    return Pace(intensity, np.sqrt(precision), float(np.sqrt(variance)), log_likelihood, turn, converged)


def _expect(
    logs: Floats, there: Bools, intensity: Floats, precision: Floats, variance: float
) -> tuple[Floats, Floats, float]:
    """Posterior mean and variance of every speed [N], and the marginal log-likelihood."""
    weight = there * precision
    unsure = 1.0 / (weight.sum(axis=1) + 1.0 / variance)
    off = (intensity - logs) * there
    pulled = (weight * off).sum(axis=1)
    speed = unsure * pulled
    squares = (weight * np.square(off)).sum(axis=1) - speed * pulled
    constants = (there * np.log(precision / (2.0 * np.pi))).sum(axis=1) + np.log(unsure / variance)
    return speed, unsure, float((constants - squares).sum() / 2.0)


def _stretch(
    logs: Floats, there: Bools, intensity: Floats, precision: Floats, speed: Floats, unsure: Floats
) -> float:
    """The regression of (intensity - ln T) on the speeds, which should be 1: the expanded parameter."""
    weight = there * precision
    top = (weight * (intensity - logs) * speed[:, None]).sum()
    bottom = (weight * (np.square(speed) + unsure)[:, None]).sum()
    return float(top / bottom)


def speeds(seconds: Floats, pace: Pace) -> Speeds:
    """Speeds of people [N] by maximum likelihood, from times [N, I]."""
    logs, there = checked_times(seconds, len(pace.intensity))
    weight = there * np.square(pace.discrimination)
    information = weight.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        speed = (weight * (pace.intensity - logs)).sum(axis=1) / information
        return Speeds(speed, 1.0 / np.sqrt(information))


def residuals(seconds: Floats, pace: Pace) -> Floats:
    """How many sds each answer [N, I] took longer than the person's other times predict; NaN without a time.

    Standard normal for an honest answer: the prediction knows the other times, and the speed is N(0, speed_sd^2)
    before them (van der Linden & Guo 2008). Below 0 means quicker.
    """
    logs, there = checked_times(seconds, len(pace.intensity))
    own = np.square(pace.discrimination)
    weight = there * own
    held = weight.sum(axis=1, keepdims=True) - weight + pace.speed_sd**-2
    pulled = weight * (pace.intensity - logs)
    speed = (pulled.sum(axis=1, keepdims=True) - pulled) / held
    off = (logs - pace.intensity + speed) / np.sqrt(1.0 / own + 1.0 / held)
    return np.where(there, off, np.nan)


def erratic_pace(seconds: Floats, pace: Pace, *, false_positive_rate: float = 0.01) -> ErraticPace:
    """People whose times do not keep one pace: squared residuals around their own speed (Marianti et al. 2014).

    Exactly chi-square with one degree fewer than times, as the speed is estimated by maximum likelihood.
    """
    logs, there = checked_times(seconds, len(pace.intensity))
    own = speeds(seconds, pace).speed
    off = pace.discrimination * (logs - pace.intensity + np.nan_to_num(own)[:, None])
    statistic, df = (np.square(off) * there).sum(axis=1), there.sum(axis=1) - 1
    p = np.where(df > 0, chdtrc(np.maximum(df, 1), statistic), np.nan)
    return ErraticPace(statistic, df, p, p < checked_rate(false_positive_rate))
