import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from karmayogi.competency import calibrations, frameworks, profile
from karmayogi.institutions import people
from karmayogi.journeys import import_responses
from karmayogi.policy import rules
from karmayogi.registry import contents
from karmayogi.registry.acting import as_worker
from karmayogi.standards.responses import MatricesDiffer
from karmayogi.standards.tables import UnreadableFile, WrongColumns, WrongEncoding

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=1)
DATA = Path(__file__).parents[4] / "shared/data/responses/edm_items_ecpe.csv"


@pytest.fixture(autouse=True)
def _house_rules() -> None:
    with as_worker():
        rules.issue(rules.HOUSE_DEFAULTS)


def _files(folder: Path, *, persons: int = 60) -> Path:
    chance = np.random.default_rng(7)
    ability = chance.normal(size=(persons, 1))
    right = chance.random((persons, 6)) < 1 / (1 + np.exp(-(ability - np.linspace(-1, 1, 6))))
    lines = [",".join(f"I{n}" for n in range(6)), *(",".join(str(int(c)) for c in row) for row in right)]
    path = folder / "some_items_tiny.csv"
    path.write_text("\n".join(lines) + "\n")
    (folder / "some_qmatrix_tiny.csv").write_text("A,B\n" + "1,0\n" * 3 + "0,1\n" * 3)
    return path


def test_each_skill_is_calibrated_and_each_person_scored_once(tmp_path: Path) -> None:
    path = _files(tmp_path)
    result = import_responses.run(path, now=NOW)
    assert (result.read, result.accepted, result.new) == (60, 60, 60)
    with as_worker():
        cards = frameworks.competencies(framework="responses-some-tiny")
        person = people.by_logins(["some-tiny-0001"])["some-tiny-0001"]
        estimates = profile.of([person.id])[person.id]
        assert calibrations.current().number == 1
    assert {card.id for card in cards} == set(estimates)
    assert person.employee_code is None
    again = import_responses.run(path, now=NOW)
    assert (again.new, again.changed, again.same) == (0, 0, 60)
    with as_worker():
        assert calibrations.current().number == 1


def test_a_row_with_a_score_that_is_none_is_set_aside_whole(tmp_path: Path) -> None:
    path = _files(tmp_path)
    lines = path.read_text().splitlines()
    lines[3] = "1,2,0,x,1,1"
    lines[5] = "1,0"
    path.write_text("\n".join(lines) + "\n")
    result = import_responses.run(path, now=NOW)
    assert (result.read, result.accepted, result.quarantined) == (60, 58, 2)
    assert [(p.row, p.column, p.value) for p in result.problems] == [
        (4, "I1", "2"),
        (4, "I3", "x"),
        (6, "I2", ""),
    ]


def counts(path: Path, **options: Any) -> tuple[int, int, int, int]:
    result = import_responses.run(path, now=LATER, **options)
    assert result.read == result.accepted + result.quarantined
    return result.new, result.changed, result.same, result.quarantined


def content() -> dict[str, str]:
    with as_worker():
        return contents.hashes()


def cell(path: Path, *, row: int, column: int, to: str) -> None:
    """Puts one cell otherwise; rows as in a spreadsheet, columns from 0."""
    lines = [line.split(",") for line in path.read_text().splitlines()]
    lines[row - 1][column] = to
    path.write_text("".join(",".join(line) + "\n" for line in lines))


def test_a_second_run_leaves_every_row_of_every_table_as_it_was(tmp_path: Path) -> None:
    path = _files(tmp_path)
    import_responses.run(path, now=NOW)
    before = content()
    assert counts(path) == (0, 0, 60, 0)
    assert contents.differing(before, content()) == ()


def test_an_answer_that_differs_from_the_one_kept_is_set_aside_and_nothing_is_written(tmp_path: Path) -> None:
    path = _files(tmp_path)
    cell(path, row=9, column=4, to="1")
    import_responses.run(path, now=NOW)
    before = content()
    for said, shown in (("0", "0"), ("", "blank")):
        cell(path, row=9, column=4, to=said)
        result = import_responses.run(path, now=LATER)
        assert (result.new, result.changed, result.same, result.quarantined) == (0, 0, 59, 1)
        assert [(p.row, p.column, p.value) for p in result.problems] == [(9, "I4", shown)]
        assert "never overwritten" in result.problems[0].what
        assert result.problems[0].mend
        assert contents.differing(before, content()) == ()
    cell(path, row=9, column=4, to="1")
    assert counts(path) == (0, 0, 60, 0)


def test_a_file_of_which_every_row_differs_is_set_aside_whole(tmp_path: Path) -> None:
    path = _files(tmp_path)
    import_responses.run(path, now=NOW)
    before = content()
    head, *rows = path.read_text().splitlines()
    path.write_text("\n".join([head, *(row.translate(str.maketrans("01", "10")) for row in rows)]) + "\n")
    assert counts(path) == (0, 0, 0, 60)
    assert contents.differing(before, content()) == ()


