"""Habits of raters: leniency, central tendency, range restriction. Signals for people to review, never verdicts."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from karmayogi.science.irt import Bools, Floats, Ints
from karmayogi.science.raters.abilities import readable
from karmayogi.science.raters.calibration import Calibration
from karmayogi.science.raters.design import Ratings
from karmayogi.science.raters.fitting import grid_for, problem_of
from karmayogi.science.raters.model import Parameters, Problem
from karmayogi.science.raters.quadrature import Quadrature
from karmayogi.science.raters.refusals import RatingsMalformed


@dataclass(frozen=True)
class Habits:
    """Per rater [J], NaN (and no signal) where nothing can be said.

    `leniency`: above 0 for a lenient rater, in logits, with the chance of as much from one within the margin.
    `central`: above 0 for one who keeps to the middle categories; `restricted`: above 0 for one whose marks follow
    differences between ratees less than others' do; both standard normal for a rater like the others. The
    `*_p_value`s are one-sided for those two. `signal` [J, 3]: leniency (or severity), central, restricted; for a
    rater without the habit each comes up in a share `false_positive_rate` of rounds, or fewer.
    """

    leniency: Floats
    leniency_p_value: Floats
    central: Floats
    central_p_value: Floats
    restricted: Floats
    restricted_p_value: Floats
    signal: Bools
    false_positive_rate: float


def habits(
    ratings: Ratings,
    calibration: Calibration,
    rng: np.random.Generator,
    *,
    false_positive_rate: float = 0.01,
    margin: float = 1.0,
    rounds: int = 200,
) -> Habits:
    """Signals on raters, at a stated rate of false ones per rater and habit.

    Leniency: the severity against `margin` logits either way. The other two are score tests (Rao 1948) of a rater's
    own spread of thresholds and own response to ability, with what the fitted severity explains taken out; what is
    usual is found from `rounds` simulated from the calibration on the same design. Saal, Downey & Lahey (1980) for
    the habits. Raises RatersNotIdentified and RatingsMalformed. Compiled: for jobs.
    """
    if not (0.0 < false_positive_rate < 0.5 and margin >= 0.0 and rounds >= 20):
        raise RatingsMalformed("Give a rate between 0 and 0.5, a margin of 0 or more, and 20 rounds or more.")
    at = readable(ratings, calibration)
    problem = problem_of(ratings, at)
    quadrature = grid_for(problem, at)
    scores = _scores(problem, at, quadrature, problem.design.category)
    usual = np.stack([_scores(problem, at, quadrature, _drawn(problem, at, rng)) for _ in range(rounds)])
    central, restricted = _standard(scores, usual, 1), -_standard(scores, usual, 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (np.abs(calibration.severity) - margin) / calibration.se_severity
    tails = ndtr(-z) * (2.0 if margin == 0.0 else 1.0), ndtr(-central), ndtr(-restricted)
    with np.errstate(invalid="ignore"):
        signal = np.stack(tails, axis=1) <= false_positive_rate
    return Habits(
        calibration.leniency, np.minimum(tails[0], 1.0), central, tails[1], restricted, tails[2],
        signal, false_positive_rate,
    )  # fmt: skip


def _scores(problem: Problem, at: Parameters, quadrature: Quadrature, category: Ints) -> Floats:
    """Slopes [3, J] of the log-likelihood of these categories in severity, spread of thresholds, response."""
    from karmayogi.science.raters import kernels

    design = problem.design
    scores = np.zeros((3, len(at.severity)))
    middle = np.nanmean(at.thresholds, axis=1, keepdims=True)
    kernels.habit_scores(
        design.pair_start, design.pair_rater, design.ratee_start, design.criterion, category,
        at.severity, at.eb, problem.tops, quadrature.growth, quadrature.prior(at.ability_mean, at.ability_sd)[0],
        *quadrature.pinned(problem.known_ability), quadrature.blur(at.halo_sd)[0],
        np.nan_to_num(at.thresholds - middle), np.log(quadrature.growth) - at.ability_mean, scores,
    )  # fmt: skip
    return scores


def _standard(scores: Floats, usual: Floats, which: int) -> Floats:
    """The score in standard units of the simulated rounds, less what goes with the severity's."""
    own, of_severity = usual[:, which] - usual[:, which].mean(axis=0), usual[:, 0] - usual[:, 0].mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        follows = (own * of_severity).sum(axis=0) / np.square(of_severity).sum(axis=0)
        sd = (own - follows * of_severity).std(axis=0, ddof=2)
        standard = (scores[which] - follows * scores[0]) / sd
    # nothing to see where no threshold can spread, or a rater gave no ratings
    return np.where(sd > 1e-9, standard, np.nan)


def _drawn(problem: Problem, at: Parameters, rng: np.random.Generator) -> Ints:
    """Categories [E] drawn from the model on the same design, in the design's order."""
    design = problem.design
    ability = rng.normal(at.ability_mean, at.ability_sd, len(problem.known_ability))
    halo = rng.normal(0.0, at.halo_sd, len(design.pair_rater))
    level = ability[design.pair_ratee] + halo - at.severity[design.pair_rater]
    logits = np.repeat(level, np.diff(design.pair_start))[:, None] - at.thresholds[design.criterion]
    with np.errstate(invalid="ignore"):
        reached = rng.random(len(logits))[:, None] < 1.0 / (1.0 + np.exp(-logits))
    return np.asarray(reached.sum(axis=1), dtype=np.int64)
