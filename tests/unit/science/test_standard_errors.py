"""Standard errors: second derivatives of the likelihood, the same from matrices and from sparse answers."""

from collections.abc import Callable

import numpy as np
import pytest
from tests.unit.science.samples import PATTERNS, SECTION_6, marginal, mixed

from karmayogi.science import irt
from karmayogi.science.irt import calibration
from karmayogi.science.simulation import examinees


def test_standard_errors_are_those_of_the_second_derivative_of_the_likelihood() -> None:
    _, codes = mixed(300, 21)
    models = ["2PL", "1PL", "2PL", "GRM", "GRM", "GPCM", "PCM"]
    found, ones = irt.fit(codes, models), np.ones(len(codes))
    assert found.errors is not None

    def value(x: np.ndarray) -> float:
        return marginal(found.design.items_of(found.design.full(x)), codes, ones)

    count, step = found.parameters, 2e-3
    unit = step * np.eye(count)
    second = np.empty((count, count))
    for i in range(count):
        for j in range(i + 1):
            corners = [
                value(found.estimates + s * unit[i] + t * unit[j])
                for s, t in ((1, 1), (1, -1), (-1, 1), (-1, -1))
            ]
            second[i, j] = second[j, i] = (corners[0] - corners[1] - corners[2] + corners[3]) / (4 * step**2)
    expected = np.sqrt(np.diag(np.linalg.inv(-second)))
    assert np.sqrt(np.diag(found.errors.covariance)) == pytest.approx(expected, rel=2e-3)


@pytest.fixture(scope="module")
def compiled() -> None:
    """Has the loops over sparse answers compiled, which is no part of the test that first needs them."""
    answers = irt.Answers.of_matrix(examinees.examinees(60, 4, 1).codes)
    for errors in ("louis", "cross-product"):
        _forced_sparse(lambda errors=errors: irt.fit(answers, errors=errors))


@pytest.mark.usefixtures("compiled")
def test_sparse_and_dense_answers_give_the_same_calibration_and_errors() -> None:
    _, codes = mixed(700, 31)
    codes = examinees.with_gaps(codes, 0.3, 32)
    groups = np.arange(700) % 2
    dense = irt.fit(codes, "GPCM", groups=groups)
    answers = irt.Answers.of_matrix(codes)
    sparse = _forced_sparse(lambda: irt.fit(answers, "GPCM", groups=groups))
    assert sparse.log_likelihood == pytest.approx(dense.log_likelihood, abs=1e-7)
    assert sparse.items.slope == pytest.approx(dense.items.slope, abs=1e-5)
    assert dense.errors is not None
    assert sparse.errors is not None
    assert sparse.errors.covariance == pytest.approx(dense.errors.covariance, abs=1e-6)
    by_scores = [
        irt.fit(codes, "GPCM", groups=groups, errors="cross-product"),
        _forced_sparse(lambda: irt.fit(answers, "GPCM", groups=groups, errors="cross-product")),
    ]
    covariances = [found.errors.covariance for found in by_scores if found.errors is not None]
    assert covariances[0] == pytest.approx(covariances[1], abs=1e-6)
    assert np.sqrt(np.diag(covariances[0])) == pytest.approx(
        np.sqrt(np.diag(dense.errors.covariance)), rel=0.25
    )


def _forced_sparse(work: Callable[[], irt.Fit]) -> irt.Fit:
    from karmayogi.science.irt import expectation

    usual, expectation.DENSE_FROM = expectation.DENSE_FROM, 2.0
    try:
        return work()
    finally:
        expectation.DENSE_FROM = usual


def test_unknown_standard_errors_are_refused_before_the_climb(monkeypatch) -> None:
    monkeypatch.setattr(calibration, "climb", lambda *given, **more: pytest.fail("it climbed"))
    with pytest.raises(ValueError, match="not by oakes"):
        irt.fit(PATTERNS, weights=SECTION_6, errors="oakes")
