"""Cut scores, with tables a reader can check on paper."""

from math import log, sqrt

import numpy as np
import pytest

from karmayogi.science import standard_setting as standards
from karmayogi.science.irt import Items


def test_two_judges_a_tenth_apart_on_three_items() -> None:
    #           item 1  item 2  item 3   sum
    # judge 1     0.4     0.6     0.8    1.8
    # judge 2     0.5     0.7     0.9    2.1
    found = standards.angoff([[0.4, 0.6, 0.8], [0.5, 0.7, 0.9]])

    assert found.cut == pytest.approx(1.95)
    assert found.judge_leniency.tolist() == pytest.approx([-0.15, 0.15])
    # the sums differ by 0.3, their sd is 0.3 / sqrt 2, the error of their mean 0.3 / 2
    assert found.se == pytest.approx(0.15)
    # judges' means 0.6 and 0.7: variance 0.005; items' means 0.45, 0.65, 0.85: variance 0.04; nothing is left
    assert found.judge_variance == pytest.approx(0.005)
    assert found.item_variance == pytest.approx(0.04)
    assert found.rest_variance == pytest.approx(0.0, abs=1e-15)
    assert found.se_items == pytest.approx(3 * sqrt(0.005 / 2 + 0.04 / 3))
    assert found.generalizability == pytest.approx(1.0)
    assert found.dependability == pytest.approx(0.04 / (0.04 + 0.0025))
    # eight judges instead of two: half the error, as judges are all of it
    assert found.se_with(judges=8, items=3) == pytest.approx(0.15 / 2)


def test_judges_who_disagree_item_by_item_leave_it_all_to_the_rest() -> None:
    # sums are both 1.2, item means both 0.6: the mean square of the rest is 4 * 0.1^2 / 1
    found = standards.angoff([[0.5, 0.7], [0.7, 0.5]])
    assert found.rest_variance == pytest.approx(0.04)
    assert (found.judge_variance, found.item_variance) == (0.0, 0.0)
    assert found.generalizability == 0.0
    assert found.se == 0.0  # these judges on these items agree on the sum


def test_an_item_is_placed_where_two_of_three_borderline_people_know_it() -> None:
    items = Items.logistic(np.array([1.0, 1.0, 2.0]), np.array([0.0, 1.0, 2.0]))
    # odds of 2 to 1 are ln 2 above the difficulty, half as far on an item twice as steep
    places = standards.locations(items, response_probability=2 / 3)
    assert places.tolist() == pytest.approx([log(2), 1 + log(2), 2 + log(2) / 2])
    found = standards.bookmark([1, 2, 2], items, response_probability=2 / 3)
    assert found.judge_cuts.tolist() == pytest.approx([log(2), 1 + log(2), 1 + log(2)])
    assert found.cut == pytest.approx(1 + log(2))
    mean = standards.bookmark([1, 2, 2], items, response_probability=2 / 3, average="mean")
    assert mean.cut == pytest.approx(2 / 3 + log(2))
    # cuts 0, 1, 1 have variance 1/3, so the mean errs by sqrt(1/3 / 3)
    assert mean.se == pytest.approx(1 / 3)


def test_half_the_items_right_is_the_middle_of_a_symmetric_test() -> None:
    items = Items.logistic(np.ones(2), np.array([-1.0, 1.0]))
    assert standards.ability_of(1.0, items) == pytest.approx(0.0, abs=1e-12)
    assert standards.raw_of(0.0, items) == pytest.approx(1.0)


def test_one_of_four_people_at_a_cut_is_a_quarter_with_a_wide_interval() -> None:
    found = standards.consequences([0.0, 1.0, 2.0, 3.0], [3.0])
    assert found.share.tolist() == [0.25]
    # Wilson: (0.25 + 0.4802 -+ 1.96 sqrt(0.046875 + 0.060025)) / 1.9604, with 1.96^2 / 4 = 0.9604
    assert found.interval[0].tolist() == pytest.approx([0.0456, 0.6994], abs=1e-4)
