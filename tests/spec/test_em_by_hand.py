"""One step of calibration, with numbers a reader can check with a pocket calculator.

Two items with slope 1 and intercept 0, three nodes at -1, 0 and 1 with weights 1/4, 1/2 and 1/4. A right answer has the
chance 1 / (1 + exp(-theta)): 0.268941 at -1, 0.5 at 0 and 0.731059 at 1. Three people: both right, the first right,
both wrong.
"""

import numpy as np
import pytest

from karmayogi.science import irt
from karmayogi.science.irt.curves import log_table
from karmayogi.science.irt.design import MODELS, design_of
from karmayogi.science.irt.expectation import Dense, Sparse
from karmayogi.science.irt.maximisation import pull_of, tables_of
from karmayogi.science.irt.priors import NO_PRIORS

NODES = np.array([-1.0, 0.0, 1.0])
WEIGHTS = np.log([[0.25, 0.5, 0.25]])
ITEMS = irt.Items.logistic([1.0, 1.0], [0.0, 0.0])
CODES = np.array([[1, 1], [1, 0], [0, 0]], dtype=np.int8)
OFFSETS = np.array([0, 2, 4])
ONE_GROUP, ONCE = np.zeros(3, np.int64), np.ones(3)

# Likelihood x weight at the nodes:
#   both right   0.268941^2 / 4, 0.5^2 / 2, 0.731059^2 / 4  = 0.018082 0.125 0.133612, together 0.276694
#   one right    0.268941 x 0.731059 / 4, 0.125, the same   = 0.049153 0.125 0.049153, together 0.223306
#   none right   mirrors both right
BOTH = np.array([0.065351, 0.451763, 0.482886])
FIRST = np.array([0.220115, 0.559771, 0.220115])
NONE = BOTH[::-1]


def both_ways() -> list[Dense | Sparse]:
    return [
        Dense(CODES, OFFSETS, ONE_GROUP, ONCE),
        Sparse(irt.Answers.of_matrix(CODES), OFFSETS, ONE_GROUP, ONCE),
    ]


@pytest.mark.parametrize("way", both_ways(), ids=["dense", "sparse"])
def test_expected_counts_are_sums_of_posterior_weights(way: Dense | Sparse) -> None:
    found = way.expect(log_table(ITEMS, NODES), WEIGHTS, NODES)
    assert found.log_likelihood == pytest.approx(
        np.log(0.276694) + np.log(0.223306) + np.log(0.276694), abs=1e-5
    )
    assert found.mass[0] == pytest.approx(BOTH + FIRST + NONE, abs=2e-6)  # 0.768352 1.463297 0.768352
    wrong_1, right_1, wrong_2, right_2 = found.counts
    assert right_1 == pytest.approx(BOTH + FIRST, abs=2e-6)
    assert wrong_1 == pytest.approx(NONE, abs=2e-6)
    assert right_2 == pytest.approx(BOTH, abs=2e-6)
    assert wrong_2 == pytest.approx(FIRST + NONE, abs=2e-6)


def test_posterior_means_follow_from_the_same_weights() -> None:
    found = Dense(CODES, OFFSETS, ONE_GROUP, ONCE).summarise(log_table(ITEMS, NODES), WEIGHTS, NODES)
    assert found.means == pytest.approx([0.482886 - 0.065351, 0.0, 0.065351 - 0.482886], abs=2e-6)
    assert found.sds[1] == pytest.approx(np.sqrt(0.440229), abs=1e-5)


def test_one_step_of_fisher_scoring_moves_the_intercepts_apart() -> None:
    design = design_of([MODELS["2PL"]] * 2, np.array([2, 2]), np.zeros(2, bool), None)
    x = np.array([1.0, 0.0, 1.0, 0.0])
    counts = Dense(CODES, OFFSETS, ONE_GROUP, ONCE).expect(log_table(ITEMS, NODES), WEIGHTS, NODES).counts
    _, parts = tables_of(design, design.full(x), NODES)
    pull = pull_of(design, x, parts, counts, NODES, NO_PRIORS)

    # Item 1, right answers less expected ones at the nodes:
    #   -1: 0.285466 - 0.768352 x 0.268941 = 0.078824     0: 1.011534 - 1.463297 / 2 = 0.279886
    #    1: 0.703000 - 0.768352 x 0.731059 = 0.141290
    # by intercept their sum 0.500000, by slope 0.141290 - 0.078824 = 0.062466
    assert pull.gradient[:2] == pytest.approx([0.062466, 0.5], abs=3e-6)
    # Information: 0.768352 x 0.196612 = 0.151067 at -1 and 1, 1.463297 / 4 = 0.365824 at 0
    # slope 2 x 0.151067 = 0.302134, intercept 0.302134 + 0.365824 = 0.667958, nothing between them
    assert pull.step[:2] == pytest.approx([0.062466 / 0.302134, 0.5 / 0.667958], abs=1e-5)
    # Item 2 is answered right by one of three: the same with signs of the intercept turned
    assert pull.gradient[2:] == pytest.approx([0.062466, -0.5], abs=3e-6)
