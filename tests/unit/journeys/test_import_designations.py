import datetime as dt
import json
from pathlib import Path

import pytest

from karmayogi.institutions import designations
from karmayogi.journeys import import_designations
from karmayogi.registry.acting import as_worker
from karmayogi.standards.tables import UnreadableFile

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)
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


def test_a_file_cut_in_the_middle_is_refused_whole(tmp_path: Path) -> None:
    path = _file(tmp_path, {"id": "1", "name": "CLERK"})
    path.write_text(path.read_text()[:-3])
    with pytest.raises(UnreadableFile):
        import_designations.run(path, now=NOW)


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
