"""Answer similarity, and the shares of options it rests on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from tests.unit.science.sittings import ITEMS, PEOPLE, sitting

from karmayogi.science import integrity
from karmayogi.science.simulation import misconduct


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
