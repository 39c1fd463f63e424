import datetime as dt
from pathlib import Path

import pytest

from karmayogi.journeys import import_course
from karmayogi.learning import catalogue
from karmayogi.registry.acting import as_worker
from karmayogi.standards.tables import UnreadableFile

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)
DATA = Path(__file__).parents[4] / "shared/data/course_en_hi"


def _folder(folder: Path) -> Path:
    for language in ("en", "hi"):
        (folder / language).mkdir()
        (folder / language / "1.1 Locks.md").write_text(f"# Locks {language}\n\nA lock keeps things shut.\n")
        (folder / language / "1.2 Quiz.md").write_text("# Quiz\n\n[The quiz](https://example.org/quiz)\n")
    return folder


def test_pages_are_published_in_both_languages_and_a_quiz_stays_a_link(tmp_path: Path) -> None:
    result = import_course.run(_folder(tmp_path), now=NOW)
    assert (result.read, result.accepted, result.new) == (4, 4, 4)
    with as_worker():
        (card,) = catalogue.cards(language="en")
        assert card.languages == ("en", "hi")
        assert card.pages == 2
    again = import_course.run(_folder_again(tmp_path), now=NOW)
    assert (again.new, again.changed, again.same) == (0, 0, 4)


def _folder_again(folder: Path) -> Path:
    return folder


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    assert import_course.run(_folder(tmp_path), now=NOW, dry_run=True).new == 4
    with as_worker():
        assert catalogue.cards(language="en") == []


def test_a_page_that_is_not_there_in_a_language_is_named(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    (folder / "hi" / "1.1 Locks.md").unlink()
    result = import_course.run(folder, now=NOW)
    assert (result.read, result.accepted, result.quarantined) == (4, 3, 1)
    assert [(p.row, p.column, p.value) for p in result.problems] == [(2, "hi", "1.1")]


def test_a_page_in_the_wrong_encoding_is_named_and_the_others_published(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    (folder / "hi" / "1.1 Locks.md").write_bytes("# Verr\u00fcckt".encode("latin-1"))
    result = import_course.run(folder, now=NOW)
    assert result.read == result.accepted + result.quarantined
    assert result.accepted == 3
    assert "1.1 Locks.md" in {p.value for p in result.problems}


def test_a_folder_without_the_languages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        import_course.run(tmp_path, now=NOW)


@pytest.mark.needs(DATA.exists(), "the real course is not here")
def test_the_real_course_is_published_in_english_and_hindi_once() -> None:
    first, again = import_course.run(DATA, now=NOW), import_course.run(DATA, now=NOW)
    assert (first.read, first.accepted) == (64, 64)
    assert (again.new, again.changed) == (0, 0)
    with as_worker():
        (card,) = catalogue.cards(language="hi")
    assert (card.pages, card.languages) == (32, ("en", "hi"))
