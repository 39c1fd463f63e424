"""States and messages near and beyond the ends of the grid of likelihoods."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from karmayogi.science import irt, pooling
from karmayogi.science.pooling import Drift

PARTS = ("means", "sds", "information")


def flat(cohorts: int) -> dict[str, np.ndarray]:
    return {
        "group": np.arange(cohorts), "day": np.ones(cohorts), "log_likelihood": np.zeros((cohorts, len(irt.GRID))),
    }  # fmt: skip


def test_five_messages_at_the_end_of_the_grid_pool_exactly() -> None:
    rows = pooling.normal_log_likelihoods(np.full(5, 6.0), np.full(5, 0.8))
    state = pooling.pool(
        np.zeros(5, dtype=np.int64), np.arange(5.0), rows, groups=1, as_of=5.0, drift=Drift(0.0, 1.5, 0.0)
    )
    precision = 1.5**-2 + 5 * 0.8**-2
    assert state.means == pytest.approx([5 * 6.0 * 0.8**-2 / precision], abs=1e-7)
    assert state.sds == pytest.approx([precision**-0.5], abs=1e-7)
    assert state.information == pytest.approx([5 * 0.8**-2], abs=1e-5)


def test_a_row_that_says_nothing_brings_nothing_wherever_the_cohort_lies() -> None:
    mean, sd = (grid.ravel() for grid in np.meshgrid(np.linspace(-12, 12, 25), [0.05, 0.3, 1.0, 1.1, 3.0]))
    drift = Drift(mean, sd, 0.0)
    state = pooling.pool(**flat(len(mean)), groups=len(mean), as_of=2.0, drift=drift)
    parts = pooling.attribute(**flat(len(mean)), groups=len(mean), as_of=2.0, drift=drift)
    assert state.means == pytest.approx(mean, abs=5e-7)
    assert state.sds == pytest.approx(sd, rel=5e-7)
    assert state.information * sd**2 == pytest.approx(np.zeros(len(mean)), abs=1e-6)
    assert parts.shift == pytest.approx(np.zeros(len(mean)), abs=5e-7)
    reaches_over = np.abs(mean) + 6.0 * sd > 6.5
    assert (state.information * sd**2)[reaches_over].max() < 1e-11


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_normal_messages_anywhere_give_what_they_give_without_a_grid(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    day = rng.integers(0, 60, count) * 20.0
    rows = {"group": rng.integers(0, 5, count), "day": day, "expires": day + 600.0}
    mean, sd = rng.uniform(-10, 10, count), rng.uniform(0.05, 3.0, count)
    drift = Drift(rng.uniform(-10, 10, 5), rng.uniform(0.3, 3.0, 5), rng.uniform(0, 0.01, 5))
    wanted = {"groups": 5, "as_of": 1000.0, "drift": drift}
    said = pooling.normal_log_likelihoods(mean, sd)
    exact = pooling.pool_normals(**rows, mean=mean, sd=sd, **wanted)
    state = pooling.pool(**rows, log_likelihood=said, **wanted)
    assert state.means == pytest.approx(exact.means, abs=2e-6)
    assert state.sds == pytest.approx(exact.sds, rel=2e-6)
    assert state.information == pytest.approx(exact.information, rel=2e-5, abs=1e-5)
    parts = pooling.attribute(**rows, log_likelihood=said, **wanted)
    total = np.bincount(rows["group"], weights=parts.shift, minlength=5)
    assert np.asarray(drift.mean) + total == pytest.approx(state.means, abs=1e-11)
    whole = np.bincount(rows["group"], weights=parts.variance, minlength=5)
    assert np.square(drift.sd) - whole == pytest.approx(np.square(state.sds), abs=1e-11)


@pytest.mark.parametrize(("mean", "sd"), [(0.0, 1.5), (0.0, 3.0), (4.0, 1.0), (5.5, 1.0), (-7.0, 1.0)])
def test_a_test_taken_far_out_gives_what_an_integral_without_a_grid_gives(mean: float, sd: float) -> None:
    a, b = np.array([0.8, 1.0, 1.3, 1.7, 1.1]), np.array([-1.5, -0.5, 0.0, 1.0, 2.5])
    right = np.full((1, 5), 1 if mean >= 0 else 0, dtype=np.int8)

    def density(theta: float, power: int = 0, centre: float = 0.0) -> float:
        logit = a * (theta - b) * (1 if mean >= 0 else -1)
        likelihood = np.exp(-np.logaddexp(0.0, -logit).sum())
        return float((theta - centre) ** power * np.exp(-(((theta - mean) / sd) ** 2) / 2) * likelihood)

    ends = {"limit": 200, "epsabs": 0.0, "epsrel": 1e-10, "points": [mean]}
    whole = quad(density, mean - 9 * sd, mean + 9 * sd, **ends)[0]
    middle = quad(density, mean - 9 * sd, mean + 9 * sd, args=(1,), **ends)[0] / whole
    spread = (quad(density, mean - 9 * sd, mean + 9 * sd, args=(2, middle), **ends)[0] / whole) ** 0.5
    state = pooling.pool(
        np.array([0]), np.array([1.0]), irt.log_likelihoods(right, a, b), groups=1, as_of=1.0,
        drift=Drift(mean, sd, 0.0),
    )  # fmt: skip
    assert state.means == pytest.approx([middle], abs=0.02 * sd)
    assert state.sds == pytest.approx([spread], rel=0.02)
    assert 0.0 <= state.information[0] <= 1.05 * spread**-2 - sd**-2


def test_what_lies_inside_does_not_depend_on_what_lies_far_out() -> None:
    rng = np.random.default_rng(3)
    mean, sd = rng.normal(size=40), rng.uniform(0.05, 1.5, 40)
    group, day = np.arange(40) % 8, np.arange(40.0)
    rows = pooling.normal_log_likelihoods(mean, sd)
    inside = pooling.pool(group, day, rows, groups=8, as_of=50.0, drift=Drift(np.zeros(8), 1.0, 0.001))
    centres = np.append(np.zeros(8), [9.0, -5.0])
    more = np.concatenate([rows, pooling.normal_log_likelihoods(np.array([4.0, -8.0]), np.ones(2))])
    mixed = pooling.pool(
        np.append(group, [8, 9]), np.append(day, [1.0, 2.0]), more, groups=10, as_of=50.0,
        drift=Drift(centres, 1.0, 0.001),
    )  # fmt: skip
    for name in PARTS:
        assert getattr(mixed, name)[:8].tobytes() == getattr(inside, name).tobytes()


@pytest.mark.parametrize("possible", [slice(100, None), slice(120, None), slice(60, 61), slice(0, 2)])
def test_rows_that_call_abilities_impossible_leave_a_state_where_they_are_possible(possible: slice) -> None:
    row = np.full((1, len(irt.GRID)), -np.inf)
    row[0, possible] = 0.0
    state = pooling.pool(np.array([0]), np.array([1.0]), row, groups=1, as_of=1.0, drift=Drift(0.0, 1.0, 0.0))
    assert np.isfinite([state.means[0], state.sds[0], state.information[0]]).all()
    assert irt.GRID[possible][0] - 0.1 <= state.means[0] or possible.start == 0
