"""Files of answers as they come: every bad row named, everything else used, counts that add up."""

from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karmayogi.cli.score.ratings import read as read_ratings
from karmayogi.cli.score.responses import Columns, Responses, read
from karmayogi.cli.score.tables import FileCannotBeUsed


def of(tmp_path: Path, data: bytes | str, **columns: object) -> Responses:
    path = tmp_path / "answers.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read(path, Columns(**columns))  # type: ignore[arg-type]


def adds_up(found: Responses) -> bool:
    tally = found.tally
    return (
        tally.rows == tally.rows_used + tally.rows_aside
        and tally.answers == tally.answers_used + tally.answers_aside
        and tally.answers_used == len(found.code)
    )


def test_a_wide_file_is_read_as_it_stands(tmp_path):
    found = of(tmp_path, "person,q1,q2\na,0,1\nb,1,\nc,NA,0\n")
    assert (found.layout, found.persons, found.items) == ("wide", ("a", "b", "c"), ("q1", "q2"))
    assert found.matrix.tolist() == [[0, 1], [1, -1], [-1, 0]]
    assert (found.tally.rows, found.tally.answers, found.tally.blanks) == (3, 4, 2)
    assert adds_up(found)


def test_a_long_file_is_recognised_and_read(tmp_path):
    found = of(tmp_path, "person,item,response\nb,q2,1\nb,q1,0\na,q1,1\n")
    assert (found.layout, found.persons, found.items) == ("long", ("b", "a"), ("q2", "q1"))
    assert found.matrix.tolist() == [[1, 0], [-1, 1]]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("cut", [",", ";", "\t"])
def test_line_ends_byte_order_mark_and_separator_do_not_matter(tmp_path, end, mark, cut):
    lines = ["person,q1,q2", "a,0,1", '"b, the second",1,0']
    text = (
        lines[0].replace(",", cut)
        + end
        + lines[1].replace(",", cut)
        + end
        + f'"b, the second"{cut}1{cut}0'
        + end
    )
    found = of(tmp_path, mark + text)
    assert (found.persons, found.matrix.tolist()) == (("a", "b, the second"), [[0, 1], [1, 0]])


@pytest.mark.parametrize(
    ("text", "row", "column", "word"),
    [
        ("person,q1,q2\na,0,1\nb,1,x\nc,1,0\nd,0,0\n", 3, "q2", "whole number"),
        ("person,q1,q2\na,0,1\nb,1,0.5\nc,1,0\nd,0,0\n", 3, "q2", "whole number"),
        ("person,q1,q2\na,0,1\nb,1,NaN\nc,1,0\nd,0,0\n", 3, "q2", "NaN"),
        ("person,q1,q2\na,0,1\nb,1,inf\nc,1,0\nd,0,0\n", 3, "q2", "whole number"),
        ("person,q1,q2\na,0,1\nb,1,-3\nc,1,0\nd,0,0\n", 3, "q2", "whole number"),
        ("person,q1,q2\na,0,1\na,1,1\nc,1,0\n", 3, "person", "row 2 already"),
        ("person,q1,q2\na,0,1\n,1,1\nc,1,0\n", 3, "person", "names nobody"),
        ("person,q1,q2\na,0,1\nb,1\nc,1,0\n", 3, "", "fewer cells"),
        ("person,q1,q2\na,0,1\nb,1,1,1\nc,1,0\n", 3, "", "more cells"),
        ("person,q1,q2\na,0,1\nc,1,0\nb,1", 4, "", "fewer cells"),
        ('person,q1,q2\na,0,1\nb,"1"x,1\nc,1,0\n', 3, "", "quote"),
        ("person,item,response\na,q1,1\na,q1,0\nb,q1,0\n", 3, "response", "already"),
        ("person,item,response\na,q1,1\n,q1,0\nb,q1,0\n", 3, "person", "names no person"),
        ("person,item,response\na,q1,1\nb,,0\nb,q1,0\n", 3, "item", "names no item"),
        ("person,item,response\na,q1,1\nb,q1,yes\nc,q1,0\n", 3, "response", "whole number"),
    ],
)
def test_a_bad_row_is_named_and_the_others_are_used(tmp_path, text, row, column, word):
    found = of(tmp_path, text)
    (problem,) = found.problems
    assert (problem.row, problem.column) == (row, column)
    assert word in problem.what
    assert adds_up(found)
    assert len(found.code) > 0


def test_lines_in_another_encoding_are_named_and_a_header_in_one_is_refused(tmp_path):
    found = of(tmp_path, "person,q1\na,0\nJosé,1\nb,1\n".encode("latin-1"))
    assert [(problem.row, "UTF-8" in problem.what) for problem in found.problems] == [(3, True)]
    assert found.persons == ("a", "b")
    for data in ("pérson,q1\na,0\n".encode("latin-1"), "person,q1\na,0\n".encode("utf-16")):
        with pytest.raises(FileCannotBeUsed, match="UTF-8"):
            of(tmp_path, data)


