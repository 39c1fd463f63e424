"""Messages: what a rating, a rubric or a lesser kind of evidence says about an ability, as log-likelihoods."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from karmayogi.science.irt import GRID, Floats, Ints
from karmayogi.science.pooling.refusals import EvidenceMalformed, refuse_messages


class Kind(StrEnum):
    """Where a row of evidence comes from."""

    TEST = "test"
    SUPERVISED_TEST = "supervised_test"
    RATING = "rating"
    WORK_PRODUCT = "work_product"
    COMPLETED = "completed"
    SELF_RATING = "self_rating"


WEIGHTS: dict[Kind, float] = {
    Kind.TEST: 1.0,
    Kind.SUPERVISED_TEST: 1.0,
    Kind.RATING: 1.0,
    Kind.WORK_PRODUCT: 1.0,
    Kind.COMPLETED: 0.01,
    Kind.SELF_RATING: 0.0,
}
"""The share of its own log-likelihood that a kind is given, unless an order says otherwise."""

NEVER_INFORMS = (Kind.COMPLETED, Kind.SELF_RATING)
"""However many of these there are, none counts towards the least information of a statement."""


@dataclass(frozen=True)
class RaterMessages:
    """What each rater says on each group, one row per (group, rater, time) in ascending order.

    `ratings` counts what was merged; `day` and `expires` are the latest of it (NaN: never expires);
    `mean` and `sd` are in logits; `log_likelihood` is [M, Q] on GRID. `message` is per rating as given [E]:
    the row here that it went into, -1 if it was left out.
    """

    group: Ints
    rater: Ints
    ratings: Ints
    day: Floats
    expires: Floats
    mean: Floats
    sd: Floats
    log_likelihood: Floats
    message: Ints


def normal_log_likelihoods(mean: Floats, sd: Floats) -> Floats:
    """Rows [E, Q] of normal measurements with these means and sds [E], in logits; 0 at the mean.

    Raises EvidenceMalformed.
    """
    refuse_messages(np.asarray(mean, dtype=np.float64), np.asarray(sd, dtype=np.float64))
    return -np.square((GRID - np.asarray(mean)[:, None]) / np.asarray(sd)[:, None]) / 2.0


def rating_log_likelihoods(
    group: Ints,
    rater: Ints,
    value: Floats,
    severity: Floats,
    *,
    day: Floats,
    as_of: float,
    noise_sd: float,
    halo_sd: float,
    merge_days: float,
    expires: Floats | None = None,
) -> RaterMessages:
    """One message per rater, group and time: mean of (value - severity), variance halo^2 + noise^2 / n.

    The halo is shared by all that one rater says on a person at a time, so ten answers of one friendly rater are
    not ten raters. What is said within `merge_days` of the first of it is one time. All arrays are [E]; `value` and
    `severity` are logits. `severity` is what the rater's habit adds to a value: below 0 for a severe rater, above 0
    for a lenient one. Ratings given after `as_of` and those expired by then (`expires` [E], NaN: never) are left
    out before merging: a later one cannot hide an earlier one, and an old one lives no longer for a new one.
    Raises EvidenceMalformed.
    """
    _refuse_ratings(group, rater, value, severity, day, noise_sd, halo_sd, merge_days)
    ends = np.full(len(day), np.inf) if expires is None else np.where(np.isnan(expires), np.inf, expires)
    known = np.flatnonzero((day <= as_of) & (ends > as_of))
    # One number for (group, rater), and one for (group, rater, turn): sorting those is quicker than sorting rows.
    # Of places in order, not of the codes themselves, whose product might be too large for a number.
    groups, group_place = np.unique(np.asarray(group, dtype=np.int64)[known], return_inverse=True)
    raters, rater_place = np.unique(np.asarray(rater, dtype=np.int64)[known], return_inverse=True)
    pairs, pair = np.unique(group_place * len(raters) + rater_place, return_inverse=True)
    turn = _turns(pair, day[known], within=merge_days)
    turns = turn.max(initial=0) + 1
    messages, which = np.unique(pair * turns + turn, return_inverse=True)
    spoken = pairs[messages // turns]
    ratings = np.bincount(which, minlength=len(messages)).astype(np.int64)
    total = np.bincount(which, weights=(value - severity)[known], minlength=len(messages))
    mean = total / ratings
    sd = np.sqrt(halo_sd**2 + noise_sd**2 / ratings)
    latest, last_end = np.full(len(messages), -np.inf), np.full(len(messages), -np.inf)
    np.maximum.at(latest, which, day[known])
    np.maximum.at(last_end, which, ends[known])
    last_end[np.isinf(last_end)] = np.nan
    likelihoods = normal_log_likelihoods(mean, sd)
    went_into = np.full(len(day), -1, dtype=np.int64)
    went_into[known] = which
    said_on, said_by = groups[spoken // max(1, len(raters))], raters[spoken % max(1, len(raters))]
    return RaterMessages(said_on, said_by, ratings, latest, last_end, mean, sd, likelihoods, went_into)


def _refuse_ratings(
    group: Ints, rater: Ints, value: Floats, severity: Floats, day: Floats,
    noise_sd: float, halo_sd: float, merge_days: float,
) -> None:  # fmt: skip
    if len({len(column) for column in (group, rater, value, severity, day)}) != 1:
        raise EvidenceMalformed("Give group, rater, value, severity and day for each rating.")
    for codes in (group, rater):
        if len(codes) and not np.issubdtype(np.asarray(codes).dtype, np.integer):
            raise EvidenceMalformed("Groups and raters are whole numbers; give codes of an integer type.")
    if len(group) and (min(group.min(), rater.min()) < 0 or not np.all(np.isfinite(value - severity + day))):
        raise EvidenceMalformed(
            "Groups and raters count from 0; values, severities and days must be numbers."
        )
    if not (noise_sd > 0.0 and halo_sd >= 0.0 and merge_days >= 0.0):
        raise EvidenceMalformed(
            "The noise of ratings is above 0; their halo and the days to merge are not below 0."
        )


def _turns(pair: Ints, day: Floats, *, within: float) -> Ints:
    """0 for what is `within` days of the first of its pair, 1 for what is within so many of the first after that."""
    turns = np.zeros(len(day), dtype=np.int64)
    left, turn = np.arange(len(day)), 0
    while left.size:
        first = np.full(int(pair.max()) + 1, np.inf)
        np.minimum.at(first, pair[left], day[left])
        here = day[left] <= first[pair[left]] + within
        turns[left[here]] = turn
        left, turn = left[~here], turn + 1
    return turns


def weighed(
    log_likelihood: Floats,
    kind: ArrayLike,
    expires: Floats,
    *,
    weights: dict[Kind, float] | None = None,
) -> tuple[Floats, Floats]:
    """Log-likelihoods [E, Q] scaled by the weight of their kind [E], and the days [E] from which they inform no more.

    `kind` holds values of Kind. What never informs gets an end before all days: it may move an estimate by a
    hair, and a thousand finished courses are still no evidence for a statement. `weights` replaces WEIGHTS for
    the kinds it names; each lies in 0 to 1. Raises EvidenceMalformed.
    """
    table = {**WEIGHTS, **(weights or {})}
    kinds = np.asarray(kind, dtype=np.str_)
    unknown = sorted(set(kinds.tolist()) - {known.value for known in Kind})
    if unknown:
        raise EvidenceMalformed(f"No such kind of evidence: {', '.join(unknown)}. Use the values of Kind.")
    if not all(0.0 <= weight <= 1.0 for weight in table.values()):
        raise EvidenceMalformed("The weight of a kind lies in 0 to 1.")
    scale = np.zeros(len(kinds))
    for known, weight in table.items():
        scale[kinds == known.value] = weight
    silent = np.isin(kinds, [known.value for known in NEVER_INFORMS]) | (scale == 0.0)
    # nothing of a row without weight may be left, not even what it calls impossible (0 times -inf is no number)
    scaled = np.where(scale[:, None] == 0.0, 0.0, log_likelihood) * scale[:, None]
    return scaled, np.where(silent, -np.inf, expires)
