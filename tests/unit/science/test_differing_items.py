"""Items that differ between groups: Mantel-Haenszel, logistic regression and Lord, against statsmodels."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from statsmodels.stats.contingency_tables import StratifiedTable

from karmayogi.science import fairness, irt
from karmayogi.science.fairness import AnswersCannotBeCompared, purification, tables

Answers = NDArray[np.int8]
Whole = NDArray[np.int64]


def sample(
    people: int = 3000, items: int = 20, shift: dict[int, float] | None = None, seed: int = 1, groups: int = 2
) -> tuple[Answers, Whole]:
    """Answers and groups; focal people are half a logit lower, and `shift` logits better on some items."""
    random = np.random.default_rng(seed)
    a, b = np.clip(random.lognormal(0.1, 0.3, items), 0.4, 2.5), random.normal(0.0, 1.0, items)
    group = np.arange(people) % groups
    theta = random.normal(0.0, 1.0, people) - 0.5 * (group > 0)
    logits = a * (theta[:, None] - b)
    for item, size in (shift or {}).items():
        logits[group > 0, item] += size
    return (random.random((people, items)) < 1.0 / (1.0 + np.exp(-logits))).astype(np.int8), group


def table_of(answers: Answers, group: Whole, score: Whole, item: int) -> StratifiedTable:
    counts = np.zeros((2, 2, int(score.max()) + 1))
    np.add.at(counts, (group, 1 - answers[:, item], score), 1.0)
    return StratifiedTable(counts[:, :, counts.sum(axis=(0, 1)) > 1])


@pytest.mark.parametrize("correction", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_item_is_equal_to_the_stratified_table_of_statsmodels(seed: int, correction: bool) -> None:
    answers, group = sample(people=700, shift={0: 0.8}, seed=seed)
    found = fairness.mantel_haenszel(answers, group, purify=False, correction=correction)
    for item in range(answers.shape[1]):
        judge = table_of(answers, group, answers.sum(axis=1), item)
        assert found.chi_square[0, item] == pytest.approx(
            judge.test_null_odds(correction).statistic, abs=1e-9
        )
        assert found.p[0, item] == pytest.approx(judge.test_null_odds(correction).pvalue, abs=1e-12)
        assert found.odds_ratio[0, item] == pytest.approx(judge.oddsratio_pooled, rel=1e-12)
        assert found.se[0, item] == pytest.approx(2.35 * judge.logodds_pooled_se, rel=1e-12)


def test_a_purified_score_without_the_flagged_items_still_holds_the_item_studied() -> None:
    answers, group = sample(shift={0: -1.2, 1: -1.2, 2: -1.2})
    found = fairness.mantel_haenszel(answers, group)
    kept = found.matching.anchors[0]
    assert found.matching.settled.tolist() == [True]
    assert found.matching.rounds[0] > 1
    assert np.flatnonzero(~kept).tolist() == [0, 1, 2]
    for item in (0, 5):
        score = answers[:, kept | (np.arange(20) == item)].sum(axis=1)
        judge = table_of(answers, group, score, item)
        assert found.chi_square[0, item] == pytest.approx(judge.test_null_odds().statistic, abs=1e-9)


def test_purification_clears_items_that_only_looked_different() -> None:
    shift = dict.fromkeys(range(6), -1.0)
    raw = [fairness.mantel_haenszel(*sample(shift=shift, seed=seed), purify=False) for seed in range(5)]
    pure = [fairness.mantel_haenszel(*sample(shift=shift, seed=seed)) for seed in range(5)]
    bias = np.mean([np.abs(one.d_dif[0, 6:].mean()) for one in raw])
    assert np.mean([np.abs(one.d_dif[0, 6:].mean()) for one in pure]) < bias / 3.0


def test_purification_that_goes_in_a_circle_stops_and_says_so() -> None:
    answers, group = sample(people=200, items=6)

    turns = iter(range(100))

    def restless(counts: tables.Tables) -> tuple[int, NDArray[np.bool_]]:
        turn = next(turns)
        return turn, np.arange(counts.right.shape[2]) == turn % 2

    _, how = purification.matched(
        answers, group, restless, reference=0, matching=None, purify=True, most_rounds=10
    )
    assert how.settled.tolist() == [False]
    assert how.rounds[0] == 3  # flags 0, 1, 0: the anchors of the second round would come back


@given(st.integers(0, 10_000), st.permutations(range(8)))
@settings(max_examples=25, deadline=None)
def test_the_order_of_people_and_items_changes_nothing(seed: int, order: list[int]) -> None:
    answers, group = sample(people=150, items=8, seed=seed)
    people = np.random.default_rng(seed).permutation(150)
    plain = fairness.mantel_haenszel(answers, group, purify=False)
    mixed = fairness.mantel_haenszel(answers[people][:, order], group[people], purify=False)
    assert np.allclose(mixed.chi_square, plain.chi_square[:, order], rtol=1e-12, atol=0.0, equal_nan=True)
    assert np.allclose(mixed.d_dif, plain.d_dif[:, order], atol=1e-12, rtol=1e-7, equal_nan=True)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_the_other_group_as_reference_turns_the_sign_and_nothing_else(seed: int) -> None:
    answers, group = sample(people=200, items=8, seed=seed)
    one = fairness.mantel_haenszel(answers, group, purify=False)
    other = fairness.mantel_haenszel(answers, group, purify=False, reference=1)
    assert np.allclose(one.chi_square, other.chi_square, rtol=1e-9, atol=0.0, equal_nan=True)
    assert np.allclose(one.d_dif, -other.d_dif, atol=1e-9, rtol=1e-7, equal_nan=True)
    assert one.effect.tolist() == other.effect.tolist()


def test_each_of_several_groups_is_compared_with_the_reference_alone() -> None:
    answers, group = sample(people=3000, groups=3, shift={0: -1.0})
    found = fairness.mantel_haenszel(answers, group)
    assert found.matching.focal.tolist() == [1, 2]
    for place, other in enumerate((1, 2)):
        pair = (group == 0) | (group == other)
        alone = fairness.mantel_haenszel(answers[pair], group[pair])
        assert np.array_equal(found.chi_square[place], alone.chi_square[0])


def test_people_asked_different_items_are_matched_on_what_they_were_asked() -> None:
    answers, group = sample(people=6000, shift={0: -1.0})
    answers[np.random.default_rng(5).random(answers.shape) < 0.5] = irt.NOT_ASKED
    found = fairness.mantel_haenszel(answers, group)
    assert found.matching.by_score.tolist() == [False]
    assert np.flatnonzero(found.flagged[0]).tolist() == [0]
    assert found.people[0, :, 0].sum() == (answers[:, 0] >= 0).sum()


def test_gaps_of_one_group_leave_the_others_matched_by_score() -> None:
    answers, group = sample(people=900, groups=3)
    answers[np.flatnonzero(group == 2)[:5], 0] = irt.NOT_ASKED
    assert fairness.mantel_haenszel(answers, group).matching.by_score.tolist() == [True, False]


def test_the_effect_classes_need_size_and_significance() -> None:
    size = np.array([0.5, 1.2, 1.2, 1.8, 1.8, 1.8, np.inf, np.nan])
    se = np.array([0.1, 0.1, 1.0, 0.1, 0.6, 1.2, np.nan, np.nan])
    p = np.array([1e-6, 1e-6, 0.2, 1e-9, 0.003, 0.13, 1e-4, np.nan])
    assert fairness.effect_classes(-size, se, p).tolist() == ["A", "B", "A", "C", "B", "A", "C", "-"]


def test_an_item_with_few_people_in_a_group_is_marked_thin() -> None:
    answers, group = sample(people=1000)
    group = (np.arange(1000) < 60).astype(np.int64)
    assert fairness.mantel_haenszel(answers, group).thin.all()
    assert not fairness.mantel_haenszel(*sample(people=1000)).thin.any()


def test_an_item_everybody_answers_alike_has_no_estimate_and_no_flag() -> None:
    answers, group = sample(people=500)
    answers[:, 3] = 1
    found = fairness.mantel_haenszel(answers, group)
    assert np.isnan(found.chi_square[0, 3])
    assert found.effect[0, 3] == "-"
    assert not found.flagged[0, 3]
    assert fairness.logistic_difference(answers, group).effect[0, 3] == "-"


def test_logistic_regressions_are_equal_to_statsmodels() -> None:
    answers, group = sample(people=1500, shift={0: 0.8})
    found = fairness.logistic_difference(answers, group, purify=False)
    score = answers.sum(axis=1)
    z = (score - score.mean()) / score.std()
    design = np.stack([np.ones(len(z)), z, group, z * group], axis=1)
    for item in (0, 4, 11):
        fits = [sm.Logit(answers[:, item], design[:, :k]).fit(disp=0, tol=1e-12) for k in (2, 3, 4)]
        assert found.uniform[0, item] == pytest.approx(2 * (fits[1].llf - fits[0].llf), abs=1e-8)
        assert found.non_uniform[0, item] == pytest.approx(2 * (fits[2].llf - fits[1].llf), abs=1e-8)
        assert found.log_odds[0, item] == pytest.approx(fits[1].params[2], abs=1e-8)
        assert found.se[0, item] == pytest.approx(fits[1].bse[2], abs=1e-8)
        assert found.slope_se[0, item] == pytest.approx(fits[2].bse[3], abs=1e-8)
        n = len(z)
        best = 1.0 - np.exp(2.0 * fits[0].llnull / n)
        change = (
            np.exp(2 * (fits[0].llnull - fits[0].llf) / n) - np.exp(2 * (fits[0].llnull - fits[2].llf) / n)
        ) / best
        assert found.r2_change[0, item] == pytest.approx(change, abs=1e-9)
    assert found.converged.all()


def test_a_difference_that_changes_sides_shows_as_non_uniform() -> None:
    random = np.random.default_rng(2)
    answers, group = sample(people=4000)
    theta = answers[:, 1:].mean(axis=1) * 6.0 - 3.0
    slope = np.where(group == 1, -0.2, 1.5)
    answers[:, 0] = random.random(4000) < 1.0 / (1.0 + np.exp(-slope * theta))
    found = fairness.logistic_difference(answers, group)
    assert found.flagged[0].nonzero()[0].tolist() == [0]
    assert found.non_uniform_p[0, 0] < 1e-6
    assert found.slope[0, 0] < 0.0


def test_a_score_that_separates_right_from_wrong_does_not_pass_for_converged() -> None:
    score = np.repeat([0, 1], 50)
    found = fairness.logistic_difference(score[:, None].astype(np.int8), np.arange(100) % 2, matching=score)
    assert not found.converged[0, 0]


def test_an_item_one_group_never_met_has_no_effect_by_logistic_regression() -> None:
    answers, group = sample(people=1_200)
    gaps = answers.copy()
    gaps[group == 1, 3] = irt.NOT_ASKED
    found = fairness.logistic_difference(gaps, group)
    for column in (found.log_odds, found.se, found.uniform_p, found.both_p, found.slope_se, found.r2_change):
        assert np.flatnonzero(np.isnan(column[0])).tolist() == [3]
    assert found.effect[0, 3] == "-"
    assert np.flatnonzero(~found.converged[0]).tolist() == [3]


def test_people_of_one_score_tell_of_the_group_but_not_of_its_slope() -> None:
    answers, group = sample(people=1_200)
    found = fairness.logistic_difference(answers, group, matching=np.zeros(len(group)))
    assert np.isfinite(found.log_odds).all()
    assert np.isfinite(found.uniform_p).all()
    for column in (found.slope, found.slope_se, found.non_uniform_p, found.both_p):
        assert np.isnan(column).all()
    assert set(found.effect[0]) == {"-"}
    assert not found.converged.any()


def test_lord_finds_what_was_shifted_and_undoes_other_scales() -> None:
    answers, group = sample(people=4000, items=14, shift={0: -1.2, 1: -1.2}, seed=3)
    parts = [answers[group == one] for one in (0, 1)]
    fits = [irt.calibrate(part) for part in parts]
    both = [fairness.estimates(part, fit.a, fit.b) for part, fit in zip(parts, fits, strict=True)]
    found = fairness.lord_difference(both[0], both[1])
    assert np.flatnonzero(found.flagged).tolist() == [0, 1]
    assert found.settled
    assert found.link.intercept == pytest.approx(-0.5, abs=0.15)
    assert (found.signed_area[:2] > 0.4).all()
    wide = fairness.Estimates(both[1].a / 2.0, both[1].b * 2.0 + 1.0, _stretched(both[1].covariance, 2.0))
    again = fairness.lord_difference(both[0], wide)
    assert np.allclose(again.chi_square, found.chi_square, rtol=1e-4, atol=0.0, equal_nan=True)


def test_covariances_without_a_variance_are_refused() -> None:
    fine = fairness.Estimates(np.ones(4), np.arange(4.0), np.tile(np.eye(2), (4, 1, 1)))
    for covariance in (np.zeros((4, 2, 2)), np.full((4, 2, 2), np.nan), np.zeros((3, 2, 2))):
        with pytest.raises(AnswersCannotBeCompared, match=r"[Cc]ovariances"):
            fairness.lord_difference(fine, fairness.Estimates(fine.a, fine.b, covariance))


def _stretched(covariance: NDArray[np.float64], by: float) -> NDArray[np.float64]:
    turn = np.diag([1.0 / by, by])
    return turn @ covariance @ turn


def test_the_area_between_two_curves_is_the_area() -> None:
    a, b = np.array([1.0, 0.7, 1.3]), np.array([0.0, -0.5, 1.0])
    a2, b2 = np.array([1.0, 1.4, 1.9]), np.array([0.4, 0.1, 1.1])
    unit = np.tile(np.eye(2), (3, 1, 1))
    found = fairness.lord_difference(
        fairness.Estimates(a, b, unit), fairness.Estimates(a2, b2, unit), purify=False, significance=0.01
    )
    line = link_of(found)
    grid = np.linspace(-60, 60, 600_001)
    apart = np.abs(irt.chance(grid, a, b) - irt.chance(grid, *line))
    assert found.area == pytest.approx(np.trapezoid(apart, grid, axis=0), abs=1e-6)


def link_of(found: fairness.LordDifference) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    moved = found.link.items(irt.Items.logistic([1.0, 1.4, 1.9], [0.4, 0.1, 1.1]))
    return moved.a, moved.difficulty


@pytest.mark.parametrize(
    ("answers", "group", "says"),
    [
        (np.zeros((0, 3)), np.zeros(0, dtype=int), "one row per person"),
        (np.array([[1, 2], [0, 1]]), np.array([0, 1]), "Recode"),
        (np.array([[1.0, np.nan], [0.0, 1.0]]), np.array([0, 1]), "not asked"),
        (np.array([[0.5, 1.0], [0.0, 1.0]]), np.array([0, 1]), "whole"),
        (np.array([[1, 0], [0, 1]]), np.array([0, 0]), "reference"),
        (np.array([[1, 0], [0, 1]]), np.array([1, 2]), "reference"),
        (np.array([[1, 0], [0, 1]]), np.array([0.0, 1.0]), "whole number per person"),
        (np.array([[1, 0], [0, 1]]), np.array([0, 1, 1]), "whole number per person"),
    ],
)
def test_what_makes_no_tables_is_refused_with_what_to_mend(answers: Answers, group: Whole, says: str) -> None:
    for analysis in (fairness.mantel_haenszel, fairness.logistic_difference):
        with pytest.raises(AnswersCannotBeCompared, match=says):
            analysis(answers, group)


def test_matching_scores_that_are_not_finite_or_not_one_each_are_refused() -> None:
    answers, group = sample(people=100)
    for scores in (np.full(100, np.nan), np.zeros(99)):
        with pytest.raises(AnswersCannotBeCompared, match="atching score"):
            fairness.mantel_haenszel(answers, group, matching=scores)


def test_a_matching_score_that_ignores_ability_would_flag_honest_items() -> None:
    """Planted fault: without matching, the half logit between the groups passes for a difference of every item."""
    answers, group = sample()
    blind = fairness.mantel_haenszel(answers, group, matching=np.zeros(len(answers)))
    assert blind.flagged[0].mean() > 0.3
    assert fairness.mantel_haenszel(answers, group).flagged[0].mean() < 0.05
