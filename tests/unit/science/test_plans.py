"""Personal plans."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karmayogi.science import plans


def choose(options: list[tuple[float, float, int, int]], available: float, **other: float) -> plans.Plan:
    gain, hours, share, need = (np.array(column) for column in zip(*options, strict=True))
    return plans.choose(gain, hours, share, need, hours_available=available, **other)  # type: ignore[arg-type]


OPTION = st.tuples(st.floats(0, 5), st.floats(0.5, 20), st.integers(0, 2), st.integers(0, 3))


@settings(deadline=None)
@given(st.lists(OPTION, min_size=1, max_size=15), st.floats(0, 60))
def test_a_plan_keeps_to_its_hours_takes_nothing_twice_and_nothing_useless(
    options: list[tuple[float, float, int, int]], available: float
) -> None:
    plan = choose(options, available)
    assert sum(plan.hours) <= available + 1e-6
    assert len(set(plan.chosen)) == len(plan.chosen)
    assert all(choice.gain > 0 for choice in plan.choices)
    assert plan.gain == pytest.approx(sum(choice.gain for choice in plan.choices))
    used = sum(options[option][1] for option in plan.chosen)
    left = [o for o in range(len(options)) if o not in plan.chosen and options[o][0] > 0.01]
    assert all(used + options[option][1] > available for option in left)


@settings(deadline=None)
@given(st.lists(OPTION, min_size=1, max_size=15), st.floats(0, 60))
def test_a_share_is_overfilled_only_by_choices_that_say_so(
    options: list[tuple[float, float, int, int]], available: float
) -> None:
    plan = choose(options, available)
    most = (np.array([0.7, 0.2, 0.1]) + 0.1) * available
    for choice in plan.choices:
        share = options[choice.option][2]
        assert choice.beyond_share or choice.hours_used[share] <= most[share] + 1e-6


def test_a_second_option_for_the_same_need_counts_half_so_another_need_comes_first() -> None:
    plan = choose([(4.0, 1.0, 0, 0), (3.8, 1.0, 0, 0), (2.0, 1.0, 0, 1)], 3.0, tolerance=1.0)
    assert plan.chosen == (0, 2, 1)
    assert [choice.gain for choice in plan.choices] == [4.0, 2.0, 1.9]


def test_seventy_twenty_ten_is_reached_when_the_options_allow_it() -> None:
    options = [(2.0, 1.0, share, need) for need, share in enumerate([2] * 10 + [1] * 10 + [0] * 10)]
    plan = choose(options, 10.0)
    assert plan.within_tolerance
    assert plan.hours == (6.0, 2.0, 2.0)
    assert not any(choice.beyond_share for choice in plan.choices)


def test_where_only_training_helps_the_plan_uses_it_and_says_it_is_beyond_its_share() -> None:
    plan = choose([(3.0, 2.0, 2, 0), (2.0, 2.0, 2, 1)], 10.0)
    assert [choice.beyond_share for choice in plan.choices] == [False, True]
    assert not plan.within_tolerance


def test_equal_options_are_taken_in_the_order_given() -> None:
    assert choose([(1.0, 1.0, 0, 0), (1.0, 1.0, 0, 1)], 1.0, tolerance=1.0).chosen == (0,)


def test_no_options_or_no_hours_make_an_empty_plan() -> None:
    nothing = np.array([], dtype=np.int64)
    empty = plans.choose(nothing * 1.0, nothing * 1.0, nothing, nothing, hours_available=10.0)
    assert (empty.chosen, empty.hours, empty.within_tolerance) == ((), (0.0, 0.0, 0.0), False)
    assert choose([(1.0, 1.0, 0, 0)], 0.0).chosen == ()


def test_an_option_without_a_length_is_refused() -> None:
    with pytest.raises(ValueError, match="hours above 0"):
        choose([(1.0, 0.0, 0, 0)], 5.0)
