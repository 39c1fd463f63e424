"""Formulas of orders, worked out without eval."""

from fractions import Fraction

import pytest

from karmayogi.policy import formulas


@pytest.mark.parametrize(
    ("text", "n", "expected"),
    [
        ("2n+4", 12, 28),
        ("5n", 3, 15),
        ("max(1.5n rounded up + 3, 24)", 12, 24),
        ("max(1.5n rounded up + 3, 24)", 15, 26),
        (8, 2, 8),
        ("min(n, 3) * 2 - 1", 9, 5),
        ("0.5(n+1)", 2, Fraction(3, 2)),
    ],
)
def test_a_formula_is_worked_out_exactly(text, n, expected):
    assert formulas.value(text, n=n) == expected


def test_a_table_by_count_picks_the_entry_that_covers_the_number():
    table = {"1": 5, "2-3": "3n", "4+": "2n+4", "sc_st_extended": "5n"}
    assert [formulas.by_count(table, n=n) for n in (1, 3, 4)] == [5, 9, 12]


@pytest.mark.parametrize("text", ["__import__('os')", "2n+", "n**2", "max(1", "", "n" * 201])
def test_anything_else_is_refused(text):
    with pytest.raises(formulas.FormulaNotUnderstood):
        formulas.value(text, n=2)
