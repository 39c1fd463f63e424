"""The work of `karmayogi score simulate`: sittings of simulated people on the items of a set."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from karmayogi.cli.score import outputs
from karmayogi.science import adaptive
from karmayogi.science.calibration_sets import CalibrationSet
from karmayogi.standards.tables import Problem


@dataclass(frozen=True, eq=False)
class Simulated:
    """The sittings, what they were made with, and the items that could not take part."""

    set: CalibrationSet
    pool: adaptive.Pool
    policy: adaptive.Policy
    found: adaptive.Simulation
    left_out: tuple[str, ...]
    seed: int
    mean: float
    sd: float


def simulate(
    held: CalibrationSet,
    pool: adaptive.Pool,
    policy: adaptive.Policy,
    left_out: list[str],
    *,
    people: int,
    seed: int,
    mean: float | None,
    sd: float | None,
) -> Simulated:
    """Sittings of people with normal abilities: the mean and sd given, or of the set's only cohort, or 0 and 1.

    A policy that the pool is too small for is shortened to the pool's length.
    """
    cohort = next(iter(held.cohorts.values())) if len(held.cohorts) == 1 else None
    centre = mean if mean is not None else (cohort.mean if cohort else 0.0)
    spread = sd if sd is not None else (cohort.sd if cohort else 1.0)
    if policy.longest > len(pool):
        policy = replace(policy, longest=len(pool), shortest=min(policy.shortest, len(pool)))
    thetas = np.random.default_rng(seed).normal(centre, spread, people)
    found = adaptive.simulate(pool, policy, thetas, seed=seed)
    return Simulated(held, pool, policy, found, tuple(left_out), seed, centre, spread)


def columns_of(made: Simulated) -> dict[str, NDArray[np.generic]]:
    """One row per sitting."""
    found = made.found
    return {
        "true_ability": found.thetas, "ability": found.means, "se": found.sds, "items": found.lengths,
        "ended": outputs.texts(why.value for why in found.ends),
        "set": outputs.texts([made.set.hash] * len(found.thetas)),
    }  # fmt: skip


def problems(made: Simulated) -> list[Problem]:
    """Items of the set that took no part."""
    said = "An adaptive test takes items of two categories with a slope above 0"
    return [Problem(1, name, "", said, "Check its key, or leave it out.") for name in made.left_out]
