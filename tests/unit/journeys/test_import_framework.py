import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from karmayogi.competency import frameworks
from karmayogi.competency.frameworks import FrameworkNotConsistent
from karmayogi.journeys import import_framework
from karmayogi.registry import contents
from karmayogi.registry.acting import as_worker
from karmayogi.standards.tables import UnreadableFile

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=1)
DATA = Path(__file__).parents[4] / "shared/data/framework/uk_civil_service_competency_framework_2012.json"


def document(*, broken: bool = False) -> dict[str, Any]:
    pairs = [{"effective": "Asks why", "ineffective": "Repeats" if not broken else ""}]
    levels = {
        f"level{n}": pairs if n == 1 else [{"effective": f"e{n}", "ineffective": f"i{n}"}]
        for n in range(1, 4)
    }
    competency = {"title": "Seeing", "description": "Knows the role", **levels}
    return {"title": "T", "competencies": {"people": [{"title": "People", "seeing": competency}]}}


def _file(folder: Path, said: dict[str, Any] | None = None, *, broken: bool = False, **layout: Any) -> Path:
    path = folder / "framework.json"
    path.write_text(json.dumps(said or document(broken=broken), **layout))
    return path


def altered(*path: str | int, to: Any) -> dict[str, Any]:
    """The document with one thing in the competency "seeing" put otherwise."""
    said = document()
    inner = said["competencies"]["people"][0]["seeing"]
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return said


def counts(path: Path) -> tuple[int, int, int, int]:
    result = import_framework.run(path, now=LATER)
    assert result.read == result.accepted + result.quarantined
    return result.new, result.changed, result.same, result.quarantined


def content() -> dict[str, str]:
    with as_worker():
        return contents.hashes()


def test_every_pair_becomes_part_of_a_level_text(tmp_path: Path) -> None:
    result = import_framework.run(_file(tmp_path), now=NOW)
    assert (result.read, result.accepted, result.quarantined, result.new) == (3, 3, 0, 3)
    with as_worker():
        card = frameworks.by_key("seeing", framework=import_framework.KEY)
    assert [level.number for level in card.levels] == [1, 2, 3]
    assert card.levels[0].text == "Effective: Asks why\nNot effective: Repeats"


@pytest.mark.parametrize(
    "layout", [{}, {"indent": 2}, {"sort_keys": True}], ids=["same bytes", "indented", "sorted"]
)
def test_the_same_content_again_leaves_every_row_of_every_table_as_it_was(
    tmp_path: Path, layout: dict[str, Any]
) -> None:
    import_framework.run(_file(tmp_path), now=NOW)
    before = content()
    assert counts(_file(tmp_path, **layout)) == (0, 0, 3, 0)
    assert contents.differing(before, content()) == ()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (altered("level2", 0, "effective", to="Asks twice"), (0, 1, 2, 0)),
        (altered("level2", 0, "ineffective", to="Never asks"), (0, 1, 2, 0)),
        (altered("level4", to=[{"effective": "e4", "ineffective": "i4"}]), (1, 0, 3, 0)),
        (
            altered("level2", to=[{"effective": e, "ineffective": "i2"} for e in ("e1", "e2", "e3")]),
            (2, 0, 3, 0),
        ),
        (altered("title", to="Looking"), (0, 3, 0, 0)),
        (altered("level3", to=[]), (0, 2, 0, 0)),
        ({**document(), "title": "Another title"}, (0, 3, 0, 0)),
        (altered("level2", 0, "ineffective", to=""), (0, 2, 0, 1)),
    ],
    ids=[
        "one side",
        "other side",
        "a level more",
        "two pairs more",
        "heading",
        "a pair less",
        "title",
        "a bad pair",
    ],
)
def test_rows_are_counted_against_the_version_that_stood(
    tmp_path: Path, said: dict[str, Any], expected: tuple[int, int, int, int]
) -> None:
    import_framework.run(_file(tmp_path), now=NOW)
    path = _file(tmp_path, said)
    assert counts(path) == expected
    with as_worker():
        assert len(frameworks.versions()) == 2
    before = content()
    assert counts(path) == (0, 0, expected[0] + expected[1] + expected[2], expected[3])
    assert contents.differing(before, content()) == ()


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    result = import_framework.run(_file(tmp_path), now=NOW, dry_run=True)
    assert result.new == 3
    with as_worker():
        assert frameworks.versions() == []


def test_a_pair_with_one_side_is_set_aside_with_its_path(tmp_path: Path) -> None:
    result = import_framework.run(_file(tmp_path, broken=True), now=NOW)
    assert (result.read, result.accepted, result.quarantined) == (3, 2, 1)
    assert result.problems[0].column == "people/seeing/level1"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda content: content[:100], "not a JSON file"),
        (lambda content: content.replace(b"Seeing", b"S\xe9eing"), "not a JSON file"),
        (lambda content: content.decode().encode("utf-16"), "not a JSON file"),
        (lambda content: b"[" + content + b"]", "no object"),
        (lambda content: content.replace(b"competencies", b"clusters"), "no 'competencies'"),
    ],
    ids=["cut in the middle", "wrong encoding", "UTF-16", "a list", "wrong name"],
)
def test_a_file_that_is_no_framework_is_refused_whole(
    tmp_path: Path, spoil: Callable[[bytes], bytes], message: str
) -> None:
    path = _file(tmp_path)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(UnreadableFile, match=message):
        import_framework.run(path, now=NOW)
    with as_worker():
        assert frameworks.versions() == []


def test_a_file_of_2_gb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "framework.json"
    with path.open("wb") as stream:
        stream.truncate(2 << 30)  # a hole: no disk is used
    with pytest.raises(UnreadableFile, match="larger than"):
        next(import_framework.read(path))


def test_a_level_without_a_number_is_named_by_its_path_and_the_others_are_imported(tmp_path: Path) -> None:
    result = import_framework.run(_file(tmp_path, altered("levels", to="many")), now=NOW)
    assert result.accepted == 3
    assert [p.column for p in result.problems] == ["people/seeing/levels"]


def test_a_competency_that_stands_in_two_clusters_stops_the_import(tmp_path: Path) -> None:
    said = document()
    said["competencies"]["again"] = said["competencies"]["people"]
    with pytest.raises(FrameworkNotConsistent, match="stand twice: seeing"):
        import_framework.run(_file(tmp_path, said), now=NOW)
    with as_worker():
        assert frameworks.versions() == []


@pytest.mark.needs(DATA.exists(), "the real file is not here")
def test_the_uk_framework_has_ten_competencies_and_six_levels() -> None:
    result = import_framework.run(DATA, now=NOW)
    assert result.read == result.accepted + result.quarantined == 335
    with as_worker():
        cards = frameworks.competencies(framework=import_framework.KEY)
    assert len(cards) == 10
    assert {len(card.levels) for card in cards} == {6}
