"""Files that are wrong: nothing half-written, the row and column named, everything else imported, counts add up."""

import csv
import datetime as dt
import os
import resource
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from karmayogi.ehrms import postings, posts
from karmayogi.ehrms.posts import NewPost
from karmayogi.institutions import bodies, people
from karmayogi.institutions.bodies import NewBody
from karmayogi.journeys import import_organogram, import_people
from karmayogi.registry.acting import as_worker
from karmayogi.registry.imports import Result
from karmayogi.standards.organogram import SENIOR_COLUMNS, Warned
from karmayogi.standards.tables import WrongColumns, WrongEncoding

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)
ON = dt.date(2011, 4, 1)
BLANK = dict.fromkeys(SENIOR_COLUMNS, "") | {
    "snapshot": "2011-03-31", "org_slug": "office", "organisation": "The Office", "grade": "SCS1", "fte": "1",
    "parent_department": "The Department", "reports_to": "XX", "job_title": "Director",
}  # fmt: skip
GOOD = ({"post_ref": "1", "holder": "Paaa"}, {"post_ref": "2", "holder": "Pbbb", "reports_to": "1"})


def senior(folder: Path, *rows: dict[str, str], columns: tuple[str, ...] = SENIOR_COLUMNS) -> Path:
    path = folder / "senior.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows([(BLANK | row)[name] for name in SENIOR_COLUMNS] for row in rows)
    return path


def run(path: Path, warned: list[Warned] | None = None) -> Result:
    result = import_organogram.run(path, now=NOW, junior=False, warned=warned)
    assert result.read == result.accepted + result.quarantined
    assert result.accepted == result.new + result.changed + result.same
    return result


def nothing_stands() -> bool:
    with as_worker():
        return not posts.by_codes(["office/1", "office/2"]) and not people.by_codes(["Paaa", "Pbbb"])


@pytest.mark.parametrize(
    ("bad", "column", "value"),
    [
        ({"post_ref": "3", "holder": "Pccc", "snapshot": "31/03/2011"}, "snapshot", "31/03/2011"),
        ({"post_ref": "3", "holder": "Pccc", "grade": "OF-6"}, "grade", "OF-6"),
        ({"post_ref": "3", "holder": "Pccc", "fte": "two"}, "fte", "two"),
        ({"post_ref": "Eliminated", "holder": "Pccc"}, "post_ref", "Eliminated"),
        ({"post_ref": "1", "holder": "Paaa"}, "post_ref", "1"),
        ({"post_ref": "1", "holder": "Pccc"}, "post_ref", "1"),
        ({"post_ref": "3", "holder": "Pccc", "job_title": "x" * 201}, "job_title", "x" * 60),
    ],
    ids=["bad date", "unknown grade", "bad number", "no post", "duplicate post", "two holders", "too long"],
)
def test_a_bad_row_is_named_and_the_rest_is_imported(
    tmp_path: Path, bad: dict[str, str], column: str, value: str
) -> None:
    result = run(senior(tmp_path, *GOOD, bad))
    assert (result.read, result.accepted, result.quarantined) == (3, 2, 1)
    assert [(p.row, p.column, p.value) for p in result.problems] == [(4, column, value)]
    assert result.problems[0].mend
    with as_worker():
        found = posts.by_codes(["office/1", "office/2"])
        holders = postings.holders((card.id for card in found.values()), on=ON)
    assert {code: len(holders[card.id]) for code, card in found.items()} == {"office/1": 1, "office/2": 1}


def test_a_line_of_report_to_nowhere_is_left_empty_and_told(tmp_path: Path) -> None:
    warned: list[Warned] = []
    result = run(senior(tmp_path, *GOOD, {"post_ref": "3", "holder": "Pccc", "reports_to": "99"}), warned)
    assert (result.accepted, result.quarantined) == (3, 0)
    assert [(w.row, w.column, w.value) for w in warned] == [(4, "reports_to", "99")]


def test_a_wrong_column_is_named_with_the_one_that_may_be_meant(tmp_path: Path) -> None:
    columns = tuple("post ref" if name == "post_ref" else name for name in SENIOR_COLUMNS)
    path = senior(tmp_path, *GOOD, columns=columns)
    with pytest.raises(WrongColumns, match="Column 'post_ref' is missing; did you mean 'post ref'"):
        run(path)
    assert nothing_stands()


def test_a_file_in_the_wrong_encoding_is_told_by_row_and_column(tmp_path: Path) -> None:
    path = senior(tmp_path, *GOOD, {"post_ref": "3", "holder": "Pccc", "job_title": "Chargé"})
    path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))
    result = run(path)
    assert (result.read, result.accepted, result.quarantined) == (3, 2, 1)
    assert [(p.row, p.column, p.value) for p in result.problems] == [(4, "job_title", "0xE9")]


