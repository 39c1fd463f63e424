"""Evidence pooled into a state that ages."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karmayogi.science import irt, pooling
from karmayogi.science.pooling import Drift, Pooled

STEADY = Drift(0.0, 1.0, 0.0)
FADING = Drift(0.0, 1.0, 0.001)


def normals(
    group: list[int], day: list[float], mean: list[float], sd: list[float], **wanted: object
) -> Pooled:
    rows = pooling.normal_log_likelihoods(np.array(mean, dtype=float), np.array(sd, dtype=float))
    return pooling.pool(np.array(group, dtype=np.int64), np.array(day, dtype=float), rows, **wanted)  # type: ignore[arg-type]


def events(seed: int, count: int, groups: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Events of test answers, whose likelihoods are not normal."""
    rng = np.random.default_rng(seed)
    a, b = rng.lognormal(0, 0.3, 6), rng.normal(size=6)
    answers = rng.integers(-1, 2, size=(count, 6)).astype(np.int8)
    day = rng.permutation(np.arange(count) * 30.0 + 1.0)
    return rng.integers(0, groups, count), day, irt.log_likelihoods(answers, a, b)


def test_a_group_without_evidence_is_its_cohort_with_no_information() -> None:
    cohorts = Drift(np.array([0.0, 0.5]), np.array([1.0, 0.8]), 0.01)
    pooled = normals([], [], [], [], groups=2, as_of=500.0, drift=cohorts)
    assert pooled.means == pytest.approx([0.0, 0.5])
    assert pooled.sds == pytest.approx([1.0, 0.8])
    assert pooled.information.tolist() == [0.0, 0.0]


def test_normal_messages_pool_to_the_exact_precision_weighted_mean() -> None:
    mean, sd = np.array([1.0, -0.5, 2.0]), np.array([0.8, 1.5, 0.4])
    pooled = normals([0, 0, 0], [1, 2, 3], list(mean), list(sd), groups=1, as_of=9.0, drift=STEADY)
    precision = 1.0 + np.sum(sd**-2.0)
    assert pooled.means == pytest.approx([np.sum(mean * sd**-2.0) / precision], abs=1e-7)
    assert pooled.sds == pytest.approx([precision**-0.5], abs=1e-7)
    assert pooled.information == pytest.approx([precision - 1.0], abs=1e-5)


@pytest.mark.parametrize("sd", [0.2, 0.1, 0.05, 0.02, 0.01])
def test_evidence_finer_than_the_grid_is_still_pooled_exactly(sd: float) -> None:
    pooled = normals([0, 0], [1, 2], [1.234, 1.25], [sd, sd], groups=1, as_of=2.0, drift=STEADY)
    precision = 1.0 + 2.0 / sd**2
    assert pooled.means == pytest.approx([(1.234 + 1.25) / sd**2 / precision], abs=2e-6)
    assert pooled.sds == pytest.approx([precision**-0.5], rel=1e-4)


def test_many_groups_at_once_are_each_group_alone() -> None:
    group, day, rows = events(1, 60, 7)
    wanted = {"as_of": 1500.0}
    together = pooling.pool(group, day, rows, groups=7, drift=FADING, **wanted)
    for one in range(7):
        mine = group == one
        alone = pooling.pool(
            np.zeros(mine.sum(), dtype=np.int64), day[mine], rows[mine], groups=1, drift=FADING, **wanted
        )
        assert together.means[one] == pytest.approx(alone.means[0], abs=1e-12)
        assert together.sds[one] == pytest.approx(alone.sds[0], abs=1e-12)
        assert together.information[one] == pytest.approx(alone.information[0], abs=1e-12)


def test_drift_may_differ_from_group_to_group() -> None:
    rates = Drift(np.zeros(2), np.ones(2), np.array([0.0, 1.0]))
    pooled = normals([0, 1], [0, 0], [2.0, 2.0], [1.0, 1.0], groups=2, as_of=100.0, drift=rates)
    assert pooled.means == pytest.approx([1.0, 0.0], abs=1e-6)
    assert pooled.sds == pytest.approx([0.5**0.5, 1.0], abs=1e-6)


