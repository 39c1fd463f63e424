"""Differing items by refitting: does an item fit better with a curve for each group? (Thissen, Steinberg & Wainer 1993)

Needs no observed score to match on and works for items of several steps as for right and wrong ones: all other items
tie the groups together, whose abilities have means and sds of their own.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from karmayogi.science import irt
from karmayogi.science.fairness.tables import AnswersCannotBeCompared, comparisons
from karmayogi.science.irt import NOT_ASKED, Bools, Floats, Ints

MODERATE, LARGE = 0.05, 0.10
"""Mean differences of expected scores, as a share of the item's points, from which they are moderate and large."""
LEAST_ANCHORS = 3
NODES = np.linspace(-5.0, 5.0, 201)


@dataclass(frozen=True)
class LikelihoodRatioDifference:
    """Every focal group against the reference, every item, all [F, I]; NaN where an item was not to be fitted apart.

    `chi_square` with `df` is twice what a curve of its own for the focal group gains. `signed` is the focal curve less
    the reference curve of expected scores, averaged over the focal group's abilities, as a share of the item's points:
    below 0, the item is harder for the focal group; `size` averages the absolute difference. `effect` is A, B or C by
    `size` (0.05, 0.10: Dorans & Kulick 1986) and significance, "-" without an estimate; `flagged` are B and C.
    `converged` says that both fits did. Per focal group [F]: `mean`, `sd` of abilities when the reference has 0
    and 1, and `settled`, False where purification went in a circle or too few items were left.
    """

    focal: Ints
    chi_square: Floats
    df: Ints
    p: Floats
    signed: Floats
    size: Floats
    effect: NDArray[np.str_]
    flagged: Bools
    converged: Bools
    mean: Floats
    sd: Floats
    settled: Bools


def likelihood_ratio_difference(
    responses: NDArray[np.generic],
    group: NDArray[np.generic],
    *,
    models: str = "2PL",
    reference: int = 0,
    purify: bool = True,
    significance: float = 0.05,
    most_rounds: int = 5,
) -> LikelihoodRatioDifference:
    """Likelihood ratio tests of all items, one refit an item and round.

    `responses` [N, I] are codes 0 .. K - 1, -1 for not asked; `models` one name of `irt.MODELS` for all items. Items
    flagged get curves of their own while the others are looked at again. Raises AnswersCannotBeCompared and what
    `irt.fit` raises.
    """
    answers = np.asarray(responses)
    if answers.ndim != 2 or answers.dtype.kind not in "iub":
        raise AnswersCannotBeCompared("Hand over whole codes, one row per person and one column per item.")
    if answers.size and (answers.min() < NOT_ASKED or answers.max() >= np.iinfo(np.int8).max):
        raise AnswersCannotBeCompared(
            f"Codes run from 0 up to 126, and {NOT_ASKED} says not asked; found {answers.min()} to {answers.max()}."
        )
    focal, groups = comparisons(group, people=len(answers), reference=reference), np.asarray(group)
    found = []
    for other in focal:
        members = (groups == reference) | (groups == other)
        pair = _Pair(answers[members].astype(np.int8), (groups[members] == other), models, significance)
        found.append(_purified(pair, most_rounds if purify else 1))
    columns = [np.array(column) for column in zip(*found, strict=True)]
    chi_square, df, p, signed, size, converged, mean, sd, settled = columns
    flagged = (p < significance) & (size >= MODERATE)
    effect = np.where(flagged & (size >= LARGE), "C", np.where(flagged, "B", "A"))
    effect = np.where(np.isnan(p), "-", effect)
    return LikelihoodRatioDifference(
        focal, chi_square, df, p, signed, size, effect, flagged, converged, mean, sd, settled | (not purify)
    )


_Tested = tuple[Floats, Ints, Floats, Floats, Floats, Bools, float, float, bool]


@dataclass(frozen=True)
class _Pair:
    """Codes [N, I] of the reference and one focal group, and who is in the latter [N]."""

    answers: NDArray[np.int8]
    second: Bools
    models: str
    significance: float

    def fit(self, apart: Bools) -> irt.Fit:
        """Both groups with common curves, but for the items `apart` [I]: theirs follow at the end, in their order."""
        here = self.answers.copy()
        here[np.ix_(self.second, apart)] = NOT_ASKED
        own = np.where(self.second[:, None], self.answers[:, apart], np.int8(NOT_ASKED))
        codes = np.concatenate([here, own], axis=1)
        return irt.fit(codes, self.models, groups=self.second.astype(np.int64), reference=0, errors="none")


def _purified(pair: _Pair, most_rounds: int) -> _Tested:
    items = pair.answers.shape[1]
    apart, seen, settled = np.zeros(items, dtype=np.bool_), set[bytes](), False
    for _ in range(most_rounds):
        seen.add(apart.tobytes())
        tested = _tested(pair, apart)
        flags = (tested[2] < pair.significance) & (tested[4] >= MODERATE)
        settled = bool(np.array_equal(flags, apart))
        if settled or items - flags.sum() < LEAST_ANCHORS or flags.tobytes() in seen:
            break
        apart = flags
    return (*tested[:-1], settled)


def _tested(pair: _Pair, apart: Bools) -> _Tested:
    """Every item with and without a curve of its own for the focal group, the items `apart` [I] having theirs."""
    items = pair.answers.shape[1]
    base = pair.fit(apart)
    chi_square, p, signed, size = (np.full(items, np.nan) for _ in range(4))
    df, converged = np.zeros(items, dtype=np.int64), np.zeros(items, dtype=np.bool_)
    for item in np.flatnonzero(_varied(pair)):
        other = apart.copy()
        other[item] = not apart[item]
        try:
            changed = pair.fit(other)
        except (irt.CategoriesUnused, irt.ScaleNotIdentified):
            continue  # a group that leaves a category out has no curve of its own
        common, split = (changed, base) if apart[item] else (base, changed)
        df[item] = split.parameters - common.parameters
        chi_square[item] = max(2.0 * (split.log_likelihood - common.log_likelihood), 0.0)
        p[item] = chdtrc(df[item], chi_square[item])
        place = items + int((apart | other)[:item].sum())
        signed[item], size[item] = _differences(split, int(item), place)
        converged[item] = split.converged and common.converged
    return chi_square, df, p, signed, size, converged, float(base.means[1]), float(base.sds[1]), True


def _varied(pair: _Pair) -> Bools:
    """Items [I] answered in more than one way in both groups."""
    varied = np.ones(pair.answers.shape[1], dtype=np.bool_)
    for part in (pair.answers[pair.second], pair.answers[~pair.second]):
        least = np.where(part == NOT_ASKED, np.int8(127), part).min(axis=0)
        varied &= least < part.max(axis=0)
    return varied


def _differences(split: irt.Fit, item: int, place: int) -> tuple[float, float]:
    """Signed and absolute difference of expected scores over the focal group's abilities, as shares of the points."""
    theta = split.means[1] + split.sds[1] * NODES
    curves = irt.expected_scores(theta, split.items.taken([item, place]))
    points = float(split.items.categories[item] - 1)
    weights = np.exp(-np.square(NODES) / 2.0)
    apart = (curves[:, 1] - curves[:, 0]) / points
    return float(np.average(apart, weights=weights)), float(np.average(np.abs(apart), weights=weights))
