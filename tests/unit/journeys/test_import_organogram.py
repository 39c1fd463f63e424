import csv
import datetime as dt
from pathlib import Path

import pytest
from django.db import connection, transaction

from karmayogi.ehrms import descriptions, postings, posts, reporting_lines
from karmayogi.institutions import assignments, bodies, people
from karmayogi.journeys import import_organogram
from karmayogi.registry import contents
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


FIRST, SECOND, THIRD = "2011-03-31", "2011-09-30", "2012-03-31"
PEOPLE = ("Paaa", "Pbbb", "Pccc", "Pddd")
BY_SNAPSHOT = {
    FIRST: (
        {"post_ref": "1", "holder": "Paaa"},
        {"post_ref": "2", "holder": "Pbbb"},
        {"post_ref": "3", "holder": "Pccc", "reports_to": "1"},
        {"post_ref": "4", "holder": "VACANT", "reports_to": "2"},
    ),
    SECOND: (
        {"post_ref": "1", "holder": "Pddd", "job_title": "Director General"},
        {"post_ref": "2", "holder": "Pbbb"},
        {"post_ref": "3", "holder": "Pccc", "reports_to": "1"},
    ),
    THIRD: (
        {"post_ref": "1", "holder": "Pddd", "job_title": "Director General"},
        {"post_ref": "2", "holder": "Pbbb", "reports_to": "1"},
        {"post_ref": "3", "holder": "Pccc", "reports_to": "2"},
    ),
}  # fmt: skip


def snapshots(folder: Path, *days: str) -> Path:
    rows = [row | {"snapshot": day} for day in days for row in BY_SNAPSHOT[day]]
    return senior(folder, *rows, name="-".join(days) + ".csv")


def stored() -> dict[str, str]:
    with as_worker():
        return contents.hashes()


def facts() -> tuple[object, ...]:
    """Posts, lines, postings and assignments, in words."""
    with as_worker():
        ids = people.by_codes(PEOPLE)
        names = {id: name for name, id in ids.items()}
        seats = {c: posts.by_code(f"office/{c}").id for c in "123"}
        seats |= {
            c: card.id for c, card in {"4": posts.by_codes(["office/4"]).get("office/4")}.items() if card
        }
        codes = {id: code for code, id in seats.items()}
        described = descriptions.of([bodies.by_code("office").id])
        return (
            {c: (d.designation, d.state, d.since, d.until) for c, d in described.items()},
            {codes[p]: [(codes[f.above], f.since, f.until) for f in found]
             for p, found in reporting_lines.history(seats.values()).items()},
            {names[p]: [(f.post_code, f.kind, f.since, f.until) for f in found]
             for p, found in postings.of(ids.values()).items()},
            {names[p]: [(f.designation, names.get(f.supervisor), f.since, f.until) for f in found]
             for p, found in assignments.history(ids.values()).items()},
        )  # fmt: skip


def test_every_snapshot_keeps_its_line_and_its_boss(tmp_path: Path) -> None:
    path = snapshots(tmp_path, FIRST, SECOND, THIRD)
    assert run(path).new == 10
    one, two, three = (dt.date.fromisoformat(day) for day in (FIRST, SECOND, THIRD))
    _, lines, _, served = facts()
    assert lines["3"] == [("1", one, three), ("2", three, None)]
    assert served["Paaa"][0][0] == "Director"
    assert [(boss, since, until) for _, boss, since, until in served["Pccc"]] == [
        ("Pbbb", three, None),
        ("Pddd", two, three),
        ("Paaa", one, two),
    ]
    before = stored()
    again = run(path)
    assert (again.new, again.changed, again.same) == (0, 0, 10)
    assert contents.differing(before, stored()) == ()


@pytest.mark.parametrize("order", [(FIRST, SECOND, THIRD), (THIRD, FIRST, SECOND), (SECOND, THIRD, FIRST)])
def test_snapshots_in_files_of_their_own_come_to_the_same_as_in_one(
    tmp_path: Path, order: tuple[str, ...]
) -> None:
    with transaction.atomic():
        run(snapshots(tmp_path, FIRST, SECOND, THIRD))
        whole = facts()
        transaction.set_rollback(True)
    for day in order:
        result = run(snapshots(tmp_path, day))
        assert (result.quarantined, run(snapshots(tmp_path, day)).same) == (0, result.read)
    described, lines, held, served = facts()
    assert (described, lines, held) == whole[:3]
    # The title of former days is known only to whoever imports the snapshots in their order.
    assert order[0] != FIRST or served == whole[3]


