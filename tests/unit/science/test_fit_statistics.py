"""M2, C2 and S-X2 against R mirt's published values, and whether they find what was planted."""

from pathlib import Path

import numpy as np
import pytest

from karmayogi.science import irt
from karmayogi.science.irt.collapsing import collapsed
from karmayogi.science.irt.item_fit import rest_scores
from karmayogi.science.simulation import examinees

DATA = Path(__file__).parent / "data"
LSAT = np.loadtxt(DATA / "lsat.csv", delimiter=",", skiprows=1, dtype=np.int64)
SCIENCE = np.loadtxt(DATA / "science.csv", delimiter=",", skiprows=1, dtype=np.int64)
PATTERNS = LSAT[:, :5]


@pytest.mark.parametrize(
    ("column", "model", "value", "df"),
    [(5, "2PL", 4.738, 5), (6, "2PL", 11.938, 5), (5, "Rasch", 5.2916, 9), (5, "1PL", 5.2916, 9)],
)
def test_m2_of_the_law_school_tests_is_that_of_r(column: int, model: str, value: float, df: int) -> None:
    fit = irt.fit(PATTERNS, model, weights=LSAT[:, column], errors="none")
    found = irt.model_fit(PATTERNS, fit, weights=LSAT[:, column])
    assert found.value == pytest.approx(value, abs=6e-4)
    assert found.df == df
    assert irt.model_fit(PATTERNS, fit, weights=LSAT[:, column], statistic="C2").value == pytest.approx(
        found.value
    )


def test_c2_of_graded_answers_is_that_of_r_and_m2_without_freedom_is_refused() -> None:
    codes, people = SCIENCE[:, :4], SCIENCE[:, 4]
    fit = irt.fit(codes, "GRM", weights=people, errors="none")
    found = irt.model_fit(codes, fit, weights=people, statistic="C2")
    assert found.value == pytest.approx(19.179, abs=5e-3)
    assert (found.df, found.p) == (2, pytest.approx(6.84e-5, rel=5e-3))
    assert found.rmsea == pytest.approx(0.1482, abs=1e-4)
    with pytest.raises(irt.FitNotTestable, match="C2"):
        irt.model_fit(codes, fit, weights=people)


def test_s_x2_of_the_law_school_test_is_that_of_r() -> None:
    fit = irt.fit(PATTERNS, weights=LSAT[:, 6], errors="none")
    found = irt.item_fit(PATTERNS, fit, weights=LSAT[:, 6])
    assert found.value == pytest.approx([4.749, 14.451, 1.270, 5.237, 0.941], abs=5e-3)
    assert found.df.tolist() == [2, 2, 2, 2, 2]


def test_both_statistics_keep_their_level_and_find_planted_misfit() -> None:
    flagged, fits, df = [], [], 0
    for seed in range(12):
        made = examinees.examinees(1000, 10, seed)
        fit = irt.fit(made.codes, errors="none")
        found = irt.model_fit(made.codes, fit)
        fits.append(found.value)
        df = found.df
        flagged += (irt.item_fit(made.codes, fit).p < 0.05).tolist()
    assert np.mean(fits) == pytest.approx(df, abs=3 * np.sqrt(2 * df / 12))
    assert 0.0 < np.mean(flagged) < 0.12

    made = examinees.examinees(4000, 10, 99)
    copied = made.codes.copy()
    copied[:, 1] = np.where(np.arange(4000) % 3 == 0, copied[:, 1], copied[:, 0])
    fit = irt.fit(copied, errors="none")
    assert irt.model_fit(copied, fit).p < 1e-6
    bent = made.codes.copy()  # right in the middle of the scale, wrong at both ends: no slope fits
    bent[:, 2] = np.random.default_rng(1).random(4000) < 0.1 + 0.8 * np.exp(-(made.theta**2))
    fit = irt.fit(bent, errors="none")
    assert irt.item_fit(bent, fit).p[2] < 1e-6


def test_scores_on_the_other_items_are_those_of_counting_all_patterns() -> None:
    chances = [np.array([[0.3], [0.7]]), np.array([[0.2], [0.5], [0.3]]), np.array([[0.6], [0.4]])]
    rests = rest_scores(chances)
    assert rests[0][:, 0] == pytest.approx(
        [0.12, 0.38, 0.38, 0.12]
    )  # .2 .6, .2 .4 + .5 .6, .5 .4 + .3 .6, .3 .4
    assert rests[1][:, 0] == pytest.approx([0.18, 0.54, 0.28])  # .3 .6, .3 .4 + .7 .6, .7 .4
    assert rests[2][:, 0] == pytest.approx([0.06, 0.29, 0.44, 0.21])


def test_joining_cells_loses_nobody() -> None:
    rng = np.random.default_rng(5)
    for _ in range(50):
        expected = rng.gamma(0.4, 4.0, (12, 4))
        observed = rng.poisson(expected).astype(float)
        expected[0, 3] = expected[11, 0] = np.nan
        joined = collapsed(observed, expected, least=1.0)
        assert joined[0].sum() == pytest.approx(observed.sum())
        used = joined[1] > 0
        assert (joined[1][used] >= 1.0).all() or len(joined[1]) == 1
        assert not joined[0][~used].any()


def test_missing_answers_and_several_groups_are_refused() -> None:
    made = examinees.examinees(200, 6, 1)
    fit = irt.fit(made.codes, groups=np.arange(200) % 2, errors="none")
    with pytest.raises(irt.FitNotTestable, match="one group"):
        irt.item_fit(made.codes, fit)
    holes, fit = examinees.with_gaps(made.codes, 0.1, 2), irt.fit(made.codes, errors="none")
    for work in (irt.item_fit, irt.model_fit):
        with pytest.raises(irt.FitNotTestable, match="every item"):
            work(holes, fit)


def test_answers_that_are_not_those_of_the_fit_are_refused_by_name() -> None:
    made = examinees.examinees(300, 16, 7)
    codes, halves = made.codes[:, :8], np.arange(300) % 2
    one, two = irt.fit(codes, errors="none"), irt.fit(codes, groups=halves, errors="none")
    wrong = codes.copy()
    wrong[0, 0] = 2
    for work in (irt.item_fit, irt.model_fit):
        for odd, more in (
            (made.codes, {}),
            (codes[:, :7], {}),
            (wrong, {}),
            (codes, {"weights": np.ones(299)}),
            (codes, {"weights": np.full(300, np.nan)}),
        ):
            with pytest.raises(irt.AnswersMalformed):
                work(odd, one, **more)
    for odd in (None, halves[:-1], halves + 1, halves * 0.5):
        with pytest.raises(irt.AnswersMalformed):
            irt.model_fit(codes, two, groups=odd)
    with pytest.raises(irt.FitNotTestable):
        irt.model_fit(codes, two, groups=np.zeros(300, np.int64))
    assert 0 <= irt.model_fit(codes, two, groups=halves).p <= 1
