"""States of many groups, from log-likelihoods of any shape, event by event (Minka 2001, assumed density)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from karmayogi.science.irt import Floats, Ints
from karmayogi.science.pooling.learning import learned
from karmayogi.science.pooling.refusals import (
    EvidenceMalformed,
    refuse_drift,
    refuse_likelihoods,
    refuse_rows,
)


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
class Walk:
    """Every state on its way. Of groups [groups]: the last state, the day it was seen, and their cohorts.

    Of events [E], as given: the state just before (aged) and just after, and the share of an older shift that
    the time before the event left over. Events after the day asked for are in no round and hold zeros.
    """

    rounds: list[Ints]
    means: Floats
    variances: Floats
    seen: Floats
    target: Floats
    spread: Floats
    rate: Floats
    aged_means: Floats
    aged_variances: Floats
    new_means: Floats
    new_variances: Floats
    kept: Floats


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
    Raises EvidenceMalformed.
    """
    refuse_rows(group, day, groups=groups, as_of=as_of, expires=expires)
    walk = walked(group, day, log_likelihood, groups=groups, as_of=as_of, drift=drift)
    gained = gains(walk, day, as_of=as_of, expires=expires)
    information = np.zeros(groups)
    for events in walk.rounds:
        information[group[events]] += gained[events]
    means, variances = _age(
        walk.means, walk.variances, _kept(walk.rate, as_of - walk.seen), walk.target, walk.spread
    )
    return Pooled(means, np.sqrt(variances), information)


def walked(
    group: Ints, day: Floats, log_likelihood: Floats, *, groups: int, as_of: float, drift: Drift
) -> Walk:
    """Every step of `pool`, for whoever asks what each event did. Raises EvidenceMalformed."""
    refuse_rows(group, day, groups=groups, as_of=as_of)
    refuse_likelihoods(log_likelihood, len(day))
    target, spread, rate = cohorts(drift, groups)
    means, variances = target.copy(), spread.copy()
    seen = np.full(groups, float(as_of))
    aged_means, aged_variances, new_means, new_variances, kept = np.zeros((5, len(day)))
    rounds = _rounds(group, day, as_of)
    for events in rounds:
        who = group[events]
        kept[events] = _kept(rate[who], day[events] - seen[who])
        aged_means[events], aged_variances[events] = _age(
            means[who], variances[who], kept[events], target[who], spread[who]
        )
        means[who], variances[who] = learned(
            aged_means[events], aged_variances[events], log_likelihood[events]
        )
        new_means[events], new_variances[events] = means[who], variances[who]
        seen[who] = day[events]
    return Walk(
        rounds, means, variances, seen, target, spread, rate,
        aged_means, aged_variances, new_means, new_variances, kept,
    )  # fmt: skip


def gains(walk: Walk, day: Floats, *, as_of: float, expires: Floats | None) -> Floats:
    """Information [E] each event brought (precision after less before, not below 0); 0 if expired by `as_of`."""
    counts = np.ones(len(day), dtype=np.bool_) if expires is None else ~(expires <= as_of)
    with np.errstate(divide="ignore", invalid="ignore"):
        gained = np.maximum(0.0, 1.0 / walk.new_variances - 1.0 / walk.aged_variances)
    return np.where(counts & (walk.new_variances > 0.0), gained, 0.0)


def cohorts(drift: Drift, groups: int) -> tuple[Floats, Floats, Floats]:
    """Mean, variance and rate per day of every group's cohort, [groups] each. Raises EvidenceMalformed."""
    try:
        target = np.broadcast_to(np.asarray(drift.mean, dtype=np.float64), groups)
        sd = np.broadcast_to(np.asarray(drift.sd, dtype=np.float64), groups)
        rate = np.broadcast_to(np.asarray(drift.rate_per_day, dtype=np.float64), groups)
    except ValueError:
        raise EvidenceMalformed(f"Give the drift as numbers or as arrays of {groups}, one a group.") from None
    refuse_drift(target, sd, rate)
    return target, np.square(sd), rate


def stored(pooled: Pooled) -> Pooled:
    """The same state rounded to 6 decimals, as it is kept and compared on replay."""
    return Pooled(*(np.round(values, 6) + 0.0 for values in (pooled.means, pooled.sds, pooled.information)))


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


def _kept(rate: Floats, days: Floats) -> Floats:
    """The share of a distance to the cohort that is left after so many days."""
    # before its first event a group is at rest in its cohort, whatever the (then negative) days are
    return np.asarray(np.exp(-rate * np.maximum(days, 0.0)))


def _age(
    means: Floats, variances: Floats, kept: Floats, target: Floats, spread: Floats
) -> tuple[Floats, Floats]:
    """The Ornstein-Uhlenbeck transition that leaves `kept` of a distance; its stationary law is the cohort."""
    return target + (means - target) * kept, spread + (variances - spread) * kept**2
