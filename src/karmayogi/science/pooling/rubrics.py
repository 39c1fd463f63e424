"""Work marked with names hidden: by two, and by a third where the two differ by 2 or more."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from karmayogi.science.irt import Floats, Ints
from karmayogi.science.pooling.messages import normal_log_likelihoods
from karmayogi.science.pooling.refusals import EvidenceMalformed

DIFFER = 2
"""Two marks this far apart, in levels, ask for a third marker."""


class MarksNotBlind(ValueError):
    """A marker who marked a piece twice, or marked work of their own."""


class Marking(StrEnum):
    """What a piece of work still waits for, if anything."""

    SECOND = "second"
    THIRD = "third"
    MARKED = "marked"


@dataclass(frozen=True)
class RubricMessages:
    """Per piece of work in ascending order [W]: its code, what it waits for, and what its marks say.

    `marks` counts them; `mean` and `sd` are in logits, NaN and infinite while the piece waits; `log_likelihood`
    is [W, Q] on GRID, all 0 while it waits, so that it says nothing.
    """

    work: Ints
    state: NDArray[np.str_]
    marks: Ints
    mean: Floats
    sd: Floats
    log_likelihood: Floats


def rubric_messages(
    work: Ints,
    marker: Ints,
    level: Ints,
    value: Floats,
    *,
    author: Ints,
    noise_sd: float,
    halo_sd: float = 0.0,
    work_sd: float = 0.0,
) -> RubricMessages:
    """What pieces of work say of those who made them, from marks: arrays [M], one row a mark.

    `work`, `marker` and `author` (who made the piece) are codes of any kind; `level` is the mark, `value` the same
    in logits, freed of the marker's severity. Markers are independent: the message is the mean of the two, or of
    all three, with variance work_sd^2 + (halo_sd^2 + noise_sd^2) / marks. `work_sd` is how much one piece differs
    from what its maker can do. Raises MarksNotBlind, and EvidenceMalformed for shapes or more than three marks.
    """
    _refuse(work, marker, level, value, author, noise_sd, min(halo_sd, work_sd))
    pieces, place, marks = np.unique(work, return_inverse=True, return_counts=True)
    if np.any(marks > 3):
        raise EvidenceMalformed(
            f"Work {pieces[marks > 3][:5].tolist()} has more than three marks. Keep the first three."
        )
    lowest, highest = np.full(len(pieces), np.inf), np.full(len(pieces), -np.inf)
    np.minimum.at(lowest, place, level)
    np.maximum.at(highest, place, level)
    state = np.select(
        [marks == 1, (marks == 2) & (highest - lowest >= DIFFER)],
        [Marking.SECOND.value, Marking.THIRD.value],
        default=Marking.MARKED.value,
    )
    marked = state == Marking.MARKED.value
    mean = np.where(marked, np.bincount(place, weights=value, minlength=len(pieces)) / marks, np.nan)
    sd = np.where(marked, np.sqrt(work_sd**2 + (halo_sd**2 + noise_sd**2) / marks), np.inf)
    said = normal_log_likelihoods(np.where(marked, mean, 0.0), sd)
    return RubricMessages(pieces.astype(np.int64), state, marks.astype(np.int64), mean, sd, said + 0.0)


def _refuse(
    work: Ints, marker: Ints, level: Ints, value: Floats, author: Ints, noise_sd: float, least_sd: float
) -> None:
    if len({np.shape(column) for column in (work, marker, level, value, author)}) != 1 or np.ndim(work) != 1:
        raise EvidenceMalformed("Give work, marker, level, value and author for each mark.")
    if not np.all(np.isfinite(value)) or not np.all(np.isfinite(level)):
        raise EvidenceMalformed("A mark has a level and a value in logits; leave out marks not yet given.")
    if not (noise_sd > 0.0 and least_sd >= 0.0):
        raise EvidenceMalformed(
            "The noise of marks is above 0; their halo and the spread of work are not below 0."
        )
    if np.any(marker == author):
        raise MarksNotBlind(
            f"Work {np.unique(work[marker == author])[:5].tolist()} was marked by its own author."
        )
    pairs, times = np.unique(np.stack([work, marker], axis=1), axis=0, return_counts=True)
    if np.any(times > 1):
        twice = pairs[times > 1][:5, 0].tolist()
        raise MarksNotBlind(
            f"Work {twice} has two marks of one marker. Keep the first, and ask somebody else."
        )
