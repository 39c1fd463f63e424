"""What a reading of rows comes to: accepted, quarantined, and accepted with a reservation; and the cells
they share."""

import math
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from ..tables import Problem, Row

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Warned:
    """A reservation about a row that was accepted: what was set aside in it, and how to mend the source."""

    row: int
    column: str
    value: str
    what: str
    mend: str


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """Always ``read == len(accepted) + len(problems)``: one problem for each quarantined row, and for each
    row the table reader itself refused. A row may have several ``warnings``."""

    read: int
    accepted: list[T]
    problems: list[Problem]
    warnings: list[Warned]


class Refused(Exception):
    """Inside this package: the row cannot be accepted, for this reason."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem


def refuse(row: Row, column: str, what: str, mend: str) -> Refused:
    return Refused(Problem(row.row, column, row.cells.get(column, "")[:60], what, mend))


def warn(row: Row, column: str, what: str, mend: str) -> Warned:
    return Warned(row.row, column, row.cells.get(column, "")[:60], what, mend)


def day(row: Row) -> date:
    try:
        return date.fromisoformat(row.cells["snapshot"].strip())
    except ValueError:
        raise refuse(row, "snapshot", "The snapshot is not a date", "Write it as 2011-09-30.") from None


def number(text: str) -> float | None:
    """A finite number, or None for anything else (blank, N/D, words)."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def money(text: str) -> int | None:
    """Whole pounds, or None when not stated."""
    value = number(text)
    return None if value is None else round(value)


def lost_letters(row: Row) -> list[Warned]:
    """A warning for each cell in which the publisher's own conversion lost letters (U+FFFD)."""
    mend = "The letters were lost before the file was published; correct the words by hand."
    return [
        warn(row, column, "Letters of the text are lost", mend)
        for column, cell in row.cells.items()
        if "\ufffd" in cell
    ]
