"""A people file that says otherwise than it stands: what differs is corrected, and nothing else is touched."""

import datetime as dt
import json
from pathlib import Path

import pytest
from django.db import connection
from tests.unit.journeys import people_files
from tests.unit.journeys.people_files import table

from karmayogi.ehrms import postings
from karmayogi.institutions import assignments, corrections, people
from karmayogi.registry import contents
from karmayogi.registry.acting import as_worker
from karmayogi.registry.imports import Result

pytestmark = pytest.mark.django_db
LATER = people_files.NOW + dt.timedelta(days=1)
ON = dt.date(2026, 1, 7)
FULL = {"email": "asha@example.org", "mobile": "+919800000001", "joined": "2015-03-01", "until": "2024-01-01"}
OTHER = {"employee_code": "E2", "post_code": "P2", "name": "Bimal Das"}


@pytest.fixture(autouse=True)
def _offices() -> None:
    people_files.offices()


def run(path: Path, *, now: dt.datetime = LATER, **options: object) -> Result:
    return people_files.run(path, now=now, **options)


def counts(result: Result) -> tuple[int, int, int, int]:
    return result.new, result.changed, result.same, result.quarantined


def content() -> dict[str, str]:
    with as_worker():
        return contents.hashes()


def traces() -> list[tuple[str, str, dict[str, object]]]:
    with as_worker(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT act, reason, details::text FROM institutions_auditrow WHERE act LIKE '%.correct'"
        )
        return [(act, reason, json.loads(details)) for act, reason, details in cursor.fetchall()]


def test_a_second_run_leaves_every_row_of_every_table_as_it_was(tmp_path: Path) -> None:
    path = table(tmp_path, FULL, OTHER)
    run(path, now=people_files.NOW)
    before = content()
    assert counts(run(path)) == (0, 0, 2, 0)
    assert contents.differing(before, content()) == ()


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("name", "Asha Rao-Sen"),
        ("email", "rao@example.org"),
        ("mobile", "+919811111111"),
        ("joined", "2015-04-01"),
    ],
)
def test_one_altered_cell_about_a_person_is_one_correction_with_its_trace(
    tmp_path: Path, column: str, said: str
) -> None:
    former = ({"name": "Asha Rao"} | FULL)[column]
    run(table(tmp_path, FULL, OTHER), now=people_files.NOW)
    mended = table(tmp_path, FULL | {column: said}, OTHER, name="mended.csv")
    assert counts(run(mended)) == (0, 1, 1, 0)
    with as_worker():
        assert str(getattr(corrections.recorded(["E1"])["E1"], column)) == said
    assert traces() == [("person.correct", "import mended.csv", {column: {"from": former, "to": said}})]
    before = content()
    assert counts(run(mended)) == (0, 0, 2, 0)
    assert contents.differing(before, content()) == ()


@pytest.mark.parametrize("column", ["email", "mobile", "joined", "until"])
def test_a_blank_cell_changes_nothing(tmp_path: Path, column: str) -> None:
    run(table(tmp_path, FULL, OTHER), now=people_files.NOW)
    before = content()
    assert counts(run(table(tmp_path, FULL | {column: ""}, OTHER, name="blank.csv"))) == (0, 0, 2, 0)
    assert contents.differing(before, content()) == ()


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"post_code": "P3"}, "post_code"),
        ({"since": "2020-02-01"}, "post_code"),
        ({"order_no": "O/9"}, "order_no"),
        ({"employee_code": "E9"}, "post_code"),
    ],
)
def test_what_is_no_correction_of_the_same_posting_is_set_aside_and_changes_nothing(
    tmp_path: Path, cells: dict[str, str], column: str
) -> None:
    run(table(tmp_path, FULL, OTHER), now=people_files.NOW)
    before = content()
    result = run(table(tmp_path, FULL | cells, OTHER, name="other.csv"))
    assert counts(result) == (0, 0, 1, 1)
    assert [(p.row, p.column) for p in result.problems] == [(2, column)]
    assert result.problems[0].mend
    assert contents.differing(before, content()) == ()


@pytest.mark.parametrize(
    ("first", "then"), [("", "2024-01-01"), ("2024-01-01", "2023-01-01"), ("2024-01-01", "2025-01-01")]
)
def test_another_end_closes_the_posting_in_record_time_and_writes_it_anew(
    tmp_path: Path, first: str, then: str
) -> None:
    run(table(tmp_path, {"until": first}, OTHER), now=people_files.NOW)
    mended = table(tmp_path, {"until": then}, OTHER, name="mended.csv")
    assert counts(run(mended)) == (0, 1, 1, 0)
    until = dt.date.fromisoformat(then)
    with as_worker(), connection.cursor() as cursor:
        person = people.by_codes(["E1"])["E1"]
        assert [(f.until, f.order_no) for f in postings.of([person])[person]] == [(until, "O/1")]
        assert [(f.since, f.until) for f in assignments.history([person])[person]] == [
            (dt.date(2020, 1, 1), until)
        ]
        cursor.execute(
            "SELECT upper(recorded), upper(during) FROM ehrms_posting WHERE person_id = %s ORDER BY lower(recorded)",
            [person],
        )
        ends = [None if not day else dt.date.fromisoformat(day) for day in (first, then)]
        assert cursor.fetchall() == [(LATER, ends[0]), (None, ends[1])]
    assert traces() == [("posting.correct", "import mended.csv", {"until": {"from": first, "to": then}})]
    before = content()
    assert counts(run(mended)) == (0, 0, 2, 0)
    assert contents.differing(before, content()) == ()


