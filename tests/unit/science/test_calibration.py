"""Calibration against R mirt's published values and against the likelihood itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.science.samples import ATTITUDES, PATTERNS, PEOPLE, SECTION_6, SECTION_7, marginal, mixed

from karmayogi.science import irt
from karmayogi.science.irt import calibration
from karmayogi.science.simulation import examinees


def test_the_tables_are_those_bock_and_aitkin_published() -> None:
    assert (SECTION_6 @ PATTERNS).tolist() == [924, 709, 553, 763, 870]
    assert SECTION_6.sum() == SECTION_7.sum() == 1000
    assert (SECTION_7 @ PATTERNS).tolist() == [828, 658, 772, 606, 843]
    assert PEOPLE.sum() == 392


@pytest.mark.parametrize(
    ("counts", "a", "d", "log_likelihood"),
    [
        (
            SECTION_6,
            [0.8257, 0.7227, 0.8909, 0.6884, 0.6569],
            [2.7732, 0.9902, 0.2492, 1.2848, 2.0533],
            -2466.653,
        ),
        (
            SECTION_7,
            [0.9876, 1.0808, 1.7075, 0.7650, 0.7357],
            [1.8559, 0.8080, 1.8052, 0.4860, 1.8545],
            -2658.805,
        ),
    ],
)
def test_the_law_school_tests_calibrate_as_in_r(counts, a, d, log_likelihood) -> None:
    found = irt.fit(PATTERNS, weights=counts)
    assert found.converged
    assert found.log_likelihood == pytest.approx(log_likelihood, abs=6e-4)
    assert found.items.a == pytest.approx(a, abs=1.5e-4)
    assert found.items.intercepts[:, 0] == pytest.approx(d, abs=1.5e-4)


@pytest.mark.parametrize(
    ("counts", "log_likelihood", "variance"), [(SECTION_6, -2466.938, 0.5702), (SECTION_7, -2664.901, 1.0226)]
)
def test_rasch_frees_the_spread_and_one_shared_slope_says_the_same(counts, log_likelihood, variance) -> None:
    rasch, one = irt.fit(PATTERNS, "Rasch", weights=counts), irt.fit(PATTERNS, "1PL", weights=counts)
    assert rasch.log_likelihood == pytest.approx(log_likelihood, abs=6e-4)
    assert rasch.sds[0] ** 2 == pytest.approx(variance, abs=1e-4)
    assert (rasch.parameters, one.parameters) == (6, 6)
    assert one.log_likelihood == pytest.approx(rasch.log_likelihood, abs=1e-6)
    assert one.items.a == pytest.approx(np.full(5, rasch.sds[0]), abs=1e-4)
    assert one.items.intercepts == pytest.approx(rasch.items.intercepts, abs=1e-4)


def test_graded_answers_calibrate_as_in_r_with_its_standard_errors() -> None:
    found = irt.fit(ATTITUDES, "GRM", weights=PEOPLE)
    assert found.log_likelihood == pytest.approx(-1608.870, abs=1e-3)
    assert found.items.a == pytest.approx([1.042, 1.226, 2.291, 1.095], abs=0.012)
    assert found.items.intercepts[0] == pytest.approx([4.865, 2.640, -1.466], abs=5e-3)
    assert found.errors is not None
    assert found.errors.slope == pytest.approx([0.18838, 0.18191, 0.48269, 0.18336], rel=0.02)
    assert found.errors.intercepts[3] == pytest.approx([0.27659, 0.14053, 0.16864], rel=0.01)


def test_a_mixed_test_calibrates_as_in_r() -> None:
    found = irt.fit(ATTITUDES, ["GRM", "GRM", "GRM", "GPCM"], weights=PEOPLE)
    assert found.items.a == pytest.approx([1.057, 1.219, 2.254, 0.771], abs=2e-3)
    assert found.items.intercepts[3] == pytest.approx([2.160, 2.973, 1.767], abs=2e-3)


MODELS = ["2PL", "1PL", "3PL", "GRM", "GRM", "GPCM", "PCM"]


def test_no_parameter_of_any_model_can_be_moved_to_make_the_answers_more_likely() -> None:
    _, codes = mixed(1500, 11)
    codes = examinees.with_gaps(codes, 0.1, 12)
    found, ones = irt.fit(codes, MODELS), np.ones(len(codes))
    assert found.converged
    assert found.log_likelihood == pytest.approx(marginal(found.items, codes, ones), abs=1e-6)
    for at in range(found.parameters):
        nudge = np.zeros(found.parameters)
        nudge[at] = 1e-3
        values = [
            marginal(found.design.items_of(found.design.full(found.estimates + side * nudge)), codes, ones)
            for side in (-1, 0, 1)
        ]
        assert values[1] > max(values[0], values[2])
        assert abs(values[2] - values[0]) / 2e-3 < 2e-2  # the gradient, against standard errors around 0.1


def test_two_groups_are_placed_on_one_scale() -> None:
    pool = examinees.pool(20, 41)
    low, high = examinees.abilities(2000, 42), examinees.abilities(2000, 43, mean=0.7, sd=1.3)
    codes = examinees.answers(np.concatenate([low, high]), pool, 44)
    groups = np.repeat([0, 1], 2000)
    found = irt.fit(codes, groups=groups)
    assert found.means == pytest.approx([0.0, 0.7], abs=0.09)
    assert found.sds == pytest.approx([1.0, 1.3], abs=0.09)
    assert found.errors is not None
    assert abs(found.means[1] - 0.7) < 3 * found.errors.means[1]
    assert np.isnan(found.errors.means[0])
    turned = irt.fit(codes, groups=groups, reference=1, errors="none")
    assert turned.log_likelihood == pytest.approx(found.log_likelihood, abs=1e-4)
    assert turned.means[0] == pytest.approx(-found.means[1] / found.sds[1], abs=1e-3)


def test_anchored_items_keep_their_values_and_place_a_new_group_on_their_scale() -> None:
    pool = examinees.pool(40, 51)
    codes = examinees.answers(examinees.abilities(2500, 52, mean=-0.5, sd=0.8), pool, 53)
    anchored = np.arange(0, 40, 2)
    found = irt.fit(codes, anchored=anchored, anchors=pool.taken(anchored))
    assert (found.items.taken(anchored).slope == pool.taken(anchored).slope).all()
    assert (found.items.taken(anchored).intercepts == pool.taken(anchored).intercepts).all()
    assert found.means == pytest.approx([-0.5], abs=0.05)
    assert found.sds == pytest.approx([0.8], abs=0.05)
    others = np.arange(1, 40, 2)
    assert np.sqrt(np.mean((found.items.a[others] - pool.a[others]) ** 2)) < 0.15
    assert found.errors is not None
    assert np.isnan(found.errors.slope[anchored]).all()
    assert np.isfinite(found.errors.slope[others]).all()


def test_a_wrong_key_shows_as_a_slope_below_zero_and_is_not_held_at_a_bound() -> None:
    pool = examinees.pool(20, 61)
    codes = examinees.answers(examinees.abilities(2000, 62), pool, 63)
    right = irt.fit(codes, errors="none")
    codes[:, 4] = 1 - codes[:, 4]
    wrong = irt.fit(codes, errors="none")
    assert wrong.converged
    assert wrong.items.a[4] == pytest.approx(-right.items.a[4], abs=1e-4)
    assert np.delete(wrong.items.a, 4) == pytest.approx(np.delete(right.items.a, 4), abs=1e-4)


def test_nodes_are_refined_until_they_are_closer_than_half_a_posterior_sd() -> None:
    made = examinees.examinees(400, 300, 81)
    found = irt.fit(made.codes, errors="none")
    assert found.converged
    assert found.spacing < found.median_sd / 2 < 0.1
    short = irt.fit(PATTERNS, weights=SECTION_6, errors="none")
    assert short.spacing == pytest.approx(0.2)


def test_nodes_that_stay_coarse_would_bias_the_slopes_of_a_long_test(monkeypatch) -> None:
    made = examinees.examinees(600, 300, 82)
    fine = irt.fit(made.codes, errors="none")

    class Coarse(calibration.Problem):
        def nodes(self, x: np.ndarray, spacing: float) -> np.ndarray:
            return np.linspace(-6, 6, 25)

    monkeypatch.setattr(calibration, "Problem", Coarse)
    coarse = irt.fit(made.codes, errors="none", most_iterations=60)
    assert not coarse.converged
    assert np.mean(coarse.items.a / fine.items.a) < 0.98


def test_same_answers_give_the_same_bytes_in_any_order_of_people() -> None:
    made = examinees.examinees(300, 12, 91)
    one, two = irt.fit(made.codes), irt.fit(made.codes.copy())
    assert one.items.digest() == two.items.digest()
    shuffled = irt.fit(made.codes[np.random.default_rng(1).permutation(300)])
    assert shuffled.items.slope == pytest.approx(one.items.slope, abs=1e-6)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from(["2PL", "Rasch", "GRM", "GPCM", "PCM"]))
def test_every_small_sample_ends_with_a_likelihood_no_lower_than_the_truth(seed: int, model: str) -> None:
    items, people = irt.Items.graded(np.full(6, 1.0), np.tile([-0.8, 0.8], (6, 1))), 150
    codes = examinees.answers(examinees.abilities(people, seed), items, seed + 1)
    if model in ("2PL", "Rasch"):
        codes, items = np.minimum(codes, 1), irt.Items.logistic(np.ones(6), np.full(6, -0.8))
    found = irt.fit(codes, model, errors="none")
    if model not in ("GPCM", "PCM"):
        assert found.log_likelihood > marginal(items, codes, np.ones(people)) - 1e-6
    assert found.log_likelihood == pytest.approx(
        marginal(found.items, codes, np.ones(people), found.means[0], found.sds[0]), abs=1e-5
    )


def test_a_calibration_cut_short_or_without_a_maximum_says_so() -> None:
    assert not irt.fit(PATTERNS, weights=SECTION_6, most_iterations=3).converged
    perfect = np.repeat(np.tril(np.ones((6, 5), np.int64), -1), 40, axis=0)
    found = irt.fit(perfect, most_iterations=200, errors="none")
    assert not found.converged
    assert np.isfinite(found.items.slope).all()
