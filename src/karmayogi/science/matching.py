"""One vacancy: who meets what it asks for, who comes first, and who cannot honestly be told apart."""

from dataclasses import dataclass

import numpy as np

from karmayogi.science.irt import Bools, Floats, Ints
from karmayogi.science.levels import chances

NOTHING_ESSENTIAL = -1
SAME = 12
"""Decimals to which two candidates' figures are compared, so that rounding noise never orders people."""


class KeysNotDistinct(ValueError):
    """Two candidates carry the same key, so their random numbers would be the same."""

    def __init__(self) -> None:
        super().__init__("Each candidate needs a key of their own. Remove the duplicate and rank again.")


@dataclass(frozen=True)
class Ranking:
    """Arrays over candidates [C] as given, except `order`, and over requirements [R].

    order           candidates, best first
    chances         [C, R] chance of meeting each requirement
    overall         chance of meeting everything essential: a product, independent given the evidence
    shortfall       expected weighted shortfall below the cuts, in logits
    brackets        1 for the best; candidates of one bracket are not told apart by the evidence
    first           share of the redraws in which the candidate comes first; ties are shared out
    decisive        essential requirement whose settling would raise `overall` most; -1 if none is essential
    overall_if_met  `overall` once the decisive requirement is settled
    strongest       requirement most surely met
    weakest         requirement least surely met
    """

    order: Ints
    chances: Floats
    overall: Floats
    shortfall: Floats
    brackets: Ints
    first: Floats
    decisive: Ints
    overall_if_met: Floats
    strongest: Ints
    weakest: Ints


def rank(
    means: Floats,
    sds: Floats,
    cuts: Floats,
    essential: Bools,
    weights: Floats,
    *,
    keys: Ints,
    seed: int,
    redraws: int = 1000,
    apart: float = 0.8,
) -> Ranking:
    """Candidates for one vacancy in order, with reasons, from estimates [C, R] against cuts [R], R >= 1.

    Order: chance of meeting everything essential, then the smaller expected shortfall, then the key.
    Abilities are redrawn `redraws` times as N(mean, sd), each candidate with a stream seeded by (seed, key),
    so that handing the candidates in another order, or adding one, changes no one's draws. A redraw's score
    is the sum of weight * min(ability - cut, 0) over what is essential (over everything, if nothing is).
    Going down the order, a candidate opens a new bracket if the first of the bracket above scores higher in
    at least `apart` of the redraws: a bracket holds those who cannot be told from its first (comparison with
    the best, Gupta 1965), not everyone a chain of likenesses reaches.
    Raises KeysNotDistinct.
    """
    if len(np.unique(keys)) != len(keys):
        raise KeysNotDistinct
    meets = chances(means, sds, cuts)
    overall = np.round(np.where(essential, meets, 1.0).prod(axis=1), SAME)
    shortfall = np.round(expected_shortfalls(means, sds, cuts) @ weights, SAME)
    order = np.lexsort((keys, shortfall, -overall))
    # The same requirements decide the order and the brackets, so that the two cannot contradict each other.
    decide = np.where(essential, weights, 0.0) if essential.any() else weights
    scores = _redrawn_scores(means, sds, cuts, decide, keys=keys, seed=seed, redraws=redraws)
    decisive, overall_if_met = _decisive(meets, essential)
    return Ranking(
        order=order,
        chances=meets,
        overall=overall,
        shortfall=shortfall,
        brackets=_brackets(scores, order, apart),
        first=_shares_first(scores),
        decisive=decisive,
        overall_if_met=overall_if_met,
        strongest=np.argmax(meets, axis=1),
        weakest=np.argmin(meets, axis=1),
    )


def expected_shortfalls(means: Floats, sds: Floats, cuts: Floats) -> Floats:
    """E[max(cut - ability, 0)] in logits for normal estimates; the arguments broadcast."""
    gap = np.asarray(cuts - means, dtype=np.float64)
    density = np.exp(-np.square(gap / sds) / 2.0) / np.sqrt(2.0 * np.pi)
    return np.asarray(gap * (1.0 - chances(means, sds, cuts)) + sds * density)


def _redrawn_scores(
    means: Floats, sds: Floats, cuts: Floats, weights: Floats, *, keys: Ints, seed: int, redraws: int
) -> Floats:
    """Minus the weighted shortfall of each candidate in each redraw, [C, redraws]."""
    scores = np.empty((len(keys), redraws))
    for candidate, key in enumerate(keys.astype(np.uint64).tolist()):
        stream = np.random.default_rng(np.random.SeedSequence((seed, key)))
        drawn = means[candidate] + sds[candidate] * stream.standard_normal((redraws, means.shape[1]))
        scores[candidate] = np.minimum(drawn - cuts, 0.0) @ weights
    return scores


def _shares_first(scores: Floats) -> Floats:
    if not len(scores):
        return np.zeros(0)
    leads = scores == scores.max(axis=0)
    return np.asarray((leads / leads.sum(axis=0)).mean(axis=1))


def _brackets(scores: Floats, order: Ints, apart: float) -> Ints:
    brackets = np.zeros(len(order), dtype=np.int64)
    bracket, leader = 0, -1
    for candidate in order:
        if leader < 0 or (scores[leader] > scores[candidate]).mean() >= apart:
            bracket, leader = bracket + 1, int(candidate)
        brackets[candidate] = bracket
    return brackets


def _decisive(meets: Floats, essential: Bools) -> tuple[Ints, Floats]:
    """The least sure essential requirement, and the chance of meeting all the others."""
    if not essential.any():
        return np.full(len(meets), NOTHING_ESSENTIAL), np.ones(len(meets))
    decisive = np.argmin(np.where(essential, meets, np.inf), axis=1)
    others = essential & (np.arange(meets.shape[1]) != decisive[:, None])
    return decisive, np.round(np.where(others, meets, 1.0).prod(axis=1), SAME)
