"""Simulated examinees: what cannot be drawn is refused."""

import pytest

from karmayogi.science.simulation import examinees


def test_examinees_that_cannot_be_simulated_are_refused() -> None:
    codes = examinees.examinees(10, 5, 1).codes
    for work in (
        lambda: examinees.asked(codes, 6, 1),
        lambda: examinees.asked(codes, 0, 1),
        lambda: examinees.sparse_examinees(10, 5, 6, 1),
        lambda: examinees.abilities(1, 1),
    ):
        with pytest.raises(ValueError, match=r"not [016]"):
            work()
    assert (examinees.asked(codes, 5, 1).to_matrix() == codes).all()
