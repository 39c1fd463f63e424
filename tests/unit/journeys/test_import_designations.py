import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from karmayogi.institutions import designations
from karmayogi.journeys import import_designations
from karmayogi.registry import contents
from karmayogi.registry.acting import as_worker
from karmayogi.standards.tables import UnreadableFile

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=1)
DATA = Path(__file__).parents[4] / "shared/data/india/positionMasterList.json"


def _file(folder: Path, *entries: object) -> Path:
    path = folder / "list.json"
    path.write_text(json.dumps({"positions": list(entries)}))
    return path


def test_titles_are_merged_by_normal_form_and_bad_entries_named_by_place(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        {"id": "1", "name": "LABOUR &amp; EMPLOYMENT ADVISER"},
        {"id": "2", "name": "LABOUR AND EMPLOYMENT ADVISER"},
        {"id": "3", "name": "???"},
        {"id": "4"},
    )
    result = import_designations.run(path, now=NOW)
    assert (result.read, result.accepted, result.quarantined) == (4, 2, 2)
    assert [(p.row, p.column, p.value) for p in result.problems] == [(3, "name", "???"), (4, "name", "None")]
    with as_worker():
        assert designations.counts()["designations"] == 1


def counts(path: Path, now: dt.datetime = LATER) -> tuple[int, int, int, int]:
    result = import_designations.run(path, now=now)
    assert result.read == result.accepted + result.quarantined
    return result.new, result.changed, result.same, result.quarantined


def content() -> dict[str, str]:
    with as_worker():
        return contents.hashes()


CLERK, PEON = {"id": "1", "name": "CLERK"}, {"id": "2", "name": "PEON"}


def test_a_second_run_leaves_every_row_of_every_table_as_it_was(tmp_path: Path) -> None:
    path = _file(tmp_path, CLERK, PEON)
    assert counts(path, NOW) == (2, 0, 0, 0)
    before = content()
    assert counts(path) == (0, 0, 2, 0)
    assert contents.differing(before, content()) == ()


def test_an_id_that_stands_under_another_name_is_spelled_anew_and_the_former_one_stays(
    tmp_path: Path,
) -> None:
    counts(_file(tmp_path, CLERK, PEON), NOW)
    path = _file(tmp_path, CLERK | {"name": "HEAD CLERK"}, PEON)
    assert counts(path) == (0, 1, 1, 0)
    with as_worker():
        assert designations.spellings("1", source=import_designations.SOURCE) == [
            ("CLERK", NOW, LATER),
            ("HEAD CLERK", LATER, None),
        ]
        assert designations.counts()["spellings"] == 2
    before = content()
    assert counts(path) == (0, 0, 2, 0)
    assert contents.differing(before, content()) == ()


def test_a_name_that_comes_back_is_a_spelling_of_its_own_time(tmp_path: Path) -> None:
    for name, now in (("CLERK", NOW), ("HEAD CLERK", LATER), ("CLERK", LATER + dt.timedelta(days=1))):
        counts(_file(tmp_path, CLERK | {"name": name}), now)
    with as_worker():
        said = designations.spellings("1", source=import_designations.SOURCE)
    assert [name for name, _, _ in said] == ["CLERK", "HEAD CLERK", "CLERK"]


def test_an_id_said_twice_is_told_by_place_whatever_its_name(tmp_path: Path) -> None:
    path = _file(tmp_path, CLERK, CLERK, CLERK | {"name": "HEAD CLERK"})
    for expected in ((1, 0, 0, 2), (0, 0, 1, 2)):
        assert counts(path) == expected
    result = import_designations.run(path, now=LATER, dry_run=True)
    assert [(p.row, p.column, p.value) for p in result.problems] == [(2, "id", "1"), (3, "id", "1")]


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    counts(_file(tmp_path, CLERK), NOW)
    before = content()
    path = _file(tmp_path, CLERK | {"name": "HEAD CLERK"}, PEON)
    result = import_designations.run(path, now=LATER, dry_run=True)
    assert (result.new, result.changed) == (1, 1)
    assert contents.differing(before, content()) == ()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda content: content[:-3], "not a JSON file"),
        (lambda content: content.replace(b"CLERK", b"CL\xc9RK"), "not a JSON file"),
        (lambda content: content.decode().encode("utf-16"), "not a JSON file"),
        (lambda content: b"[" + content + b"]", "no object"),
        (lambda content: content.replace(b"positions", b"titles"), "no list 'positions'"),
    ],
    ids=["cut in the middle", "wrong encoding", "UTF-16", "a list", "wrong name"],
)
def test_a_file_that_is_no_list_of_designations_is_refused_whole(
    tmp_path: Path, spoil: Callable[[bytes], bytes], message: str
) -> None:
    path = _file(tmp_path, CLERK, PEON)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(UnreadableFile, match=message):
        import_designations.run(path, now=NOW)
    with as_worker():
        assert designations.counts()["spellings"] == 0


def test_a_file_of_2_gb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    with path.open("wb") as stream:
        stream.truncate(2 << 30)  # a hole: no disk is used
    with pytest.raises(UnreadableFile, match="larger than"):
        next(import_designations.read(path))


@pytest.mark.parametrize(
    "entry", [{"name": "CLERK"}, {"id": 7, "name": "CLERK"}, {"id": "x" * 61, "name": "CLERK"}, 5]
)
def test_an_entry_without_a_proper_id_is_told_by_place(tmp_path: Path, entry: object) -> None:
    result = import_designations.run(_file(tmp_path, PEON, entry), now=NOW)
    assert (result.accepted, [p.row for p in result.problems]) == (1, [2])


@pytest.mark.needs(DATA.exists(), "the real file is not here")
def test_the_real_list_is_imported_whole_and_once() -> None:
    first, again = import_designations.run(DATA, now=NOW), import_designations.run(DATA, now=NOW)
    assert first.read == first.accepted + first.quarantined == 2464
    assert (again.new, again.changed, again.accepted) == (0, 0, first.accepted)
    with as_worker():
        counts = designations.counts()
    assert counts["designations"] < 2464
    assert counts["suggested"] > 0
    assert counts["accepted"] == 0
