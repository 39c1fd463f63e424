"""Organograms: each rule on a small case, and the counts of the real files."""

from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from karmayogi.standards import organogram, tables

DATA = Path(__file__).parents[3].parent / "shared" / "data" / "organograms"
REAL = [DATA] if DATA.is_dir() else []
POST = {
    "snapshot": "2011-03-31", "org_slug": "acas", "post_ref": "1", "holder": "Pa", "grade": "SCS1",
    "job_title": "Head",
    "function": "",
    "parent_department": "D", "organisation": "Acas", "unit": "U", "reports_to": "XX",
    "reports_cost": "5",
    "fte": "1", "pay_floor": "70000.00", "pay_ceiling": "N/D", "profession": "",
}  # fmt: skip
LINE = {
    "snapshot": "2011-03-31", "org_slug": "acas", "parent_department": "D", "organisation": "Acas",
    "unit": "U", "reporting_senior_post": "1", "grade": "Grade 7", "pay_min": "100", "pay_max": "200",
    "generic_job_title": "Adviser",
    "posts_fte": "2.5", "profession": "",
}  # fmt: skip
FIRST, SECOND, THIRD = date(2011, 3, 31), date(2011, 9, 30), date(2012, 3, 31)


def rows(*changes, base=POST):
    return [tables.Row(n, n, {**base, **change}) for n, change in enumerate(changes, start=2)]


def seniors(*changes):
    reading = organogram.seniors(rows(*changes))
    assert reading.read == len(changes) == len(reading.accepted) + len(reading.problems)
    return reading


def test_a_plain_row_becomes_a_post():
    (post,) = seniors({}).accepted
    assert (post.state, post.holder, post.top, post.reports_to, post.fte) == ("held", "Pa", True, None, 1.0)
    assert (post.snapshot, post.pay_floor, post.pay_ceiling) == (FIRST, 70000, None)


@pytest.mark.parametrize(
    ("holder", "state"),
    [("N/D", "undisclosed"), ("", "undisclosed"), ("Vacant", "vacant"), ("ELIMINATED", "abolished")],
)
def test_words_in_place_of_a_name_become_states(holder, state):
    (post,) = seniors({"holder": holder}).accepted
    assert (post.state, post.holder) == (state, "")


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"grade": "OF-6"}, "grade"),
        ({"fte": "http://a.example"}, "fte"),
        ({"fte": "0"}, "fte"),
        ({"fte": "1.2"}, "fte"),
        ({"post_ref": "0"}, "post_ref"),
        ({"post_ref": "Eliminated"}, "post_ref"),
        ({"snapshot": "31/03/2011"}, "snapshot"),
    ],
)
def test_rows_that_break_a_rule_of_their_own_are_quarantined(change, column):
    (problem,) = seniors(change).problems
    assert problem.column == column
    assert problem.mend


def test_an_exact_repeat_is_said_twice():
    (problem,) = seniors({}, {}).problems
    assert (problem.row, problem.what) == (3, "Said twice: the row equals row 2")


def test_two_holders_whose_time_adds_up_to_one_share_the_post():
    reading = seniors({"fte": "0.5"}, {"holder": "Pb", "fte": "0.5"})
    assert [post.share for post in reading.accepted] == [True, True]


@pytest.mark.parametrize(
    "second", [{"holder": "Pb"}, {"holder": "Pb", "fte": ""}, {"holder": "N/D", "fte": "0.4"}, {"fte": "0.5"}]
)
def test_otherwise_only_the_first_of_two_holders_is_accepted(second):
    reading = seniors({"fte": "0.7"}, second)
    assert [post.row for post in reading.accepted] == [2]
    assert reading.problems[0].row == 3


def test_a_holder_outweighs_vacant_and_vacant_outweighs_abolished():
    reading = seniors({"holder": "ELIMINATED"}, {"holder": "VACANT"}, {})
    assert [post.state for post in reading.accepted] == ["held"]
    assert [problem.row for problem in reading.problems] == [2, 3]


def test_one_name_on_four_posts_is_a_phrase_and_not_a_person():
    reading = seniors(
        *({"post_ref": str(n)} for n in range(1, 5)), {"snapshot": "2011-09-30", "post_ref": "9"}
    )
    assert {post.state for post in reading.accepted} == {"undisclosed"}
    assert len([warned for warned in reading.warnings if warned.column == "holder"]) == 5


def test_lines_that_lead_nowhere_are_dropped_with_a_warning_and_the_post_stays():
    reading = seniors(
        {"post_ref": "A1"},
        {"post_ref": "B", "holder": "Pb", "reports_to": "a1"},
        {"post_ref": "C", "holder": "Pc", "reports_to": "C"},
        {"post_ref": "D", "holder": "Pd", "reports_to": "Z"},
        {"post_ref": "E", "holder": "Pe", "reports_to": "F"},
        {"post_ref": "F", "holder": "Pf", "reports_to": "E"},
    )
    assert {post.post_ref: post.reports_to for post in reading.accepted} == {
        "A1": None, "B": "A1", "C": None, "D": None, "E": "F", "F": None,
    }  # fmt: skip
    assert [warned.row for warned in reading.warnings] == [3, 4, 5, 7]


def test_problems_of_the_table_reader_are_counted_as_quarantined():
    reading = organogram.seniors([tables.Problem(2, "", "", "cut", "mend"), *rows({})[:1]])
    assert (reading.read, len(reading.accepted), len(reading.problems)) == (2, 1, 1)


