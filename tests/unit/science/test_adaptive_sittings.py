"""Sittings: limits kept, reasons given, ended rightly, and derived again from their record."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karmayogi.science import adaptive, irt
from karmayogi.science.adaptive import Balance, Design, Lifted, Policy, Pool, Quota, Rule, Why, curves

TOPICS = ("law", "cost", "ethics")


def pool_of(items: int, seed: int = 0, *, enemies: int = 0) -> Pool:
    rng = np.random.default_rng(seed)
    a, b = rng.lognormal(0.1, 0.3, items), rng.normal(0.0, 1.2, items)
    areas = {
        "topic": rng.choice(TOPICS, items).tolist(),
        "kind": rng.choice(["case", "rule"], items).tolist(),
    }
    groups = [rng.choice(items, 3, replace=False).tolist() for _ in range(enemies)]
    made = irt.Items.logistic(a, b, lower=rng.uniform(0.0, 0.25, items))
    return Pool(made, areas=areas, enemies=groups)


def sat(design: Design, *, seed: int = 1, theta: float = 0.0) -> adaptive.Sitting:
    rng, pool = np.random.default_rng(seed), design.pool
    right, _ = curves.chances(np.array([theta]), pool.items)
    sitting = adaptive.begin(design, seed=seed)
    while sitting.now.item is not None:
        sitting = adaptive.answer(design, sitting, right=bool(rng.random() < right[0, sitting.now.item]))
    return sitting


@given(st.integers(0, 2**32), st.sampled_from(list(Rule)), st.floats(-3, 3), st.integers(0, 12))
@settings(max_examples=40, deadline=None)
def test_no_sitting_repeats_an_item_mixes_enemies_or_breaks_a_most(
    seed: int, rule: Rule, theta: float, enemies: int
) -> None:
    pool = pool_of(60, seed % 97, enemies=enemies)
    quotas = (Quota("topic", "law", 2, 4), Quota("topic", "cost", 1, 6), Quota("kind", "case", 2))
    sitting = sat(Design(pool, Policy(6, 15, 0.35, quotas=quotas, rule=rule)), seed=seed, theta=theta)
    asked = list(sitting.asked)
    assert len(set(asked)) == len(asked) <= 15
    assert all(len(set(group) & set(asked)) <= 1 for group in pool.enemies)
    topics = [pool.areas["topic"][item] for item in asked]
    kinds = [pool.areas["kind"][item] for item in asked]
    assert topics.count("law") <= 4
    if not any(Lifted.LEAST in step.lifted for step in sitting.decisions):
        assert (
            min(topics[:6].count("law") - 2, topics[:6].count("cost") - 1, kinds[:6].count("case") - 2) >= 0
        )
    assert sitting.ended


def test_every_sitting_is_derived_again_and_a_changed_record_is_found() -> None:
    design = Design(
        pool_of(80, enemies=6), Policy(5, 12, 0.3, balance=Balance("topic", (("law", 1.0), ("cost", 2.0))))
    )
    sitting = sat(design, seed=9)
    kept = adaptive.read(adaptive.written(sitting))
    assert kept == sitting
    assert adaptive.replay(design, kept) == adaptive.Replay(len(sitting.asked) + 1, ())
    other = next(item for item in range(80) if item not in sitting.asked)
    swapped = replace(sitting, asked=(*sitting.asked[:3], other, *sitting.asked[4:]))
    assert adaptive.replay(design, swapped).differences[0].step == 3
    turned = replace(sitting, right=(not sitting.right[0], *sitting.right[1:]))
    assert adaptive.replay(design, turned).differences[0].step == 1
    assert adaptive.replay(design, replace(sitting, seed=10)).differences != ()
    for cut in (
        {"decisions": sitting.decisions[:3]},
        {"right": sitting.right[:-1]},
        {"asked": sitting.asked[:-1]},
    ):
        with pytest.raises(adaptive.RecordHasGaps):
            adaptive.replay(design, replace(sitting, **cut))


def test_a_sitting_stays_with_its_pool_and_policy() -> None:
    design = Design(pool_of(30), Policy(3, 6))
    sitting = adaptive.begin(design, seed=1)
    with pytest.raises(adaptive.NotTheSameDesign, match="pool"):
        adaptive.replay(Design(pool_of(30, seed=1), design.policy), sitting)
    with pytest.raises(adaptive.NotTheSameDesign, match="policy"):
        adaptive.answer(Design(design.pool, Policy(3, 7)), sitting, right=True)


def test_an_ended_sitting_takes_no_answer() -> None:
    design = Design(pool_of(30), Policy(2, 2, None))
    sitting = sat(design)
    assert (sitting.now.why, len(sitting.asked)) == (Why.LONGEST, 2)
    with pytest.raises(adaptive.SittingHasEnded):
        adaptive.answer(design, sitting, right=True)


def test_the_estimate_of_a_step_is_the_score_of_its_answers() -> None:
    pool = Pool(irt.Items.logistic([1.0, 1.5, 0.8, 1.2], [0.0, 0.5, -0.5, 1.0]))
    design = Design(pool, Policy(3, 3, None))
    sitting = sat(design)
    row = np.full((1, 4), -1, np.int8)
    row[0, list(sitting.asked)] = sitting.right
    means, sds = irt.score(row, pool.items.a, pool.items.difficulty)
    assert (sitting.now.mean, sitting.now.sd) == pytest.approx((means[0], sds[0]), abs=1e-6)


def test_areas_follow_their_shares_place_by_place() -> None:
    pool = pool_of(90)
    policy = Policy(9, 9, None, balance=Balance("topic", (("law", 2.0), ("cost", 1.0))))
    topics = [pool.areas["topic"][item] for item in sat(Design(pool, policy)).asked]
    assert (topics.count("law"), topics.count("cost"), topics.count("ethics")) == (6, 3, 0)


def test_closed_items_are_asked_only_where_nothing_else_is_left_and_it_says_so() -> None:
    design = Design(pool_of(10), Policy(4, 4, None))
    closed = (tuple(range(2, 10)),)
    sitting = adaptive.begin(design, seed=1, closed=closed)
    for _ in range(3):
        sitting = adaptive.answer(design, sitting, right=True)
    assert set(sitting.asked[:2]) == {0, 1}
    assert [step.lifted for step in sitting.decisions] == [(), (), (Lifted.EXPOSURE,), (Lifted.EXPOSURE,)]
    assert "cap on how often items are shown was put aside" in adaptive.words(design, sitting.now)
    with pytest.raises(adaptive.ClosedDoesNotFit):
        adaptive.begin(design, seed=1, closed=((3,), (4,)))


def test_a_pool_without_a_further_item_ends_the_sitting() -> None:
    pool = Pool(irt.Items.logistic(np.ones(4), np.zeros(4)), enemies=((0, 1, 2, 3),))
    assert sat(Design(pool, Policy(2, 4, None))).now.why is Why.NO_ITEM_LEFT


def test_between_two_cuts_the_class_is_the_one_passed() -> None:
    pool = pool_of(200)
    policy = Policy(5, 60, None, cuts=(-1.5, 1.5), sure=0.9)
    ended = [sat(Design(pool, policy), theta=theta, seed=4).now for theta in (-3.0, 0.0, 3.0)]
    assert [(step.why, step.level) for step in ended] == [(Why.CLASSIFIED, level) for level in (0, 1, 2)]


def greedy_dead_end() -> Pool:
    """The two best items are cases of law; with them a third item cannot be both a rule and of cost."""
    return Pool(
        irt.Items.logistic([2.0, 1.9, 0.8, 0.7, 0.6], np.zeros(5)),
        areas={
            "topic": ("law", "law", "cost", "law", "cost"),
            "kind": ("case", "case", "case", "rule", "case"),
        },
    )


def test_a_shadow_test_keeps_limits_where_step_by_step_runs_into_a_dead_end() -> None:
    quotas = (Quota("topic", "cost", 1), Quota("kind", "rule", 1))
    policy = Policy(3, 3, None, quotas=quotas, top=1)
    pool = greedy_dead_end()
    assert sorted(sat(Design(pool, replace(policy, shadow=True))).asked) == [0, 2, 3]
    greedy = sat(Design(pool, policy))
    assert any(Lifted.LEAST in step.lifted for step in greedy.decisions) or sorted(greedy.asked) == [0, 2, 3]
    tight = replace(policy, shortest=2, longest=2)
    assert sorted(sat(Design(pool, replace(tight, shadow=True))).asked) == [2, 3]
    assert any(Lifted.LEAST in step.lifted for step in sat(Design(pool, tight)).decisions)


def test_shadow_tests_ask_the_best_whole_test_and_are_derived_again() -> None:
    pool = pool_of(40, enemies=8)
    policy = Policy(
        8, 8, None, quotas=(Quota("topic", "law", 3, 3), Quota("kind", "rule", 5)), shadow=True, top=1
    )
    design = Design(pool, policy)
    sitting = sat(design, seed=2)
    topics, kinds = ([pool.areas[key][item] for item in sitting.asked] for key in ("topic", "kind"))
    assert (topics.count("law"), kinds.count("rule") >= 5) == (3, True)
    assert all(len(set(group) & set(sitting.asked)) <= 1 for group in pool.enemies)
    assert not any(step.lifted for step in sitting.decisions)
    assert adaptive.replay(design, sitting).differences == ()


def test_the_first_shadow_test_is_best_of_all_that_keep_the_limits() -> None:
    from itertools import combinations

    pool = pool_of(12, enemies=3)
    design = Design(pool, Policy(4, 4, None, quotas=(Quota("topic", "cost", 2, 2),), shadow=True))
    worths = curves.information(np.zeros(1), pool.items)[0]
    allowed = [
        form
        for form in combinations(range(12), 4)
        if sum(pool.areas["topic"][item] == "cost" for item in form) == 2
        and all(len(set(group) & set(form)) <= 1 for group in pool.enemies)
    ]
    best = max(sum(worths[list(form)]) for form in allowed)
    test = design.shadow_tests.best(worths, np.array([], dtype=np.int64), np.ones(12, dtype=np.bool_))
    assert test is not None
    assert worths[test].sum() == pytest.approx(best)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"shortest": 0}, "shortest"),
        ({"precision": 0.04}, "precision"),
        ({"prior_sd": 0.05}, "prior_sd"),
        ({"prior_mean": 6.0}, "prior_mean"),
        ({"sure": 0.5}, "sure"),
        ({"cuts": (1.0, 0.0)}, "cuts"),
        ({"cuts": (float("nan"),)}, "finite"),
        ({"cap": 0.0}, "cap"),
        ({"top": 0}, "top"),
        ({"quotas": (Quota("topic", "law", 4, 2),)}, "least must be"),
        ({"quotas": (Quota("topic", "law"), Quota("topic", "law"))}, "two quotas"),
        ({"longest": 61}, "Shorten"),
        ({"cap": 0.05}, "Raise the cap"),
        ({"quotas": (Quota("topic", "tax", 1),)}, "needs 1 items, the pool has 0"),
        ({"quotas": (Quota("topic", "law", 3), Quota("topic", "cost", 3))}, "add up to 6"),
        ({"quotas": tuple(Quota("topic", topic, 0, 3) for topic in TOPICS)}, "leave room for 9"),
        ({"balance": Balance("topic", (("tax", 1.0),))}, "No item of the pool"),
    ],
)
def test_a_policy_that_contradicts_itself_or_the_pool_is_refused(
    change: dict[str, object], message: str
) -> None:
    with pytest.raises(adaptive.PolicyCannotBeUsed, match=message):
        Design(pool_of(60), Policy(**{"shortest": 5, "longest": 15, **change}))


@pytest.mark.parametrize("seed", [-1, 2**64, 1.5, True])
def test_a_seed_is_a_whole_number_of_64_bits(seed: object) -> None:
    with pytest.raises(adaptive.SeedOutOfRange):
        adaptive.begin(Design(pool_of(30), Policy(3, 6)), seed=seed)  # type: ignore[arg-type]


def test_a_policy_is_read_from_a_table_of_its_figures() -> None:
    read = adaptive.policy_of(
        {
            "shortest": 4,
            "cuts": [-1, 1],
            "rule": "posterior",
            "quotas": [{"attribute": "topic", "value": "law", "least": 2}],
            "balance": {"attribute": "topic", "shares": {"law": 2, "cost": 1}},
        }
    )
    assert read == Policy(
        4,
        cuts=(-1.0, 1.0),
        rule=Rule.POSTERIOR,
        quotas=(Quota("topic", "law", 2),),
        balance=Balance("topic", (("cost", 1), ("law", 2))),
    )
    assert adaptive.policy_of({}) == Policy()
    for odd in (
        {"lenght": 4},
        {"rule": "guess"},
        {"quotas": [{"topic": "law"}]},
        {"cuts": ["low"]},
        {"shortest": "x"},
    ):
        with pytest.raises(adaptive.PolicyCannotBeUsed):
            adaptive.policy_of(odd)


def test_equal_policies_have_an_equal_hash_and_others_another_one() -> None:
    one = Policy(
        4,
        9,
        1,
        cuts=(1,),
        quotas=[Quota("topic", "law", np.int64(1))],
        balance=Balance("t", (("b", 1), ("a", 2))),
    )  # type: ignore[arg-type]
    other = Policy(
        np.int64(4),  # type: ignore[arg-type]
        9,
        np.float64(1.0),
        cuts=(1.0,),
        quotas=(Quota("topic", "law", 1),),
        balance=Balance("t", (("a", 2.0), ("b", 1.0))),
    )
    assert (one, one.hash) == (other, other.hash)
    assert (
        len(
            {one.hash, *(replace(one, **change).hash for change in ({"cap": 0.5}, {"top": 1}, {"sure": 0.9}))}
        )
        == 4
    )
