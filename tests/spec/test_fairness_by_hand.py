"""Fairness and integrity, step by step, with numbers a reader can check on paper or with a pocket calculator."""

from math import exp, log, sqrt

import numpy as np
import pytest

from karmayogi.science import fairness, integrity, linking
from karmayogi.science.irt import Items


def answers_of(*strata: tuple[int, int, int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Answers [N, 1], groups and scores of strata given as (reference right, wrong, focal right, wrong)."""
    rows = [
        (right, group, score)
        for score, counts in enumerate(strata)
        for (group, right), count in zip(((0, 1), (0, 0), (1, 1), (1, 0)), counts, strict=True)
        for _ in range(count)
    ]
    answers, groups, scores = np.array(rows).T
    return answers[:, None].astype(np.int8), groups, scores


def test_two_tables_of_forty_people_make_a_mantel_haenszel_test() -> None:
    # score 0: reference 10 right 10 wrong, focal 4 right 16 wrong; score 1: 15 and 5, 10 and 10
    answers, groups, scores = answers_of((10, 10, 4, 16), (15, 5, 10, 10))

    found = fairness.mantel_haenszel(answers, groups, matching=scores)
    halved = fairness.mantel_haenszel(answers, groups, matching=scores, correction=True)

    # expected right of the reference: 20 * 14 / 40 = 7 and 20 * 25 / 40 = 12.5, so 25 - 19.5 = 5.5 too many
    # variance: 20 * 20 * 14 * 26 / (40^2 * 39) + 20 * 20 * 25 * 15 / (40^2 * 39) = 2.33333 + 2.40385
    variance = 20 * 20 * (14 * 26 + 25 * 15) / (1600 * 39)
    assert found.chi_square[0, 0] == pytest.approx(5.5**2 / variance, abs=1e-12)
    assert found.chi_square[0, 0] == pytest.approx(6.38566, abs=1e-5)
    assert halved.chi_square[0, 0] == pytest.approx(5.0**2 / variance, abs=1e-12)
    # odds ratio: (10 * 16 / 40 + 15 * 10 / 40) / (10 * 4 / 40 + 5 * 10 / 40) = 7.75 / 2.25
    assert found.odds_ratio[0, 0] == pytest.approx(7.75 / 2.25)
    assert found.d_dif[0, 0] == pytest.approx(-2.35 * log(7.75 / 2.25))
    # Robins, Breslow & Greenland: 4.94375 / (2 * 7.75^2) + 4.2375 / (2 * 7.75 * 2.25) + 0.81875 / (2 * 2.25^2)
    of_log = 4.94375 / (2 * 7.75**2) + 4.2375 / (2 * 7.75 * 2.25) + 0.81875 / (2 * 2.25**2)
    assert found.se[0, 0] == pytest.approx(2.35 * sqrt(of_log))
    # |D| = 2.907 is large, but 2.907 - 1.645 * 1.160 = 0.999 is not above 1: moderate, not large
    assert found.effect[0, 0] == "B"


def test_the_same_odds_in_every_table_are_no_difference() -> None:
    answers, groups, scores = answers_of((10, 10, 10, 10), (30, 10, 15, 5))
    found = fairness.mantel_haenszel(answers, groups, matching=scores)
    assert found.odds_ratio[0, 0] == pytest.approx(1.0)
    assert found.chi_square[0, 0] == pytest.approx(0.0, abs=1e-12)
    assert found.effect[0, 0] == "A"


def test_forty_eight_of_eighty_against_twelve_of_forty_is_half_the_rate() -> None:
    # the example of the Uniform Guidelines: 60 % against 30 %
    found = fairness.adverse_impact([48, 12], [80, 40])
    assert found.reference == 0
    assert found.rate.tolist() == pytest.approx([0.6, 0.3])
    assert found.ratio.tolist() == pytest.approx([1.0, 0.5])
    # Katz: ln 0.5 -+ 1.96 sqrt(1/12 - 1/40 + 1/48 - 1/80)
    half = 1.959964 * sqrt(1 / 12 - 1 / 40 + 1 / 48 - 1 / 80)
    assert found.ratio_interval[1].tolist() == pytest.approx([0.5 * exp(-half), 0.5 * exp(half)], abs=1e-6)
    assert found.below_four_fifths.tolist() == [False, True]
    assert found.adverse.tolist() == [False, True]


def test_three_of_four_right_where_each_is_a_coin_has_a_mid_p_of_three_sixteenths() -> None:
    chances = integrity.count_chances(np.full((1, 4), 0.5))
    assert chances[0].tolist() == pytest.approx([1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16])
    full, half = integrity.count_tails(chances, np.array([3.0]))
    assert full[0] == pytest.approx(5 / 16)
    assert half[0] == pytest.approx(1 / 16 + 4 / 32)


def test_unlike_coins_are_counted_exactly() -> None:
    # chances 0.5 and 0.2: none 0.4, one 0.5 * 0.8 + 0.5 * 0.2 = 0.5, both 0.1
    assert integrity.count_chances(np.array([[0.5, 0.2]]))[0].tolist() == pytest.approx([0.4, 0.5, 0.1])


def test_a_scale_twice_as_wide_and_moved_by_one_is_found_from_three_anchors() -> None:
    # on the new scale difficulties are -1, 0, 1; on the base scale 2 b + 1 = -1, 1, 3 and slopes half as steep
    new, base = Items.logistic([2.0] * 3, [-1.0, 0.0, 1.0]), Items.logistic([1.0] * 3, [-1.0, 1.0, 3.0])
    for method in ("mean_mean", "mean_sigma", "haebara", "stocking_lord"):
        line = linking.link(new, base, method=method)
        assert (line.slope, line.intercept) == pytest.approx((2.0, 1.0), abs=1e-9)
        assert line.displacement == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)
    assert line.abilities([0.5]) == pytest.approx([2.0])


def test_a_person_twice_as_quick_on_known_items_is_seen_by_the_size_of_its_error() -> None:
    # two items usually take e^4 s, two known ones too; discrimination 2, so a speed from two items has se 1 / sqrt 8
    pace = integrity.Pace(np.full(4, 4.0), np.full(4, 2.0), 0.3, 0.0, 0, True)
    seconds = np.exp([[4.0, 4.0, 4.0 - log(2), 4.0 - log(2)]])
    found = integrity.known_by_pace(seconds, pace, np.array([2, 3]))
    assert found.times_faster[0] == pytest.approx(2.0)
    assert found.statistic[0] == pytest.approx(log(2) / sqrt(1 / 8 + 1 / 8))
