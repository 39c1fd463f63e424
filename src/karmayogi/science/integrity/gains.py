"""More right than could be expected: gains between two sittings, and items known beforehand.

What a person answered in one place says how many of another set they should get right. That number has an exact
distribution: a generalised binomial one at each ability, mixed by how likely the ability is after the first answers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from karmayogi.science import irt
from karmayogi.science.integrity.items import (
    AnswersCannotBeChecked,
    checked_answers,
    checked_rate,
    right_chances,
)
from karmayogi.science.integrity.tails import count_chances, count_tails
from karmayogi.science.irt import GRID, NOT_ASKED, Bools, Floats, Ints, Items


@dataclass(frozen=True)
class Surprise:
    """People [N]: how many items of the second set were `asked`, `right`, and `expected` right with its `sd`.

    `p` is the chance of as many right or more, half of a tie counted, so that the stated share of honest people is
    flagged; `p_exact` counts a tie in full. NaN for people who were not asked anything in one of the sets.
    """

    asked: Ints
    right: Ints
    expected: Floats
    sd: Floats
    p: Floats
    p_exact: Floats
    flagged: Bools


def unexpected_gains(
    before: NDArray[np.generic],
    items_before: Items,
    after: NDArray[np.generic],
    items_after: Items,
    *,
    growth_mean: float = 0.0,
    growth_sd: float = 0.0,
    prior_mean: float = 0.0,
    prior_sd: float = 1.0,
    false_positive_rate: float = 0.01,
) -> Surprise:
    """People with more right in the second sitting [N, J] than their first [N, I] and usual growth let expect.

    Items of both sittings are on one scale; growth between them is normal, in logits: zero growth is a claim, so
    estimate it from people beyond doubt where learning lay between. Raises AnswersCannotBeChecked.
    """
    if growth_sd < 0.0 or prior_sd <= 0.0:
        raise AnswersCannotBeChecked("Sds cannot be below 0, and the prior's must be above.")
    first = _Before.of(before, items_before, prior_mean, prior_sd)
    return _surprise(first, after, items_after, _Growth(growth_mean, growth_sd), false_positive_rate)


def known_by_answers(
    responses: NDArray[np.generic],
    items: Items,
    compromised: Bools | Ints,
    *,
    prior_mean: float = 0.0,
    prior_sd: float = 1.0,
    false_positive_rate: float = 0.01,
) -> Surprise:
    """People with more right on the `compromised` items (a mask [I] or places) than the other items let expect.

    Both come from one sitting [N, I]. Raises AnswersCannotBeChecked.
    """
    answers = checked_answers(responses, items)
    out = np.zeros(len(items), dtype=np.bool_)
    out[compromised] = True
    if not out.any() or out.all():
        raise AnswersCannotBeChecked(
            "Name some of the items as compromised, and leave others to compare with."
        )
    others = _Before.of(answers[:, ~out], items.taken(~out), prior_mean, prior_sd)
    return _surprise(others, answers[:, out], items.taken(out), _Growth(), false_positive_rate)


def expected_without_self(responses: NDArray[np.generic], items: Items) -> Floats:
    """Chance of a right answer [N, I] to each item, from the person's other answers and N(0, 1) before them.

    So a residual x - P does not contain the answer itself, and is 0 on average for any item that fits.
    """
    answers = checked_answers(responses, items)
    posterior = _posterior(answers, items, 0.0, 1.0)
    chance = right_chances(GRID, items)
    with_right, without_right = posterior @ (1.0 / chance), posterior.sum(axis=1, keepdims=True)
    with_wrong, odds = posterior @ (1.0 / (1.0 - chance)), posterior @ (chance / (1.0 - chance))
    if_right, if_wrong = without_right / with_right, odds / with_wrong
    return np.asarray(np.where(answers == 1, if_right, np.where(answers == 0, if_wrong, posterior @ chance)))


def _posterior(responses: NDArray[np.generic], items: Items, mean: float, sd: float) -> Floats:
    """Weights [N, Q] of abilities mean + sd GRID after these answers."""
    answers = checked_answers(responses, items)
    chance = right_chances(mean + sd * GRID, items)
    right, wrong = (answers == 1).astype(np.float64), (answers == 0).astype(np.float64)
    return irt.weights_of(right @ np.log(chance).T + wrong @ np.log1p(-chance).T + np.log(irt.WEIGHTS))


@dataclass(frozen=True)
class _Before:
    """What the first answers say: weights [N, Q] of abilities `grid` [Q], and who gave any [N]."""

    weights: Floats
    grid: Floats
    some: Bools

    @classmethod
    def of(cls, responses: NDArray[np.generic], items: Items, mean: float, sd: float) -> "_Before":
        """The posterior after these answers, from a normal prior."""
        weights = _posterior(responses, items, mean, sd)
        return cls(weights, mean + sd * GRID, (np.asarray(responses) != NOT_ASKED).any(axis=1))


@dataclass(frozen=True)
class _Growth:
    mean: float = 0.0
    sd: float = 0.0

    @property
    def nodes(self) -> tuple[Floats, Floats]:
        """Amounts of growth and their weights."""
        if self.sd == 0.0:
            return np.array([self.mean]), np.ones(1)
        places, weights = np.polynomial.hermite_e.hermegauss(15)
        return self.mean + self.sd * places, weights / weights.sum()


def _surprise(
    before: _Before, after: NDArray[np.generic], items: Items, growth: _Growth, rate: float
) -> Surprise:
    answers = checked_answers(after, items)
    if len(answers) != len(before.weights):
        raise AnswersCannotBeChecked("Both sets of answers need the same people, in the same order.")
    asked = answers != NOT_ASKED
    right = (answers == 1).sum(axis=1)
    pmf = _predicted(before, asked, items, growth)
    scores = np.arange(pmf.shape[1])
    expected = pmf @ scores
    spread = np.sqrt(np.maximum(pmf @ np.square(scores) - np.square(expected), 0.0))
    exact, p = count_tails(pmf, right.astype(np.float64))
    some = asked.any(axis=1) & before.some
    p, exact = np.where(some, p, np.nan), np.where(some, exact, np.nan)
    return Surprise(asked.sum(axis=1), right, expected, spread, p, exact, p < checked_rate(rate))


def _predicted(before: _Before, asked: Bools, items: Items, growth: _Growth) -> Floats:
    """Chances [N, I + 1] of each number right among the items `asked` [N, I]; people asked alike are taken together."""
    amounts, shares = growth.nodes
    points, count = len(before.grid), len(items)
    chances = right_chances(before.grid + amounts[:, None], items).reshape(-1, count)
    patterns, which = np.unique(asked, axis=0, return_inverse=True)
    which = which.ravel()
    pmf = np.empty((len(asked), count + 1))
    for place, pattern in enumerate(patterns):
        people = which == place
        counts = count_chances(chances * pattern).reshape(len(amounts), points, -1)
        pmf[people] = before.weights[people] @ np.einsum("gqs,g->qs", counts, shares)
    return pmf
