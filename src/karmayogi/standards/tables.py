"""Streaming reader of CSV tables (RFC 4180, UTF-8, plain or gzip) that says exactly where a file is wrong.

Memory stays flat whatever the size of the file: the bytes are read in pieces, a line is at most
``MOST_LINE`` bytes, and bytes are counted *after* decompression, so that a small archive that unpacks
without end is stopped. Rows are numbered as a spreadsheet shows them: the header is row 1, the first row of
data is row 2.
"""

import csv
import difflib
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

PIECE = 1 << 16
MOST_LINE = 1 << 20
_SHOWN = 60
_SAVE_AS = "Save the file again as 'CSV UTF-8' and import it once more."
_SEND_AGAIN = "The rows before this one were read. Make the file again and import the whole of it."


@dataclass(frozen=True, slots=True)
class Problem:
    """One fact about one row that stops it from being taken in, and how to mend it.

    ``row``: as in a spreadsheet (header = 1); ``column``: its name, or '' for the row as a whole; ``value``:
    what stood there (at most 60 characters); ``what``: what is wrong; ``mend``: what the person should do.
    """

    row: int
    column: str
    value: str
    what: str
    mend: str


class Row(msgspec.Struct, frozen=True, gc=False):
    """One row: ``row`` as in a spreadsheet, ``line`` where it starts in the file (1-based), ``cells`` by
    column name."""

    row: int
    line: int
    cells: dict[str, str]


class UnreadableFile(ValueError):
    """The file cannot be read as a table at all; the message says what to do. Nothing of it was accepted."""


