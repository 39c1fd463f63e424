"""Pooling: intervals that hold, parts that add up, and a million people against one pass over their bytes."""

import numpy as np

from karmayogi.science import irt, pooling
from karmayogi.science.pooling import Drift
from karmayogi.science.simulation import careers
from scientific import Figure, cpu, within

PEOPLE, ROWS = 1_000_000, 10
SEEDS = range(5)
HALF_LIFE = Drift.of_half_life(0.0, 1.0, days=1096.0)
AS_OF = 3_000.0


def figures() -> list[Figure]:
    """Show 4 for pooled evidence with drift, and Show 8."""
    return [*_coverage(), *_parts(), *_million()]


def _coverage() -> list[Figure]:
    """Of 95 % intervals over 2,000 careers with tests, ratings and marked work over eight years."""
    shares, spreads = [], []
    for seed in SEEDS:
        lived = careers.simulate(np.random.default_rng(seed), people=2_000)
        state = lived.pooled()
        surprise = (state.means - lived.ability) / state.sds
        shares.append(float(np.mean(np.abs(surprise) < 1.959964)))
        spreads.append(float(np.std(surprise)))
    print(
        f"careers of 2,000, drift, seeds 0-4: cover {min(shares):.4f} to {max(shares):.4f}; "
        f"surprise sd {np.mean(spreads):.3f}"
    )
    forgetful = careers.simulate(np.random.default_rng(0), people=2_000, half_life_days=400.0)
    steady = pooling.pool_normals(
        forgetful.ratings.person, forgetful.ratings.day, forgetful.ratings.value - forgetful.ratings.leniency,
        np.full(len(forgetful.ratings.day), 1.0), groups=2_000, as_of=forgetful.as_of, drift=Drift(0.2, 1.1, 0.0),
    )  # fmt: skip
    planted = np.mean(np.abs(steady.means - forgetful.ability) < 1.959964 * steady.sds)
    print(f"the same without drift and halo, abilities forgotten in 400 days: {planted:.4f}")
    return [
        *within(
            "coverage of 95 % intervals, pooled evidence with drift, worst of 5 seeds",
            min(shares),
            0.93,
            0.97,
        ),
        Figure(
            "coverage of 95 % intervals, pooled evidence with drift, highest of 5 seeds", max(shares), 0.97
        ),
        Figure("coverage when drift and halo are left out (has to fail)", float(planted), 0.90),
    ]


def _parts() -> list[Figure]:
    """How far the parts of rows are from adding up, on answers to tests."""
    rng = np.random.default_rng(1)
    group, day = rng.integers(0, 2_000, 20_000), rng.uniform(0, AS_OF, 20_000)
    answers = rng.integers(0, 2, (20_000, 12)).astype(np.int8)
    rows = irt.log_likelihoods(answers, rng.lognormal(0.2, 0.3, 12), rng.normal(size=12))
    wanted = {"groups": 2_000, "as_of": AS_OF, "drift": HALF_LIFE}
    seconds = cpu(lambda: pooling.pool(group, day, rows, **wanted))
    state, parts = pooling.pool(group, day, rows, **wanted), pooling.attribute(group, day, rows, **wanted)
    gap = np.abs(np.bincount(group, weights=parts.shift, minlength=2_000) - state.means).max()
    gap = max(
        gap, np.abs(1.0 - np.bincount(group, weights=parts.variance, minlength=2_000) - state.sds**2).max()
    )
    print(
        f"tests on the grid: {seconds / 20_000 * 1e6:.1f} microseconds a row; parts add up within {gap:.1e}"
    )
    return [
        Figure("what moved it: largest distance of the sum of parts from the estimate", float(gap), 1e-12)
    ]


def _million() -> list[Figure]:
    """One million people with ten rows each: processor seconds and memory against a pass over the same bytes."""
    rng = np.random.default_rng(2)
    count = PEOPLE * ROWS
    group = np.repeat(np.arange(PEOPLE), ROWS)
    day = np.sort(rng.uniform(0, AS_OF, (PEOPLE, ROWS)), axis=1).ravel()
    mean, sd = rng.normal(size=count), rng.uniform(0.3, 1.5, count)
    expires = day + 1_096.0
    columns = (group, day, mean, sd, expires)
    given = sum(column.nbytes for column in columns)
    wanted = {"groups": PEOPLE, "as_of": AS_OF, "drift": HALF_LIFE}
    short = tuple(column[: 10 * ROWS] for column in columns)
    ready = pooling.pool_normals(*short[:4], groups=10, as_of=AS_OF, drift=HALF_LIFE, expires=short[4])
    pooling.attribute_normals(*short[:4], groups=10, as_of=AS_OF, drift=HALF_LIFE, expires=short[4])
    one_pass = cpu(lambda: [column.sum() for column in columns], times=5)
    _forget_peak()
    before = _memory("VmRSS")
    seconds = cpu(lambda: pooling.pool_normals(*columns[:4], expires=expires, **wanted), times=3)
    extra = max(0.0, _memory("VmHWM") - before)
    state = pooling.pool_normals(*columns[:4], expires=expires, **wanted)
    again = cpu(lambda: pooling.attribute_normals(*columns[:4], expires=expires, **wanted))
    turned = rng.permutation(count)
    shuffled = tuple(column[turned] for column in columns)
    mixed = cpu(lambda: pooling.pool_normals(*shuffled[:4], expires=shuffled[4], **wanted))
    print(f"{PEOPLE:,} x {ROWS} rows, {given / 2**20:.0f} MiB: one numpy pass (a sum) {one_pass:.3f} s")
    print(
        f"  pooled {seconds:.3f} s, {extra / 2**20:.0f} MiB more; what moved it {again:.3f} s; "
        f"rows shuffled {mixed:.2f} s"
    )
    same = state.means[:10].tobytes() == ready.means.tobytes()
    return [
        Figure(
            "pooling 1,000,000 x 10 rows: processor seconds over one numpy pass (target ours)",
            seconds / one_pass,
            12.0,
        ),
        Figure("pooling 1,000,000 x 10 rows: processor seconds (target ours)", seconds, 2.0),
        Figure(
            "pooling 1,000,000 x 10 rows: memory beyond the rows, as a share of them (target ours)",
            extra / given,
            0.25,
        ),
        Figure(
            "what moved it, 1,000,000 x 10 rows: over one numpy pass (target ours)", again / one_pass, 40.0
        ),
        Figure("ten people alone have the bytes they have among a million", float(same), 1.0, at_least=True),
    ]


def _memory(what: str) -> float:
    """Bytes of this process by the kernel's books; 0 where there are none."""
    try:
        with open("/proc/self/status", encoding="ascii") as book:
            lines = dict(line.split(":", 1) for line in book)
        return float(lines[what].split()[0]) * 1024.0
    except OSError:
        return 0.0


def _forget_peak() -> None:
    """The high-water mark of memory set back to what is used now, where the system allows it."""
    try:
        with open("/proc/self/clear_refs", "w", encoding="ascii") as book:
            book.write("5")
    except OSError:
        print("  (the peak of memory includes the making of the rows)")
