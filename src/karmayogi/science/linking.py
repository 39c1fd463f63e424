"""Two calibrations on one scale: the line that carries abilities and items of a new scale onto a base scale.

theta_base = slope * theta_new + intercept, so a_base = a_new / slope and b_base = slope * b_new + intercept, found
from items both calibrations hold (anchors): `new` and `base` are the same items [C] on either scale. Fixed-anchor and
concurrent calibration need no line: `irt` fits them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import least_squares

from karmayogi.science import irt
from karmayogi.science.irt import GRID, WEIGHTS, Bools, Family, Floats, Ints, Items

Curves = Callable[[Floats], Floats]
"""Expected scores or category chances, one column each, [Q, C] of abilities [Q]: items of any kind can be linked."""
Method = Literal["mean_mean", "mean_sigma", "haebara", "stocking_lord"]
STEADY = 2.7
"""Displacements beyond so many sds from the median are set aside; 0.74 times the interquartile range is an sd."""
LEAST_DISPLACEMENT = 0.05
FEWEST_STEADY = 3


class AnchorsCannotBeLinked(ValueError):
    """The anchors handed over fix no line between the scales; the message says what to mend."""


@dataclass(frozen=True)
class Link:
    """The line, and per anchor [C] how far it lies off it on the base scale, in logits: b_base - (slope b_new + B).

    `kept` [C] marks the anchors the line rests on. `loss` is what the criterion left over, 0 for a perfect line and
    for the moment methods. `converged` False: the criterion's minimum was not reached.
    """

    slope: float
    intercept: float
    displacement: Floats
    kept: Bools
    loss: float
    converged: bool

    def abilities(self, theta: ArrayLike) -> Floats:
        """Abilities of the new scale on the base scale, of any shape."""
        return self.slope * np.asarray(theta, dtype=np.float64) + self.intercept

    def items(self, new: Items) -> Items:
        """Right-or-wrong items of the new scale on the base scale; asymptotes are moved by no line."""
        b = self.slope * new.difficulty + self.intercept
        return Items.logistic(new.a / self.slope, b, lower=new.lower, upper=new.upper)


def link(
    new: Items,
    base: Items,
    *,
    method: Method = "stocking_lord",
    symmetric: bool = False,
    grid: Floats = GRID,
    weights: Floats = WEIGHTS,
) -> Link:
    """The line by one of four methods; the last two weigh abilities of the base scale by `weights` [Q] on `grid`.

    mean_mean: means of slopes and of difficulties (Loyd & Hoover 1980); mean_sigma: means and sds of difficulties
    (Marco 1977); haebara: squared distances of every item's curve (Haebara 1980); stocking_lord: of the curves' sum
    (Stocking & Lord 1983). `symmetric` adds the distances seen from the new scale. Raises AnchorsCannotBeLinked.
    """
    _refuse_odd_anchors(new, base)
    if method not in get_args(Method):
        raise AnchorsCannotBeLinked(
            f"There is no method {method!r}. Take one of {', '.join(get_args(Method))}."
        )
    slope, intercept = _by_moments(new, base, method)
    loss, converged = 0.0, True
    if method in ("haebara", "stocking_lord"):
        slope, intercept, loss, converged = link_curves(
            logistic_curves(new),
            logistic_curves(base),
            summed=method == "stocking_lord",
            symmetric=symmetric,
            start=(slope, intercept),
            grid=grid,
            weights=weights,
        )
    displacement = base.difficulty - (slope * new.difficulty + intercept)
    return Link(slope, intercept, displacement, np.ones(len(displacement), dtype=np.bool_), loss, converged)


def _refuse_odd_anchors(new: Items, base: Items) -> None:
    if len(new) != len(base):
        raise AnchorsCannotBeLinked("Hand over the same items on both scales, in the same order.")
    if len(new) < 2:
        raise AnchorsCannotBeLinked("One anchor fixes no line. Hand over two at least, better twenty.")
    for items in (new, base):
        if np.any(items.family != Family.LOGISTIC) or np.any(items.upper < 1.0):
            raise AnchorsCannotBeLinked(
                "These are not all right-or-wrong items. Link others by their curves."
            )
        if np.any(items.slope <= 0.0):
            raise AnchorsCannotBeLinked("Anchors need slopes above 0. Leave the others out.")


def _by_moments(new: Items, base: Items, method: Method) -> tuple[float, float]:
    spread_new, spread_base = float(np.std(new.difficulty)), float(np.std(base.difficulty))
    if method == "mean_sigma" and min(spread_new, spread_base) == 0.0:
        raise AnchorsCannotBeLinked(
            "Anchors of one difficulty have no spread to compare. Take another method."
        )
    if method == "mean_sigma":
        slope = spread_base / spread_new
    else:
        slope = float(new.a.mean() / base.a.mean())
    return slope, float(base.difficulty.mean() - slope * new.difficulty.mean())


def logistic_curves(items: Items) -> Curves:
    """Chances of a right answer, as curves to be linked."""
    a, b, floor = items.a, items.difficulty, items.lower
    return lambda theta: np.asarray(floor + (1.0 - floor) * irt.chance(theta, a, b))


def link_curves(
    new: Curves,
    base: Curves,
    *,
    summed: bool,
    symmetric: bool = False,
    start: tuple[float, float] = (1.0, 0.0),
    grid: Floats = GRID,
    weights: Floats = WEIGHTS,
) -> tuple[float, float, float, bool]:
    """Slope, intercept, loss and convergence for items of any kind, polytomous ones as well.

    Both give the same columns [Q, C]: expected item scores, or category chances. `summed` compares the sums of the
    columns (Stocking-Lord), else each column (Haebara). Raises AnchorsCannotBeLinked where columns differ.
    """
    if grid.ndim != 1 or len(grid) < 2 or weights.shape != grid.shape or not np.all(weights >= 0.0):
        raise AnchorsCannotBeLinked(
            "Hand over a grid of two points or more, with a weight of 0 or more for each."
        )
    root = np.sqrt(weights)[:, None]
    at_base, at_new = base(grid), new(grid)
    if at_base.shape != at_new.shape or at_base.ndim != 2:
        raise AnchorsCannotBeLinked(
            f"Curves have shapes {at_new.shape} and {at_base.shape}. Hand over the same columns on both scales."
        )

    def off(line: Floats) -> Floats:
        slope, intercept = np.exp(line[0]), line[1]
        parts = [at_base - new((grid - intercept) / slope)]
        parts += [at_new - base(slope * grid + intercept)] if symmetric else []
        if summed:
            parts = [part.sum(axis=1, keepdims=True) for part in parts]
        return np.concatenate([(root * part).ravel() for part in parts])

    found = least_squares(
        off, [np.log(start[0]), start[1]], jac="3-point", method="lm", xtol=1e-14, ftol=1e-14, gtol=1e-14
    )
    return float(np.exp(found.x[0])), float(found.x[1]), float(2.0 * found.cost), bool(found.status > 0)


def steady_link(new: Items, base: Items, *, method: Method = "stocking_lord", most_rounds: int = 20) -> Link:
    """The line without anchors that drifted: those displaced far beyond the rest are set aside until none is new.

    An anchor drifts if its displacement is more than STEADY sds from the median, an sd being 0.74 of the
    interquartile range (Huynh & Meyer 2010), and more than LEAST_DISPLACEMENT logits. At most half the anchors go, and
    FEWEST_STEADY stay; `converged` is False if more would have to, or the same round came back.
    """
    _refuse_odd_anchors(new, base)
    kept, seen = np.ones(len(new), dtype=np.bool_), set[bytes]()
    least = max(FEWEST_STEADY, len(kept) / 2)
    for _ in range(most_rounds):
        seen.add(kept.tobytes())
        found = link(new.taken(kept), base.taken(kept), method=method)
        displacement = base.difficulty - (found.slope * new.difficulty + found.intercept)
        steady = ~_strays(displacement)
        settled = bool(np.array_equal(steady, kept))
        if settled or steady.sum() < least or steady.tobytes() in seen:
            break
        kept = steady
    return Link(
        found.slope, found.intercept, displacement, kept, found.loss, bool(found.converged and settled)
    )


def _strays(displacement: Floats) -> Bools:
    low, middle, high = np.quantile(displacement, [0.25, 0.5, 0.75])
    off = np.abs(displacement - middle)
    return np.asarray((off > STEADY * 0.74 * (high - low)) & (off > LEAST_DISPLACEMENT))


def linking_errors(
    new: Items,
    base: Items,
    *,
    seed: int,
    method: Method = "stocking_lord",
    covariance_new: Floats | None = None,
    covariance_base: Floats | None = None,
    draws: int = 200,
) -> Floats:
    """Covariance [2, 2] of slope and intercept, from `draws` repetitions with this seed.

    With the covariances [C, 2, 2] of (a, b) on both scales, the parameters are drawn anew, slopes by their logarithm
    so that they stay above 0: what calibration leaves unsure. Without them, the anchors are drawn anew with
    repetition: what other anchors of this kind would give. Draws whose line did not converge are left out. Raises
    AnchorsCannotBeLinked, also where most did not converge.
    """
    given = [one for one in (covariance_new, covariance_base) if one is not None]
    if len(given) == 1 or draws < 2:
        raise AnchorsCannotBeLinked(
            "Hand over the covariances of both scales or of none, and two draws at least."
        )
    if any(one.shape != (len(new), 2, 2) or not _definite(one) for one in given):
        raise AnchorsCannotBeLinked("Covariances are [C, 2, 2], symmetric, with variances above 0.")
    _refuse_odd_anchors(new, base)
    random = np.random.default_rng(seed)
    lines = []
    for _ in range(draws):
        if covariance_new is None or covariance_base is None:
            places = _resampled(len(new), random)
            again = new.taken(places), base.taken(places)
        else:
            again = _drawn(new, covariance_new, random), _drawn(base, covariance_base, random)
        line = link(*again, method=method)
        if line.converged:
            lines.append((line.slope, line.intercept))
    if len(lines) < max(2, draws / 2):
        raise AnchorsCannotBeLinked(
            f"Only {len(lines)} of {draws} draws could be linked. Leave out the anchors with the largest errors."
        )
    return np.cov(np.array(lines).T)


def _definite(covariances: Floats) -> bool:
    return bool(np.isfinite(covariances).all() and (np.linalg.eigvalsh(covariances) > 0.0).all())


def _resampled(anchors: int, random: np.random.Generator) -> Ints:
    """Places with repetition, two different ones at least: one alone fixes no line."""
    while True:
        places = random.integers(0, anchors, anchors)
        if len(np.unique(places)) > 1:
            return places


def _drawn(items: Items, covariance: Floats, random: np.random.Generator) -> Items:
    root = np.linalg.cholesky(covariance)
    off = (root @ random.standard_normal((len(items), 2, 1)))[:, :, 0]
    a = items.a * np.exp(off[:, 0] / items.a)
    return Items.logistic(a, items.difficulty + off[:, 1], lower=items.lower)
