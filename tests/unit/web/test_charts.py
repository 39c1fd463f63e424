"""Pictures put their numbers where a reader would measure them, and mirror where direction matters."""

import re

import pytest

from karmayogi.web import charts


def test_a_level_scale_puts_level_one_at_the_start_and_the_top_level_at_the_end() -> None:
    picture = charts.draw_scale(1, 1, 5, 5)
    assert 'class="dt" d="M0.0 14h.01"' in picture
    assert 'class="rq" d="M400.0 1V27"' in picture
    assert 'class="bd" d="M0.0 14H400.0"' in picture


def test_a_level_scale_of_six_levels_has_six_ticks_at_equal_distances() -> None:
    grid = re.search(r'class="gr" d="([^"]+)"', charts.draw_scale(3, 2, 4, 3, levels=6))
    assert grid is not None
    assert re.findall(r"M([\d.]+)", grid[1]) == ["0.0", "80.0", "160.0", "240.0", "320.0", "400.0"]


def test_a_range_wholly_below_the_need_is_joined_to_it_by_a_dashed_line() -> None:
    assert 'class="short" d="M140.0 14H200.0"' in charts.draw_scale(2.4, 2.0, 2.8, 3)
    assert "short" not in charts.draw_scale(2.9, 2.2, 3.6, 3)


def test_without_evidence_only_the_need_is_drawn() -> None:
    picture = charts.draw_scale(None, need=3)
    assert 'class="rq"' in picture
    assert "bd" not in picture
    assert "dt" not in picture


def test_the_range_before_is_drawn_only_when_given() -> None:
    assert 'class="was" d="M120.0 14H260.0"' in charts.draw_scale(3.4, 3.0, 3.8, 3, was=(2.2, 3.6))
    assert "was" not in charts.draw_scale(3.4, 3.0, 3.8, 3)


def test_a_value_beyond_the_axis_stands_at_its_end() -> None:
    assert 'class="dt" d="M400.0 14h.01"' in charts.draw_scale(5.6, 5, 6, 3)


def test_a_number_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        charts.draw_meter(float("nan"), 10)


def test_a_meter_fills_its_share_and_stays_empty_for_a_total_of_zero() -> None:
    assert 'class="fg" width="42.0"' in charts.draw_meter(42, 100)
    assert 'class="done" width="0.0"' in charts.draw_meter(3, 0, done=True)


def test_a_tally_leaves_one_unit_between_its_three_parts() -> None:
    rects = re.findall(r'class="(\w+)" x="([\d.]+)" width="([\d.]+)"', charts.draw_tally(6, 2, 2))
    assert rects == [("met", "0.0", "58.8"), ("gap", "59.8", "19.6"), ("unsure", "80.4", "19.6")]


def test_a_tally_leaves_out_states_nobody_is_in() -> None:
    assert re.findall(r'rect class="(\w+)"', charts.draw_tally(0, 0, 4)) == ["unsure"]
    assert "rect" not in charts.draw_tally(0, 0, 0)


def test_pips_count_done_wanted_and_free_courses() -> None:
    picture = charts.draw_pips(2, 3, 6)
    assert re.findall(r'rect class="(\w+)"', picture) == ["done", "done", "need", "free", "free", "free"]
    assert picture.count("tick keep") == 2


def test_weight_fills_as_many_bars_as_the_evidence_counts() -> None:
    assert re.findall(r'rect class="(\w+)"', charts.draw_weight(3)) == ["on", "on", "on", "off"]


@pytest.mark.parametrize(("chance", "mark"), [(0.8, "m-met"), (0.5, "m-unsure"), (0.2, "m-gap")])
def test_the_shape_of_a_chance_says_its_state(chance: float, mark: str) -> None:
    assert f'class="{mark}"' in charts.draw_chance(chance, chance - 0.1, chance + 0.1)


def test_a_chance_of_one_half_stands_in_the_middle_of_the_strip() -> None:
    assert 'cx="60.0"' in charts.draw_chance(0.5, 0.4, 0.6)


def test_a_pair_draws_a_disc_for_the_first_and_a_diamond_for_the_second() -> None:
    picture = charts.draw_pair((0.0, 0.0, 0.5), (1.0, 0.5, 1.0))
    assert 'class="m-a" cx="6.0"' in picture
    assert 'class="m-b" d="M294.0 20.5' in picture


def test_shares_of_70_20_10_are_cut_at_70_and_90() -> None:
    assert 'd="M70.0 0v10M90.0 0v10"' in charts.draw_shares(70, 20, 10)


def test_shares_of_nothing_draw_an_empty_bar() -> None:
    assert 'class="bg"' in charts.draw_shares(0, 0, 0)


def test_an_interval_and_its_base_share_one_axis() -> None:
    picture = charts.draw_interval(63, 60, 66, 58, low=40, high=80)
    assert 'class="nat" d="M180.0 0V28"' in picture
    assert 'class="bd" d="M200.0 14H260.0"' in picture
    assert 'class="dt" d="M230.0 14h.01"' in picture


def test_a_sparkline_runs_from_its_lowest_to_its_highest_value() -> None:
    assert 'd="M4.0 24.0L60.0 14.0L116.0 4.0"' in charts.draw_sparkline([1, 2, 3])


def test_a_sparkline_of_equal_or_no_values_is_still_a_picture() -> None:
    assert 'cy="14.0"' in charts.draw_sparkline([2, 2])
    assert "path" not in charts.draw_sparkline([])


def test_a_course_from_may_to_june_fills_the_second_and_third_month() -> None:
    assert 'class="course" x="41.0" y="7" width="78.0"' in charts.draw_months(1, 3)


@pytest.mark.parametrize(
    "picture",
    [
        charts.draw_scale(3, 2, 4, 3),
        charts.draw_meter(1, 2),
        charts.draw_tally(1, 1, 1),
        charts.draw_pips(1, 2, 3),
        charts.draw_weight(2),
        charts.draw_chance(0.5, 0.4, 0.6),
        charts.draw_pair((0.5, 0.4, 0.6), (0.5, 0.4, 0.6)),
        charts.draw_shares(7, 2, 1),
        charts.draw_interval(50, 40, 60, 50),
        charts.draw_sparkline([1, 2]),
        charts.draw_months(0, 1),
    ],
)
def test_every_picture_is_hidden_from_readers_mirrors_and_has_no_inline_style(picture: str) -> None:
    assert 'aria-hidden="true"' in picture
    assert re.search(r'^<svg class="[^"]*\bflip\b', picture)
    assert "style=" not in picture
