"""Which item next, from everything a sitting fixed at its start and the answers so far. Pure: nothing is read.

The live sitting and its replay call the same two functions, so that what the one chose the other derives again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

import numpy as np

from karmayogi.assessment.blueprints import BlueprintCard
from karmayogi.science import adaptive, irt, levels
from karmayogi.science.irt import Bools, Floats, Ints

TOP = 3
"""The next item is one of this many best, so that the first questions are not the same for all."""


@dataclass(frozen=True)
class Bank:
    """The items of a pool version that have parameters: versions, places in the pool version, areas, a and b [I]."""

    versions: tuple[UUID, ...]
    places: tuple[int, ...]
    areas: Ints
    wanted: Floats
    a: Floats
    b: Floats

    def index(self, versions: Sequence[UUID]) -> Ints:
        """Where these versions stand in the bank, [K]."""
        where = {version: index for index, version in enumerate(self.versions)}
        return np.array([where[v] for v in versions], dtype=np.int64)


@dataclass(frozen=True)
class Start:
    """What a sitting fixed when it began: seed, prior in logits, and what decides its requirement (None: nothing)."""

    seed: str
    mean: float
    sd: float
    cut: float | None
    sure: float
    least_information: float


@dataclass(frozen=True)
class Belief:
    """Where a sitting stands: mean and sd in logits, how near to sure enough (0 to 100), and whether to stop."""

    mean: float
    sd: float
    certainty: int
    finished: bool
    weights: Floats


def bank(
    items: Sequence[UUID],
    areas: Sequence[str],
    shares: Mapping[str, float],
    parameters: Mapping[UUID, tuple[float, float]],
) -> Bank:
    """The bank of a pool version under a set of parameters; `shares` by area, or {} for those of the pool itself."""
    places = tuple(i for i, version in enumerate(items) if version in parameters)
    names = sorted(set(areas))
    codes = np.array([names.index(areas[i]) for i in places], dtype=np.int64)
    own = np.bincount(codes, minlength=len(names)).astype(np.float64)
    wanted = np.array([shares.get(name, 0.0) for name in names]) if shares else own
    a, b = (np.array([parameters[items[i]][k] for i in places], dtype=np.float64) for k in (0, 1))
    return Bank(tuple(items[i] for i in places), places, codes, wanted, a, b)


def seed(salt: str, person: UUID, sitting: UUID) -> str:
    """The seed of a sitting, hexadecimal: nobody can steer it, and with the salt everybody can derive it."""
    return sha256(f"{salt}/{person}/{sitting}".encode()).hexdigest()


def uniform(seed: str, step: int) -> float:
    """A number in [0, 1) from the seed, for the choice at a step."""
    return int.from_bytes(sha256(f"{seed}/{step}".encode()).digest()[:6], "big") / 2.0**48


def shuffled(keys: Sequence[str], seed: str, version: UUID) -> list[str]:
    """Option keys in an order that differs between sittings and stays within one."""
    return sorted(keys, key=lambda key: sha256(f"{seed}/{version}/{key}".encode()).digest())


def believe(
    bank: Bank, plan: BlueprintCard, start: Start, asked: Sequence[UUID], right: Sequence[bool]
) -> Belief:
    """Where the sitting stands after these answers, and whether it has come to its end."""
    weights = adaptive.posterior(
        adaptive.normal_log_prior(start.mean, start.sd),
        bank.index(asked),
        np.array(right, dtype=np.bool_),
        bank.a,
        bank.b,
    )
    means, sds = irt.moments(weights)
    mean, sd = float(means), float(sds)
    gained = max(0.0, sd**-2 - start.sd**-2)
    decided = _decided(mean, sd, gained, start)
    shortest, longest = (plan.longest if plan.kind == "fixed" else plan.shortest), plan.longest
    finished = adaptive.finished(
        sd,
        len(asked),
        precision=plan.precision,
        shortest=shortest,
        longest=min(longest, len(bank.versions)),
        decided=decided,
    )
    return Belief(mean, sd, _certainty(gained, len(asked), shortest, plan, start), finished, weights)


def next_item(
    bank: Bank,
    plan: BlueprintCard,
    start: Start,
    belief: Belief,
    asked: Sequence[UUID],
    *,
    closed: Sequence[int],
) -> int:
    """Index in the bank of the next item; `closed` holds places in the pool version that are out of reach.

    A fixed form is the same for everyone: the best items for the middle of the scale, by area. Raises
    `science.adaptive.NoItemLeft`.
    """
    used = bank.index(asked)
    allowed = ~np.isin(np.array(bank.places), np.array(closed, dtype=np.int64))
    fixed = plan.kind == "fixed"
    return adaptive.choose(
        0.0 if fixed else belief.weights,
        bank.a,
        bank.b,
        open=adaptive.open_items(len(bank.versions), used, allowed),
        uniform=0.0 if fixed else uniform(start.seed, len(asked)),
        top=TOP,
        area=bank.areas,
        wanted=bank.wanted,
        asked=np.bincount(bank.areas[used], minlength=len(bank.wanted)),
    )


def over_exposed(
    bank: Bank, plan: BlueprintCard, asked: Sequence[UUID], *, times: Ints, sittings: int
) -> list[int]:
    """Places in the pool version of items asked in more than the allowed share of `sittings`; `times` is [I].

    The share is the blueprint's, or longest / I in a pool too small to keep to it: a cap below that would leave
    the choice to the counts alone. Where it leaves nothing to ask, the least used remaining items stay in reach.
    """
    if plan.kind == "fixed":
        return []
    cap = min(1.0, max(plan.exposure_cap, plan.longest / len(bank.versions)))
    allowed = adaptive.eligible(times, sittings, cap=cap)
    remaining = adaptive.open_items(len(bank.versions), bank.index(asked))
    if remaining.any() and not (allowed & remaining).any():
        allowed = _least_used(remaining, times)
    return [bank.places[int(i)] for i in np.flatnonzero(~allowed)]


def _least_used(remaining: Bools, times: Ints) -> Bools:
    return np.asarray(remaining & (times == times[remaining].min()))


def _decided(mean: float, sd: float, gained: float, start: Start) -> bool:
    if start.cut is None or gained < start.least_information:
        return False
    chance = float(levels.chances(mean, sd, start.cut))
    return chance >= start.sure or chance <= 1.0 - start.sure


def _certainty(gained: float, asked: int, shortest: int, plan: BlueprintCard, start: Start) -> int:
    needed = plan.precision**-2 - start.sd**-2
    by_count = asked / shortest
    return round(100 * min(1.0, by_count, gained / needed if needed > 0.0 else 1.0))
