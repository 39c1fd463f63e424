"""How far raters agree, against published tables and another package."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats import inter_rater

from karmayogi.science import raters

SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float
)
"""Six targets, four judges: table 2 of Shrout & Fleiss (1979)."""

FLEISS = np.array(
    [[0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
     [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]]
)  # fmt: skip
"""Ten subjects, fourteen raters, five categories: kappa 0.210."""

ONE = np.array([0, 1, 2, 2, 1, 0])
TWO = np.array([0, 1, 1, 2, 2, 0])


def test_exact_and_adjacent_agreement_are_shares_of_ratees() -> None:
    assert raters.agreement(ONE, TWO) == pytest.approx(4 / 6)
    assert raters.agreement(ONE, TWO, within=1) == 1.0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["none", "linear", "quadratic"]), st.integers(2, 6))
def test_kappa_and_its_errors_are_those_of_statsmodels(seed: int, weights: str, categories: int) -> None:
    rng = np.random.default_rng(seed)
    one = rng.integers(0, categories, 80)
    two = np.clip(one + rng.integers(-1, 2, 80), 0, categories - 1)
    table = np.zeros((categories, categories))
    np.add.at(table, (one, two), 1)
    judge = inter_rater.cohens_kappa(table, wt=None if weights == "none" else weights)
    ours = raters.kappa(one, two, weights=weights, categories=categories)  # type: ignore[arg-type]
    assert ours.value == pytest.approx(judge.kappa, abs=1e-12)
    assert ours.se == pytest.approx(judge.std_kappa, abs=1e-12)
    assert ours.se_chance == pytest.approx(judge.std_kappa0, abs=1e-12)
    assert ours.low == pytest.approx(max(-1, judge.kappa_low), abs=1e-9)


def test_fleiss_kappa_is_the_published_one() -> None:
    ours = raters.fleiss_kappa(FLEISS)
    assert ours.value == pytest.approx(0.210, abs=5e-4)
    assert ours.value == pytest.approx(inter_rater.fleiss_kappa(FLEISS), abs=1e-12)
    assert ours.low < ours.value < ours.high


def test_the_six_intraclass_correlations_are_the_published_ones() -> None:
    found = raters.intraclass(SHROUT_FLEISS)
    published = {"1,1": 0.17, "2,1": 0.29, "3,1": 0.71, "1,k": 0.44, "2,k": 0.62, "3,k": 0.91}
    assert {form: round(each.value, 2) for form, each in found.items()} == published
    # intervals as R's psych prints them for the same table
    assert (found["1,1"].low, found["1,1"].high) == pytest.approx((-0.133, 0.723), abs=5e-4)
    assert (found["2,1"].low, found["2,1"].high) == pytest.approx((0.019, 0.761), abs=5e-4)
    assert (found["3,1"].low, found["3,1"].high) == pytest.approx((0.342, 0.946), abs=5e-4)
    assert found["3,1"].f == pytest.approx(11.03, abs=5e-3)
    assert found["3,1"].freedom == (5, 15)


def test_raters_who_agree_in_all_are_at_one_and_a_constant_habit_only_hurts_absolute_agreement() -> None:
    same = np.array([[1.0, 1.0], [2.0, 2.0], [4.0, 4.0]]) / 3.0
    assert all(form.value == form.low == form.high == 1.0 for form in raters.intraclass(same).values())
    shifted = raters.intraclass(same + np.array([0.0, 0.7]))
    assert shifted["3,1"].value == 1.0
    assert shifted["2,1"].value < 0.9
    assert raters.kappa([0, 1, 2], [0, 1, 2]).value == 1.0


def test_intervals_of_the_first_form_cover_as_often_as_they_say() -> None:
    rng = np.random.default_rng(3)
    inside = []
    for _ in range(400):
        table = rng.normal(size=(20, 1)) + rng.normal(size=(20, 4))
        form = raters.intraclass(table)["1,1"]
        inside.append(form.low <= 0.5 <= form.high)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.03)


def test_components_without_gaps_are_those_of_the_table() -> None:
    ratee, rater = np.indices(SHROUT_FLEISS.shape)
    parts = raters.components(ratee.ravel(), rater.ravel(), SHROUT_FLEISS.ravel())
    forms = raters.intraclass(SHROUT_FLEISS)
    assert parts.absolute == pytest.approx(forms["2,1"].value, abs=1e-12)
    assert parts.consistency == pytest.approx(forms["3,1"].value, abs=1e-12)


def test_components_with_gaps_come_near_the_truth() -> None:
    rng = np.random.default_rng(7)
    ratee, rater = np.repeat(np.arange(800), 3), rng.integers(0, 60, 2400)
    value = rng.normal(0, 2, 800)[ratee] + rng.normal(0, 1, 60)[rater] + rng.normal(0, 1.5, 2400) + 1e6
    parts = raters.components(ratee, rater, value)
    assert parts.ratee == pytest.approx(4.0, rel=0.15)
    assert parts.rater == pytest.approx(1.0, rel=0.4)
    assert parts.rest == pytest.approx(2.25, rel=0.1)


@pytest.mark.parametrize(
    "work",
    [
        lambda: raters.agreement([], []),
        lambda: raters.kappa([1, 1], [1, 1]),
        lambda: raters.fleiss_kappa([[3, 0], [3, 0]]),
        lambda: raters.intraclass(np.ones((3, 3))),
        lambda: raters.intraclass([[1.0, 2.0], [1.0, 2.0]]),
        lambda: raters.components([0, 1], [0, 1], [1.0, 2.0]),
        lambda: raters.components([0, 0, 1, 1], [0, 1, 0, 1], [0.1, 0.1, 0.1, 0.1]),
    ],
)
def test_where_there_is_nothing_to_compare_that_is_said(work) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(raters.NothingToCompare):
        work()


@pytest.mark.parametrize(
    "work",
    [
        lambda: raters.agreement([0, 1], [0]),
        lambda: raters.agreement([0, 1], [0, 1], within=-1),
        lambda: raters.kappa([0, 1], [0, -1]),
        lambda: raters.kappa([0.0, 1.0], [0.0, np.nan]),
        lambda: raters.kappa([0, 1], [0, 1], weights="cubic"),  # type: ignore[arg-type]
        lambda: raters.kappa([0, 1], [1, 0], confidence=95.0),
        lambda: raters.fleiss_kappa([[2, 1], [1, 1]]),
        lambda: raters.fleiss_kappa([[2.5, 0.5], [1, 2]]),
        lambda: raters.intraclass([[1.0, np.nan], [2.0, 3.0]]),
        lambda: raters.intraclass([[1.0], [2.0]]),
        lambda: raters.components([0, 1], [0, 1], [1.0, np.inf]),
    ],
)
def test_what_cannot_be_read_is_refused(work) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(raters.RatingsMalformed):
        work()


def test_two_raters_in_opposite_order_have_no_second_form() -> None:
    found = raters.intraclass([[1, 2], [2, 1]])
    for form in ("2,1", "2,k"):
        assert np.isnan([found[form].value, found[form].low, found[form].high]).all()
    assert found["1,1"].value == pytest.approx(-1.0)
    assert found["3,1"].value == pytest.approx(-1.0)


def test_components_that_are_all_nothing_have_no_shares() -> None:
    nothing = raters.Components(0.0, 0.0, 0.0)
    assert np.isnan([nothing.absolute, nothing.consistency]).all()


def test_fleiss_kappa_has_an_error_where_one_ratee_alone_has_a_second_category() -> None:
    alone = raters.fleiss_kappa([[4, 0]] * 9 + [[2, 2]])
    assert np.isfinite([alone.se, alone.low, alone.high]).all()
    assert alone.low <= alone.value <= alone.high
    # where both can be had, the linear error is near that of leaving one out
    twice = raters.fleiss_kappa([[4, 0]] * 18 + [[2, 2]] * 2)
    assert alone.se == pytest.approx(twice.se * 2**0.5, rel=0.25)
