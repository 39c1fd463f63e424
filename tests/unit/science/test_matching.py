"""Candidates for one vacancy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karmayogi.science import matching

CUTS = np.array([0.0, 0.5, -0.5])
ESSENTIAL = np.array([True, True, False])
WEIGHTS = np.array([2.0, 1.0, 1.0])


def people(count: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    keys = rng.choice(10_000, size=count, replace=False)
    return rng.normal(size=(count, 3)), rng.uniform(0.1, 1.0, (count, 3)), keys


def rank(means: np.ndarray, sds: np.ndarray, keys: np.ndarray, **other: float) -> matching.Ranking:
    return matching.rank(means, sds, CUTS, ESSENTIAL, WEIGHTS, keys=keys, seed=7, **other)  # type: ignore[arg-type]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 9))
def test_handing_candidates_in_another_order_changes_nothing_for_any_of_them(seed: int, count: int) -> None:
    means, sds, keys = people(count, seed)
    shuffle = np.random.default_rng(seed).permutation(count)
    one, two = rank(means, sds, keys), rank(means[shuffle], sds[shuffle], keys[shuffle])
    assert keys[one.order].tolist() == keys[shuffle][two.order].tolist()
    for name in ("overall", "shortfall", "brackets", "first", "decisive", "overall_if_met", "weakest"):
        assert getattr(one, name)[shuffle].tobytes() == getattr(two, name).tobytes()


def test_same_input_and_seed_give_the_same_bytes_and_another_seed_other_redraws() -> None:
    means, sds, keys = people(6, 1)
    one, two = rank(means, sds, keys), rank(means, sds, keys)
    other = matching.rank(means, sds, CUTS, ESSENTIAL, WEIGHTS, keys=keys, seed=8)
    assert one.first.tobytes() == two.first.tobytes()
    assert one.first.tobytes() != other.first.tobytes()
    assert one.order.tolist() == other.order.tolist()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 2))
def test_a_better_estimate_never_lowers_a_candidate(seed: int, requirement: int) -> None:
    means, sds, keys = people(6, seed)
    before = rank(means, sds, keys, redraws=10)
    means[2, requirement] += 0.5
    after = rank(means, sds, keys, redraws=10)
    assert after.overall[2] >= before.overall[2]
    assert after.shortfall[2] <= before.shortfall[2]
    assert after.order.tolist().index(2) <= before.order.tolist().index(2)


def test_two_with_the_same_record_share_a_bracket_and_the_lower_key_is_listed_first() -> None:
    means = np.array([[1.0, 1.0, 1.0]] * 2)
    ranking = rank(means, np.full((2, 3), 0.5), np.array([9, 4]))
    assert ranking.order.tolist() == [1, 0]
    assert ranking.brackets.tolist() == [1, 1]
    assert ranking.first.sum() == pytest.approx(1.0)
    assert abs(ranking.first[0] - 0.5) < 0.1


def test_those_who_clearly_stand_apart_have_brackets_of_their_own() -> None:
    means = np.array([[-2.0] * 3, [3.0] * 3, [-0.5] * 3])
    ranking = rank(means, np.full((3, 3), 0.1), np.array([1, 2, 3]))
    assert ranking.order.tolist() == [1, 2, 0]
    assert ranking.brackets.tolist() == [3, 1, 2]
    assert ranking.first.tolist() == [0.0, 1.0, 0.0]


def test_a_candidate_clearly_behind_the_first_opens_a_bracket_whoever_stands_between() -> None:
    # the second is too uncertain to be told from either; the third is clearly behind the first
    means = np.array([[0.6, 1.1, 0.6], [0.5, 1.0, 0.5], [-0.5, 0.0, -0.5]])
    sds = np.array([[0.2] * 3, [2.0] * 3, [0.1] * 3])
    ranking = rank(means, sds, np.array([1, 2, 3]))
    assert ranking.order.tolist() == [0, 1, 2]
    assert ranking.brackets.tolist() == [1, 1, 2]


def test_what_decides_is_the_least_sure_essential_requirement_not_the_merely_desirable() -> None:
    means = np.array([[2.0, 0.2, -3.0]])
    ranking = rank(means, np.ones((1, 3)), np.array([1]))
    assert ranking.decisive.tolist() == [1]
    assert ranking.overall_if_met[0] == pytest.approx(ranking.chances[0, 0])
    assert ranking.weakest.tolist() == [2]
    assert ranking.strongest.tolist() == [0]


def test_with_nothing_essential_all_meet_everything_and_the_shortfall_orders_them() -> None:
    means, sds, keys = people(4, 3)
    ranking = matching.rank(means, sds, CUTS, np.zeros(3, dtype=bool), WEIGHTS, keys=keys, seed=1)
    assert ranking.overall.tolist() == [1.0] * 4
    assert ranking.decisive.tolist() == [matching.NOTHING_ESSENTIAL] * 4
    assert ranking.order.tolist() == np.argsort(ranking.shortfall).tolist()


def test_a_vacancy_without_candidates_ranks_nobody() -> None:
    ranking = rank(np.zeros((0, 3)), np.zeros((0, 3)), np.array([], dtype=np.int64))
    assert ranking.order.tolist() == []
    assert ranking.first.tolist() == []


def test_two_candidates_under_one_key_are_refused() -> None:
    with pytest.raises(matching.KeysNotDistinct, match="key of their own"):
        rank(np.zeros((2, 3)), np.ones((2, 3)), np.array([5, 5]))


def test_the_expected_shortfall_is_what_many_redraws_average_to() -> None:
    draws = np.random.default_rng(0).normal(0.3, 0.8, 400_000)
    expected = matching.expected_shortfalls(np.array([0.3]), np.array([0.8]), np.array([0.5]))
    assert expected == pytest.approx([np.maximum(0.5 - draws, 0.0).mean()], abs=3e-3)
