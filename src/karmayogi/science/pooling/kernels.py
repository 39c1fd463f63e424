"""Compiled loops over the events of a million groups. Called by jobs, imports and benches, never by a page."""

import numpy as np

from karmayogi.science.irt import Floats, Ints
from karmayogi.science.kernels import compiled


@compiled
def is_ordered(group: Ints, day: Floats) -> bool:
    """True if events stand by group, and by day within each."""
    for e in range(1, len(group)):
        if group[e] < group[e - 1] or (group[e] == group[e - 1] and day[e] < day[e - 1]):
            return False
    return True


@compiled
def starts_of(group: Ints, groups: int) -> Ints:
    """Where the events of each group begin, once they stand by group; [groups + 1]."""
    starts = np.zeros(groups + 1, np.int64)
    for e in range(len(group)):
        starts[group[e] + 1] += 1
    for g in range(groups):
        starts[g + 1] += starts[g]
    return starts


@compiled
def order_of(group: Ints, day: Floats, starts: Ints) -> Ints:
    """Indices of events by group, by day, then as given: dealt out to their groups, then sorted by insertion."""
    order = np.empty(len(group), np.int64)
    free = starts.copy()
    for e in range(len(group)):
        place = free[group[e]]
        free[group[e]] += 1
        while place > starts[group[e]] and day[order[place - 1]] > day[e]:
            order[place] = order[place - 1]
            place -= 1
        order[place] = e
    return order


@compiled
def filter_normals(
    order: Ints, starts: Ints, day: Floats, mean: Floats, sd: Floats, expires: Floats,
    target: Floats, spread: Floats, rate: Floats, as_of: float,
    means: Floats, variances: Floats, information: Floats,
) -> None:  # fmt: skip
    """Fills the states [groups] on the day `as_of`. `order` empty: as given; `expires` empty: never."""
    for g in range(len(starts) - 1):
        m, v, told, seen = target[g], spread[g], 0.0, as_of
        for place in range(starts[g], starts[g + 1]):
            e = order[place] if len(order) else place
            if day[e] > as_of:
                break
            if day[e] > seen:
                kept = np.exp(-rate[g] * (day[e] - seen))
                m = target[g] + (m - target[g]) * kept
                v = spread[g] + (v - spread[g]) * kept * kept
            seen = day[e]
            precision = 1.0 / (sd[e] * sd[e])
            v = v / (1.0 + v * precision)
            m += v * precision * (mean[e] - m)
            if len(expires) == 0 or not expires[e] <= as_of:
                told += precision
        kept = np.exp(-rate[g] * max(as_of - seen, 0.0))
        means[g] = target[g] + (m - target[g]) * kept
        variances[g] = spread[g] + (v - spread[g]) * kept * kept
        information[g] = told


@compiled
def attribute_normal_events(
    order: Ints, starts: Ints, day: Floats, mean: Floats, sd: Floats, expires: Floats,
    target: Floats, spread: Floats, rate: Floats, as_of: float,
    shift: Floats, weight: Floats, variance: Floats, information: Floats,
) -> None:  # fmt: skip
    """Fills the parts [E] of each event in its group's state; see `attribution` for the rule."""
    for g in range(len(starts) - 1):
        v, seen, known = spread[g], as_of, starts[g]
        # forth: the ratio of every step waits in `weight`, the share that time left before it in `variance`
        for place in range(starts[g], starts[g + 1]):
            e = order[place] if len(order) else place
            if day[e] > as_of:
                break
            known = place + 1
            kept = np.exp(-rate[g] * max(day[e] - seen, 0.0))
            v = spread[g] + (v - spread[g]) * kept * kept
            seen = day[e]
            weight[e] = 1.0 / (1.0 + v / (sd[e] * sd[e]))
            variance[e] = kept
            v *= weight[e]
        left = np.exp(-rate[g] * max(as_of - seen, 0.0))
        left_of_variance = left * left
        for place in range(known - 1, starts[g] - 1, -1):
            e = order[place] if len(order) else place
            ratio, kept = weight[e], variance[e]
            weight[e] = left * (1.0 - ratio)
            shift[e] = weight[e] * (mean[e] - target[g])
            variance[e] = left_of_variance * spread[g] * (1.0 - ratio)
            if len(expires) == 0 or not expires[e] <= as_of:
                information[e] = 1.0 / (sd[e] * sd[e])
            left *= ratio * kept
            left_of_variance *= ratio * kept * kept
