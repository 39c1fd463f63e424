"""Adverse impact and differences between groups, freed of measurement error."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from karmayogi.science import fairness, irt, pooling
from karmayogi.science.fairness import GroupsCannotBeCompared, SelectionCannotBeCompared

COUNT = st.integers(1, 400)


@given(COUNT, COUNT, st.floats(0, 1), st.floats(0.01, 1))
@settings(max_examples=60, deadline=None)
def test_rates_and_differences_have_the_intervals_of_statsmodels(
    one: int, two: int, share: float, other: float
) -> None:
    chosen, applied = [max(1, round(other * one)), round(share * two)], [one, two]
    found = fairness.adverse_impact(chosen, applied, reference=0)
    for place in (0, 1):
        low, high = proportion_confint(chosen[place], applied[place], method="wilson")
        assert found.rate_interval[place].tolist() == pytest.approx([low, high], abs=1e-12)
    judge = confint_proportions_2indep(
        chosen[1], applied[1], chosen[0], applied[0], method="newcomb", compare="diff"
    )
    assert found.difference_interval[1].tolist() == pytest.approx(list(judge), abs=1e-9)
    table = [[chosen[0], one - chosen[0]], [chosen[1], two - chosen[1]]]
    assert found.p[1] == pytest.approx(fisher_exact(table).pvalue, rel=1e-9)


@given(COUNT, COUNT, st.floats(0.05, 1), st.floats(0.05, 1))
@settings(max_examples=60, deadline=None)
def test_the_ratio_has_the_logarithmic_interval_of_statsmodels(
    one: int, two: int, share: float, other: float
) -> None:
    chosen, applied = [max(1, round(other * one)), max(1, round(share * two))], [one, two]
    assume(chosen[0] < one and chosen[1] < two)  # all of a group: the judge takes it for sure
    found = fairness.adverse_impact(chosen, applied, reference=0)
    judge = confint_proportions_2indep(
        chosen[1], applied[1], chosen[0], applied[0], method="log", compare="ratio", correction=False
    )
    assert found.ratio_interval[1].tolist() == pytest.approx(list(judge), rel=1e-9)


def test_the_group_with_the_highest_rate_is_the_reference_unless_one_is_named() -> None:
    assert fairness.adverse_impact([1, 9, 5], [10, 10, 10]).reference == 1
    assert fairness.adverse_impact([1, 9, 5], [10, 10, 10], reference=2).ratio[2] == 1.0


def test_a_ratio_that_one_person_turns_over_is_marked() -> None:
    found = fairness.adverse_impact([10, 7], [20, 20])
    assert found.below_four_fifths.tolist() == [False, True]
    assert found.flips_with_one.tolist() == [False, True]
    assert found.adverse.tolist() == [False, False]


def test_a_group_none_of_whom_was_selected_still_has_intervals() -> None:
    found = fairness.adverse_impact([20, 0], [40, 30])
    assert found.ratio[1] == 0.0
    assert np.isfinite(found.ratio_interval).all()
    assert found.ratio_interval[1, 0] == 0.0
    assert found.ratio_interval[1, 1] > 0.0
    assert found.adverse[1]


@given(COUNT, COUNT, st.floats(0, 1))
def test_few_people_all_of_whom_were_selected_are_not_taken_for_sure(
    one: int, two: int, share: float
) -> None:
    found = fairness.adverse_impact([one, round(share * two)], [one, two], reference=0)
    low, high = found.ratio_interval[1]
    assert low <= found.ratio[1] <= high
    assert high - low > 0.5 / max(one, two)


def test_two_of_two_against_two_of_two_says_next_to_nothing() -> None:
    # halves: 2.5 of 3 each; exp(1.96 x sqrt(2 x (1 / 2.5 - 1 / 3)))
    found = fairness.adverse_impact([2, 2], [2, 2])
    assert found.ratio_interval[1].tolist() == pytest.approx([0.4888, 2.0459], abs=1e-3)


def test_a_reference_nobody_of_whom_was_selected_is_refused() -> None:
    with pytest.raises(SelectionCannotBeCompared, match="another reference"):
        fairness.adverse_impact([0, 5], [10, 10], reference=0)


@pytest.mark.parametrize("confidence", [95, 1.0, 0.0, float("nan")])
def test_a_confidence_that_is_no_share_is_refused(confidence: float) -> None:
    with pytest.raises(SelectionCannotBeCompared, match="confidence"):
        fairness.adverse_impact([1, 2], [4, 4], confidence=confidence)
    with pytest.raises(SelectionCannotBeCompared, match="confidence"):
        fairness.wilson(1, 4, confidence=confidence)
    scores, group = np.arange(6.0), np.arange(6) % 2
    with pytest.raises(fairness.GroupsCannotBeCompared, match="confidence"):
        fairness.true_score_difference(scores, group, reliability=0.8, confidence=confidence)
    with pytest.raises(fairness.GroupsCannotBeCompared, match="confidence"):
        fairness.latent_difference(np.zeros((6, len(irt.GRID))), group, confidence=confidence)


@pytest.mark.parametrize(
    ("chosen", "applied", "says"),
    [
        ([1], [2], "two groups"),
        ([1, 2], [2, 2, 2], "two groups"),
        ([3, 1], [2, 2], "no more be selected"),
        ([1, 0], [2, 0], "empty groups"),
        ([0, 0], [2, 2], "Nobody"),
        ([0.5, 1], [2, 2], "whole"),
        ([np.nan, 1], [2, 2], "NaN"),
    ],
)
def test_counts_that_make_no_rates_are_refused(chosen: list[float], applied: list[float], says: str) -> None:
    with pytest.raises(SelectionCannotBeCompared, match=says):
        fairness.adverse_impact(chosen, applied)


def _sample(people: int, items: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    a, b = np.clip(random.lognormal(0.1, 0.3, items), 0.4, 2.5), random.normal(0.0, 1.0, items)
    group = np.arange(people) % 2
    theta = random.normal(0.0, 1.0, people) * np.where(group, 0.7, 1.0) - 0.6 * group
    answers = (random.random((people, items)) < irt.chance(theta, a, b)).astype(np.int8)
    return answers, a, b, group


def test_abilities_of_groups_come_out_unshrunk_even_from_ten_items() -> None:
    answers, a, b, group = _sample(6000, 10, seed=4)
    found = fairness.latent_difference(irt.log_likelihoods(answers, a, b), group)
    assert found.converged.all()
    assert found.difference[1] == pytest.approx(-0.6, abs=0.08)
    assert found.sd.tolist() == pytest.approx([1.0, 0.7], abs=0.07)
    means, _ = irt.score(answers, a, b)  # shrunk to the common prior: the fault this function mends
    shrunk = means[group == 1].mean() - means[group == 0].mean()
    assert abs(shrunk) < 0.85 * abs(found.difference[1])


def test_the_interval_of_a_difference_covers_it_as_often_as_it_says() -> None:
    covered = []
    for seed in range(80):
        answers, a, b, group = _sample(400, 12, seed=100 + seed)
        found = fairness.latent_difference(irt.log_likelihoods(answers, a, b), group)
        covered.append(found.interval[1, 0] <= -0.6 <= found.interval[1, 1])
    assert 0.88 <= np.mean(covered) <= 1.0


def test_estimates_with_their_errors_give_the_differences_as_well() -> None:
    random = np.random.default_rng(1)
    group = np.arange(4000) % 2
    true = random.normal(0.3 * group, 0.8)
    error = random.uniform(0.3, 0.6, 4000)
    rows = pooling.normal_log_likelihoods(true + error * random.standard_normal(4000), error)
    found = fairness.latent_difference(rows, group)
    assert found.difference[1] == pytest.approx(0.3, abs=0.09)
    assert found.sd.tolist() == pytest.approx([0.8, 0.8], abs=0.05)


def test_unreliable_scores_hide_a_difference_that_the_correction_brings_back() -> None:
    random = np.random.default_rng(2)
    group = np.arange(40_000) % 2
    true = random.normal(0.5 * group, 1.0)
    scores = true + random.standard_normal(40_000)  # reliability 0.5
    found = fairness.true_score_difference(scores, group, reliability=0.5)
    assert found.observed[0] == pytest.approx(0.5 * np.sqrt(0.5), abs=0.03)
    assert found.corrected[0] == pytest.approx(0.5, abs=0.03)
    assert found.corrected_interval[0, 0] < 0.5 < found.corrected_interval[0, 1]


@pytest.mark.parametrize(
    ("scores", "group", "reliability", "says"),
    [
        (np.array([1.0, 2.0, 3.0, 4.0]), np.array([0, 0, 1, 1]), 0.0, "Reliability"),
        (np.array([1.0, 2.0, 3.0, np.nan]), np.array([0, 0, 1, 1]), 0.9, "NaN"),
        (np.array([1.0, 2.0, 3.0]), np.array([0, 0, 1]), 0.9, "two people"),
        (np.array([1.0, 1.0, 3.0, 3.0]), np.array([0, 0, 1, 1]), 0.9, "same"),
        (np.array([1.0, 2.0]), np.array([1, 1]), 0.9, "reference"),
        (np.array([1.0, 2.0]), np.array([0, 1, 1]), 0.9, "per person"),
    ],
)
def test_scores_that_allow_no_comparison_are_refused(
    scores: np.ndarray, group: np.ndarray, reliability: float, says: str
) -> None:
    with pytest.raises(GroupsCannotBeCompared, match=says):
        fairness.true_score_difference(scores, group, reliability=reliability)
