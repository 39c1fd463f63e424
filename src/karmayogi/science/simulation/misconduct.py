"""Honest sittings, and the ways they are spoilt: copying, known items, rapid guessing, too little time.

Every function draws from the generator it is given and returns new arrays; what it is given stays as it is.
"""

from dataclasses import dataclass

import numpy as np

from karmayogi.science.integrity import Choosing, Pace
from karmayogi.science.irt import NOT_ASKED, Bools, Floats, Ints, Items


@dataclass(frozen=True)
class Sitting:
    """Options chosen [N, I] from 0 (-1: not reached) and seconds taken [N, I] (NaN: not reached)."""

    choices: Ints
    seconds: Floats


def bank(items: int, generator: np.random.Generator, *, options: int = 4) -> tuple[Choosing, Pace]:
    """Items with keys, wrong options whose shares shift with ability, and usual times around a minute."""
    a = np.clip(generator.lognormal(0.1, 0.3, items), 0.4, 2.5)
    b = np.clip(generator.normal(0.0, 1.0, items), -3.0, 3.0)
    key = generator.integers(0, options, items)
    intercept, slope = (
        generator.normal(0.0, 0.7, (items, options)),
        generator.normal(0.0, 0.4, (items, options)),
    )
    intercept[np.arange(items), key], slope[np.arange(items), key] = -np.inf, 0.0
    intensity, discrimination = generator.normal(4.0, 0.4, items), generator.uniform(1.5, 2.5, items)
    pace = Pace(intensity, discrimination, 0.3, 0.0, 0, True)
    return Choosing(Items.logistic(a, b), key, intercept, slope), pace


def honest(theta: Floats, choosing: Choosing, pace: Pace, generator: np.random.Generator) -> Sitting:
    """Options and times of people of abilities [N], whose speeds are drawn from the pace's sd."""
    beyond = generator.random((len(theta), len(choosing.key), 1)) > np.cumsum(choosing.chances(theta), axis=2)
    choices = np.minimum(beyond.sum(axis=2), choosing.intercept.shape[1] - 1)
    speed = generator.normal(0.0, pace.speed_sd, len(theta))
    noise = generator.standard_normal(choices.shape) / pace.discrimination
    return Sitting(choices, np.exp(pace.intensity - speed[:, None] + noise))


def copied(sitting: Sitting, pairs: Ints, share: float, generator: np.random.Generator) -> Sitting:
    """The first of every pair [P, 2] takes this share of items, at random places, from what the second chose."""
    choices = sitting.choices.copy()
    items = choices.shape[1]
    taken = _places(len(pairs), items, round(share * items), generator)
    rows = np.nonzero(taken)[0]
    choices[pairs[rows, 0], np.nonzero(taken)[1]] = sitting.choices[pairs[rows, 1], np.nonzero(taken)[1]]
    return Sitting(choices, sitting.seconds.copy())


def known_beforehand(
    sitting: Sitting,
    key: Ints,
    who: Ints,
    items: Ints,
    generator: np.random.Generator,
    *,
    remembered: float = 0.9,
    share_of_time: float = 0.5,
) -> Sitting:
    """People `who` answer `items` right where they remember them, in this share of their usual time."""
    choices, seconds = sitting.choices.copy(), sitting.seconds.copy()
    block = np.ix_(who, items)
    recalls = generator.random((len(who), len(items))) < remembered
    choices[block] = np.where(recalls, key[items], choices[block])
    seconds[block] = np.where(recalls, share_of_time * seconds[block], seconds[block])
    return Sitting(choices, seconds)


def guessed_rapidly(
    sitting: Sitting, who: Ints, share: float, generator: np.random.Generator, *, options: int = 4
) -> Sitting:
    """People `who` answer this share of items blindly, in one to four seconds."""
    choices, seconds = sitting.choices.copy(), sitting.seconds.copy()
    items = choices.shape[1]
    blind = _places(len(who), items, round(share * items), generator)
    guesses, times = generator.integers(0, options, blind.shape), generator.uniform(1.0, 4.0, blind.shape)
    choices[who] = np.where(blind, guesses, choices[who])
    seconds[who] = np.where(blind, times, seconds[who])
    return Sitting(choices, seconds)


def out_of_time(
    sitting: Sitting,
    limit: float,
    generator: np.random.Generator,
    *,
    options: int = 4,
    guess_from: float = 0.95,
) -> Sitting:
    """A sitting of `limit` seconds: from `guess_from` of it on people guess in two seconds; the rest is not reached."""
    used = np.cumsum(sitting.seconds, axis=1)
    hurried: Bools = used > guess_from * limit
    seconds = np.where(hurried, 2.0, sitting.seconds)
    guesses = generator.integers(0, options, used.shape)
    reached = np.cumsum(seconds, axis=1) <= limit
    choices = np.where(hurried, guesses, sitting.choices)
    return Sitting(np.where(reached, choices, NOT_ASKED), np.where(reached, seconds, np.nan))


def _places(people: int, items: int, taken: int, generator: np.random.Generator) -> Bools:
    """`taken` places of each row [people, items], at random."""
    order = np.argsort(generator.random((people, items)), axis=1)
    chosen = np.zeros((people, items), dtype=np.bool_)
    np.put_along_axis(chosen, order[:, :taken], True, axis=1)
    return chosen
