"""The plain parts of an adaptive check: which item next, and when enough is known.

For two-parameter items as plain arrays, as a page has them; what a `Policy` says is for `decisions`.
"""

import numpy as np
from numpy.typing import NDArray

from karmayogi.science import irt
from karmayogi.science.irt import GRID, Bools, Floats, Ints


class NoItemLeft(LookupError):
    """Every item of the pool is used, over its exposure cap or outside the areas asked for."""

    def __init__(self) -> None:
        super().__init__("No item is left to ask. Finish the sitting with what is known, or widen the pool.")


class BeliefCannotBeUsed(ValueError):
    """What is handed over to choose by is not what a choice needs; the message says what it needs."""


def normal_log_prior(mean: float, sd: float, *, grid: Floats = GRID) -> Floats:
    """Unnormalised log density [Q] of a normal prior on the grid."""
    return -np.square((grid - mean) / sd) / 2.0


def posterior(
    log_prior: Floats,
    items: Ints,
    correct: Bools,
    a: Floats,
    b: Floats,
    *,
    grid: Floats = GRID,
) -> Floats:
    """Weights [Q], summing to 1, after the answers so far: items [K] in [0, I) and whether each was right."""
    row = np.zeros(len(items), dtype=np.int64)
    answers = irt.sparse_log_likelihoods(row, items, correct, a, b, rows=1, grid=grid)[0]
    return irt.weights_of(log_prior + answers)


def choose(
    belief: float | Floats,
    a: Floats,
    b: Floats,
    *,
    open: Bools,
    uniform: float,
    top: int = 3,
    area: Ints | None = None,
    wanted: Floats | None = None,
    asked: Ints | None = None,
) -> int:
    """Index of the next item: one of the `top` worth most of the open ones, picked by `uniform` in [0, 1).

    Worths are those of `worths`. Picking among the best few keeps the first items from being the same for all
    (Kingsbury & Zara 1989). With `area` [I] in [0, A), the shares `wanted` [A] and the counts `asked` [A], only the
    area furthest behind its share that still has an open item is considered. Raises NoItemLeft, BeliefCannotBeUsed.
    """
    if not 0.0 <= uniform < 1.0 or top < 1 or np.shape(open) != np.shape(a):
        raise BeliefCannotBeUsed(
            "Give `open` for each item, `top` of 1 or more, and `uniform` from 0 to below 1."
        )
    candidates = np.asarray(open, dtype=np.bool_)
    if area is not None and wanted is not None and asked is not None:
        candidates = candidates & (area == _area_furthest_behind(area[candidates], wanted, asked))
    pool = np.flatnonzero(candidates)
    if not pool.size:
        raise NoItemLeft
    best = pool[np.argsort(-worths(belief, a[pool], b[pool]), kind="stable")[:top]]
    return int(best[int(uniform * len(best))])


def worths(belief: float | Floats, a: Floats, b: Floats) -> Floats:
    """What each item is worth to a belief, [I]: Fisher information at an ability in logits, or averaged over weights
    [Q] on GRID. Raises BeliefCannotBeUsed.
    """
    weights = np.asarray(belief, dtype=np.float64)
    if weights.shape not in ((), GRID.shape) or not np.isfinite(weights).all():
        raise BeliefCannotBeUsed(
            f"A belief is a finite ability or weights on the {len(GRID)} points of GRID."
        )
    if weights.ndim == 0:
        return np.asarray(irt.information(weights[None], a, b)[0])
    return np.asarray(weights @ irt.information(GRID, a, b))


def _area_furthest_behind(open_areas: Ints, wanted: Floats, asked: Ints) -> int:
    if not open_areas.size:
        raise NoItemLeft
    behind = wanted / wanted.sum() - asked / max(int(asked.sum()), 1)
    behind[np.setdiff1d(np.arange(len(wanted)), open_areas)] = -np.inf
    return int(np.argmax(behind))


def eligible(times_used: Ints, times_sat: int, *, cap: float) -> Bools:
    """Items [I] used in at most a share `cap` in (0, 1] of the sittings so far; all of them at the start.

    After n sittings no item was used in more than cap * n + 1 of them.
    """
    return np.asarray(times_used <= cap * times_sat)


def finished(sd: float, asked: int, *, precision: float, shortest: int, longest: int, decided: bool) -> bool:
    """True at `longest` items, or from `shortest` on once sd <= `precision` or the statement is decided."""
    if asked >= longest:
        return True
    return asked >= shortest and (sd <= precision or decided)


def open_items(items: int, used: Ints, allowed: NDArray[np.bool_] | None = None) -> Bools:
    """Mask [items] of what may still be asked: not used in this sitting and, if given, `allowed`."""
    mask = np.ones(items, dtype=np.bool_) if allowed is None else np.array(allowed, dtype=np.bool_)
    mask[used] = False
    return mask
