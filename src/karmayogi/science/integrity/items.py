"""Items and answers that can be checked, and the ability each person's answers give, with what it was pulled by."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from karmayogi.science import irt
from karmayogi.science.irt import GRID, NOT_ASKED, Bools, Family, Floats, Ints, Items

Estimator = Literal["map", "wle"]
EDGE = 1e-12
ROOTED = 1e-11


class AnswersCannotBeChecked(ValueError):
    """Answers, times or items that do not fit together; the message says what to mend."""


@dataclass(frozen=True)
class Abilities:
    """Estimates [N] in logits; `pull` [N] is what the prior, or Warm's weight, adds to the likelihood equation.

    The estimate solves sum r (x - P) + pull = 0. `converged` is False where no solution lies on irt.GRID: the
    estimate is then its edge. `known`: the abilities were handed in, and nothing was estimated from these answers.
    `prior_precision` is 1 / sd^2 of the prior, 0 without one.
    """

    theta: Floats
    pull: Floats
    converged: Bools
    known: bool = False
    prior_precision: float = 0.0


def checked_items(items: Items) -> Items:
    """The items, if they are of right and wrong answers, without slipping. Raises AnswersCannotBeChecked."""
    if np.any(items.family != Family.LOGISTIC) or np.any(items.upper < 1.0):
        raise AnswersCannotBeChecked(
            "Only items of right and wrong answers, without slipping, can be checked."
        )
    if np.any(items.slope <= 0.0):
        raise AnswersCannotBeChecked("Items need slopes above 0. Leave the others out.")
    return items


def right_chances(theta: Floats, items: Items) -> Floats:
    """Chance of a right answer [..., I], kept off 0 and 1 so that its logarithm is finite."""
    right = items.lower + (1.0 - items.lower) * irt.chance(theta, items.a, items.difficulty)
    return np.asarray(np.clip(right, EDGE, 1.0 - EDGE))


def right_slopes(theta: Floats, items: Items) -> tuple[Floats, Floats]:
    """First and second derivative of the chance by ability, each [..., I]."""
    logistic = irt.chance(theta, items.a, items.difficulty)
    left = (1.0 - items.lower) * logistic * (1.0 - logistic)
    return items.a * left, np.square(items.a) * left * (1.0 - 2.0 * logistic)


def checked_rate(rate: float) -> float:
    """A rate of false positives above 0 and below 1. Raises AnswersCannotBeChecked."""
    if not 0.0 < rate < 1.0:
        raise AnswersCannotBeChecked(f"A rate of false positives lies between 0 and 1, not at {rate}.")
    return rate


def known_abilities(theta: Floats, people: int) -> Abilities:
    """Abilities [N] taken as known; people whose ability is not finite get no result. Raises AnswersCannotBeChecked."""
    known = np.asarray(theta, dtype=np.float64)
    if known.shape != (people,):
        raise AnswersCannotBeChecked(
            f"Abilities have shape {known.shape}; hand over one per person ({people})."
        )
    fine = np.isfinite(known)
    return Abilities(np.where(fine, known, 0.0), np.zeros(people), fine, known=True)


def checked_answers(responses: NDArray[np.generic], items: Items) -> NDArray[np.int8]:
    """Answers [N, I] of 1 right, 0 wrong, -1 not asked as int8, to items that can be checked.

    Raises AnswersCannotBeChecked.
    """
    answers, count = np.asarray(responses), len(checked_items(items))
    if answers.ndim != 2 or answers.shape[1] != count or not len(answers):
        raise AnswersCannotBeChecked(
            f"Answers have shape {answers.shape}; they need {count} columns, one per item."
        )
    if not np.isin(answers, (NOT_ASKED, 0, 1)).all():
        raise AnswersCannotBeChecked(
            "Answers must be 1 (right), 0 (wrong) or -1 (not asked). Recode the others."
        )
    return answers.astype(np.int8)


def abilities(
    responses: NDArray[np.generic],
    items: Items,
    *,
    estimator: Estimator = "wle",
    prior_mean: float = 0.0,
    prior_sd: float = 1.0,
) -> Abilities:
    """Each person's ability by the mode of the posterior ("map") or Warm's (1989) weighted likelihood ("wle").

    Abilities are sought on irt.GRID. Not by `irt.estimate`, which climbs to the nearest mode: signals are corrected
    by what pulls the estimate, so its equation is solved to the last digits, at the likeliest of several solutions.
    Raises AnswersCannotBeChecked.
    """
    if estimator not in ("map", "wle") or not prior_sd > 0.0:
        raise AnswersCannotBeChecked('Abilities are estimated by "map" or "wle"; a prior has an sd above 0.')
    answers = checked_answers(responses, items)
    right, asked = (answers == 1).astype(np.float64), (answers != NOT_ASKED).astype(np.float64)

    def pulled(theta: Floats, asked_of: Floats) -> Floats:
        if estimator == "map":
            return np.asarray((prior_mean - theta) / prior_sd**2)
        gained, bent = _warm_terms(theta, items)
        return _warm((asked_of * gained).sum(axis=1), (asked_of * bent).sum(axis=1))

    chance, (slope, _) = right_chances(GRID, items), right_slopes(GRID, items)
    ratio = slope / (chance * (1.0 - chance))
    balance = right @ ratio.T - asked @ (ratio * chance).T
    if estimator == "map":
        balance += (prior_mean - GRID) / prior_sd**2
    else:
        gained, bent = _warm_terms(GRID, items)
        balance += _warm(asked @ gained.T, asked @ bent.T)
    low, converged = _bracket(balance, right @ np.log(chance).T + (asked - right) @ np.log1p(-chance).T)

    def off(theta: Floats, who: Ints) -> Floats:
        p, (first, _) = right_chances(theta, items), right_slopes(theta, items)
        got = (first / (p * (1.0 - p)) * (right[who] - asked[who] * p)).sum(axis=1)
        return np.asarray(got + pulled(theta, asked[who]))

    people = np.arange(len(answers))
    theta = _root(off, GRID[low], GRID[low + 1], balance[people, low], balance[people, low + 1])
    theta = np.where(converged, theta, np.where(balance[:, 0] <= 0.0, GRID[0], GRID[-1]))
    precision = prior_sd**-2 if estimator == "map" else 0.0
    return Abilities(theta, pulled(theta, asked), converged, prior_precision=precision)


def _warm_terms(theta: Floats, items: Items) -> tuple[Floats, Floats]:
    """What each item adds to the information and to Warm's J at abilities [M], each [M, I]."""
    chance, (first, second) = right_chances(theta, items), right_slopes(theta, items)
    spread = chance * (1.0 - chance)
    return np.square(first) / spread, first * second / spread


