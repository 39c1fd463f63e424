"""Simulated careers and rounds are what they say they are."""

import numpy as np
import pytest

from karmayogi.science.pooling import Drift
from karmayogi.science.simulation import careers
from karmayogi.science.simulation import raters as rounds


def test_abilities_stay_in_their_cohort_and_are_alike_as_far_as_the_drift_says() -> None:
    days = np.tile([100.0, 0.0, 400.0], (20_000, 1))
    found = careers.walked(np.random.default_rng(1), days, Drift.of_half_life(0.5, 1.2, days=100.0))
    assert found.mean(axis=0) == pytest.approx([0.5, 0.5, 0.5], abs=0.04)
    assert found.std(axis=0) == pytest.approx([1.2, 1.2, 1.2], abs=0.03)
    alike = np.corrcoef(found.T)
    assert alike[0, 1] == pytest.approx(0.5, abs=0.02)  # a half-life apart
    assert alike[0, 2] == pytest.approx(0.125, abs=0.02)  # three


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    lived = careers.simulate(np.random.default_rng(3), people=1_000)
    state = lived.pooled()
    assert np.mean(np.abs(state.means - lived.ability) < 1.96 * state.sds) == pytest.approx(0.95, abs=0.025)


def test_the_same_seed_gives_the_same_career() -> None:
    one, two = (careers.simulate(np.random.default_rng(4), people=20) for _ in range(2))
    assert one.ability.tobytes() == two.ability.tobytes()
    assert one.ratings.value.tobytes() == two.ratings.value.tobytes()
    assert one.tests.answers.tobytes() == two.tests.answers.tobytes()


def test_everybody_is_rated_by_so_many_others_and_nobody_twice() -> None:
    ratee, rater = rounds.assigned(np.random.default_rng(5), ratees=200, raters=30, raters_per_ratee=5)
    assert np.bincount(ratee).tolist() == [5] * 200
    assert len(set(zip(ratee.tolist(), rater.tolist(), strict=True))) == 1_000
    assert np.bincount(rater).min() > 20


def test_a_round_asks_for_no_more_raters_than_there_are() -> None:
    with pytest.raises(ValueError, match="fewer raters"):
        rounds.simulate(np.random.default_rng(0), ratees=5, raters=2, raters_per_ratee=3)
