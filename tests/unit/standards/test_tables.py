"""Streaming tables: good rows come out, bad ones say where and why, memory stays flat."""

import gzip
import io
import tracemalloc

import pytest

from karmayogi.standards import tables
from karmayogi.standards.tables import Problem, Row

WIDE = {"most_bytes": 10**9, "most_rows": 10**9}


def read(content: bytes, *, required=("a", "b"), **limits):
    return list(tables.read(io.BytesIO(content), required=required, **{**WIDE, **limits}))


@pytest.mark.parametrize(
    "pack", [bytes, gzip.compress, lambda c: gzip.compress(c[:7]) + gzip.compress(c[7:])]
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_plain_and_compressed_files_give_numbered_rows(pack, mark):
    rows = read(pack(mark + 'a,b\r\n1,"x\r\ny"\r\n\r\n2,क\r\n'.encode()))
    assert rows == [Row(2, 2, {"a": "1", "b": "x\r\ny"}), Row(4, 5, {"a": "2", "b": "क"})]


def test_a_path_is_read_and_closed(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"a,b\n1,2\n")
    assert len(list(tables.read(tmp_path / "t.csv", required=("a",), **WIDE))) == 1


def test_missing_and_doubled_columns_are_named_with_the_nearest():
    with pytest.raises(tables.WrongColumns) as caught:
        tables.read(
            io.BytesIO(b"Post_ref,grade,grade,extra\n"), required=("post_ref", "grade", "fte"), **WIDE
        )
    assert caught.value.missing == ("post_ref", "fte")
    assert caught.value.twice == ("grade",)
    assert caught.value.nearest == {"post_ref": "Post_ref"}
    assert "did you mean 'Post_ref'" in str(caught.value)


def test_columns_outside_both_lists_are_refused_only_when_optional_ones_are_named():
    assert len(read(b"a,b,c\n1,2,3\n")) == 1
    with pytest.raises(tables.WrongColumns, match="'c' is not known"):
        read(b"a,b,c\n1,2,3\n", optional=("d",))


def test_a_semicolon_file_is_told_to_use_commas():
    with pytest.raises(tables.WrongColumns, match="commas"):
        read(b"a;b\n1;2\n")


@pytest.mark.parametrize("content", ["a,b\n1,2\n".encode("utf-16"), "a,bé\n".encode("cp1252")])
def test_a_header_in_another_encoding_refuses_the_whole_file(content):
    with pytest.raises(tables.WrongEncoding, match="UTF-8") as caught:
        read(content)
    assert content[caught.value.offset] > 127


def test_an_undecodable_row_is_a_problem_that_names_byte_and_column():
    content = b"a,b\n1,2\n3,caf\xe9\n4,5\n"
    first, problem, last = read(content)
    assert (first.cells["a"], last.cells["a"]) == ("1", "4")
    assert (problem.row, problem.column, problem.value) == (3, "b", "0xE9")
    assert f"Byte {content.index(0xE9)} " in problem.what


def test_a_nul_character_is_a_problem():
    assert [type(row) for row in read(b"a,b\n1,\x00\n1,2\n")] == [Problem, Row]


def test_rows_with_too_many_or_too_few_cells_are_problems():
    few, many, good = read(b"a,b\n1\n1,2,3\n1,2\n")
    assert (few.row, few.column) == (2, "b")
    assert (many.row, many.column, many.value) == (3, "b", "3")
    assert good.row == 4


def test_an_unclosed_quote_gives_the_rows_before_it_and_one_problem():
    rows = read(b'a,b\n1,2\n3,"4\n5,6\n')
    assert [row.row for row in rows] == [2, 3]
    assert "quote opens in this row" in rows[-1].what


def test_an_unclosed_quote_in_a_long_file_stops_without_reading_it_all():
    rows = read(b'a,b\n1,2\n3,"4\n' + b"5,6\n" * 100_000)
    assert [type(row) for row in rows] == [Row, Problem]


def test_text_after_a_closing_quote_is_a_problem_and_reading_goes_on():
    assert [type(row) for row in read(b'a,b\n"1"x,2\n3,4\n')] == [Problem, Row]


def test_a_truncated_archive_gives_the_rows_before_the_cut_and_one_problem():
    content = b"a,b\n" + b"".join(b"%d,%d\n" % (n, n * 7919) for n in range(20_000))
    packed = gzip.compress(content)
    *rows, problem = read(packed[: len(packed) // 2])
    assert all(isinstance(row, Row) for row in rows)
    assert [int(row.cells["b"]) for row in rows] == [n * 7919 for n in range(len(rows))]
    assert len(rows) > 5_000
    assert (problem.row, problem.what) == (len(rows) + 2, "The compressed file ends too early")


def test_a_damaged_archive_ends_in_a_problem():
    content = b"a,b\n" + b"".join(b"%d,%d\n" % (n, n * 7919) for n in range(60_000))
    packed = bytearray(gzip.compress(content))
    packed[-6] ^= 0xFF
    *rows, problem = read(bytes(packed))
    assert len(rows) > 10_000
    assert problem.what == "The compressed file is damaged"
    with pytest.raises(tables.UnreadableFile, match="damaged; not even the column names"):
        read(gzip.compress(b"a,b\n")[:-8] + b"12345678")


def test_an_archive_that_unpacks_without_end_is_stopped():
    bomb = gzip.compress(b"a,b\n" + b"1,2\n" * 5_000_000)
    assert len(bomb) < 50_000
    rows = read(bomb, most_bytes=100_000)
    assert len(rows) < 25_001
    assert "larger than 100,000 bytes" in rows[-1].what


def test_more_rows_than_allowed_end_in_a_problem():
    rows = read(b"a,b\n" + b"1,2\n" * 5, most_rows=3)
    assert [type(row) for row in rows] == [Row, Row, Row, Problem]


def test_a_line_without_end_is_stopped():
    rows = read(b"a,b\n1,2\n" + b"x" * 3_000_000)
    assert [type(row) for row in rows] == [Row, Problem]


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(content):
    with pytest.raises(tables.UnreadableFile):
        read(content)


def test_a_table_whose_first_line_is_empty_is_refused_also_where_no_column_is_asked_for():
    with pytest.raises(tables.UnreadableFile, match="first line is empty"):
        tables.read(io.BytesIO(b"\n1,2\n"), required=[], most_bytes=1000, most_rows=5)


class Endless(io.RawIOBase):
    """A file of 200 MB that is never in memory."""

    def __init__(self) -> None:
        self.left = 200_000_000
        self.line = b"12345678,12345678\n" * 3_640

    def read(self, size=-1):
        if self.left <= 0:
            return b""
        if self.left == 200_000_000:
            self.left -= 4
            return b"a,b\n"
        self.left -= len(self.line)
        return self.line


def test_memory_stays_flat_on_a_file_of_any_size():
    rows = tables.read(Endless(), required=("a", "b"), most_bytes=10**10, most_rows=10**9)
    tracemalloc.start()
    for _ in range(200_000):
        next(rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000
