"""What a policy does on a pool before anybody sits it: bias, error, lengths and exposure, by ability."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from karmayogi.science.adaptive import eligibility
from karmayogi.science.adaptive.decisions import Why
from karmayogi.science.adaptive.designs import SAME, Design
from karmayogi.science.adaptive.eligibility import Exposure
from karmayogi.science.adaptive.policies import Policy, Rule
from karmayogi.science.adaptive.pools import Pool
from karmayogi.science.adaptive.sittings import answer, begin
from karmayogi.science.adaptive.uniforms import RESPONSE, checked, seed_of, uniforms
from karmayogi.science.irt import GRID, Floats, Ints

if TYPE_CHECKING:
    from karmayogi.science.adaptive.kernels import State, Tables

ENDS = (Why.PRECISE, Why.CLASSIFIED, Why.LONGEST, Why.NO_ITEM_LEFT)
_RULES = (Rule.FISHER, Rule.POSTERIOR, Rule.GLOBAL, Rule.RANDOM)


class NobodyToSimulate(ValueError):
    """No ability was handed over, or one that is not a finite number."""

    def __init__(self) -> None:
        super().__init__("Give one finite ability, in logits, for each sitting to simulate, in one row.")


@dataclass(frozen=True)
class Band:
    """The sittings of true abilities in [low, high): their number, bias, RMSE, mean sd and mean length."""

    low: float
    high: float
    sittings: int
    bias: float
    rmse: float
    sd: float
    length: float


@dataclass(frozen=True, eq=False)
class Simulation:
    """N simulated sittings of a design: arrays [N] unless said otherwise; -1 in `asked`, `right`: no item there."""

    thetas: Floats
    means: Floats
    sds: Floats
    lengths: Ints
    ends: tuple[Why, ...]
    relaxed: Ints
    asked: NDArray[np.int32]
    right: NDArray[np.int8]
    exposure: Exposure

    @property
    def bias(self) -> float:
        """Mean of estimate minus truth."""
        return float(np.mean(self.means - self.thetas))

    @property
    def rmse(self) -> float:
        """Root mean square of estimate minus truth."""
        return float(np.sqrt(np.mean(np.square(self.means - self.thetas))))

    @property
    def shares(self) -> Floats:
        """Share of sittings that showed each item of the pool, [I]."""
        return np.asarray(np.bincount(self.asked[self.asked >= 0], minlength=self.items) / len(self.thetas))

    @property
    def items(self) -> int:
        """Number of items of the pool."""
        return int(self.exposure.shown.shape[1])

    @property
    def overlap(self) -> float:
        """Expected share of a sitting's items that another one also shows (Chen, Ankenmann & Spray 2003)."""
        times, sittings = self.shares * len(self.thetas), len(self.thetas)
        if sittings < 2 or not self.lengths.sum():
            return 0.0
        return float((times * (times - 1.0)).sum() / ((sittings - 1.0) * self.lengths.sum()))

    def bands(self, edges: ArrayLike) -> tuple[Band, ...]:
        """The figures between each two neighbouring `edges`, ascending; bands without a sitting are left out."""
        found = []
        for low, high in pairwise(np.asarray(edges, dtype=np.float64).tolist()):
            inside = (self.thetas >= low) & (self.thetas < high)
            if inside.any():
                missed = (self.means - self.thetas)[inside]
                rmse, sd = float(np.sqrt(np.square(missed).mean())), float(self.sds[inside].mean())
                length = float(self.lengths[inside].mean())
                found.append(Band(low, high, int(inside.sum()), float(missed.mean()), rmse, sd, length))
        return tuple(found)


def simulate(pool: Pool, policy: Policy, thetas: ArrayLike, *, seed: int) -> Simulation:
    """Sittings of people with these abilities [N], one after the other; the same seed gives the same bytes.

    Person n sits with the seed `uniforms.seed_of(seed, n)`, so that every sitting can be derived again alone.
    `seed` is in [0, 2^64). Raises NobodyToSimulate, PolicyCannotBeUsed, SeedOutOfRange.
    """
    abilities = np.asarray(thetas, dtype=np.float64)
    if abilities.ndim != 1 or not abilities.size or not np.isfinite(abilities).all():
        raise NobodyToSimulate
    run = _one_by_one if policy.shadow else _compiled
    return run(Design(pool, policy), abilities, checked(seed))


