"""Simulated sittings: the compiled way decides as the plain way, the cap holds, the figures are right."""

from dataclasses import replace

import numpy as np
import pytest

from karmayogi.science import adaptive, irt
from karmayogi.science.adaptive import Balance, Design, Policy, Pool, Quota, Rule, Why, eligibility, uniforms

TOPICS = ("law", "cost", "ethics")


def pool_of(items: int, seed: int = 0) -> Pool:
    rng = np.random.default_rng(seed)
    areas = {
        "topic": rng.choice(TOPICS, items).tolist(),
        "kind": rng.choice(["case", "rule"], items).tolist(),
    }
    groups = [rng.choice(items, 3, replace=False).tolist() for _ in range(items // 6)]
    a, b = rng.lognormal(0.1, 0.3, items), rng.normal(0.0, 1.0, items)
    made = irt.Items.logistic(a, b, lower=rng.uniform(0.0, 0.2, items), upper=rng.uniform(0.9, 1.0, items))
    return Pool(made, areas=areas, enemies=groups)


POOL = pool_of(120)
ABILITIES = np.random.default_rng(3).normal(size=60)
QUOTAS = (Quota("topic", "law", 2, 4), Quota("kind", "case", 3, 8))
PLAIN = Policy(6, 14, 0.35, quotas=QUOTAS)
SHARES = Balance("topic", (("law", 1.0), ("cost", 2.0)))


def derived_again(pool: Pool, policy: Policy, ran: adaptive.Simulation, seed: int) -> list[tuple[int, int]]:
    """Places (sitting, step) where `decide` does not do what the run did; exposure is fed from the record."""
    design, exposure, found = Design(pool, policy), eligibility.none_yet(len(pool), policy), []
    for n, length in enumerate(ran.lengths):
        own = uniforms.seed_of(seed, n)
        closed = eligibility.closed(exposure, policy, seed=own)
        asked, right = tuple(ran.asked[n, :length].tolist()), (ran.right[n, :length] == 1).tolist()
        means = []
        for k in range(length + 1):
            step = adaptive.decide(design, seed=own, closed=closed, asked=asked[:k], right=right[:k])
            means.append(step.mean)
            if step.item != (asked[k] if k < length else None):
                found.append((n, k))
        if (step.why, step.mean, step.sd) != (ran.ends[n], ran.means[n], ran.sds[n]):
            found.append((n, int(length)))
        exposure = eligibility.after(exposure, policy, asked=asked, means=means[:-1], closed=closed)
    return found


@pytest.mark.parametrize(
    "policy",
    [
        PLAIN,
        replace(PLAIN, rule=Rule.POSTERIOR, cap=0.4),
        replace(PLAIN, rule=Rule.GLOBAL, top=1),
        replace(PLAIN, rule=Rule.RANDOM, cap=0.3),
        replace(PLAIN, cap=0.25, intervals=(-0.5, 0.5), top=5),
        replace(PLAIN, quotas=(), balance=SHARES, cap=0.3),
        replace(PLAIN, rule=Rule.RANDOM, balance=SHARES),
        Policy(3, 20, None, cuts=(-0.5, 0.8), sure=0.9, prior_mean=0.2, prior_sd=1.2, cap=0.15),
    ],
    ids=lambda policy: f"{policy.rule}-{policy.cap}-{len(policy.quotas)}-{policy.balance is not None}",
)
def test_the_compiled_way_decides_as_the_plain_way_in_every_step(policy: Policy) -> None:
    ran = adaptive.simulate(POOL, policy, ABILITIES, seed=5)
    assert derived_again(POOL, policy, ran, 5) == []


def test_a_run_that_differs_in_one_item_is_found() -> None:
    ran = adaptive.simulate(POOL, PLAIN, ABILITIES[:5], seed=5)
    ran.asked[2, 4] = next(item for item in range(120) if item not in ran.asked[2])
    assert (2, 4) in derived_again(POOL, PLAIN, ran, 5)


def test_the_same_seed_gives_the_same_bytes_and_another_one_does_not() -> None:
    runs = [adaptive.simulate(POOL, replace(PLAIN, cap=0.3), ABILITIES, seed=seed) for seed in (5, 5, 6)]
    first, again, other = (run.asked.tobytes() + run.means.tobytes() for run in runs)
    assert first == again != other


def test_no_item_is_shown_in_more_than_its_cap_of_sittings_and_one() -> None:
    abilities = np.random.default_rng(1).normal(size=1_500)
    policy = replace(PLAIN, quotas=(), cap=0.2)
    capped = adaptive.simulate(POOL, policy, abilities, seed=2)
    free = adaptive.simulate(POOL, replace(policy, cap=1.0), abilities, seed=2)
    assert capped.relaxed.sum() == 0
    assert capped.shares.max() <= 0.2 + 1.0 / 1_500 < 0.5 < free.shares.max()
    assert capped.shares == pytest.approx(capped.exposure.shares)
    assert capped.overlap < free.overlap


def test_with_intervals_the_cap_holds_within_each() -> None:
    abilities = np.random.default_rng(1).normal(size=3_000)
    policy = replace(PLAIN, quotas=(), cap=0.3, intervals=(-0.5, 0.5))
    ran = adaptive.simulate(pool_of(300), policy, abilities, seed=2)
    within = ran.exposure.shown / ran.exposure.visits[:, None]
    assert ran.exposure.visits.min() > 1_000
    assert within.max() <= 0.3 + 1.0 / 1_000
    over_all = adaptive.simulate(pool_of(300), replace(policy, intervals=()), abilities, seed=2)
    low = over_all.means < -0.5
    shown = np.bincount(over_all.asked[low][over_all.asked[low] >= 0], minlength=300)
    assert (shown / low.sum()).max() > 0.4


def test_chances_fall_for_items_shown_too_often_and_return_to_one() -> None:
    policy = Policy(1, 2, None, cap=0.25)
    exposure = eligibility.Exposure(
        np.array([[40, 20, 5, 0]]), np.array([[80, 90, 100, 100]]), np.array([100]), 100
    )
    # 0.25 * 80 / 40, but 40 of 100 are over the cap; 0.25 * 90 / 20 is above 1.
    assert eligibility.chances(exposure, cap=0.25).tolist() == [[0.0, 1.0, 1.0, 1.0]]
    later = replace(exposure, visits=np.array([160]), sittings=160)
    assert eligibility.chances(later, cap=0.25).tolist() == [[0.5, 1.0, 1.0, 1.0]]
    assert eligibility.none_yet(4, policy).shares.tolist() == [0.0] * 4
    after = eligibility.after(later, policy, asked=(3, 1), means=(0.0, 0.4), closed=((0,),))
    assert after.shown.tolist() == [[40, 21, 5, 1]]
    assert after.open.tolist() == [[80, 91, 101, 101]]


def test_an_adaptive_test_needs_less_than_half_of_the_items_drawn_at_random() -> None:
    pool = pool_of(400, 2)
    policy = Policy(5, 100, 0.35)
    runs = [
        adaptive.simulate(pool, replace(policy, rule=rule), ABILITIES, seed=1)
        for rule in (Rule.FISHER, Rule.RANDOM)
    ]
    assert runs[0].lengths.mean() < 0.5 * runs[1].lengths.mean()
    assert runs[0].ends.count(Why.PRECISE) >= 0.9 * len(ABILITIES)


def test_figures_of_a_run_are_those_of_its_arrays() -> None:
    ran = adaptive.simulate(POOL, PLAIN, ABILITIES, seed=1)
    missed = ran.means - ABILITIES
    assert (ran.bias, ran.rmse) == pytest.approx((missed.mean(), np.sqrt((missed**2).mean())))
    bands = ran.bands([-9.0, 0.0, 0.0001, 9.0])
    assert [band.sittings for band in bands] == [int((ABILITIES < 0).sum()), int((ABILITIES >= 0.0001).sum())]
    low = ABILITIES < 0
    assert bands[0].bias == pytest.approx(missed[low].mean())
    assert bands[0].length == pytest.approx(ran.lengths[low].mean())
    pairs = [len(set(x[x >= 0]) & set(y[y >= 0])) for i, x in enumerate(ran.asked) for y in ran.asked[:i]]
    assert ran.overlap == pytest.approx(np.mean(pairs) / ran.lengths.mean())


def test_simulated_answers_follow_the_curve() -> None:
    many = adaptive.simulate(
        Pool(irt.Items.logistic([1.5, 1.5], [0.5, 0.5])), Policy(2, 2, None), np.zeros(20_000), seed=3
    )
    share = (many.right == 1).mean()
    assert share == pytest.approx(float(irt.chance(0.0, np.array([1.5]), np.array([0.5]))[0]), abs=0.01)


def test_a_shadow_policy_is_simulated_too() -> None:
    policy = Policy(5, 5, None, quotas=QUOTAS, shadow=True, cap=0.5)
    ran = adaptive.simulate(POOL, policy, ABILITIES[:6], seed=1)
    assert derived_again(POOL, policy, ran, 1) == []
    for asked in ran.asked:
        assert 2 <= sum(POOL.areas["topic"][item] == "law" for item in asked) <= 4


@pytest.mark.parametrize("thetas", [[], [[0.0]], [np.nan], [np.inf]])
def test_odd_abilities_are_refused(thetas: list[float]) -> None:
    with pytest.raises(adaptive.NobodyToSimulate):
        adaptive.simulate(POOL, PLAIN, thetas, seed=1)
