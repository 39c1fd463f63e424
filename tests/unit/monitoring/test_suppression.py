"""Small groups stay hidden, also from someone who adds, subtracts and reasons about what is shown."""

import numpy as np
import pytest
from scipy.optimize import linprog

from karmayogi.monitoring.suppression import COMPLEMENT, SHOWN, SMALL, hide

LEAST = 10


def rests(sizes, parents, marks):
    """Every sum that adding and subtracting shown figures can isolate: a shown group less what is shown beneath it."""
    left = {i: size for i, size in enumerate(sizes) if marks[i] == SHOWN}
    for i in list(left):
        above = parents[i]
        while above >= 0 and marks[above] != SHOWN:
            above = parents[above]
        if above >= 0:
            left[above] -= sizes[i]
    return left


def pinned(sizes, parents, marks):
    """Small groups whose size a linear-programming attacker, who believes the marks, knows exactly.

    The attacker also knows which groups have no officials of their own.
    """
    n = len(sizes)
    beneath = np.eye(n)
    for i in reversed(range(n)):
        if parents[i] >= 0:
            beneath[parents[i]] += beneath[i]
    own = [sizes[i] - sum(sizes[c] for c in range(n) if parents[c] == i) for i in range(n)]
    bounds = [(0, None if amount else 0) for amount in own]
    shown = [i for i in range(n) if marks[i] == SHOWN]
    small = [i for i in range(n) if marks[i] == SMALL]
    large = [i for i in range(n) if marks[i] == COMPLEMENT]
    limits = np.vstack([beneath[small], -beneath[small], -beneath[large]])
    most = [LEAST - 1] * len(small) + [-1] * len(small) + [-LEAST] * len(large)
    known = {
        "A_ub": limits if len(limits) else None,
        "b_ub": most or None,
        "A_eq": beneath[shown] if shown else None,
        "b_eq": [sizes[i] for i in shown] or None,
        "bounds": bounds,
    }
    found = []
    for group in small:
        low, high = (linprog(sign * beneath[group], **known) for sign in (1, -1))
        assert low.status == 0
        if high.status == 0 and -high.fun - low.fun < 0.5:
            found.append(group)
    return found


def tree(seed):
    """A service of random bodies; many of them small, some with officials of their own beside those beneath."""
    draw = np.random.default_rng(seed)
    parents, own = [-1], [0]
    for _ in range(int(draw.integers(2, 16))):
        parents.append(int(draw.integers(0, len(parents))))
        own.append(0)
    for i in range(len(parents)):
        leaf = i not in parents
        own[i] = int(draw.choice([1, 2, 9, 10, 11, 12, 30])) if leaf else int(draw.choice([0, 0, 0, 3, 15]))
    sizes = list(own)
    for i in reversed(range(1, len(parents))):
        sizes[parents[i]] += sizes[i]
    return sizes, parents


def test_nothing_is_hidden_where_all_groups_are_large():
    assert hide([60, 20, 40], [-1, 0, 0], least=LEAST) == ["", "", ""]


def test_a_group_below_the_limit_takes_the_next_smallest_with_it():
    assert hide([63, 3, 40, 20], [-1, 0, 0, 0], least=LEAST) == ["", SMALL, "", COMPLEMENT]


def test_two_small_groups_that_together_are_small_need_a_third():
    assert hide([65, 2, 3, 40, 20], [-1, 0, 0, 0, 0], least=LEAST) == ["", SMALL, SMALL, "", COMPLEMENT]


def test_two_small_groups_that_together_are_large_hide_each_other():
    assert hide([53, 6, 7, 40], [-1, 0, 0, 0], least=LEAST) == ["", SMALL, SMALL, ""]


def test_officials_of_the_parent_itself_are_not_given_away_by_its_shown_children():
    """A department of 43 with 3 in its own office and two units of 20: the smaller unit in order is hidden too."""
    assert hide([43, 20, 20], [-1, 0, 0], least=LEAST) == ["", COMPLEMENT, ""]


def test_a_hidden_body_is_not_put_together_again_from_the_offices_beneath_it():
    """Hiding department B (30) to protect A (4) helps only if not all of B's offices are shown."""
    sizes, parents = [94, 4, 30, 60, 15, 15], [-1, 0, 0, 0, 2, 2]
    marks = hide(sizes, parents, least=LEAST)
    assert marks[:4] == ["", SMALL, COMPLEMENT, ""]
    assert COMPLEMENT in marks[4:]
    assert min(v for v in rests(sizes, parents, marks).values() if v) >= LEAST


def test_a_whole_service_below_the_limit_shows_nothing():
    assert hide([9, 4, 5], [-1, 0, 0], least=LEAST) == [SMALL] * 3


@pytest.mark.parametrize("seed", range(60))
def test_no_subtraction_over_the_published_tree_isolates_a_small_group(seed):
    sizes, parents = tree(seed)
    marks = hide(sizes, parents, least=LEAST)
    assert [marks[i] for i, size in enumerate(sizes) if size < LEAST] == [SMALL] * sum(
        s < LEAST for s in sizes
    )
    assert [v for v in rests(sizes, parents, marks).values() if 0 < v < LEAST] == []


@pytest.mark.parametrize("seed", range(60))
def test_an_attacker_with_linear_programming_cannot_pin_a_small_group_down(seed):
    sizes, parents = tree(seed)
    assert pinned(sizes, parents, hide(sizes, parents, least=LEAST)) == []


def test_the_attacks_succeed_where_only_small_groups_are_hidden():
    sizes, parents = [63, 3, 40, 20], [-1, 0, 0, 0]
    careless = [SMALL if size < LEAST else SHOWN for size in sizes]
    assert rests(sizes, parents, careless)[0] == 3
    assert pinned(sizes, parents, careless) == [1]


def test_the_attack_through_the_marks_succeeds_on_a_tight_pair():
    assert pinned([51, 1, 10, 40], [-1, 0, 0, 0], ["", SMALL, COMPLEMENT, ""]) == [1]
    assert hide([51, 1, 10, 40], [-1, 0, 0, 0], least=LEAST) == ["", SMALL, COMPLEMENT, COMPLEMENT]


def test_a_hundred_thousand_bodies_take_seconds_at_most():
    draw = np.random.default_rng(1)
    count = 100_000
    parents = [-1, *(int(i // 8) for i in range(count - 1))]
    sizes = [int(v) for v in draw.integers(1, 60, count)]
    for i in reversed(range(1, count)):
        sizes[parents[i]] += sizes[i]
    marks = hide(sizes, parents, least=LEAST)
    assert [v for v in rests(sizes, parents, marks).values() if 0 < v < LEAST] == []
