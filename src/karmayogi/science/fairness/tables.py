"""Answers counted by matching stratum and group: what every analysis of differing items reads.

One pass over the answers gives the counts of all items. An item outside the matching score belongs into the score
it is itself studied with (Holland & Thayer 1988); moving its right answers up by one stratum does that without
counting again.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from karmayogi.science.irt import NOT_ASKED, Bools, Floats, Ints

MOST_STRATA = 50
LEAST_IN_STRATUM = 40
NEAR = 0.005


class AnswersCannotBeCompared(ValueError):
    """The answers, groups or matching scores handed over do not make tables; the message says what to mend."""


@dataclass(frozen=True)
class Tables:
    """Counts of one comparison: `right` and `asked` [K, 2, I], reference group first; `value` [K] of each stratum.

    `asked` may have a last axis of 1 where everybody was asked everything.
    """

    right: Floats
    asked: Floats
    value: Floats

    @property
    def people(self) -> Ints:
        """How many of each group answered each item, [2, I]."""
        shape = self.right.shape[1:]
        return np.asarray(np.broadcast_to(self.asked.sum(axis=0), shape).astype(np.int64))


def checked(responses: NDArray[np.generic]) -> NDArray[np.int8]:
    """The answers as int8 [N, I] of 1 right, 0 wrong, -1 not asked. Raises AnswersCannotBeCompared."""
    answers = np.asarray(responses)
    if answers.ndim != 2 or 0 in answers.shape:
        raise AnswersCannotBeCompared(
            f"Answers have shape {answers.shape}. Hand over one row per person and one column per item."
        )
    if answers.dtype.kind == "f" and not np.isfinite(answers).all():
        raise AnswersCannotBeCompared(f"Answers hold NaN or infinity. Write {NOT_ASKED} for not asked.")
    if answers.dtype.kind not in "iufb" or answers.min() < NOT_ASKED or answers.max() > 1:
        raise AnswersCannotBeCompared(
            "Answers must be 1 (right), 0 (wrong) or -1 (not asked). Recode the others."
        )
    as_int = answers.astype(np.int8, copy=False)
    if answers.dtype.kind == "f" and np.any(as_int != answers):
        raise AnswersCannotBeCompared(
            "Answers must be whole: 1, 0 or -1. Partly right answers have no place here."
        )
    return as_int


def comparisons(group: NDArray[np.generic], *, people: int, reference: int) -> Ints:
    """The focal groups, ascending: every other group is compared with `reference`."""
    groups = np.asarray(group)
    if groups.shape != (people,) or groups.dtype.kind not in "iub":
        raise AnswersCannotBeCompared(
            f"Groups have shape {groups.shape} and type {groups.dtype}. "
            f"Hand over one whole number per person ({people})."
        )
    present = np.unique(groups.astype(np.int64))
    focal: Ints = present[present != reference]
    if reference not in present or not focal.size:
        raise AnswersCannotBeCompared(
            f"The groups are {present.tolist()}; the reference is {reference}. "
            "Name a reference that is there, and hand over one more group at least."
        )
    return focal


def strata(values: NDArray[np.generic]) -> tuple[Ints, Floats]:
    """Strata [N] of matching scores and the mean score [K] of each.

    Whole numbers, or at most MOST_STRATA different ones, are strata as they are. Others are cut at quantiles into
    strata of about LEAST_IN_STRATUM people or more, at most MOST_STRATA. Raises AnswersCannotBeCompared.
    """
    scores = np.asarray(values, dtype=np.float64)
    if scores.ndim != 1 or not np.isfinite(scores).all():
        raise AnswersCannotBeCompared(
            "Matching scores must be one finite number per person. Mend or leave out the rest."
        )
    levels, stratum = np.unique(scores, return_inverse=True)
    if len(levels) > MOST_STRATA and np.any(levels != np.round(levels)):
        wanted = int(np.clip(len(scores) // LEAST_IN_STRATUM, 1, MOST_STRATA))
        edges = np.unique(np.quantile(scores, np.arange(1, wanted) / wanted))
        _, stratum = np.unique(np.searchsorted(edges, scores, side="right"), return_inverse=True)
        levels = np.bincount(stratum, weights=scores) / np.bincount(stratum)
    return stratum.astype(np.int64), levels


def counted(answers: NDArray[np.int8], stratum: Ints, second: Bools, value: Floats) -> Tables:
    """Tables of all items from answers [N, I], strata [N] in [0, K) and who is in the focal group [N]."""
    strata_count, items = len(value), answers.shape[1]
    cell = stratum * 2 + second
    order = np.argsort(cell, kind="stable")
    ends = np.searchsorted(cell[order], np.arange(2 * strata_count + 1))
    gaps = bool((answers == NOT_ASKED).any())
    right = np.zeros((2 * strata_count, items))
    asked = np.zeros((2 * strata_count, items if gaps else 1))
    for place in np.flatnonzero(np.diff(ends)):  # a slice at a time: small enough to stay in the cache
        people = answers[order[ends[place] : ends[place + 1]]]
        missing = (people == NOT_ASKED).sum(axis=0) if gaps else 0
        right[place] = people.sum(axis=0, dtype=np.int64) + missing
        asked[place] = len(people) - missing
    shape = (strata_count, 2, -1)
    return Tables(right.reshape(shape), asked.reshape(shape), value)


def with_own_item(tables: Tables, outside: Bools) -> Tables:
    """The same tables, where the items `outside` [I] the score count in their own score: a right answer is one more.

    Needs strata that are number right scores, 0 to K - 1, with the last stratum empty.
    """
    if not outside.any():
        return tables
    right = tables.right.copy()
    asked = np.broadcast_to(tables.asked, right.shape).copy()
    wrong = asked[:, :, outside] - right[:, :, outside]
    right[1:, :, outside] = tables.right[:-1][:, :, outside]
    right[0, :, outside] = 0.0
    asked[:, :, outside] = right[:, :, outside] + wrong
    return Tables(right, asked, tables.value)


def pooled_abilities(answers: NDArray[np.int8], anchors: Bools, *, rounds: int = 20) -> Floats:
    """Abilities [N] in logits from whichever anchor items each person was asked, on one scale of difficulty.

    A rough joint fit of the Rasch model, good enough to match people who were asked different items: Newton steps
    for abilities and difficulties in turn, with half an answer spread over all right and all wrong rows. People
    without any anchor item get the mean.
    """
    chosen = answers[:, anchors]
    asked = (chosen != NOT_ASKED).astype(np.float64)
    right = (chosen == 1).astype(np.float64)
    seen, answered = asked.sum(axis=1), asked.sum(axis=0)
    got = np.clip(right.sum(axis=1), 0.5, np.maximum(seen - 0.5, 0.5))
    solved = np.clip(right.sum(axis=0), 0.5, np.maximum(answered - 0.5, 0.5))
    ability, difficulty = np.zeros(len(chosen)), np.zeros(chosen.shape[1])
    for _ in range(rounds):
        expected = asked / (1.0 + np.exp(difficulty - ability[:, None]))
        spread = expected - np.square(expected)
        ability += np.clip((got - expected.sum(axis=1)) / np.maximum(spread.sum(axis=1), 1e-3), -1.0, 1.0)
        ability[seen == 0] = 0.0
        expected = asked / (1.0 + np.exp(difficulty - ability[:, None]))
        spread = expected - np.square(expected)
        moved = np.clip((solved - expected.sum(axis=0)) / np.maximum(spread.sum(axis=0), 1e-3), -1.0, 1.0)
        difficulty -= moved
        difficulty -= difficulty.mean()
        if np.abs(moved).max() < NEAR:
            break
    ability[seen == 0] = ability[seen > 0].mean() if (seen > 0).any() else 0.0
    return ability
