"""What forms are asked for: how many, how long, from which areas, sharing what, telling how much and where."""

from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import ArrayLike

from karmayogi.science.adaptive import Pool, Quota, curves


class SpecificationCannotBeUsed(ValueError):
    """A specification's figures contradict each other or the pool; the message says which and what to do."""


@dataclass(frozen=True)
class Target:
    """Information a form should have at each of `thetas` (ascending abilities in logits), all above 0."""

    thetas: tuple[float, ...]
    information: tuple[float, ...]

    def __post_init__(self) -> None:
        _require(bool(self.thetas), "A target needs one ability or more.")
        _require(len(self.thetas) == len(self.information), "Give one information for each ability.")
        _require(all(map(isfinite, self.thetas)), "Abilities of a target must be finite numbers.")
        _require(list(self.thetas) == sorted(set(self.thetas)), "Abilities of a target must rise.")
        _require(
            all(isfinite(told) and told > 0.0 for told in self.information), "Information must be above 0."
        )


@dataclass(frozen=True)
class Specification:
    """`forms` forms of `length` items each.

    `quotas` hold in every form. An item stands in at most `uses` forms; `anchors` stand in every form and are not
    counted. Any two forms share at most `overlap` items, anchors included (None: no limit of its own). `within` is
    the largest share by which a form's information may miss the target (None: as little as can be, without limit).
    Items in `excluded` are not used. Raises SpecificationCannotBeUsed.
    """

    forms: int = 2
    length: int = 40
    quotas: tuple[Quota, ...] = ()
    uses: int = 1
    anchors: tuple[int, ...] = ()
    overlap: int | None = None
    within: float | None = None
    excluded: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        _require(self.forms >= 1 and self.length >= 1, "Ask for one form or more, of one item or more.")
        _require(self.uses >= 1, "uses must be 1 or more.")
        _require(self.overlap is None or self.overlap >= 0, "overlap must be 0 or more, or None.")
        _require(
            self.within is None or (isfinite(self.within) and self.within > 0.0), "within must be above 0."
        )
        _require(not set(self.anchors) & set(self.excluded), "An anchor cannot be excluded.")
        keys = [(quota.attribute, quota.value) for quota in self.quotas]
        _require(len(set(keys)) == len(keys), "An area has two quotas. Give one for each.")

    def refuse_misfit(self, pool: Pool) -> None:
        """Raises SpecificationCannotBeUsed where it names items or areas that the pool has not."""
        for item in (*self.anchors, *self.excluded):
            _require(0 <= item < len(pool), f"Item {item} is not in the pool of {len(pool)}. Correct it.")
        for quota in self.quotas:
            _require(
                (quota.attribute, quota.value) in pool.places,
                f"No item of the pool has {quota.attribute} {quota.value}. Correct the quota.",
            )


def target_of(pool: Pool, items: ArrayLike, thetas: ArrayLike) -> Target:
    """The information of a form of these items (indices into the pool), as the target of forms parallel to it."""
    form, places = np.asarray(items, dtype=np.int64), np.asarray(thetas, dtype=np.float64)
    told = curves.information(places, pool.items.taken(form)).sum(axis=1)
    return Target(tuple(places.tolist()), tuple(told.tolist()))


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise SpecificationCannotBeUsed(message)
