"""Standard setting beyond what is checked by hand: errors that fit what happens, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karmayogi.science import standard_setting as standards
from karmayogi.science.integrity.items import right_chances
from karmayogi.science.irt import Items
from karmayogi.science.standard_setting import JudgementsCannotBeUsed

ITEMS = Items.logistic(np.linspace(0.6, 2.0, 12), np.linspace(-2.0, 2.0, 12))
GUESSED = Items.logistic(ITEMS.a, ITEMS.difficulty, lower=0.2)


def panel(judges: int, items: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Ratings with judge sd 0.05 and rest sd 0.1 about items' true ratings."""
    leniency = 0.05 * random.standard_normal((judges, 1))
    return np.clip(items + leniency + 0.1 * random.standard_normal((judges, len(items))), 0.0, 1.0)


def test_the_standard_error_is_what_other_panels_differ_by() -> None:
    random = np.random.default_rng(1)
    items = random.uniform(0.4, 0.7, 30)
    cuts = [standards.angoff(panel(10, items, random)) for _ in range(400)]
    assert np.std([one.cut for one in cuts]) == pytest.approx(np.mean([one.se for one in cuts]), rel=0.12)
    assert np.mean([one.judge_variance for one in cuts]) == pytest.approx(0.05**2, rel=0.15)
    assert np.mean([one.rest_variance for one in cuts]) == pytest.approx(0.1**2, rel=0.05)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_the_error_on_these_items_is_the_spread_of_the_judges_cuts(seed: int) -> None:
    found = standards.angoff(panel(6, np.full(9, 0.5), np.random.default_rng(seed)))
    assert found.se == pytest.approx(found.judge_cuts.std(ddof=1) / np.sqrt(6))


def test_rounds_are_told_one_by_one() -> None:
    random = np.random.default_rng(2)
    first = panel(8, np.full(20, 0.5), random)
    second = first.mean(axis=0) + (first - first.mean(axis=0)) / 2.0
    rounds = standards.angoff_rounds([first, second])
    assert rounds[1].se == pytest.approx(rounds[0].se / 2.0)
    assert rounds[1].cut == pytest.approx(rounds[0].cut)


def test_items_of_more_points_are_rated_up_to_their_points() -> None:
    found = standards.angoff([[0.5, 2.5], [0.7, 2.7]], most=[1.0, 3.0])
    assert found.cut == pytest.approx(3.2)
    with pytest.raises(JudgementsCannotBeUsed, match="highest"):
        standards.angoff([[0.5, 2.5], [0.7, 2.7]])


@pytest.mark.parametrize("most", [np.nan, np.inf, 0.0, [1.0, np.nan], [1.0, 1.0, 1.0]])
def test_highest_scores_that_are_none_are_refused(most: float | list[float]) -> None:
    with pytest.raises(JudgementsCannotBeUsed, match="one number, or one per item"):
        standards.angoff([[0.5, 2.5], [0.7, 2.7]], most=most)


@pytest.mark.parametrize("items", [ITEMS, GUESSED])
def test_a_raw_cut_goes_to_an_ability_and_back(items: Items) -> None:
    raw = np.array([[3.5, 6.0], [9.0, 11.5]])
    assert standards.raw_of(standards.ability_of(raw, items), items) == pytest.approx(raw, abs=1e-9)


@pytest.mark.parametrize(("raw", "items"), [(0.0, ITEMS), (12.0, ITEMS), (2.4, GUESSED), (np.nan, ITEMS)])
def test_a_raw_cut_no_ability_stands_for_is_refused(raw: float, items: Items) -> None:
    with pytest.raises(JudgementsCannotBeUsed, match="raw cut"):
        standards.ability_of(raw, items)


@pytest.mark.parametrize("items", [ITEMS, GUESSED])
def test_at_its_place_in_the_booklet_an_item_is_answered_with_that_chance(items: Items) -> None:
    places = standards.locations(items, response_probability=0.67)
    assert np.diag(right_chances(places, items)) == pytest.approx(np.full(12, 0.67))
    assert (np.diff(places[standards.ordered_booklet(items)]) >= 0.0).all()


def test_the_mark_lies_before_at_or_between() -> None:
    places = np.sort(standards.locations(ITEMS))
    cuts = {
        place: standards.bookmark([5, 5], ITEMS, place=place).cut for place in ("before", "at", "between")
    }
    assert cuts["before"] == pytest.approx(places[4])
    assert cuts["at"] == pytest.approx(places[5])
    assert cuts["between"] == pytest.approx((places[4] + places[5]) / 2)
    assert standards.bookmark([12, 12], ITEMS).cut == pytest.approx(places[11])


def test_judges_of_one_table_are_not_that_many_judges() -> None:
    pages, table = [3, 3, 3, 8, 8, 8], [0, 0, 0, 1, 1, 1]
    found = standards.bookmark(pages, ITEMS, average="mean", table=table)
    assert found.se_tables > 1.5 * found.se
    assert np.isnan(standards.bookmark(pages, ITEMS).se_tables)


@pytest.mark.parametrize(
    ("pages", "place", "says"),
    [
        ([0, 3], "before", "from 1 to 12"),
        ([12, 3], "at", "from 0 to 11"),
        ([3.5, 4.0], "before", "whole"),
        ([3], "before", "two judges"),
    ],
)
def test_marks_outside_the_booklet_are_refused(pages: list[float], place: str, says: str) -> None:
    with pytest.raises(JudgementsCannotBeUsed, match=says):
        standards.bookmark(pages, ITEMS, place=place)  # type: ignore[arg-type]


@pytest.mark.parametrize("option", [{"average": "mode"}, {"place": "after"}])
def test_averages_and_places_there_are_not_are_refused(option: dict[str, str]) -> None:
    with pytest.raises(JudgementsCannotBeUsed, match="|".join(option.values())):
        standards.bookmark([3, 4], ITEMS, **option)  # type: ignore[arg-type]


def test_a_response_probability_guessing_reaches_is_refused() -> None:
    with pytest.raises(JudgementsCannotBeUsed, match="guessing"):
        standards.locations(GUESSED, response_probability=0.2)


@pytest.mark.parametrize(
    "ratings", [[[0.5, 0.6]], [[0.5, np.nan], [0.5, 0.5]], [[0.5, 60.0], [0.5, 0.5]], [0.5]]
)
def test_ratings_that_set_no_standard_are_refused(ratings: list[list[float]]) -> None:
    with pytest.raises(JudgementsCannotBeUsed):
        standards.angoff(ratings)


def test_fewer_reach_a_higher_cut_and_those_far_from_it_are_sure() -> None:
    scores = np.linspace(-2.0, 2.0, 401)
    found = standards.consequences(scores, [-1.0, 0.0, 1.0], errors=np.full(401, 0.3))
    assert (np.diff(found.share) < 0.0).all()
    assert ((found.interval[:, 0] < found.share) & (found.share < found.interval[:, 1])).all()
    # within 1.645 * 0.3 = 0.4935 of the cut nobody is sure: 99 of 401
    assert found.sure[1] == pytest.approx(302 / 401)
    assert np.isnan(standards.consequences(scores, [0.0]).sure[0])
    with pytest.raises(JudgementsCannotBeUsed, match="finite"):
        standards.consequences(scores, [np.inf])
