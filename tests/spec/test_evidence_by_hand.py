"""Evidence, step by step, with numbers a reader can check on paper or with a pocket calculator."""

from math import erf, exp, log, pi, sqrt

import numpy as np
import pytest
from scipy.integrate import quad

from karmayogi.science import irt, levels, matching, plans, pooling

ONE = np.array([1.0])
ZERO = np.array([0.0])


def normal(theta: float) -> float:
    return exp(-theta * theta / 2.0) / sqrt(2.0 * pi)


def below(z: float) -> float:
    """The standard normal distribution function."""
    return (1.0 + erf(z / sqrt(2.0))) / 2.0


def test_at_its_own_difficulty_an_item_is_answered_right_half_the_time_and_tells_a_quarter() -> None:
    assert irt.chance(0.0, ONE, ZERO) == pytest.approx([0.5])
    assert irt.information(0.0, ONE, ZERO) == pytest.approx([0.25])  # a^2 * 0.5 * 0.5
    assert irt.chance(log(3.0), ONE, ZERO) == pytest.approx([0.75])  # odds of 3 to 1


def test_one_right_answer_moves_a_newcomer_up_by_what_an_independent_integral_says() -> None:
    def joint(theta: float) -> float:
        return normal(theta) / (1.0 + exp(-theta))

    total = quad(joint, -12, 12)[0]
    mean = quad(lambda theta: theta * joint(theta), -12, 12)[0] / total
    variance = quad(lambda theta: (theta - mean) ** 2 * joint(theta), -12, 12)[0] / total

    means, sds = irt.score(np.array([[1], [0], [-1]], dtype=np.int8), ONE, ZERO)

    assert total == pytest.approx(0.5)  # by symmetry
    assert means == pytest.approx([mean, -mean, 0.0], abs=1e-7)
    assert sds == pytest.approx([sqrt(variance), sqrt(variance), 1.0], abs=1e-7)
    assert mean == pytest.approx(0.413, abs=5e-4)


def test_a_measurement_as_sure_as_the_cohort_halves_the_variance_and_meets_it_half_way() -> None:
    # cohort N(0, 1), measured 2 with sd 1: precision 1 + 1, mean (0 * 1 + 2 * 1) / 2
    pooled = pooling.stored(
        pooling.pool(
            np.array([0]),
            np.array([10.0]),
            pooling.normal_log_likelihoods(np.array([2.0]), ONE),
            groups=1,
            as_of=10.0,
            drift=pooling.Drift(0.0, 1.0, 0.0),
        )
    )
    assert pooled.means.tolist() == [1.0]
    assert pooled.sds.tolist() == [0.707107]
    assert pooled.information.tolist() == [1.0]


def test_after_one_half_life_half_of_the_distance_and_three_quarters_of_the_spread_are_back() -> None:
    # N(1, 1/2) after the measurement above; half of 1 is left, and a quarter of the missing variance
    pooled = pooling.stored(
        pooling.pool(
            np.array([0]),
            np.array([10.0]),
            pooling.normal_log_likelihoods(np.array([2.0]), ONE),
            groups=1,
            as_of=10.0 + 730.0,
            drift=pooling.Drift.of_half_life(0.0, 1.0, days=730.0),
        )
    )
    assert pooled.means.tolist() == [0.5]
    assert pooled.sds.tolist() == [round(sqrt(1.0 - 0.5 * 0.25), 6)]  # 0.935414
    assert pooled.information.tolist() == [1.0]


def test_two_ratings_of_one_rater_share_a_halo_and_two_raters_do_not() -> None:
    # noise variance 1, halo variance 1/2: one rater twice 1/2 + 1/2 = 1; each of two raters 1/2 + 1 = 3/2
    def variance_said(raters: list[int]) -> list[float]:
        said = pooling.rating_log_likelihoods(
            np.array([0, 0]),
            np.array(raters),
            np.array([1.0, 2.0]),
            np.array([0.25, 0.25]),
            day=np.array([1.0, 2.0]),
            as_of=9.0,
            noise_sd=1.0,
            halo_sd=sqrt(0.5),
            merge_days=30.0,
        )
        return [round(float(sd) ** 2, 9) for sd in said.sd]

    assert variance_said([7, 7]) == [1.0]
    assert variance_said([7, 8]) == [1.5, 1.5]


def test_ratings_are_freed_of_the_raters_leniency_and_dated_by_the_last() -> None:
    said = pooling.rating_log_likelihoods(
        np.array([0, 0]),
        np.array([7, 7]),
        np.array([1.0, 2.0]),
        np.array([0.25, 0.25]),
        day=np.array([1.0, 2.0]),
        as_of=9.0,
        noise_sd=1.0,
        halo_sd=0.5,
        merge_days=30.0,
    )
    assert said.mean.tolist() == [1.25]  # ((1 - 0.25) + (2 - 0.25)) / 2
    assert said.ratings.tolist() == [2]
    assert said.day.tolist() == [2.0]


