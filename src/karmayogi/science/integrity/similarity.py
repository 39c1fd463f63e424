"""Answer similarity: do two people share more answers than their abilities explain?

Both indices ask how many of two people's chosen options should be the same. Omega takes one person's answers as given
and asks of the other; the generalised binomial test takes both as open. Where abilities are estimated from the same
answers, the estimate follows the answers and leaves less to chance than the formulas say: both are corrected for it.
"""

from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from karmayogi.science.integrity.choosing import Choosing, checked_choices, scored
from karmayogi.science.integrity.items import (
    Abilities,
    AnswersCannotBeChecked,
    abilities,
    checked_rate,
    known_abilities,
    right_chances,
    right_slopes,
)
from karmayogi.science.integrity.tails import count_chances, count_tails, upper_tail
from karmayogi.science.irt import Bools, Floats, Ints

CHUNK = 4000
_Judged = tuple[Floats, Floats, Floats, Floats, Floats]


@dataclass(frozen=True)
class Similarity:
    """Every pair [P]: what two people share, and what people of their abilities would.

    `compared` items, `matches` of the same option, `expected` of them, `same_wrong` matches on a wrong option (the
    telling ones). `published` is the index as its authors have it, in sds, and `p_published` its tail, as if abilities
    were known: normal for omega, exact and counting a tie in full for the generalised binomial test. `statistic` and
    `p` allow for estimated abilities, so that the stated share of pairs who worked alone is flagged; `expected_flags`
    is how many that makes. Pairs without a common item have NaN.
    """

    pairs: Ints
    compared: Ints
    matches: Ints
    expected: Floats
    same_wrong: Ints
    published: Floats
    p_published: Floats
    statistic: Floats
    p: Floats
    flagged: Bools
    expected_flags: float


@dataclass(frozen=True)
class _Person:
    """People, or one side of pairs, [P]: chances of options [P, I, O]; what their abilities were estimated by.

    `key` chance of the key, `rise` its derivative and `ratio` = rise / (P Q), all [P, I]; `pull` and `information` [P].
    """

    chance: Floats
    key: Floats
    ratio: Floats
    rise: Floats
    pull: Floats
    information: Floats
    known: bool

    def take(self, who: Ints, both: Bools) -> "_Person":
        """The people `who` [P], with no chance left on items that not `both` answered [P, I]."""
        chance = self.chance[who] * both[:, :, None]
        return _Person(
            chance,
            self.key[who],
            self.ratio[who],
            self.rise[who],
            self.pull[who],
            self.information[who],
            self.known,
        )


def omega(
    choices: NDArray[np.generic],
    model: Choosing,
    pairs: NDArray[np.generic],
    *,
    theta: Floats | None = None,
    false_positive_rate: float = 0.01,
) -> Similarity:
    """Omega of pairs [P, 2] of (who may have copied, from whom), rows of `choices` [N, I] (Wollack 1997).

    `theta` [N], if given, is taken as known; else abilities are the mode of the posterior under N(0, 1) from right and
    wrong answers, and the index is corrected for that as l_z* is (Snijders 2001). Raises AnswersCannotBeChecked.
    """
    return _compared(choices, model, pairs, theta, false_positive_rate, "omega")


def generalized_binomial(
    choices: NDArray[np.generic],
    model: Choosing,
    pairs: NDArray[np.generic],
    *,
    theta: Floats | None = None,
    false_positive_rate: float = 0.01,
) -> Similarity:
    """The generalised binomial test of pairs [P, 2] in either order (van der Linden & Sotaridona 2006).

    The number of matches is a sum of independent chances that two people of these abilities choose alike, whose
    distribution is exact. `theta` as for `omega`; where it is estimated, the count is first stretched to the spread it
    would have with known abilities. Raises AnswersCannotBeChecked.
    """
    return _compared(choices, model, pairs, theta, false_positive_rate, "gbt")


def _compared(
    choices: NDArray[np.generic],
    model: Choosing,
    pairs: NDArray[np.generic],
    theta: Floats | None,
    rate: float,
    index: Literal["omega", "gbt"],
) -> Similarity:
    checked_rate(rate)
    chosen, key = checked_choices(choices, model.key)
    two = np.asarray(pairs)
    if (
        two.ndim != 2
        or two.shape[1] != 2
        or two.dtype.kind not in "iu"
        or not np.all((two >= 0) & (two < len(chosen)))
    ):
        raise AnswersCannotBeChecked("Pairs are [P, 2] rows of the answers. Hand over places that exist.")
    if chosen.max(initial=0) >= model.intercept.shape[1]:
        raise AnswersCannotBeChecked(
            "Somebody chose an option the model does not know. Fit the model with it."
        )
    if theta is None:
        found = abilities(scored(chosen, key), model.items, estimator="map")
    else:
        found = known_abilities(theta, len(chosen))
    named, where = np.unique(two, return_inverse=True)
    people, places = _people(chosen, model, found, named.astype(np.int64)), where.reshape(two.shape)
    parts = [
        _chunk(chosen, people, model.key, two[part].astype(np.int64), places[part], rate, index)
        for part in (slice(start, start + CHUNK) for start in range(0, max(len(two), 1), CHUNK))
    ]
    columns = [field.name for field in fields(Similarity) if field.name != "expected_flags"]
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in columns}
    return Similarity(**joined, expected_flags=sum(part.expected_flags for part in parts))


