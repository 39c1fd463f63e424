"""What answers can determine, and what they leave open."""

import numpy as np
import pytest

from karmayogi.science import irt
from karmayogi.science.simulation import examinees


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
