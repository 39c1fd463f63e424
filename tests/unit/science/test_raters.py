"""Severities, halos and abilities from ratings, against integrals and differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import expit

from karmayogi.science import irt, raters
from karmayogi.science.raters import fitting, information
from karmayogi.science.raters.model import Parameters
from karmayogi.science.raters.quadrature import Quadrature
from karmayogi.science.simulation.raters import simulate

SMALL = Parameters(
    severity=np.array([0.4, -0.6]),
    thresholds=np.array([[-1.0, 0.5], [0.3, np.nan]]),
    ability_mean=0.0,
    ability_sd=1.2,
    halo_sd=0.6,
)


def chance(logit, criterion: int, category: int):  # type: ignore[no-untyped-def]
    edges = [np.inf, *[logit - b for b in SMALL.thresholds[criterion] if np.isfinite(b)], -np.inf]
    return expit(edges[category]) - expit(edges[category + 1])


def normal(x, sd: float):  # type: ignore[no-untyped-def]
    return np.exp(-((x / sd) ** 2) / 2) / sd / np.sqrt(2 * np.pi)


@pytest.fixture(scope="module")
def few() -> raters.Ratings:
    """Two ratees: both raters on both criteria on the first, the first rater alone on the second."""
    return raters.Ratings(
        np.array([0, 0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 0, 0]),
        np.array([0, 1, 0, 1, 0, 1]), np.array([2, 0, 1, 1, 0, 1]),
    )  # fmt: skip


@pytest.fixture(scope="module")
def round_of() -> tuple[object, raters.Calibration]:
    world = simulate(np.random.default_rng(11), ratees=300, raters=50, criteria=3, categories=4)
    return world, raters.calibrate(world.ratings)


def marginal(few: raters.Ratings) -> float:
    """The log-likelihood by nested integrals, over abilities and over halos, without any grid of ours."""
    nodes, weights = np.polynomial.legendre.leggauss(120)
    halo, weights = 6.0 * nodes, 6.0 * weights * normal(6.0 * nodes, SMALL.halo_sd)
    total = 0.0
    for ratee in (0, 1):
        mine = few.ratee == ratee
        said = list(
            zip(
                few.rater[mine].tolist(),
                few.criterion[mine].tolist(),
                few.category[mine].tolist(),
                strict=True,
            )
        )

        def given_ability(ability: float, said: list[tuple[int, int, int]] = said) -> float:
            product = normal(ability, SMALL.ability_sd)
            for rater in {who for who, _, _ in said}:
                product *= weights @ np.prod(
                    [
                        chance(ability + halo - SMALL.severity[rater], c, k)
                        for who, c, k in said
                        if who == rater
                    ],
                    axis=0,
                )
            return product

        total += np.log(quad(given_ability, -9, 9, epsabs=1e-12)[0])
    return float(total)


def test_the_likelihood_is_that_of_nested_integrals(few: raters.Ratings) -> None:
    problem = fitting.problem_of(few, SMALL)
    from_grid, _ = problem.value(problem.packed(SMALL), Quadrature.of(half_width=8.0, step=0.25, halo_sd=0.6))
    assert from_grid == pytest.approx(marginal(few), abs=1e-8)


@pytest.mark.parametrize("halo_sd", [0.6, 0.12, 0.01])
def test_slopes_are_what_differences_of_the_likelihood_say(halo_sd: float) -> None:
    world = simulate(
        np.random.default_rng(2), ratees=12, raters=5, raters_per_ratee=3, criteria=2, categories=4
    )
    at = Parameters(world.severity, world.thresholds, 0.2, 1.3, halo_sd)
    free = fitting.Problem(
        fitting.Design.of(world.ratings), np.array([3, 3]), np.full(5, np.nan),
        np.append(np.full(11, np.nan), 0.33), 1 / 9, mean_free=True,
    )  # fmt: skip
    grid = Quadrature.of(half_width=9.0, step=0.1, halo_sd=0.7)
    vector = free.packed(at)
    slopes = free.value(vector, grid)[1]
    for index in range(len(vector)):
        step = np.zeros(len(vector))
        step[index] = 1e-5
        difference = (free.value(vector + step, grid)[0] - free.value(vector - step, grid)[0]) / 2e-5
        assert slopes[index] == pytest.approx(difference, abs=2e-6)


def test_standard_errors_are_those_of_the_whole_matrix_of_second_slopes() -> None:
    world = simulate(
        np.random.default_rng(5), ratees=40, raters=8, raters_per_ratee=4, criteria=2, categories=3
    )
    fit = raters.calibrate(world.ratings)
    problem = fitting.Problem(
        fitting.Design.of(world.ratings), np.array([2, 2]), np.full(8, np.nan), np.full(40, np.nan), 1 / 9,
        mean_free=False,
    )  # fmt: skip
    grid = Quadrature.of(half_width=10.0, step=0.05, halo_sd=fit.halo_sd)
    vector = problem.packed(fit.parameters)
    rows = []
    for index in range(len(vector)):
        step = np.zeros(len(vector))
        step[index] = 1e-4
        rows.append((problem.value(vector - step, grid)[1] - problem.value(vector + step, grid)[1]) / 2e-4)
    covariance = np.linalg.inv(np.array(rows))
    centring = np.eye(8) - 1 / 8
    by_hand = np.sqrt(np.diag(centring @ covariance[:8, :8] @ centring.T))
    assert fit.se_severity == pytest.approx(by_hand, rel=1e-3)
    assert fit.se_halo_sd == pytest.approx(np.sqrt(covariance[-1, -1]) * fit.halo_sd, rel=1e-3)
    first = np.zeros(len(vector))
    first[:8], first[8] = 1 / 8, 1.0  # the first threshold, with the mean severity in it
    assert fit.se_thresholds[0, 0] == pytest.approx(np.sqrt(first @ covariance @ first), rel=1e-3)


def test_a_round_of_known_truth_is_found_again(round_of) -> None:  # type: ignore[no-untyped-def]
    world, fit = round_of
    assert fit.converged
    assert fit.identified.all()
    assert np.corrcoef(fit.severity, world.severity)[0, 1] > 0.93
    assert np.std((fit.severity - world.severity) / fit.se_severity) == pytest.approx(1.0, abs=0.3)
    assert abs(fit.halo_sd - world.halo_sd) < 4 * fit.se_halo_sd
    assert abs(fit.spread - 1.5) < 4 * fit.se_spread
    assert np.all(np.abs(fit.thresholds - world.thresholds) < 4 * fit.se_thresholds)
    assert np.mean(np.abs(fit.ability - world.ability) < 1.96 * fit.ability_sd) == pytest.approx(
        0.95, abs=0.04
    )
    assert fit.severity.mean() == pytest.approx(0.0, abs=1e-12)


def test_the_same_ratings_give_the_same_bytes_and_their_order_does_not_matter() -> None:
    world = simulate(np.random.default_rng(12), ratees=80, raters=15, criteria=2, categories=3)
    fit, again = raters.calibrate(world.ratings), raters.calibrate(world.ratings)
    assert again.severity.tobytes() == fit.severity.tobytes()
    assert again.ability_sd.tobytes() == fit.ability_sd.tobytes()
    turned = np.random.default_rng(0).permutation(len(world.ratings.ratee))
    columns = (getattr(world.ratings, name)[turned] for name in ("ratee", "rater", "criterion", "category"))
    shuffled = raters.calibrate(raters.Ratings(*columns))
    assert shuffled.severity == pytest.approx(fit.severity, abs=1e-9)


def test_answers_that_share_a_halo_are_not_so_many_raters() -> None:
    def sd_of(occasion: list[int]) -> float:
        said = raters.Ratings(
            np.zeros(10, dtype=int), np.zeros(10, dtype=int), np.zeros(10, dtype=int), np.full(10, 2),
            np.array(occasion),
        )  # fmt: skip
        message = raters.log_likelihoods(said, KNOWN).log_likelihood.sum(axis=0)
        return float(irt.moments(irt.weights_of(message - irt.GRID**2 / 2))[1])

    assert sd_of([0] * 10) > 1.25 * sd_of(list(range(10)))  # ten times one halo, against ten halos


KNOWN = raters.Calibration(
    severity=np.array([0.4, -0.6]), se_severity=np.array([0.1, 0.2]),
    links=raters.Links(np.zeros(2, int), np.zeros(1, int), np.ones(2, bool), np.ones(1, bool), np.ones(2, int)),
    thresholds=np.array([[-1.0, 0.5, 1.5], [0.3, np.nan, np.nan]]), se_thresholds=np.zeros((2, 3)),
    mean=0.0, spread=1.2, se_spread=0.0, halo_sd=0.6, se_halo_sd=0.0, ability=np.zeros(1), ability_sd=np.ones(1),
    log_likelihood=0.0, iterations=1, converged=True,
)  # fmt: skip


def test_few_steps_are_said_not_to_be_enough(round_of) -> None:  # type: ignore[no-untyped-def]
    world, _ = round_of
    assert not raters.calibrate(world.ratings, most_iterations=2).converged


def test_known_raters_score_new_ratees_as_the_fit_did(round_of) -> None:  # type: ignore[no-untyped-def]
    world, fit = round_of
    means, sds = raters.score(world.ratings, fit)
    assert means == pytest.approx(fit.ability, abs=1e-6)
    assert sds == pytest.approx(fit.ability_sd, abs=1e-6)


def test_messages_hold_all_that_was_said_with_the_halo_integrated_out(few: raters.Ratings) -> None:
    said = raters.log_likelihoods(few, KNOWN)
    assert said.ratee.tolist() == [0, 0, 1]
    assert said.rater.tolist() == [0, 1, 0]
    assert said.pair.tolist() == [0, 0, 1, 1, 2, 2]
    points = [-2.0, 0.0, 1.0]
    exact = []
    for ability in points:

        def given_halo(halo: float, ability: float = ability) -> float:
            x = ability + halo - 0.4
            return normal(halo, 0.6) * (expit(x - 0.5) - expit(x - 1.5)) * (1 - expit(x - 0.3))

        exact.append(np.log(quad(given_halo, -6, 6)[0]))
    found = np.interp(points, irt.GRID, said.log_likelihood[0])
    assert found - found[0] == pytest.approx(np.array(exact) - exact[0], abs=1e-7)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_turning_the_scale_round_turns_severities_round(seed: int) -> None:
    world = simulate(
        np.random.default_rng(seed), ratees=40, raters=6, raters_per_ratee=3, criteria=1, categories=3
    )
    if len(set(world.ratings.category.tolist())) < 3:
        return
    turned = raters.Ratings(
        world.ratings.ratee, world.ratings.rater, world.ratings.criterion, 2 - world.ratings.category
    )
    one, other = raters.calibrate(world.ratings), raters.calibrate(turned)
    assert other.severity == pytest.approx(-one.severity, abs=1e-3)
    assert other.log_likelihood == pytest.approx(one.log_likelihood, abs=2e-3)


def test_a_rater_who_is_not_known_is_refused_by_name(few: raters.Ratings) -> None:
    stranger = raters.Ratings(few.ratee, few.rater + 1, few.criterion, few.category)
    with pytest.raises(raters.RatersNotIdentified) as refused:
        raters.score(stranger, KNOWN)
    assert refused.value.raters == [2]


def test_anchors_of_the_wrong_length_are_refused(few: raters.Ratings) -> None:
    with pytest.raises(raters.RatingsMalformed, match="known_severity"):
        raters.calibrate(few, known_severity=[0.0])


def test_information_kept_sparse_gives_what_the_full_matrix_gives(round_of, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    world, fit = round_of
    monkeypatch.setattr(information, "DENSE", 10)
    monkeypatch.setattr(information, "AT_ONCE", 7)
    sparse = raters.calibrate(world.ratings)
    assert sparse.se_severity == pytest.approx(fit.se_severity, rel=1e-8)
    assert sparse.halo_sd == pytest.approx(fit.halo_sd, rel=1e-8)
    assert sparse.se_thresholds == pytest.approx(fit.se_thresholds, rel=1e-8)
