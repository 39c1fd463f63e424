"""Choosing items and stopping."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from karmayogi.science import adaptive, irt
from karmayogi.science.adaptive.decisions import worths

A = np.array([1.0, 1.0, 2.0, 1.0, 1.0])
B = np.array([0.0, 0.1, 3.0, -0.3, -3.0])
ALL = np.ones(5, dtype=np.bool_)


def test_the_most_informative_item_is_asked_when_only_the_best_may_be() -> None:
    assert adaptive.choose(0.0, A, B, open=ALL, uniform=0.99, top=1) == 0
    assert adaptive.choose(3.0, A, B, open=ALL, uniform=0.0, top=1) == 2


def test_the_uniform_number_picks_among_the_top_three() -> None:
    picked = [adaptive.choose(0.0, A, B, open=ALL, uniform=u) for u in (0.0, 0.34, 0.67, 0.999)]
    assert picked == [0, 1, 3, 3]


def test_a_closed_item_is_never_chosen_and_an_empty_pool_says_so() -> None:
    assert adaptive.choose(0.0, A, B, open=adaptive.open_items(5, np.array([0])), uniform=0.0) == 1
    assert adaptive.choose(0.0, A, B, open=np.arange(5) == 4, uniform=0.99) == 4
    with pytest.raises(adaptive.NoItemLeft, match="widen the pool"):
        adaptive.choose(0.0, A, B, open=~ALL, uniform=0.0)
    with pytest.raises(adaptive.NoItemLeft):
        adaptive.choose(
            0.0,
            A,
            B,
            open=~ALL,
            uniform=0.0,
            area=np.zeros(5, int),
            wanted=np.ones(1),
            asked=np.zeros(1, int),
        )


def test_the_area_furthest_behind_its_share_is_asked_next_while_it_has_items() -> None:
    area, wanted = np.array([0, 0, 1, 1, 1]), np.array([0.5, 0.5])

    def next_area(asked: list[int], mask: np.ndarray = ALL) -> int:
        item = adaptive.choose(
            0.0, A, B, open=mask, uniform=0.0, area=area, wanted=wanted, asked=np.array(asked)
        )
        return int(area[item])

    assert next_area([0, 0]) == 0
    assert next_area([1, 0]) == 1
    assert next_area([1, 2]) == 0
    assert next_area([1, 2], area == 1) == 1


def test_information_is_averaged_over_a_posterior() -> None:
    at_three = np.where(np.isclose(irt.GRID, 3.0), 1.0, 0.0)
    assert adaptive.choose(at_three, A, B, open=ALL, uniform=0.0, top=1) == 2
    both_ends = (np.isclose(irt.GRID, 3.0) + np.isclose(irt.GRID, -3.0)) / 2.0
    assert adaptive.choose(both_ends, A, B, open=ALL, uniform=0.0, top=1) == 2


def test_every_rule_prefers_the_item_that_fits_the_belief() -> None:
    weights = irt.weights_of(-np.square((irt.GRID - 0.5) / 0.4) / 2.0)

    def best(b: list[float], rule: adaptive.Rule, lower: float = 0.0) -> int:
        pool = adaptive.Pool(irt.Items.logistic(np.ones(3), b, lower=lower))
        return int(np.argmax(worths(adaptive.Design(pool, adaptive.Policy(1, 3, rule=rule)), weights, 0.5)))

    for rule in (adaptive.Rule.FISHER, adaptive.Rule.POSTERIOR, adaptive.Rule.GLOBAL):
        assert best([-2.0, 0.5, 3.0], rule) == 1
    # A floor of 1/4 makes an easier item, whose answers tell more of it, the better one (Birnbaum 1968).
    assert best([0.2, 0.5, 0.6], adaptive.Rule.FISHER, lower=0.25) == 0
    assert best([0.2, 0.5, 0.6], adaptive.Rule.FISHER) == 1
    assert np.argmax(adaptive.worths(0.5, np.ones(3), np.array([0.2, 0.5, 0.6]))) == 1


def test_with_a_floor_a_right_answer_says_less() -> None:
    def mean(lower: float) -> float:
        design = adaptive.Design(adaptive.Pool(irt.Items.logistic(A, B, lower=lower)), adaptive.Policy(1, 5))
        return adaptive.decide(design, seed=1, closed=(), asked=[0], right=[True]).mean

    plain = adaptive.posterior(adaptive.normal_log_prior(0.0, 1.0), np.array([0]), np.array([True]), A, B)
    assert mean(0.0) == pytest.approx(float(irt.moments(plain)[0]), abs=1e-6)
    assert 0.0 < mean(0.25) < mean(0.0)


def test_a_choice_without_what_it_needs_is_refused() -> None:
    for belief in (np.nan, np.ones(3)):
        with pytest.raises(adaptive.BeliefCannotBeUsed):
            adaptive.choose(belief, A, B, open=ALL, uniform=0.0)
    for changes in ({"uniform": 1.0}, {"uniform": -0.1}, {"top": 0}, {"open": ALL[:3]}):
        with pytest.raises(adaptive.BeliefCannotBeUsed):
            adaptive.choose(0.0, A, B, **{"open": ALL, "uniform": 0.0, **changes})


def test_what_a_page_imports_brings_no_compiler_and_no_solver() -> None:
    code = (
        "import sys; from karmayogi.science import adaptive, irt; import numpy as np;"
        "pool = adaptive.Pool(irt.Items.logistic(np.ones(9), np.zeros(9)));"
        "adaptive.begin(adaptive.Design(pool, adaptive.Policy(2, 4)), seed=1);"
        "print([name for name in ('numba', 'scipy.optimize') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_the_posterior_is_the_score_of_the_same_answers() -> None:
    weights = adaptive.posterior(
        adaptive.normal_log_prior(0.0, 1.0), np.array([0, 2]), np.array([True, False]), A, B
    )
    mean, sd = irt.moments(weights)
    means, sds = irt.score(np.array([[1, -1, 0, -1, -1]], dtype=np.int8), A, B)
    assert weights.sum() == pytest.approx(1.0)
    assert (mean, sd) == pytest.approx((means[0], sds[0]), abs=1e-9)


def test_before_any_answer_the_posterior_is_the_prior() -> None:
    nothing = np.array([], dtype=np.int64)
    weights = adaptive.posterior(adaptive.normal_log_prior(0.0, 1.0), nothing, nothing == 1, A, B)
    assert weights == pytest.approx(irt.WEIGHTS, abs=1e-12)


def test_items_over_the_exposure_cap_rest_until_others_catch_up() -> None:
    used = np.array([0, 2, 3])
    assert adaptive.eligible(used, 10, cap=0.2).tolist() == [True, True, False]
    assert adaptive.eligible(used, 15, cap=0.2).tolist() == [True, True, True]
    assert adaptive.eligible(np.zeros(3, int), 0, cap=0.2).all()


@given(st.lists(st.floats(0, 0.999), min_size=1, max_size=60), st.floats(0.05, 1.0))
def test_no_item_is_ever_used_in_more_than_its_cap_of_sittings_and_one(
    uniforms: list[float], cap: float
) -> None:
    used = np.zeros(5, dtype=np.int64)
    for sat, uniform in enumerate(uniforms):
        allowed = adaptive.eligible(used, sat, cap=cap)
        if allowed.any():
            used[adaptive.choose(0.0, A, B, open=allowed, uniform=uniform)] += 1
    assert (used <= cap * len(uniforms) + 1).all()


@pytest.mark.parametrize(
    ("sd", "asked", "decided", "stop"),
    [
        (0.2, 4, True, False),  # never before the shortest
        (0.2, 5, False, True),
        (0.9, 5, True, True),
        (0.9, 5, False, False),
        (0.9, 20, False, True),  # always at the longest
    ],
)
def test_a_check_stops_when_precise_or_decided_between_its_shortest_and_longest(
    sd: float, asked: int, decided: bool, stop: bool
) -> None:
    assert adaptive.finished(sd, asked, precision=0.3, shortest=5, longest=20, decided=decided) is stop


def test_an_adaptive_check_of_fifteen_items_beats_fifteen_drawn_at_random() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.lognormal(0.1, 0.3, 150), rng.normal(0.0, 1.2, 150)
    prior = adaptive.normal_log_prior(0.0, 1.0)

    def sit(theta: float, adapt: bool) -> float:
        items: list[int] = []
        right: list[bool] = []
        weights = irt.WEIGHTS
        for _ in range(15):
            mask = adaptive.open_items(150, np.array(items, dtype=np.int64))
            uniform = float(rng.random())
            top = 3 if adapt else 150
            items.append(adaptive.choose(weights, a, b, open=mask, uniform=uniform, top=top))
            right.append(bool(rng.random() < irt.chance(theta, a, b)[items[-1]]))
            weights = adaptive.posterior(prior, np.array(items), np.array(right), a, b)
        return float(irt.moments(weights)[1])

    thetas = rng.normal(size=25)
    adaptive_sd = np.mean([sit(theta, True) for theta in thetas])
    assert adaptive_sd < 0.9 * np.mean([sit(theta, False) for theta in thetas])