def told(*changes):
    found = organogram.postings(organogram.seniors(rows(*changes)).accepted)
    return [(p.post_ref, p.holder, p.since, p.until, p.kind, p.share) for p in found]


def test_a_holder_who_stays_is_one_posting_and_a_successor_begins_another():
    assert told({}, {"snapshot": "2011-09-30"}, {"snapshot": "2012-03-31", "holder": "Pb"}) == [
        ("1", "Pa", FIRST, THIRD, "substantive", 1.0),
        ("1", "Pb", THIRD, None, "substantive", 1.0),
    ]


def test_a_post_that_is_vacant_or_gone_ends_the_posting():
    later = {"snapshot": "2011-09-30", "post_ref": "2", "holder": "Pz"}
    assert told({}, later)[0] == ("1", "Pa", FIRST, SECOND, "substantive", 1.0)
    assert told({}, {"snapshot": "2011-09-30", "holder": "VACANT"})[0][3] == SECOND


def test_a_person_in_two_posts_has_one_substantive_and_it_passes_on():
    assert told(
        {"fte": "0.4"}, {"post_ref": "2", "fte": "0.6"}, {"snapshot": "2011-09-30", "fte": "0.4"}
    ) == [
        ("1", "Pa", FIRST, SECOND, "additional", 1.0),
        ("1", "Pa", SECOND, None, "substantive", 1.0),
        ("2", "Pa", FIRST, SECOND, "substantive", 1.0),
    ]


def test_a_person_who_appears_in_another_body_has_moved_there():
    assert told({}, {"org_slug": "other", "post_ref": "9", "snapshot": "2011-09-30"}) == [
        ("1", "Pa", FIRST, SECOND, "substantive", 1.0),
        ("1", "Pa", SECOND, None, "additional", 1.0),
        ("9", "Pa", SECOND, None, "substantive", 1.0),
    ]


def test_sharers_carry_their_share_of_the_post():
    assert told({"fte": "0.6"}, {"holder": "Pb", "fte": "0.4"}) == [
        ("1", "Pa", FIRST, None, "substantive", 0.6),
        ("1", "Pb", FIRST, None, "substantive", 0.4),
    ]


def test_withheld_holders_are_kept_apart_from_persons():
    assert told({"holder": "N/D"}, {"holder": "N/D", "snapshot": "2011-09-30"}) == [
        ("1", "", FIRST, None, "undisclosed", 1.0)
    ]


def juniors(*changes, **options):
    reading = organogram.juniors(rows(*changes, base=LINE), **options)
    assert reading.read == len(changes) == len(reading.accepted) + len(reading.problems)
    return reading


def test_equal_lines_add_up():
    assert sum(line.posts_fte for line in juniors({}, {}).accepted) == 5.0


def test_a_body_published_twice_over_is_counted_once():
    lines = [{"unit": unit} for unit in "ABC"]
    reading = juniors(*lines, *lines, {"unit": "Z", "org_slug": "other"})
    assert [line.row for line in reading.accepted] == [2, 3, 4, 8]
    assert [problem.row for problem in reading.problems] == [5, 6, 7]


def test_strange_pay_is_set_aside_with_a_warning():
    reading = juniors({"pay_min": "band-2"}, {"pay_min": "300"})
    assert [(line.pay_min, line.pay_max) for line in reading.accepted] == [(None, 200), (None, None)]
    assert len(reading.warnings) == 2


def test_a_line_without_a_number_of_posts_is_quarantined_and_one_under_no_post_is_kept():
    reading = juniors({"posts_fte": "many"}, {}, {"reporting_senior_post": "9"}, seniors=seniors({}).accepted)
    assert [line.reports_to for line in reading.accepted] == ["1", None]
    assert [warned.row for warned in reading.warnings] == [4]


@pytest.mark.parametrize("folder", REAL)
def test_the_real_files_add_up_and_give_one_substantive_posting_at_any_instant(folder):
    limits = {"most_bytes": 10**9, "most_rows": 10**6}
    senior = tables.read(folder / "uk_organogram_senior.csv.gz", required=organogram.SENIOR_COLUMNS, **limits)
    posts = organogram.seniors(senior)
    assert (posts.read, len(posts.accepted), len(posts.problems)) == (9366, 9261, 105)
    assert len({problem.row for problem in posts.problems}) == 105
    assert Counter(problem.column for problem in posts.problems) == {
        "post_ref": 89,
        "holder": 12,
        "fte": 3,
        "grade": 1,
    }
    keys = Counter((p.snapshot, p.org_slug, p.post_ref) for p in posts.accepted if not p.share)
    assert max(keys.values()) == 1
    facts = organogram.postings(posts.accepted)
    assert len(facts) == 6190
    held: dict[str, list] = {}
    for fact in facts:
        if fact.kind == "substantive":
            held.setdefault(fact.holder, []).append((fact.since, fact.until or date.max))
    for spans in held.values():
        spans.sort()
        assert all(before[1] <= after[0] for before, after in pairwise(spans))
    junior = tables.read(folder / "uk_organogram_junior.csv.gz", required=organogram.JUNIOR_COLUMNS, **limits)
    lines = organogram.juniors(junior, seniors=posts.accepted)
    assert (lines.read, len(lines.accepted), len(lines.problems)) == (82380, 81990, 390)
