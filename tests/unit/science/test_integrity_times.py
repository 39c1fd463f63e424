"""Signals from response times, and the simulated misconduct they are tried on."""

import numpy as np
import pytest
from scipy.stats import kstest, multivariate_normal

from karmayogi.science import integrity
from karmayogi.science.integrity import AnswersCannotBeChecked, ItemsCannotBeTimed, Pace
from karmayogi.science.simulation import misconduct

ITEMS = 40


def sitting(
    people: int = 10_000, seed: int = 1
) -> tuple[misconduct.Sitting, integrity.Choosing, Pace, np.random.Generator]:
    random = np.random.default_rng(seed)
    choosing, pace = misconduct.bank(ITEMS, random)
    return misconduct.honest(random.normal(0.0, 1.0, people), choosing, pace, random), choosing, pace, random


def test_items_and_the_spread_of_speeds_come_back() -> None:
    clean, _, pace, _ = sitting()
    found = integrity.fit_pace(clean.seconds)
    assert found.converged
    assert np.allclose(found.intensity, pace.intensity, atol=0.03, rtol=1e-7, equal_nan=True)
    assert np.allclose(found.discrimination, pace.discrimination, rtol=0.04, atol=0.0, equal_nan=True)
    assert found.speed_sd == pytest.approx(0.3, abs=0.01)


def test_the_log_likelihood_is_that_of_correlated_normal_times() -> None:
    clean, _, _, _ = sitting(people=300)
    seconds = clean.seconds[:, :6].copy()
    seconds[:40, 2] = np.nan
    found = integrity.fit_pace(seconds)
    total = 0.0
    for row in np.log(seconds):
        there = ~np.isnan(row)
        covariance = np.diag(found.discrimination[there] ** -2) + found.speed_sd**2
        total += multivariate_normal(found.intensity[there], covariance).logpdf(row[there])
    assert found.log_likelihood == pytest.approx(total, abs=1e-6)


def test_no_parameters_near_by_are_likelier() -> None:
    clean, _, _, _ = sitting(people=400)
    found = integrity.fit_pace(clean.seconds[:, :5], tolerance=1e-13)
    logs = np.log(clean.seconds[:, :5])

    def height(intensity: np.ndarray, discrimination: np.ndarray, sd: float) -> float:
        covariance = np.diag(discrimination**-2) + sd**2
        return float(multivariate_normal(intensity, covariance).logpdf(logs).sum())

    best = height(found.intensity, found.discrimination, found.speed_sd)
    for step in (0.005, -0.005):
        assert height(found.intensity + step, found.discrimination, found.speed_sd) < best
        assert height(found.intensity, found.discrimination * (1 + step), found.speed_sd) < best
        assert height(found.intensity, found.discrimination, found.speed_sd * (1 + step)) < best


def test_residuals_of_honest_people_are_standard_normal() -> None:
    clean, _, pace, _ = sitting()
    off = integrity.residuals(clean.seconds, pace)
    assert kstest(off[:, 7], "norm").pvalue > 1e-3
    assert off.std() == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("seed", [1, 2])
def test_honest_people_are_flagged_at_the_rate_stated(seed: int) -> None:
    clean, _, pace, _ = sitting(seed=seed)
    for model in (pace, integrity.fit_pace(clean.seconds)):
        rapid = integrity.rapid_answers(clean.seconds, model)
        assert 0.007 <= rapid.flagged.mean() <= 0.013
        assert 0.0008 <= rapid.rapid.mean() <= 0.0013
        assert 0.007 <= integrity.erratic_pace(clean.seconds, model).flagged.mean() <= 0.013
        assert 0.007 <= integrity.known_by_pace(clean.seconds, model, np.arange(15)).flagged.mean() <= 0.013


def test_rapid_guessers_are_found_even_when_they_guess_throughout() -> None:
    clean, _, _, random = sitting(people=3000)
    who = np.arange(60)
    for share, least in ((0.25, 0.95), (1.0, 0.95)):
        spoilt = misconduct.guessed_rapidly(clean, who, share, random)
        found = integrity.rapid_answers(spoilt.seconds, integrity.fit_pace(spoilt.seconds))
        assert found.flagged[who].mean() > least
        assert found.effort[who].mean() < 1.0 - 0.8 * share
        assert found.effort[60:].mean() > 0.99


def test_quick_people_are_not_taken_for_guessers() -> None:
    """Planted fault: a limit that forgot how people's speeds differ would flag the quick ones."""
    clean, _, pace, _ = sitting()
    forgetful = Pace(pace.intensity, pace.discrimination, 0.01, 0.0, 0, True)
    assert integrity.rapid_answers(clean.seconds, forgetful).flagged.mean() > 0.02
    assert integrity.rapid_answers(clean.seconds, pace).flagged.mean() < 0.013


