"""Signals from answers: person fit, similarity, gains and known items, drifting items."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, gamma, norm

from karmayogi.science import fairness, integrity, irt
from karmayogi.science.integrity import AnswersCannotBeChecked
from karmayogi.science.integrity.items import right_chances, right_slopes
from karmayogi.science.irt import Items
from karmayogi.science.simulation import misconduct

PEOPLE, ITEMS = 4000, 40


def sitting(seed: int = 1) -> tuple[misconduct.Sitting, integrity.Choosing, np.ndarray]:
    random = np.random.default_rng(seed)
    choosing, pace = misconduct.bank(ITEMS, random)
    theta = random.normal(0.0, 1.0, PEOPLE)
    return misconduct.honest(theta, choosing, pace, random), choosing, theta


def bank(items: int, seed: int, guess: float | None = None) -> Items:
    random = np.random.default_rng(seed)
    a, b = np.clip(random.lognormal(0.1, 0.3, items), 0.4, 2.5), random.normal(0.0, 1.0, items)
    return Items.logistic(a, b, lower=guess or 0.0)


@pytest.mark.parametrize("estimator", ["map", "wle"])
@pytest.mark.parametrize("guess", [None, 0.2])
def test_an_estimate_solves_its_equation_and_no_ability_near_by_is_likelier(
    estimator: integrity.items.Estimator, guess: float | None
) -> None:
    items, random = bank(25, 2, guess), np.random.default_rng(3)
    answers = (random.random((200, 25)) < right_chances(random.normal(0.0, 1.0, 200), items)).astype(np.int8)
    answers[:50, :10] = irt.NOT_ASKED
    found = integrity.abilities(answers, items, estimator=estimator)
    assert found.converged.all()

    def height(theta: np.ndarray) -> np.ndarray:
        chance = right_chances(theta, items)
        log_likelihood = np.where(answers == 1, np.log(chance), np.log1p(-chance))
        total = np.where(answers >= 0, log_likelihood, 0.0).sum(axis=1)
        if estimator == "map":
            return total - np.square(theta) / 2.0
        slope = right_slopes(theta, items)[0]
        information = np.where(answers >= 0, np.square(slope) / (chance * (1.0 - chance)), 0.0).sum(axis=1)
        return total + np.log(information) / 2.0

    if (
        estimator == "map" or guess is None
    ):  # Warm's estimate maximises sqrt(information) only without guessing
        best = height(found.theta)
        assert (height(found.theta + 1e-3) < best).all()
        assert (height(found.theta - 1e-3) < best).all()


def test_warms_estimate_is_less_biased_than_the_posterior_mode() -> None:
    items, random = bank(20, 4), np.random.default_rng(5)
    answers = (random.random((4000, 20)) < right_chances(np.full(4000, 1.5), items)).astype(np.int8)
    bias = {
        way: integrity.abilities(answers, items, estimator=way).theta.mean() - 1.5 for way in ("wle", "map")
    }
    assert abs(bias["wle"]) < 0.05 < abs(bias["map"])


def test_the_published_l_z_star_by_its_own_formula() -> None:
    items, random = bank(30, 6), np.random.default_rng(7)
    answers = (random.random((50, 30)) < right_chances(random.normal(0.0, 1.0, 50), items)).astype(np.int8)
    found = integrity.person_fit(answers, items, estimator="map")
    for person in range(50):
        theta = found.abilities.theta[person]
        p = irt.chance(theta, items.a, items.difficulty)
        q = 1.0 - p
        w, rise = np.log(p / q), items.a * p * q
        r = items.a  # P' / (P Q) of the two-parameter model
        c = (rise * w).sum() / (rise * r).sum()
        w_tilde = w - c * r
        top = ((answers[person] - p) * w).sum() + c * (0.0 - theta)
        assert found.statistic[person] == pytest.approx(top / np.sqrt((w_tilde**2 * p * q).sum()), abs=1e-9)


@pytest.mark.parametrize(("guess", "seed"), [(None, 1), (0.2, 2)])
def test_honest_people_are_flagged_at_the_rate_stated(guess: float | None, seed: int) -> None:
    items, random = bank(ITEMS, seed, guess), np.random.default_rng(seed)
    theta = random.normal(0.0, 1.0, 10_000)
    answers = (random.random((10_000, ITEMS)) < right_chances(theta, items)).astype(np.int8)
    estimated, known = integrity.person_fit(answers, items), integrity.person_fit(answers, items, theta=theta)
    for found in (estimated, known):
        assert 0.006 <= found.flagged.mean() <= 0.014
        assert 0.04 <= (found.p < 0.05).mean() <= 0.06
    naive = norm.cdf(estimated.statistic)
    assert (naive < 0.01).mean() > estimated.flagged.mean()  # a normal tail flags more than it says


def test_easy_items_wrong_and_hard_ones_right_do_not_fit() -> None:
    items = Items.logistic(np.full(20, 1.2), np.linspace(-2.0, 2.0, 20))
    ladder = (np.arange(20) < 10).astype(np.int8)
    found = integrity.person_fit(np.stack([ladder, ladder[::-1]]), items)
    assert found.flagged.tolist() == [False, True]
    assert np.abs(found.unexpected[1]).argmax() in (0, 19)


def test_too_few_answers_are_no_ground_for_a_signal() -> None:
    answers = np.full((2, 20), irt.NOT_ASKED, dtype=np.int8)
    answers[1, 0] = 1
    found = integrity.person_fit(answers, bank(20, 1))
    assert np.isnan(found.p).all()
    assert not found.flagged.any()


@given(st.floats(-6, 6), st.floats(0.01, 1.5))
def test_the_skewed_tail_is_a_gamma_tail_and_mirrors(z: float, skew: float) -> None:
    shape = 4.0 / skew**2
    expected = gamma.sf(shape + z * np.sqrt(shape), shape)
    assert integrity.upper_tail(np.array([z]), np.array([skew]))[0] == pytest.approx(expected, abs=1e-10)
    mirrored = integrity.upper_tail(np.array([-z]), np.array([-skew]))[0]
    assert mirrored == pytest.approx(1.0 - expected, abs=1e-9)


@given(st.integers(1, 60), st.floats(0.01, 0.99))
def test_like_chances_make_a_binomial_count(trials: int, chance: float) -> None:
    found = integrity.count_chances(np.full((1, trials), chance))[0]
    assert np.allclose(
        found, binom.pmf(np.arange(trials + 1), trials, chance), atol=1e-13, rtol=1e-7, equal_nan=True
    )


def test_shares_of_wrong_options_come_back() -> None:
    random = np.random.default_rng(8)
    choosing, pace = misconduct.bank(10, random)
    theta = random.normal(0.0, 1.0, 40_000)
    choices = misconduct.honest(theta, choosing, pace, random).choices
    found = integrity.fit_choosing(choices, choosing.key, choosing.items, theta)
    at = np.array([-1.0, 0.0, 1.0])
    assert np.allclose(found.chances(at), choosing.chances(at), atol=0.02, rtol=1e-7, equal_nan=True)
    assert np.allclose(found.chances(at).sum(axis=2), 1.0, atol=1e-12, rtol=1e-7, equal_nan=True)


@pytest.mark.parametrize("index", [integrity.omega, integrity.generalized_binomial])
def test_pairs_who_worked_alone_are_flagged_as_stated_and_copiers_found(index) -> None:  # type: ignore[no-untyped-def]
    clean, choosing, theta = sitting()
    random = np.random.default_rng(2)
    alone = np.stack([random.permutation(PEOPLE), random.permutation(PEOPLE)], axis=1)
    alone = alone[alone[:, 0] != alone[:, 1]]
    for known in (theta, None):
        assert 0.004 <= index(clean.choices, choosing, alone, theta=known).flagged.mean() <= 0.016
    pairs = random.permutation(PEOPLE)[:600].reshape(-1, 2)
    spoilt = misconduct.copied(clean, pairs, 0.5, random)
    answers = integrity.scored(spoilt.choices, choosing.key)
    fitted = integrity.fit_choosing(
        spoilt.choices, choosing.key, choosing.items, integrity.abilities(answers, choosing.items).theta
    )
    found = index(spoilt.choices, fitted, pairs)
    assert found.flagged.mean() > 0.75
    assert found.expected_flags == pytest.approx(3.0)
    assert (found.matches >= 20).all()
    assert found.same_wrong.sum() > 0


def test_the_published_indices_by_their_own_formulas() -> None:
    clean, choosing, theta = sitting()
    pairs = np.array([[0, 1], [5, 9]])
    chances = choosing.chances(theta)
    om = integrity.omega(clean.choices, choosing, pairs, theta=theta)
    gb = integrity.generalized_binomial(clean.choices, choosing, pairs, theta=theta)
    for place, (one, other) in enumerate(pairs):
        p = chances[one, np.arange(ITEMS), clean.choices[other]]
        matches = (clean.choices[one] == clean.choices[other]).sum()
        assert om.published[place] == pytest.approx((matches - p.sum()) / np.sqrt((p * (1 - p)).sum()))
        alike = (chances[one] * chances[other]).sum(axis=1)
        exact = integrity.count_chances(alike[None])[0][matches:].sum()
        assert gb.p_published[place] == pytest.approx(exact)


def test_without_the_correction_estimated_abilities_would_hide_copiers() -> None:
    """Planted fault: the tail as published, with estimated abilities, flags far fewer than it states."""
    clean, choosing, _ = sitting()
    random = np.random.default_rng(4)
    pairs = random.integers(0, PEOPLE, (10_000, 2))
    found = integrity.generalized_binomial(clean.choices, choosing, pairs[pairs[:, 0] != pairs[:, 1]])
    assert (found.p_published < 0.01).mean() < 0.006
    assert 0.007 <= found.flagged.mean() <= 0.013


def test_the_order_of_a_pair_matters_to_omega_only() -> None:
    clean, choosing, _ = sitting()
    pairs = np.array([[0, 1], [2, 3]])
    for index, same in ((integrity.generalized_binomial, True), (integrity.omega, False)):
        there, back = (index(clean.choices, choosing, order) for order in (pairs, pairs[:, ::-1]))
        assert np.allclose(there.p, back.p) is same


def test_pairs_without_a_common_item_and_no_pairs_at_all() -> None:
    clean, choosing, _ = sitting()
    choices = clean.choices.copy()
    choices[0, :20], choices[1, 20:] = -1, -1
    found = integrity.omega(choices, choosing, np.array([[0, 1]]))
    assert np.isnan(found.p[0])
    assert found.expected_flags == 0.0
    assert len(integrity.omega(choices, choosing, np.zeros((0, 2), dtype=int)).p) == 0


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
