"""The compiled way of a step and of many sittings: the same decisions as `decisions.decide`, in microseconds.

Fisher information is looked up: for each grid point the items stand in the order of what they tell there, so that a
step reads from the best downwards until enough of them are open, instead of weighing ten thousand.
"""

from math import erfc, exp, sqrt
from typing import NamedTuple

import numpy as np

from karmayogi.science.irt import Floats, Ints
from karmayogi.science.kernels import compiled, inner

FISHER, POSTERIOR, GLOBAL, RANDOM = 0, 1, 2, 3
PRECISE, CLASSIFIED, LONGEST, NO_ITEM_LEFT = 0, 1, 2, 3
ANY, NOTHING_BEHIND = -1, -2
CHOICE, RESPONSE, ELIGIBILITY = np.uint64(1), np.uint64(2), np.uint64(3)
ON_THE_LINE = 1e-9


class Tables(NamedTuple):
    """A design as arrays: I items, Q grid points, A areas of R attributes, S enemy sets (`ends` delimit rows)."""

    grid: Floats  # [Q]
    log_prior: Floats  # [Q]
    curves: Floats  # [4, I]: a, b, c, d
    log_right: Floats  # [I, Q]
    log_wrong: Floats  # [I, Q]
    information: Floats  # [Q, I]
    order: np.ndarray  # [Q, I] int32, most telling first
    codes: Ints  # [R, I] into A
    row_of: Ints  # [A] into R
    least: Ints  # [A]
    most: Ints  # [A]
    shares: Floats  # [A]
    set_ends: Ints  # [S + 1] into members
    members: Ints
    own_ends: Ints  # [I + 1] into own_sets
    own_sets: Ints
    cuts: Floats
    intervals: Floats
    limits: Floats  # precision (0: none), sure, least information, prior sd, cap
    lengths: Ints  # shortest, longest, top, rule, row of codes that is balanced (-1: none)


class State(NamedTuple):
    """A sitting under way, changed in place, and room to work in."""

    log_posterior: Floats  # [Q]
    weights: Floats  # [Q]
    open: np.ndarray  # [I] uint8: not asked, no enemy asked
    closed: np.ndarray  # [intervals + 1, I] uint8: not eligible
    taken: Ints  # [A]
    barred: np.ndarray  # [2, A] uint8: not owed or full; full
    tried: np.ndarray  # [A + 1] uint8
    worths: Floats  # [I]
    best: Ints  # [top]
    visited: Ints  # [longest]: the interval of ability at each choice