@pytest.mark.parametrize(
    ("text", "columns", "word"),
    [
        ("", {}, "empty"),
        ("person,q1\n", {}, "no row"),
        ("person,q1,q1\na,1,0\n", {}, "more than one column"),
        ("person,,q1\na,1,0\n", {}, "without a name"),
        ("person,q1\na,1\n", {"person": "who"}, "no column who"),
        ("person,q1\na,1\n", {"group": "sex"}, "no column sex"),
        ("person,q1\na,1\n", {"items": ("q1", "q9")}, "no column q9"),
        ("person,name\na,Asha\n", {}, "no answer that can be used"),
        ("person,item,response\na,q1,x\n", {}, "no answer that can be used"),
        ("person,item,score2\na,q1,1\n", {"layout": "long"}, "column for the response"),
        ("person\na\n", {}, "no column left"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_what_to_do(tmp_path, text, columns, word):
    with pytest.raises(FileCannotBeUsed, match=word):
        of(tmp_path, text, **columns)


def test_a_cut_parquet_file_is_refused(tmp_path):
    path = tmp_path / "answers.parquet"
    duckdb.sql("SELECT 'a' AS person, 1 AS q1").write_parquet(str(path))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(FileCannotBeUsed, match="cannot be read"):
        read(path, Columns())


def test_parquet_and_csv_say_the_same(tmp_path):
    second = "CASE WHEN i = 3 THEN NULL ELSE (i // 2) % 2 END AS q2"
    rows = f"SELECT 'p' || i AS person, i % 2 AS q1, {second} FROM range(9) t(i)"
    for name, how in (("a.csv", "FORMAT csv, HEADER"), ("a.parquet", "FORMAT parquet")):
        duckdb.sql(f"COPY ({rows}) TO '{tmp_path / name}' ({how})")
    one, two = (read(tmp_path / name, Columns()) for name in ("a.csv", "a.parquet"))
    assert (one.persons, one.items, one.tally) == (two.persons, two.items, two.tally)
    assert np.array_equal(one.matrix, two.matrix)


def test_columns_of_text_are_no_items(tmp_path):
    found = of(tmp_path, "person,name,q1\na,Asha,1\nb,Bilal,0\n")
    assert found.items == ("q1",)
    assert [(problem.column, problem.what[:22]) for problem in found.problems] == [
        ("name", "The column is no item:")
    ]
    assert adds_up(found)


def test_codes_may_begin_at_one(tmp_path):
    found = of(tmp_path, "person,q1\na,1\nb,4\nc,0\n", lowest=1)
    assert found.matrix.tolist() == [[0], [3], [-1]]
    assert [problem.row for problem in found.problems] == [4]


def test_somebody_in_two_groups_stays_in_the_first_and_is_named(tmp_path):
    found = of(tmp_path, "person,item,response,g\na,q1,1,x\na,q2,0,y\nb,q1,0,y\n", group="g")
    assert found.group == ("x", "y")
    assert [(problem.row, problem.what[:13]) for problem in found.problems] == [(3, "Accepted, but")]


def test_row_numbers_count_lines_that_are_no_rows(tmp_path):
    found = of(tmp_path, "person,q1\na,0,9\nb,1\nc\nd,z\ne,1\nf,1\n")
    assert [problem.row for problem in found.problems] == [2, 4, 5]


CELLS = st.sampled_from(["0", "1", "", "NA", "x", "2", "-7", "1.0", "NaN"])


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(st.sampled_from(["a", "b", "c", "d", ""]), CELLS, CELLS), min_size=1, max_size=12)
)
def test_whatever_is_in_the_cells_the_counts_add_up(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("any")
    wide = "person,q1,q2\n" + "".join(",".join(row) + "\n" for row in rows)
    long = "person,item,response\n" + "".join(f"{who},{item},{said}\n" for who, item, said in rows)
    for text in (wide, long):
        try:
            found = of(folder, text)
        except FileCannotBeUsed:
            continue
        assert adds_up(found)
        assert found.tally.rows == len(rows)
        assert found.tally.rows_aside == 0 or found.problems


def test_ratings_are_read_with_what_is_set_aside(tmp_path):
    path = tmp_path / "ratings.csv"
    path.write_text("ratee,judge,mark\na,X,2\na,Y,good\na,X,3\nb,X,5\nb,Y,\n,X,1\n")
    found = read_ratings(path, {"value": "mark"})
    assert (found.ratees, found.raters, found.criteria) == (("a", "b"), ("X",), ("overall",))
    assert found.values == {"overall": (2.0, 5.0)}
    assert [problem.row for problem in found.problems] == [3, 4, 7]
    assert (found.tally.rows, found.tally.answers_used, found.tally.rows_aside, found.tally.blanks) == (
        6,
        2,
        3,
        1,
    )
