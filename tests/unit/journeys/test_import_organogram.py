import csv
import datetime as dt
from pathlib import Path

import pytest

from karmayogi.ehrms import postings, posts
from karmayogi.institutions import assignments, bodies, people
from karmayogi.journeys import import_organogram
from karmayogi.registry.acting import as_worker
from karmayogi.registry.imports import Result
from karmayogi.standards.organogram import JUNIOR_COLUMNS, SENIOR_COLUMNS

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)
DATA = Path(__file__).parents[4] / "shared/data/organograms"
BLANK = dict.fromkeys(SENIOR_COLUMNS, "") | {
    "snapshot": "2011-03-31", "org_slug": "office", "organisation": "The Office", "grade": "SCS1",
    "parent_department": "The Department", "reports_to": "XX", "fte": "1", "job_title": "Director",
}  # fmt: skip


def senior(folder: Path, *rows: dict[str, str], name: str = "senior.csv") -> Path:
    path = folder / name
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, SENIOR_COLUMNS)
        writer.writeheader()
        writer.writerows(BLANK | row for row in rows)
    return path


def run(path: Path, **options: object) -> Result:
    return import_organogram.run(path, now=NOW, **options)  # type: ignore[arg-type]


TWO_SNAPSHOTS = (
    {"post_ref": "1", "holder": "Paaa"},
    {"post_ref": "2", "holder": "Pbbb", "reports_to": "1"},
    {"post_ref": "3", "holder": "VACANT", "reports_to": "1"},
    {"post_ref": "1", "holder": "Paaa", "snapshot": "2011-09-30"},
    {"post_ref": "2", "holder": "Pccc", "reports_to": "1", "snapshot": "2011-09-30"},
    {"post_ref": "3", "holder": "ELIMINATED", "reports_to": "1", "snapshot": "2011-09-30"},
)


def test_snapshots_become_posts_with_dated_postings(tmp_path: Path) -> None:
    result = run(senior(tmp_path, *TWO_SNAPSHOTS))
    assert (result.read, result.accepted, result.quarantined, result.new) == (6, 6, 0, 6)
    with as_worker():
        ids = people.by_codes(["Paaa", "Pbbb", "Pccc"])
        held = postings.of(ids.values())
        office = bodies.by_code("office")
        above = [body.name for body in bodies.above(office)]
        team = assignments.team(ids["Paaa"], on=dt.date(2011, 4, 1))
        third = posts.by_code("office/3")
    assert [(f.since, f.until) for f in held[ids["Paaa"]]] == [(dt.date(2011, 3, 31), None)]
    assert [(f.since, f.until) for f in held[ids["Pbbb"]]] == [(dt.date(2011, 3, 31), dt.date(2011, 9, 30))]
    assert [f.order_no for f in held[ids["Pccc"]]] == ["organogram/office/2011-09-30"]
    assert above == ["The Department", "The Office"]
    assert [member.person for member in team] == [ids["Pbbb"]]
    assert third.state == "abolished"


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    path = senior(tmp_path, *TWO_SNAPSHOTS)
    run(path)
    again = run(path)
    assert (again.new, again.changed, again.same, again.quarantined) == (0, 0, 6, 0)


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    assert run(senior(tmp_path, *TWO_SNAPSHOTS), dry_run=True).new == 6
    with as_worker():
        assert posts.by_codes(["office/1"]) == {}
        assert people.by_codes(["Paaa"]) == {}


def test_job_sharers_take_disjoint_parts_of_their_post(tmp_path: Path) -> None:
    result = run(
        senior(
            tmp_path,
            {"post_ref": "1", "holder": "Paaa", "fte": "0.6"},
            {"post_ref": "1", "holder": "Pbbb", "fte": "0.4"},
        )
    )
    assert result.accepted == 2
    with as_worker():
        post = posts.by_code("office/1")
        holders = postings.holders([post.id], on=dt.date(2011, 4, 1))[post.id]
    assert sorted(h.share for h in holders) == [0.4, 0.6]


def test_a_holder_whose_name_is_withheld_is_not_a_person(tmp_path: Path) -> None:
    result = run(senior(tmp_path, {"post_ref": "1", "holder": "N/D"}))
    assert result.accepted == 1
    with as_worker():
        post = posts.by_code("office/1")
        assert postings.holders([post.id], on=dt.date(2011, 4, 1)) == {}


def test_a_later_file_that_contradicts_an_order_is_set_aside_by_row(tmp_path: Path) -> None:
    run(senior(tmp_path, {"post_ref": "1", "holder": "Paaa"}))
    result = run(senior(tmp_path, {"post_ref": "1", "holder": "Pzzz"}, name="other.csv"))
    assert (result.read, result.accepted, result.quarantined) == (1, 0, 1)
    assert (result.problems[0].row, result.problems[0].column, result.problems[0].value) == (
        2,
        "holder",
        "Pzzz",
    )


def test_junior_counts_become_pooled_strength_once(tmp_path: Path) -> None:
    path = tmp_path / "junior.csv"
    row = dict.fromkeys(JUNIOR_COLUMNS, "") | {
        "snapshot": "2011-03-31", "org_slug": "office", "organisation": "The Office", "grade": "EO",
        "parent_department": "The Department", "posts_fte": "2.5", "generic_job_title": "Clerk",
    }  # fmt: skip
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, JUNIOR_COLUMNS)
        writer.writeheader()
        writer.writerows([row, row, row | {"posts_fte": "some"}])
    result = run(path)
    assert (result.read, result.accepted, result.quarantined, result.new) == (3, 2, 1, 2)
    assert result.problems[0].column == "posts_fte"
    assert run(path).new == 0


@pytest.mark.needs(DATA.exists(), "the real files are not here")
def test_the_real_senior_posts_are_imported_whole_and_once() -> None:
    path = DATA / "uk_organogram_senior.csv.gz"
    first, again = run(path), run(path)
    assert first.read == first.accepted + first.quarantined == 9366
    assert (again.new, again.changed, again.accepted) == (0, 0, first.accepted)
