"""Drift: has an item become easier or harder since it was calibrated? Cumulative sums over batches of answers.

An item that gets easier while its takers do not may have got out. The sums (CUSUM, Page 1954) add up what each batch is
off by, less an allowance, and start anew at 0; the limit is set so that an item that keeps its difficulty crosses it
within the batches given with the stated chance (Veerkamp & Glas 2000 watch items so). What the calibration got wrong of
an item shifts all its batches alike, which looks like drift: the limit allows for as much of it as its errors say.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from karmayogi.science.integrity.items import EDGE, AnswersCannotBeChecked, checked_items, checked_rate
from karmayogi.science.irt import Bools, Floats, Ints, Items

STATES = 160
SHIFTS = np.linspace(-4.0, 4.0, 17)
"""Shifts of an item's batches, in their own sds, over which the chance of crossing is averaged."""
NEVER = 1e-9
KNOTS = 6
"""Sizes of shift for which the limit is worked out; between them it is taken from the line."""


@dataclass(frozen=True)
class ItemDrift:
    """Items [I]: the highest sums towards `easier` and `harder`, in sds of a batch, against the item's `limit`.

    `flagged` crossed it either way; `since` is the batch at which the sum that first crossed had last left 0, where the
    drift seems to begin; `noticed` the batch at which it crossed; both are -1 for items not flagged. `direction` is
    1 easier, -1 harder, 0 neither. `batches` were watched.
    """

    easier: Floats
    harder: Floats
    limit: Floats
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


def calibration_shifts(
    item: NDArray[np.generic], chance: Floats, items: Items, covariance: Floats, *, size: int = 50
) -> Floats:
    """By how many sds of a batch the errors of an item's calibration shift all its batches, as a sd [I].

    Events [E] and `size` as for `batches`; `covariance` [I, 2, 2] is that of each item's (a, b), as `fairness.fitted`
    and `fairness.estimates` give it. Asymptotes count as known. 0 for items without events. Raises
    AnswersCannotBeChecked.
    """
    which, p = np.asarray(item), np.asarray(chance, dtype=np.float64)
    count, errors = len(checked_items(items)), np.asarray(covariance, dtype=np.float64)
    if which.ndim != 1 or p.shape != which.shape or size < 1 or errors.shape != (count, 2, 2):
        raise AnswersCannotBeChecked("Hand over an item and a chance per event, and covariances [I, 2, 2].")
    if which.size and (which.min() < 0 or which.max() >= count or not np.all((p > 0.0) & (p < 1.0))):
        raise AnswersCannotBeChecked(f"Items are counted from 0 to {count - 1}; chances lie between 0 and 1.")
    if not np.isfinite(errors).all() or np.any(np.linalg.eigvalsh(errors) < -EDGE):
        raise AnswersCannotBeChecked("Items without finite errors cannot be watched. Leave them out.")
    floor = items.lower
    logistic = np.clip((p - floor[which]) / (1.0 - floor[which]), EDGE, 1.0 - EDGE)
    steep = (1.0 - floor[which]) * logistic * (1.0 - logistic)
    by_slope = steep * np.log(logistic / (1.0 - logistic)) / items.a[which]
    sums = [
        np.bincount(which, weights=column, minlength=count) for column in (by_slope, steep, p * (1.0 - p))
    ]
    gradient = np.stack([sums[0], -items.a * sums[1]], axis=1)
    squared = np.einsum("ip,ipq,iq->i", gradient, errors, gradient)
    events = np.maximum(np.bincount(which, minlength=count), 1)
    spread = np.where(sums[2] > 0.0, sums[2], 1.0)
    return np.asarray(np.sqrt(np.maximum(squared, 0.0) * size / (events * spread)))


def item_drift(
    residuals: Floats, shifts: Floats | float, *, allowance: float = 0.5, false_positive_rate: float = 0.01
) -> ItemDrift:
    """Items that drifted, from standardised residuals [I, T] by batch in the order of time (NaN: none).

    `shifts` [I] says how unsure each item's calibration is (`calibration_shifts`); 0 if items are truly known, as in
    simulations. `allowance` is half the shift, in sds of a batch, that should be noticed soonest. Raises
    AnswersCannotBeChecked.
    """
    z = np.asarray(residuals, dtype=np.float64)
    if z.ndim != 2 or 0 in z.shape:
        raise AnswersCannotBeChecked(
            "Hand over one row per item and one column per batch, one batch at least."
        )
    if np.isinf(z).any() or allowance < 0.0:
        raise AnswersCannotBeChecked("Residuals must be finite or NaN, and the allowance 0 or more.")
    unsure = np.asarray(shifts, dtype=np.float64)
    if unsure.shape not in ((), z.shape[:1]) or not np.isfinite(unsure).all() or np.any(unsure < 0.0):
        raise AnswersCannotBeChecked(
            "Hand over one finite shift of 0 or more per item, or 0 for known items."
        )
    one_way = checked_rate(false_positive_rate) / 2.0
    limit = _limits(np.broadcast_to(unsure, z.shape[:1]), z.shape[1], allowance, one_way)
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


def _sums(z: Floats, allowance: float, limit: Floats) -> tuple[Floats, Ints, Ints]:
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


def _limits(shifts: Floats, turns: int, allowance: float, false_positive_rate: float) -> Floats:
    """Limits [I] for shifts [I]."""
    knots = np.unique(np.linspace(0.0, shifts.max(), KNOTS))
    limits = [
        limit_for(turns, allowance=allowance, false_positive_rate=false_positive_rate, shift=one)
        for one in knots
    ]
    return np.asarray(np.interp(shifts, knots, limits))


def limit_for(turns: int, *, allowance: float, false_positive_rate: float, shift: float = 0.0) -> float:
    """The limit a sum of standard normal residuals crosses within `turns` batches with this chance, one way.

    All residuals of an item are moved by one normal amount with mean 0 and sd `shift`. The sum is a Markov chain on
    STATES steps below the limit (Brook & Evans 1972); the limit is found by halving.
    """
    low, high = 0.0, 10.0 + 4.0 * float(np.sqrt(turns)) + float(SHIFTS.max()) * shift * turns
    for _ in range(60):
        middle = (low + high) / 2.0
        too_often = _average_chance(middle, turns, allowance, shift) > false_positive_rate
        low, high = (middle, high) if too_often else (low, middle)
        if high - low < (5e-3 if shift > 0.0 else 1e-6):
            break
    return high


def _average_chance(limit: float, turns: int, allowance: float, shift: float) -> float:
    """The chance of crossing, over normal shifts with this sd."""
    if shift == 0.0:
        return _crossing_chance(limit, turns, allowance)
    weights = np.exp(-np.square(SHIFTS) / 2.0)
    total = 0.0
    for amount, weight in zip(SHIFTS[::-1], weights[::-1], strict=True):
        chance = _crossing_chance(limit, turns, allowance - shift * float(amount))
        total += weight * chance
        if chance < NEVER:  # and lower still for what is left
            break
    return float(total / weights.sum())


def _crossing_chance(limit: float, turns: int, allowance: float) -> float:
    width = 2.0 * limit / (2 * STATES - 1)  # state 0 is half as wide: from 0 to width / 2
    steps = (np.arange(1 - STATES, STATES) + 0.5) * width
    ahead = np.arange(STATES)[None, :] - np.arange(STATES)[:, None] + STATES - 1
    moves = np.diff(ndtr(steps + allowance)[ahead], axis=1, prepend=0.0)
    inside = np.zeros(STATES)
    inside[0] = 1.0
    for _ in range(turns):
        inside = inside @ moves
    return float(1.0 - inside.sum())
