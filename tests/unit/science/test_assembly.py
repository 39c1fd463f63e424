"""Fixed forms: limits kept, target met, and a clash named by limits that are each needed for it."""

from collections import Counter
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karmayogi.science import assembly
from karmayogi.science.adaptive import Pool, Quota, curves
from karmayogi.science.assembly import Specification, Target
from karmayogi.science.assembly.limits import limits_of, shape_of
from karmayogi.science.assembly.programs import Program
from karmayogi.science.irt import Items

RNG = np.random.default_rng(0)
POOL = Pool(
    Items.logistic(RNG.lognormal(0.1, 0.3, 120), RNG.normal(0.0, 1.0, 120)),
    areas={"topic": RNG.choice(["law", "cost", "ethics"], 120).tolist()},
    enemies=[RNG.choice(120, 3, replace=False).tolist() for _ in range(20)],
)
TARGET = assembly.target_of(POOL, np.arange(20), [-1.0, 0.0, 1.0])
THREE = Specification(3, 20, (Quota("topic", "law", 5, 8), Quota("topic", "cost", 4)))


def told(items: np.ndarray) -> np.ndarray:
    return curves.information(np.array(TARGET.thetas), POOL.items.taken(items)).sum(1)


def test_parallel_forms_keep_every_limit_and_meet_the_target() -> None:
    made = assembly.assemble(POOL, THREE, TARGET)
    assert made.items.shape == (3, 20)
    assert len(np.unique(made.items)) == 60
    for form, information in zip(made.items, made.information, strict=True):
        topics = Counter(POOL.areas["topic"][item] for item in form)
        assert 5 <= topics["law"] <= 8
        assert topics["cost"] >= 4
        assert all(len(set(group) & set(form.tolist())) <= 1 for group in POOL.enemies)
        assert information == pytest.approx(told(form))
    assert made.deviation == pytest.approx(
        np.abs(made.information / np.array(TARGET.information) - 1.0).max()
    )
    assert made.deviation <= 0.01
    assert made.proven
    again = assembly.assemble(POOL, THREE, TARGET)
    assert again.items.tolist() == made.items.tolist()


def test_anchors_stand_in_every_form_and_overlap_is_limited() -> None:
    wanted = replace(THREE, anchors=(3, 7), uses=3, overlap=4, excluded=(0, 1))
    made = assembly.assemble(POOL, wanted, TARGET, tolerance=0.05)
    shared = [set(x.tolist()) & set(y.tolist()) for x, y in combinations(made.items, 2)]
    assert all({3, 7} <= both and len(both) <= 4 for both in shared)
    assert not {0, 1} & set(made.items.ravel().tolist())


def test_many_forms_share_a_pool_with_anchors_in_all_of_them() -> None:
    wanted = Specification(5, 18, (Quota("topic", "law", 4, 8),), anchors=(3, 7))
    target = assembly.target_of(POOL, np.arange(18), [-1.0, 0.0, 1.0])
    made = assembly.assemble(POOL, wanted, target, tolerance=0.05)
    shown = Counter(made.items.ravel().tolist())
    assert made.items.shape == (5, 18)
    assert {item for item, times in shown.items() if times > 1} == {3, 7}
    for form in made.items:
        assert 4 <= sum(POOL.areas["topic"][item] == "law" for item in form) <= 8
        assert all(len(set(group) & set(form.tolist())) <= 1 for group in POOL.enemies)
    assert made.proven == (made.deviation <= 0.05 * 1.001)


def test_the_smallest_miss_is_that_of_the_best_of_all_forms() -> None:
    small = Pool(POOL.items.taken(np.arange(9)))
    target = Target((-1.0, 1.0), (1.1, 0.9))
    made = assembly.assemble(small, Specification(1, 4), target, tolerance=1e-6)
    rows = curves.information(np.array(target.thetas), small.items)
    misses = [
        np.abs(rows[:, list(form)].sum(1) / np.array(target.information) - 1.0).max()
        for form in combinations(range(9), 4)
    ]
    assert made.deviation == pytest.approx(min(misses), abs=1e-5)
    assert made.proven