def _compiled(design: Design, thetas: Floats, seed: int) -> Simulation:
    from karmayogi.science.adaptive import simulation_kernels

    many, longest = len(thetas), design.policy.longest
    exposure = eligibility.none_yet(len(design.pool), design.policy)
    asked, right = np.full((many, longest), -1, np.int32), np.full((many, longest), -1, np.int8)
    estimates, counts = np.zeros((2, many)), np.zeros((3, many), np.int64)
    simulation_kernels.sit_all(
        tables(design),
        state(design),
        thetas,
        np.uint64(seed),
        exposure.shown,
        exposure.open,
        exposure.visits,
        exposure.shown.sum(axis=0),
        asked,
        right,
        estimates,
        counts,
    )
    ends = tuple(ENDS[code] for code in counts[0])
    exposure = replace(exposure, sittings=many)
    means, sds = estimates
    return Simulation(thetas, means, sds, counts[1], ends, counts[2], asked, right, exposure)


def _one_by_one(design: Design, thetas: Floats, seed: int) -> Simulation:
    """The same, through `begin` and `answer`: the way of shadow tests, where the solver takes all the time."""
    policy, many = design.policy, len(thetas)
    a, b, c, d = design.parameters
    exposure, sittings = eligibility.none_yet(len(design.pool), policy), []
    asked, right = np.full((many, policy.longest), -1, np.int32), np.full((many, policy.longest), -1, np.int8)
    for n, theta in enumerate(thetas):
        own = seed_of(seed, n)
        drawn = uniforms(own, RESPONSE, np.arange(policy.longest))
        closed = eligibility.closed(exposure, policy, seed=own)
        sitting = begin(design, seed=own, closed=closed)
        while sitting.now.item is not None:
            i = sitting.now.item
            chance = c[i] + (d[i] - c[i]) / (1.0 + np.exp(-a[i] * (theta - b[i])))
            sitting = answer(design, sitting, right=bool(drawn[len(sitting.asked)] < chance))
        done = len(sitting.asked)
        asked[n, :done], right[n, :done] = sitting.asked, sitting.right
        means = [step.mean for step in sitting.decisions[:done]]
        exposure = eligibility.after(exposure, policy, asked=sitting.asked, means=means, closed=closed)
        sittings.append(sitting)
    means, sds = np.array([[s.now.mean, s.now.sd] for s in sittings]).T
    return Simulation(
        thetas,
        means,
        sds,
        np.array([len(s.asked) for s in sittings]),
        tuple(s.now.why for s in sittings),
        np.array([sum(bool(step.lifted) for step in s.decisions) for s in sittings]),
        asked,
        right,
        exposure,
    )


def tables(design: Design) -> "Tables":
    """The design as the kernels read it."""
    from karmayogi.science.adaptive.kernels import Tables

    pool, policy = design.pool, design.policy
    told = np.round(design.information, SAME)
    fisher = policy.rule is Rule.FISHER
    order = np.argsort(-told, axis=1, kind="stable") if fisher else np.zeros((1, 1))
    attributes = list(pool.areas)
    set_ends, members = _rows(pool.enemies)
    own: list[list[int]] = [[] for _ in range(len(pool))]
    for number, group in enumerate(pool.enemies):
        for item in group:
            own[item].append(number)
    own_ends, own_sets = _rows(own)
    lengths = (policy.shortest, policy.longest, policy.top, _RULES.index(policy.rule), design.balanced)
    figures = (policy.precision or 0.0, policy.sure, policy.least_information, policy.prior_sd, policy.cap)
    return Tables(
        GRID,
        design.log_prior,
        design.parameters,
        *design.log_chances,
        design.information,
        order.astype(np.int32),
        pool.codes,
        np.array([attributes.index(attribute) for attribute, _ in pool.places], dtype=np.int64),
        design.least,
        design.most,
        design.shares,
        set_ends,
        members,
        own_ends,
        own_sets,
        np.array(policy.cuts, dtype=np.float64),
        np.array(policy.intervals, dtype=np.float64),
        np.array(figures),
        np.array(lengths, dtype=np.int64),
    )


def state(design: Design) -> "State":
    """A sitting's state before the first answer, as the kernels change it; nothing is closed."""
    from karmayogi.science.adaptive.kernels import State

    items, areas = len(design.pool), len(design.pool.places)
    return State(
        design.log_prior.copy(),
        np.zeros(len(GRID)),
        np.ones(items, np.uint8),
        np.zeros((len(design.policy.intervals) + 1, items), np.uint8),
        np.zeros(areas, np.int64),
        np.zeros((2, areas), np.uint8),
        np.zeros(areas + 1, np.uint8),
        np.zeros(items),
        np.zeros(min(design.policy.top, items), np.int64),
        np.zeros(design.policy.longest, np.int64),
    )


def _rows(groups: "list[list[int]] | tuple[tuple[int, ...], ...]") -> tuple[Ints, Ints]:
    ends = np.cumsum([0, *map(len, groups)]).astype(np.int64)
    return ends, np.array([item for group in groups for item in group], dtype=np.int64)
