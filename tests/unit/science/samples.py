"""Published answers, and samples of known truth, for the tests of calibration."""

from pathlib import Path

import numpy as np

from karmayogi.science import irt
from karmayogi.science.simulation import examinees

DATA = Path(__file__).parent / "data"
LSAT = np.loadtxt(DATA / "lsat.csv", delimiter=",", skiprows=1, dtype=np.int64)
PATTERNS, SECTION_6, SECTION_7 = LSAT[:, :5], LSAT[:, 5], LSAT[:, 6]
SCIENCE = np.loadtxt(DATA / "science.csv", delimiter=",", skiprows=1, dtype=np.int64)
ATTITUDES, PEOPLE = SCIENCE[:, :4], SCIENCE[:, 4]


def marginal(
    items: irt.Items, codes: np.ndarray, counts: np.ndarray, mean: float = 0.0, sd: float = 1.0
) -> float:
    """The marginal log-likelihood summed the plain way, apart from everything the calibration uses but the curves."""
    theta = mean + sd * np.linspace(-7, 7, 113)
    weight = np.exp(-0.5 * ((theta - mean) / sd) ** 2)
    chance = irt.chances(theta, items)
    likelihood = np.ones((len(codes), len(theta)))
    for item in range(codes.shape[1]):
        given = codes[:, item] >= 0
        likelihood[given] *= chance[:, item, codes[given, item]].T
    return float(counts @ np.log(likelihood @ weight / weight.sum()))


def mixed(people: int, seed: int) -> tuple[irt.Items, np.ndarray]:
    items = irt.Items.joined(
        [
            irt.Items.logistic([1.5, 0.9, 2.0], [-0.5, 0.4, 0.8], lower=[0, 0, 0.2]),
            irt.Items.graded([1.3, 0.8], [[-1.0, 0.0, 1.2], [-0.6, 0.9, np.nan]]),
            irt.Items.partial_credit([0.9, 1.4], [[-0.5, 0.3, np.nan], [0.5, -0.4, 1.0]]),
        ]
    )
    return items, examinees.answers(examinees.abilities(people, seed), items, seed + 1)
