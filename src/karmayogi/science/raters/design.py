"""Ratings as columns, and as the estimation walks them: by ratee, by rater on that ratee, by rating."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from karmayogi.science.irt import Bools, CategoriesUnused, Floats, Ints
from karmayogi.science.raters.refusals import RatingsMalformed


@dataclass(frozen=True)
class Ratings:
    """Ratings [E], one row each: codes from 0 of ratee, rater, criterion, and the category given (0 is lowest).

    `occasion` [E], if there is one: what one rater says of one ratee on two occasions has two halos. `raters`,
    `ratees` and `categories` [C] count what may appear, if that is more than what does. Raises RatingsMalformed.
    """

    ratee: Ints
    rater: Ints
    criterion: Ints
    category: Ints
    occasion: Ints | None = None
    raters: int = 0
    ratees: int = 0
    categories: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        names = ("ratee", "rater", "criterion", "category", *(() if self.occasion is None else ("occasion",)))
        rows = np.shape(self.ratee)
        for name in names:
            column = np.asarray(getattr(self, name))
            if column.shape != rows or column.ndim != 1 or not column.size:
                raise RatingsMalformed(
                    "Give ratee, rater, criterion and category for each rating, at least one."
                )
            if not np.issubdtype(column.dtype, np.integer) or column.min() < 0:
                raise RatingsMalformed(f"{name} must hold whole numbers from 0; leave out ratings not given.")
            object.__setattr__(self, name, np.ascontiguousarray(column, dtype=np.int64))
        object.__setattr__(self, "raters", max(self.raters, int(self.rater.max()) + 1))
        object.__setattr__(self, "ratees", max(self.ratees, int(self.ratee.max()) + 1))

    def used(self) -> Ints:
        """Categories of each criterion [C]. Raises CategoriesUnused, and RatingsMalformed for one category alone."""
        criteria = max(int(self.criterion.max()) + 1, len(self.categories))
        most = max(int(self.category.max()) + 1, *self.categories, 2)
        seen = np.bincount(self.criterion * most + self.category, minlength=criteria * most)
        seen = seen.reshape(criteria, most)
        count: Ints = most - np.argmax(seen[:, ::-1] > 0, axis=1)
        count = np.maximum(
            count, np.pad(np.array(self.categories, dtype=np.int64), (0, criteria - len(self.categories)))
        )
        if np.any(seen.sum(axis=1) == 0):
            empty = np.flatnonzero(seen.sum(axis=1) == 0)[:8].tolist()
            raise RatingsMalformed(
                f"Criteria {empty} have no ratings. Leave them out and number the rest anew."
            )
        unused = np.argwhere((seen == 0) & (np.arange(most) < count[:, None]))
        if len(unused):
            raise CategoriesUnused([(int(c), int(k)) for c, k in unused])
        if np.any(count < 2):
            raise RatingsMalformed("A criterion on which everybody got the same says nothing. Leave it out.")
        return np.asarray(count, dtype=np.int64)


@dataclass(frozen=True)
class Design:
    """The same ratings in order: pairs (a rater on a ratee on an occasion) by ratee, ratings by pair.

    `rating_order` [E]: the place each rating had; `pair_start` [P + 1] into ratings, `ratee_start` [N + 1] into
    pairs; `pair_rater`, `pair_ratee`, `pair_occasion` [P]; `criterion`, `category` [E] in the new order.
    """

    rating_order: Ints
    pair_start: Ints
    pair_rater: Ints
    pair_ratee: Ints
    pair_occasion: Ints
    ratee_start: Ints
    criterion: Ints
    category: Ints

    @classmethod
    def of(cls, ratings: Ratings) -> "Design":
        """The order the loops walk; ratings of a pair keep the order given."""
        occasion = np.zeros_like(ratings.rater) if ratings.occasion is None else ratings.occasion
        order = np.lexsort((occasion, ratings.rater, ratings.ratee))
        ratee, rater, turn = ratings.ratee[order], ratings.rater[order], occasion[order]
        new = np.ones(len(order), dtype=np.bool_)
        new[1:] = (np.diff(ratee) != 0) | (np.diff(rater) != 0) | (np.diff(turn) != 0)
        first = np.flatnonzero(new)
        per_ratee = np.bincount(ratee[first], minlength=ratings.ratees)
        return cls(
            order, np.append(first, len(order)), rater[first], ratee[first], turn[first],
            np.concatenate([[0], np.cumsum(per_ratee)]), ratings.criterion[order], ratings.category[order],
        )  # fmt: skip

    def own_couples(self) -> Ints:
        """Where each pair [P] meets itself in a list of all couples of pairs, ratee by ratee."""
        counts = np.diff(self.ratee_start)
        before = np.concatenate([[0], np.cumsum(counts**2)])[:-1]
        place = np.arange(len(self.pair_rater)) - self.ratee_start[self.pair_ratee]
        return np.asarray(before[self.pair_ratee] + place * (counts[self.pair_ratee] + 1))


@dataclass(frozen=True)
class Links:
    """Who can be compared with whom. `rater_part` [J], `ratee_part` [N]: the connected part each belongs to, -1
    without ratings; `rater_identified` [J], `ratee_identified` [N]; `shared` [J]: ratees a rater shares with others.
    """

    rater_part: Ints
    ratee_part: Ints
    rater_identified: Bools
    ratee_identified: Bools
    shared: Ints


def linked(
    ratings: Ratings, *, known_severity: ArrayLike | None = None, known_ability: ArrayLike | None = None
) -> Links:
    """The connected parts of the graph of raters and ratees; what is known of either joins all that is known.

    Severities are comparable only inside a part. Identified is the part that holds anchors (`known_severity` [J],
    `known_ability` [N]; NaN: not known) or else the largest part, if two raters or more share ratees in it; parts
    are numbered by their lowest rater.
    """
    raters, ratees = ratings.raters, ratings.ratees
    firm = anchors(known_severity, raters, "known_severity")
    sure = anchors(known_ability, ratees, "known_ability")
    hub = raters + ratees
    known = np.concatenate([np.flatnonzero(~np.isnan(firm)), raters + np.flatnonzero(~np.isnan(sure))])
    rows = np.concatenate([ratings.rater, known])
    columns = np.concatenate([raters + ratings.ratee, np.full(len(known), hub)])
    graph = coo_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(hub + 1, hub + 1))
    part = connected_components(graph, directed=False)[1].astype(np.int64)
    rated, rates = _present(ratings.ratee, ratees), _present(ratings.rater, raters)
    if len(known):
        reference = part[hub]
        linked_by = True
    else:
        sizes = np.bincount(part[raters:hub][rated], minlength=part.max() + 1)
        reference = int(np.argmax(sizes))
        linked_by = int(np.sum((part[:raters] == reference) & rates)) > 1
    in_rater = (part[:raters] == reference) & rates & linked_by
    in_ratee = (part[raters:hub] == reference) & rated & linked_by
    return Links(
        np.where(rates, part[:raters], -1), np.where(rated, part[raters:hub], -1),
        in_rater | ~np.isnan(firm), in_ratee | ~np.isnan(sure), _shared(ratings),
    )  # fmt: skip


def anchors(known: ArrayLike | None, size: int, name: str) -> Floats:
    """Known values [size], NaN where not known. Raises RatingsMalformed."""
    values = np.full(size, np.nan) if known is None else np.array(known, dtype=np.float64)
    if values.shape != (size,) or np.any(np.isinf(values)):
        raise RatingsMalformed(f"{name} must hold {size} finite values, or NaN where nothing is known.")
    return values


def _present(codes: Ints, size: int) -> Bools:
    return np.asarray(np.bincount(codes, minlength=size) > 0)


def _shared(ratings: Ratings) -> Ints:
    """Ratees of each rater whom somebody else rated too [J]."""
    pairs = np.unique(ratings.ratee * ratings.raters + ratings.rater)
    ratee, rater = pairs // ratings.raters, pairs % ratings.raters
    several = np.bincount(ratee, minlength=ratings.ratees) > 1
    return np.bincount(rater[several[ratee]], minlength=ratings.raters).astype(np.int64)
