"""A specification as named limits: each one a few rows of a 0-1 program, with the words that explain it.

Variables, in this order: x[f, i] in {0, 1}, form f has item i; y, the largest share by which a form misses the target;
and z[p, i] >= 0 for each pair of forms, at least 1 where both have item i (only where an overlap is limited).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.sparse import coo_array, csr_array, diags_array, eye_array, hstack, kron, vstack

from karmayogi.science.adaptive import Pool, Quota, curves
from karmayogi.science.assembly.specifications import Specification, Target
from karmayogi.science.irt import Floats


@dataclass(frozen=True, eq=False)
class Limit:
    """Rows low <= rows @ (x, y, z) <= high that hold together under one `name`, in plain words with figures.

    `price` is what breaking a row by one costs where limits have to give way; 0: it never does.
    """

    name: str
    rows: csr_array
    low: Floats
    high: Floats
    price: float = 0.0
    share: bool = False
    """Whether its rows count shares of a target, not items."""


@dataclass(frozen=True, eq=False)
class Shape:
    """How many variables there are: forms, items, pairs of forms whose overlap is limited.

    A form with a weight in `stands_for` above 1 is that many forms in one: it has the items of all of them, and
    keeps their limits on average.
    """

    forms: int
    items: int
    pairs: int
    stands_for: tuple[int, ...]

    @property
    def variables(self) -> int:
        """Number of all variables."""
        return (self.forms + self.pairs) * self.items + 1

    @property
    def miss(self) -> int:
        """Column of y."""
        return self.forms * self.items

    def in_each_form(self, rows: csr_array) -> csr_array:
        """Rows [R, I] on the items, repeated for every form, [forms * R, variables]."""
        each = kron(diags_array(1.0 / np.array(self.stands_for)), rows)
        return csr_array((each.tocoo().data, each.tocoo().coords), shape=(each.shape[0], self.variables))

    def over_forms(self, rows: csr_array) -> csr_array:
        """Rows [R, I] on the items, summed over the forms, [R, variables]."""
        whole = coo_array(kron(np.ones((1, self.forms)), rows))
        return csr_array((whole.data, whole.coords), shape=(whole.shape[0], self.variables))


def shape_of(pool: Pool, wanted: Specification) -> Shape:
    """The variables that forms of this pool need."""
    shared = wanted.overlap is not None and (wanted.uses > 1 or wanted.anchors)
    pairs = wanted.forms * (wanted.forms - 1) // 2 if shared else 0
    return Shape(wanted.forms, len(pool), pairs, (1,) * wanted.forms)


def limits_of(pool: Pool, wanted: Specification, target: Target, shape: Shape) -> list[Limit]:
    """All limits of a specification, those first that a report should rather keep out of a clash."""
    found = [*_enemies(pool, shape), *_uses(pool, wanted, shape), *_overlap(wanted, shape)]
    found += [*_anchors(pool, wanted, shape), _length(pool, wanted, shape)]
    for quota in wanted.quotas:
        found += _quota(pool, wanted, shape, quota)
    return [*found, *_within(pool, wanted, shape, target)]


def marks(pool: Pool, items: "list[int] | tuple[int, ...] | np.ndarray") -> csr_array:
    """One row [1, I] with a 1 at each of the items."""
    row = np.zeros((1, len(pool)))
    row[0, items] = 1.0
    return csr_array(row)


def _same(rows: csr_array, low: float, high: float) -> tuple[csr_array, Floats, Floats]:
    return rows, np.full(rows.shape[0], low), np.full(rows.shape[0], high)


def _enemies(pool: Pool, shape: Shape) -> Iterator[Limit]:
    for group in pool.enemies:
        names = ", ".join(pool.names[item] for item in group)
        yield Limit(
            f"of the enemies {names} a form has 1 at most",
            *_same(shape.in_each_form(marks(pool, group)), -np.inf, 1.0),
        )


def _uses(pool: Pool, wanted: Specification, shape: Shape) -> Iterator[Limit]:
    others = np.setdiff1d(np.arange(len(pool)), wanted.anchors)
    if wanted.uses >= wanted.forms or not len(others):
        return
    rows = shape.over_forms(csr_array(eye_array(len(pool)))[others])
    forms = "1 form" if wanted.uses == 1 else f"{wanted.uses} forms"
    yield Limit(f"an item stands in {forms} at most", *_same(rows, -np.inf, wanted.uses))


def _overlap(wanted: Specification, shape: Shape) -> Iterator[Limit]:
    if not shape.pairs or wanted.overlap is None:
        return
    one, blocks = eye_array(shape.items), []
    for number, (first, second) in enumerate(combinations(range(shape.forms), 2)):
        pair = np.zeros((1, shape.forms))
        pair[0, [first, second]] = 1.0
        seen = np.zeros((1, shape.pairs))
        seen[0, number] = -1.0
        blocks.append(hstack([kron(pair, one), csr_array((shape.items, 1)), kron(seen, one)]))
    both = csr_array(vstack(blocks))
    yield Limit("both forms of a pair have an item: it counts as shared", *_same(both, -np.inf, 1.0))
    shared = kron(eye_array(shape.pairs), np.ones((1, shape.items)))
    sums = csr_array(hstack([csr_array((shape.pairs, shape.miss + 1)), shared]))
    yield Limit(
        f"any two forms share {wanted.overlap} items at most", *_same(sums, -np.inf, wanted.overlap), 1.0
    )


def _anchors(pool: Pool, wanted: Specification, shape: Shape) -> Iterator[Limit]:
    for item in wanted.anchors:
        rows = shape.in_each_form(marks(pool, [item]))
        yield Limit(f"every form has the anchor {pool.names[item]}", *_same(rows, 1.0, np.inf))


def _length(pool: Pool, wanted: Specification, shape: Shape) -> Limit:
    have, all_forms = len(pool) - len(set(wanted.excluded)), wanted.length * wanted.forms
    return Limit(
        f"each form has {wanted.length} items ({all_forms} places in {wanted.forms} forms; the pool has {have})",
        *_same(shape.in_each_form(marks(pool, np.arange(len(pool)))), wanted.length, wanted.length),
        1.0,
    )


def _quota(pool: Pool, wanted: Specification, shape: Shape, quota: Quota) -> Iterator[Limit]:
    members = np.flatnonzero(np.array(pool.areas[quota.attribute]) == quota.value)
    have = len(set(members.tolist()) - set(wanted.excluded))
    rows = shape.in_each_form(marks(pool, members))
    area = f"{quota.attribute} {quota.value}"
    if quota.least:
        places = quota.least * wanted.forms
        name = f"each form has at least {quota.least} of {area} ({places} places; the pool has {have})"
        yield Limit(name, *_same(rows, quota.least, np.inf), 1.0)
    if quota.most is not None:
        yield Limit(f"each form has at most {quota.most} of {area}", *_same(rows, -np.inf, quota.most), 1.0)


def information_rows(pool: Pool, shape: Shape, target: Target) -> csr_array:
    """Information of each form at each ability, as a share of the target, [forms * T, variables]."""
    told = curves.information(np.array(target.thetas), pool.items)
    return shape.in_each_form(csr_array(told / np.array(target.information)[:, None]))


def _within(pool: Pool, wanted: Specification, shape: Shape, target: Target) -> Iterator[Limit]:
    if wanted.within is None:
        return
    rows, points = information_rows(pool, shape, target), len(target.thetas)
    told = curves.information(np.array(target.thetas), pool.items)
    ranked = np.sort(np.delete(told, list(wanted.excluded), axis=1), axis=1)
    for place, (theta, goal) in enumerate(zip(target.thetas, target.information, strict=True)):
        least, most = ranked[place, : wanted.length].sum(), ranked[place, -wanted.length :].sum()
        name = (
            f"information at {theta:g} is within {wanted.within:.0%} of {goal:.4g} (any {wanted.length} items of the "
            f"pool have {least:.4g} to {most:.4g})"
        )
        one = rows[place::points]
        yield Limit(name, *_same(one, 1.0 - wanted.within, 1.0 + wanted.within), 10.0, share=True)
