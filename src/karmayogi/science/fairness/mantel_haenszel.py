"""Differing items by Mantel and Haenszel: equal odds of a right answer in two groups of the same score?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from karmayogi.science.fairness.purification import Matching, matched
from karmayogi.science.fairness.tables import Tables
from karmayogi.science.irt import Bools, Floats, Ints

DELTA = -2.35
"""What one logit is on the delta scale of the Educational Testing Service; negative: harder for the focal group."""
NEGLIGIBLE, LARGE = 1.0, 1.5
ONE_SIDED_5_PERCENT = 1.6448536269514722
LEAST_PEOPLE = 100
LEAST_SPREAD = 5.0


@dataclass(frozen=True)
class MantelHaenszel:
    """Every focal group against the reference, every item: all arrays [F, I] but `people` [F, 2, I].

    `odds_ratio` is the reference group's odds of a right answer over the focal group's, at the same score: above 1
    the item favours the reference group. `d_dif` = -2.35 ln(odds_ratio) with `se` (delta units): below 0 the item is
    harder for the focal group. `effect` is A (negligible), B, C (large) or "-" where no table says anything;
    `flagged` are B and C, so size and significance together. `thin` marks items with too few people or too little
    spread for the chi-square to be trusted. `chi_square` has one degree of freedom.
    """

    chi_square: Floats
    p: Floats
    odds_ratio: Floats
    d_dif: Floats
    se: Floats
    effect: NDArray[np.str_]
    flagged: Bools
    thin: Bools
    people: Ints
    matching: Matching


def mantel_haenszel(
    responses: NDArray[np.generic],
    group: NDArray[np.generic],
    *,
    reference: int = 0,
    matching: NDArray[np.generic] | None = None,
    correction: bool = False,
    purify: bool = True,
    significance: float = 0.05,
    most_rounds: int = 10,
) -> MantelHaenszel:
    """Mantel-Haenszel statistics of all items at once (Mantel & Haenszel 1959; Holland & Thayer 1988).

    `responses` is [N, I] of 1 right, 0 wrong, -1 not asked; `group` [N] whole numbers, each other group against
    `reference`. People are matched on number right, purified of flagged items; where some were not asked every
    item, on abilities from what they were asked; or on `matching` [N], if given, without purification.
    `correction` takes the half off |A - E(A)| as published, even where less than a half is there. Standard errors
    are Robins, Breslow & Greenland's (1986), the same as Phillips & Holland's (1987). Classes are those of Zieky
    (1993): A if |D| < 1 or the chi-square is not significant; C if |D| >= 1.5 and |D| is significantly above 1,
    one-sided at 5 %; else B. Raises AnswersCannotBeCompared.
    """
    found, how = matched(
        responses,
        group,
        lambda tables: _analysed(tables, correction=correction, significance=significance),
        reference=reference,
        matching=matching,
        purify=purify,
        most_rounds=most_rounds,
    )
    chi_square, p, odds_ratio, d_dif, se = (np.array(column) for column in list(zip(*found, strict=True))[:5])
    effect, thin, people = (np.array([one[place] for one in found]) for place in (5, 6, 7))
    flagged = (effect == "B") | (effect == "C")
    return MantelHaenszel(chi_square, p, odds_ratio, d_dif, se, effect, flagged, thin, people, how)


_Found = tuple[Floats, Floats, Floats, Floats, Floats, NDArray[np.str_], Bools, Ints]


def _analysed(tables: Tables, *, correction: bool, significance: float) -> tuple[_Found, Bools]:
    """(chi-square, p, odds ratio, D, se, class, thin, people) of all items, and which are flagged."""
    chi_square, thin = _tested(tables, correction=correction)
    p = chdtrc(1, chi_square)
    odds_ratio, d_dif, se = _estimated(tables)
    effect = effect_classes(d_dif, se, p, significance=significance)
    people = tables.people
    thin = thin | (people.min(axis=0) < LEAST_PEOPLE)
    return (chi_square, p, odds_ratio, d_dif, se, effect, thin, people), (effect == "B") | (effect == "C")


def _tested(tables: Tables, *, correction: bool) -> tuple[Floats, Bools]:
    """Chi-square [I], NaN where no stratum tells anything, and where it is not to be trusted [I].

    The sum of right answers must be free to move by 5 each way from its expectation (Mantel & Fleiss 1980).
    """
    a, of_reference, of_focal = tables.right[:, 0], tables.asked[:, 0], tables.asked[:, 1]
    right = a + tables.right[:, 1]
    n = of_reference + of_focal
    telling = np.where(n > 1.0, 1.0, 0.0)
    whole = np.maximum(n, 1.0)
    share = of_reference / whole * telling
    expected = share * right
    variance = (expected * (whole - right) * (of_focal / (whole * np.maximum(whole - 1.0, 1.0)))).sum(axis=0)
    total = expected.sum(axis=0)
    off = np.abs((a * telling).sum(axis=0) - total)
    with np.errstate(divide="ignore", invalid="ignore"):
        chi_square = np.where(variance > 0.0, np.square(off - 0.5 * correction) / variance, np.nan)
    least = (np.maximum(right - of_focal, 0.0) * telling).sum(axis=0)
    most = (np.minimum(right, of_reference) * telling).sum(axis=0)
    return chi_square, np.minimum(total - least, most - total) < LEAST_SPREAD


def _estimated(tables: Tables) -> tuple[Floats, Floats, Floats]:
    """Common odds ratio, D and its standard error, each [I]."""
    a, c = tables.right[:, 0], tables.right[:, 1]
    b, d = tables.asked[:, 0] - a, tables.asked[:, 1] - c
    n = np.maximum(tables.asked.sum(axis=1), 1.0)
    concordant, discordant = a * d / n, b * c / n
    agreeing = (a + d) / n
    r, s = concordant.sum(axis=0), discordant.sum(axis=0)
    agreeing_r = (agreeing * concordant).sum(axis=0)
    agreeing_s = (agreeing * discordant).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds_ratio = r / s
        d_dif = DELTA * np.log(odds_ratio)
        of_log = agreeing_r / r**2 + (agreeing_s + r - agreeing_r) / (r * s) + (s - agreeing_s) / s**2
        se = np.abs(DELTA) * np.sqrt(of_log / 2.0)
    return odds_ratio, d_dif, np.where((r > 0.0) & (s > 0.0), se, np.nan)


def effect_classes(d_dif: Floats, se: Floats, p: Floats, *, significance: float = 0.05) -> NDArray[np.str_]:
    """A, B or C for each item by size and significance (Zieky 1993); "-" where there is no estimate.

    An odds ratio of 0 or without bound counts as large once it is significant.
    """
    size = np.abs(d_dif)
    with np.errstate(invalid="ignore"):
        matters = (size >= NEGLIGIBLE) & (p < significance)
        large = matters & (size >= LARGE) & (np.isinf(size) | (size - ONE_SIDED_5_PERCENT * se > NEGLIGIBLE))
    effect = np.where(large, "C", np.where(matters, "B", "A"))
    return np.where(np.isnan(size) | np.isnan(p), "-", effect)