def test_a_later_snapshot_changes_what_the_former_said_and_overwrites_nothing(tmp_path: Path) -> None:
    run(snapshots(tmp_path, FIRST))
    result = run(snapshots(tmp_path, FIRST, SECOND))
    # Posts 1 and 4 of the first snapshot now end; the second one brings a holder.
    assert (result.new, result.changed, result.same, result.quarantined) == (1, 2, 4, 0)
    with as_worker(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ehrms_posting WHERE NOT upper_inf(recorded)")
        assert cursor.fetchone() == (1,)
        cursor.execute("SELECT designation, until FROM ehrms_formerdescription ORDER BY designation, until")
        assert ("Director", dt.date(2011, 9, 30)) in cursor.fetchall()
    with as_worker():
        ids = people.by_codes(PEOPLE)
        held = assignments.history(ids.values())
    assert [f.designation for f in held[ids["Pddd"]]] == ["Director General"]


def test_another_line_title_and_state_at_a_known_snapshot_are_applied_and_counted(tmp_path: Path) -> None:
    run(snapshots(tmp_path, FIRST))
    mended = [dict(row) for row in BY_SNAPSHOT[FIRST]]
    mended[1] |= {"job_title": "Head"}
    mended[2] |= {"reports_to": "2"}
    mended[3] |= {"holder": "ELIMINATED"}
    result = run(senior(tmp_path, *mended, name="mended.csv"))
    assert (result.new, result.changed, result.same) == (0, 3, 1)
    described, lines, _, served = facts()
    assert (described["office/2"][0], described["office/4"][1]) == ("Head", "abolished")
    assert lines["3"][0][0] == "2"
    assert [(said, boss) for said, boss, *_ in served["Pccc"]] == [("Director", "Pbbb")]
    assert [said for said, *_ in served["Pbbb"]] == ["Head"]


def test_a_vacancy_does_not_end_a_posting_of_the_same_snapshot(tmp_path: Path) -> None:
    run(snapshots(tmp_path, FIRST))
    result = run(senior(tmp_path, {"post_ref": "1", "holder": "VACANT"}, name="other.csv"))
    assert (result.accepted, result.quarantined, result.problems[0].column) == (0, 1, "holder")


def test_who_is_seen_in_another_office_later_has_moved(tmp_path: Path) -> None:
    run(senior(tmp_path, {"post_ref": "1", "holder": "Paaa"}))
    other = {"org_slug": "board", "organisation": "The Board", "post_ref": "9", "holder": "Paaa"}
    result = run(senior(tmp_path, other | {"snapshot": SECOND}, name="board.csv"))
    assert (result.new, result.quarantined) == (1, 0)
    with as_worker():
        who = people.by_codes(["Paaa"])["Paaa"]
        found = [(f.post_code, f.kind, f.since.isoformat(), f.until) for f in postings.of([who])[who]]
    assert sorted(found) == [
        ("board/9", "substantive", SECOND, None),
        ("office/1", "additional_charge", SECOND, None),
        ("office/1", "substantive", FIRST, dt.date(2011, 9, 30)),
    ]


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


def junior(folder: Path, *rows: dict[str, str], name: str) -> Path:
    blank = dict.fromkeys(JUNIOR_COLUMNS, "") | {
        "org_slug": "office", "organisation": "The Office", "grade": "EO", "generic_job_title": "Clerk",
        "parent_department": "The Department",
    }  # fmt: skip
    path = folder / name
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, JUNIOR_COLUMNS)
        writer.writeheader()
        writer.writerows(blank | row for row in rows)
    return path


def test_a_later_count_ends_the_former_strength_and_says_so(tmp_path: Path) -> None:
    first, second = ({"snapshot": day, "posts_fte": n} for day, n in ((FIRST, "2"), (SECOND, "3")))
    run(junior(tmp_path, first, name="one.csv"))
    both = junior(tmp_path, first, second, name="both.csv")
    result, again = run(both), run(both)
    assert (result.new, result.changed, again.new, again.changed, again.same) == (1, 1, 0, 0, 2)
    with as_worker(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT fte::int, upper(during), upper_inf(recorded) FROM ehrms_pooledstrength ORDER BY 1, 2 NULLS LAST"
        )
        assert cursor.fetchall() == [
            (2, dt.date(2011, 9, 30), True),
            (2, None, False),
            (3, None, True),
        ]


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