def _chunk(
    chosen: Ints,
    people: _Person,
    key: Ints,
    pair: Ints,
    place: Ints,
    rate: float,
    index: Literal["omega", "gbt"],
) -> Similarity:
    one, other = chosen[pair[:, 0]], chosen[pair[:, 1]]
    both = (one >= 0) & (other >= 0)
    match = both & (one == other)
    first = people.take(place[:, 0], both)
    if index == "omega":
        judged = _omega(first, np.where(both, other, 0), key, both, match)
    else:
        judged = _gbt([first, people.take(place[:, 1], both)], key, both, match)
    some = both.any(axis=1)
    published, p_published, statistic, p = (np.where(some, values, np.nan) for values in judged[1:])
    return Similarity(
        pairs=pair,
        compared=both.sum(axis=1),
        matches=match.sum(axis=1),
        expected=judged[0],
        same_wrong=(match & (one != key)).sum(axis=1),
        published=published,
        p_published=p_published,
        statistic=statistic,
        p=p,
        flagged=p < rate,
        expected_flags=float(rate * some.sum()),
    )


def _people(chosen: Ints, model: Choosing, found: Abilities, who: Ints) -> _Person:
    theta = found.theta[who]
    right = right_chances(theta, model.items)
    slope, _ = right_slopes(theta, model.items)
    ratio = slope / (right * (1.0 - right))
    information = ((chosen[who] >= 0) * slope * ratio).sum(axis=1)
    fine = np.where(found.converged[who], 1.0, np.nan)
    return _Person(
        model.chances(theta) * fine[:, None, None],
        right,
        ratio,
        slope,
        found.pull[who],
        information,
        found.known,
    )


def _turn(side: _Person, slope_of_matches: Floats) -> Floats:
    """How far the expected matches move with the answers of this side, per unit of its likelihood equation, [P]."""
    if side.known:
        return np.zeros(len(slope_of_matches))
    return slope_of_matches / side.information


def _omega(side: _Person, source: Ints, key: Ints, both: Bools, match: Bools) -> _Judged:
    """Expected matches; index and tail as published; index and tail corrected; each [P]."""
    chance = np.take_along_axis(side.chance, source[:, :, None], axis=2)[:, :, 0]
    on_key = source == key
    turned = _turn(side, _slope(side, chance, on_key, both))
    lean = turned[:, None] * side.ratio
    # three things can happen on an item: the key is chosen, the source's wrong option, or another
    by_key, by_source, by_rest = (on_key - lean) * both, 1.0 * both, np.zeros_like(chance)
    chance_key = side.key * both
    chance_source = np.where(on_key, 0.0, chance)
    chances = np.stack([chance_key, chance_source, np.maximum(1.0 - chance_key - chance_source, 0.0) * both])
    values = np.stack([by_key, by_source, by_rest])
    off = values - (chances * values).sum(axis=0)
    variance = (chances * np.square(off)).sum(axis=(0, 2))
    skew = (chances * off**3).sum(axis=(0, 2))
    plain = (chance * (1.0 - chance) * both).sum(axis=1)
    expected, count = chance.sum(axis=1), match.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        published = (count - expected) / np.sqrt(plain)
        statistic = (count - expected + turned * side.pull) / np.sqrt(variance)
        p = upper_tail(statistic, skew / variance**1.5)
    return expected, published, ndtr(-published), statistic, p


def _slope(side: _Person, chance: Floats, on_key: Bools, both: Bools) -> Floats:
    """Derivative of the expected matches by ability [P]; shares among wrong options are taken as level."""
    falling = -side.rise / (1.0 - side.key) * chance
    return np.asarray((np.where(on_key, side.rise, falling) * both).sum(axis=1))


def _gbt(sides: list[_Person], key: Ints, both: Bools, match: Bools) -> _Judged:
    """Expected matches; index and exact tail as published; index and tail of the stretched count; each [P]."""
    one, other = sides
    alike = one.chance * other.chance
    chance = alike.sum(axis=2)
    on_key = np.take_along_axis(alike, np.broadcast_to(key[None, :, None], (*chance.shape, 1)), axis=2)[
        :, :, 0
    ]
    plain = (chance * (1.0 - chance)).sum(axis=1)
    variance, moved = plain.copy(), np.zeros(len(plain))
    for side in sides:
        # the key adds to both the match and the estimate; a wrong option adds to one and takes from the other
        slope = side.ratio * (on_key - side.key * chance)
        turned = _turn(side, slope.sum(axis=1))
        spread = (np.square(side.ratio) * side.key * (1.0 - side.key) * both).sum(axis=1)
        variance += np.square(turned) * spread - 2.0 * turned * slope.sum(axis=1)
        moved += turned * side.pull
    expected, count = chance.sum(axis=1), match.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        published = (count - expected) / np.sqrt(plain)
        statistic = (count - expected + moved) / np.sqrt(variance)
    pmf = count_chances(chance)
    exact, _ = count_tails(pmf, count.astype(np.float64))
    _, p = count_tails(pmf, expected + np.nan_to_num(statistic) * np.sqrt(plain))
    return expected, published, exact, statistic, p
