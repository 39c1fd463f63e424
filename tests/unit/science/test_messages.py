"""Rubrics marked blind, and evidence that counts for less."""

import numpy as np
import pytest

from karmayogi.science import levels, pooling
from karmayogi.science.pooling import Drift, Kind, Marking

STEADY = Drift(0.0, 1.0, 0.0)


def marks(level: list[int], marker: list[int] | None = None, **changed: object) -> pooling.RubricMessages:
    count = len(level)
    wanted = {"author": np.full(count, 99), "noise_sd": 1.0, "halo_sd": 0.5, **changed}
    return pooling.rubric_messages(
        np.full(count, 7), np.array(marker or range(count)), np.array(level), np.array(level, float) - 2.5, **wanted  # type: ignore[arg-type]
    )  # fmt: skip


def test_one_mark_waits_for_a_second_and_says_nothing() -> None:
    said = marks([3])
    assert said.state.tolist() == [Marking.SECOND]
    assert not said.log_likelihood.any()
    assert np.isinf(said.sd[0])


def test_two_marks_less_than_two_apart_are_enough() -> None:
    said = marks([3, 4])
    assert said.state.tolist() == [Marking.MARKED]
    assert said.mean.tolist() == [1.0]
    assert said.sd == pytest.approx([np.sqrt((1.0 + 0.25) / 2)])


def test_two_marks_two_apart_wait_for_a_third_and_three_are_enough() -> None:
    assert marks([2, 4]).state.tolist() == [Marking.THIRD]
    assert not marks([2, 4]).log_likelihood.any()
    third = marks([2, 4, 4])
    assert third.state.tolist() == [Marking.MARKED]
    assert third.mean == pytest.approx([10 / 3 - 2.5])


def test_pieces_are_told_apart_and_a_piece_is_not_its_maker() -> None:
    said = pooling.rubric_messages(
        np.array([5, 2, 5, 2]), np.array([1, 1, 2, 2]), np.array([3, 1, 3, 4]), np.array([0.5, -1.0, 0.5, 1.0]),
        author=np.array([8, 9, 8, 9]), noise_sd=1.0, work_sd=0.5,
    )  # fmt: skip
    assert said.work.tolist() == [2, 5]
    assert said.state.tolist() == [Marking.THIRD, Marking.MARKED]
    assert said.sd[1] == pytest.approx(np.sqrt(0.25 + 0.5))


@pytest.mark.parametrize(("marker", "author"), [([1, 1], 99), ([1, 99], 99)])
def test_marks_that_are_not_blind_are_refused(marker: list[int], author: int) -> None:
    with pytest.raises(pooling.MarksNotBlind, match="7"):
        marks([3, 3], marker, author=np.full(2, author))


def test_rubrics_that_cannot_be_read_are_refused() -> None:
    with pytest.raises(pooling.EvidenceMalformed, match="three"):
        marks([1, 2, 3, 4])
    with pytest.raises(pooling.EvidenceMalformed, match="noise"):
        marks([1, 2], noise_sd=0.0)
    with pytest.raises(pooling.EvidenceMalformed, match="each mark"):
        marks([1, 2], author=np.array([1]))


def test_a_thousand_finished_courses_meet_no_requirement_and_a_self_rating_changes_nothing() -> None:
    rows = pooling.normal_log_likelihoods(np.full(1001, 3.0), np.ones(1001))
    kinds = [Kind.COMPLETED.value] * 1000 + [Kind.SELF_RATING.value]
    weighed, expires = pooling.weighed(rows, kinds, np.full(1001, np.nan))
    state = pooling.pool(
        np.zeros(1001, int), np.zeros(1001), weighed, groups=1, as_of=0.0, drift=STEADY, expires=expires
    )
    assert state.information.tolist() == [0.0]
    assert levels.statements(
        state.means, state.sds, state.information, 0.0, least_information=0.01
    ).tolist() == ["unsure"]
    assert not weighed[-1].any()


def test_a_test_counts_in_full_and_one_course_by_a_hair() -> None:
    rows = pooling.normal_log_likelihoods(np.full(2, 2.0), np.ones(2))
    weighed, expires = pooling.weighed(rows, ["test", "completed"], np.array([50.0, 50.0]))
    state = pooling.pool(
        np.arange(2), np.zeros(2), weighed, groups=2, as_of=0.0, drift=STEADY, expires=expires
    )
    assert state.means == pytest.approx([1.0, 2.0 * 0.01 / 1.01], abs=1e-6)
    assert expires.tolist() == [50.0, -np.inf]


def test_a_kind_without_weight_silences_even_the_impossible() -> None:
    rows = np.zeros((1, 121))
    rows[0, :60] = -np.inf
    weighed, _ = pooling.weighed(rows, ["rating"], np.array([np.nan]), weights={Kind.RATING: 0.0})
    assert not weighed.any()


def test_kinds_and_weights_nobody_knows_are_refused() -> None:
    rows = np.zeros((1, 121))
    with pytest.raises(pooling.EvidenceMalformed, match="hearsay"):
        pooling.weighed(rows, ["hearsay"], np.zeros(1))
    with pytest.raises(pooling.EvidenceMalformed, match="0 to 1"):
        pooling.weighed(rows, ["test"], np.zeros(1), weights={Kind.TEST: 1.5})


@pytest.mark.parametrize(
    "changed",
    [
        {"noise_sd": 0.0},
        {"halo_sd": -1.0},
        {"merge_days": -1.0},
        {"value": np.array([np.nan])},
        {"rater": np.array([-1])},
        {"rater": np.array([0.6])},
        {"group": np.array([0.6])},
    ],
)  # fmt: skip
def test_ratings_that_cannot_be_read_are_refused(changed: dict[str, object]) -> None:
    one = np.zeros(1)
    columns = {"group": one.astype(int), "rater": one.astype(int), "value": one, "severity": one}
    rest = {"day": one, "as_of": 1.0, "noise_sd": 1.0, "halo_sd": 0.0, "merge_days": 0.0}
    with pytest.raises(pooling.EvidenceMalformed):
        pooling.rating_log_likelihoods(**{**columns, **rest, **changed})  # type: ignore[arg-type]


def test_codes_as_large_as_codes_can_be_are_kept_apart() -> None:
    group, rater = np.array([0, 4, 2**62, 4]), np.array([7, 2**62 - 1, 2**62 - 1, 0])
    said = pooling.rating_log_likelihoods(
        group, rater, np.arange(4.0), np.zeros(4), day=np.ones(4), as_of=1.0,
        noise_sd=1.0, halo_sd=0.0, merge_days=0.0,
    )  # fmt: skip
    assert said.group.tolist() == [0, 4, 4, 2**62]
    assert said.rater.tolist() == [7, 0, 2**62 - 1, 2**62 - 1]
    assert said.mean.tolist() == [0.0, 3.0, 1.0, 2.0]
    assert said.message.tolist() == [0, 2, 3, 1]
