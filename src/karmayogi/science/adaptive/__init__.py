"""Adaptive tests: which item next, when enough is known, and why.

A `Pool` under a `Policy` is a `Design`; a `Sitting` is begun on it, answered, and can be derived again (`replay`).
`simulate` shows beforehand what a policy does. `choose`, `posterior`, `eligible` and `finished` are the plain parts.
"""

from karmayogi.science.adaptive.choices import (
    BeliefCannotBeUsed,
    NoItemLeft,
    choose,
    eligible,
    finished,
    normal_log_prior,
    open_items,
    posterior,
    worths,
)
from karmayogi.science.adaptive.decisions import Decision, Lifted, Why, decide
from karmayogi.science.adaptive.designs import Design
from karmayogi.science.adaptive.eligibility import Exposure
from karmayogi.science.adaptive.policies import (
    Balance,
    Policy,
    PolicyCannotBeUsed,
    Quota,
    Rule,
    policy_of,
)
from karmayogi.science.adaptive.pools import Pool, PoolCannotBeUsed
from karmayogi.science.adaptive.simulations import NobodyToSimulate, Simulation, simulate
from karmayogi.science.adaptive.sittings import (
    ClosedDoesNotFit,
    Difference,
    NotTheSameDesign,
    RecordHasGaps,
    Replay,
    Sitting,
    SittingHasEnded,
    answer,
    begin,
    read,
    replay,
    written,
)
from karmayogi.science.adaptive.uniforms import SeedOutOfRange
from karmayogi.science.adaptive.wording import words

__all__ = [
    "Balance",
    "BeliefCannotBeUsed",
    "ClosedDoesNotFit",
    "Decision",
    "Design",
    "Difference",
    "Exposure",
    "Lifted",
    "NoItemLeft",
    "NobodyToSimulate",
    "NotTheSameDesign",
    "Policy",
    "PolicyCannotBeUsed",
    "Pool",
    "PoolCannotBeUsed",
    "Quota",
    "RecordHasGaps",
    "Replay",
    "Rule",
    "SeedOutOfRange",
    "Simulation",
    "Sitting",
    "SittingHasEnded",
    "Why",
    "answer",
    "begin",
    "choose",
    "decide",
    "eligible",
    "finished",
    "normal_log_prior",
    "open_items",
    "policy_of",
    "posterior",
    "read",
    "replay",
    "simulate",
    "words",
    "worths",
    "written",
]