def test_evidence_after_the_day_asked_for_changes_nothing() -> None:
    before = normals([0], [10], [1.0], [1.0], groups=1, as_of=20.0, drift=FADING)
    with_later = normals([0, 0], [10, 21], [1.0, 3.0], [1.0, 0.1], groups=1, as_of=20.0, drift=FADING)
    assert before.means.tobytes() == with_later.means.tobytes()
    assert before.information.tobytes() == with_later.information.tobytes()


def test_a_first_event_far_in_the_past_does_not_overflow() -> None:
    pooled = normals([0], [0], [1.0], [1.0], groups=1, as_of=1e6, drift=Drift(0.0, 1.0, 1.0))
    assert pooled.means == pytest.approx([0.0])
    assert pooled.sds == pytest.approx([1.0])


def test_expired_evidence_gives_no_information_and_moves_no_estimate() -> None:
    arguments = ([0, 0], [10.0, 10.0], [1.0, 1.0], [1.0, 1.0])
    fresh = normals(*arguments, groups=1, as_of=20.0, drift=STEADY)
    half = normals(*arguments, groups=1, as_of=20.0, drift=STEADY, expires=np.array([20.0, np.nan]))
    assert half.means.tobytes() == fresh.means.tobytes()
    assert fresh.information == pytest.approx([2.0], abs=1e-5)
    assert half.information == pytest.approx([1.0], abs=1e-5)


def test_an_event_that_says_nothing_leaves_the_state_as_it_was() -> None:
    pooled = pooling.stored(
        pooling.pool(np.array([0]), np.array([1.0]), np.zeros((1, 121)), groups=1, as_of=5.0, drift=STEADY)
    )
    assert (pooled.means.tolist(), pooled.sds.tolist(), pooled.information.tolist()) == ([0.0], [1.0], [0.0])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12))
def test_more_evidence_never_widens_a_state(seed: int, count: int) -> None:
    group, day, rows = events(seed, count + 1, 1)
    less = pooling.pool(group[:-1], day[:-1], rows[:-1], groups=1, as_of=400.0, drift=FADING)
    assert less.sds[0] <= 1.0 + 1e-9  # drift leads back to the cohort and no further
    last = float(day.max())
    until = day < last
    before = pooling.pool(group[until], day[until], rows[until], groups=1, as_of=last, drift=FADING)
    after = pooling.pool(group, day, rows, groups=1, as_of=last, drift=FADING)
    assert after.sds[0] <= before.sds[0] + 1e-9
    assert after.information[0] >= before.information[0]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.randoms(use_true_random=False))
def test_the_order_in_which_rows_are_handed_in_changes_no_byte(seed: int, shuffler: object) -> None:
    group, day, rows = events(seed, 15, 4)
    order = np.arange(15)
    shuffler.shuffle(order)  # type: ignore[attr-defined]
    one = pooling.pool(group, day, rows, groups=4, as_of=999.0, drift=FADING)
    two = pooling.pool(group[order], day[order], rows[order], groups=4, as_of=999.0, drift=FADING)
    for name in ("means", "sds", "information"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-1, 1), st.floats(0.3, 2)), min_size=1, max_size=6),
    st.floats(-1.5, 1.5),
)
def test_moving_cohort_and_evidence_moves_the_estimate_alike(
    messages: list[tuple[float, float]], shift: float
) -> None:
    days, groups = [float(day) for day in range(len(messages))], [0] * len(messages)
    mean, sd = [m for m, _ in messages], [s for _, s in messages]
    here = normals(groups, days, mean, sd, groups=1, as_of=60.0, drift=Drift(0.0, 0.7, 0.01))
    there = normals(
        groups, days, [m + shift for m in mean], sd, groups=1, as_of=60.0, drift=Drift(shift, 0.7, 0.01)
    )
    assert there.means == pytest.approx(here.means + shift, abs=1e-6)
    assert there.sds == pytest.approx(here.sds, abs=1e-6)


