"""Simulated examinees: abilities, item pools and answers to them, the published generator of the bench.

Abilities are standardised to mean 0 and sd 1 exactly, so that recovered parameters are on the scale of the true ones
and no error of the sample's own scale enters. Slopes are log-normal (0.1, 0.3) within 0.4 to 2.5 and difficulties
standard normal within -3 to 3.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from karmayogi.science.irt.answers import Answers
from karmayogi.science.irt.curves import chances
from karmayogi.science.irt.grid import NOT_ASKED, Floats
from karmayogi.science.irt.items import Items

AT_ONCE = 4_000_000
"""Cells of people by items drawn at one go; part of the generator, since it orders the draws."""


@dataclass(frozen=True, eq=False)
class Examinees:
    """People [N] with their `theta`, the `items` they met and their `codes` int8 [N, I], -1 for not asked."""

    theta: Floats
    items: Items
    codes: NDArray[np.int8]


def pool(items: int, seed: int | np.random.Generator) -> Items:
    """A pool of two-parameter items. `seed` is one, or a generator that is drawn from."""
    rng = np.random.default_rng(seed)
    a = np.clip(rng.lognormal(0.1, 0.3, items), 0.4, 2.5)
    return Items.logistic(a, np.clip(rng.normal(0.0, 1.0, items), -3.0, 3.0))


def abilities(people: int, seed: int | np.random.Generator, *, mean: float = 0.0, sd: float = 1.0) -> Floats:
    """Normal abilities [N] whose own mean and sd are exactly `mean` and `sd`.

    Raises ValueError for fewer than two people: one alone has no sd.
    """
    if people < 2:
        raise ValueError(f"Abilities with a mean and an sd take two people at least, not {people}.")
    drawn = np.random.default_rng(seed).normal(size=people)
    return np.asarray(mean + sd * (drawn - drawn.mean()) / drawn.std())


def answers(theta: Floats, items: Items, seed: int | np.random.Generator) -> NDArray[np.int8]:
    """Codes [N, I] drawn from the items' response chances at theta [N]."""
    rng = np.random.default_rng(seed)
    out = np.empty((len(theta), len(items)), np.int8)
    step = max(AT_ONCE // (len(items) * int(items.categories.max())), 1)
    for start in range(0, len(theta), step):
        rows = slice(start, start + step)
        above = 1.0 - np.cumsum(chances(theta[rows], items), axis=2)[:, :, :-1]
        out[rows] = (rng.random(above.shape[:2])[:, :, None] < above).sum(axis=2)
    return out


def examinees(people: int, items: int, seed: int) -> Examinees:
    """People who answered every item of a pool: the data of the bench for one seed."""
    rng = np.random.default_rng(seed)
    made = pool(items, rng)
    theta = abilities(people, rng)
    return Examinees(theta, made, answers(theta, made, rng))


def asked(codes: NDArray[np.int8], each: int, seed: int | np.random.Generator) -> Answers:
    """The same answers of a complete matrix, but everybody was asked only `each` items, drawn at random for everyone.

    Raises ValueError for fewer than one item each, or more than there are.
    """
    rng = np.random.default_rng(seed)
    people, items = codes.shape
    if not 1 <= each <= items:
        raise ValueError(f"Everybody can be asked 1 to {items} items, not {each}.")
    order = np.argsort(rng.random((people, items), dtype=np.float32), axis=1)[:, :each]
    item = np.sort(order, axis=1).astype(np.int32)
    starts = np.arange(people + 1, dtype=np.int64) * each
    return Answers(starts, item.ravel(), np.take_along_axis(codes, item, axis=1).ravel(), items)


def sparse_examinees(people: int, items: int, each: int, seed: int) -> tuple[Floats, Items, Answers]:
    """Abilities, items and answers of many people who were asked `each` items out of a pool, in little memory.

    The shuffled pool is cut into `each` parts of equal size; everybody is asked one item of each, drawn at random.
    Raises ValueError for fewer than one item each, or more than there are.
    """
    if not 1 <= each <= items:
        raise ValueError(f"Everybody can be asked 1 to {items} items, not {each}.")
    rng = np.random.default_rng(seed)
    made, theta = pool(items, rng), abilities(people, rng)
    shuffled = rng.permutation(items).astype(np.int32)
    edges = np.arange(each + 1) * items // each
    item = shuffled[rng.integers(edges[:-1], edges[1:], (people, each))].ravel()
    logits = made.intercepts[item, 0]
    logits += made.slope[item] * np.repeat(theta, each)
    codes = (rng.random(len(item)) < 1.0 / (1.0 + np.exp(-logits))).astype(np.int8)
    return theta, made, Answers(np.arange(people + 1, dtype=np.int64) * each, item, codes, items)


def with_gaps(codes: NDArray[np.int8], share: float, seed: int | np.random.Generator) -> NDArray[np.int8]:
    """The same answers with a random share not asked."""
    gone = np.random.default_rng(seed).random(codes.shape) < share
    return np.where(gone, np.int8(NOT_ASKED), codes)
