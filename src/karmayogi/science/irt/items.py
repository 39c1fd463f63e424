"""Item parameters as one immutable, hashable object: logistic (1PL to 4PL), graded and partial credit, mixed.

Inside, every item is in slope-intercept form, in logits without a scaling constant:

    logistic         P(1)      = lower + (upper - lower) / (1 + exp(-(slope theta + d)))
    graded           P(>= k)   = 1 / (1 + exp(-(slope theta + d_k))),        d_1 > d_2 > ...
    partial credit   P(k)      proportional to exp(k slope theta + c_k),     c_0 = 0

Outside, `a` and `b` speak of difficulties: b = -d / a; graded b_k = -d_k / a; steps b_k = -(c_k - c_{k-1}) / a.
Turning one form into the other rounds, so difficulties that logistic items were made from are kept beside.
A dichotomous item is the two-category case of either polytomous model. Birnbaum in Lord & Novick (1968),
Barton & Lord (1981), Samejima (1969), Muraki (1992).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from karmayogi.science.irt.grid import Floats, Ints
from karmayogi.science.irt.refusals import ItemsMalformed, listed


class Family(IntEnum):
    """Which formula an item follows."""

    LOGISTIC = 0
    GRADED = 1
    PARTIAL_CREDIT = 2


@dataclass(frozen=True, eq=False)
class Items:
    """Parameters of I items with up to K categories; arrays are read-only copies.

    `family` [I] of `Family`; `slope` [I]; `intercepts` [I, K - 1], NaN behind the last of an item with fewer
    categories; `lower`, `upper` [I] in [0, 1], 0 and 1 for polytomous items; `given_b` as `b`, where `b` was given.
    Raises `ItemsMalformed`.
    """

    family: NDArray[np.int8]
    slope: Floats
    intercepts: Floats
    lower: Floats
    upper: Floats
    given_b: Floats | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Own, read-only arrays of equal length that describe a model."""
        for name, kind in (("family", np.int8), ("slope", float), ("intercepts", float)):
            object.__setattr__(self, name, _own(getattr(self, name), kind))
        for name in ("lower", "upper"):
            value = np.broadcast_to(np.asarray(getattr(self, name), dtype=float), self.slope.shape)
            object.__setattr__(self, name, _own(value, float))
        if self.given_b is not None:
            object.__setattr__(self, "given_b", _own(self.given_b, float))
        _refuse_malformed(self)

    @classmethod
    def logistic(
        cls, a: ArrayLike, b: ArrayLike, *, lower: ArrayLike = 0.0, upper: ArrayLike = 1.0
    ) -> "Items":
        """1PL to 4PL items from slopes `a` [I], difficulties `b` [I], guessing `lower` and slipping `upper`."""
        slope, difficulty = np.broadcast_arrays(np.atleast_1d(np.asarray(a, float)), np.asarray(b, float))
        family, b = np.zeros(slope.shape, np.int8), difficulty[..., None]
        with np.errstate(invalid="ignore"):
            return cls(family, slope, -slope[..., None] * b, np.asarray(lower), np.asarray(upper), b)

    @classmethod
    def graded(cls, a: ArrayLike, b: ArrayLike) -> "Items":
        """Graded items from slopes `a` [I] and rising cuts `b` [I, K - 1], NaN where an item has fewer."""
        slope, cuts = np.atleast_1d(np.asarray(a, float)), np.atleast_2d(np.asarray(b, float))
        family = np.full(slope.shape, Family.GRADED, np.int8)
        return cls(family, slope, -slope[:, None] * cuts, np.zeros(1), np.ones(1))

    @classmethod
    def partial_credit(cls, a: ArrayLike, steps: ArrayLike) -> "Items":
        """Generalised partial credit items from slopes `a` [I] and steps [I, K - 1], in any order, NaN as above."""
        slope, b = np.atleast_1d(np.asarray(a, float)), np.atleast_2d(np.asarray(steps, float))
        family = np.full(slope.shape, Family.PARTIAL_CREDIT, np.int8)
        return cls(family, slope, np.cumsum(-slope[:, None] * b, axis=1), np.zeros(1), np.ones(1))

    @classmethod
    def joined(cls, parts: Sequence["Items"]) -> "Items":
        """One test of several parts, in their order."""
        names = ("family", "slope", "intercepts", "lower", "upper", "b")
        return cls(*(_stacked([getattr(part, name) for part in parts]) for name in names))

    def taken(self, columns: ArrayLike) -> "Items":
        """The items of these columns (indices or a mask), in that order."""
        at = np.asarray(columns)
        b = None if self.given_b is None else self.given_b[at]
        return Items(self.family[at], self.slope[at], self.intercepts[at], self.lower[at], self.upper[at], b)

    def __len__(self) -> int:
        """How many items."""
        return len(self.slope)

    @property
    def categories(self) -> Ints:
        """Number of categories of each item [I], 2 for a dichotomous one."""
        return np.asarray(np.isfinite(self.intercepts).sum(axis=1) + 1, dtype=np.int64)

    @property
    def offsets(self) -> Ints:
        """Where each item's categories begin when all categories of all items stand in one row, [I + 1]."""
        return np.concatenate([[0], np.cumsum(self.categories)])

    @property
    def a(self) -> Floats:
        """Slopes [I]."""
        return self.slope

    @property
    def b(self) -> Floats:
        """Difficulties, cuts or steps [I, K - 1]; infinite or NaN where the slope is 0, unless they were given."""
        if self.given_b is not None:
            return self.given_b
        first = np.zeros((len(self), 1))
        steps = np.diff(self.intercepts, axis=1, prepend=first)
        stepped = (self.family == Family.PARTIAL_CREDIT)[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(-np.where(stepped, steps, self.intercepts) / self.slope[:, None])

    @property
    def difficulty(self) -> Floats:
        """Difficulties [I] of items of two categories; of others the first cut or step."""
        return self.b[:, 0]

    def digest(self) -> str:
        """SHA-256 of the parameters, hex: the same for equal items on every machine."""
        parts = (self.family.astype("<i1"), *(_canonical(v) for v in (self.slope, self.intercepts)))
        bounds = (_canonical(self.lower), _canonical(self.upper))
        shape = np.asarray(self.intercepts.shape, "<i8")
        return hashlib.sha256(b"".join(part.tobytes() for part in (shape, *parts, *bounds))).hexdigest()


def _own(values: ArrayLike, kind: type) -> NDArray[np.generic]:
    array: NDArray[np.generic] = np.array(values, dtype=kind, order="C")
    array.flags.writeable = False
    return array


def _stacked(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Arrays [I] or [I, K - 1] behind each other, NaN where one is narrower than another."""
    width = max(part.shape[1:] for part in parts)
    return np.concatenate(
        [
            part
            if part.shape[1:] == width
            else np.pad(part, ((0, 0), (0, width[0] - part.shape[1])), constant_values=np.nan)
            for part in parts
        ]
    )


def _canonical(values: Floats) -> Floats:
    return np.where(np.isnan(values), np.nan, values + 0.0).astype("<f8")


def _refuse_malformed(items: Items) -> None:
    count = len(items.slope) if items.slope.ndim == 1 else -1
    shapes = (items.family.shape, items.intercepts.shape[:1], items.lower.shape, items.upper.shape)
    same = items.given_b is None or items.given_b.shape == items.intercepts.shape
    if not same or count < 1 or items.intercepts.ndim != 2 or any(shape != (count,) for shape in shapes):
        raise ItemsMalformed(
            "Give one slope, one row of intercepts or difficulties and one family for each item."
        )
    known = np.isin(items.family, [family.value for family in Family])
    given = np.isfinite(items.intercepts)
    gaps = (given[:, 1:] > given[:, :-1]).any(axis=1) | ~given[:, 0] | np.isinf(items.intercepts).any(axis=1)
    logistic = items.family == Family.LOGISTIC
    bounded = (items.lower >= 0) & (items.upper <= 1) & (items.lower < items.upper)
    open_ended = logistic | ((items.lower == 0) & (items.upper == 1))
    falling = np.ones_like(given[:, 1:])
    np.less(items.intercepts[:, 1:], items.intercepts[:, :-1], out=falling, where=given[:, 1:])
    ordered = falling.all(axis=1) | (items.family != Family.GRADED)
    single = ~logistic | (given.sum(axis=1) == 1)
    wrong = ~(known & np.isfinite(items.slope) & ~gaps & bounded & open_ended & ordered & single)
    if wrong.any():
        raise ItemsMalformed(
            f"Items in columns {listed(np.flatnonzero(wrong))} describe no model: parameters have to be finite, "
            "0 <= lower < upper <= 1, logistic items have one difficulty, and the cuts of a graded item rise in the "
            "direction of its slope."
        )