def test_a_heading_in_the_wrong_encoding_stops_the_import(tmp_path: Path) -> None:
    path = senior(tmp_path, *GOOD)
    path.write_bytes(b"\xff\xfe" + path.read_text(encoding="utf-8").encode("utf-16-le"))
    with pytest.raises(WrongEncoding):
        run(path)
    assert nothing_stands()


def test_a_file_cut_in_the_middle_of_a_row_keeps_its_whole_rows(tmp_path: Path) -> None:
    path = senior(tmp_path, *GOOD, {"post_ref": "3", "holder": "Pccc"})
    content = path.read_bytes().rstrip()
    path.write_bytes(content[: content.rindex(b"SCS1") + 2])
    result = run(path)
    assert (result.read, result.accepted, result.quarantined) == (3, 2, 1)
    assert result.problems[0].row == 4
    with as_worker():
        assert list(posts.by_codes(["office/1", "office/2", "office/3"])) == ["office/1", "office/2"]


def test_a_compressed_file_cut_in_the_middle_is_told(tmp_path: Path) -> None:
    import gzip

    rows = [
        {"post_ref": str(n), "holder": "N/D", "job_title": f"Director {n * 7919}"} for n in range(1, 4000)
    ]
    path = tmp_path / "senior.csv.gz"
    packed = gzip.compress(senior(tmp_path, *rows).read_bytes())
    path.write_bytes(packed[: len(packed) // 2])
    result = run(path)
    assert 0 < result.accepted < 3999
    assert "ends too early" in result.problems[-1].what


@pytest.fixture
def _offices() -> None:
    with as_worker():
        known = bodies.establish(
            [NewBody("OFF", "Office", "office")], since=dt.date(2019, 1, 1), order_no="O/0"
        )
        posts.sanction(
            [NewPost(f"P{n}", known["OFF"], "Clerk", "G", dt.date(2019, 1, 1), "O/0") for n in range(40)]
        )


def lines(total: int, *, cell: int) -> Iterator[bytes]:
    """A table of about `total` bytes: rows with an endless cell, and forty good ones spread among them."""
    yield (",".join(import_people.COLUMNS) + "\n").encode()
    rows, filler = total // cell, b"x" * cell
    good = {k * rows // 40: k for k in range(40)}
    for n in range(rows):
        if n in good:
            yield f"E{good[n]},Person {good[n]},,,,P{good[n]},2020-01-01,,O/1\n".encode()
        yield b"X%d,%s,,,,,,,\n" % (n, filler)


WATCH = textwrap.dedent(
    """
    import resource, sys
    import django
    django.setup()
    from datetime import UTC, datetime
    from pathlib import Path
    from karmayogi.journeys import import_people
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    r = import_people.run(Path(sys.argv[1]), now=datetime(2026, 1, 5, tzinfo=UTC), dry_run=sys.argv[2] == "dry")
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(r.read, r.accepted, r.quarantined, r.new, (after - before) // 1024)
    """
)


def watched(path: Path, database: str, url: str, *, dry: bool) -> list[int]:
    """read, accepted, quarantined, new, and by how many MiB the most memory in use grew, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", WATCH, str(path), "dry" if dry else "keep"], check=True, capture_output=True, text=True,
        env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "karmayogi.settings",
             "PYTHONPATH": str(Path(import_people.__file__).parents[2])},
    )  # fmt: skip
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss > 0
    return [int(word) for word in done.stdout.split()]


def huge(path: Path, total: int, *, cell: int) -> int:
    """Writes the table in pieces; how many rows it has."""
    rows = 0
    with path.open("wb") as stream:
        for line in lines(total, cell=cell):
            stream.write(line)
            rows += 1
    return rows - 1


@pytest.mark.parametrize("total", [100_000_000, pytest.param(2_000_000_000, marks=pytest.mark.drill)])
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_offices")
def test_a_huge_file_takes_little_memory_and_its_good_rows_are_imported(
    databases, tmp_path: Path, total: int
) -> None:  # type: ignore[no-untyped-def]
    from django.db import connection

    path = tmp_path / "huge.csv"
    try:
        rows = huge(path, total, cell=100_000)
        name = connection.settings_dict["NAME"]
        found = watched(path, name, databases.url("postgres", name), dry=False)
        assert found[:4] == [rows, 40, rows - 40, 40]
        assert found[4] < 100
        assert watched(path, name, databases.url("postgres", name), dry=True)[3] == 0
    finally:
        path.unlink(missing_ok=True)
