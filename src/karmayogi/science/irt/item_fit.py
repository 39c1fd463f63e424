"""Whether single items fit: S-X2, observed against expected answers among people with the same total score.

Orlando & Thissen (2000); for several categories Kang & Chen (2008). Expected shares come from the distribution of the
score on the other items at each ability (Lord & Wingersky 1984).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from karmayogi.science.irt.answers import Responses
from karmayogi.science.irt.calibration import Fit
from karmayogi.science.irt.collapsing import collapsed
from karmayogi.science.irt.curves import log_table
from karmayogi.science.irt.grid import Floats, Ints
from karmayogi.science.irt.population import log_weights_of
from karmayogi.science.irt.refusals import FitNotTestable
from karmayogi.science.irt.testable import tested


@dataclass(frozen=True, eq=False)
class ItemFit:
    """S-X2 of each item, with df, p and RMSEA, all [I]; NaN (df 0) where too few cells are left to test."""

    value: Floats
    df: Ints
    p: Floats
    rmsea: Floats


def item_fit(
    responses: Responses, fit: Fit, *, weights: ArrayLike | None = None, least_expected: float = 1.0
) -> ItemFit:
    """S-X2 of all items of a fit on one group, from people who answered every item, counted by `weights` [N].

    Neighbouring scores and categories are joined until each cell expects `least_expected` people. Raises
    `AnswersMalformed` for answers that are not the fit's, `FitNotTestable` for missing answers, several groups, fewer
    than three items.
    """
    if len(fit.means) > 1 or len(fit.items) < 3:
        raise FitNotTestable("S-X2 is for one group and three items or more. Fit each group by itself.")
    codes, count, _ = tested(responses, fit, None, weights)
    scores = codes.sum(axis=1, dtype=np.int64)
    chances = np.exp(log_table(fit.items, fit.nodes))
    weight = np.exp(log_weights_of(fit.means, fit.sds, fit.nodes))[0]
    offsets, top = fit.items.offsets, int((fit.items.categories - 1).sum())
    sizes = np.bincount(scores, count, minlength=top + 1)
    value, df = np.full(len(fit.items), np.nan), np.zeros(len(fit.items), np.int64)
    by_item = [chances[offsets[item] : offsets[item + 1]] for item in range(len(fit.items))]
    for item, rest in enumerate(rest_scores(by_item)):
        expected = _shares(rest, by_item[item], weight, top)[1:-1] * sizes[1:-1, None]
        observed = _counts(scores, codes[:, item], count, top, len(by_item[item]))[1:-1]
        cells_observed, cells_expected = collapsed(observed, expected, least=least_expected)
        df[item] = _freedom(cells_expected, fit, item)
        if df[item] > 0:
            used = cells_expected > 0
            gap = np.square(cells_observed[used] - cells_expected[used]) / cells_expected[used]
            value[item] = gap.sum()
    df = np.maximum(df, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        rmsea = np.sqrt(np.maximum(value / df - 1.0, 0.0) / (count.sum() - 1.0))
    return ItemFit(value, df, np.where(df > 0, chdtrc(np.maximum(df, 1), value), np.nan), rmsea)


def rest_scores(chances: list[Floats]) -> list[Floats]:
    """For each item the distribution [scores, Q] of the score on all others, from chances [K, Q] of each.

    Items are split in halves again and again, each half taking the other along, so that one is left out in the end.
    """
    out: list[Floats] = []
    waiting = [(chances, np.ones((1, chances[0].shape[1])))]
    while waiting:
        here, others = waiting.pop()
        if len(here) == 1:
            out.append(others)
            continue
        half = len(here) // 2
        waiting.append((here[half:], _added(others, here[:half])))
        waiting.append((here[:half], _added(others, here[half:])))
    return out


def _added(scores: Floats, chances: list[Floats]) -> Floats:
    """The distribution of a score after more items (Lord & Wingersky 1984)."""
    for one in chances:
        longer = np.zeros((len(scores) + len(one) - 1, scores.shape[1]))
        for category, chance in enumerate(one):
            longer[category : category + len(scores)] += chance * scores
        scores = longer
    return scores


def _shares(rest: Floats, chances: Floats, weights: Floats, top: int) -> Floats:
    """Expected share of each category among people of each total score, [top + 1, K]; NaN where impossible."""
    joint = np.full((top + 1, len(chances)), np.nan)
    for category, chance in enumerate(chances):
        joint[category : category + len(rest), category] = (rest * chance) @ weights
    return np.asarray(joint / np.nansum(joint, axis=1, keepdims=True))


def _counts(scores: Ints, codes: NDArray[np.int8], count: Floats, top: int, categories: int) -> Floats:
    cells = np.bincount(scores * categories + codes, count, minlength=(top + 1) * categories)
    return np.asarray(cells.reshape(top + 1, categories))


def _freedom(expected: Floats, fit: Fit, item: int) -> int:
    """Free cells less the item's own estimated parameters and those of the group."""
    design = fit.design
    own = design.free[design.starts[item] : design.starts[item + 1]]
    return int((expected > 0).sum() - len(expected) - (own >= 0).sum() - fit.population.count)
