"""Gains, known items, drifting items, and what does not fit together."""

import numpy as np
import pytest
from tests.unit.science.sittings import ITEMS, PEOPLE, bank, sitting

from karmayogi.science import fairness, integrity, irt
from karmayogi.science.integrity import AnswersCannotBeChecked
from karmayogi.science.integrity.items import right_chances
from karmayogi.science.irt import Items


def test_a_gain_beyond_growth_is_a_signal_and_usual_growth_is_not() -> None:
    items, random = bank(ITEMS, 9), np.random.default_rng(10)
    theta = random.normal(0.0, 1.0, 10_000)
    before = (random.random((10_000, ITEMS)) < right_chances(theta, items)).astype(np.int8)
    after = (
        random.random((10_000, ITEMS)) < right_chances(theta + random.normal(0.2, 0.3, 10_000), items)
    ).astype(np.int8)
    found = integrity.unexpected_gains(before, items, after, items, growth_mean=0.2, growth_sd=0.3)
    assert 0.007 <= found.flagged.mean() <= 0.013
    assert found.right.mean() == pytest.approx(found.expected.mean(), abs=0.1)
    leapt = (random.random((500, ITEMS)) < right_chances(theta[:500] + 2.0, items)).astype(np.int8)
    told = integrity.unexpected_gains(before[:500], items, leapt, items, growth_mean=0.2, growth_sd=0.3)
    assert told.flagged.mean() > 0.6


def test_known_items_show_in_the_answers_of_those_who_need_them() -> None:
    items, random = bank(ITEMS, 11), np.random.default_rng(12)
    theta = np.full(600, -0.5)
    answers = (random.random((600, ITEMS)) < right_chances(theta, items)).astype(np.int8)
    honest = integrity.known_by_answers(answers, items, np.arange(20))
    answers[:, :20] = np.where(random.random((600, 20)) < 0.9, 1, answers[:, :20])
    found = integrity.known_by_answers(answers, items, np.arange(20))
    assert honest.flagged.mean() <= 0.02
    assert found.flagged.mean() > 0.8


def test_a_chance_without_the_answer_itself_is_what_leaving_it_out_gives() -> None:
    items, random = bank(12, 13), np.random.default_rng(14)
    answers = (random.random((30, 12)) < right_chances(random.normal(0.0, 1.0, 30), items)).astype(np.int8)
    answers[:5, 3] = irt.NOT_ASKED
    found = integrity.expected_without_self(answers, items)
    for item in (0, 3, 11):
        others = np.arange(12) != item
        rest = irt.log_likelihoods(answers[:, others], items.a[others], items.difficulty[others])
        weights = irt.weights_of(rest + np.log(irt.WEIGHTS))
        expected = (
            weights @ irt.chance(irt.GRID, items.a[item : item + 1], items.difficulty[item : item + 1])[:, 0]
        )
        assert np.allclose(found[:, item], expected, atol=1e-9, rtol=1e-7, equal_nan=True)


def test_steady_items_cross_the_limit_as_rarely_as_stated_and_leaked_ones_soon() -> None:
    random = np.random.default_rng(15)
    steady = random.standard_normal((10_000, 30))
    assert 0.007 <= integrity.item_drift(steady, 0.0).flagged.mean() <= 0.013
    leaked = random.standard_normal((500, 30))
    leaked[:, 10:] += 1.5
    found = integrity.item_drift(leaked, 0.0)
    assert found.flagged.mean() > 0.95
    assert (found.direction[found.flagged] == 1).mean() > 0.98
    assert abs(np.median(found.since[found.flagged]) - 10) <= 2
    assert np.median(found.noticed[found.flagged]) < 20
    assert integrity.item_drift(-leaked, 0.0).direction[0] == -found.direction[0]


def test_steady_items_keep_the_rate_when_a_calibration_estimated_them() -> None:
    flagged, as_if_known = [], []
    for seed in range(2):
        random = np.random.default_rng(seed)
        items = bank(40, seed)
        answers = [
            (random.random((people, 40)) < right_chances(random.normal(0.0, 1.0, people), items)).astype(
                np.int8
            )
            for people in (300, 1_000)
        ]
        found = irt.calibrate(answers[0])
        estimated, errors = Items.logistic(found.a, found.b), fairness.estimates(answers[0], found.a, found.b)
        chance = integrity.expected_without_self(answers[1], estimated).T.ravel()
        which = np.repeat(np.arange(40), 1_000)
        residuals = integrity.batches(which, answers[1].T.ravel(), chance, items=40)
        shifts = integrity.calibration_shifts(which, chance, estimated, errors.covariance)
        flagged.append(integrity.item_drift(residuals, shifts).flagged.mean())
        as_if_known.append(integrity.item_drift(residuals, 0.0).flagged.mean())
    assert np.mean(flagged) <= 0.025  # 80 items: two at most
    assert np.mean(as_if_known) > 0.05


