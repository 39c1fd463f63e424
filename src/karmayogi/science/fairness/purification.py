"""Matching people on items that do not differ themselves: purification, common to every method.

An item that favours a group also shifts the matching score and so makes innocent items look suspicious. So the
flagged items leave the matching score, all items are looked at again, and so on until the same items are flagged
twice running (Candell & Drasgow 1988; Holland & Thayer 1988 keep the studied item in its own score).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from karmayogi.science.fairness.tables import (
    AnswersCannotBeCompared,
    Tables,
    checked,
    comparisons,
    counted,
    pooled_abilities,
    strata,
    with_own_item,
)
from karmayogi.science.irt import NOT_ASKED, Bools, Floats, Ints

LEAST_ANCHORS = 3
Result = TypeVar("Result")


@dataclass(frozen=True)
class Matching:
    """How people were matched in each comparison [F]: the items in the score [F, I], rounds, and whether it settled.

    `settled` is False where the flags went in a circle, fewer than LEAST_ANCHORS items were left, or the rounds ran
    out; the last round's flags then stand, and want an eye. `by_score` [F] says that both groups were all asked the
    same items and number right is the score; else abilities from the items asked, or scores handed in, were matched.
    """

    focal: Ints
    anchors: Bools
    rounds: Ints
    settled: Bools
    by_score: Bools


def matched(
    responses: NDArray[np.generic],
    group: NDArray[np.generic],
    analyse: Callable[[Tables], tuple[Result, Bools]],
    *,
    reference: int,
    matching: NDArray[np.generic] | None,
    purify: bool,
    most_rounds: int,
) -> tuple[list[Result], Matching]:
    """The last analysis of each focal group, and how the people were matched for it.

    `analyse` takes tables and gives its result and the flags [I] that purification acts on.
    """
    answers = checked(responses)
    focal = comparisons(group, people=len(answers), reference=reference)
    groups = np.asarray(group)
    given = None if matching is None else np.asarray(matching)
    if given is not None and given.shape != (len(answers),):
        raise AnswersCannotBeCompared(f"Hand over one matching score per person ({len(answers)}).")
    found, anchors, rounds, settled, by_score = [], [], [], [], []
    for other in focal:
        members = (groups == reference) | (groups == other)
        everyone = bool(members.all())
        part = answers if everyone else answers[members]
        scores = None if given is None else given[members]
        second = (groups if everyone else groups[members]) == other
        result, kept, turns, calm = _purified(part, second, analyse, scores, purify, most_rounds)
        found.append(result)
        anchors.append(kept)
        rounds.append(turns)
        settled.append(calm)
        by_score.append(given is None and not bool((part == NOT_ASKED).any()))
    columns = (np.array(column) for column in (anchors, rounds, settled, by_score))
    return found, Matching(focal, *columns)


def _purified(
    answers: NDArray[np.int8],
    second: Bools,
    analyse: Callable[[Tables], tuple[Result, Bools]],
    scores: NDArray[np.generic] | None,
    purify: bool,
    most_rounds: int,
) -> tuple[Result, Bools, int, bool]:
    """Result, anchors [I], rounds and whether they settled, of one comparison."""
    everything = np.ones(answers.shape[1], dtype=np.bool_)
    if scores is not None:
        stratum, value = strata(scores)
        return analyse(counted(answers, stratum, second, value))[0], everything, 1, True
    anchors, seen, turn = everything, set[bytes](), 0
    while True:
        turn += 1
        result, flags = analyse(_tables(answers, second, anchors))
        if not purify or np.array_equal(~flags, anchors):
            return result, anchors, turn, True
        seen.add(anchors.tobytes())
        again = (~flags).tobytes() in seen
        if again or turn >= most_rounds or int((~flags).sum()) < LEAST_ANCHORS:
            return result, anchors, turn, False
        anchors = ~flags


def _tables(answers: NDArray[np.int8], second: Bools, anchors: Bools) -> Tables:
    if (answers == NOT_ASKED).any():
        stratum, value = strata(pooled_abilities(answers, anchors))
        return counted(answers, stratum, second, value)
    inside = answers if anchors.all() else answers[:, anchors]
    score: Ints = inside.sum(axis=1, dtype=np.int64)
    scores: Floats = np.arange(int(anchors.sum()) + 2, dtype=np.float64)
    return with_own_item(counted(answers, score, second, scores), ~anchors)