def _warm(information: Floats, bent: Floats) -> Floats:
    return np.asarray(bent / (2.0 * np.maximum(information, EDGE)))


def _bracket(balance: Floats, log_likelihood: Floats) -> tuple[Ints, Bools]:
    """Left end of the grid cell with the downward crossing of the highest likelihood, and whether there is one."""
    crossing = (balance[:, :-1] > 0.0) & (balance[:, 1:] <= 0.0)
    height = np.where(crossing, log_likelihood[:, :-1], -np.inf)
    return np.argmax(height, axis=1), np.asarray(crossing.any(axis=1))


def _root(
    off: Callable[[Floats, Ints], Floats], low: Floats, high: Floats, at_low: Floats, at_high: Floats
) -> Floats:
    """Where `off` crosses 0 in each bracket: false position with halved weights (Illinois), 60 steps at most.

    `off` gets points and whose they are; people who are there drop out.
    """
    found, who = low.copy(), np.arange(len(low))
    side = np.zeros(len(low), dtype=np.int64)  # which end moved last: 1 low, -1 high
    for _ in range(60):
        with np.errstate(divide="ignore", invalid="ignore"):
            middle = (low * at_high - high * at_low) / (at_high - at_low)
        middle = np.where(np.isfinite(middle), middle, (low + high) / 2.0)
        here = off(middle, who)
        found[who] = middle
        left = np.abs(here) > ROOTED
        if not left.any():
            break
        above = here > 0.0
        again = np.where(above, side == 1, side == -1)  # the same end twice: halve the other one's weight
        at_high = np.where(above, np.where(again, at_high / 2.0, at_high), here)[left]
        at_low = np.where(above, here, np.where(again, at_low / 2.0, at_low))[left]
        low, high = np.where(above, middle, low)[left], np.where(above, high, middle)[left]
        side, who = np.where(above, 1, -1)[left], who[left]
    return found
