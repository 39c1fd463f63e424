"""Adaptive tests: microseconds a step, shadow tests beside the bare solver, items needed, exposure, replay.

The step is compared with catsim's: its information selector and its numerical estimator on the same 10,000 items, ten
of them answered. Ours updates the posterior, takes mean and sd, and chooses under content quotas and eligibility, which
catsim's does not do. The bank of the other figures is 1,000 items, a lognormal(0.1, 0.3) held to 0.4-2.5 and b normal
held to -3-3, in five areas of equal share.
"""

from dataclasses import replace
from functools import cache, partial

import numpy as np
from catsim.estimation import NumericalSearchEstimator
from catsim.item_bank import ItemBank
from catsim.selection import MaxInfoSelector
from scipy.optimize import Bounds, LinearConstraint, milp

from karmayogi.science import irt
from karmayogi.science.adaptive import (
    Balance,
    Design,
    Policy,
    Pool,
    Quota,
    Simulation,
    Sitting,
    answer,
    begin,
    decide,
    eligibility,
    kernels,
    shadow,
    simulate,
    simulations,
    uniforms,
)
from scientific import Figure, cpu

TOPICS = tuple(f"t{k}" for k in range(5))
EQUAL = Balance("topic", tuple((topic, 0.2) for topic in TOPICS))
LIVE = Policy(shortest=5, longest=40, precision=0.3, top=5, balance=EQUAL)
SITTINGS, STEPS = 5_000, 20_000
SEED = 20


def figures() -> list[Figure]:
    """The figures of adaptive testing, each printed as it is measured."""
    return [*_step(), _shadow(), *_efficiency(), _replayed()]


@cache
def _pool(items: int, *, enemies: int = 0) -> Pool:
    rng = np.random.default_rng(4)
    a, b = np.clip(rng.lognormal(0.1, 0.3, items), 0.4, 2.5), np.clip(rng.normal(0.0, 1.0, items), -3.0, 3.0)
    topics = tuple(TOPICS[k] for k in rng.integers(0, 5, items))
    sets = rng.integers(0, enemies, items) if enemies else np.zeros(0, int)
    return Pool(
        irt.Items.logistic(a, b),
        areas={"topic": topics},
        enemies=[np.flatnonzero(sets == k) for k in range(enemies)],
    )


def _step() -> list[Figure]:
    pool = _pool(10_000)
    bank = ItemBank(Design(pool, Policy()).parameters.T.copy())
    selector, estimator = MaxInfoSelector(), NumericalSearchEstimator()
    asked, answers = list(range(10)), [True, False] * 5

    def select() -> object:
        return selector.select(item_bank=bank, administered_items=asked, est_theta=0.2)

    def estimate() -> object:
        return estimator.estimate(
            item_bank=bank, administered_items=asked, response_vector=answers, est_theta=0.2
        )

    chosen, estimated = (min(cpu(work) for _ in range(10)) for work in (select, estimate))
    quotas = tuple(Quota("topic", topic, 1, 12) for topic in TOPICS)
    ours = _our_step(Design(pool, replace(LIVE, quotas=quotas, cap=0.2, precision=None)))
    print(f"catsim, 10,000 items: selector {chosen * 1e6:,.0f} us + estimator {estimated * 1e6:,.0f} us")
    print(f"ours, with quotas, shares and eligibility, called from Python: {ours * 1e6:.1f} us")
    for rule in ("posterior", "kullback-leibler"):
        slow = _our_step(Design(pool, replace(LIVE, quotas=quotas, cap=0.2, rule=rule)), steps=40)
        print(f"  by {rule}: {slow * 1e6:,.0f} us, {(chosen + estimated) / slow:,.0f} times quicker")
    return [
        Figure("catsim step / our step, 10,000 items", (chosen + estimated) / ours, 100, at_least=True),
        Figure("catsim selector alone / our step", chosen / ours, 100, at_least=True),
    ]


def _our_step(design: Design, steps: int = STEPS) -> float:
    """Seconds a step, called one by one from Python, with a fifth of the items not eligible."""
    tables, state = simulations.tables(design), simulations.state(design)
    state.closed[:] = np.random.default_rng(1).random(state.closed.shape) < 0.2
    drawn = np.random.default_rng(2).random(steps)
    kernels.step(tables, state, -1, False, 0, 0.5)

    def work() -> None:
        item, asked = -1, 0
        for k in range(steps):
            if item < 0:
                kernels.reset(tables, state)
                asked = 0
            item = kernels.step(tables, state, item, k % 2 == 0, asked, drawn[k])[3]
            asked += 1

    return cpu(work, times=3) / steps


def _shadow() -> Figure:
    """Whole steps of shadow tests against bare solutions of the same programs."""
    pool = _pool(1_000, enemies=300)
    quotas = tuple(Quota("topic", topic, 7, 9) for topic in TOPICS)
    design = Design(pool, Policy(shortest=40, longest=40, precision=None, top=1, quotas=quotas, shadow=True))
    ours, bare, sitting = 0.0, 0.0, begin(design, seed=1)
    while sitting.now.item is not None:
        if len(sitting.asked) % 4 == 0:
            ours += cpu(partial(decide, design, seed=1, closed=(), asked=sitting.asked, right=sitting.right))
            bare += _bare(design, sitting)
        sitting = answer(design, sitting, right=len(sitting.asked) % 2 == 0)
    print(
        f"shadow test, 1,000 items, 5 quotas, 300 enemy sets: {ours * 100:.1f} ms, bare milp {bare * 100:.1f} ms"
    )
    return Figure("shadow-test step / bare milp solve", ours / bare, 3.0)


