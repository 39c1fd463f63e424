import gzip
from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from tests.unit.journeys import people_files
from tests.unit.journeys.people_files import run, table

from karmayogi.ehrms import postings
from karmayogi.institutions import people
from karmayogi.registry.acting import as_worker
from karmayogi.standards.tables import WrongColumns, WrongEncoding

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _offices() -> None:
    people_files.offices()


def test_people_are_enrolled_and_posted_by_the_order_named(tmp_path: Path) -> None:
    result = run(table(tmp_path, {}, {"employee_code": "E2", "post_code": "P2", "until": "2021-01-01"}))
    assert (result.read, result.accepted, result.new) == (2, 2, 2)
    with as_worker():
        ids = people.by_codes(["E1", "E2"])
        held = postings.of(ids.values())
    assert [(f.post_code, f.until, f.order_no) for f in held[ids["E2"]]] == [("P2", date(2021, 1, 1), "O/1")]


def test_a_second_run_changes_nothing_and_more_rows_add_only_themselves(tmp_path: Path) -> None:
    run(table(tmp_path, {}))
    assert run(table(tmp_path, {})).new == 0
    result = run(table(tmp_path, {}, {"employee_code": "E2", "post_code": "P2"}, name="more.csv"))
    assert (result.new, result.same, result.quarantined) == (1, 1, 0)


def test_a_person_without_a_post_is_only_enrolled(tmp_path: Path) -> None:
    assert run(table(tmp_path, {"post_code": "", "since": "", "order_no": ""})).new == 1
    with as_worker():
        assert postings.of(people.by_codes(["E1"]).values()) == {}


def test_two_holders_at_once_are_told_by_row_and_the_first_stays(tmp_path: Path) -> None:
    result = run(table(tmp_path, {}, {"employee_code": "E2"}, {"employee_code": "E3", "post_code": "P3"}))
    assert (result.read, result.accepted, result.quarantined) == (3, 2, 1)
    assert [(p.row, p.column, p.value) for p in result.problems] == [(3, "post_code", "P1")]


def test_a_row_set_aside_leaves_neither_person_nor_line_of_an_order(tmp_path: Path) -> None:
    run(table(tmp_path, {}, {"employee_code": "E2"}, {"employee_code": "E3", "post_code": "P3"}))
    with as_worker(), connection.cursor() as cursor:
        assert sorted(people.by_codes(["E1", "E2", "E3"])) == ["E1", "E3"]
        cursor.execute("SELECT count(*) FROM ehrms_orderline")
        assert cursor.fetchone() == (2,)


def test_one_official_on_two_posts_at_once_is_told_by_row(tmp_path: Path) -> None:
    result = run(table(tmp_path, {}, {"post_code": "P2", "since": "2020-06-01"}))
    assert [(p.row, p.column) for p in result.problems] == [(3, "post_code")]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"employee_code": ""}, "employee_code"),
        ({"name": " "}, "name"),
        ({"email": "at home"}, "email"),
        ({"since": "31.12.2020"}, "since"),
        ({"joined": "2020-02-30"}, "joined"),
        ({"until": "2019-12-31"}, "until"),
        ({"post_code": "P99"}, "post_code"),
        ({"order_no": ""}, "order_no"),
        ({"name": "x" * 201}, "name"),
    ],
)
def test_a_bad_cell_is_named_and_the_other_rows_are_imported(
    tmp_path: Path, cells: dict[str, str], column: str
) -> None:
    good = {"employee_code": "E2", "post_code": "P2"}
    result = run(table(tmp_path, cells, good))
    assert (result.read, result.accepted, result.quarantined) == (2, 1, 1)
    assert (result.problems[0].row, result.problems[0].column) == (2, column)
    with as_worker():
        assert list(people.by_codes(["E1", "E2"])) == ["E2"]


def test_a_wrong_column_is_named_with_the_one_that_may_be_meant(tmp_path: Path) -> None:
    path = table(tmp_path, {})
    path.write_text(path.read_text().replace("post_code", "post code"))
    with pytest.raises(WrongColumns, match="Column 'post_code' is missing; did you mean 'post code'"):
        run(path)
    with as_worker():
        assert people.by_codes(["E1"]) == {}


def test_a_cell_in_the_wrong_encoding_is_told_by_row_and_column(tmp_path: Path) -> None:
    path = table(tmp_path, {"employee_code": "E2", "post_code": "P2", "name": "Ren\u00e9"}, {})
    path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))
    result = run(path)
    assert (result.read, result.accepted, result.quarantined) == (2, 1, 1)
    assert [(p.row, p.column, p.value) for p in result.problems] == [(2, "name", "0xE9")]


def test_a_heading_in_the_wrong_encoding_stops_the_import(tmp_path: Path) -> None:
    path = table(tmp_path, {})
    path.write_bytes(b"\xff\xfe" + path.read_text(encoding="utf-8").encode("utf-16-le"))
    with pytest.raises(WrongEncoding):
        run(path)


def test_a_file_cut_in_the_middle_of_a_row_keeps_its_whole_rows(tmp_path: Path) -> None:
    path = table(tmp_path, {}, {"employee_code": "E2", "post_code": "P2"})
    content = path.read_bytes()
    path.write_bytes(content[: content.rindex(b"P2") + 1])
    result = run(path)
    assert (result.read, result.accepted, result.quarantined) == (2, 1, 1)
    assert result.problems[0].row == 3


def test_a_compressed_file_cut_in_the_middle_is_told(tmp_path: Path) -> None:
    rows = [{"employee_code": f"E{n}", "post_code": "", "name": f"Asha {n * 7919}"} for n in range(4000)]
    path = tmp_path / "people.csv.gz"
    packed = gzip.compress(table(tmp_path, *rows).read_bytes())
    path.write_bytes(packed[: len(packed) // 2])
    result = run(path)
    assert 0 < result.accepted < 4000
    assert "ends too early" in result.problems[-1].what
