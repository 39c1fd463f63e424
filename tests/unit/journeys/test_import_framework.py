import datetime as dt
import json
from pathlib import Path

import pytest

from karmayogi.competency import frameworks
from karmayogi.journeys import import_framework
from karmayogi.registry.acting import as_worker
from karmayogi.standards.tables import UnreadableFile

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)
DATA = Path(__file__).parents[4] / "shared/data/framework/uk_civil_service_competency_framework_2012.json"


def _file(folder: Path, *, broken: bool = False) -> Path:
    pairs = [{"effective": "Asks why", "ineffective": "Repeats" if not broken else ""}]
    levels = {
        f"level{n}": pairs if n == 1 else [{"effective": f"e{n}", "ineffective": f"i{n}"}]
        for n in range(1, 4)
    }
    competency = {"title": "Seeing", "description": "Knows the role", **levels}
    path = folder / "framework.json"
    path.write_text(
        json.dumps({"title": "T", "competencies": {"people": [{"title": "People", "seeing": competency}]}})
    )
    return path


def test_every_pair_becomes_part_of_a_level_text(tmp_path: Path) -> None:
    result = import_framework.run(_file(tmp_path), now=NOW)
    assert (result.read, result.accepted, result.quarantined, result.new) == (3, 3, 0, 3)
    with as_worker():
        card = frameworks.by_key("seeing", framework=import_framework.KEY)
    assert [level.number for level in card.levels] == [1, 2, 3]
    assert card.levels[0].text == "Effective: Asks why\nNot effective: Repeats"


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    import_framework.run(_file(tmp_path), now=NOW)
    again = import_framework.run(_file(tmp_path), now=NOW)
    assert (again.new, again.changed, again.same) == (0, 0, 3)


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    result = import_framework.run(_file(tmp_path), now=NOW, dry_run=True)
    assert result.new == 3
    with as_worker():
        assert frameworks.versions() == []


def test_a_pair_with_one_side_is_set_aside_with_its_path(tmp_path: Path) -> None:
    result = import_framework.run(_file(tmp_path, broken=True), now=NOW)
    assert (result.read, result.accepted, result.quarantined) == (3, 2, 1)
    assert result.problems[0].column == "people/seeing/level1"


def test_a_file_cut_in_the_middle_is_refused_whole(tmp_path: Path) -> None:
    path = _file(tmp_path)
    path.write_text(path.read_text()[:100])
    with pytest.raises(UnreadableFile):
        import_framework.run(path, now=NOW)
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
