"""All evidence on one ability as a Gaussian state that ages: assumed-density filtering with drift.

Between events the state follows an Ornstein-Uhlenbeck process towards its cohort; at an event it is
multiplied by the likelihood and matched to a Gaussian by its first two moments (Minka 2001).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from karmayogi.science.irt import GRID, Floats, Ints, moments, weights_of

STEP = float(GRID[1] - GRID[0])
NARROW = 1.2 * STEP
"""A posterior narrower than this is summed again on a finer grid of its own."""


@dataclass(frozen=True)
class Drift:
    """Cohort mean and sd in logits, and the rate of forgetting per day; numbers, or arrays [groups]."""

    mean: ArrayLike
    sd: ArrayLike
    rate_per_day: ArrayLike

    @classmethod
    def of_half_life(cls, mean: ArrayLike, sd: ArrayLike, *, days: ArrayLike) -> "Drift":
        """The drift by which half of the distance to the cohort mean is lost in `days`."""
        return cls(mean, sd, np.log(2.0) / np.asarray(days, dtype=np.float64))


@dataclass(frozen=True)
class Pooled:
    """Per group [groups]: mean and sd in logits on the day asked for; information of unexpired evidence."""

    means: Floats
    sds: Floats
    information: Floats


@dataclass(frozen=True)
class RaterMessages:
    """What each rater says on each group, one row per (group, rater, time) in ascending order.

    `ratings` counts what was merged; `day` and `expires` are the latest of it (NaN: never expires);
    `mean` and `sd` are in logits; `log_likelihood` is [M, Q] on GRID.
    """

    group: Ints
    rater: Ints
    ratings: Ints
    day: Floats
    expires: Floats
    mean: Floats
    sd: Floats
    log_likelihood: Floats


def pool(
    group: Ints,
    day: Floats,
    log_likelihood: Floats,
    *,
    groups: int,
    as_of: float,
    drift: Drift,
    expires: Floats | None = None,
) -> Pooled:
    """The state of every group on the day `as_of`, from events [E] with log-likelihoods [E, Q] on GRID.

    `group` in [0, groups). Events count in the order of day, then as given, so hand those of one
    day in an order of their own (by id); those after `as_of` are left out.
    `expires` [E] is the first day an event no longer counts as information (NaN: never); its trace in the
    estimate stays and fades by drift. A group without events is its cohort, with information 0.
    """
    target = np.broadcast_to(np.asarray(drift.mean, dtype=np.float64), groups)
    spread = np.broadcast_to(np.square(np.asarray(drift.sd, dtype=np.float64)), groups)
    rate = np.broadcast_to(np.asarray(drift.rate_per_day, dtype=np.float64), groups)
    means, variances, information = target.copy(), spread.copy(), np.zeros(groups)
    seen = np.full(groups, float(as_of))
    counts = np.ones(len(day), dtype=np.bool_) if expires is None else ~(expires <= as_of)
    for events in _rounds(group, day, as_of):
        who = group[events]
        aged_mean, aged_variance = _age(
            means[who], variances[who], day[events] - seen[who], target[who], spread[who], rate[who]
        )
        means[who], variances[who] = _learn(aged_mean, aged_variance, log_likelihood[events])
        gained = np.maximum(0.0, 1.0 / variances[who] - 1.0 / aged_variance)
        information[who] += np.where(counts[events], gained, 0.0)
        seen[who] = day[events]
    means, variances = _age(means, variances, as_of - seen, target, spread, rate)
    return Pooled(means, np.sqrt(variances), information)


def stored(pooled: Pooled) -> Pooled:
    """The same state rounded to 6 decimals, as it is kept and compared on replay."""
    return Pooled(*(np.round(values, 6) + 0.0 for values in (pooled.means, pooled.sds, pooled.information)))


def normal_log_likelihoods(mean: Floats, sd: Floats) -> Floats:
    """Rows [E, Q] of normal measurements with these means and sds [E], in logits; 0 at the mean."""
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
    """
    ends = np.full(len(day), np.inf) if expires is None else np.where(np.isnan(expires), np.inf, expires)
    known = np.flatnonzero((day <= as_of) & (ends > as_of))
    # One number for (group, rater), and one for (group, rater, turn): sorting those is quicker than sorting rows.
    raters = np.int64(rater.max(initial=0)) + 1
    pairs, pair = np.unique(group[known].astype(np.int64) * raters + rater[known], return_inverse=True)
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
    return RaterMessages(spoken // raters, spoken % raters, ratings, latest, last_end, mean, sd, likelihoods)


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


def _rounds(group: Ints, day: Floats, as_of: float) -> list[Ints]:
    """Indices of the first event of every group, of the second, and so on; ascending by group in each."""
    order = np.lexsort((np.arange(len(day)), day, group))
    order = order[day[order] <= as_of]
    ordered = group[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    lengths = np.diff(starts, append=len(ordered))
    place = np.arange(len(ordered)) - np.repeat(starts, lengths)
    by_place = order[np.argsort(place, kind="stable")]
    return np.split(by_place, np.cumsum(np.bincount(place))[:-1]) if len(ordered) else []


def _age(
    means: Floats, variances: Floats, days: Floats, target: Floats, spread: Floats, rate: Floats
) -> tuple[Floats, Floats]:
    """The Ornstein-Uhlenbeck transition over `days`, whose stationary law is the cohort."""
    # before its first event a group is at rest in its cohort, whatever the (then negative) days are
    kept = np.exp(-rate * np.maximum(days, 0.0))
    return target + (means - target) * kept, spread + (variances - spread) * kept**2


def _learn(means: Floats, variances: Floats, log_likelihood: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of N(means, variances) times the likelihoods [E, Q]."""
    log_state = -np.square(GRID - means[:, None]) / (2.0 * variances[:, None])
    new_means, sds = moments(weights_of(log_state + log_likelihood))
    narrow = np.flatnonzero(sds < NARROW)
    if narrow.size:
        unit = np.maximum(sds[narrow], STEP / 2.0)
        fine = new_means[narrow, None] + unit[:, None] * GRID
        log_state = -np.square(fine - means[narrow, None]) / (2.0 * variances[narrow, None])
        weights = weights_of(log_state + _between(log_likelihood[narrow], fine))
        new_means[narrow] = (weights * fine).sum(axis=1)
        sds[narrow] = np.sqrt((weights * np.square(fine - new_means[narrow, None])).sum(axis=1))
    return new_means, np.square(sds)


def _between(rows: Floats, points: Floats) -> Floats:
    """Rows [E, Q] on GRID read at points [E, P] by Catmull-Rom cubics, which keep normal messages exact."""
    position = (points - GRID[0]) / STEP
    cell = np.clip(np.floor(position).astype(np.int64), 1, len(GRID) - 3)
    t = position - cell
    before, left, right, after = (np.take_along_axis(rows, cell + shift, axis=1) for shift in (-1, 0, 1, 2))
    slope = right - before
    bend = 2.0 * before - 5.0 * left + 4.0 * right - after
    twist = 3.0 * (left - right) + after - before
    return np.asarray(left + 0.5 * t * (slope + t * (bend + t * twist)))
