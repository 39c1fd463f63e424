"""Import of organograms: every snapshot of senior posts, or of junior strengths, becomes dated facts.

Senior files: organisations stand as bodies under their parent departments, posts are sanctioned, holders (hashes)
are enrolled, and who held what is entered as one order for each organisation and snapshot. A holder whose name is
withheld is not a person: the post stays without a posting. Junior files: pooled strength.

What stands is left as it is: a post keeps the designation under which it was sanctioned, and a posting that would
give a post two holders at once is set aside with its row. Files are judged whole, so they are bounded in size.
"""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from karmayogi.ehrms import orders, postings, posts, strength
from karmayogi.ehrms.orders import Line
from karmayogi.ehrms.posts import NewPost
from karmayogi.ehrms.strength import Pool
from karmayogi.institutions import bodies, people
from karmayogi.institutions.bodies import NewBody
from karmayogi.institutions.people import NewPerson
from karmayogi.journeys import import_shares
from karmayogi.registry import imports
from karmayogi.registry.imports import Counts, Meter, Result
from karmayogi.standards import organogram, tables
from karmayogi.standards.organogram import (
    JUNIOR_COLUMNS,
    SENIOR_COLUMNS,
    JuniorStrength,
    Posting,
    SeniorPost,
    Warned,
)
from karmayogi.standards.tables import Problem, WrongColumns

MOST_BYTES = 500_000_000
MOST_ROWS = 1_000_000
WHOLE = 1 << 31
"""A batch no file reaches: all rows in one transaction."""
SOURCE = "organogram"
LEVELS = {"SCS1": 20, "SCS1A": 21, "SCS2": 22, "SCS3": 23, "SCS4": 24}
"""The order of the senior grades; the numbers below are free for the grades beneath them."""
KINDS = {"substantive": "substantive", "additional": "additional_charge"}

Fact = tuple[UUID, UUID, str, dt.date]
"""person, post, kind, first day: what makes a posting one."""


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
        write=lambda rows: _write_seniors(rows, now=now), dry_run=dry_run, now=now, batch=WHOLE,
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


def code_of_group(department: str) -> str:
    """Code of the body that stands for a parent department and all under it."""
    return "group/" + re.sub(r"[^a-z0-9]+", "_", department.lower()).strip("_")[:70]


def code_of_post(org_slug: str, post_ref: str) -> str:
    """Code of a post: unique over all organisations."""
    return f"{org_slug}/{post_ref}"


def order_no(org_slug: str, on: dt.date) -> str:
    """Number of the order that stands for one organisation's snapshot; at most 80 characters."""
    name = org_slug if len(org_slug) <= 58 else f"{org_slug[:49]}-{sha256(org_slug.encode()).hexdigest()[:8]}"
    return f"organogram/{name}/{on}"


def _write_juniors(rows: Sequence[JuniorStrength], *, now: dt.datetime) -> Counts:
    known = _establish(rows)
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


def _write_seniors(rows: Sequence[SeniorPost], *, now: dt.datetime) -> Counts:
    known = _establish(rows)
    codes = [code_of_post(r.org_slug, r.post_ref) for r in rows]
    standing = set(posts.by_codes(set(codes)))
    post_ids = posts.sanction(list(_posts(rows, known)))
    holders = sorted({r.holder for r in rows if r.holder})
    people.enrol(NewPerson(h.lower(), f"Holder {h[:5]}…", h) for h in holders)
    person_ids = people.by_codes(holders)
    timeline = organogram.postings(rows)
    parts = import_shares.parts(timeline)
    facts = {
        p: (person_ids[p.holder], post_ids[code_of_post(p.org_slug, p.post_ref)], KINDS[p.kind], p.since)
        for p in timeline
        if p.holder and p in parts
    }
    before = postings.held(person_ids.values())
    _enter(facts, parts, known, now=now)
    after = postings.held(person_ids.values())
    said = _facts_by_row(rows, timeline, facts)
    return _counted(rows, codes, said, standing=standing, before=before, after=after)


def _establish(rows: Sequence[SeniorPost | JuniorStrength]) -> dict[str, UUID]:
    """Sets up parent departments and organisations as the latest snapshot names them: code -> id."""
    latest = {r.org_slug: r for r in sorted(rows, key=lambda r: r.snapshot)}
    groups = {
        code_of_group(r.parent_department): r.parent_department
        for r in latest.values()
        if r.parent_department
    }
    new = [NewBody(code, name, "ministry") for code, name in groups.items()]
    new += [
        NewBody(
            r.org_slug, r.organisation, "department",
            code_of_group(r.parent_department) if r.parent_department else None,
        )
        for r in latest.values()
    ]  # fmt: skip
    since = min(r.snapshot for r in rows)
    return bodies.establish(new, since=since, order_no=f"organogram/{since}")