def test_those_who_knew_the_items_are_quicker_on_them() -> None:
    clean, choosing, _, random = sitting(people=3000)
    who, out = np.arange(150), np.arange(12)
    spoilt = misconduct.known_beforehand(clean, choosing.key, who, out, random)
    found = integrity.known_by_pace(spoilt.seconds, integrity.fit_pace(spoilt.seconds), out)
    assert found.flagged[who].mean() > 0.8
    assert np.median(found.times_faster[who]) == pytest.approx(2.0, rel=0.2)
    assert found.flagged[150:].mean() < 0.02


def test_missing_times_count_for_nothing() -> None:
    clean, _, pace, _ = sitting(people=50)
    seconds = clean.seconds.copy()
    seconds[:, 20:] = np.nan
    short = integrity.speeds(clean.seconds[:, :20], pace.take(np.arange(20)))
    assert np.allclose(
        integrity.speeds(seconds, pace).speed, short.speed, rtol=1e-7, atol=1e-12, equal_nan=True
    )
    first = integrity.rapid_answers(seconds, pace)
    alone = integrity.rapid_answers(seconds[:, :20], pace.take(np.arange(20)))
    assert np.allclose(first.p, alone.p, rtol=1e-7, atol=1e-12, equal_nan=True)
    assert not first.rapid[:, 20:].any()
    seconds[0] = np.nan
    assert np.isnan(integrity.speeds(seconds, pace).speed[0])
    assert np.isnan(integrity.rapid_answers(seconds, pace).p[0])
    assert np.isnan(integrity.erratic_pace(seconds, pace).p[0])
    assert np.isnan(integrity.known_by_pace(seconds, pace, np.arange(5)).p[0])


@pytest.mark.parametrize("bad", [0.0, -1.0, np.inf])
def test_times_that_are_none_are_refused(bad: float) -> None:
    clean, _, pace, _ = sitting(people=20)
    clean.seconds[3, 3] = bad
    with pytest.raises(AnswersCannotBeChecked, match="above 0"):
        integrity.fit_pace(clean.seconds)
    with pytest.raises(AnswersCannotBeChecked):
        integrity.residuals(clean.seconds, pace)


def test_items_with_too_few_times_or_the_same_from_all_are_named() -> None:
    clean, _, _, _ = sitting(people=50)
    clean.seconds[5:, 2] = np.nan
    clean.seconds[:, 4] = 30.0
    with pytest.raises(ItemsCannotBeTimed) as told:
        integrity.fit_pace(clean.seconds)
    assert told.value.items == [2, 4]


def test_questions_no_model_can_answer_are_refused() -> None:
    clean, _, pace, _ = sitting(people=20)
    with pytest.raises(AnswersCannotBeChecked, match="others to compare"):
        integrity.known_by_pace(clean.seconds, pace, np.arange(ITEMS))
    with pytest.raises(AnswersCannotBeChecked, match="repeated"):
        integrity.rapid_answers(clean.seconds, pace, repeated=0)
    with pytest.raises(AnswersCannotBeChecked, match="one column per item"):
        integrity.speeds(clean.seconds[:, :5], pace)


def test_the_same_seed_spoils_the_same_answers_and_leaves_the_clean_ones_alone() -> None:
    clean, choosing, _, _ = sitting(people=200)
    kept = clean.choices.copy(), clean.seconds.copy()
    pairs, who = np.array([[0, 1], [2, 3]]), np.arange(10)

    def spoilt(seed: int) -> list[bytes]:
        random = np.random.default_rng(seed)
        made = [
            misconduct.copied(clean, pairs, 0.5, random),
            misconduct.known_beforehand(clean, choosing.key, who, np.arange(8), random),
            misconduct.guessed_rapidly(clean, who, 0.5, random),
            misconduct.out_of_time(clean, 1800.0, random),
        ]
        return [one.choices.tobytes() + one.seconds.tobytes() for one in made]

    assert spoilt(1) == spoilt(1)
    assert all(one != other for one, other in zip(spoilt(1), spoilt(2), strict=True))
    assert np.array_equal(clean.choices, kept[0])
    assert np.array_equal(clean.seconds, kept[1])


def test_copiers_take_exactly_the_share_and_late_people_do_not_reach_the_end() -> None:
    clean, _, _, random = sitting(people=400)
    pairs = np.arange(400).reshape(-1, 2)
    spoilt = misconduct.copied(clean, pairs, 0.5, random)
    alike = (spoilt.choices[pairs[:, 0]] == clean.choices[pairs[:, 1]]).sum(axis=1)
    assert (alike >= 20).all()
    assert np.array_equal(spoilt.choices[pairs[:, 1]], clean.choices[pairs[:, 1]])
    late = misconduct.out_of_time(clean, 1500.0, random)
    assert (np.nansum(late.seconds, axis=1) <= 1500.0).all()
    assert ((late.choices == -1) == np.isnan(late.seconds)).all()
    slow = clean.seconds.sum(axis=1) > 1500.0
    assert ((late.seconds == 2.0) | np.isnan(late.seconds))[slow].any(axis=1).all()
    assert (misconduct.out_of_time(clean, 100.0, random).choices[:, -1] == -1).mean() > 0.5
