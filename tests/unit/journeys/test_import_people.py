import csv
import datetime as dt
from pathlib import Path

import pytest
from django.db import connection

from karmayogi.ehrms import postings, posts
from karmayogi.ehrms.posts import NewPost
from karmayogi.institutions import bodies, people
from karmayogi.institutions.bodies import NewBody
from karmayogi.journeys import import_people
from karmayogi.registry.acting import as_worker
from karmayogi.registry.imports import Result

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)
BLANK = dict.fromkeys(import_people.COLUMNS, "") | {
    "employee_code": "E1", "name": "Asha Rao", "post_code": "P1", "since": "2020-01-01", "order_no": "O/1",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _posts() -> None:
    with as_worker():
        known = bodies.establish(
            [NewBody("OFF", "Office", "office")], since=dt.date(2019, 1, 1), order_no="O/0"
        )
        posts.sanction(
            [NewPost(f"P{n}", known["OFF"], "Clerk", "G", dt.date(2019, 1, 1), "O/0") for n in range(1, 9)]
        )


def table(folder: Path, *rows: dict[str, str], name: str = "people.csv") -> Path:
    path = folder / name
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, import_people.COLUMNS)
        writer.writeheader()
        writer.writerows(BLANK | row for row in rows)
    return path


def run(path: Path, **options: object) -> Result:
    return import_people.run(path, now=NOW, **options)  # type: ignore[arg-type]


def test_people_are_enrolled_and_posted_by_the_order_named(tmp_path: Path) -> None:
    result = run(table(tmp_path, {}, {"employee_code": "E2", "post_code": "P2", "until": "2021-01-01"}))
    assert (result.read, result.accepted, result.new) == (2, 2, 2)
    with as_worker():
        ids = people.by_codes(["E1", "E2"])
        held = postings.of(ids.values())
    assert [(f.post_code, f.until, f.order_no) for f in held[ids["E2"]]] == [
        ("P2", dt.date(2021, 1, 1), "O/1")
    ]


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
