"""What standard setting takes from judges, checked, and the line between a raw cut and an ability."""

import numpy as np
from numpy.typing import ArrayLike

from karmayogi.science.integrity.items import checked_items, right_chances
from karmayogi.science.irt import Floats, Items

FARTHEST = 30.0
HALVINGS = 80


class JudgementsCannotBeUsed(ValueError):
    """Judges' ratings, bookmarks or cuts that set no standard; the message says what to mend."""


def checked_ratings(ratings: ArrayLike, *, most: Floats) -> Floats:
    """Ratings [J, I] in [0, most] of two judges and two items at least."""
    given = np.asarray(ratings, dtype=np.float64)
    if given.ndim != 2 or min(given.shape) < 2:
        raise JudgementsCannotBeUsed(
            f"Ratings have shape {given.shape}. Hand over a row per judge and a column per item, two of each at least."
        )
    if not np.isfinite(given).all():
        raise JudgementsCannotBeUsed(
            "Every judge rates every item; some ratings are missing. Complete them first."
        )
    if most.shape not in ((), given.shape[1:]) or not np.all(np.isfinite(most) & (most > 0.0)):
        raise JudgementsCannotBeUsed("The highest score of an item is above 0: one number, or one per item.")
    if np.any(given < 0.0) or np.any(given > most):
        raise JudgementsCannotBeUsed(
            "A rating is the score a borderline person is expected to get: from 0 to the item's highest (1 as a rule)."
        )
    return given


def ability_of(raw: ArrayLike, items: Items) -> Floats:
    """Abilities at which the expected number right is each raw cut, of the same shape: the test characteristic curve.

    A raw cut must lie above what guessing gives and below the number of items. Raises JudgementsCannotBeUsed.
    """
    cuts = np.asarray(raw, dtype=np.float64)
    least = float(checked_items(items).lower.sum())
    if not np.isfinite(cuts).all() or np.any(cuts <= least) or np.any(cuts >= len(items)):
        raise JudgementsCannotBeUsed(
            f"A raw cut must lie between {least:g} and {len(items)}, ends left out, to stand for an ability."
        )
    low, high = np.full(cuts.shape, -FARTHEST), np.full(cuts.shape, FARTHEST)
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        above = right_chances(middle, items).sum(axis=-1) >= cuts
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.asarray((low + high) / 2.0)


def raw_of(theta: ArrayLike, items: Items) -> Floats:
    """Expected number right at abilities of any shape."""
    return np.asarray(right_chances(np.asarray(theta, dtype=np.float64), checked_items(items)).sum(axis=-1))
