"""First- and second-order margins of a test: their observed values, expectations, derivatives and covariances.

First-order margins are mean scores, or the shares of all categories but the lowest; second-order margins are mean
products of two items' scores, categories counted 0, 1, 2 ...
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from karmayogi.science.irt.grid import Floats, Ints
from karmayogi.science.irt.items import Items
from karmayogi.science.irt.observed import Slopes


@dataclass(frozen=True)
class Margins:
    """`item` [C] and `score` [C] of every category; `first` [A, C] maps their chances to first-order margins, whose
    items are `owner` [A]; `pairs` [2, B] are the items of second-order margins."""

    item: Ints
    score: Floats
    first: Floats
    owner: Ints
    pairs: NDArray[np.intp]

    @property
    def count(self) -> int:
        """How many margins."""
        return len(self.first) + int(self.pairs.shape[1])

    @property
    def scores(self) -> Floats:
        """Maps chances of categories to expected scores of items, [I, C]."""
        return np.asarray((np.arange(self.item[-1] + 1)[:, None] == self.item) * self.score)

    def observed(self, codes: NDArray[np.int8], count: Floats) -> Floats:
        """The margins of answers [N, I], people counted `count` [N] times."""
        given = codes[:, self.item] == self.score
        shares = self.first @ (count @ given)
        scores = codes.astype(np.float64)
        products = (scores * count[:, None]).T @ scores
        return np.asarray(np.concatenate([shares, products[self.pairs[0], self.pairs[1]]]) / count.sum())


def margins_of(items: Items, *, all_categories: bool) -> Margins:
    """The margins of a test, with shares of categories or with mean scores."""
    categories = items.categories
    item = np.repeat(np.arange(len(items)), categories)
    score = (np.arange(len(item)) - items.offsets[item]).astype(np.float64)
    scores = (np.arange(len(items))[:, None] == item) * score
    first = np.eye(len(item))[score > 0] if all_categories else scores
    owner = item[score > 0] if all_categories else np.arange(len(items))
    return Margins(
        item, score, np.asarray(first, dtype=np.float64), owner, np.stack(np.triu_indices(len(items), 1))
    )


def covariance_of(
    margins: Margins, chances: Floats, slopes: Slopes, weights: Floats, group: int
) -> tuple[Floats, Floats, Floats]:
    """Expected margins [M], derivatives [M, F] and covariance [M, M] of one answer sheet of a group.

    `chances` [C, Q] at the nodes, whose weights in the group are `weights` [Q].
    """
    one, each = margins.first @ chances, margins.scores @ chances
    i, j = margins.pairs
    two = each[i] * each[j]
    moments = np.concatenate([one, two])
    expected = moments @ weights
    covariance = _products(margins, chances, one, each, two, weights) - np.outer(expected, expected)
    return expected, _jacobian(margins, chances, each, moments, slopes, weights, group), covariance


def _products(
    margins: Margins, chances: Floats, one: Floats, each: Floats, two: Floats, weights: Floats
) -> Floats:
    """Expected products of all margins; those that share an item do not factor given ability."""
    weighted, scores = two * weights, margins.scores
    i, j = margins.pairs
    same_item = margins.owner[:, None] == margins.owner
    own = (margins.first * (chances @ weights)) @ margins.first.T
    first_first = np.where(same_item, own, (one * weights) @ one.T)
    mixed = (((margins.first * margins.score) @ chances) * weights) @ each.T
    first_second = one @ weighted.T
    first_second = np.where(margins.owner[:, None] == i, mixed[:, j], first_second)
    first_second = np.where(margins.owner[:, None] == j, mixed[:, i], first_second)
    second_second = weighted @ two.T
    squares = (scores * margins.score) @ chances
    for item in range(len(each)):
        at = np.flatnonzero((i == item) | (j == item))
        others = np.where(i[at] == item, j[at], i[at])
        shared = ((each * (weights * squares[item])) @ each.T)[np.ix_(others, others)]
        np.fill_diagonal(shared, (squares[others] * squares[item]) @ weights)
        second_second[np.ix_(at, at)] = shared
    return np.block([[first_first, first_second], [first_second.T, second_second]])


def _jacobian(
    margins: Margins,
    chances: Floats,
    each: Floats,
    moments: Floats,
    slopes: Slopes,
    weights: Floats,
    group: int,
) -> Floats:
    """Derivatives [M, F] of the expected margins by the estimated parameters."""
    cells, (i, j) = len(chances), margins.pairs
    out = np.zeros((margins.count, slopes.count + 1))
    moved = slopes.value[:cells] * (chances * weights)[:, None, :]
    for slot in range(moved.shape[1]):
        by_first = margins.first * moved[:, slot].sum(axis=1)
        np.add.at(out[: len(margins.first)].T, slopes.place[:cells, slot], by_first.T)
        by_second = (moved[:, slot] * margins.score[:, None]) @ each.T
        for cell in range(cells):
            for mine, other in ((i, j), (j, i)):
                at = np.flatnonzero(mine == margins.item[cell])
                out[len(margins.first) + at, slopes.place[cell, slot]] += by_second[cell, other[at]]
        own = slopes.place[cells + group, slot]
        out[:, own] += moments @ (slopes.value[cells + group, slot] * weights)
    return out[:, :-1]
