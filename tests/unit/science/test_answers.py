"""Answers as matrices and as rows, with weights; odd ones are refused by name."""

import numpy as np
import pytest
from tests.unit.science.samples import mixed

from karmayogi.science import irt
from karmayogi.science.simulation import examinees


@pytest.mark.parametrize(
    ("codes", "more", "refused"),
    [
        (np.array([[1.0, np.nan], [0.0, 1.0]]), {}, irt.AnswersMalformed),
        (np.array([[1, 0.5], [0, 1]]), {}, irt.AnswersMalformed),
        (np.array([[1, -2], [0, 1]]), {}, irt.AnswersMalformed),
        (np.array([1, 0, 1]), {}, irt.AnswersMalformed),
        (np.zeros((0, 3), np.int8), {}, irt.AnswersMalformed),
        (np.array([[1, 1], [0, 1]]), {}, irt.ItemCannotBeCalibrated),
        (np.array([[1, -1], [0, -1]]), {}, irt.ItemCannotBeCalibrated),
        (np.array([[0, 2], [1, 0], [0, 2]]), {"models": "GRM"}, irt.CategoriesUnused),
        (np.array([[0, 2], [1, 1], [0, 0]]), {"models": "2PL"}, irt.ModelUnknown),
        (np.array([[0, 1], [1, 0]]), {"models": "5PL"}, irt.ModelUnknown),
        (np.array([[0, 1], [1, 0]]), {"models": ["2PL"]}, irt.ModelUnknown),
        (np.array([[0, 1], [1, 0]]), {"groups": [0, 2]}, irt.AnswersMalformed),
        (np.array([[0, 1], [1, 0]]), {"groups": [0]}, irt.AnswersMalformed),
        (np.array([[0, 1], [1, 0]]), {"weights": [-1.0, 1.0]}, irt.AnswersMalformed),
        (np.array([[0, 1], [1, 0]]), {"reference": 3}, irt.ScaleNotIdentified),
        (np.array([[0, 1], [1, 0]]), {"anchored": [0]}, irt.ScaleNotIdentified),
        (np.array([[0, -1], [1, -1], [-1, 0], [-1, 1]]), {"groups": [0, 0, 1, 1]}, irt.ScaleNotIdentified),
    ],
)
def test_odd_input_is_refused_by_name(codes, more, refused) -> None:
    with pytest.raises(refused):
        irt.fit(codes, **more)


def test_categories_nobody_chose_are_named_with_their_items() -> None:
    with pytest.raises(irt.CategoriesUnused, match="1 of 1") as refused:
        irt.fit(np.array([[0, 2], [1, 0], [0, 2]]), "GRM")
    assert (refused.value.unused, refused.value.items) == ([(1, 1)], [1])


def test_people_without_weight_or_answers_change_nothing_in_matrices_or_answers() -> None:
    codes = examinees.examinees(300, 8, 5).codes
    more = np.concatenate([codes, 1 - codes[:50], np.full((1000, 8), -1, np.int8)])
    weights = np.repeat([1.0, 0.0, 1.0], [300, 50, 1000])
    for form in (np.asarray, irt.Answers.of_matrix):
        plain, found = irt.fit(form(codes)), irt.fit(form(more), weights=weights)
        assert found.items.digest() == plain.items.digest()
        assert (found.people, found.bic, found.median_sd) == (300, plain.bic, plain.median_sd)


def test_weights_of_zero_refuse_alike_in_matrices_and_answers() -> None:
    codes = examinees.examinees(300, 8, 5).codes
    codes[20:, 7] = 1
    without = np.where(np.arange(300) < 20, 0.0, 1.0)
    for answers in (codes, irt.Answers.of_matrix(codes)):
        with pytest.raises(irt.ItemCannotBeCalibrated):
            irt.fit(answers, weights=without)
        for group in (np.arange(300) // 280, (np.arange(300) < 20).astype(int)):
            with pytest.raises(irt.AnswersMalformed, match="nobody"):
                irt.fit(answers, groups=group, weights=np.where(group == 1, 0.0, 1.0))


@pytest.mark.parametrize("kind", ["uint8", "uint64", "int8", "int64", "float32", "bool", "object"])
def test_answers_of_any_type_of_number_are_the_same_answers(kind) -> None:
    codes, groups = examinees.examinees(60, 8, 98).codes, np.arange(60) % 2
    for given_groups in (groups, groups.astype(np.uint64)):
        found = irt.fit(codes.astype(kind), groups=given_groups, errors="none")
        assert found.items.digest() == irt.fit(codes, groups=groups, errors="none").items.digest()
    scores = [irt.estimate(each, found.items).theta for each in (codes, codes.astype(kind))]
    assert (scores[0] == scores[1]).all()


@pytest.mark.parametrize(
    ("code", "kind"),
    [(255, "uint8"), (257, "int64"), (2**64 - 1, "uint64"), (1e300, "float64"), (None, "object"), ("a", "object"),
     ("1", "str"), (1 + 1j, "complex")],
)  # fmt: skip
def test_codes_that_would_wrap_around_or_are_no_numbers_are_refused(code, kind) -> None:
    codes = np.array([[0, 1, 1], [1, 0, 0]]).astype(kind)
    codes[0, 0] = code
    with pytest.raises(irt.AnswersMalformed):
        irt.fit(codes)


def test_triples_are_the_matrix_they_describe_and_odd_ones_are_refused() -> None:
    codes = examinees.with_gaps(mixed(40, 95)[1], 0.4, 96)
    person, item = np.nonzero(codes >= 0)
    order = np.random.default_rng(97).permutation(len(person))
    answers = irt.Answers.of_triples(
        person[order], item[order], codes[person, item][order], people=40, items=codes.shape[1]
    )
    assert (answers.to_matrix() == codes).all()
    for person, item, code in (([0, 0], [1, 1], [0, 1]), ([9], [0], [0]), ([0], [9], [0]), ([0], [0], [-1])):
        with pytest.raises(irt.AnswersMalformed):
            irt.Answers.of_triples(person, item, code, people=2, items=3)


@pytest.mark.parametrize(
    ("starts", "items", "codes"),
    [
        ([0, 2], [0], [1]),
        ([0, 3, 2], [0, 1], [1, 0]),
        ([1, 2], [0, 1], [1, 0]),
        ([0, 2], [0, 5], [1, 0]),
    ],
)
def test_rows_of_answers_that_do_not_fit_each_other_are_refused(starts, items, codes) -> None:
    with pytest.raises(irt.AnswersMalformed):
        irt.Answers(np.array(starts), np.array(items, np.int32), np.array(codes, np.int8), 3)
