"""Import of people and their postings from CSV: one row is a person and, where a post is named, one posting.

Columns: employee_code, name, email, mobile, joined, post_code, since, until, order_no. Streamed in batches, so that
files of any size take the same memory; a batch is written whole or not at all. A person who stands is left as they
are. A posting that would give a post two holders at once, or an official two posts, is set aside with its row.
"""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

import msgspec
from django.db import transaction

from karmayogi.ehrms import orders, postings, posts
from karmayogi.ehrms.orders import Line
from karmayogi.institutions import people
from karmayogi.institutions.people import NewPerson
from karmayogi.registry import ids, imports
from karmayogi.registry.imports import Counts, Meter, Result
from karmayogi.standards import tables
from karmayogi.standards.tables import Problem

COLUMNS = ("employee_code", "name", "email", "mobile", "joined", "post_code", "since", "until", "order_no")
LONGEST = {"employee_code": 40, "name": 200, "email": 254, "mobile": 20, "post_code": 120, "order_no": 80}
MOST_BYTES = 16 << 30
MOST_ROWS = 100_000_000
BATCH = 10_000
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
        "people", source, reader=read, write=lambda rows: _write(rows, now=now), dry_run=dry_run, now=now, batch=batch,
        resume=resume, error_file=error_file, progress=progress,
    )  # fmt: skip


def read(source: Path) -> Iterator[Entry | Problem]:
    """Every row of the file in order: an entry, or what is wrong with it."""
    rows = tables.read(source, required=COLUMNS, optional=(), most_bytes=MOST_BYTES, most_rows=MOST_ROWS)
    return (row if isinstance(row, Problem) else _judged(row) for row in rows)


def _judged(row: tables.Row) -> Entry | Problem:
    cells = row.cells
    code, name, post, order = (cells[c].strip() for c in ("employee_code", "name", "post_code", "order_no"))
    email, mobile = cells["email"].strip(), cells["mobile"].strip()
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


def _write(rows: Sequence[Entry], *, now: dt.datetime) -> Counts:
    places = posts.places({r.post for r in rows if r.post})
    standing = people.by_codes([r.code for r in rows])
    problems = [_nowhere(r) for r in rows if r.post and r.post not in places]
    rows = [r for r in rows if not r.post or r.post in places]
    new, bad = _tried(rows, standing, places, now=now)
    # A row set aside takes its person and its line of the order with it: all is undone, then done without it.
    while bad:
        problems += bad
        aside = {p.row for p in bad}
        rows = [r for r in rows if r.row not in aside]
        new, bad = _tried(rows, standing, places, now=now)
    return Counts(new=new, same=len(rows) - new, problems=tuple(problems))


def _tried(
    rows: Sequence[Entry],
    standing: dict[str, UUID],
    places: dict[str, tuple[UUID, UUID]],
    *,
    now: dt.datetime,
) -> tuple[int, list[Problem]]:
    """How many rows were new; or, with everything undone, what stands against some of them."""
    with transaction.atomic():
        known = _enrolled(rows, standing)
        bad = [_taken(r) for r in rows if r.code not in known]
        kept = [r for r in rows if r.code in known]
        lines = {
            r.row: Line(known[r.code], places[r.post][0], "substantive", r.since, r.until)
            for r in kept
            if r.post and r.since
        }
        before = postings.held(standing.values()) if standing else set()
        fresh = {row: line for row, line in lines.items() if _fact(line) not in before}
        written = orders.enter_all(_orders(kept, fresh, places), now=now)
        held = None if written == len(fresh) else postings.held(line.person for line in fresh.values())
        bad += [
            _crowded(r)
            for r in kept
            if held is not None and r.row in fresh and _fact(fresh[r.row]) not in held
        ]
        if bad:
            transaction.set_rollback(True)
    return sum(r.code not in standing or r.row in fresh for r in kept), bad


def _enrolled(rows: Sequence[Entry], standing: dict[str, UUID]) -> dict[str, UUID]:
    """employee code -> person, for all who stand or could be enrolled."""
    fresh = {r.code: r for r in rows if r.code not in standing}
    made = {code: ids.new() for code in fresh}
    new = people.enrol(
        NewPerson(r.code.lower(), r.name, r.code, r.email, r.mobile, joined=r.joined, id=made[r.code])
        for r in fresh.values()
    )
    return {**standing, **(made if new == len(made) else people.by_codes(list(made)))}


def _orders(
    rows: Sequence[Entry], lines: dict[int, Line], places: dict[str, tuple[UUID, UUID]]
) -> Iterator[orders.Entry]:
    by_order: dict[str, list[Entry]] = defaultdict(list)
    for r in rows:
        if r.row in lines:
            by_order[r.order].append(r)
    for number, said in by_order.items():
        told = [lines[r.row] for r in said]
        yield orders.Entry(number, "import", places[said[0].post][1], min(x.since for x in told), told)


def _fact(line: Line) -> tuple[UUID, UUID, str, dt.date]:
    """What makes a posting one."""
    return line.person, line.post, line.kind, line.since


def _nowhere(r: Entry) -> Problem:
    return Problem(
        r.row, "post_code", r.post[:60], "There is no such post", "Sanction it first, or correct the code."
    )


def _taken(r: Entry) -> Problem:
    return Problem(
        r.row,
        "employee_code",
        r.code,
        "The login of this code belongs to another person",
        "Correct the code.",
    )


def _crowded(r: Entry) -> Problem:
    what = f"Post {r.post} has another holder in that time, or the official another post"
    mend = "Correct the post or the days, or end the former posting first."
    return Problem(r.row, "post_code", r.post[:60], what, mend)
