"""Calibration against R mirt's published values, against the likelihood itself, and on odd input."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karmayogi.science import irt
from karmayogi.science.irt import calibration
from karmayogi.science.simulation import examinees

DATA = Path(__file__).parent / "data"
LSAT = np.loadtxt(DATA / "lsat.csv", delimiter=",", skiprows=1, dtype=np.int64)
PATTERNS, SECTION_6, SECTION_7 = LSAT[:, :5], LSAT[:, 5], LSAT[:, 6]
SCIENCE = np.loadtxt(DATA / "science.csv", delimiter=",", skiprows=1, dtype=np.int64)
ATTITUDES, PEOPLE = SCIENCE[:, :4], SCIENCE[:, 4]


def test_the_tables_are_those_bock_and_aitkin_published() -> None:
    assert (SECTION_6 @ PATTERNS).tolist() == [924, 709, 553, 763, 870]
    assert SECTION_6.sum() == SECTION_7.sum() == 1000
    assert (SECTION_7 @ PATTERNS).tolist() == [828, 658, 772, 606, 843]
    assert PEOPLE.sum() == 392


@pytest.mark.parametrize(
    ("counts", "a", "d", "log_likelihood"),
    [
        (
            SECTION_6,
            [0.8257, 0.7227, 0.8909, 0.6884, 0.6569],
            [2.7732, 0.9902, 0.2492, 1.2848, 2.0533],
            -2466.653,
        ),
        (
            SECTION_7,
            [0.9876, 1.0808, 1.7075, 0.7650, 0.7357],
            [1.8559, 0.8080, 1.8052, 0.4860, 1.8545],
            -2658.805,
        ),
    ],
)
def test_the_law_school_tests_calibrate_as_in_r(counts, a, d, log_likelihood) -> None:
    found = irt.fit(PATTERNS, weights=counts)
    assert found.converged
    assert found.log_likelihood == pytest.approx(log_likelihood, abs=6e-4)
    assert found.items.a == pytest.approx(a, abs=1.5e-4)
    assert found.items.intercepts[:, 0] == pytest.approx(d, abs=1.5e-4)


@pytest.mark.parametrize(
    ("counts", "log_likelihood", "variance"), [(SECTION_6, -2466.938, 0.5702), (SECTION_7, -2664.901, 1.0226)]
)
def test_rasch_frees_the_spread_and_one_shared_slope_says_the_same(counts, log_likelihood, variance) -> None:
    rasch, one = irt.fit(PATTERNS, "Rasch", weights=counts), irt.fit(PATTERNS, "1PL", weights=counts)
    assert rasch.log_likelihood == pytest.approx(log_likelihood, abs=6e-4)
    assert rasch.sds[0] ** 2 == pytest.approx(variance, abs=1e-4)
    assert (rasch.parameters, one.parameters) == (6, 6)
    assert one.log_likelihood == pytest.approx(rasch.log_likelihood, abs=1e-6)
    assert one.items.a == pytest.approx(np.full(5, rasch.sds[0]), abs=1e-4)
    assert one.items.intercepts == pytest.approx(rasch.items.intercepts, abs=1e-4)


def test_graded_answers_calibrate_as_in_r_with_its_standard_errors() -> None:
    found = irt.fit(ATTITUDES, "GRM", weights=PEOPLE)
    assert found.log_likelihood == pytest.approx(-1608.870, abs=1e-3)
    assert found.items.a == pytest.approx([1.042, 1.226, 2.291, 1.095], abs=0.012)
    assert found.items.intercepts[0] == pytest.approx([4.865, 2.640, -1.466], abs=5e-3)
    assert found.errors is not None
    assert found.errors.slope == pytest.approx([0.18838, 0.18191, 0.48269, 0.18336], rel=0.02)
    assert found.errors.intercepts[3] == pytest.approx([0.27659, 0.14053, 0.16864], rel=0.01)


def test_a_mixed_test_calibrates_as_in_r() -> None:
    found = irt.fit(ATTITUDES, ["GRM", "GRM", "GRM", "GPCM"], weights=PEOPLE)
    assert found.items.a == pytest.approx([1.057, 1.219, 2.254, 0.771], abs=2e-3)
    assert found.items.intercepts[3] == pytest.approx([2.160, 2.973, 1.767], abs=2e-3)


def marginal(
    items: irt.Items, codes: np.ndarray, counts: np.ndarray, mean: float = 0.0, sd: float = 1.0
) -> float:
    """The marginal log-likelihood summed the plain way, apart from everything the calibration uses but the curves."""
    theta = mean + sd * np.linspace(-7, 7, 113)
    weight = np.exp(-0.5 * ((theta - mean) / sd) ** 2)
    chance = irt.chances(theta, items)
    likelihood = np.ones((len(codes), len(theta)))
    for item in range(codes.shape[1]):
        given = codes[:, item] >= 0
        likelihood[given] *= chance[:, item, codes[given, item]].T
    return float(counts @ np.log(likelihood @ weight / weight.sum()))


def mixed(people: int, seed: int) -> tuple[irt.Items, np.ndarray]:
    items = irt.Items.joined(
        [
            irt.Items.logistic([1.5, 0.9, 2.0], [-0.5, 0.4, 0.8], lower=[0, 0, 0.2]),
            irt.Items.graded([1.3, 0.8], [[-1.0, 0.0, 1.2], [-0.6, 0.9, np.nan]]),
            irt.Items.partial_credit([0.9, 1.4], [[-0.5, 0.3, np.nan], [0.5, -0.4, 1.0]]),
        ]
    )
    return items, examinees.answers(examinees.abilities(people, seed), items, seed + 1)


MODELS = ["2PL", "1PL", "3PL", "GRM", "GRM", "GPCM", "PCM"]


def test_no_parameter_of_any_model_can_be_moved_to_make_the_answers_more_likely() -> None:
    _, codes = mixed(1500, 11)
    codes = examinees.with_gaps(codes, 0.1, 12)
    found, ones = irt.fit(codes, MODELS), np.ones(len(codes))
    assert found.converged
    assert found.log_likelihood == pytest.approx(marginal(found.items, codes, ones), abs=1e-6)
    for at in range(found.parameters):
        nudge = np.zeros(found.parameters)
        nudge[at] = 1e-3
        values = [
            marginal(found.design.items_of(found.design.full(found.estimates + side * nudge)), codes, ones)
            for side in (-1, 0, 1)
        ]
        assert values[1] > max(values[0], values[2])
        assert abs(values[2] - values[0]) / 2e-3 < 2e-2  # the gradient, against standard errors around 0.1


def test_standard_errors_are_those_of_the_second_derivative_of_the_likelihood() -> None:
    _, codes = mixed(300, 21)
    models = ["2PL", "1PL", "2PL", "GRM", "GRM", "GPCM", "PCM"]
    found, ones = irt.fit(codes, models), np.ones(len(codes))
    assert found.errors is not None

    def value(x: np.ndarray) -> float:
        return marginal(found.design.items_of(found.design.full(x)), codes, ones)

    count, step = found.parameters, 2e-3
    unit = step * np.eye(count)
    second = np.empty((count, count))
    for i in range(count):
        for j in range(i + 1):
            corners = [
                value(found.estimates + s * unit[i] + t * unit[j])
                for s, t in ((1, 1), (1, -1), (-1, 1), (-1, -1))
            ]
            second[i, j] = second[j, i] = (corners[0] - corners[1] - corners[2] + corners[3]) / (4 * step**2)
    expected = np.sqrt(np.diag(np.linalg.inv(-second)))
    assert np.sqrt(np.diag(found.errors.covariance)) == pytest.approx(expected, rel=2e-3)


@pytest.fixture(scope="module")
def compiled() -> None:
    """Has the loops over sparse answers compiled, which is no part of the test that first needs them."""
    answers = irt.Answers.of_matrix(examinees.examinees(60, 4, 1).codes)
    for errors in ("louis", "cross-product"):
        _forced_sparse(lambda errors=errors: irt.fit(answers, errors=errors))


@pytest.mark.usefixtures("compiled")
def test_sparse_and_dense_answers_give_the_same_calibration_and_errors() -> None:
    _, codes = mixed(700, 31)
    codes = examinees.with_gaps(codes, 0.3, 32)
    groups = np.arange(700) % 2
    dense = irt.fit(codes, "GPCM", groups=groups)
    answers = irt.Answers.of_matrix(codes)
    sparse = _forced_sparse(lambda: irt.fit(answers, "GPCM", groups=groups))
    assert sparse.log_likelihood == pytest.approx(dense.log_likelihood, abs=1e-7)
    assert sparse.items.slope == pytest.approx(dense.items.slope, abs=1e-5)
    assert dense.errors is not None
    assert sparse.errors is not None
    assert sparse.errors.covariance == pytest.approx(dense.errors.covariance, abs=1e-6)
    by_scores = [
        irt.fit(codes, "GPCM", groups=groups, errors="cross-product"),
        _forced_sparse(lambda: irt.fit(answers, "GPCM", groups=groups, errors="cross-product")),
    ]
    covariances = [found.errors.covariance for found in by_scores if found.errors is not None]
    assert covariances[0] == pytest.approx(covariances[1], abs=1e-6)
    assert np.sqrt(np.diag(covariances[0])) == pytest.approx(
        np.sqrt(np.diag(dense.errors.covariance)), rel=0.25
    )


def _forced_sparse(work: Callable[[], irt.Fit]) -> irt.Fit:
    from karmayogi.science.irt import expectation

    usual, expectation.DENSE_FROM = expectation.DENSE_FROM, 2.0
    try:
        return work()
    finally:
        expectation.DENSE_FROM = usual


def test_two_groups_are_placed_on_one_scale() -> None:
    pool = examinees.pool(20, 41)
    low, high = examinees.abilities(2000, 42), examinees.abilities(2000, 43, mean=0.7, sd=1.3)
    codes = examinees.answers(np.concatenate([low, high]), pool, 44)
    groups = np.repeat([0, 1], 2000)
    found = irt.fit(codes, groups=groups)
    assert found.means == pytest.approx([0.0, 0.7], abs=0.09)
    assert found.sds == pytest.approx([1.0, 1.3], abs=0.09)
    assert found.errors is not None
    assert abs(found.means[1] - 0.7) < 3 * found.errors.means[1]
    assert np.isnan(found.errors.means[0])
    turned = irt.fit(codes, groups=groups, reference=1, errors="none")
    assert turned.log_likelihood == pytest.approx(found.log_likelihood, abs=1e-4)
    assert turned.means[0] == pytest.approx(-found.means[1] / found.sds[1], abs=1e-3)


def test_anchored_items_keep_their_values_and_place_a_new_group_on_their_scale() -> None:
    pool = examinees.pool(40, 51)
    codes = examinees.answers(examinees.abilities(2500, 52, mean=-0.5, sd=0.8), pool, 53)
    anchored = np.arange(0, 40, 2)
    found = irt.fit(codes, anchored=anchored, anchors=pool.taken(anchored))
    assert (found.items.taken(anchored).slope == pool.taken(anchored).slope).all()
    assert (found.items.taken(anchored).intercepts == pool.taken(anchored).intercepts).all()
    assert found.means == pytest.approx([-0.5], abs=0.05)
    assert found.sds == pytest.approx([0.8], abs=0.05)
    others = np.arange(1, 40, 2)
    assert np.sqrt(np.mean((found.items.a[others] - pool.a[others]) ** 2)) < 0.15
    assert found.errors is not None
    assert np.isnan(found.errors.slope[anchored]).all()
    assert np.isfinite(found.errors.slope[others]).all()


def test_a_wrong_key_shows_as_a_slope_below_zero_and_is_not_held_at_a_bound() -> None:
    pool = examinees.pool(20, 61)
    codes = examinees.answers(examinees.abilities(2000, 62), pool, 63)
    right = irt.fit(codes, errors="none")
    codes[:, 4] = 1 - codes[:, 4]
    wrong = irt.fit(codes, errors="none")
    assert wrong.converged
    assert wrong.items.a[4] == pytest.approx(-right.items.a[4], abs=1e-4)
    assert np.delete(wrong.items.a, 4) == pytest.approx(np.delete(right.items.a, 4), abs=1e-4)


def test_priors_pull_and_their_absence_is_exact_maximum_likelihood() -> None:
    free = irt.fit(PATTERNS, weights=SECTION_7)
    pulled = irt.fit(PATTERNS, weights=SECTION_7, priors=irt.Priors(slope=irt.LogNormal(0.0, 0.2)))
    assert abs(pulled.items.a[2] - 1.0) < abs(free.items.a[2] - 1.0)
    assert pulled.log_likelihood < free.log_likelihood
    guessed = irt.fit(PATTERNS, "3PL", weights=SECTION_7, priors=irt.Priors(lower=irt.Beta(5, 17)))
    assert guessed.converged
    assert guessed.items.lower == pytest.approx(np.full(5, 0.2), abs=0.05)  # the mode is 4 / 20


def test_guessing_recovers_where_there_is_much_to_learn_it_from() -> None:
    items = irt.Items.logistic(np.full(20, 1.6), np.linspace(-1, 2.0, 20), lower=0.2)
    codes = examinees.answers(examinees.abilities(5000, 71), items, 72)
    found = irt.fit(codes, "3PL", errors="none", priors=irt.Priors(lower=irt.Beta(5, 17)))
    assert found.converged
    assert np.abs(found.items.lower[8:] - 0.2).mean() < 0.03
    assert np.sqrt(np.mean((found.items.b[:, 0] - items.b[:, 0]) ** 2)) < 0.15


def test_nodes_are_refined_until_they_are_closer_than_half_a_posterior_sd() -> None:
    made = examinees.examinees(400, 300, 81)
    found = irt.fit(made.codes, errors="none")
    assert found.converged
    assert found.spacing < found.median_sd / 2 < 0.1
    short = irt.fit(PATTERNS, weights=SECTION_6, errors="none")
    assert short.spacing == pytest.approx(0.2)


def test_nodes_that_stay_coarse_would_bias_the_slopes_of_a_long_test(monkeypatch) -> None:
    made = examinees.examinees(600, 300, 82)
    fine = irt.fit(made.codes, errors="none")

    class Coarse(calibration.Problem):
        def nodes(self, x: np.ndarray, spacing: float) -> np.ndarray:
            return np.linspace(-6, 6, 25)

    monkeypatch.setattr(calibration, "Problem", Coarse)
    coarse = irt.fit(made.codes, errors="none", most_iterations=60)
    assert not coarse.converged
    assert np.mean(coarse.items.a / fine.items.a) < 0.98


def test_same_answers_give_the_same_bytes_in_any_order_of_people() -> None:
    made = examinees.examinees(300, 12, 91)
    one, two = irt.fit(made.codes), irt.fit(made.codes.copy())
    assert one.items.digest() == two.items.digest()
    shuffled = irt.fit(made.codes[np.random.default_rng(1).permutation(300)])
    assert shuffled.items.slope == pytest.approx(one.items.slope, abs=1e-6)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from(["2PL", "Rasch", "GRM", "GPCM", "PCM"]))
def test_every_small_sample_ends_with_a_likelihood_no_lower_than_the_truth(seed: int, model: str) -> None:
    items, people = irt.Items.graded(np.full(6, 1.0), np.tile([-0.8, 0.8], (6, 1))), 150
    codes = examinees.answers(examinees.abilities(people, seed), items, seed + 1)
    if model in ("2PL", "Rasch"):
        codes, items = np.minimum(codes, 1), irt.Items.logistic(np.ones(6), np.full(6, -0.8))
    found = irt.fit(codes, model, errors="none")
    if model not in ("GPCM", "PCM"):
        assert found.log_likelihood > marginal(items, codes, np.ones(people)) - 1e-6
    assert found.log_likelihood == pytest.approx(
        marginal(found.items, codes, np.ones(people), found.means[0], found.sds[0]), abs=1e-5
    )


def test_a_calibration_cut_short_or_without_a_maximum_says_so() -> None:
    assert not irt.fit(PATTERNS, weights=SECTION_6, most_iterations=3).converged
    perfect = np.repeat(np.tril(np.ones((6, 5), np.int64), -1), 40, axis=0)
    found = irt.fit(perfect, most_iterations=200, errors="none")
    assert not found.converged
    assert np.isfinite(found.items.slope).all()


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


@pytest.mark.parametrize(("items", "model"), [(1, "2PL"), (1, "Rasch"), (1, "1PL"), (2, "2PL"), (3, "3PL")])
def test_more_parameters_than_shares_of_answers_are_refused(items, model) -> None:
    codes = examinees.examinees(1000, 8, 5).codes[:, :items]
    for answers in (codes, irt.Answers.of_matrix(codes)):
        with pytest.raises(irt.ScaleNotIdentified, match="parameters cannot be estimated"):
            irt.fit(answers, model)


def test_a_chain_of_pairs_in_a_long_pool_is_refused_and_all_pairs_are_not() -> None:
    codes, first = examinees.examinees(6000, 6, 5).codes, np.arange(6000) % 5
    pairs = np.full_like(codes, -1)
    for second in (first + 1, np.random.default_rng(6).integers(first + 1, 6)):
        pairs[:] = -1
        for item in (first, second):
            pairs[np.arange(6000), item] = codes[np.arange(6000), item]
        chained = not irt.fit(pairs).converged
        assert chained == (second == first + 1).all()


@pytest.mark.parametrize(
    ("items", "more"),
    [
        (3, {}),
        (2, {"models": "Rasch"}),
        (2, {"models": "1PL"}),
        (1, {"priors": irt.Priors(slope=irt.LogNormal(0.0, 0.5))}),
        (2, {"priors": irt.Priors(slope=irt.LogNormal(0.0, 0.5))}),
        (2, {"anchored": [0], "anchors": irt.Items.logistic([1.0], [0.0]), "reference": 0}),
    ],
)
def test_few_items_are_enough_where_the_answers_determine_them(items, more) -> None:
    found = irt.fit(examinees.examinees(1000, 8, 5).codes[:, :items], **more)
    assert found.converged
    assert found.errors is not None
    assert np.isfinite(found.errors.covariance).all()
    assert np.sqrt(np.diag(found.errors.covariance)).max() < 2


def test_what_the_answers_leave_open_has_not_converged_and_has_no_errors() -> None:
    codes = examinees.examinees(1000, 8, 5).codes
    about_guessing = irt.Priors(lower=irt.Beta(5, 17))  # says nothing of the slope of a single item
    alone = irt.fit(codes[:, :1], "3PL", priors=about_guessing)
    codes[500:, 1:] = -1  # the second group's mean and sd from one share
    grouped = irt.fit(codes, groups=np.arange(1000) // 500)
    for found in (alone, grouped):
        assert not found.converged
        assert found.errors is not None
        assert np.isnan(found.errors.covariance).all()


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


@pytest.mark.parametrize(
    "make",
    [
        lambda: irt.Normal(1, -1),
        lambda: irt.Normal(np.nan, 1),
        lambda: irt.LogNormal(0, 0),
        lambda: irt.Beta(5, -17),
        lambda: irt.Beta(np.inf, 17),
        lambda: irt.Priors(slope=irt.Beta(5, 17)),
        lambda: irt.Priors(intercept=irt.LogNormal(0, 1)),
        lambda: irt.Priors(lower=irt.LogNormal(0, 1)),
    ],
)
def test_priors_that_are_none_are_refused(make) -> None:
    with pytest.raises(irt.PriorMalformed):
        make()


def test_unknown_standard_errors_are_refused_before_the_climb(monkeypatch) -> None:
    monkeypatch.setattr(calibration, "climb", lambda *given, **more: pytest.fail("it climbed"))
    with pytest.raises(ValueError, match="not by oakes"):
        irt.fit(PATTERNS, weights=SECTION_6, errors="oakes")


def test_examinees_that_cannot_be_simulated_are_refused() -> None:
    codes = examinees.examinees(10, 5, 1).codes
    for work in (
        lambda: examinees.asked(codes, 6, 1),
        lambda: examinees.asked(codes, 0, 1),
        lambda: examinees.sparse_examinees(10, 5, 6, 1),
        lambda: examinees.abilities(1, 1),
    ):
        with pytest.raises(ValueError, match=r"not [016]"):
            work()
    assert (examinees.asked(codes, 5, 1).to_matrix() == codes).all()


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