def _bare(design: Design, sitting: Sitting) -> float:
    pool, tests = design.pool, design.shadow_tests
    low, high = tests.limits(len(sitting.asked))
    fixed = np.isin(np.arange(len(pool)), sitting.asked)
    told = irt.information(round(sitting.now.mean, 1), pool.items.a, pool.items.difficulty)
    return cpu(
        lambda: milp(
            -told,
            integrality=np.ones(len(pool)),
            bounds=Bounds(fixed, 1),
            constraints=LinearConstraint(tests.matrix, low, high),
            options={"mip_rel_gap": shadow.GAP},
        )
    )


@cache
def _abilities() -> np.ndarray:
    return np.random.default_rng(5).normal(size=SITTINGS)


@cache
def _sittings(policy: Policy, items: int = 1_000) -> Simulation:
    return simulate(_pool(items), policy, _abilities(), seed=SEED)


def _efficiency() -> list[Figure]:
    free, capped = _sittings(LIVE), _sittings(replace(LIVE, cap=0.2))
    needed = _random_form_needs(float(free.sds.mean()))
    rows = [("five areas, best 5", LIVE, 1_000), ("five areas, best 3", replace(LIVE, top=3), 1_000)]
    rows += [
        ("no areas, best 1", replace(LIVE, balance=None, top=1), 1_000),
        ("five areas, best 5", LIVE, 10_000),
    ]
    print(
        f"{'policy, N = 5,000':22}{'pool':>7}{'cap':>5}{'items':>8}{'sd':>7}{'rmse':>7}{'bias':>8}{'exposed':>9}"
    )
    for name, policy, items in rows:
        for cap in (1.0, 0.2):
            ran = _sittings(replace(policy, cap=cap), items)
            print(
                f"{name:22}{items:7,}{cap:5.1f}{ran.lengths.mean():8.2f}{ran.sds.mean():7.3f}{ran.rmse:7.3f}"
                f"{ran.bias:8.3f}{ran.shares.max():9.3f}"
            )
    by_interval = _sittings(replace(LIVE, cap=0.2, intervals=(-1.0, 0.0, 1.0)))
    print(f"cap in each of four intervals of ability: {by_interval.lengths.mean():.2f} items")
    print(f"a random fixed form needs {needed} items for the mean sd {free.sds.mean():.4f}")
    for band in free.bands([-4, -2, -1, 0, 1, 2, 4]):
        print(
            f"  {band.low:4.0f} to {band.high:2.0f}: bias {band.bias:6.3f}, rmse {band.rmse:.3f}, "
            f"{band.length:.1f} items"
        )
    return [
        Figure("items for SE 0.30 / random fixed form's", float(free.lengths.mean()) / needed, 0.4),
        Figure("the same with cap 0.20", float(capped.lengths.mean()) / needed, 0.4),
        Figure("largest exposure at cap 0.20", float(capped.shares.max()), 0.21),
        Figure("items with cap 0.20 / without", float(capped.lengths.mean() / free.lengths.mean()), 1.05),
    ]


def _random_form_needs(sd: float) -> int:
    """Items of the shortest random form with a mean sd this small: over 20 random forms and 1,000 people."""
    pool, rng, people = _pool(1_000), np.random.default_rng(6), _abilities()[:1_000]
    forms = [rng.permutation(len(pool)) for _ in range(20)]
    a, b = pool.items.a, pool.items.difficulty
    right = [rng.random((len(people), len(pool))) < irt.chance(people, a, b) for _ in forms]

    def reached(length: int) -> float:
        found = []
        for form, answers in zip(forms, right, strict=True):
            items = form[:length]
            found.append(irt.score(answers[:, items].astype(np.int8), a[items], b[items])[1].mean())
        return float(np.mean(found))

    low, high = 1, len(pool)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) <= sd else (middle + 1, high)
    return low


def _replayed(sittings: int = 1_000) -> Figure:
    """Share of the compiled run's selections that the plain way derives again, from pool, policy, seed and record."""
    policy = replace(LIVE, cap=0.2)
    design, ran = Design(_pool(1_000), policy), _sittings(policy)
    exposure = eligibility.none_yet(len(design.pool), policy)
    same, steps = 0, 0
    for n in range(sittings):
        own = uniforms.seed_of(SEED, n)
        closed = eligibility.closed(exposure, policy, seed=own)
        asked = tuple(ran.asked[n, : ran.lengths[n]].tolist())
        right = (ran.right[n, : len(asked)] == 1).tolist()
        means = []
        for k in range(len(asked) + 1):
            made = decide(design, seed=own, closed=closed, asked=asked[:k], right=right[:k])
            means.append(made.mean)
            same += made.item == (asked[k] if k < len(asked) else None)
            steps += 1
        exposure = eligibility.after(exposure, policy, asked=asked, means=means[:-1], closed=closed)
    print(f"replayed {steps:,} decisions of {sittings:,} sittings: {same:,} the same")
    return Figure("share of selections replayed", same / steps, 1.0, at_least=True)
