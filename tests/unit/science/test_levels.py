"""Statements, awards and places on the scale."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from karmayogi.science import levels

ABILITY = st.floats(-5, 5)
SD = st.floats(0.01, 3)


@given(ABILITY, SD, ABILITY, st.floats(0, 2))
def test_the_chance_never_falls_as_the_estimate_rises_or_the_cut_sinks(
    mean: float, sd: float, cut: float, more: float
) -> None:
    assert levels.chances(mean + more, sd, cut) >= levels.chances(mean, sd, cut)
    assert levels.chances(mean, sd, cut - more) >= levels.chances(mean, sd, cut)


@given(ABILITY, SD, ABILITY, st.floats(-3, 3))
def test_the_chance_depends_only_on_the_distance_to_the_cut(
    mean: float, sd: float, cut: float, shift: float
) -> None:
    assert levels.chances(mean + shift, sd, cut + shift) == pytest.approx(
        levels.chances(mean, sd, cut), abs=1e-9
    )


@given(ABILITY, SD, ABILITY)
def test_met_and_below_mirror_each_other(mean: float, sd: float, cut: float) -> None:
    mirror = {"met": "below", "below": "met", "unsure": "unsure"}
    here = levels.statements(mean, sd, 5.0, cut, least_information=1.0).item()
    there = levels.statements(-mean, sd, 5.0, -cut, least_information=1.0).item()
    assert there == mirror[here]


def test_a_chance_of_exactly_four_in_five_is_enough_in_spite_of_rounding() -> None:
    z = 0.8416212335729143
    says = levels.statements([z, -z], 1.0, 1.0, 0.0, least_information=1.0)
    assert says.tolist() == ["met", "below"]


def test_an_estimate_without_spread_is_met_at_the_cut_and_below_under_it() -> None:
    assert levels.chances([1.0, 0.999], 0.0, 1.0).tolist() == [1.0, 0.0]


def test_statements_broadcast_people_over_the_cuts_of_a_scale() -> None:
    says = levels.statements(
        np.array([[0.0], [2.0]]),
        0.3,
        np.array([[9.0], [0.0]]),
        np.array([-1.0, 0.0, 1.0]),
        least_information=1.0,
    )
    assert says.tolist() == [["met", "unsure", "below"], ["unsure", "unsure", "unsure"]]
    assert levels.Statement(says[0, 0]) is levels.Statement.MET


def test_a_least_information_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="without evidence nothing is decided"):
        levels.statements(0.0, 1.0, 0.0, 0.0, least_information=0.0)


@given(ABILITY, st.floats(0, 3))
def test_the_place_on_the_scale_rises_with_ability_and_stays_on_it(theta: float, more: float) -> None:
    cuts = np.array([-1.5, -0.5, 0.2, 2.0])
    here, there = levels.on_scale([theta, theta + more], cuts)
    assert 1.0 <= here <= there <= 4.0


def test_a_scale_of_one_level_has_one_place_and_unordered_cuts_are_refused() -> None:
    assert levels.on_scale([-1.0, 1.0], [0.0]).tolist() == [1.0, 1.0]
    with pytest.raises(levels.CutsNotAscending, match="must rise"):
        levels.on_scale(0.0, [0.0, 0.0])


def test_lower_levels_may_be_awarded_on_one_kind_of_evidence() -> None:
    assert levels.awarded([0.9, 0.9, 0.9], [1, 1, 0], least_kinds=[1, 2, 1]).tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("means", "sds", "information", "cuts"),
    [
        ([np.nan], [1.0], [1.0], [0.0]),
        ([0.0], [np.nan], [1.0], [0.0]),
        ([0.0], [-1.0], [1.0], [0.0]),
        ([0.0], [1.0], [np.nan], [0.0]),
        ([0.0], [1.0], [1.0], [np.nan]),
    ],
)
def test_nothing_is_said_of_what_is_no_number(
    means: list[float], sds: list[float], information: list[float], cuts: list[float]
) -> None:
    with pytest.raises(levels.EstimateNotANumber):
        levels.statements(means, sds, information, cuts, least_information=1.0)


def test_a_threshold_that_would_say_met_and_below_at_once_is_refused() -> None:
    with pytest.raises(ValueError, match="sure"):
        levels.statements([0.0], [1.0], [1.0], [0.0], sure=0.4, least_information=1.0)


@pytest.mark.parametrize("share", [0.0, 1.0, 1.2, -0.1, np.nan, 90.0])
def test_an_interval_that_holds_no_such_share_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        levels.likely_range([0.0], [1.0], share=share)


def test_an_interval_of_a_spread_below_nothing_is_refused_and_of_nobody_is_none() -> None:
    with pytest.raises(levels.EstimateNotANumber):
        levels.likely_range([0.0, 1.0], [1.0, -1.0])
    low, high = levels.likely_range([0.0, np.nan], [1.0, np.nan], share=0.5)
    assert (low[0], high[0]) == pytest.approx((-0.674490, 0.674490), abs=1e-6)
    assert np.isnan([low[1], high[1]]).all()
