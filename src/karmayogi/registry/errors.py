"""The error file of an import: CSV whose rows name row, column, value, what is wrong and how to mend it."""

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from karmayogi.standards.tables import Problem

COLUMNS = ("row", "column", "value", "what", "mend")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@contextmanager
def writer(path: Path) -> Iterator[Callable[[Problem], None]]:
    """Opens `path` and gives a function that writes one problem to it."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(COLUMNS)
        yield lambda problem: table.writerow(_cells(problem))


def lines(problems: Iterable[Problem]) -> Iterator[str]:
    """The same file as a stream of lines, for a download."""

    class Echo:
        def write(self, line: str) -> str:
            return line

    table = csv.writer(Echo())
    yield table.writerow(COLUMNS)
    for problem in problems:
        yield table.writerow(_cells(problem))


def safe(cell: str) -> str:
    """The cell with an apostrophe before what a spreadsheet would run as a formula."""
    return "'" + cell if cell.startswith(_FORMULA) else cell


def _cells(p: Problem) -> list[str]:
    return [str(p.row), *map(safe, (p.column, p.value, p.what, p.mend))]