def test_stored_states_have_six_decimals_and_no_minus_zero() -> None:
    kept = pooling.stored(Pooled(np.array([-1e-9]), np.array([0.12345649]), np.array([2.0])))
    assert str(kept.means[0]) == "0.0"
    assert kept.sds[0] == 0.123456


def test_ten_ratings_by_one_rater_weigh_less_than_two_raters_once_each() -> None:
    def sds_of(raters: list[int]) -> list[float]:
        count = len(raters)
        said = pooling.rating_log_likelihoods(
            np.zeros(count, dtype=np.int64),
            np.array(raters),
            np.ones(count),
            np.zeros(count),
            day=np.ones(count),
            as_of=1.0,
            noise_sd=0.5,
            halo_sd=1.0,
            merge_days=30.0,
        )
        pooled = pooling.pool(said.group, said.day, said.log_likelihood, groups=1, as_of=1.0, drift=STEADY)
        return pooled.sds.tolist()

    assert sds_of([1, 2]) < sds_of([1] * 10)


def test_a_rating_given_later_does_not_hide_the_earlier_one_of_the_same_rater() -> None:
    said = pooling.rating_log_likelihoods(
        np.array([3, 3, 1]),
        np.array([5, 5, 5]),
        np.array([1.0, 9.0, 2.0]),
        np.zeros(3),
        day=np.array([10.0, 30.0, 11.0]),
        as_of=20.0,
        noise_sd=1.0,
        halo_sd=1.0,
        merge_days=30.0,
        expires=np.array([100.0, 200.0, np.nan]),
    )
    assert said.group.tolist() == [1, 3]
    assert said.mean.tolist() == [2.0, 1.0]
    assert said.day.tolist() == [11.0, 10.0]
    assert said.expires[1] == 100.0
    assert np.isnan(said.expires[0])
    assert said.log_likelihood.shape == (2, 121)


def test_no_ratings_at_all_give_no_messages() -> None:
    none, nothing = np.array([], dtype=np.int64), np.array([])
    said = pooling.rating_log_likelihoods(
        none, none, nothing, nothing, day=nothing, as_of=1.0, noise_sd=1.0, halo_sd=1.0, merge_days=30.0
    )
    assert said.log_likelihood.shape == (0, 121)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 400)), max_size=30),
    st.integers(0, 60),
    st.integers(0, 500),
)
def test_what_is_merged_was_said_within_the_window_and_everything_unexpired_is_merged_once(
    given_ratings: list[tuple[int, int, int]], window: int, as_of: int
) -> None:
    group, rater, day = (
        (np.array(column, dtype=np.int64) for column in zip(*given_ratings, strict=True))
        if (given_ratings)
        else (np.array([], dtype=np.int64),) * 3
    )
    said = pooling.rating_log_likelihoods(
        group, rater, day.astype(float), np.zeros(len(day)), day=day.astype(float), as_of=float(as_of),
        noise_sd=1.0, halo_sd=1.0, merge_days=float(window), expires=day + 100.0,
    )  # fmt: skip
    live = (day <= as_of) & (day + 100 > as_of)
    assert said.ratings.sum() == live.sum()
    # the values are the days: a mean further than the window from the last day would have merged too much
    assert (said.day - said.mean <= window).all()
    assert (said.day - said.mean >= 0).all()
    for who in set(zip(said.group.tolist(), said.rater.tolist(), strict=True)):
        own = np.flatnonzero((said.group == who[0]) & (said.rater == who[1]))
        assert (np.diff(said.day[own]) > 0).all()
    assert (said.expires > as_of).all()


def test_a_page_that_pools_compiles_nothing() -> None:
    code = (
        "import sys, numpy as np; from karmayogi.science.pooling import *; from karmayogi.science import pooling;"
        "pooling.attribute(np.array([0]), np.array([1.0]), np.zeros((1, 121)), groups=1, as_of=2.0,"
        " drift=pooling.Drift(0.0, 1.0, 0.0)); print('numba' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
