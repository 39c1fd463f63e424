"""Reader of scored item responses (persons by items) and of the Q-matrix (items by skills), both 0/1 tables
in CSV.

A Q-matrix says which skills an item needs (K. Tatsuoka 1983, Journal of Educational Measurement 20(4)).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from . import tables
from .tables import Problem

NOT_ANSWERED = -1
_MOST_BYTES = 1 << 30
_MOST_ROWS = 5_000_000
_CODES = {"0": 0, "1": 1, "": NOT_ANSWERED}


@dataclass(frozen=True, slots=True)
class Matrix:
    """``columns``: names; ``values``: int8, rows by columns, 0, 1 or -1 (not answered); ``problems``: one
    for each cell that is none of these (it counts as not answered) and for each row of the wrong length (it
    is left out)."""

    columns: tuple[str, ...]
    values: npt.NDArray[np.int8]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Responses:
    """``scores``: int8 persons by items (0, 1, -1 = not answered); ``needs``: int8 items by skills (0, 1);
    ``problems`` of the scores, then of the needs."""

    items: tuple[str, ...]
    skills: tuple[str, ...]
    scores: npt.NDArray[np.int8]
    needs: npt.NDArray[np.int8]
    problems: tuple[Problem, ...]


class MatricesDiffer(ValueError):
    """The Q-matrix is not usable with these responses; the message says why."""


def read(responses: Path | str | BinaryIO, *, needs: Path | str | BinaryIO) -> Responses:
    """Responses with their Q-matrix. Raises `MatricesDiffer` when the Q-matrix has not exactly one full row
    of 0 and 1 for each item, and `tables.UnreadableFile` when one of the two is not a table."""
    scores, q = read_matrix(responses), read_matrix(needs)
    if q.values.shape[0] != len(scores.columns):
        raise MatricesDiffer(
            f"There are {len(scores.columns)} items but {q.values.shape[0]} rows of needs. "
            "Give one row for each item, in the order of the columns of the responses."
        )
    if (q.values == NOT_ANSWERED).any():
        item = int(np.argwhere(q.values == NOT_ANSWERED)[0][0]) + 1
        raise MatricesDiffer(f"Item {item} lacks a need. Write 0 or 1 for each.")
    return Responses(scores.columns, q.columns, scores.values, q.values, scores.problems + q.problems)


def read_matrix(source: Path | str | BinaryIO) -> Matrix:
    """One 0/1/blank table with a header. Raises `tables.UnreadableFile`."""
    columns: tuple[str, ...] = ()
    values, problems = bytearray(), []
    for row in tables.read(source, required=(), most_bytes=_MOST_BYTES, most_rows=_MOST_ROWS):
        if isinstance(row, Problem):
            problems.append(row)
            continue
        columns = columns or tuple(row.cells)
        for column, cell in row.cells.items():
            code = _CODES.get(cell.strip())
            if code is None:
                what, mend = "The score is not 0, 1 or blank", "Write 0, 1 or nothing."
                problems.append(Problem(row.row, column, cell[:60], what, mend))
            values.append(255 if code is None or code < 0 else code)
    shape = (-1, len(columns)) if columns else (0, 0)
    return Matrix(columns, np.frombuffer(bytes(values), dtype=np.int8).reshape(shape), tuple(problems))
