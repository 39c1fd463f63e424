"""Drift and habits of raters: found where planted, and false as often as stated."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from karmayogi.science import raters
from karmayogi.science.simulation.raters import Round, simulate


@pytest.fixture(scope="module")
def world() -> tuple[Round, raters.Calibration, np.ndarray]:
    made = simulate(np.random.default_rng(21), ratees=300, raters=60, raters_per_ratee=5, criteria=4)
    days = np.random.default_rng(22).uniform(0.0, 365.0, 300 * 60)
    pair = made.ratings.ratee * 60 + made.ratings.rater
    return made, raters.calibrate(made.ratings), days[pair]


def given_anew(made: Round, rater: int, level: np.ndarray) -> raters.Ratings:
    """The round with the categories of one rater drawn anew from logits [E, K - 1]."""
    rng = np.random.default_rng(5)
    anew = (rng.random(len(level))[:, None] < expit(level)).sum(axis=1)
    mine = made.ratings.rater == rater
    return replace(made.ratings, category=np.where(mine, anew, made.ratings.category))


def test_steady_raters_are_signalled_as_rarely_as_stated(world) -> None:  # type: ignore[no-untyped-def]
    made, fit, day = world
    found = raters.drift(made.ratings, fit, day=day, edges=[120.0, 240.0])
    assert np.mean(found.p_value < 0.05) <= 0.11  # 60 raters: 0.05 and 2.1 errors
    assert np.mean(found.cusum_p_value < 0.05) <= 0.11
    assert found.severity.shape == (60, 3)
    assert np.nanmax(found.freedom) == 2


def test_a_rater_who_turns_severe_is_found_with_size_and_day(world) -> None:  # type: ignore[no-untyped-def]
    made, _, day = world
    harder = np.where(day > 180.0, 2.0, 0.0)
    level = (made.ability[made.ratings.ratee] - made.severity[7] - harder)[:, None] - made.thresholds[
        made.ratings.criterion
    ]
    ratings = given_anew(made, 7, level)
    again = raters.calibrate(ratings)
    found = raters.drift(ratings, again, day=day, edges=[180.0])
    assert found.p_value[7] < 0.001
    assert found.severity[7, 1] - found.severity[7, 0] == pytest.approx(2.0, abs=1.2)
    assert found.cusum_p_value[7] < 0.01
    assert found.turned[7] == pytest.approx(180.0, abs=60.0)


def test_habits_are_false_as_often_as_stated(world) -> None:  # type: ignore[no-untyped-def]
    made, fit, _ = world
    usual = raters.habits(made.ratings, fit, np.random.default_rng(1), false_positive_rate=0.05, rounds=60)
    assert np.all(usual.signal[:, 1:].mean(axis=0) <= 0.11)


def test_habits_are_found_where_planted() -> None:
    made = simulate(np.random.default_rng(21), ratees=300, raters=30, raters_per_ratee=5, criteria=4)
    ability, thresholds = made.ability[made.ratings.ratee][:, None], made.thresholds[made.ratings.criterion]
    middling = given_anew(made, 3, ability - made.severity[3] - 2.5 * thresholds)
    flat = given_anew(middling_round(made, middling), 4, 0.1 * ability - made.severity[4] - thresholds)
    found = raters.habits(flat, raters.calibrate(flat), np.random.default_rng(1), rounds=60)
    assert found.signal[3, 1]
    assert found.signal[4, 2]
    assert found.central[3] > 3.0
    assert found.restricted[4] > 2.5


def middling_round(made: Round, ratings: raters.Ratings) -> Round:
    return replace(made, ratings=ratings)


def test_a_very_lenient_rater_is_a_signal_and_a_somewhat_lenient_one_is_not(world) -> None:  # type: ignore[no-untyped-def]
    made, fit, _ = world
    found = raters.habits(made.ratings, fit, np.random.default_rng(1), rounds=20)
    within = np.abs(fit.severity) < 1.0
    assert not found.signal[within, 0].any()
    lenient = replace(fit, severity=np.where(np.arange(60) == 9, -2.5, fit.severity))
    assert raters.habits(made.ratings, lenient, np.random.default_rng(1), rounds=20).signal[9, 0]


def test_the_same_seed_gives_the_same_signals(world) -> None:  # type: ignore[no-untyped-def]
    made, fit, _ = world
    one, two = (raters.habits(made.ratings, fit, np.random.default_rng(4), rounds=20) for _ in range(2))
    assert one.central.tobytes() == two.central.tobytes()
    assert one.restricted.tobytes() == two.restricted.tobytes()


def test_days_and_edges_that_make_no_sense_are_refused(world) -> None:  # type: ignore[no-untyped-def]
    made, fit, day = world
    with pytest.raises(raters.RatingsMalformed, match="day"):
        raters.drift(made.ratings, fit, day=day[:-1])
    with pytest.raises(raters.RatingsMalformed, match="rise"):
        raters.drift(made.ratings, fit, day=day, edges=[2.0, 1.0])
    with pytest.raises(raters.RatingsMalformed, match="rate"):
        raters.habits(made.ratings, fit, np.random.default_rng(0), false_positive_rate=0.0)
