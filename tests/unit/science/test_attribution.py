"""What moved an estimate: parts that add up, whatever the evidence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karmayogi.science import irt, pooling
from karmayogi.science.pooling import Drift

GROUPS, AS_OF = 4, 900.0


def evidence(seed: int, count: int) -> dict[str, np.ndarray]:
    """Answers to tests, whose likelihoods are not normal, some later than the day asked for, some expired by then."""
    rng = np.random.default_rng(seed)
    answers = rng.integers(-1, 2, size=(count, 6)).astype(np.int8)
    day = rng.integers(0, 1000, count).astype(float)
    return {
        "group": rng.integers(0, GROUPS, count),
        "day": day,
        "log_likelihood": irt.log_likelihoods(answers, rng.lognormal(0.3, 0.3, 6), rng.normal(size=6)),
        "expires": np.where(rng.random(count) < 0.3, np.nan, day + 400.0),
    }


def drift(seed: int) -> Drift:
    rng = np.random.default_rng(seed)
    return Drift(rng.normal(size=GROUPS), rng.uniform(0.5, 1.5, GROUPS), rng.uniform(0, 0.003, GROUPS))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 25))
def test_parts_add_up_to_the_estimate_its_sd_and_its_information(seed: int, count: int) -> None:
    rows, fading = evidence(seed, count), drift(seed)
    state = pooling.pool(**rows, groups=GROUPS, as_of=AS_OF, drift=fading)
    parts = pooling.attribute(**rows, groups=GROUPS, as_of=AS_OF, drift=fading)

    def total(part: np.ndarray) -> np.ndarray:
        return np.bincount(rows["group"], weights=part, minlength=GROUPS)

    assert fading.mean + total(parts.shift) == pytest.approx(state.means, abs=1e-12)
    assert np.square(fading.sd) - total(parts.variance) == pytest.approx(np.square(state.sds), abs=1e-12)
    assert total(parts.information) == pytest.approx(state.information, abs=1e-12)
    later = rows["day"] > AS_OF
    for part in (parts.shift, parts.weight, parts.variance, parts.information):
        assert not part[later].any()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 8))
def test_normal_messages_of_one_day_have_parts_that_no_order_changes(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    mean, sd, order = rng.normal(size=count), rng.uniform(0.5, 2.0, count), rng.permutation(count)
    wanted = {"groups": 1, "as_of": 200.0, "drift": Drift(0.3, 1.1, 0.001)}
    nobody, day = np.zeros(count, dtype=np.int64), np.full(count, 100.0)
    one = pooling.attribute_normals(nobody, day, mean, sd, **wanted)
    two = pooling.attribute_normals(nobody, day, mean[order], sd[order], **wanted)
    assert two.shift == pytest.approx(one.shift[order], abs=1e-12)
    assert two.variance == pytest.approx(one.variance[order], abs=1e-12)


def test_without_drift_a_part_is_the_share_of_precision_times_the_distance() -> None:
    mean, sd = np.array([1.0, -0.5, 2.0]), np.array([0.8, 1.5, 0.4])
    parts = pooling.attribute_normals(
        np.zeros(3, int), np.arange(3.0), mean, sd, groups=1, as_of=9.0, drift=Drift(0.2, 1, 0)
    )
    share = sd**-2.0 / (1.0 + np.sum(sd**-2.0))
    assert parts.weight == pytest.approx(share)
    assert parts.shift == pytest.approx(share * (mean - 0.2))
    assert parts.variance == pytest.approx(share)  # of a cohort's variance of 1


def test_parts_fade_as_the_estimate_does() -> None:
    row = {"group": np.array([0]), "day": np.array([0.0]), "mean": np.array([2.0]), "sd": np.array([1.0])}
    half_life = Drift.of_half_life(0.0, 1.0, days=100.0)
    fresh, old = (
        pooling.attribute_normals(**row, groups=1, as_of=day, drift=half_life) for day in (0.0, 100.0)
    )
    assert fresh.shift == pytest.approx([1.0])
    assert old.shift == pytest.approx([0.5])
    assert (fresh.variance / old.variance) == pytest.approx([4.0])


def test_a_part_that_ignored_what_came_after_would_not_add_up() -> None:
    rows = evidence(1, 12)
    steady = Drift(0.0, 1.0, 0.0)
    state = pooling.pool(**rows, groups=GROUPS, as_of=AS_OF, drift=steady)
    alone = np.zeros(GROUPS)
    for row in np.flatnonzero(rows["day"] <= AS_OF):
        mine = {name: column[row : row + 1] for name, column in rows.items()}
        alone[rows["group"][row]] += pooling.attribute(
            **mine, groups=GROUPS, as_of=AS_OF, drift=steady
        ).shift[0]
    assert np.abs(alone - state.means).max() > 0.05


def test_ratings_merged_into_one_message_share_its_part_and_keep_the_sum() -> None:
    value = np.array([1.0, 3.0, -2.0, 9.0])
    said = pooling.rating_log_likelihoods(
        np.zeros(4, dtype=np.int64), np.array([0, 0, 1, 0]), value, np.zeros(4), day=np.array([1.0, 2.0, 3.0, 50.0]),
        as_of=10.0, noise_sd=1.0, halo_sd=0.5, merge_days=30.0,
    )  # fmt: skip
    assert said.message.tolist() == [0, 0, 1, -1]
    wanted = {"groups": 1, "as_of": 10.0, "drift": Drift(0.0, 1.0, 0.001)}
    messages = pooling.attribute(said.group, said.day, said.log_likelihood, **wanted)
    parts = pooling.shared_out(messages, said.message, value)
    assert parts.shift.sum() == pytest.approx(messages.shift.sum())
    assert parts.variance.sum() == pytest.approx(messages.variance.sum())
    assert parts.shift[3] == 0.0
    assert parts.shift[1] / parts.shift[0] == pytest.approx(3.0, abs=1e-6)  # as 3 is to 1, with a cohort at 0


def test_parts_handed_on_to_ratings_that_do_not_fit_are_refused() -> None:
    none = pooling.Attribution(*np.zeros((4, 1)))
    with pytest.raises(pooling.EvidenceMalformed):
        pooling.shared_out(none, np.array([0, 1]), np.zeros(2))
    with pytest.raises(pooling.EvidenceMalformed):
        pooling.shared_out(none, np.array([0]), np.zeros(2))