@inner
def mixed(seed: np.uint64, place: np.uint64) -> np.uint64:
    """As `uniforms.mixed`."""
    z = seed + (place + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@inner
def uniform(stream: np.uint64, place: int) -> float:
    """As `uniforms.uniforms`, for a stream that is `mixed(seed, purpose)`."""
    return float(mixed(stream, np.uint64(place)) >> np.uint64(11)) * 2.0**-53


@inner
def take(tables: Tables, state: State, item: int, right: bool) -> None:
    """Enters an answer: posterior, counts, the item and its enemies."""
    row = tables.log_right[item] if right else tables.log_wrong[item]
    for q in range(len(row)):
        state.log_posterior[q] += row[q]
    state.open[item] = 0
    for own in range(tables.own_ends[item], tables.own_ends[item + 1]):
        group = tables.own_sets[own]
        for k in range(tables.set_ends[group], tables.set_ends[group + 1]):
            state.open[tables.members[k]] = 0
    for r in range(len(tables.codes)):
        state.taken[tables.codes[r, item]] += 1


@inner
def moments(tables: Tables, state: State) -> tuple[float, float]:
    """Mean and sd of the posterior, rounded to six decimals; leaves the weights in the state."""
    top = state.log_posterior.max()
    total, first = 0.0, 0.0
    for q in range(len(tables.grid)):
        weight = exp(state.log_posterior[q] - top)
        state.weights[q] = weight
        total += weight
        first += weight * tables.grid[q]
    mean, second = first / total, 0.0
    for q in range(len(tables.grid)):
        state.weights[q] /= total
        second += state.weights[q] * (tables.grid[q] - mean) ** 2
    return np.rint(mean * 1e6) / 1e6, np.rint(sqrt(second) * 1e6) / 1e6


@inner
def end(tables: Tables, mean: float, sd: float, asked: int) -> int:
    """Why the sitting ends here (PRECISE, CLASSIFIED, LONGEST), or -1."""
    precision, sure, least, prior_sd = tables.limits[0], tables.limits[1], tables.limits[2], tables.limits[3]
    if asked >= tables.lengths[0]:
        if sd <= precision:
            return PRECISE
        if len(tables.cuts) and max(sd, 1e-6) ** -2 - prior_sd**-2 >= least:
            decided = True
            for cut in tables.cuts:
                chance = 0.5 * erfc((cut - mean) / max(sd, 1e-300) / sqrt(2.0))
                decided &= chance >= sure - ON_THE_LINE or chance <= 1.0 - sure + ON_THE_LINE
            if decided:
                return CLASSIFIED
    return LONGEST if asked >= tables.lengths[1] else -1


@inner
def bar(tables: Tables, state: State, asked: int) -> None:
    """Marks the areas that are full, and those that must wait for areas whose least numbers take every place left."""
    places_left = tables.lengths[0] - asked
    for area in range(len(tables.least)):
        state.barred[1, area] = state.taken[area] >= tables.most[area]
        state.barred[0, area] = state.barred[1, area]
    for row in range(len(tables.codes)):
        owed = 0
        for area in range(len(tables.least)):
            if tables.row_of[area] == row:
                owed += max(tables.least[area] - state.taken[area], 0)
        if 0 < places_left <= owed:
            for area in range(len(tables.least)):
                if tables.row_of[area] == row and tables.least[area] <= state.taken[area]:
                    state.barred[0, area] = 1


@inner
def weigh(tables: Tables, state: State, node: int) -> None:
    """What each item is worth over the posterior, into the state."""
    worths = state.worths
    if tables.lengths[3] == POSTERIOR:
        worths[:] = 0.0
        for q in range(len(tables.grid)):
            weight, row = state.weights[q], tables.information[q]
            for i in range(len(worths)):
                worths[i] += weight * row[i]
    else:
        for i in range(len(worths)):
            right, wrong = 0.0, 0.0
            for q in range(len(tables.grid)):
                right += state.weights[q] * tables.log_right[i, q]
                wrong += state.weights[q] * tables.log_wrong[i, q]
            up, down = tables.log_right[i, node], tables.log_wrong[i, node]
            worths[i] = exp(up) * (up - right) + exp(down) * (down - wrong)
    for i in range(len(worths)):
        worths[i] = np.rint(worths[i] * 1e10) / 1e10


@inner
def choose(tables: Tables, state: State, node: int, interval: int, asked: int, u: float) -> tuple[int, int]:
    """The next item, or -1, and how far limits were put aside: 0 none, 1 exposure, 2 least numbers, 3 both."""
    rule = tables.lengths[3]
    if rule != FISHER and rule != RANDOM:
        weigh(tables, state, node)
    for lifted in range(4):
        state.tried[:] = 0
        area = furthest_behind(tables, state, asked)
        while area != NOTHING_BEHIND:
            found = gather(tables, state, node, interval, lifted, area)
            if found and rule == RANDOM:
                return int(state.worths[int(u * found)]), lifted
            if found:
                return state.best[int(u * found)], lifted
            area = furthest_behind(tables, state, asked)
    return -1, 3


@inner
def furthest_behind(tables: Tables, state: State, asked: int) -> int:
    """The balanced area furthest behind its share and not tried yet; ANY where nothing is balanced."""
    row = tables.lengths[4]
    if row < 0:
        state.tried[-1] += 1
        return ANY if state.tried[-1] == 1 else NOTHING_BEHIND
    found, most = NOTHING_BEHIND, -np.inf
    for area in range(len(tables.shares)):
        behind = tables.shares[area] * (asked + 1.0) - state.taken[area]
        if tables.row_of[area] == row and not state.tried[area] and behind > most:
            found, most = area, behind
    if found >= 0:
        state.tried[found] = 1
    return found


@inner
def gather(tables: Tables, state: State, node: int, interval: int, lifted: int, area: int) -> int:
    """Puts the best items of an area that may be asked into the state, and says how many; drawn ones: all of them."""
    rule, items = tables.lengths[3], len(state.open)
    barred, closed = state.barred[lifted // 2], state.closed[interval]
    found = int(np.int64(0))
    for place in range(items):
        i = tables.order[node, place] if rule == FISHER else place
        if not state.open[i] or (closed[i] and lifted % 2 == 0):
            continue
        allowed = area == ANY or tables.codes[tables.lengths[4], i] == area
        for r in range(len(tables.codes)):
            allowed &= barred[tables.codes[r, i]] == 0
        if not allowed:
            continue
        if rule == RANDOM:
            state.worths[found] = i
            found += 1
        elif rule == FISHER:
            state.best[found] = i
            found += 1
            if found == len(state.best):
                break
        else:
            found = insert(state, i, found)
    return found


@inner
def insert(state: State, item: int, found: int) -> int:
    """Puts an item among the best so far, after its equals; how many there are now."""
    place = min(found, len(state.best))
    while place > 0 and state.worths[state.best[place - 1]] < state.worths[item]:
        place -= 1
    if place == len(state.best):
        return found
    for k in range(min(found, len(state.best) - 1), place, -1):
        state.best[k] = state.best[k - 1]
    state.best[place] = item
    return min(found + 1, len(state.best))


@inner
def interval_of(tables: Tables, mean: float) -> int:
    """As `eligibility.interval_of`."""
    interval = 0
    while interval < len(tables.intervals) and mean >= tables.intervals[interval]:
        interval += 1
    return interval


@compiled
def step(
    tables: Tables, state: State, item: int, right: bool, asked: int, u: float
) -> tuple[float, float, int, int, int]:
    """One whole step: enters the answer to `item` (-1: none yet), then mean, sd, end (or -1), next item, lifted.

    `asked` counts the answers with this one; `u` in [0, 1) picks among the best.
    """
    if item >= 0:
        take(tables, state, item, right)
    mean, sd = moments(tables, state)
    why = end(tables, mean, sd, asked)
    if why >= 0:
        return mean, sd, why, -1, 0
    bar(tables, state, asked)
    node = int(min(max(np.rint((mean - tables.grid[0]) * 10.0), 0.0), len(tables.grid) - 1.0))
    interval = interval_of(tables, mean)
    if asked < len(state.visited):
        state.visited[asked] = interval
    following, lifted = choose(tables, state, node, interval, asked, u)
    return mean, sd, -1 if following >= 0 else NO_ITEM_LEFT, following, lifted


@compiled
def reset(tables: Tables, state: State) -> None:
    """A state before the first answer; what is closed stays as it is."""
    for q in range(len(tables.grid)):
        state.log_posterior[q] = tables.log_prior[q]
    state.open[:] = 1
    state.taken[:] = 0
