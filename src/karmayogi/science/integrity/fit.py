"""Person fit: do a person's answers hang together, or are easy items wrong and hard ones right?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from karmayogi.science.integrity.items import (
    EDGE,
    Abilities,
    Estimator,
    abilities,
    checked_answers,
    checked_rate,
    known_abilities,
    right_chances,
    right_slopes,
)
from karmayogi.science.integrity.tails import upper_tail
from karmayogi.science.irt import NOT_ASKED, Bools, Floats, Items


@dataclass(frozen=True)
class PersonFit:
    """Every person [N]: `statistic` is l_z*, near standard normal for people whose answers fit, low for misfits.

    `p` is the chance of a statistic this low or lower for a person who answers as the model says, `flagged` p below
    the rate of false positives asked for. `unexpected` [N, I] is (x - P) / sqrt(P Q), 0 where not asked: the answers
    to look at first are the largest in size. People asked fewer than 2 items, or without an estimate, have NaN.
    """

    statistic: Floats
    p: Floats
    flagged: Bools
    unexpected: Floats
    abilities: Abilities


def person_fit(
    responses: NDArray[np.generic],
    items: Items,
    *,
    theta: Floats | None = None,
    estimator: Estimator = "wle",
    false_positive_rate: float = 0.01,
    prior_mean: float = 0.0,
    prior_sd: float = 1.0,
) -> PersonFit:
    """The standardised log-likelihood l_z* of every person's right and wrong answers [N, I].

    Where abilities are estimated from the same answers, the statistic is corrected for it (Snijders 2001; for the
    posterior mode and Warm's estimate, Magis, Raiche & Beland 2012). An expected a posteriori estimate solves no
    such equation: take "map" with its prior. `theta` [N], if given, is taken as known: the plain l_z of Drasgow,
    Levine & Williams (1985). `statistic` is as published; `p` also takes its skewness into account, as a normal tail
    flags twice too many on short tests (von Davier & Molenaar 2003), and what estimating the ability adds to its mean
    to second order. Raises AnswersCannotBeChecked.
    """
    answers = checked_answers(responses, items)
    if theta is not None:
        found = known_abilities(theta, len(answers))
    else:
        found = abilities(answers, items, estimator=estimator, prior_mean=prior_mean, prior_sd=prior_sd)
    asked = (answers != NOT_ASKED).astype(np.float64)
    chance, (slope, curvature) = right_chances(found.theta, items), right_slopes(found.theta, items)
    spread = chance * (1.0 - chance)
    weight, ratio = np.log(chance / (1.0 - chance)), slope / spread
    off = asked * ((answers == 1) - chance)
    bend, drag = np.zeros(len(answers)), np.zeros(len(answers))
    left = asked * weight
    if not found.known:
        information = np.maximum((asked * slope * ratio).sum(axis=1), EDGE)
        bend = (asked * slope * weight).sum(axis=1) / information
        left = asked * (weight - bend[:, None] * ratio)
        drag = _drag((left * curvature).sum(axis=1), information, found.prior_precision)
    variance = (np.square(left) * spread).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = ((off * weight).sum(axis=1) + bend * found.pull) / np.sqrt(variance)
        skew = (left**3 * spread * (1.0 - 2.0 * chance)).sum(axis=1) / variance**1.5
        settled = statistic - drag / np.sqrt(variance)
    usable = (asked.sum(axis=1) >= 2) & found.converged & (variance > 1e-12)
    statistic = np.where(usable, statistic, np.nan)
    p = np.where(usable, upper_tail(-np.nan_to_num(settled), -np.nan_to_num(skew)), np.nan)
    return PersonFit(statistic, p, p < checked_rate(false_positive_rate), off / np.sqrt(spread), found)


def _drag(curved: Floats, information: Floats, prior_precision: float) -> Floats:
    """What estimating the ability still adds to the mean of the sum, to second order.

    The sum D(theta) less its pull has slope 0 on average, slope sum w' (x - P) in a sample and curvature
    sum w P'' on average, so E D(estimate) = -(sum w P'') (1 / J - I / (2 J^2)), J being I and the prior's precision.
    """
    held = information + prior_precision
    return np.asarray(-curved * (1.0 / held - information / (2.0 * np.square(held))))