def test_more_persons_are_added_beside_those_who_stand(tmp_path: Path) -> None:
    path = _files(tmp_path)
    import_responses.run(path, now=NOW)
    path.write_text(path.read_text() + "1,1,0,0,1,0\n")
    assert counts(path) == (1, 0, 60, 0)
    assert counts(path) == (0, 0, 61, 0)


def test_who_was_only_calibrated_on_is_changed_once_scored(tmp_path: Path) -> None:
    path = _files(tmp_path)
    assert counts(path, unscored=[1, 2]) == (60, 0, 0, 0)
    before = content()
    assert counts(path, unscored=[1, 2]) == (0, 0, 60, 0)
    assert contents.differing(before, content()) == ()
    assert counts(path) == (0, 2, 58, 0)
    assert counts(path) == (0, 0, 60, 0)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [("some_items_tiny.csv", "I5", "J5"), ("some_qmatrix_tiny.csv", "0,1\n0,1\n0,1", "0,1\n0,1\n1,0")],
    ids=["an item renamed", "a need altered"],
)
def test_other_items_or_needs_than_were_calibrated_are_refused_whole(
    tmp_path: Path, name: str, old: str, new: str
) -> None:
    path = _files(tmp_path)
    import_responses.run(path, now=NOW)
    before = content()
    (tmp_path / name).write_text((tmp_path / name).read_text().replace(old, new))
    with pytest.raises(MatricesDiffer, match=r"The item .5 was"):
        import_responses.run(path, now=LATER)
    assert contents.differing(before, content()) == ()


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    before = content()
    assert counts(_files(tmp_path), dry_run=True) == (60, 0, 0, 0)
    assert contents.differing(before, content()) == ()


def test_a_file_cut_in_the_middle_of_a_row_keeps_its_whole_rows(tmp_path: Path) -> None:
    path = _files(tmp_path)
    path.write_bytes(path.read_bytes()[:-6])
    result = import_responses.run(path, now=NOW)
    assert (result.read, result.accepted, result.quarantined) == (60, 59, 1)
    assert result.problems[0].row == 61


def test_a_cell_in_the_wrong_encoding_is_told_by_row_and_column(tmp_path: Path) -> None:
    path = _files(tmp_path)
    cell(path, row=4, column=2, to="\u00e9")
    path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))
    result = import_responses.run(path, now=NOW)
    assert (result.read, result.accepted, result.quarantined) == (60, 59, 1)
    assert [(p.row, p.column, p.value) for p in result.problems] == [(4, "I2", "0xE9")]


@pytest.mark.parametrize(
    ("spoil", "error", "message"),
    [
        (lambda content: b"\xff\xfe" + content.decode().encode("utf-16-le"), WrongEncoding, "not UTF-8"),
        (lambda content: content.replace(b"I5", b"I4"), WrongColumns, "Column 'I4' stands twice"),
        (lambda content: content.replace(b",I5", b","), WrongColumns, "Column '' is not known"),
        (
            lambda content: content.replace(b"\n", b",1\n").replace(b"I5,1", b"I5,I6"),
            MatricesDiffer,
            "7 items but 6 rows",
        ),
    ],
    ids=["wrong encoding", "a column twice", "a column without a name", "a column too many"],
)
def test_a_file_with_wrong_columns_is_refused_whole(
    tmp_path: Path, spoil: Callable[[bytes], bytes], error: type[Exception], message: str
) -> None:
    path = _files(tmp_path)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(error, match=message):
        import_responses.run(path, now=NOW)
    with as_worker():
        assert people.by_logins(["some-tiny-0001"]) == {}


def test_a_file_of_2_gb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = _files(tmp_path)
    with path.open("r+b") as stream:
        stream.truncate(2 << 30)  # a hole: no disk is used
    with pytest.raises(UnreadableFile, match="larger than"):
        next(import_responses.read(path, needs=import_responses.beside(path)))


def test_responses_without_their_matrix_are_refused(tmp_path: Path) -> None:
    path = _files(tmp_path)
    (tmp_path / "some_qmatrix_tiny.csv").unlink()
    with pytest.raises(UnreadableFile, match="--needs"):
        import_responses.run(path, now=NOW)


@pytest.mark.needs(DATA.exists(), "the real file is not here")
def test_the_real_responses_give_every_person_an_estimate() -> None:
    first = import_responses.run(DATA, now=NOW)
    assert first.read == first.accepted + first.quarantined == 2922
    with as_worker():
        logins = [import_responses.login("ecpe", n) for n in range(1, 2923)]
        ids = [card.id for card in people.by_logins(logins).values()]
        estimates = profile.of(ids)
    assert len(estimates) == 2922
    sds = [e.sd for held in estimates.values() for e in held.values()]
    assert 0.3 < float(np.mean(sds)) < 0.9
    assert import_responses.run(DATA, now=NOW + dt.timedelta(minutes=1)).new == 0
