"""CSV and Parquet files as columns of text, read by DuckDB; lines that are no rows are named, nothing is guessed."""

import csv
import io
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from karmayogi.standards.tables import Problem

if TYPE_CHECKING:
    import duckdb

HEADER_BYTES = 1 << 20
DELIMITERS = ",;\t|"
BYTES_OF = {".parquet": "parquet", ".pq": "parquet"}
_REFUSED = {
    "MISSING COLUMNS": (
        "The line has fewer cells than the header",
        "Complete the line; the file may have been cut.",
    ),
    "TOO MANY COLUMNS": ("The line has more cells than the header", "Quote cells that hold the separator."),
    "UNQUOTED VALUE": (
        "A quote opens and does not close",
        "Close the quote, or double quotes inside a cell.",
    ),
    "INVALID ENCODING": ("The text is not UTF-8", "Save the file as 'CSV UTF-8'."),
    "LINE SIZE OVER MAXIMUM": ("The line is too long", "Check that a quote was not left open."),
}


class FileCannotBeUsed(ValueError):
    """A file that cannot be read, or lacks what the command needs; the message says what to do."""


@dataclass(frozen=True, eq=False)
class Table:
    """A file as rows of text cells. `refused`: lines that are no rows; `rows` counts those that are."""

    path: Path
    connection: "duckdb.DuckDBPyConnection" = field(repr=False)
    columns: tuple[str, ...]
    rows: int
    refused: tuple[Problem, ...]

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the file's bytes, hexadecimal."""
        with self.path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()

    def fetch(self, query: str, parameters: list[object] | None = None) -> dict[str, NDArray[np.generic]]:
        """Columns of a query on the table `raw`, by name; nulls are masked out as DuckDB hands them over."""
        found = self.connection.execute(query, parameters or []).fetchnumpy()
        return {name: np.asarray(np.ma.getdata(column)) for name, column in found.items()}

    def lines(self, places: NDArray[np.generic]) -> list[int]:
        """The row numbers, as a spreadsheet shows them (header is row 1), of rows by their place from 0."""
        gone = np.array(sorted(problem.row for problem in self.refused), dtype=np.int64) - 2
        line = np.asarray(places, dtype=np.int64).copy()
        for one in gone:
            line[line >= one] += 1
        return [int(value) + 2 for value in line]

    def need(self, name: str, *, what: str) -> str:
        """The column of this name. Raises FileCannotBeUsed naming those there are."""
        if name not in self.columns:
            shown = ", ".join(self.columns[:12]) + (" ..." if len(self.columns) > 12 else "")
            raise FileCannotBeUsed(
                f"{self.path.name} has no column {name} ({what}). It has: {shown}. Name another one."
            )
        return name


def quoted(name: str) -> str:
    """A column's name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


def opened(path: Path) -> Table:
    """The file as a table of text. Raises FileCannotBeUsed."""
    import duckdb

    if not path.exists() or path.stat().st_size == 0:
        raise FileCannotBeUsed(f"{path.name} is empty or not there. Give a file with a header and rows.")
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false; SET preserve_insertion_order = true")
    refused: tuple[Problem, ...] = ()
    try:
        if BYTES_OF.get(path.suffix.lower()) == "parquet":
            columns = _parquet(connection, path)
        else:
            columns, refused = _csv(connection, path)
        row = connection.execute("SELECT count(*) FROM raw").fetchone()
    except duckdb.Error as error:
        first = str(error).splitlines()[0]
        raise FileCannotBeUsed(
            f"{path.name} cannot be read as a table: {first} Make the file again."
        ) from error
    rows = int(row[0]) if row else 0
    if not rows:
        raise FileCannotBeUsed(f"{path.name} has no row that can be read. Give rows below the header.")
    return Table(path, connection, columns, rows, refused)


def _parquet(connection: "duckdb.DuckDBPyConnection", path: Path) -> tuple[str, ...]:
    told = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
    names = tuple(str(row[0]) for row in told)
    cells = ", ".join(f"CAST({quoted(name)} AS VARCHAR) AS {quoted(name)}" for name in names)
    connection.execute(
        f'CREATE TABLE raw AS SELECT row_number() OVER () - 1 AS "#", {cells} FROM read_parquet(?)',  # noqa: S608
        [str(path)],
    )
    return names


def _csv(connection: "duckdb.DuckDBPyConnection", path: Path) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    names, delimiter, encoding = _header(path)
    kinds = ", ".join(f"'{name.replace(chr(39), chr(39) * 2)}': 'VARCHAR'" for name in names)
    connection.execute(
        'CREATE TABLE raw AS SELECT row_number() OVER () - 1 AS "#", * FROM read_csv('  # noqa: S608
        f"?, auto_detect = false, columns = {{{kinds}}}, header = true, delim = ?, quote = '\"', escape = '\"', "
        "strict_mode = true, null_padding = false, store_rejects = true, encoding = ?)",
        [str(path), delimiter, encoding],
    )
    found = connection.execute(
        "SELECT line, min(error_type), min(csv_line) FROM reject_errors GROUP BY line ORDER BY line"
    ).fetchall()
    other = ("The line is no row", "Compare it with the header.")
    return names, tuple(
        Problem(int(line), "", str(text or "").strip()[:60], *_REFUSED.get(str(kind), other))
        for line, kind, text in found
    )


def _header(path: Path) -> tuple[tuple[str, ...], str, str]:
    """Column names, delimiter and encoding, from the first line."""
    with path.open("rb") as file:
        start = file.read(HEADER_BYTES)
    encoding = "utf-16" if start[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    if encoding == "utf-16":
        raise FileCannotBeUsed(f"{path.name} is in UTF-16. Save it as 'CSV UTF-8' and give it again.")
    line = start.split(b"\n", 1)[0].rstrip(b"\r")
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileCannotBeUsed(
            f"The header of {path.name} is not UTF-8 (byte {error.start + 1}). Save it as 'CSV UTF-8'."
        ) from error
    if "\0" in text:
        raise FileCannotBeUsed(f"{path.name} is no text file. Give CSV in UTF-8, or Parquet.")
    delimiter = max(DELIMITERS, key=text.count)
    names = next(csv.reader(io.StringIO(text), delimiter=delimiter), [])
    names = [name.strip() for name in names]
    twice = sorted({name for name in names if [n.lower() for n in names].count(name.lower()) > 1})
    if twice:
        raise FileCannotBeUsed(
            f"{path.name} has more than one column {', '.join(twice[:5])}. Rename or remove one."
        )
    if not all(names) or "#" in names:
        raise FileCannotBeUsed(
            f"{path.name} has a column without a name, or named #. Give every column a name."
        )
    return tuple(names), delimiter, encoding
