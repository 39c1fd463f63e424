"""Bookmark: items in order of difficulty; a judge marks where a borderline person begins to fail."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from karmayogi.science.integrity.items import checked_items
from karmayogi.science.irt import Floats, Ints, Items
from karmayogi.science.standard_setting.judged import JudgementsCannotBeUsed

Place = Literal["before", "at", "between"]
Average = Literal["median", "mean"]
MEDIAN_EFFICIENCY = 1.2533141373155001
"""sqrt(pi / 2): how much wider a median of normal cuts errs than their mean."""


@dataclass(frozen=True)
class BookmarkCut:
    """`cut` in logits with its standard error, and the cut [J] of every judge.

    `se` treats judges as independent; `se_tables` takes the tables they talked at as the units (NaN without tables, or
    with one).
    """

    cut: float
    se: float
    se_tables: float
    judge_cuts: Floats


def locations(items: Items, *, response_probability: float = 0.67) -> Floats:
    """The ability [I] at which each item is answered right with this chance: its page in the booklet.

    Raises JudgementsCannotBeUsed where guessing alone gives as much.
    """
    floor = checked_items(items).lower
    if not 0.0 < response_probability < 1.0 or np.any(floor >= response_probability):
        raise JudgementsCannotBeUsed(
            f"A response probability of {response_probability} must lie above every item's guessing and below 1."
        )
    share = (response_probability - floor) / (1.0 - floor)
    return np.asarray(items.difficulty + np.log(share / (1.0 - share)) / items.a)


def ordered_booklet(items: Items, *, response_probability: float = 0.67) -> Ints:
    """Items in the order of the booklet, easiest first; ties keep their order."""
    return np.argsort(locations(items, response_probability=response_probability), kind="stable")


def bookmark(
    pages: ArrayLike,
    items: Items,
    *,
    response_probability: float = 0.67,
    place: Place = "before",
    average: Average = "median",
    table: ArrayLike | None = None,
) -> BookmarkCut:
    """The cut from each judge's page [J] of the booklet of `items`, counted from 0 (Mitzel et al. 2001).

    The marked page is the first a borderline person would not answer with this response probability; `place` puts the
    cut at the item "before" the mark (the last one mastered), "at" the marked item, or half-way "between".
    A mark after the last page is the number of items, and "before" alone can use it; one on the first page lies
    below every item, and only "at" can. `table` [J] says where each judge sat. Raises JudgementsCannotBeUsed.
    """
    if place not in get_args(Place) or average not in get_args(Average):
        raise JudgementsCannotBeUsed(
            f"A cut lies before, at or between and is a median or a mean, not {place!r} and {average!r}."
        )
    marks = np.asarray(pages)
    order = np.sort(locations(items, response_probability=response_probability))
    first, last = (0 if place == "at" else 1), (len(order) if place == "before" else len(order) - 1)
    if marks.ndim != 1 or marks.dtype.kind not in "iu" or len(marks) < 2:
        raise JudgementsCannotBeUsed("Hand over one page, a whole number, per judge, of two judges at least.")
    if marks.min() < first or marks.max() > last:
        raise JudgementsCannotBeUsed(
            f"Pages for a cut {place} the mark run from {first} to {last} in this booklet."
        )
    before, at = order[np.maximum(marks - 1, 0)], order[np.minimum(marks, len(order) - 1)]
    cuts = {"before": before, "at": at, "between": (before + at) / 2.0}[place]
    wider = MEDIAN_EFFICIENCY if average == "median" else 1.0
    se = wider * float(cuts.std(ddof=1)) / np.sqrt(len(cuts))
    cut = float(np.median(cuts) if average == "median" else cuts.mean())
    return BookmarkCut(cut, float(se), wider * _between_tables(cuts, table), cuts)


def _between_tables(cuts: Floats, table: ArrayLike | None) -> float:
    """Standard error of the mean of the tables' means."""
    if table is None:
        return float("nan")
    seats = np.asarray(table)
    if seats.shape != cuts.shape:
        raise JudgementsCannotBeUsed("Hand over one table per judge.")
    tables, which = np.unique(seats, return_inverse=True)
    if len(tables) < 2:
        return float("nan")
    means = np.bincount(which, weights=cuts) / np.bincount(which)
    return float(means.std(ddof=1) / np.sqrt(len(tables)))