class WrongEncoding(UnreadableFile):
    """The header is not UTF-8; ``offset`` is the first byte (0-based) that could not be read."""

    def __init__(self, message: str, *, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


class WrongColumns(UnreadableFile):
    """Columns are missing, unknown or said twice.

    ``missing``, ``unknown``, ``twice``: names; ``nearest``: for a missing column, the column in the file
    most like it.
    """

    def __init__(
        self,
        *,
        missing: Sequence[str],
        unknown: Sequence[str],
        twice: Sequence[str],
        nearest: dict[str, str],
        hint: str = "",
    ) -> None:
        self.missing, self.unknown, self.twice, self.nearest = (
            tuple(missing),
            tuple(unknown),
            tuple(twice),
            nearest,
        )
        parts = [
            f"Column '{name}' is missing" + (f"; did you mean '{nearest[name]}'?" if name in nearest else ".")
            for name in missing
        ]
        parts += [f"Column '{name}' is not known here; remove it or correct its name." for name in unknown]
        parts += [f"Column '{name}' stands twice; keep one." for name in twice]
        super().__init__(" ".join([*parts, hint]).strip())


def read(
    source: Path | str | BinaryIO,
    *,
    required: Sequence[str],
    optional: Sequence[str] | None = None,
    most_bytes: int,
    most_rows: int,
) -> Iterator[Row | Problem]:
    """Rows of a CSV table in file order, each a `Row`, or a `Problem` in its place; the header is judged at
    once.

    ``required`` columns must be there; any others are passed on too, unless ``optional`` is given, when
    columns outside both lists are refused. ``most_bytes`` counts decompressed bytes; ``most_rows`` counts
    rows of data. A file that is cut, damaged or too large gives all its good rows, then one last `Problem`.

    Raises `WrongEncoding`, `WrongColumns` or `UnreadableFile` before any row is given.
    """
    # Not a with block: the file stays open until the last row has been given.
    opened = open(source, "rb") if isinstance(source, (str, Path)) else source  # noqa: SIM115
    try:
        lines = _Lines(opened, most_bytes=most_bytes)
        reader = csv.reader(lines, strict=True)
        columns = _header(reader, lines, required=required, optional=optional)
    except BaseException:
        if opened is not source:
            opened.close()
        raise
    rows = _rows(reader, lines, columns=columns, most_rows=most_rows)
    return _closing(rows, opened) if opened is not source else rows


def _closing(rows: Iterator[Row | Problem], opened: BinaryIO) -> Iterator[Row | Problem]:
    with closing(opened):
        yield from rows


def _unpacked(source: BinaryIO) -> Iterator[bytes]:
    """Pieces of at most PIECE bytes. The zlib object is driven by hand because GzipFile drops what it had
    already unpacked when the end is missing, and those rows are good. Raises EOFError (cut) or zlib.error
    (damaged)."""
    piece = source.read(PIECE)
    if not piece.startswith(b"\x1f\x8b"):
        while piece:
            yield piece
            piece = source.read(PIECE)
        return
    unpacker = zlib.decompressobj(wbits=31)
    while piece:
        unpacked = unpacker.decompress(piece, PIECE)
        if unpacked:
            yield unpacked
        piece = unpacker.unconsumed_tail
        if unpacker.eof:
            piece = unpacker.unused_data.lstrip(b"\0") or source.read(PIECE)
            if piece:
                unpacker = zlib.decompressobj(wbits=31)
        elif not piece:
            piece = source.read(PIECE)
    while not unpacker.eof:
        unpacked = unpacker.decompress(b"", PIECE)
        if not unpacked:
            raise EOFError
        yield unpacked


class _Lines:
    """Text lines of a byte stream that remember where they stood and why they stopped."""

    def __init__(self, source: BinaryIO, *, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._lines = self._split(_unpacked(source))
        self.offset = 0  # of the next line, in decompressed bytes
        self.count = 0
        self.unreadable: tuple[int, str] | None = None  # byte offset and its value, in the record being read
        self.stopped: tuple[str, str] | None = None  # what, mend

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        start, self.offset, self.count = self.offset, self.offset + len(line), self.count + 1
        if self.count == 1 and line.startswith(b"\xef\xbb\xbf"):
            start, line = start + 3, line[3:]
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            self.unreadable = self.unreadable or (start + error.start, f"0x{line[error.start]:02X}")
            return line.decode("latin-1")
        if "\0" in text:
            self.unreadable = self.unreadable or (start + line.index(0), "0x00")
        return text

    def _split(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        read, rest = 0, b""
        while True:
            try:
                piece = next(pieces, b"")
            except (EOFError, zlib.error) as error:
                cut = isinstance(error, EOFError)
                self.stopped = (
                    "The compressed file ends too early" if cut else "The compressed file is damaged",
                    _SEND_AGAIN,
                )
                return
            if not piece:
                break
            read += len(piece)
            if read > self._most_bytes:
                self.stopped = (
                    f"The file is larger than {self._most_bytes:,} bytes",
                    "Split it into smaller files.",
                )
                return
            *whole, rest = (rest + piece).split(b"\n")
            for line in whole:
                yield line + b"\n"
            if len(rest) > MOST_LINE:
                self.stopped = (
                    f"A line is longer than {MOST_LINE:,} bytes",
                    "Check that this is a CSV file. " + _SEND_AGAIN,
                )
                return
        if rest:
            yield rest


def _header(
    reader: Iterator[list[str]], lines: _Lines, *, required: Sequence[str], optional: Sequence[str] | None
) -> list[str]:
    try:
        columns = [name.strip() for name in next(reader)]
    except StopIteration:
        what = lines.stopped[0] if lines.stopped else "The file is empty"
        raise UnreadableFile(f"{what}; not even the column names were read. Make the file again.") from None
    except csv.Error as error:
        raise UnreadableFile(f"The first line is not a list of column names ({error}). {_SAVE_AS}") from None
    if lines.unreadable:
        offset, value = lines.unreadable
        raise WrongEncoding(
            f"The column names in row 1 are not UTF-8 text: byte {offset} is {value}. {_SAVE_AS}",
            offset=offset,
        )
    missing = [name for name in required if name not in columns]
    known = {*required, *(optional or ())}
    others = [name for name in columns if name not in known]
    unknown = [name for name in others if optional is not None or not name]
    twice = [name for name, count in Counter(columns).items() if count > 1]
    if missing or unknown or twice:
        near = {
            name: difflib.get_close_matches(name.lower(), [o.lower() for o in others], n=1, cutoff=0.6)
            for name in missing
        }
        spelt = {other.lower(): other for other in others}
        nearest = {name: spelt[found[0]] for name, found in near.items() if found}
        joined = len(columns) == 1 and any(mark in columns[0] for mark in ";\t|")
        hint = (
            "The columns are not separated by commas: save the file as comma-separated CSV." if joined else ""
        )
        raise WrongColumns(missing=missing, unknown=unknown, twice=twice, nearest=nearest, hint=hint)
    if not columns:
        raise UnreadableFile("The first line is empty. Write the column names there.")
    return columns


def _rows(
    reader: Iterator[list[str]], lines: _Lines, *, columns: list[str], most_rows: int
) -> Iterator[Row | Problem]:
    width, row = len(columns), 1
    while True:
        row, line = row + 1, lines.count + 1
        lines.unreadable = None
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            yield _broken(row, error=str(error), lines=lines)
            if lines.stopped or not _resumable(error):
                return
            continue
        if row - 1 > most_rows:
            yield Problem(
                row, "", "", f"The file has more than {most_rows:,} rows", "Split it into smaller files."
            )
            return
        if lines.unreadable:
            offset, value = lines.unreadable
            column = _column_of(cells, columns)
            yield Problem(row, column, value, f"Byte {offset} of the file is not UTF-8 text", _SAVE_AS)
        elif len(cells) == width:
            yield Row(row, line, dict(zip(columns, cells, strict=True)))
        elif cells:
            yield _ragged(row, cells=cells, columns=columns)
    if lines.stopped:
        yield Problem(row, "", "", *lines.stopped)


def _resumable(error: csv.Error) -> bool:
    return "expected after" in str(error)


def _broken(row: int, *, error: str, lines: _Lines) -> Problem:
    if lines.stopped:
        return Problem(row, "", "", *lines.stopped)
    if "expected after" in error:
        return Problem(
            row,
            "",
            "",
            "A quoted cell goes on after its closing quote",
            'Write a quote inside a cell twice: "".',
        )
    if "unexpected end" in error or "field larger" in error:
        return Problem(
            row, "", "", "A quote opens in this row and never closes", "Close the quote. " + _SEND_AGAIN
        )
    return Problem(row, "", "", f"The row cannot be read ({error})", _SAVE_AS)


def _column_of(cells: list[str], columns: list[str]) -> str:
    """The column of the first cell that holds something beyond ASCII or a NUL (the unreadable line came as
    Latin-1)."""
    odd = (name for name, cell in zip(columns, cells, strict=False) if "\0" in cell or not cell.isascii())
    return next(odd, "")


def _ragged(row: int, *, cells: list[str], columns: list[str]) -> Problem:
    many = len(cells) > len(columns)
    what = f"The row has {len(cells)} cells where the header has {len(columns)}"
    column = columns[-1] if many else columns[len(cells)]
    value = cells[len(columns)] if many else ""
    mend = (
        "Put quotes round a cell that contains a comma."
        if many
        else f"Add the missing cells from '{column}' on."
    )
    return Problem(row, column, value[:_SHOWN], what, mend)
