"""Import of organograms: every snapshot of senior posts, or of junior strengths, becomes dated facts.

Senior files: organisations stand as bodies under their parent departments, posts are sanctioned, holders (hashes)
are enrolled, who held what is entered as one order for each organisation and snapshot, and to whom a post reported is
a dated line (`senior_posts`). A holder whose name is withheld is not a person: the post stays without a posting.
Junior files: pooled strength. Files are judged whole, so they are bounded in size.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from karmayogi.ehrms import strength
from karmayogi.ehrms.strength import Pool
from karmayogi.journeys import organogram_names, senior_posts
from karmayogi.journeys.organogram_names import SOURCE
from karmayogi.registry import imports
from karmayogi.registry.imports import Counts, Meter, Result
from karmayogi.standards import organogram, tables
from karmayogi.standards.organogram import JUNIOR_COLUMNS, SENIOR_COLUMNS, JuniorStrength, SeniorPost, Warned
from karmayogi.standards.tables import Problem, WrongColumns

MOST_BYTES = 500_000_000
MOST_ROWS = 1_000_000
WHOLE = 1 << 31
"""A batch no file reaches: all rows in one transaction."""


def run(
    source: Path,
    *,
    now: dt.datetime,
    dry_run: bool = False,
    junior: bool | None = None,
    warned: list[Warned] | None = None,
    error_file: Path | None = None,
    progress: Meter | None = None,
) -> Result:
    """Imports a CSV file (plain or gzip); `junior` says which of the two kinds, None: its columns say.

    `warned` is filled with what was set aside in rows that were accepted, such as a line of report to nowhere.
    Raises `UnreadableFile` where the file is neither.
    """
    notes: list[Warned] = [] if warned is None else warned
    if is_junior(source) if junior is None else junior:
        return imports.run(
            "organogram-junior", source, reader=lambda path: read_juniors(path, warned=notes),
            write=lambda rows: _write_juniors(rows, now=now), dry_run=dry_run, now=now, batch=WHOLE,
            error_file=error_file, progress=progress,
        )  # fmt: skip
    return imports.run(
        "organogram-senior", source, reader=lambda path: read_seniors(path, warned=notes),
        write=lambda rows: senior_posts.write(rows, now=now), dry_run=dry_run, now=now, batch=WHOLE,
        error_file=error_file, progress=progress,
    )  # fmt: skip


def is_junior(source: Path) -> bool:
    """True if the columns are those of junior strengths. A file that is like neither counts as senior."""
    try:
        tables.read(source, required=JUNIOR_COLUMNS, most_bytes=MOST_BYTES, most_rows=1)
    except WrongColumns as wrong:
        return len(wrong.missing) < 3 and "reporting_senior_post" not in wrong.missing
    except tables.UnreadableFile:
        return False
    return True


def read_seniors(source: Path, *, warned: list[Warned] | None = None) -> Iterator[SeniorPost | Problem]:
    """Problems in the order of rows, then accepted posts in the order of rows; reservations go to `warned`."""
    rows = tables.read(source, required=SENIOR_COLUMNS, most_bytes=MOST_BYTES, most_rows=MOST_ROWS)
    reading = organogram.seniors(_fitting(rows, columns=_LONGEST_SENIOR))
    (warned if warned is not None else []).extend(reading.warnings)
    yield from reading.problems
    yield from reading.accepted


def read_juniors(source: Path, *, warned: list[Warned] | None = None) -> Iterator[JuniorStrength | Problem]:
    """Problems in the order of rows, then accepted strengths in the order of rows; reservations go to `warned`."""
    rows = tables.read(source, required=JUNIOR_COLUMNS, most_bytes=MOST_BYTES, most_rows=MOST_ROWS)
    reading = organogram.juniors(_fitting(rows, columns=_LONGEST_JUNIOR))
    (warned if warned is not None else []).extend(reading.warnings)
    yield from reading.problems
    yield from reading.accepted


_LONGEST_SENIOR = {
    "org_slug": 70, "post_ref": 40, "holder": 40, "job_title": 200, "organisation": 240, "profession": 80,
    "parent_department": 240,
}  # fmt: skip
_LONGEST_JUNIOR = {
    "org_slug": 70, "grade": 120, "generic_job_title": 240, "unit": 240, "organisation": 240,
    "parent_department": 240, "posts_fte": 12,
}  # fmt: skip


def _fitting(
    rows: Iterator[tables.Row | Problem], *, columns: dict[str, int]
) -> Iterator[tables.Row | Problem]:
    """The rows, with those set aside of which a cell is longer than can be kept."""
    for row in rows:
        if isinstance(row, Problem):
            yield row
            continue
        long = next((name for name, most in columns.items() if len(row.cells[name]) > most), None)
        if long is None:
            yield row
        else:
            what = f"The cell is longer than {columns[long]} characters"
            yield Problem(row.row, long, row.cells[long][:60], what, "Shorten it.")


def _write_juniors(rows: Sequence[JuniorStrength], *, now: dt.datetime) -> Counts:
    known = organogram_names.establish(rows)
    seen: dict[tuple[object, ...], int] = defaultdict(int)
    pools = []
    for r in rows:
        said = (r.snapshot, r.org_slug, r.unit, r.reports_to, r.grade, r.job_title, r.profession, r.pay_min, r.pay_max,
                r.posts_fte)  # fmt: skip
        seen[said] += 1
        line = f"{r.reports_to}/{r.profession}/{r.pay_min}/{r.pay_max}/{r.posts_fte}/{seen[said]}"
        fte = Decimal(str(round(r.posts_fte, 3)))
        pools.append(Pool(known[r.org_slug], r.unit, r.grade, r.job_title, fte, r.snapshot, SOURCE, line))
    counted = strength.count(pools, source=SOURCE, now=now)
    return Counts(counted.new, counted.changed, len(rows) - counted.new - counted.changed)