def _following(rows: Sequence[SeniorPost | JuniorStrength]) -> dict[tuple[str, dt.date], dt.date | None]:
    """(organisation, snapshot) -> its next snapshot, None after the last."""
    days: dict[str, set[dt.date]] = defaultdict(set)
    for r in rows:
        days[r.org_slug].add(r.snapshot)
    return {
        (org, on): until
        for org, found in days.items()
        for on, until in zip(sorted(found), [*sorted(found)[1:], None], strict=True)
    }


def _posts(rows: Sequence[SeniorPost], known: dict[str, UUID]) -> Iterator[NewPost]:
    """Each post once: as its latest snapshot describes it, from its first snapshot on."""
    days = _following(rows)
    first: dict[str, dt.date] = {}
    latest: dict[str, SeniorPost] = {}
    for r in sorted(rows, key=lambda r: r.snapshot):
        code = code_of_post(r.org_slug, r.post_ref)
        first.setdefault(code, r.snapshot)
        latest[code] = r
    for code, r in latest.items():
        gone = r.state == "abolished"
        ends = days[r.org_slug, r.snapshot]
        if gone:
            ends = r.snapshot if r.snapshot > first[code] else None
        yield NewPost(
            code=code, body=known[r.org_slug], designation=r.job_title or "Not stated", grade=r.grade,
            level=LEVELS[r.grade], service=r.profession, since=first[code], until=ends,
            sanction_order=order_no(r.org_slug, first[code]), state="abolished" if gone else "live",
            reports_to=code_of_post(r.org_slug, r.reports_to) if r.reports_to else None,
        )  # fmt: skip


def _enter(
    facts: dict[Posting, Fact],
    parts: dict[Posting, tuple[int, int]],
    known: dict[str, UUID],
    *,
    now: dt.datetime,
) -> None:
    """One order for each organisation and snapshot, all entered at once, so that whoever is reported to is there."""
    lines: dict[tuple[dt.date, str], list[Line]] = defaultdict(list)
    for p, (person, post, kind, since) in facts.items():
        lines[since, p.org_slug].append(Line(person, post, kind, since, p.until, parts[p]))
    orders.enter_all(
        [
            orders.Entry(order_no(org, since), "organogram", known[org], since, said)
            for (since, org), said in sorted(lines.items(), key=lambda item: item[0])
        ],
        now=now,
    )


def _facts_by_row(
    rows: Sequence[SeniorPost], timeline: Sequence[Posting], facts: dict[Posting, Fact]
) -> dict[int, tuple[Posting, Fact | None]]:
    """row -> the posting that covers its snapshot, and the fact it became (None: its share did not fit)."""
    told: dict[tuple[str, str, str], list[Posting]] = defaultdict(list)
    for p in timeline:
        told[p.org_slug, p.post_ref, p.holder].append(p)
    found = {}
    for r in rows:
        if r.holder:
            for p in told[r.org_slug, r.post_ref, r.holder]:
                if p.since <= r.snapshot and (p.until is None or r.snapshot < p.until):
                    found[r.row] = p, facts.get(p)
                    break
    return found


def _counted(
    rows: Sequence[SeniorPost],
    codes: Sequence[str],
    said: dict[int, tuple[Posting, Fact | None]],
    *,
    standing: set[str],
    before: set[Fact],
    after: set[Fact],
) -> Counts:
    new = same = 0
    problems = []
    for r, code in zip(rows, codes, strict=True):
        fact = said[r.row][1] if r.row in said else None
        if r.row in said and (fact is None or fact not in after):
            problems.append(_crowded(r))
        elif code not in standing or (fact is not None and fact not in before):
            new += 1
        else:
            same += 1
    return Counts(new=new, same=same, problems=tuple(problems))


def _crowded(r: SeniorPost) -> Problem:
    what = f"Post {r.post_ref} has another holder in that time, or this holder another post, by an order in force"
    mend = "Correct the holder or the snapshot, or end the former posting by an order first."
    return Problem(r.row, "holder", r.holder, what, mend)
