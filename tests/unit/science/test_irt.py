"""Calibration and scoring."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karmayogi.science import irt

RESPONSES = Path(__file__).parents[3].parent / "shared" / "data" / "responses" / "edm_items_ecpe.csv"
REAL = [RESPONSES] if RESPONSES.exists() else []


def simulated(people: int, items: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    a, b, theta = rng.lognormal(0.1, 0.3, items), rng.normal(0.0, 1.0, items), rng.normal(size=people)
    return a, b, theta, (rng.random((people, items)) < irt.chance(theta, a, b)).astype(np.int8)


def test_calibration_finds_the_parameters_that_600_people_answered_20_items_by() -> None:
    errors_a, errors_b, inside = [], [], []
    for seed in range(5):
        a, b, _, responses = simulated(600, 20, seed)
        found = irt.calibrate(responses)
        assert found.converged
        errors_a.append(found.a - a)
        errors_b.append(found.b - b)
        inside.append(np.abs(found.b - b) < 2 * found.se_b)
        inside.append(np.abs(found.a - a) < 2 * found.se_a)
    assert np.sqrt(np.mean(np.square(errors_a))) < 0.20
    assert np.sqrt(np.mean(np.square(errors_b))) < 0.20
    assert abs(np.mean(errors_a)) < 0.06
    assert abs(np.mean(errors_b)) < 0.06
    assert 0.90 < np.mean(inside) < 0.99  # two standard errors should hold 95 in 100


def test_calibration_is_little_worse_when_each_person_sees_half_of_the_items() -> None:
    a, b, _, responses = simulated(1200, 20, 3)
    responses[np.random.default_rng(4).random(responses.shape) < 0.5] = irt.NOT_ASKED
    found = irt.calibrate(responses)
    assert found.converged
    assert np.sqrt(np.mean((found.a - a) ** 2)) < 0.25
    assert np.sqrt(np.mean((found.b - b) ** 2)) < 0.25


def test_calibration_climbs_to_a_likelihood_no_lower_than_that_of_the_true_parameters() -> None:
    a, b, _, responses = simulated(600, 20, 9)
    joint = irt.log_likelihoods(responses, a, b) + np.log(irt.WEIGHTS)
    true_log_likelihood = np.logaddexp.reduce(joint, axis=1).sum()
    found = irt.calibrate(responses, slope_prior_sd=None)
    assert found.log_likelihood > true_log_likelihood
    assert irt.calibrate(responses).log_likelihood <= found.log_likelihood + 1e-3


def test_a_calibration_cut_short_says_it_has_not_converged() -> None:
    found = irt.calibrate(simulated(200, 5, 1)[3], most_iterations=2)
    assert (found.iterations, found.converged) == (2, False)


def test_standard_errors_stay_finite_with_fewer_people_than_parameters() -> None:
    found = irt.calibrate(simulated(60, 40, 2)[3])
    assert np.isfinite(found.se_a).all()
    assert np.isfinite(found.se_b).all()


def test_items_that_all_answered_alike_or_nobody_saw_are_refused_by_column() -> None:
    responses = np.array([[1, 0, 1, -1], [1, 1, 0, -1], [-1, 0, 1, -1]], dtype=np.int8)
    with pytest.raises(irt.ItemCannotBeCalibrated, match="0, 3") as refused:
        irt.calibrate(responses)
    assert refused.value.items == [0, 3]


@pytest.mark.parametrize("path", REAL)
def test_2922_real_examinees_calibrate_to_finite_converged_parameters(path: Path) -> None:
    responses = np.genfromtxt(path, delimiter=",", skip_header=1, dtype=np.int8)
    assert responses.shape == (2922, 28)
    found = irt.calibrate(responses)
    assert found.converged
    for values in (found.a, found.b, found.se_a, found.se_b):
        assert np.isfinite(values).all()
    assert (found.a > 0.3).all()
    means, sds = irt.score(responses, found.a, found.b)
    assert abs(means.mean()) < 0.01
    # the variance of a standard normal splits into that between the means and that left within
    assert means.var() + np.mean(sds**2) == pytest.approx(1.0, abs=0.03)


def test_same_responses_give_the_same_bytes() -> None:
    responses = simulated(300, 10, 5)[3]
    one, two = irt.calibrate(responses), irt.calibrate(responses.copy())
    assert one.a.tobytes() == two.a.tobytes()
    assert one.se_b.tobytes() == two.se_b.tobytes()


def test_sparse_and_dense_patterns_have_the_same_likelihood() -> None:
    a, b, _, responses = simulated(50, 12, 6)
    responses[np.random.default_rng(7).random(responses.shape) < 0.6] = irt.NOT_ASKED
    responses[4] = irt.NOT_ASKED
    row, item = np.nonzero(responses != irt.NOT_ASKED)
    sparse = irt.sparse_log_likelihoods(row, item, responses[row, item] == 1, a, b, rows=50)
    assert sparse == pytest.approx(irt.log_likelihoods(responses, a, b), abs=1e-12)
    assert not sparse[4].any()


def test_someone_asked_nothing_scores_the_prior() -> None:
    means, sds = irt.score(
        np.full((1, 3), -1, dtype=np.int8), np.ones(3), np.zeros(3), prior_mean=0.7, prior_sd=0.4
    )
    assert means == pytest.approx([0.7])
    assert sds == pytest.approx([0.4], abs=1e-6)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(-2.0, 2.0))
def test_moving_all_items_and_the_prior_moves_every_score_alike(seed: int, shift: float) -> None:
    a, b, _, responses = simulated(20, 8, seed)
    means, sds = irt.score(responses, a, b)
    moved, moved_sds = irt.score(responses, a, b + shift, prior_mean=shift)
    assert moved == pytest.approx(means + shift, abs=1e-9)
    assert moved_sds == pytest.approx(sds, abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 7))
def test_a_right_answer_scores_above_none_and_none_above_a_wrong_one(seed: int, item: int) -> None:
    a, b, _, responses = simulated(1, 8, seed)
    three = np.repeat(responses, 3, axis=0)
    three[:, item] = [1, irt.NOT_ASKED, 0]
    means, sds = irt.score(three, a, b)
    assert means[0] > means[1] > means[2]
    assert sds.max() < 1.0  # a surprise may widen a posterior, never beyond the prior


@given(st.floats(-5, 5), st.floats(0.1, 3), st.floats(-3, 3))
def test_the_chance_rises_with_ability_and_information_peaks_at_the_difficulty(
    theta: float, a: float, b: float
) -> None:
    slopes, cuts = np.array([a]), np.array([b])
    assert irt.chance(theta + 0.1, slopes, cuts) > irt.chance(theta, slopes, cuts)
    peak = irt.information(b, slopes, cuts)
    assert irt.information(theta, slopes, cuts) <= peak * (1 + 1e-12)
