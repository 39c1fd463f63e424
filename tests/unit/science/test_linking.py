"""Linking: exact lines come back exactly, noise evenly, drifted anchors are named."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karmayogi.science import irt, linking
from karmayogi.science.irt import Items
from karmayogi.science.linking import AnchorsCannotBeLinked
from karmayogi.science.simulation import examinees

METHODS: tuple[linking.Method, ...] = ("mean_mean", "mean_sigma", "haebara", "stocking_lord")


def anchors(
    count: int = 20, slope: float = 1.2, intercept: float = -0.5, seed: int = 1, noise: float = 0.0
) -> tuple[Items, Items]:
    """The same items on a new and on a base scale."""
    random = np.random.default_rng(seed)
    a, b = np.clip(random.lognormal(0.0, 0.3, count), 0.4, 2.5), random.normal(0.0, 1.0, count)
    b_new = (b - intercept) / slope + noise * random.standard_normal(count)
    a_new = a * slope * np.exp(noise * random.standard_normal(count))
    return Items.logistic(a_new, b_new), Items.logistic(a, b)


@pytest.mark.parametrize("method", METHODS)
@given(slope=st.floats(0.4, 2.5), intercept=st.floats(-2, 2), seed=st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_a_perfect_line_comes_back_exactly(
    method: linking.Method, slope: float, intercept: float, seed: int
) -> None:
    line = linking.link(*anchors(slope=slope, intercept=intercept, seed=seed), method=method)
    assert line.converged
    assert line.slope == pytest.approx(slope, abs=1e-7)
    assert line.intercept == pytest.approx(intercept, abs=1e-7)
    assert line.displacement == pytest.approx(np.zeros(20), abs=1e-6)


@pytest.mark.parametrize("method", ["haebara", "stocking_lord"])
def test_there_and_back_is_where_one_was_when_both_sides_count(method: linking.Method) -> None:
    there = anchors(noise=0.15)
    flat = {
        "grid": np.linspace(-60.0, 60.0, 2401),
        "weights": np.full(2401, 0.05),
    }  # so wide that moving it is nothing
    line = linking.link(*there, method=method, symmetric=True, **flat)
    again = linking.link(*reversed(there), method=method, symmetric=True, **flat)
    assert line.slope * again.slope == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("method", ["haebara", "stocking_lord"])
def test_no_line_near_by_leaves_less_over(method: linking.Method) -> None:
    new, base = anchors(noise=0.2)
    line = linking.link(new, base, method=method)

    def loss(slope: float, intercept: float) -> float:
        moved = irt.chance((irt.GRID - intercept) / slope, new.a, new.difficulty)
        off = irt.chance(irt.GRID, base.a, base.difficulty) - moved
        off = off.sum(axis=1, keepdims=True) if method == "stocking_lord" else off
        return float((irt.WEIGHTS[:, None] * np.square(off)).sum())

    best = loss(line.slope, line.intercept)
    assert best == pytest.approx(line.loss, rel=1e-9)
    for step in (1e-3, -1e-3):
        assert loss(line.slope + step, line.intercept) > best
        assert loss(line.slope, line.intercept + step) > best


def test_guessing_stays_where_it_was() -> None:
    guessed = [Items.logistic(plain.a, plain.difficulty, lower=0.2) for plain in anchors()]
    line = linking.link(*guessed)
    assert (line.slope, line.intercept) == pytest.approx((1.2, -0.5), abs=1e-7)


def test_items_with_steps_are_linked_by_their_expected_scores() -> None:
    random = np.random.default_rng(3)
    a, steps = random.uniform(0.7, 1.8, 12), np.sort(random.normal(0.0, 1.0, (12, 3)), axis=1)

    def graded(slopes: np.ndarray, cuts: np.ndarray) -> linking.Curves:
        items = irt.Items.graded(slopes, cuts)
        return lambda theta: irt.expected_scores(theta, items)

    new, base = graded(a * 1.3, (steps - 0.4) / 1.3), graded(a, steps)
    for summed in (True, False):
        slope, intercept, loss, converged = linking.link_curves(new, base, summed=summed)
        assert converged
        assert (slope, intercept, loss) == pytest.approx((1.3, 0.4, 0.0), abs=1e-7)


def test_anchors_that_drifted_are_set_aside_and_named() -> None:
    new, base = anchors(count=24, noise=0.03)
    b_new = new.difficulty.copy()
    b_new[[2, 7, 11]] -= 0.8  # easier than they were
    drifted = Items.logistic(new.a, b_new), base
    naive, steady = linking.link(*drifted), linking.steady_link(*drifted)
    assert np.flatnonzero(~steady.kept).tolist() == [2, 7, 11]
    assert steady.converged
    assert steady.intercept == pytest.approx(-0.5, abs=0.05)
    assert abs(naive.intercept + 0.5) > 0.08
    assert (steady.displacement[[2, 7, 11]] > 0.7).all()


def test_without_drift_every_anchor_stays() -> None:
    assert linking.steady_link(*anchors(noise=0.02)).kept.sum() >= 18
    assert linking.steady_link(*anchors()).kept.all()


def test_errors_of_the_line_repeat_with_their_seed_and_fit_what_happens() -> None:
    spread = np.tile(np.diag([0.08**2, 0.1**2]), (20, 1, 1))
    one = linking.linking_errors(*anchors(), seed=7, covariance_new=spread, covariance_base=spread, draws=100)
    same = linking.linking_errors(
        *anchors(), seed=7, covariance_new=spread, covariance_base=spread, draws=100
    )
    assert one.tobytes() == same.tobytes()
    random = np.random.default_rng(8)
    true = anchors()
    lines = []
    for _ in range(100):
        noise = random.standard_normal((4, 20))
        drawn = [
            Items.logistic(one.a + 0.08 * off, one.difficulty + 0.1 * away)
            for one, off, away in zip(true, noise[::2], noise[1::2], strict=True)
        ]
        line = linking.link(*drawn)
        lines.append((line.slope, line.intercept))
    assert np.sqrt(np.diag(one)) == pytest.approx(np.std(lines, axis=0), rel=0.35)
    resampled = linking.linking_errors(*anchors(noise=0.1), seed=7, draws=20)
    assert (np.diag(resampled) > 0.0).all()


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        (([1.0], [0.0], [1.0], [0.0]), "One anchor"),
        (([1.0, 1.0, 1.0], [0.0, 0.5, 1.0], [1.0, 1.0], [0.0, 1.0]), "the same items"),
        (([1.0, -1.0], [0.0, 1.0], [1.0, 1.0], [0.0, 1.0]), "above 0"),
    ],
)
def test_anchors_that_fix_no_line_are_refused(columns: tuple[list[float], ...], says: str) -> None:
    a_new, b_new, a_base, b_base = columns
    with pytest.raises(AnchorsCannotBeLinked, match=says):
        linking.link(Items.logistic(a_new, b_new), Items.logistic(a_base, b_base))


def test_items_of_several_steps_or_with_slips_have_no_line_of_this_kind() -> None:
    for other in (
        Items.graded([1.0, 1.0], [[0.0, 1.0], [0.0, 2.0]]),
        Items.logistic([1.0, 1.0], [0.0, 1.0], upper=0.9),
    ):
        with pytest.raises(AnchorsCannotBeLinked, match="right-or-wrong"):
            linking.link(other, other)


def test_anchors_of_one_difficulty_have_no_spread_to_compare() -> None:
    flat = Items.logistic(np.ones(3), np.zeros(3)), Items.logistic(np.ones(3), np.ones(3))
    with pytest.raises(AnchorsCannotBeLinked, match="another method"):
        linking.link(*flat, method="mean_sigma")
    assert linking.link(*flat, method="mean_mean").intercept == 1.0


def test_curves_of_other_items_are_refused() -> None:
    one, other = (linking.logistic_curves(Items.logistic(np.ones(n), np.zeros(n))) for n in (2, 3))
    with pytest.raises(AnchorsCannotBeLinked, match="same columns"):
        linking.link_curves(one, other, summed=True)


def test_covariances_that_are_none_and_grids_without_weights_are_refused() -> None:
    spread = np.tile(np.eye(2), (20, 1, 1))
    for new, base in ((spread, None), (spread, -spread), (spread[:3], spread)):
        with pytest.raises(AnchorsCannotBeLinked, match=r"[Cc]ovariances"):
            linking.linking_errors(*anchors(), seed=1, covariance_new=new, covariance_base=base)
    with pytest.raises(AnchorsCannotBeLinked, match="weight"):
        linking.link(*anchors(), grid=irt.GRID, weights=np.ones(3))
    with pytest.raises(AnchorsCannotBeLinked, match="tucker"):
        linking.link(*anchors(), method="tucker")  # type: ignore[arg-type]


def test_slopes_are_drawn_above_0_without_heaping_at_a_bound() -> None:
    items = Items.logistic(np.full(20_000, 0.5), np.zeros(20_000))
    unsure = np.broadcast_to(np.diag([0.09, 0.04]), (20_000, 2, 2))
    drawn = linking._drawn(items, unsure, np.random.default_rng(3))
    assert len(np.unique(drawn.a)) == 20_000
    assert np.std(np.log(drawn.a)) == pytest.approx(0.6, abs=0.02)
    assert np.std(drawn.difficulty) == pytest.approx(0.2, abs=0.01)


def test_lines_that_were_not_reached_are_left_out_of_their_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    real, count = linking.link, iter(range(1_000))

    def link(new: Items, base: Items, *, method: linking.Method) -> linking.Link:
        found = real(new, base, method=method)
        lost = next(count) % 3 == 0
        return replace(found, slope=1e6, converged=False) if lost else found

    monkeypatch.setattr(linking, "link", link)
    assert linking.linking_errors(*anchors(noise=0.1), seed=7, draws=20)[0, 0] < 1.0
    monkeypatch.setattr(linking, "link", lambda *pair, method: replace(real(*pair), converged=False))
    with pytest.raises(AnchorsCannotBeLinked, match="Only 0 of 20"):
        linking.linking_errors(*anchors(noise=0.1), seed=7, draws=20)


def test_linking_anchors_fixing_them_and_fitting_all_at_once_agree() -> None:
    random = np.random.default_rng(5)
    items = examinees.pool(20, random)
    theta = examinees.abilities(2000, random), examinees.abilities(2000, random, mean=0.6, sd=1.3)
    first, second = (examinees.answers(one, items, random) for one in theta)
    base, new = (irt.fit(codes, errors="none") for codes in (first, second))
    line = linking.link(new.items, base.items)
    fixed = irt.fit(second, anchored=np.arange(20), anchors=base.items, errors="none")
    both = irt.fit(np.concatenate([first, second]), groups=np.repeat([0, 1], 2000), errors="none")
    for mean, sd in (
        (line.intercept, line.slope),
        (fixed.means[0], fixed.sds[0]),
        (both.means[1], both.sds[1]),
    ):
        assert mean == pytest.approx(0.6, abs=0.1)
        assert sd == pytest.approx(1.3, abs=0.1)
    assert (line.intercept, line.slope) == pytest.approx((both.means[1], both.sds[1]), abs=0.04)
