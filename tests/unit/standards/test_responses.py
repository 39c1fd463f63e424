"""0/1 responses and Q-matrices."""

import io
from pathlib import Path

import numpy as np
import pytest

from karmayogi.standards import responses

DATA = Path(__file__).parents[3].parent / "shared" / "data" / "responses"
SETS = [
    ("edm_items_ecpe", "edm_qmatrix_ecpe", (2922, 28), 3, 58465),
    ("edm_items_fractions", "edm_qmatrix_fractions", (536, 20), 8, 5723),
    ("edm_items_probability_part_one_full", "edm_qmatrix_probability_part_one", (504, 12), 4, 4507),
]


def test_blank_is_not_answered_and_anything_else_is_a_problem():
    read = responses.read_matrix(io.BytesIO(b"i1,i2\n1,0\n,2\n1\n0, 1\n"))
    assert read.columns == ("i1", "i2")
    assert read.values.tolist() == [[1, 0], [-1, -1], [0, 1]]
    assert [(problem.row, problem.column) for problem in read.problems] == [(3, "i2"), (4, "i2")]


def test_needs_must_have_one_full_row_for_each_item():
    scores = b"i1,i2\n1,0\n"
    with pytest.raises(responses.MatricesDiffer, match="2 items but 1"):
        responses.read(io.BytesIO(scores), needs=io.BytesIO(b"s\n1\n"))
    with pytest.raises(responses.MatricesDiffer, match="Item 2"):
        responses.read(io.BytesIO(scores), needs=io.BytesIO(b"s,t\n1,0\n1,\n"))


@pytest.mark.parametrize(("items", "needs", "shape", "skills", "right"), SETS if DATA.is_dir() else [])
def test_the_real_sets_read_whole(items, needs, shape, skills, right):
    read = responses.read(DATA / f"{items}.csv", needs=DATA / f"{needs}.csv")
    assert (read.scores.shape, read.needs.shape, read.problems) == (shape, (shape[1], skills), ())
    assert read.scores.dtype == np.int8
    assert int(read.scores.sum()) == right
