"""Differing items by two calibrations: do the groups' own curves of an item part, once on one scale? (Lord 1980)"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from karmayogi.science import irt
from karmayogi.science.fairness.mantel_haenszel import DELTA, LARGE, NEGLIGIBLE
from karmayogi.science.fairness.tables import AnswersCannotBeCompared, checked
from karmayogi.science.irt import WEIGHTS, Bools, Floats, Ints, Items
from karmayogi.science.irt.two_parameter import crossed_covariance, score_rows
from karmayogi.science.linking import Link, Method, link

MODERATE_AREA, LARGE_AREA = NEGLIGIBLE / abs(DELTA), LARGE / abs(DELTA)
FEWEST_ANCHORS = 3


@dataclass(frozen=True)
class Estimates:
    """Slopes and difficulties [I] of one group's own calibration, with covariances [I, 2, 2] of (a, b)."""

    a: Floats
    b: Floats
    covariance: Floats


@dataclass(frozen=True)
class LordDifference:
    """Every item [I]: Lord's chi-square (2 df) with its p, and the area between the curves in logits (Raju 1988).

    `signed_area` is b_focal - b_reference on the reference scale: above 0 the item is harder for the focal group.
    `effect` is A, B or C by the area, whose bounds are those of the delta scale in logits (1/2.35, 1.5/2.35), and by
    significance; `flagged` are B and C. `link` carried the focal group over; it rests on the items not flagged.
    `settled` is False where the flags went in a circle or too few items were left to link on.
    """

    chi_square: Floats
    p: Floats
    signed_area: Floats
    area: Floats
    effect: NDArray[np.str_]
    flagged: Bools
    link: Link
    settled: bool


def lord_difference(
    reference: Estimates,
    focal: Estimates,
    *,
    method: Method = "stocking_lord",
    significance: float = 0.05,
    purify: bool = True,
    most_rounds: int = 10,
) -> LordDifference:
    """Lord's chi-square of all items, from a calibration of each group, linked by the items that are not flagged.

    Both calibrations hold the same items in the same order. Raises AnswersCannotBeCompared for shapes that do not
    fit, AnchorsCannotBeLinked where no line can be found.
    """
    _check(reference, focal)
    new, base = Items.logistic(focal.a, focal.b), Items.logistic(reference.a, reference.b)
    kept, seen, settled = np.ones(len(reference.a), dtype=np.bool_), set[bytes](), True
    for _ in range(most_rounds):
        seen.add(kept.tobytes())
        line = link(new.taken(kept), base.taken(kept), method=method)
        found = _tested(reference, focal, line)
        size, p = found[3], found[1]
        flagged = (p < significance) & (size >= MODERATE_AREA)
        settled = bool(np.array_equal(~flagged, kept)) or not purify
        if settled or (~flagged).sum() < FEWEST_ANCHORS or (~flagged).tobytes() in seen:
            break
        kept = ~flagged
    displacement = reference.b - (line.slope * focal.b + line.intercept)
    line = Link(line.slope, line.intercept, displacement, kept, line.loss, line.converged)
    effect = np.where(flagged & (size >= LARGE_AREA), "C", np.where(flagged, "B", "A"))
    return LordDifference(*found, effect, flagged, line, settled)


def _check(reference: Estimates, focal: Estimates) -> None:
    items = len(reference.a)
    for group in (reference, focal):
        if group.a.shape != (items,) or group.b.shape != (items,) or group.covariance.shape != (items, 2, 2):
            raise AnswersCannotBeCompared(
                "Both calibrations need a and b [I] and covariances [I, 2, 2] of the same items. Align them first."
            )
        if not np.isfinite(group.covariance).all() or np.any(np.linalg.eigvalsh(group.covariance) <= 0.0):
            raise AnswersCannotBeCompared(
                "Covariances must be finite, with variances above 0. Leave out items without an estimate."
            )


def _tested(reference: Estimates, focal: Estimates, line: Link) -> tuple[Floats, Floats, Floats, Floats]:
    """Chi-square, p, signed and unsigned area, each [I]."""
    moved = line.items(Items.logistic(focal.a, focal.b))
    a, b = moved.a, moved.difficulty
    stretch = np.diag([1.0 / line.slope, line.slope])
    covariance = reference.covariance + stretch @ focal.covariance @ stretch
    off = np.stack([a - reference.a, b - reference.b], axis=1)
    chi_square = np.einsum("ip,ip->i", off, np.linalg.solve(covariance, off[:, :, None])[:, :, 0])
    return chi_square, chdtrc(2, chi_square), off[:, 1], _area(reference.a, reference.b, a, b)


def _area(a1: Floats, b1: Floats, a2: Floats, b2: Floats) -> Floats:
    """Unsigned area between two curves, in logits (Raju 1988, equation 14 with D = 1)."""
    apart, slopes = b2 - b1, a2 - a1
    same = np.abs(slopes) < 1e-6 * (a1 + a2)
    safe = np.where(same, 1.0, slopes)
    product = a1 * a2
    folded = 2.0 * safe / product * np.logaddexp(0.0, product * apart / safe) - apart
    return np.asarray(np.abs(np.where(same, apart, folded)))


def estimates(responses: NDArray[np.generic], a: Floats, b: Floats) -> Estimates:
    """A calibration with covariances from the cross-products of each person's score (as `irt.calibrate` does).

    `responses` [N, I] are those the parameters came from; ability is N(0, 1). With fewer than four people to an item
    the items are taken one by one.
    """
    answers = checked(responses)
    weights = irt.weights_of(irt.log_likelihoods(answers, a, b) + np.log(WEIGHTS))
    right, asked = (answers == 1).astype(np.float64), (answers >= 0).astype(np.float64)
    covariance = crossed_covariance(score_rows(right, asked, weights, a, b))
    place = np.arange(len(a))
    return _of_lines(a, b, covariance, place, place + len(a))


def fitted(fit: irt.Fit) -> Estimates:
    """A fit of `irt.fit` with its own covariances; all items two-parameter logistic, none of them anchored.

    Raises AnswersCannotBeCompared for other fits, and for those without errors.
    """
    logistic = (fit.items.family == irt.Family.LOGISTIC) & (fit.items.lower == 0.0) & (fit.items.upper == 1.0)
    starts = fit.design.starts[:-1]
    slope, intercept = fit.design.free[starts], fit.design.free[starts + 1]
    if not logistic.all() or fit.design.shared or min(slope.min(), intercept.min()) < 0 or fit.errors is None:
        raise AnswersCannotBeCompared('Fit both groups by "2PL", without anchors and with errors.')
    return _of_lines(fit.items.slope, fit.items.b[:, 0], fit.errors.covariance, slope, intercept)


def _of_lines(a: Floats, b: Floats, covariance: Floats, slope: Ints, intercept: Ints) -> Estimates:
    """From the covariance of slopes and intercepts, at these places [I] of it, to that of slopes and difficulties."""
    both = (slope, intercept)
    of_item = np.empty((len(a), 2, 2))
    for row in range(2):
        for column in range(2):
            of_item[:, row, column] = covariance[both[row], both[column]]
    turn = np.zeros((len(a), 2, 2))  # b = -d / a
    turn[:, 0, 0], turn[:, 1, 0], turn[:, 1, 1] = 1.0, -b / a, -1.0 / a
    return Estimates(a, b, turn @ of_item @ turn.transpose(0, 2, 1))
