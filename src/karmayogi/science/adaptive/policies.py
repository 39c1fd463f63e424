"""How an adaptive test is led: which item next, within which limits, and when it may stop."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from math import isfinite
from typing import Any

from karmayogi.science.irt import GRID

FINEST = 0.05
"""The smallest sd, in logits, that the grid of abilities resolves: half its spacing."""


class PolicyCannotBeUsed(ValueError):
    """A policy's figures contradict each other or the pool; the message says which and what to do."""


class Rule(StrEnum):
    """By what an item's worth is judged at the present estimate."""

    FISHER = "fisher"
    """Fisher information at the estimate, rounded to the grid's 0.1 logit (Lord 1980)."""
    POSTERIOR = "posterior"
    """Fisher information averaged over the posterior (van der Linden 1998)."""
    GLOBAL = "kullback-leibler"
    """Kullback-Leibler information averaged over the posterior (Chang & Ying 1996; Chen et al. 2000)."""
    RANDOM = "random"
    """All items are worth the same: a draw, to compare with."""


@dataclass(frozen=True)
class Quota:
    """Of the items whose `attribute` is `value`, at least `least` by the shortest length and at most `most` ever."""

    attribute: str
    value: str
    least: int = 0
    most: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "least", _whole("least", self.least))
        object.__setattr__(self, "most", None if self.most is None else _whole("most", self.most))


@dataclass(frozen=True)
class Balance:
    """Every place goes to the area of `attribute` furthest behind its share that has an item; others: share 0."""

    attribute: str
    shares: tuple[tuple[str, float], ...]

    def __post_init__(self) -> None:
        shares = tuple(sorted((str(value), float(share)) for value, share in self.shares))
        object.__setattr__(self, "shares", shares)
        values = [share for _, share in shares]
        _require(
            all(isfinite(value) and value >= 0.0 for value in values) and sum(values) > 0.0,
            "Shares must be 0 or more, and not all of them 0.",
        )


@dataclass(frozen=True)
class Policy:
    """The rules of an adaptive test. Abilities in logits; raises PolicyCannotBeUsed where figures contradict.

    It stops at `longest` items; from `shortest` on also once sd <= `precision`, or once every one of `cuts` has
    P(ability >= cut) >= `sure` or <= 1 - `sure` with at least `least_information` gained (1 / sd^2 beyond the
    prior's). `top` best items share the choice (randomesque) and `balance` spreads places over areas (both
    Kingsbury & Zara 1989). With `shadow` every item is taken from a whole test that keeps all limits (van der
    Linden & Reese 1998). `cap` is the largest share of sittings that may show an item, kept within each interval
    between `intervals` (ascending abilities; none: over all) and over all (van der Linden & Veldkamp 2004, 2007).
    """

    shortest: int = 5
    longest: int = 30
    precision: float | None = 0.3
    cuts: tuple[float, ...] = ()
    sure: float = 0.8
    least_information: float = 1.0
    rule: Rule = Rule.FISHER
    top: int = 3
    quotas: tuple[Quota, ...] = ()
    balance: Balance | None = None
    shadow: bool = False
    cap: float = 1.0
    intervals: tuple[float, ...] = ()
    prior_mean: float = 0.0
    prior_sd: float = 1.0

    def __post_init__(self) -> None:
        self._take_plain_numbers()
        numbers = (
            self.prior_mean,
            self.prior_sd,
            self.sure,
            self.least_information,
            *self.cuts,
            *self.intervals,
        )
        _require(all(map(isfinite, numbers)), "Every figure of a policy must be a finite number.")
        _require(1 <= self.shortest <= self.longest, "Lengths must be 1 <= shortest <= longest.")
        _require(
            self.precision is None or self.precision >= FINEST,
            f"precision must be {FINEST} or more, or None: abilities are weighed on a grid of 0.1 logit.",
        )
        _require(0.5 < self.sure < 1.0, "sure must lie between 0.5 and 1.")
        _require(
            self.least_information > 0.0, "least_information must be above 0: a prior alone decides nothing."
        )
        _require(self.top >= 1, "top must be 1 or more.")
        _require(0.0 < self.cap <= 1.0, "cap must be above 0 and at most 1.")
        _require(
            self.prior_sd >= 2.0 * FINEST,
            f"prior_sd must be {2.0 * FINEST} or more, the spacing of the grid.",
        )
        _require(GRID[0] < self.prior_mean < GRID[-1], "prior_mean must lie on the grid, between -6 and 6.")
        for name, row in (("cuts", self.cuts), ("intervals", self.intervals)):
            _require(list(row) == sorted(set(row)), f"{name} must rise from one to the next.")
        for quota in self.quotas:
            most = self.longest if quota.most is None else quota.most
            _require(
                0 <= quota.least <= most,
                f"{quota.attribute} {quota.value}: least must be between 0 and most.",
            )
        keys = [(quota.attribute, quota.value) for quota in self.quotas]
        _require(len(set(keys)) == len(keys), "An area has two quotas. Give one for each.")

    def _take_plain_numbers(self) -> None:
        """Equal figures become the same numbers, whatever they were given as: 1, 1.0 or one of numpy's."""
        plain: dict[str, object] = {"rule": Rule(self.rule), "quotas": tuple(self.quotas)}
        plain |= {name: _whole(name, getattr(self, name)) for name in ("shortest", "longest", "top")}
        reals = ("sure", "least_information", "cap", "prior_mean", "prior_sd")
        plain |= {name: float(getattr(self, name)) for name in reals}
        plain |= {name: tuple(map(float, getattr(self, name))) for name in ("cuts", "intervals")}
        plain["precision"] = None if self.precision is None else float(self.precision)
        for name, value in plain.items():
            object.__setattr__(self, name, value)

    @cached_property
    def hash(self) -> str:
        """SHA-256, hexadecimal, of every figure: equal rules, equal hash."""
        return sha256(json.dumps([1, asdict(self)], sort_keys=True).encode()).hexdigest()


def policy_of(figures: Mapping[str, Any]) -> Policy:
    """The policy that a table of its figures says, as JSON or TOML files hold it.

    `quotas` are tables of attribute, value, least and most; `balance` one of attribute and shares, a table by value;
    `cuts` and `intervals` are lists. What is left out has the default. Raises PolicyCannotBeUsed, also for a name
    that no policy has.
    """
    known = dict(figures)
    try:
        for name in ("cuts", "intervals"):
            known[name] = tuple(float(value) for value in known.get(name, ()))
        known["quotas"] = tuple(Quota(**quota) for quota in known.get("quotas", ()))
        if balance := known.get("balance"):
            known["balance"] = Balance(balance["attribute"], tuple(balance["shares"].items()))
        return Policy(**known)
    except (TypeError, KeyError, AttributeError, ValueError) as fault:
        if isinstance(fault, PolicyCannotBeUsed):
            raise
        raise PolicyCannotBeUsed(f"The policy cannot be read: {fault}. Correct it.") from None


def _whole(name: str, value: float) -> int:
    _require(isfinite(value) and value == int(value), f"{name} counts items: give a whole number.")
    return int(value)


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise PolicyCannotBeUsed(message)