def test_a_posting_ended_makes_room_for_the_next_one_in_the_same_file(tmp_path: Path) -> None:
    run(table(tmp_path, {}), now=people_files.NOW)
    rows = ({"until": "2024-01-01"}, {"post_code": "P2", "since": "2024-01-01", "order_no": "O/2"})
    path = table(
        tmp_path, *rows, {"employee_code": "E2", "since": "2024-01-01", "order_no": "O/3"}, name="moved.csv"
    )
    assert counts(run(path)) == (2, 1, 0, 0)
    assert counts(run(path)) == (0, 0, 3, 0)


def test_a_longer_posting_that_meets_the_next_holder_is_set_aside_with_its_end(tmp_path: Path) -> None:
    rows = ({"until": "2024-01-01"}, {"employee_code": "E2", "since": "2024-01-01", "order_no": "O/2"})
    run(table(tmp_path, *rows), now=people_files.NOW)
    before = content()
    longer = {"until": "2024-06-01", "name": "Asha Sen"}
    result = run(table(tmp_path, longer, rows[1], name="longer.csv"))
    assert counts(result) == (0, 0, 1, 1)
    assert [(p.row, p.column, p.value) for p in result.problems] == [(2, "until", "2024-06-01")]
    assert contents.differing(before, content()) == ()


def test_whoever_no_longer_holds_the_post_no_longer_leads_and_the_next_one_does(tmp_path: Path) -> None:
    member = {"employee_code": "E3", "post_code": "P8"}
    run(table(tmp_path, member, {}), now=people_files.NOW, batch=1)
    with as_worker():
        chief, clerk = (people.by_codes(["E1", "E3"])[code] for code in ("E1", "E3"))
        assert [s.person for s in assignments.team(chief, on=ON)] == [clerk]
    run(table(tmp_path, member, {"until": "2024-01-01"}, name="ended.csv"))
    with as_worker():
        assert assignments.team(chief, on=ON) == []
        assert [s.person for s in assignments.team(chief, on=dt.date(2023, 12, 31))] == [clerk]
    run(table(tmp_path, {"employee_code": "E2", "since": "2025-01-01", "order_no": "O/2"}, name="next.csv"))
    with as_worker():
        successor = people.by_codes(["E2"])["E2"]
        assert [s.person for s in assignments.team(successor, on=ON)] == [clerk]
        assert [f.supervisor for f in assignments.history([clerk])[clerk]] == [successor, None, chief]
    before = content()
    run(table(tmp_path, member, {"until": "2024-01-01"}, name="ended.csv"))
    assert contents.differing(before, content()) == ()


@pytest.mark.parametrize("batch", [1, 10])
@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"name": "Asha Rai"}, "name"),
        ({"email": "a@example.org"}, "email"),
        ({"joined": "2014-01-01"}, "joined"),
    ],
)
def test_a_file_that_contradicts_itself_is_told_by_row_in_every_run(
    tmp_path: Path, cells: dict[str, str], column: str, batch: int
) -> None:
    second = {"post_code": "P2", "since": "2024-01-01", "order_no": "O/2"}
    path = table(tmp_path, FULL, OTHER | {"post_code": "P3"}, FULL | second | {"until": ""} | cells)
    for expected in ((2, 0, 0, 1), (0, 0, 2, 1)):
        result = run(path, batch=batch)
        assert counts(result) == expected
        assert [(p.row, p.column) for p in result.problems] == [(4, column)]
        assert "Row 2 of this file" in result.problems[0].what


def test_two_ends_or_two_orders_of_one_posting_in_a_file_are_told_by_row(tmp_path: Path) -> None:
    path = table(tmp_path, FULL, FULL | {"until": "2025-01-01"}, FULL | {"order_no": "O/2"}, FULL)
    for expected in ((1, 0, 1, 2), (0, 0, 2, 2)):
        result = run(path)
        assert counts(result) == expected
        assert sorted((p.row, p.column) for p in result.problems) == [(3, "until"), (4, "order_no")]


def test_what_a_later_row_adds_to_a_person_is_taken_with_the_first(tmp_path: Path) -> None:
    blank = FULL | dict.fromkeys(("email", "mobile", "joined"), "")
    path = table(tmp_path, blank, FULL)
    assert counts(run(path)) == (1, 0, 1, 0)
    before = content()
    assert counts(run(path)) == (0, 0, 2, 0)
    assert contents.differing(before, content()) == ()


def test_a_dry_run_counts_corrections_and_keeps_none(tmp_path: Path) -> None:
    run(table(tmp_path, FULL), now=people_files.NOW)
    before = content()
    mended = table(tmp_path, FULL | {"name": "Asha Sen", "until": "2023-01-01"}, name="mended.csv")
    assert counts(run(mended, dry_run=True)) == (0, 1, 0, 0)
    assert contents.differing(before, content()) == ()


def test_a_row_set_aside_takes_its_correction_with_it(tmp_path: Path) -> None:
    run(table(tmp_path, {}, OTHER), now=people_files.NOW)
    moved = OTHER | {"post_code": "P1", "since": "2021-01-01", "name": "Bimal Das Gupta"}
    assert counts(run(table(tmp_path, {}, moved, name="moved.csv"))) == (0, 0, 1, 1)
    with as_worker():
        assert corrections.recorded(["E2"])["E2"].name == "Bimal Das"
