"""Items as data and the curves they describe."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karmayogi.science import irt
from karmayogi.science.irt.curves import blocks, log_chances_of, parameters_of, slopes_of

MIXED = irt.Items.joined(
    [
        irt.Items.logistic(
            [1.0, 1.5, -0.7, 2.0], [0.0, 1.0, 0.3, -1.0], lower=[0.2, 0, 0, 0.1], upper=[1, 1, 1, 0.95]
        ),
        irt.Items.graded([1.2, -1.0], [[-1.0, 0.0, 1.0], [1.0, 0.0, np.nan]]),
        irt.Items.partial_credit([0.8], [[1.0, -1.0, 0.5]]),
    ]
)


def test_chances_of_all_models_sum_to_one_and_say_how_many_categories_there_are() -> None:
    found = irt.chances(np.linspace(-8, 8, 33), MIXED)
    assert found.shape == (33, 7, 4)
    assert found.sum(axis=-1) == pytest.approx(np.ones((33, 7)), abs=1e-12)
    assert MIXED.categories.tolist() == [2, 2, 2, 2, 4, 3, 4]
    assert (found[:, 0, 2:] == 0).all()


@pytest.mark.parametrize("theta", [-700.0, -40.0, 40.0, 700.0])
def test_chances_stay_chances_however_far_out(theta: float) -> None:
    found = irt.chances(theta, MIXED)
    assert np.isfinite(found).all()
    assert found.sum(axis=-1) == pytest.approx(np.ones(7), abs=1e-12)
    assert np.isfinite(irt.informations(theta, MIXED)).all()


@settings(max_examples=30, deadline=None)
@given(st.floats(-3, 3), st.floats(0.2, 3), st.floats(-2, 2))
def test_a_dichotomous_item_is_the_two_category_case_of_every_model(theta: float, a: float, b: float) -> None:
    parts = [irt.Items.logistic([a], [b]), irt.Items.graded([a], [[b]]), irt.Items.partial_credit([a], [[b]])]
    found = irt.chances(theta, irt.Items.joined(parts))
    assert found[0] == pytest.approx(found[1], abs=1e-14)
    assert found[0] == pytest.approx(found[2], abs=1e-14)
    assert found[0, 1] == pytest.approx(irt.chance(theta, np.array([a]), np.array([b]))[0], abs=1e-14)
    expected = irt.information(theta, np.array([a]), np.array([b]))
    assert irt.informations(theta, parts[2]) == pytest.approx(expected, abs=1e-14)


def test_derivatives_of_all_models_agree_with_differences() -> None:
    theta, nudge = np.array([-2.0, 0.3, 1.4]), 1e-5
    for block in blocks(MIXED):
        parameters = parameters_of(MIXED, block)
        slopes = slopes_of(block, parameters, theta, log_chances_of(block, parameters, theta))
        for at in range(parameters.shape[1]):
            up, down = parameters.copy(), parameters.copy()
            up[:, at] += nudge
            down[:, at] -= nudge
            difference = log_chances_of(block, up, theta) - log_chances_of(block, down, theta)
            assert slopes[:, at] == pytest.approx(difference / (2 * nudge), abs=1e-9)


def test_information_is_the_expected_square_of_the_pull_on_ability() -> None:
    theta, nudge = np.array([-2.0, 0.3, 1.4]), 1e-5
    chance = irt.chances(theta, MIXED)
    pull = (irt.chances(theta + nudge, MIXED) - irt.chances(theta - nudge, MIXED)) / (2 * nudge)
    expected = np.divide(pull**2, chance, out=np.zeros_like(chance), where=chance > 0).sum(axis=-1)
    assert irt.informations(theta, MIXED) == pytest.approx(expected, abs=1e-9)


def test_difficulties_come_back_as_they_were_given() -> None:
    assert MIXED.b[:4, 0].tolist() == MIXED.difficulty[:4].tolist() == [0.0, 1.0, 0.3, -1.0]
    assert MIXED.taken([2, 1]).difficulty.tolist() == [0.3, 1.0]
    assert MIXED.b[4] == pytest.approx([-1.0, 0.0, 1.0])
    assert MIXED.b[6] == pytest.approx([1.0, -1.0, 0.5])
    assert np.isnan(MIXED.b[5, 2])


def test_equal_items_have_equal_digests_and_others_do_not() -> None:
    again = irt.Items.joined([MIXED.taken([0, 1, 2, 3]), MIXED.taken(np.arange(7) > 3)])
    assert again.digest() == MIXED.digest()
    assert MIXED.taken([1, 0, 2, 3, 4, 5, 6]).digest() != MIXED.digest()
    assert irt.Items.logistic([1.0], [1e-12]).digest() != irt.Items.logistic([1.0], [0.0]).digest()
    assert irt.Items.logistic([1.0], [-0.0]).digest() == irt.Items.logistic([1.0], [0.0]).digest()


def test_items_cannot_be_changed_from_outside() -> None:
    slopes = np.array([1.0])
    items = irt.Items.logistic(slopes, [0.0])
    slopes[0] = 2.0
    assert items.a.tolist() == [1.0]
    with pytest.raises(ValueError, match="read-only"):
        items.slope[0] = 2.0


@pytest.mark.parametrize(
    "make",
    [
        lambda: irt.Items.logistic([1.0, np.nan], [0.0, 0.0]),
        lambda: irt.Items.logistic([np.inf], [0.0]),
        lambda: irt.Items.logistic([1.0], [0.0], lower=0.5, upper=0.4),
        lambda: irt.Items.logistic([1.0], [0.0], lower=-0.1),
        lambda: irt.Items.logistic([1.0], [0.0], upper=1.1),
        lambda: irt.Items.logistic([1.0, 1.0], [0.0, np.inf]),
        lambda: irt.Items.logistic([], []),
        lambda: irt.Items.logistic(np.ones((3, 1)), np.zeros((3, 1))),
        lambda: irt.Items(
            np.array([0]), np.ones(1), np.zeros((1, 1)), np.zeros(1), np.ones(1), np.zeros((2, 1))
        ),
        lambda: irt.Items.graded([1.0], [[1.0, 0.0]]),
        lambda: irt.Items.graded([1.0], [[np.nan, 0.0]]),
        lambda: irt.Items.partial_credit([1.0], [[np.inf, 0.0]]),
        lambda: irt.Items(np.array([7]), np.ones(1), np.zeros((1, 1)), np.zeros(1), np.ones(1)),
        lambda: irt.Items(np.array([0]), np.ones(2), np.zeros((1, 1)), np.zeros(1), np.ones(1)),
    ],
)
def test_parameters_that_describe_no_model_are_refused(make) -> None:
    with pytest.raises(irt.ItemsMalformed):
        make()
