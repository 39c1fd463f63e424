"""A pool under a policy: checked to fit, with the tables both need, made once and used by every sitting."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from karmayogi.science.adaptive import curves
from karmayogi.science.adaptive.choices import normal_log_prior
from karmayogi.science.adaptive.policies import Policy, PolicyCannotBeUsed, Quota
from karmayogi.science.adaptive.pools import Pool
from karmayogi.science.adaptive.shadow import ShadowTests
from karmayogi.science.irt import GRID, Floats, Ints

SAME = 10
"""Decimals to which worths are compared: below that, two items are equally good and the first one is taken."""


@dataclass(frozen=True, eq=False)
class Design:
    """A pool under a policy. Raises PolicyCannotBeUsed where the pool cannot serve the policy."""

    pool: Pool
    policy: Policy

    def __post_init__(self) -> None:
        _refuse_misfit(self.pool, self.policy)

    @cached_property
    def least(self) -> Ints:
        """Items asked for at least from each of `pool.places`, by the shortest length."""
        return self._by_place({(q.attribute, q.value): q.least for q in self.policy.quotas}, 0)

    @cached_property
    def most(self) -> Ints:
        """Items asked for at most from each of `pool.places`."""
        limits = {(q.attribute, q.value): q.most for q in self.policy.quotas if q.most is not None}
        return self._by_place(limits, self.policy.longest)

    def _by_place(self, known: dict[tuple[str, str], int], other: int) -> Ints:
        return np.array([known.get(place, other) for place in self.pool.places], dtype=np.int64)

    @cached_property
    def shares(self) -> Floats:
        """Share of the places that each of `pool.places` should have; 0 where the policy balances nothing."""
        if (balance := self.policy.balance) is None:
            return np.zeros(len(self.pool.places))
        wanted = dict(balance.shares)
        shares = [wanted.get(v, 0.0) if key == balance.attribute else 0.0 for key, v in self.pool.places]
        return np.array(shares) / sum(shares)

    @cached_property
    def balanced(self) -> int:
        """Row of `pool.codes` that the policy balances, or -1."""
        balance = self.policy.balance
        return -1 if balance is None else list(self.pool.areas).index(balance.attribute)

    @cached_property
    def parameters(self) -> Floats:
        """The items' a, b, c and d, [4, I]."""
        items = self.pool.items
        return np.stack([items.a, items.difficulty, items.lower, items.upper])

    @cached_property
    def log_prior(self) -> Floats:
        """Unnormalised log density of the prior on the grid, [Q]."""
        return normal_log_prior(self.policy.prior_mean, self.policy.prior_sd)

    @cached_property
    def shadow_tests(self) -> ShadowTests:
        """The limits of pool and policy as the solver reads them."""
        return ShadowTests(self.pool, self.policy, self.least, self.most)

    @cached_property
    def log_chances(self) -> tuple[Floats, Floats]:
        """Log chances of a right and a wrong answer, each [I, Q]."""
        return curves.log_chances(self.pool.items)

    @cached_property
    def information(self) -> Floats:
        """Fisher information of each item on the grid, [Q, I]."""
        return curves.information(GRID, self.pool.items)


def _refuse_misfit(pool: Pool, policy: Policy) -> None:
    if policy.longest > len(pool):
        raise PolicyCannotBeUsed(
            f"longest is {policy.longest}, the pool has {len(pool)} items. Shorten the test."
        )
    if policy.cap * len(pool) < policy.shortest:
        raise PolicyCannotBeUsed(
            f"With a cap of {policy.cap:g} on {len(pool)} items a sitting can have {policy.cap * len(pool):.1f} on "
            f"average, not {policy.shortest}. Raise the cap, add items or ask for fewer."
        )
    if balance := policy.balance:
        known = set(pool.areas.get(balance.attribute, ()))
        if missing := [value for value, share in balance.shares if share > 0.0 and value not in known]:
            raise PolicyCannotBeUsed(
                f"No item of the pool has {balance.attribute} {missing[0]}. Correct the shares or add items."
            )
    for attribute in {quota.attribute for quota in policy.quotas}:
        _refuse_misfit_of(attribute, [q for q in policy.quotas if q.attribute == attribute], pool, policy)


def _refuse_misfit_of(attribute: str, quotas: list[Quota], pool: Pool, policy: Policy) -> None:
    values = pool.areas.get(attribute, ())
    for quota in quotas:
        if (have := values.count(quota.value)) < max(quota.least, 1):
            raise PolicyCannotBeUsed(
                f"{attribute} {quota.value} needs {max(quota.least, 1)} items, the pool has {have}. Correct the quota."
            )
    needed = sum(quota.least for quota in quotas)
    if needed > policy.shortest:
        raise PolicyCannotBeUsed(
            f"The least numbers of {attribute} add up to {needed}, the shortest test has {policy.shortest} items. "
            "Lengthen the shortest test or lower them."
        )
    limited = {quota.value: quota.most for quota in quotas if quota.most is not None}
    room = sum(min(values.count(v), limited.get(v, policy.longest)) for v in set(values))
    if room < policy.longest:
        raise PolicyCannotBeUsed(
            f"The most numbers of {attribute} leave room for {room} items, the longest test has {policy.longest}. "
            "Shorten it or raise them."
        )
