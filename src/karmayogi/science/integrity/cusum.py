"""Drift: has an item become easier or harder since it was calibrated? Cumulative sums over batches of answers.

An item that gets easier while its takers do not may have got out. The sums (CUSUM, Page 1954) add up what each batch is
off by, less an allowance, and start anew at 0; the limit is set so that an item that keeps its difficulty crosses it
within the batches given with the stated chance (Veerkamp & Glas 2000 watch items so).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from karmayogi.science.integrity.items import AnswersCannotBeChecked, checked_rate
from karmayogi.science.irt import Bools, Floats, Ints

STATES = 160


@dataclass(frozen=True)
class ItemDrift:
    """Items [I]: the highest sums towards `easier` and `harder`, in sds of a batch, against one `limit`.

    `flagged` crossed it either way; `since` is the batch at which the sum that first crossed had last left 0, where the
    drift seems to begin; `noticed` the batch at which it crossed; both are -1 for items not flagged. `direction` is
    1 easier, -1 harder, 0 neither. `batches` were watched.
    """

    easier: Floats
    harder: Floats
    limit: float
    flagged: Bools
    direction: Ints
    since: Ints
    noticed: Ints
    batches: Ints


def batches(
    item: NDArray[np.generic], right: NDArray[np.generic], chance: Floats, *, items: int, size: int = 50
) -> Floats:
    """Standardised residuals [I, T] of each item's answers, `size` at a time, NaN after an item's last full batch.

    Events [E] in the order of time: `item` in [0, items), `right`, and the `chance` of a right answer expected, best
    without the answer itself (`expected_without_self`). Above 0: more were right than expected. Near standard normal.
    """
    which, hit, p = (
        np.asarray(item),
        np.asarray(right, dtype=np.float64),
        np.asarray(chance, dtype=np.float64),
    )
    if which.ndim != 1 or which.shape != hit.shape or which.shape != p.shape or size < 1:
        raise AnswersCannotBeChecked(
            "Hand over an item, an answer and a chance per event, and a size of 1 or more."
        )
    if which.size and (which.min() < 0 or which.max() >= items):
        raise AnswersCannotBeChecked(f"Items are counted from 0 to {items - 1}.")
    if not np.all((p > 0.0) & (p < 1.0)) or not np.isin(hit, (0.0, 1.0)).all():
        raise AnswersCannotBeChecked(
            "Answers are 0 or 1, chances lie between 0 and 1. Leave unasked items out."
        )
    order = np.argsort(which, kind="stable")
    sorted_items = which[order]
    place = np.arange(len(order)) - np.searchsorted(sorted_items, sorted_items)
    most = int(np.bincount(which, minlength=items).max(initial=0)) // size
    turn = place // size
    kept = turn < (np.bincount(which, minlength=items) // size)[sorted_items]
    cell = (sorted_items * max(most, 1) + turn)[kept]
    events = order[kept]
    cells = items * max(most, 1)
    off = np.bincount(cell, weights=(hit - p)[events], minlength=cells)
    spread = np.bincount(cell, weights=(p * (1.0 - p))[events], minlength=cells)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((off / np.sqrt(spread)).reshape(items, -1)[:, :most])


def item_drift(residuals: Floats, *, allowance: float = 0.5, false_positive_rate: float = 0.01) -> ItemDrift:
    """Items that drifted, from standardised residuals [I, T] by batch in the order of time (NaN: none).

    `allowance` is half the shift, in sds of a batch, that should be noticed soonest. Raises AnswersCannotBeChecked.
    """
    z = np.asarray(residuals, dtype=np.float64)
    if z.ndim != 2 or 0 in z.shape:
        raise AnswersCannotBeChecked(
            "Hand over one row per item and one column per batch, one batch at least."
        )
    if np.isinf(z).any() or allowance < 0.0:
        raise AnswersCannotBeChecked("Residuals must be finite or NaN, and the allowance 0 or more.")
    one_way = checked_rate(false_positive_rate) / 2.0
    limit = limit_for(z.shape[1], allowance=allowance, false_positive_rate=one_way)
    easier, eased, eased_since = _sums(z, allowance, limit)
    harder, hardened, hardened_since = _sums(-z, allowance, limit)
    never = z.shape[1]
    first = np.minimum(eased, hardened)
    flagged = first < never
    direction = np.where(flagged, np.where(eased <= hardened, 1, -1), 0)
    since = np.where(direction == 1, eased_since, hardened_since)
    watched = np.isfinite(z).sum(axis=1)
    return ItemDrift(
        easier,
        harder,
        limit,
        flagged,
        direction,
        np.where(flagged, since, -1),
        np.where(flagged, first, -1),
        watched,
    )


def _sums(z: Floats, allowance: float, limit: float) -> tuple[Floats, Ints, Ints]:
    """Highest sum, batch of the first crossing (T if none) and batch at which that run began, each [I]."""
    items, turns = z.shape
    total, highest = np.zeros(items), np.zeros(items)
    began, crossed = np.zeros(items, dtype=np.int64), np.full(items, turns)
    since = np.zeros(items, dtype=np.int64)
    for turn in range(turns):
        here = np.isfinite(z[:, turn])
        began = np.where(here & (total == 0.0), turn, began)
        total = np.where(here, np.maximum(0.0, total + np.nan_to_num(z[:, turn]) - allowance), total)
        highest = np.maximum(highest, total)
        now = (total >= limit) & (crossed == turns)
        crossed, since = np.where(now, turn, crossed), np.where(now, began, since)
    return highest, crossed, since


def limit_for(turns: int, *, allowance: float, false_positive_rate: float) -> float:
    """The limit a sum of standard normal residuals crosses within `turns` batches with this chance, one way.

    The sum is a Markov chain on STATES steps below the limit (Brook & Evans 1972); the limit is found by halving.
    """
    low, high = 0.0, 10.0 + 4.0 * float(np.sqrt(turns))
    for _ in range(60):
        middle = (low + high) / 2.0
        too_often = _crossing_chance(middle, turns, allowance) > false_positive_rate
        low, high = (middle, high) if too_often else (low, middle)
        if high - low < 1e-6:
            break
    return high


def _crossing_chance(limit: float, turns: int, allowance: float) -> float:
    width = 2.0 * limit / (2 * STATES - 1)  # state 0 is half as wide: from 0 to width / 2
    centres = np.arange(STATES) * width
    edges = (np.arange(STATES) + 0.5) * width
    upto = ndtr(edges[None, :] - centres[:, None] + allowance)
    moves = np.diff(upto, axis=1, prepend=0.0)
    inside = np.zeros(STATES)
    inside[0] = 1.0
    for _ in range(turns):
        inside = inside @ moves
    return float(1.0 - inside.sum())
