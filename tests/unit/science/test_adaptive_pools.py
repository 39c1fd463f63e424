"""Pools: refused when they do not hang together, named by their content; their curves against other packages."""

import numpy as np
import pytest
from catsim import irt as judge

from karmayogi.science import irt
from karmayogi.science.adaptive import Policy, PolicyCannotBeUsed, Pool, PoolCannotBeUsed, curves, uniforms

A, B = np.array([1.0, 2.0, 0.5]), np.array([0.0, 1.0, -1.0])
AREAS = {"topic": ("law", "cost", "law")}


def test_equal_content_has_an_equal_hash_and_any_change_another_one() -> None:
    def one(**changes: object) -> str:
        fields = {"areas": AREAS, "enemies": ((0, 1),), **changes}
        curve = {
            "a": A,
            "b": B,
            **{name: fields.pop(name) for name in ("a", "b", "lower", "upper") if name in fields},
        }
        return Pool(irt.Items.logistic(**curve), **fields).hash  # type: ignore[arg-type]

    assert one() == one(lower=np.zeros(3), upper=np.ones(3), names=("0", "1", "2"), enemies=([1, 0, 1], (2,)))
    others = [
        one(a=A + np.array([1e-15, 0, 0])),
        one(b=B + 1e-9),
        one(lower=np.full(3, 0.1)),
        one(upper=np.full(3, 0.9)),
        one(names=("x", "y", "z")),
        one(areas={"topic": ("law", "cost", "cost")}),
        one(enemies=()),
    ]
    assert len({one(), *others}) == 8
    assert one(b=np.array([-0.0, 1.0, -1.0])) == one()


def test_a_pool_does_not_change_with_the_arrays_it_was_made_of() -> None:
    mine = A.copy()
    pool = Pool(irt.Items.logistic(mine, B))
    mine[0] = 9.0
    assert pool.items.a[0] == 1.0
    for kept in (pool.items.a, pool.items.difficulty):
        with pytest.raises(ValueError, match="read-only"):
            kept[0] = 9.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"items": irt.Items.logistic([1.0, 0.0, -1.0], B)}, r"Items \[1, 2\] have a slope"),
        (
            {
                "items": irt.Items.joined(
                    [irt.Items.logistic(A[:2], B[:2]), irt.Items.graded([1.0], [[0.0, 1.0]])]
                )
            },
            r"Items \[2\] are not of right and wrong",
        ),
        ({"names": ("x", "x", "y")}, "different names"),
        ({"areas": {"topic": ("law",)}}, "1 areas for 3 items"),
        ({"enemies": ((0, 3),)}, r"Enemies \[3\]"),
        ({"enemies": ((0, -1),)}, r"Enemies \[-1\]"),
    ],
)
def test_a_pool_that_does_not_hang_together_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(PoolCannotBeUsed, match=message):
        Pool(**{"items": irt.Items.logistic(A, B), **change})  # type: ignore[arg-type]


def test_with_two_parameters_the_curves_are_those_of_irt() -> None:
    items = irt.Items.logistic(A, B)
    thetas = np.array([-30.0, -2.0, 0.3, 4.0, 30.0])
    assert curves.chances(thetas, items)[0] == pytest.approx(irt.chance(thetas, A, B), rel=1e-13)
    assert curves.information(thetas, items) == pytest.approx(irt.information(thetas, A, B), rel=1e-9)
    rows = irt.log_likelihoods(np.array([[1, -1, 0]], dtype=np.int8), A, B)
    right, wrong = curves.log_chances(items)
    assert right[0] + wrong[2] == pytest.approx(rows[0], abs=1e-12)


def test_with_four_parameters_chance_and_information_are_those_of_catsim() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.lognormal(0.0, 0.4, 50), rng.normal(0.0, 1.0, 50)
    c, d = rng.uniform(0.0, 0.3, 50), rng.uniform(0.8, 1.0, 50)
    items = irt.Items.logistic(a, b, lower=c, upper=d)
    for theta in (-3.0, 0.0, 1.7):
        told = curves.information(np.array([theta]), items)[0]
        right, wrong = curves.chances(np.array([theta]), items)
        assert told == pytest.approx(
            [judge.inf(theta, *item) for item in zip(a, b, c, d, strict=True)], rel=1e-9
        )
        assert right[0] == pytest.approx([judge.icc(theta, *item) for item in zip(a, b, c, d, strict=True)])
        assert right + wrong == pytest.approx(1.0)


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (0.2, 1.0), (0.0, 0.9), (0.2, 0.9)])
def test_log_chances_are_logs_of_chances_and_finite_far_out(low: float, high: float) -> None:
    right, wrong = curves.log_chances(irt.Items.logistic(300.0, 1.0, lower=low, upper=high))
    assert np.isfinite(right).all()
    assert np.isfinite(wrong).all()
    items = irt.Items.logistic(1.0, 1.0, lower=low, upper=high)
    ours, plain = curves.log_chances(items), curves.chances(irt.GRID, items)
    for log, chance in zip(ours, plain, strict=True):
        assert np.exp(log[0]) == pytest.approx(chance[:, 0], rel=1e-12)


def test_global_information_is_nothing_for_a_belief_without_doubt_and_grows_with_it() -> None:
    logs = curves.log_chances(irt.Items.logistic(A, B))
    certain = np.where(np.arange(len(irt.GRID)) == 60, 1.0, 0.0)
    assert curves.global_information(certain, 60, *logs) == pytest.approx(0.0, abs=1e-12)
    # For a narrow belief of variance v it is half of v times the Fisher information.
    narrow = irt.weights_of(-np.square(irt.GRID / 0.3) / 2.0)
    assert curves.global_information(narrow, 60, *logs) == pytest.approx(
        0.045 * irt.information(0.0, A, B), rel=0.08
    )


def test_uniform_numbers_are_even_and_do_not_hang_on_their_order() -> None:
    many = uniforms.uniforms(7, uniforms.CHOICE, np.arange(100_000))
    assert many.min() >= 0.0
    assert many.max() < 1.0
    assert np.bincount((many * 10).astype(int)) == pytest.approx(10_000, abs=400)
    assert np.corrcoef(many[1:], many[:-1])[0, 1] == pytest.approx(0.0, abs=0.015)
    assert uniforms.uniforms(7, uniforms.CHOICE, 99) == many[99]
    assert uniforms.seed_of(7, 1) != uniforms.seed_of(7, 2) != uniforms.seed_of(8, 2)


@pytest.mark.parametrize("figures", [{"longest": 5.9}, {"shortest": float("nan")}, {"top": 1.5}])
def test_what_counts_items_is_a_whole_number(figures):
    with pytest.raises(PolicyCannotBeUsed, match="whole number"):
        Policy(**({"longest": 20} | figures))
