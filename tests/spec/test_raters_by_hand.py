"""Raters and what moved an estimate, with numbers a reader can check on paper or with a pocket calculator."""

from math import log, sqrt

import numpy as np
import pytest

from karmayogi.science import pooling, raters

STEADY = pooling.Drift(0.0, 1.0, 0.0)


def moved_by(who: list[int], says: float = 2.0) -> tuple[float, float]:
    """The estimate after so many answers that all say the same, and its variance; noise and halo both of variance 1."""
    count = len(who)
    said = pooling.rating_log_likelihoods(
        np.zeros(count, dtype=np.int64), np.array(who), np.full(count, says), np.zeros(count), day=np.ones(count),
        as_of=1.0, noise_sd=1.0, halo_sd=1.0, merge_days=30.0,
    )  # fmt: skip
    state = pooling.pool(said.group, said.day, said.log_likelihood, groups=1, as_of=1.0, drift=STEADY)
    return round(float(state.means[0]), 6), round(float(state.sds[0]) ** 2, 6)


def test_ten_answers_of_one_friendly_rater_move_less_than_two_answers_of_two_raters() -> None:
    # ten of one: variance 1 + 1/10 = 1.1, precision 0.909091 beside the cohort's 1: 2 * 0.909091 / 1.909091
    assert moved_by([7] * 10) == (round(2 * (1 / 1.1) / (1 + 1 / 1.1), 6), round(1 / (1 + 1 / 1.1), 6))
    assert moved_by([7] * 10) == (0.952381, 0.52381)
    # one of each of two: variance 1 + 1 = 2 each, precision 1/2 + 1/2 beside the cohort's 1: 2 * 1 / 2
    assert moved_by([7, 8]) == (1.0, 0.5)
    # a hundred of one: the halo of variance 1 stays, however many answers there are
    assert moved_by([7] * 100)[0] < moved_by([7, 8])[0]


def test_by_the_rule_as_delivered_it_is_so_too() -> None:
    noise, halo = 0.6**2, 0.55**2
    assert halo + noise / 10 == pytest.approx(0.3385)
    assert (halo + noise) / 2 == pytest.approx(0.33125)  # two raters: the smaller variance moves more


def test_what_moved_it_two_rows_without_drift() -> None:
    # cohort N(0, 1); A says 2 with variance 1, B says -1 with variance 1/2: precisions 1, 1, 2 of 4 in all
    parts = pooling.attribute_normals(
        np.array([0, 0]), np.array([1.0, 2.0]), np.array([2.0, -1.0]), np.array([1.0, sqrt(0.5)]),
        groups=1, as_of=2.0, drift=STEADY,
    )  # fmt: skip
    assert parts.weight == pytest.approx([0.25, 0.5])  # the cohort has the other quarter
    assert parts.shift == pytest.approx([0.25 * 2, 0.5 * -1])  # 0.5 up, 0.5 down: the estimate is 0
    assert parts.variance == pytest.approx([0.25, 0.5])  # off the cohort's 1: 1/4 is left
    assert parts.information == pytest.approx([1.0, 2.0])


def test_what_moved_it_when_time_passes() -> None:
    # A says 2 with variance 1: the estimate is 1, variance 1/2. One half-life on: 0.5, 1 - 0.5 / 4 = 7/8.
    # B says 0.5 with variance 7/8: half and half, so the estimate stays at 0.5 and the variance is 7/16.
    parts = pooling.attribute_normals(
        np.array([0, 0]), np.array([0.0, 100.0]), np.array([2.0, 0.5]), np.array([1.0, sqrt(7 / 8)]),
        groups=1, as_of=100.0, drift=pooling.Drift.of_half_life(0.0, 1.0, days=100.0),
    )  # fmt: skip
    assert parts.shift == pytest.approx([1.0 * 0.5 * 0.5, 0.5 * 0.5])  # A: 1, halved by time, halved by B
    assert parts.shift.sum() == pytest.approx(0.5)
    assert parts.variance == pytest.approx(
        [0.5 * 0.25 * 0.5, 0.5]
    )  # A: 1/2, a quarter left by time, half by B
    assert 1.0 - parts.variance.sum() == pytest.approx(7 / 16)