def rated_on_days_1_31_and_40(as_of: float) -> pooling.RaterMessages:
    """Values 1, 2 and 6 of one rater, each good for 100 days; what is said within 30 days is one time."""
    day = np.array([1.0, 31.0, 40.0])
    return pooling.rating_log_likelihoods(
        np.zeros(3, dtype=np.int64),
        np.full(3, 7),
        np.array([1.0, 2.0, 6.0]),
        np.zeros(3),
        day=day,
        as_of=as_of,
        noise_sd=1.0,
        halo_sd=0.5,
        merge_days=30.0,
        expires=day + 100.0,
    )


@pytest.mark.parametrize(
    ("as_of", "days", "means", "ends"),
    [
        (35.0, [31.0], [1.5], [131.0]),
        (50.0, [31.0, 40.0], [1.5, 6.0], [131.0, 140.0]),
        (101.0, [40.0], [4.0], [140.0]),  # day 1 has expired; 31 and 40 lie within 30 days of 31
        (131.0, [40.0], [6.0], [140.0]),
        (140.0, [], [], []),
    ],
)
def test_a_rater_who_comes_back_is_another_time_and_an_expired_rating_is_none(
    as_of: float, days: list[float], means: list[float], ends: list[float]
) -> None:
    said = rated_on_days_1_31_and_40(as_of)
    assert said.day.tolist() == days
    assert said.mean.tolist() == means
    assert said.expires.tolist() == ends


@pytest.mark.parametrize(
    ("mean", "says"),
    [
        (0.8417, "met"),  # P = 0.80001
        (0.8416, "unsure"),  # P = 0.79999; the 0.8 point of the standard normal is 0.841621
        (0.0, "unsure"),  # P = 0.5
        (-0.8416, "unsure"),
        (-0.8417, "below"),
    ],
)
def test_four_chances_in_five_are_needed_to_say_met_and_one_in_five_to_say_below(
    mean: float, says: str
) -> None:
    statement = levels.statements([mean], [1.0], [2.0], [0.0], least_information=1.0)
    assert statement.tolist() == [says]


def test_however_high_the_estimate_too_little_evidence_is_not_sure_yet() -> None:
    statement = levels.statements([3.0, 3.0, -3.0], 0.5, [0.0, 0.99, 0.99], 0.0, least_information=1.0)
    assert statement.tolist() == ["unsure", "unsure", "unsure"]


def test_a_level_is_awarded_on_two_kinds_of_evidence_and_not_on_one() -> None:
    assert levels.awarded([0.8, 0.8, 0.79], [2, 1, 3]).tolist() == [True, False, False]


def test_half_way_between_the_cuts_of_levels_two_and_three_reads_two_and_a_half() -> None:
    cuts = [-2.0, -1.0, 1.0, 2.0]
    assert levels.on_scale([-2.0, -1.0, 0.0, 1.0, 1.5, 2.0], cuts).tolist() == [1.0, 2.0, 2.5, 3.0, 3.5, 4.0]
    assert levels.on_scale([-9.0, 9.0], cuts).tolist() == [1.0, 4.0]


def test_a_likely_range_of_ninety_in_a_hundred_reaches_1_645_sds_either_way() -> None:
    lower, upper = levels.likely_range([1.0], [2.0])
    assert lower == pytest.approx([1.0 - 2.0 * 1.644854], abs=1e-5)
    assert upper == pytest.approx([1.0 + 2.0 * 1.644854], abs=1e-5)


def test_a_vacancy_ranks_by_the_chance_of_meeting_everything_essential_and_names_what_would_decide() -> None:
    # Asha: sure of the first (P = .9772), even on the second (.5), so .4886; Bilal: .8413 on both, so .7079.
    means = np.array([[2.0, 0.0], [1.0, 1.0]])
    ranking = matching.rank(
        means,
        np.ones((2, 2)),
        np.zeros(2),
        np.array([True, True]),
        np.array([1.0, 1.0]),
        keys=np.array([11, 12]),
        seed=1,
    )
    assert ranking.overall == pytest.approx([below(2.0) * 0.5, below(1.0) ** 2])
    assert ranking.order.tolist() == [1, 0]
    assert ranking.decisive.tolist() == [1, 0]
    assert ranking.overall_if_met == pytest.approx([below(2.0), below(1.0)])
    # expected shortfall at a distance d above the cut with sd 1: density(d) - d * (1 - P)
    assert ranking.shortfall == pytest.approx(
        [(normal(2.0) - 2.0 * (1 - below(2.0))) + normal(0.0), 2.0 * (normal(1.0) - (1 - below(1.0)))]
    )


def test_a_plan_of_ten_hours_takes_the_most_gain_per_hour_that_its_shares_leave_room_for() -> None:
    # in ten hours with tolerance .1: on the job 6 to 8, with others 1 to 3, training 0 to 2
    gain = np.array([2.0, 4.0, 1.5, 1.2])
    hours = np.array([2.0, 2.0, 2.0, 6.0])
    share = np.array([2, 2, 1, 0])
    need = np.array([0, 0, 1, 2])
    plan = plans.choose(gain, hours, share, need, hours_available=10.0)
    # option 1 gives most per hour; option 0 would then be a second one for need 0 and overfill training
    assert plan.chosen == (1, 2, 3)
    assert [choice.gain_per_hour for choice in plan.choices] == pytest.approx([2.0, 0.75, 0.2])
    assert plan.hours == (6.0, 2.0, 2.0)
    assert plan.gain == pytest.approx(6.7)
    assert plan.within_tolerance