def clash(wanted: Specification, pool: Pool = POOL, target: Target = TARGET) -> assembly.Clash:
    with pytest.raises(assembly.FormsCannotBeAssembled) as caught:
        assembly.assemble(pool, wanted, target)
    return caught.value.clash


def test_more_than_the_pool_has_is_said_with_figures() -> None:
    have = POOL.areas["topic"].count("law")
    found = clash(replace(THREE, quotas=(Quota("topic", "law", 20),)))
    assert found.limits == (
        "an item stands in 1 form at most",
        f"each form has at least 20 of topic law (60 places; the pool has {have})",
    )
    assert "Forms become possible where these give:" in found.words
    assert sum(sum(given.by) for given in found.concessions) >= 60 - have


def test_areas_that_leave_too_little_room_clash_with_the_length() -> None:
    quotas = tuple(Quota("topic", topic, 0, 5) for topic in ("law", "cost", "ethics"))
    found = clash(replace(THREE, quotas=quotas))
    assert len(found.limits) == 4
    assert [(given.rows, given.by) for given in found.concessions] == [((1, 2, 3), (5.0, 5.0, 5.0))]


def test_anchors_that_are_enemies_clash_and_no_price_mends_it() -> None:
    group = POOL.enemies[0]
    found = clash(replace(THREE, anchors=group[:2]))
    assert len(found.limits) == 3
    assert found.limits[0].startswith("of the enemies")
    assert found.concessions == ()


def test_information_out_of_reach_is_said_with_what_is_within() -> None:
    found = clash(replace(THREE, within=0.05), target=Target((0.0,), (60.0,)))
    assert any("within 5% of 60 (any 20 items of the pool have" in limit for limit in found.limits)
    assert "% in number 1" in found.words


@given(st.integers(0, 10_000))
@settings(max_examples=12, deadline=None)
def test_a_clash_is_irreducible(seed: int) -> None:
    rng = np.random.default_rng(seed)
    topics = rng.choice(["law", "cost", "ethics"], 30)
    topics[:3] = ["law", "cost", "ethics"]
    groups = [rng.choice(30, 4, replace=False).tolist() for _ in range(8)]
    pool = Pool(
        Items.logistic(np.ones(30), rng.normal(size=30)), areas={"topic": topics.tolist()}, enemies=groups
    )
    least, most = rng.integers(0, 7, 3).tolist(), rng.integers(7, 9, 3).tolist()
    quotas = tuple(map(Quota, ["topic"] * 3, ["law", "cost", "ethics"], least, most))
    wanted = Specification(2, int(rng.integers(8, 15)), quotas)
    found = assembly.clash_of(pool, wanted, Target((0.0,), (2.0,)), nodes=1_000)
    limits = {
        limit.name: limit for limit in limits_of(pool, wanted, Target((0.0,), (2.0,)), shape_of(pool, wanted))
    }
    program = Program(shape_of(pool, wanted), (), 1_000)
    if found is None:
        assert program.possible(list(limits.values()))
        return
    named = [limits[name] for name in found.limits]
    assert not program.possible(named)
    assert all(program.possible([x for x in named if x is not left_out]) for left_out in named)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Target((), ()), "one ability"),
        (lambda: Target((0.0,), (1.0, 2.0)), "one information for each"),
        (lambda: Target((1.0, 0.0), (1.0, 2.0)), "must rise"),
        (lambda: Target((0.0,), (float("nan"),)), "above 0"),
        (lambda: Specification(0), "one form"),
        (lambda: Specification(uses=0), "uses"),
        (lambda: Specification(overlap=-1), "overlap"),
        (lambda: Specification(within=0.0), "within"),
        (lambda: Specification(anchors=(1,), excluded=(1,)), "anchor"),
        (lambda: assembly.assemble(POOL, Specification(anchors=(120,)), TARGET), "Item 120 is not"),
        (lambda: assembly.assemble(POOL, Specification(quotas=(Quota("topic", "tax"),)), TARGET), "No item"),
    ],
)
def test_odd_specifications_are_refused(make: object, message: str) -> None:
    with pytest.raises(assembly.SpecificationCannotBeUsed, match=message):
        make()  # type: ignore[operator]
