"""An adaptive sitting and two parallel forms, small enough to check with a pocket calculator."""

from math import erf, exp, sqrt

import numpy as np
import pytest
from scipy.integrate import quad

from karmayogi.science import adaptive, assembly
from karmayogi.science.adaptive import Design, Policy, Pool, Quota, Why
from karmayogi.science.irt import Items

# P(right) = 1 / (1 + exp(-a (theta - b))); what an item tells at theta is a^2 P (1 - P).
FOUR = Pool(
    Items.logistic(a=[1.0, 1.0, 2.0, 2.0], b=[0.0, 1.0, 0.0, 2.0]),
    names=("plain", "hard", "sharp", "far"),
    enemies=((0, 2),),
)


def tells(a: float, b: float, theta: float) -> float:
    chance = 1.0 / (1.0 + exp(-a * (theta - b)))
    return a * a * chance * (1.0 - chance)


def estimate(answers: list[tuple[float, float, bool]]) -> tuple[float, float]:
    """Mean and sd of a standard normal ability after answers to items (a, b), by an independent integral."""

    def joint(theta: float) -> float:
        weight = exp(-theta * theta / 2.0)
        for a, b, right in answers:
            weight /= 1.0 + exp((-a if right else a) * (theta - b))
        return weight

    total = quad(joint, -12, 12)[0]
    mean = quad(lambda theta: theta * joint(theta), -12, 12)[0] / total
    return mean, sqrt(quad(lambda theta: (theta - mean) ** 2 * joint(theta), -12, 12)[0] / total)


def test_the_first_item_is_the_one_that_tells_most_at_the_middle() -> None:
    # At 0: plain 1 * 1/4 = 0.25, hard 0.1966, sharp 4 * 1/4 = 1, far 0.0707.
    first = adaptive.begin(Design(FOUR, Policy(shortest=1, longest=3, top=1)), seed=1).now
    assert [
        tells(a, b, 0.0) for a, b in zip(FOUR.items.a, FOUR.items.difficulty, strict=True)
    ] == pytest.approx([0.25, 0.1966, 1.0, 0.0707], abs=5e-5)
    assert (first.item, first.open, first.rank, first.worth) == (2, 4, 1, 1.0)
    assert (first.mean, first.sd) == (0.0, 1.0)


def test_a_right_answer_moves_the_estimate_and_rules_out_the_enemy() -> None:
    design = Design(FOUR, Policy(shortest=1, longest=3, top=1))
    second = adaptive.answer(design, adaptive.begin(design, seed=1), right=True).now
    mean, sd = estimate([(2.0, 0.0, True)])
    assert (second.mean, second.sd) == pytest.approx((mean, sd), abs=1e-6)
    # The estimate, 0.61, is nearest to 0.6, where hard tells 0.2403 and far 0.2162. Plain is an enemy of sharp.
    assert round(mean, 1) == 0.6
    assert (tells(1.0, 1.0, 0.6), tells(2.0, 2.0, 0.6)) == pytest.approx((0.2403, 0.2162), abs=5e-5)
    assert (second.item, second.open, second.worth) == (1, 2, pytest.approx(tells(1.0, 1.0, 0.6)))
    assert adaptive.words(design, second) == (
        "After 1 answer the estimate is 0.61, sd 0.80. Next is item hard: it tells most (0.240) of 2 that may be asked."
    )


def test_it_ends_when_the_ability_is_on_one_side_of_the_cut_with_a_chance_of_eight_in_ten() -> None:
    policy = Policy(shortest=1, longest=4, precision=None, top=1, cuts=(-0.5,), least_information=0.5)
    design = Design(FOUR, policy)
    begun = adaptive.begin(design, seed=1)
    ended = adaptive.answer(design, begun, right=True)
    mean, sd = estimate([(2.0, 0.0, True)])
    above = (1.0 + erf((mean + 0.5) / sd / sqrt(2.0))) / 2.0  # 0.918 at least 0.8
    gained = sd**-2 - 1.0  # 0.58 at least 0.5
    assert (above, gained) == pytest.approx((0.918, 0.579), abs=5e-4)
    assert (ended.now.why, ended.now.level, ended.now.item) == (Why.CLASSIFIED, 1, None)
    # At the start the chance is 0.69, and a prior of N(2, 1), sure as it is, would not end a sitting either.
    assert not begun.ended
    sure = Design(FOUR, Policy(shortest=1, longest=4, cuts=(-0.5,), prior_mean=2.0))
    assert not adaptive.begin(sure, seed=1).ended


def test_two_forms_of_two_share_out_the_sharp_items() -> None:
    # At 0 a slope of 2 tells 1 and a slope of 1 tells 1/4: only sharp with plain gives 1.25 twice.
    pool = Pool(Items.logistic([2.0, 2.0, 1.0, 1.0], np.zeros(4)))
    forms = assembly.assemble(
        pool, assembly.Specification(forms=2, length=2), assembly.Target((0.0,), (1.25,))
    )
    assert sorted(sorted(pool.items.a[form]) for form in forms.items) == [[1.0, 2.0], [1.0, 2.0]]
    assert forms.information.tolist() == [[pytest.approx(1.25)], [pytest.approx(1.25)]]
    assert forms.deviation == pytest.approx(0.0)


def test_three_items_of_law_do_not_make_two_in_each_of_two_forms() -> None:
    pool = Pool(
        Items.logistic(np.ones(6), np.zeros(6)),
        areas={"topic": ("law", "law", "law", "cost", "cost", "cost")},
    )
    wanted = assembly.Specification(forms=2, length=3, quotas=(Quota("topic", "law", least=2),))
    with pytest.raises(assembly.FormsCannotBeAssembled) as caught:
        assembly.assemble(pool, wanted, assembly.Target((0.0,), (0.75,)))
    assert caught.value.clash.limits == (
        "an item stands in 1 form at most",
        "each form has at least 2 of topic law (4 places; the pool has 3)",
    )
    assert [sum(given.by) for given in caught.value.clash.concessions] == [1.0]
