"""Many simulated sittings in one compiled loop, one after the other, because exposure control remembers."""

from math import exp

import numpy as np

from karmayogi.science.adaptive.kernels import (
    CHOICE,
    ELIGIBILITY,
    RESPONSE,
    State,
    Tables,
    mixed,
    reset,
    step,
    uniform,
)
from karmayogi.science.irt import Floats, Ints
from karmayogi.science.kernels import compiled, inner


@inner
def close(
    tables: Tables,
    state: State,
    shown: Ints,
    was_open: Ints,
    visits: Ints,
    times: Ints,
    sat: int,
    stream: np.uint64,
) -> None:
    """Draws which items are eligible in the next sitting, as `eligibility.closed`."""
    cap = tables.limits[4]
    for i in range(len(times)):
        drawn = uniform(stream, i)
        held = times[i] <= cap * sat
        for k in range(len(shown)):
            chance = 1.0
            if shown[k, i] > 0:
                chance = min(cap * max(was_open[k, i], 1) / shown[k, i], 1.0)
            there = shown[k, i] <= cap * visits[k]
            state.closed[k, i] = 0 if held and there and drawn < chance else 1


@inner
def remember(
    state: State, shown: Ints, was_open: Ints, visits: Ints, times: Ints, asked: np.ndarray, length: int
) -> None:
    """Enters a sitting into the exposure, as `eligibility.after`."""
    for interval in range(len(visits)):
        visited = False
        for k in range(length):
            visited |= state.visited[k] == interval
        if visited:
            visits[interval] += 1
            for i in range(len(times)):
                was_open[interval, i] += 1 - state.closed[interval, i]
    for k in range(length):
        shown[state.visited[k], asked[k]] += 1
        times[asked[k]] += 1


@inner
def answers_right(curve: Floats, theta: float, drawn: float) -> bool:
    """Whether a person of this ability answers an item with `curve` a, b, c, d right, by a number in [0, 1)."""
    share = 1.0 / (1.0 + exp(-curve[0] * (theta - curve[1])))
    return bool(drawn < curve[2] + (curve[3] - curve[2]) * share)


@inner
def sit(
    tables: Tables, state: State, theta: float, seed: np.uint64, asked: np.ndarray, right: np.ndarray
) -> tuple[float, float, int, int, int]:
    """One sitting: mean, sd, why it ended, its length, steps for which a limit was put aside."""
    reset(tables, state)
    choice, response = mixed(seed, CHOICE), mixed(seed, RESPONSE)
    # A plain 0 would be a type of its own, for which every step is compiled a second time.
    item, length, relaxed = int(np.int64(-1)), int(np.int64(0)), 0
    correct = length > 0
    while True:
        mean, sd, why, item, lifted = step(tables, state, item, correct, length, uniform(choice, length))
        if why >= 0:
            break
        relaxed += lifted > 0
        correct = answers_right(tables.curves[:, item], theta, uniform(response, length))
        asked[length], right[length] = item, correct
        length += 1
    return mean, sd, why, length, relaxed


@compiled
def sit_all(
    tables: Tables,
    state: State,
    thetas: Floats,
    seed: np.uint64,
    shown: Ints,
    was_open: Ints,
    visits: Ints,
    times: Ints,
    asked: np.ndarray,
    right: np.ndarray,
    estimates: Floats,
    counts: np.ndarray,
) -> None:
    """All sittings in turn, into `asked` and `right` [N, longest], `estimates` [2, N] and `counts` [3, N].

    `times` [I] counts the sittings that showed an item, in whichever interval. `estimates` are means and sds; `counts`
    are why it ended, length, steps with a limit put aside.
    """
    for n in range(len(thetas)):
        own = mixed(seed, np.uint64(n))
        if tables.limits[4] < 1.0:
            close(tables, state, shown, was_open, visits, times, n, mixed(own, ELIGIBILITY))
        mean, sd, why, length, relaxed = sit(tables, state, thetas[n], own, asked[n], right[n])
        estimates[0, n], estimates[1, n] = mean, sd
        counts[0, n], counts[1, n], counts[2, n] = why, length, relaxed
        remember(state, shown, was_open, visits, times, asked[n], length)
