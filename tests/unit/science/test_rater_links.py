"""Who can be compared with whom, and when nothing is stated."""

import numpy as np
import pytest

from karmayogi.science import irt, raters
from karmayogi.science.simulation.raters import simulate


def test_raters_without_common_ratees_are_not_compared_and_have_no_number() -> None:
    left = simulate(
        np.random.default_rng(1), ratees=60, raters=10, raters_per_ratee=3, criteria=2, categories=3
    )
    right = simulate(
        np.random.default_rng(2), ratees=30, raters=6, raters_per_ratee=3, criteria=2, categories=3
    )
    alone = np.full(8, 16)
    ratings = raters.Ratings(
        np.concatenate([left.ratings.ratee, right.ratings.ratee + 60, 90 + np.arange(8) // 2]),
        np.concatenate([left.ratings.rater, right.ratings.rater + 10, alone]),
        np.concatenate([left.ratings.criterion, right.ratings.criterion, np.arange(8) % 2]),
        np.concatenate([left.ratings.category, right.ratings.category, np.arange(8) % 3]),
        raters=18,
    )
    fit = raters.calibrate(ratings)
    assert fit.identified.tolist() == [True] * 10 + [False] * 8
    assert np.isfinite(fit.severity[:10]).all()
    assert np.isnan(fit.severity[10:]).all()
    assert np.isnan(fit.se_severity[10:]).all()
    assert np.isnan(fit.ability[60:]).all()
    assert len(set(fit.links.rater_part[:17].tolist())) == 3
    assert fit.links.rater_part[17] == -1
    assert fit.links.shared[16] == 0
    assert fit.severity[:10].mean() == pytest.approx(0.0, abs=1e-12)


def test_an_anchor_joins_what_no_ratee_joins() -> None:
    left = simulate(np.random.default_rng(1), ratees=100, raters=8, raters_per_ratee=4, criteria=2)
    right = simulate(np.random.default_rng(2), ratees=100, raters=8, raters_per_ratee=4, criteria=2)
    both = raters.Ratings(
        *(np.concatenate([getattr(left.ratings, name), getattr(right.ratings, name) + more])
          for name, more in (("ratee", 100), ("rater", 8), ("criterion", 2), ("category", 0)))
    )  # fmt: skip
    assert raters.linked(both).rater_identified.sum() == 8
    known = np.full(16, np.nan)
    known[[0, 8]] = left.severity[0], right.severity[0]
    fit = raters.calibrate(both, known_severity=known)
    assert fit.identified.all()
    assert fit.severity[[0, 8]].tolist() == known[[0, 8]].tolist()
    assert fit.se_severity[[0, 8]].tolist() == [0.0, 0.0]
    assert np.corrcoef(fit.severity, np.concatenate([left.severity, right.severity]))[0, 1] > 0.9


def test_ratees_of_known_ability_join_raters_and_set_the_scale() -> None:
    world = simulate(
        np.random.default_rng(4), ratees=300, raters=10, raters_per_ratee=1, criteria=4, ability_sd=1.0
    )
    assert not raters.calibrate(world.ratings).identified.any()
    ability = world.ability + 3.0
    known = np.where(np.arange(300) < 150, ability, np.nan)
    fit = raters.calibrate(world.ratings, known_ability=known)
    assert fit.converged
    assert fit.identified.all()
    assert np.corrcoef(fit.severity, world.severity)[0, 1] > 0.9
    assert fit.mean == pytest.approx(ability[150:].mean(), abs=0.4)
    assert fit.ability[:150] == pytest.approx(ability[:150])
    assert np.mean(np.abs(fit.ability - ability)[150:] < 1.96 * fit.ability_sd[150:]) > 0.88


def test_where_nobody_shares_a_ratee_nothing_is_stated() -> None:
    world = simulate(np.random.default_rng(4), ratees=60, raters=10, raters_per_ratee=1)
    fit = raters.calibrate(world.ratings)
    assert not fit.converged
    assert not fit.identified.any()
    assert np.isnan(fit.severity).all()
    assert np.isnan(fit.ability).all()
    assert np.isnan(fit.halo_sd)


def test_a_rater_who_gives_everybody_the_best_mark_has_a_finite_severity_and_a_wide_error() -> None:
    world = simulate(np.random.default_rng(8), ratees=120, raters=20, criteria=2, categories=4)
    category = np.where(world.ratings.rater == 3, 3, world.ratings.category)
    kept = raters.Ratings(world.ratings.ratee, world.ratings.rater, world.ratings.criterion, category)
    fit = raters.calibrate(kept)
    assert fit.converged
    assert fit.severity[3] < -2.0
    assert fit.se_severity[3] > 2 * np.median(fit.se_severity)
    assert fit.leniency[3] == -fit.severity[3]


def test_without_a_halo_the_fit_says_that_there_is_nearly_none() -> None:
    world = simulate(np.random.default_rng(9), ratees=120, raters=15, criteria=4, categories=4, halo_sd=0.0)
    fit = raters.calibrate(world.ratings)
    assert fit.converged
    assert fit.halo_sd < 0.3
    assert np.corrcoef(fit.severity, world.severity)[0, 1] > 0.97


E0 = np.array([0, 1])


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ((E0, E0, E0, np.array([0, -1])), "whole numbers"),
        ((E0, E0, E0, np.array([0.0, 1.0])), "whole numbers"),
        ((E0, E0, E0, np.array([0])), "for each rating"),
        ((np.array([], dtype=int),) * 4, "at least one"),
    ],
)
def test_ratings_that_cannot_be_read_are_refused(columns: tuple[np.ndarray, ...], says: str) -> None:
    with pytest.raises(raters.RatingsMalformed, match=says):
        raters.Ratings(*columns)


def test_categories_nobody_used_are_named() -> None:
    ratings = raters.Ratings(
        np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.zeros(4, int), np.array([0, 3, 0, 1])
    )
    with pytest.raises(irt.CategoriesUnused) as refused:
        raters.calibrate(ratings)
    assert refused.value.unused == [(0, 2)]
    declared = raters.Ratings(
        np.array([0, 0, 1, 1]),
        np.array([0, 1, 0, 1]),
        np.zeros(4, int),
        np.array([0, 1, 0, 1]),
        categories=(3,),
    )
    with pytest.raises(irt.CategoriesUnused):
        raters.calibrate(declared)


def test_without_priors_ratings_too_few_for_a_maximum_state_nothing() -> None:
    four = np.array([0, 0, 1, 1])
    ratings = raters.Ratings(
        four, np.array([0, 1, 0, 1]), np.zeros(4, int), four
    )  # the two agree on everything
    fit = raters.calibrate(ratings, severity_prior_sd=None)
    assert not fit.converged
    assert np.isnan(fit.severity).all()
    held = raters.calibrate(ratings)
    assert held.converged
    assert held.severity == pytest.approx([0.0, 0.0], abs=1e-6)


def test_without_priors_a_severity_that_nothing_holds_states_nothing() -> None:
    zero = np.zeros(2, dtype=int)
    ratings = raters.Ratings(zero, np.array([0, 1]), zero, np.array([0, 1]))
    fit = raters.calibrate(ratings, severity_prior_sd=None)
    assert not fit.converged
    assert np.isnan(fit.severity).all()
    assert np.isnan(fit.se_severity).all()
    held = raters.calibrate(ratings)
    assert np.isfinite(held.severity).all()
