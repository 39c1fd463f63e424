"""Person fit, and the abilities it rests on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gamma, norm
from tests.unit.science.sittings import ITEMS, bank

from karmayogi.science import integrity, irt
from karmayogi.science.integrity.items import right_chances, right_slopes
from karmayogi.science.irt import Items


@pytest.mark.parametrize("estimator", ["map", "wle"])
@pytest.mark.parametrize("guess", [None, 0.2])
def test_an_estimate_solves_its_equation_and_no_ability_near_by_is_likelier(
    estimator: integrity.items.Estimator, guess: float | None
) -> None:
    items, random = bank(25, 2, guess), np.random.default_rng(3)
    answers = (random.random((200, 25)) < right_chances(random.normal(0.0, 1.0, 200), items)).astype(np.int8)
    answers[:50, :10] = irt.NOT_ASKED
    found = integrity.abilities(answers, items, estimator=estimator)
    assert found.converged.all()

    def height(theta: np.ndarray) -> np.ndarray:
        chance = right_chances(theta, items)
        log_likelihood = np.where(answers == 1, np.log(chance), np.log1p(-chance))
        total = np.where(answers >= 0, log_likelihood, 0.0).sum(axis=1)
        if estimator == "map":
            return total - np.square(theta) / 2.0
        slope = right_slopes(theta, items)[0]
        information = np.where(answers >= 0, np.square(slope) / (chance * (1.0 - chance)), 0.0).sum(axis=1)
        return total + np.log(information) / 2.0

    if (
        estimator == "map" or guess is None
    ):  # Warm's estimate maximises sqrt(information) only without guessing
        best = height(found.theta)
        assert (height(found.theta + 1e-3) < best).all()
        assert (height(found.theta - 1e-3) < best).all()


def test_warms_estimate_is_less_biased_than_the_posterior_mode() -> None:
    items, random = bank(20, 4), np.random.default_rng(5)
    answers = (random.random((4000, 20)) < right_chances(np.full(4000, 1.5), items)).astype(np.int8)
    bias = {
        way: integrity.abilities(answers, items, estimator=way).theta.mean() - 1.5 for way in ("wle", "map")
    }
    assert abs(bias["wle"]) < 0.05 < abs(bias["map"])


def test_the_published_l_z_star_by_its_own_formula() -> None:
    items, random = bank(30, 6), np.random.default_rng(7)
    answers = (random.random((50, 30)) < right_chances(random.normal(0.0, 1.0, 50), items)).astype(np.int8)
    found = integrity.person_fit(answers, items, estimator="map")
    for person in range(50):
        theta = found.abilities.theta[person]
        p = irt.chance(theta, items.a, items.difficulty)
        q = 1.0 - p
        w, rise = np.log(p / q), items.a * p * q
        r = items.a  # P' / (P Q) of the two-parameter model
        c = (rise * w).sum() / (rise * r).sum()
        w_tilde = w - c * r
        top = ((answers[person] - p) * w).sum() + c * (0.0 - theta)
        assert found.statistic[person] == pytest.approx(top / np.sqrt((w_tilde**2 * p * q).sum()), abs=1e-9)


@pytest.mark.parametrize(("guess", "seed"), [(None, 1), (0.2, 2)])
def test_honest_people_are_flagged_at_the_rate_stated(guess: float | None, seed: int) -> None:
    items, random = bank(ITEMS, seed, guess), np.random.default_rng(seed)
    theta = random.normal(0.0, 1.0, 10_000)
    answers = (random.random((10_000, ITEMS)) < right_chances(theta, items)).astype(np.int8)
    estimated, known = integrity.person_fit(answers, items), integrity.person_fit(answers, items, theta=theta)
    for found in (estimated, known):
        assert 0.006 <= found.flagged.mean() <= 0.014
        assert 0.04 <= (found.p < 0.05).mean() <= 0.06
    naive = norm.cdf(estimated.statistic)
    assert (naive < 0.01).mean() > estimated.flagged.mean()  # a normal tail flags more than it says


def test_easy_items_wrong_and_hard_ones_right_do_not_fit() -> None:
    items = Items.logistic(np.full(20, 1.2), np.linspace(-2.0, 2.0, 20))
    ladder = (np.arange(20) < 10).astype(np.int8)
    found = integrity.person_fit(np.stack([ladder, ladder[::-1]]), items)
    assert found.flagged.tolist() == [False, True]
    assert np.abs(found.unexpected[1]).argmax() in (0, 19)


def test_too_few_answers_are_no_ground_for_a_signal() -> None:
    answers = np.full((2, 20), irt.NOT_ASKED, dtype=np.int8)
    answers[1, 0] = 1
    found = integrity.person_fit(answers, bank(20, 1))
    assert np.isnan(found.p).all()
    assert not found.flagged.any()


@given(st.floats(-6, 6), st.floats(0.01, 1.5))
def test_the_skewed_tail_is_a_gamma_tail_and_mirrors(z: float, skew: float) -> None:
    shape = 4.0 / skew**2
    expected = gamma.sf(shape + z * np.sqrt(shape), shape)
    assert integrity.upper_tail(np.array([z]), np.array([skew]))[0] == pytest.approx(expected, abs=1e-10)
    mirrored = integrity.upper_tail(np.array([-z]), np.array([-skew]))[0]
    assert mirrored == pytest.approx(1.0 - expected, abs=1e-9)
