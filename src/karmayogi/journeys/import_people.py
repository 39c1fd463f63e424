"""Import of people and their postings from CSV: one row is a person and, where a post is named, one posting.

Columns: employee_code, name, email, mobile, joined, post_code, since, until, order_no. Streamed in batches, so that
files of any size take the same memory; a batch is written whole or not at all. What a row says otherwise than it
stands is a correction; a blank cell changes nothing. A file that contradicts itself is told so by row, and a posting
that would give a post two holders at once, or an official two posts, is set aside with its row.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

import msgspec

from karmayogi.institutions import people
from karmayogi.journeys import arrivals
from karmayogi.registry import imports
from karmayogi.registry.imports import Meter, Result
from karmayogi.registry.sayings import Cells, Sayings
from karmayogi.standards import tables
from karmayogi.standards.tables import Problem

COLUMNS = ("employee_code", "name", "email", "mobile", "joined", "post_code", "since", "until", "order_no")
LONGEST = {"employee_code": 40, "name": 200, "email": 254, "mobile": 20, "post_code": 120, "order_no": 80}
MOST_BYTES = 16 << 30
MOST_ROWS = 100_000_000
BATCH = 25_000
_PERSON = ("name", "email", "mobile", "joined")
Saying = tuple[str, int, Cells]
"""What a row says of a thing: the key of the thing, the row, and its cells."""
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]+")
_DATE = "The date is not a date"
_WRITE_DATE = "Write it as 2011-09-30."


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One row that passed the rules that look at it alone. `post` '' names no post."""

    row: int
    code: str
    name: str
    email: str
    mobile: str
    joined: dt.date | None
    post: str
    since: dt.date | None
    until: dt.date | None
    order: str


def run(
    source: Path,
    *,
    now: dt.datetime,
    dry_run: bool = False,
    batch: int = BATCH,
    resume: bool = True,
    error_file: Path | None = None,
    progress: Meter | None = None,
) -> Result:
    """Imports the CSV file at `source` (plain or gzip). Raises `UnreadableFile`."""
    return imports.run(
        "people", source, reader=lambda path: consistent(read(path)),
        write=lambda rows: arrivals.write(rows, reason=f"import {source.name}", now=now), dry_run=dry_run, now=now,
        batch=batch, resume=resume, error_file=error_file, progress=progress,
    )  # fmt: skip


def read(source: Path) -> Iterator[Entry | Problem]:
    """Every row of the file in order: an entry, or what is wrong with it."""
    rows = tables.read(source, required=COLUMNS, optional=(), most_bytes=MOST_BYTES, most_rows=MOST_ROWS)
    return (row if isinstance(row, Problem) else _judged(row) for row in rows)


def consistent(rows: Iterator[Entry | Problem]) -> Iterator[Entry | Problem]:
    """The same rows; in place of one that says otherwise than a row before it, what it contradicts.

    Else a second run of the file would correct to and fro between the two.
    """
    sayings = Sayings(len(_PERSON))
    try:
        while items := list(islice(rows, BATCH)):
            yield from _compared(items, sayings)
    finally:
        sayings.forget()


def _compared(items: list[Entry | Problem], sayings: Sayings) -> Iterator[Entry | Problem]:
    said = [_said(item) if isinstance(item, Entry) else () for item in items]
    former = sayings.of({key for told in said for key, _, _ in told})
    known = dict(former)
    for item, told in zip(items, said, strict=True):
        problem = next(filter(None, (_against(saying, known) for saying in told)), None)
        if problem is None:
            known |= {key: _joined(known.get(key), row, cells) for key, row, cells in told}
        yield problem or item
    fresh = {key: value for key, value in known.items() if former.get(key) != value}
    sayings.keep(fresh, again=fresh.keys() & former.keys())


def _said(r: Entry) -> tuple[Saying, ...]:
    """What the row says of the person, and of the end of the posting."""
    joined = r.joined.isoformat() if r.joined else ""
    person = r.code, r.row, (r.name, r.email, r.mobile, joined)
    if r.until is None or not r.post:
        return (person,)
    return person, (f"{r.code}\t{r.post}\t{r.since}", r.row, (r.until.isoformat(), "", "", ""))


def _against(saying: Saying, known: Mapping[str, tuple[int, Cells]]) -> Problem | None:
    """What a saying contradicts; blank cells contradict nothing."""
    key, row, cells = saying
    before = known.get(key)
    if before is None or before[1] == cells:
        return None
    columns, of = (("until", "", "", ""), "posting") if "\t" in key else (_PERSON, "person")
    for column, mine, theirs in zip(columns, cells, before[1], strict=True):
        if mine and theirs and mine != theirs:
            what = f"Row {before[0]} of this file says {theirs!r} of the same {of}"
            return Problem(row, column, mine[:60], what, "Find out which is right and keep that one.")
    return None


def _joined(before: tuple[int, Cells] | None, row: int, cells: Cells) -> tuple[int, Cells]:
    """What was said first, with what this row adds where nothing was said."""
    if before is None or before[1] == cells:
        return before or (row, cells)
    return before[0], tuple(held or new for held, new in zip(before[1], cells, strict=True))


def _judged(row: tables.Row) -> Entry | Problem:
    cells = row.cells
    code, name, post, order = (cells[c].strip() for c in ("employee_code", "name", "post_code", "order_no"))
    email, mobile = cells["email"].strip(), people.mobile(cells["mobile"])
    if not code:
        return _problem(row, "employee_code", "The person has no employee code", "Write it.")
    if not name:
        return _problem(row, "name", "The person has no name", "Write it.")
    if any(len(cells[c]) > most for c, most in LONGEST.items()):
        column = next(c for c, most in LONGEST.items() if len(cells[c]) > most)
        return _problem(row, column, f"The cell is longer than {LONGEST[column]} characters", "Shorten it.")
    if email and not _EMAIL.fullmatch(email):
        return _problem(
            row, "email", "This is no e-mail address", "Write one, such as a.b@example.org, or nothing."
        )
    dates = []
    for column in ("joined", "since", "until"):
        said = cells[column].strip()
        try:
            dates.append(dt.date.fromisoformat(said) if said else None)
        except ValueError:
            return _problem(row, column, _DATE, _WRITE_DATE)
    joined, since, until = dates
    if post and since is None:
        return _problem(row, "since", "The posting has no first day", _WRITE_DATE)
    if post and not order:
        return _problem(
            row, "order_no", "The posting has no order", "Write the number of the order behind it."
        )
    if since is not None and until is not None and until <= since:
        return _problem(row, "until", "The posting ends before it begins", "Write a day after the first one.")
    return Entry(row.row, code, name, email, mobile, joined, post, since, until, order)


def _problem(row: tables.Row, column: str, what: str, mend: str) -> Problem:
    return Problem(row.row, column, row.cells[column][:60], what, mend)