def test_two_marks_two_levels_apart_ask_for_a_third() -> None:
    def piece(levels: list[int]) -> pooling.RubricMessages:
        count = len(levels)
        return pooling.rubric_messages(
            np.zeros(count, int), np.arange(count), np.array(levels), np.array(levels, float), author=np.full(count, 9),
            noise_sd=0.6, halo_sd=0.8,
        )  # fmt: skip

    assert piece([2, 3]).state.tolist() == ["marked"]
    assert piece([2, 3]).mean.tolist() == [2.5]
    assert piece([2, 3]).sd == pytest.approx([sqrt((0.36 + 0.64) / 2)])
    assert piece([2, 4]).state.tolist() == ["third"]
    assert piece([2, 4, 3]).mean.tolist() == [3.0]
    assert piece([2, 4, 3]).sd == pytest.approx([sqrt(1 / 3)])


def test_a_raters_category_is_as_likely_as_two_logistic_curves_say() -> None:
    # thresholds at -1 and 1, no halo to speak of; a severe rater (severity 1) and a lenient one (-1), ability 0
    known = raters.Calibration(
        severity=np.array([1.0, -1.0]), se_severity=np.zeros(2),
        links=raters.Links(np.zeros(2, int), np.zeros(1, int), np.ones(2, bool), np.ones(1, bool), np.ones(2, int)),
        thresholds=np.array([[-1.0, 1.0]]), se_thresholds=np.zeros((1, 2)), mean=0.0, spread=1.0, se_spread=0.0,
        halo_sd=1e-6, se_halo_sd=0.0, ability=np.zeros(1), ability_sd=np.ones(1), log_likelihood=0.0, iterations=1,
        converged=True,
    )  # fmt: skip

    def said(rater: int, category: int) -> np.ndarray:
        one = raters.Ratings(np.zeros(1, int), np.array([rater]), np.zeros(1, int), np.array([category]))
        return raters.log_likelihoods(one, known).log_likelihood[0]

    middle = 60  # ability 0 on the grid
    # the lenient rater at 0 is the severe one at 2: 20 steps of a tenth
    assert said(1, 1)[middle] == pytest.approx(said(0, 1)[middle + 20], abs=1e-9)
    # best mark by the severe rater: 1 / (1 + exp(-(0 - 1 - 1))) = 0.1192 against 0.8808 at ability 4: ln 0.1353
    assert said(0, 2)[middle] - said(0, 2)[middle + 40] == pytest.approx(log(0.119203 / 0.880797), abs=1e-5)


def test_severity_is_told_by_ratees_in_common_and_by_nothing_else() -> None:
    # raters 0 and 1 share ratee 0; rater 2 has a ratee of his own
    ratings = raters.Ratings(
        np.array([0, 0, 1, 2]), np.array([0, 1, 0, 2]), np.zeros(4, int), np.array([1, 0, 1, 0])
    )
    links = raters.linked(ratings)
    assert links.rater_part.tolist() == [0, 0, 1]
    assert links.rater_identified.tolist() == [True, True, False]
    assert links.shared.tolist() == [1, 1, 0]
    # a rater known from before joins whoever is linked to him
    anchored = raters.linked(ratings, known_severity=[np.nan, np.nan, 0.3])
    assert anchored.rater_identified.tolist() == [False, False, True]
    both = raters.linked(ratings, known_severity=[0.1, np.nan, 0.3])
    assert both.rater_identified.tolist() == [True, True, True]


def test_kappa_of_two_raters_on_ten_ratees() -> None:
    # both say 0 on 4 and 1 on 4, they differ once each way: seen 0.8, by chance 0.5, kappa (0.8 - 0.5) / 0.5
    one, two = np.array([0] * 5 + [1] * 5), np.array([0] * 4 + [1] + [0] + [1] * 4)
    assert raters.agreement(one, two) == pytest.approx(0.8)
    assert raters.kappa(one, two).value == pytest.approx(0.6)
