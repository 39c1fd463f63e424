"""Scores of people against R mirt's published values, against integrals, and on odd input."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karmayogi.science import irt
from karmayogi.science.simulation import examinees

DATA = Path(__file__).parent / "data"
LSAT = np.loadtxt(DATA / "lsat.csv", delimiter=",", skiprows=1, dtype=np.int64)
SCIENCE = np.loadtxt(DATA / "science.csv", delimiter=",", skiprows=1, dtype=np.int64)
MIXED = irt.Items.joined(
    [
        irt.Items.logistic([1.0, 1.5, 0.7], [0.0, 1.0, 0.3], lower=[0.2, 0, 0]),
        irt.Items.graded([1.2, 0.9], [[-1.0, 0.0, 1.0], [-1.0, 0.0, np.nan]]),
        irt.Items.partial_credit([0.8], [[1.0, -1.0, 0.5]]),
    ]
)


def test_scores_of_the_law_school_test_are_those_of_r() -> None:
    items = irt.fit(LSAT[:, :5], weights=LSAT[:, 6], errors="none").items
    means = irt.estimate(LSAT[:6, :5], items)
    assert means.theta == pytest.approx([-1.8698, -1.5273, -1.5140, -1.1855, -1.0940, -0.7662], abs=2e-4)
    assert means.se[0] == pytest.approx(0.6927, abs=1e-4)
    modes = irt.estimate(LSAT[:6, :5], items, method="MAP")
    assert modes.theta == pytest.approx([-1.8166, -1.4947, -1.4823, -1.1790, -1.0959, -0.7951], abs=1e-3)
    assert modes.converged.all()


def test_scores_of_graded_answers_are_those_of_r() -> None:
    items = irt.fit(SCIENCE[:, :4], "GRM", weights=SCIENCE[:, 4], errors="none").items
    found = irt.estimate(np.array([[0, 1, 2, 3]]), items)
    assert (found.theta[0], found.se[0]) == pytest.approx((-0.3495, 0.6005), abs=2e-4)
    weighted = irt.estimate(SCIENCE[:3, :4], items, method="WLE")
    assert weighted.theta == pytest.approx([-5.7024, -2.1163, -1.1387], abs=1e-3)


def test_means_and_sds_are_those_of_an_independent_integral() -> None:
    codes = examinees.with_gaps(examinees.answers(examinees.abilities(50, 1), MIXED, 2), 0.3, 3)
    found = irt.estimate(codes, MIXED, means=0.4, sds=1.5)
    theta = 0.4 + 1.5 * np.linspace(-9, 9, 3001)
    chance = irt.chances(theta, MIXED)
    for person in range(50):
        density = np.exp(-0.5 * ((theta - 0.4) / 1.5) ** 2)
        for item in np.flatnonzero(codes[person] >= 0):
            density = density * chance[:, item, codes[person, item]]
        mean = (density * theta).sum() / density.sum()
        assert found.theta[person] == pytest.approx(mean, abs=1e-8)
        variance = (density * (theta - mean) ** 2).sum() / density.sum()
        assert found.se[person] == pytest.approx(np.sqrt(variance), abs=1e-8)


def test_modes_stand_where_the_posterior_is_highest() -> None:
    codes = examinees.answers(examinees.abilities(50, 4), MIXED, 5)
    found = irt.estimate(codes, MIXED, method="MAP", means=-0.3, sds=0.9)
    assert found.converged.all()

    def density(theta: np.ndarray) -> np.ndarray:
        chance = irt.chances(theta, MIXED)
        answered = [np.log(chance[np.arange(50), item, codes[:, item]]) for item in range(codes.shape[1])]
        return np.sum(answered, axis=0) - 0.5 * ((theta + 0.3) / 0.9) ** 2

    for aside in (-1e-3, 1e-3, -0.3, 0.3):
        assert (density(found.theta) > density(found.theta + aside)).all()
    bend = density(found.theta + 1e-3) - 2 * density(found.theta) + density(found.theta - 1e-3)
    assert found.se == pytest.approx(1 / np.sqrt(-bend / 1e-6), rel=1e-4)


def test_warms_estimates_are_less_biased_than_modes_and_finite_for_all_right_and_all_wrong() -> None:
    items = irt.Items.logistic(np.full(20, 1.2), np.linspace(-1.5, 1.5, 20))
    theta = np.full(20_000, 1.2)
    codes = examinees.answers(theta, items, 6)
    weighted, modes = (irt.estimate(codes, items, method=method) for method in ("WLE", "MAP"))
    assert weighted.converged.all()
    assert abs(weighted.theta.mean() - 1.2) < 0.02
    assert modes.theta.mean() < 1.2 - 0.1
    ends = irt.estimate(np.array([np.ones(20), np.zeros(20)], dtype=int), items, method="WLE")
    assert ends.theta[0] == pytest.approx(-ends.theta[1], abs=1e-6)
    assert np.isfinite(ends.se).all()


@pytest.mark.parametrize("method", ["EAP", "MAP", "WLE"])
def test_sparse_answers_score_like_the_matrix(method: str) -> None:
    items = examinees.pool(60, 7)
    codes = examinees.with_gaps(examinees.answers(examinees.abilities(80, 8), items, 9), 0.85, 10)
    codes[3] = irt.NOT_ASKED
    dense, sparse = (
        irt.estimate(given, items, method=method) for given in (codes, irt.Answers.of_matrix(codes))
    )
    assert dense.theta == pytest.approx(sparse.theta, abs=1e-9, nan_ok=True)
    assert dense.se == pytest.approx(sparse.se, abs=1e-9, nan_ok=True)
    if method == "WLE":
        assert np.isnan(dense.theta[3])
    else:
        assert (dense.theta[3], dense.se[3]) == pytest.approx((0.0, 1.0), abs=1e-6)


def test_people_who_answered_nothing_have_the_prior_even_alone() -> None:
    nothing = np.full((2, len(MIXED)), irt.NOT_ASKED)
    for method in ("EAP", "MAP"):
        found = irt.estimate(nothing, MIXED, method=method, means=0.4, sds=0.7)
        assert found.theta == pytest.approx([0.4, 0.4], abs=1e-6)
        assert found.se == pytest.approx([0.7, 0.7], abs=1e-6)
    assert np.isnan(irt.estimate(nothing, MIXED, method="WLE").theta).all()


def test_each_group_has_its_own_prior() -> None:
    codes = np.tile(examinees.answers(np.zeros(1), MIXED, 11), (2, 1))
    both = irt.estimate(codes, MIXED, means=[0.0, 1.0], sds=[1.0, 0.5], groups=[0, 1])
    for group, (mean, sd) in enumerate(((0.0, 1.0), (1.0, 0.5))):
        alone = irt.estimate(codes[:1], MIXED, means=mean, sds=sd)
        assert (both.theta[group], both.se[group]) == pytest.approx((alone.theta[0], alone.se[0]), abs=1e-8)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from(["EAP", "MAP", "WLE"]))
def test_a_better_answer_never_lowers_a_score(seed: int, method: str) -> None:
    items = irt.Items.joined(
        [examinees.pool(4, 1), irt.Items.partial_credit([0.9, 1.1], [[-0.5, 0.5], [0.0, 0.4]])]
    )
    codes = examinees.answers(examinees.abilities(6, seed), items, seed + 1)
    better = codes.copy()
    better[:, 4] = np.minimum(better[:, 4] + 1, 2)
    before, after = (irt.estimate(given, items, method=method) for given in (codes, better))
    assert (after.theta >= before.theta - 1e-7).all()


@pytest.mark.parametrize(
    ("codes", "more"),
    [
        (np.array([[2, 0, 0, 0, 0, 0]]), {}),
        (np.array([[0, 0]]), {}),
        (np.array([[np.nan, 0, 0, 0, 0, 0]]), {}),
        (np.array([[0, 0, 0, 0, 0, 0]]), {"sds": 0.0}),
        (np.array([[0, 0, 0, 0, 0, 0]]), {"means": np.nan}),
        (np.array([[0, 0, 0, 0, 0, 0]]), {"groups": [1]}),
    ],
)
def test_answers_and_priors_that_cannot_be_are_refused(codes, more) -> None:
    with pytest.raises(irt.AnswersMalformed):
        irt.estimate(codes, MIXED, **more)


@pytest.mark.parametrize("form", [np.asarray, irt.Answers.of_matrix])
def test_groups_with_priors_as_wide_as_a_hair_and_as_a_house_are_scored_as_if_apart(form) -> None:
    made = examinees.examinees(40, 10, 3)
    groups, means, sds = np.arange(40) % 2, np.array([0.3, 0.0]), np.array([1e-4, 1.0])
    found = irt.estimate(form(made.codes), made.items, means=means, sds=sds, groups=groups)
    assert found.converged.all()
    for one in (0, 1):
        here = groups == one
        alone = irt.estimate(form(made.codes[here]), made.items, means=means[one], sds=sds[one])
        assert found.theta[here] == pytest.approx(alone.theta, abs=1e-9)
        assert found.se[here] == pytest.approx(alone.se, rel=1e-9)
    assert found.se[groups == 0] == pytest.approx(1e-4, rel=1e-3)


def test_posteriors_narrower_than_the_finest_nodes_are_not_converged() -> None:
    steep = irt.Items.logistic(np.full(4, 2e4), [-1e-4, 0.0, 1e-4, 1.0])
    found = irt.estimate(np.array([[1, 0, 0, 0], [1, 1, 0, 0], [-1, -1, -1, 0]]), steep)
    assert found.converged.tolist() == [False, False, True]
