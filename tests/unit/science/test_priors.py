"""Priors on item parameters: what they pull, and what is none."""

import numpy as np
import pytest
from tests.unit.science.samples import PATTERNS, SECTION_7

from karmayogi.science import irt
from karmayogi.science.simulation import examinees


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
