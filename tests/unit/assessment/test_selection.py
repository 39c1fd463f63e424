"""Selection: pure, by area, under the cap, and the same again from the same start."""

from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest

from karmayogi.assessment import selection
from karmayogi.assessment.blueprints import BlueprintCard
from karmayogi.assessment.selection import Start

ITEMS = tuple(UUID(int=n) for n in range(1, 7))
BANK = selection.bank(ITEMS, list("xxyyzz"), {}, {v: (1.0, n - 2.5) for n, v in enumerate(ITEMS)})
PLAN = BlueprintCard(UUID(int=99), UUID(int=98), "adaptive", 1, 2, 6, 0.3, 0.5, 10, {}, False, "salt", "1")
START = Start(selection.seed("salt", UUID(int=1), UUID(int=2)), 0.0, 1.0, None, 0.8, 1.0)


def believe(asked=(), right=(), start=START):
    return selection.believe(BANK, PLAN, start, asked, right)


def chosen(asked=(), right=(), closed=()):
    return BANK.versions[selection.next_item(BANK, PLAN, START, believe(asked, right), asked, closed=closed)]


def test_before_any_answer_the_belief_is_the_prior():
    belief = believe()
    assert (round(belief.mean, 6), round(belief.sd, 4), belief.certainty, belief.finished) == (
        0.0,
        1.0,
        0,
        False,
    )


def test_an_item_without_parameters_is_not_in_the_bank():
    bank = selection.bank(ITEMS, list("xxyyzz"), {}, {ITEMS[4]: (1.0, 0.0)})
    assert (bank.versions, bank.places) == ((ITEMS[4],), (4,))


def test_closed_places_are_not_asked():
    first = chosen()
    assert chosen(closed=[ITEMS.index(first)]) != first


def test_after_one_area_another_one_follows():
    areas = dict(zip(ITEMS, "xxyyzz", strict=True))
    first = chosen()
    second = chosen([first], [True])
    assert areas[first] != areas[second]


def test_a_share_of_nothing_keeps_an_area_out_as_long_as_others_have_items():
    bank = selection.bank(ITEMS, list("xxyyzz"), {"x": 1.0}, dict.fromkeys(ITEMS, (1.0, 0.0)))
    belief = selection.believe(bank, PLAN, START, [], [])
    assert selection.next_item(bank, PLAN, START, belief, [], closed=[]) in (0, 1)


def over(times, sittings, asked=(), longest=3):
    return selection.over_exposed(
        BANK, replace(PLAN, longest=longest), asked, times=np.array(times), sittings=sittings
    )


def test_under_the_cap_all_are_open_and_over_it_the_least_used_remain():
    assert over([5, 5, 5, 5, 5, 1], 10) == []
    assert over([5, 5, 5, 5, 5, 1], 8) == [0, 1, 2, 3, 4]
    assert over([5, 5, 5, 5, 5, 1], 1) == [0, 1, 2, 3, 4]
    assert over([5, 5, 5, 5, 5, 1], 1, asked=[ITEMS[5]]) == [5]


def test_a_pool_too_small_for_the_cap_takes_the_share_it_can_keep():
    assert over([5, 4, 5, 4, 5, 4], 6, longest=4) == [0, 2, 4]
    assert over([5, 4, 5, 4, 5, 4], 6, longest=6) == []


def test_a_decided_requirement_ends_the_sitting_and_a_prior_alone_does_not():
    sure = Start(START.seed, 3.0, 0.5, -1.0, 0.8, 0.1)
    assert not believe(start=sure).finished
    assert believe(ITEMS[3:6], [True] * 3, start=sure).finished
    assert not believe(ITEMS[3:6], [True] * 3, start=Start(START.seed, 3.0, 0.5, 3.1, 0.8, 0.1)).finished


@pytest.mark.parametrize("step", range(5))
def test_the_random_number_of_a_step_is_in_the_unit_interval_and_stays(step):
    assert 0.0 <= selection.uniform(START.seed, step) == selection.uniform(START.seed, step) < 1.0


def test_options_stand_in_another_order_in_another_sitting_and_in_the_same_in_the_same():
    orders = {tuple(selection.shuffled(list("abcd"), f"seed{n}", ITEMS[0])) for n in range(40)}
    assert len(orders) > 10
    assert selection.shuffled(list("abcd"), "s", ITEMS[0]) == selection.shuffled(list("dcba"), "s", ITEMS[0])