def test_batches_all_shifted_alike_cross_a_limit_that_knows_of_it_as_rarely_as_stated() -> None:
    random = np.random.default_rng(16)
    steady = random.standard_normal((10_000, 20)) + 0.4 * random.standard_normal((10_000, 1))
    assert 0.007 <= integrity.item_drift(steady, 0.4).flagged.mean() <= 0.013
    assert integrity.item_drift(steady, 0.0).flagged.mean() > 0.05


def test_the_shift_of_a_calibration_is_its_error_in_sds_of_a_batch() -> None:
    items = Items.logistic(np.array([2.0, 1.0]), np.zeros(2))
    covariance = np.array([np.diag([0.5, 0.01]), np.eye(2)])
    found = integrity.calibration_shifts(np.zeros(6, dtype=int), np.full(6, 0.5), items, covariance, size=4)
    # four answers: 4 x (2 x 0.25) x 0.1 off, in sds of root of 4 x 0.25
    assert found == pytest.approx([0.2, 0.0])


def test_batches_are_counted_in_the_order_of_time_and_the_rest_waits() -> None:
    item = np.array([0, 1, 0, 0, 1, 0, 0])
    right = np.array([1, 0, 1, 0, 0, 1, 1])
    found = integrity.batches(item, right, np.full(7, 0.5), items=3, size=2)
    root = np.sqrt(0.5)  # of two answers with variance 0.25 each
    assert np.allclose(
        found,
        [[1.0 / root, 0.0], [-1.0 / root, np.nan], [np.nan, np.nan]],
        rtol=1e-7,
        atol=1e-12,
        equal_nan=True,
    )


@pytest.mark.parametrize(
    "work",
    [
        lambda: integrity.person_fit(np.array([[1, 0]]), Items.logistic([1.0, -1.0], [0.0, 0.0])),
        lambda: integrity.person_fit(np.array([[1, 0]]), Items.logistic([1.0, 1.0], [0.0, 0.0], upper=0.9)),
        lambda: integrity.person_fit(np.array([[1, 0]]), Items.graded([1.0, 1.0], [[0.0, 1.0], [0.0, 1.0]])),
        lambda: integrity.person_fit(np.array([[1, 2]]), Items.logistic(np.ones(2), np.zeros(2))),
        lambda: integrity.person_fit(np.array([[1, 0, 1]]), Items.logistic(np.ones(2), np.zeros(2))),
        lambda: integrity.scored(np.array([[0.5, 1.0]]), np.array([0, 1])),
        lambda: integrity.fit_choosing(
            np.array([[0, 5]]),
            np.array([0, 1]),
            Items.logistic(np.ones(2), np.zeros(2)),
            np.zeros(1),
            options=np.array([4, 4]),
        ),
        lambda: integrity.omega(sitting()[0].choices, sitting()[1], np.array([[0, PEOPLE]])),
        lambda: integrity.known_by_answers(
            np.array([[1, 0]]), Items.logistic(np.ones(2), np.zeros(2)), np.array([0, 1])
        ),
        lambda: integrity.item_drift(np.array([[np.inf]]), 0.0),
        lambda: integrity.item_drift(np.zeros((2, 3)), np.array([0.1, np.nan])),
        lambda: integrity.item_drift(np.zeros((2, 3)), np.zeros(3)),
        lambda: integrity.item_drift(np.zeros((2, 3)), -1.0),
        lambda: integrity.calibration_shifts(
            np.zeros(2, dtype=int),
            np.full(2, 0.5),
            Items.logistic(np.ones(1), np.zeros(1)),
            np.full((1, 2, 2), np.nan),
        ),
        lambda: integrity.calibration_shifts(
            np.zeros(2, dtype=int),
            np.full(2, 0.5),
            Items.logistic(np.ones(1), np.zeros(1)),
            np.zeros((2, 2, 2)),
        ),
        lambda: integrity.batches(np.array([0]), np.array([1]), np.array([1.0]), items=1),
        lambda: integrity.batches(np.array([1]), np.array([1]), np.array([0.5]), items=1),
    ],
)
def test_what_does_not_fit_together_is_refused(work) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(AnswersCannotBeChecked):
        work()
