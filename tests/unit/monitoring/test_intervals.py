"""Shares with likely ranges."""

import numpy as np
import pytest

from karmayogi.monitoring.intervals import Sums, shares, wilson


def sums(hits, cases):
    """Sums over the officials of one group."""
    h, c = np.asarray(hits, float), np.asarray(cases, float)
    return Sums(*(np.array([v.sum()]) for v in (h, c, h * h, h * c, c * c)))


def test_wilson_by_hand():
    """8 of 10: centre (0.8 + 3.8415/20) / 1.38415, half-width 1.96 sqrt(0.016 + 0.0096036) / 1.38415."""
    low, high = wilson(np.array([0.8]), np.array([10.0]))
    assert (low[0], high[0]) == pytest.approx((0.4902, 0.9433), abs=1e-4)


def test_one_case_per_official_gives_the_plain_interval():
    found = shares(sums([1] * 8 + [0] * 2, [1] * 10), np.array([10.0]))
    assert (found.value[0], found.low[0], found.high[0]) == pytest.approx((0.8, 0.4902, 0.9433), abs=1e-4)


def test_requirements_that_go_together_in_an_official_widen_the_range():
    together = shares(sums([5] * 10 + [0] * 10, [5] * 20), np.array([20.0]))
    mixed = shares(sums([2, 3] * 10, [5] * 20), np.array([20.0]))
    assert together.value[0] == mixed.value[0] == 0.5
    plain = wilson(np.array([0.5]), np.array([20.0]))
    assert (together.low[0], together.high[0]) == pytest.approx((plain[0][0], plain[1][0]))
    assert mixed.high[0] - mixed.low[0] < together.high[0] - together.low[0]


def test_none_and_all_have_a_range_that_counts_officials_not_requirements():
    none = shares(sums([0] * 12, [5] * 12), np.array([12.0]))
    assert (none.value[0], none.low[0]) == pytest.approx((0.0, 0.0))
    assert none.high[0] == pytest.approx(0.2425, abs=1e-4)


def test_the_range_holds_the_truth_in_about_95_of_100_draws():
    draw = np.random.default_rng(7)
    skill = draw.beta(2, 2, size=(2000, 60))
    met = draw.binomial(5, skill)
    h, c = met.sum(axis=1), np.full(2000, 300.0)
    found = shares(Sums(h, c, (met**2).sum(axis=1), 5 * h, np.full(2000, 1500.0)), np.full(2000, 60.0))
    assert 0.93 < np.mean((found.low <= 0.5) & (found.high >= 0.5)) < 0.97
