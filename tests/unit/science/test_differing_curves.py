"""Items that differ, by refitting and by fits with their own covariances."""

import numpy as np
import pytest

from karmayogi.science import fairness, irt
from karmayogi.science.fairness import AnswersCannotBeCompared
from karmayogi.science.integrity import AnswersCannotBeChecked
from karmayogi.science.integrity.items import checked_items, right_chances
from karmayogi.science.simulation import examinees

ITEMS = 12


def sample(
    shift: float, seed: int = 1, people: int = 2400, steps: int = 1, count: int = ITEMS
) -> tuple[np.ndarray, np.ndarray]:
    """Codes and groups; the focal group is half a logit lower, and `shift` harder off on the first two items."""
    random = np.random.default_rng(seed)
    a = np.clip(random.lognormal(0.1, 0.3, count), 0.6, 2.0)
    b = np.sort(random.normal(0.0, 1.0, (count, steps)), axis=1) + np.arange(steps) * 0.5
    group = np.arange(people) % 2
    theta = examinees.abilities(people, random) - 0.5 * group
    codes = np.empty((people, count), dtype=np.int8)
    for other in (0, 1):
        moved = b.copy()
        moved[:2] += shift * other
        items = irt.Items.logistic(a, moved[:, 0]) if steps == 1 else irt.Items.graded(a, moved)
        codes[group == other] = examinees.answers(theta[group == other], items, random)
    return codes, group


def test_a_curve_of_its_own_gains_what_two_fits_say() -> None:
    codes, group = sample(0.8, people=1200)
    found = fairness.likelihood_ratio_difference(codes, group, purify=False)
    own = np.where(group == 1, codes[:, 0], -1)
    rest = codes.copy()
    rest[group == 1, 0] = -1
    together = irt.fit(codes, groups=group, errors="none")
    apart = irt.fit(np.column_stack([rest, own]), groups=group, errors="none")
    assert found.chi_square[0, 0] == pytest.approx(
        2 * (apart.log_likelihood - together.log_likelihood), abs=1e-3
    )
    assert found.df[0].tolist() == [2] * ITEMS
    assert found.converged.all()


def test_items_that_differ_are_found_and_the_others_cleared() -> None:
    codes, group = sample(0.8, seed=2, people=1600, count=7)
    found = fairness.likelihood_ratio_difference(codes, group)
    assert np.flatnonzero(found.flagged[0]).tolist() == [0, 1]
    assert found.settled.tolist() == [True]
    assert (found.signed[0, :2] < -0.05).all()
    assert found.size[0, :2] == pytest.approx(-found.signed[0, :2], abs=0.02)
    assert found.mean[0] == pytest.approx(-0.5, abs=0.12)


def test_items_of_several_steps_that_differ_stand_out_in_one_round() -> None:
    # purified: bench/scientific/fairness.py
    codes, group = sample(1.0, seed=3, people=1400, steps=2, count=8)
    found = fairness.likelihood_ratio_difference(codes, group, models="GRM", purify=False)
    assert found.flagged[0, :2].all()
    assert (found.signed[0, :2] < -0.05).all()
    assert (found.signed[0, 2:] > -0.05).all()
    assert set(found.df[0].tolist()) <= {2, 3}  # 2 where a group never reached the last step


def test_honest_items_are_significant_as_often_as_stated() -> None:
    p = np.concatenate(
        [
            fairness.likelihood_ratio_difference(*sample(0.0, seed, people=500, count=8), purify=False).p[0]
            for seed in range(6)  # more in bench/scientific/fairness.py
        ]
    )
    assert (p < 0.05).mean() <= 0.12
    assert p.mean() == pytest.approx(0.5, abs=0.1)


def test_an_item_one_group_answers_all_alike_is_left_out() -> None:
    codes, group = sample(0.0, people=800, count=6)
    codes[group == 1, 4] = 1
    found = fairness.likelihood_ratio_difference(codes, group)
    assert np.isnan(found.p[0, 4])
    assert found.effect[0, 4] == "-"
    assert not found.flagged[0, 4]


def test_fits_bring_their_own_covariances_to_lords_test() -> None:
    codes, group = sample(0.8)
    fits = [irt.fit(codes[group == one]) for one in (0, 1)]
    both = [fairness.fitted(one) for one in fits]
    for one, fit in zip(both, fits, strict=True):
        assert fit.errors is not None
        assert np.sqrt(one.covariance[:, 0, 0]) == pytest.approx(fit.errors.slope)
        assert np.sqrt(one.covariance[:, 1, 1]) == pytest.approx(fit.errors.b[:, 0], rel=1e-6)
    assert np.flatnonzero(fairness.lord_difference(*both).flagged).tolist() == [0, 1]


def test_fits_lord_cannot_use_are_refused() -> None:
    codes, group = sample(0.0, people=400)
    for other in (irt.fit(codes, "Rasch"), irt.fit(codes, "1PL"), irt.fit(codes, errors="none")):
        with pytest.raises(AnswersCannotBeCompared, match="2PL"):
            fairness.fitted(other)
    with pytest.raises(AnswersCannotBeCompared, match="whole codes"):
        fairness.likelihood_ratio_difference(codes.astype(float), group)


@pytest.mark.parametrize("code", [255, 257, 127, -2, 2**40])
def test_codes_beyond_the_categories_are_refused_and_not_folded_into_others(code: int) -> None:
    codes, group = sample(0.0, people=400)
    wide = codes.astype(np.int64)
    wide[0, 0] = code
    with pytest.raises(AnswersCannotBeCompared, match=str(code)):
        fairness.likelihood_ratio_difference(wide, group)


def test_items_out_of_a_fit_can_be_checked_and_others_are_refused() -> None:
    mine = checked_items(irt.Items.logistic([1.0, 1.5], [0.0, 1.0], lower=[0.2, 0.0]))
    assert right_chances(np.zeros(1), mine)[0, 0] == pytest.approx(0.6)
    for other in (irt.Items.graded([1.0], [[0.0, 1.0]]), irt.Items.logistic([1.0], [0.0], upper=0.9)):
        with pytest.raises(AnswersCannotBeChecked, match="right and wrong"):
            checked_items(other)
