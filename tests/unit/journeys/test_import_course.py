import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from karmayogi.journeys import import_course
from karmayogi.learning import catalogue
from karmayogi.registry import contents
from karmayogi.registry.acting import as_worker
from karmayogi.standards.tables import Problem, UnreadableFile

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=1)
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


def counts(folder: Path, **options: Any) -> tuple[int, int, int, int]:
    result = import_course.run(folder, now=LATER, **options)
    assert result.read == result.accepted + result.quarantined
    return result.new, result.changed, result.same, result.quarantined


def content() -> dict[str, str]:
    with as_worker():
        return contents.hashes()


def rewrite(page: str) -> Callable[[Path], object]:
    return lambda folder: (folder / page).write_text(
        "# Locks\n\nA lock keeps doors shut, and so does a latch.\n"
    )


def add_page(folder: Path) -> None:
    for language in ("en", "hi"):
        (folder / language / "2.1 Keys.md").write_text(f"# Keys {language}\n\nA key opens a lock.\n")


def drop_page(folder: Path) -> None:
    for language in ("en", "hi"):
        (folder / language / "1.2 Quiz.md").unlink()


def test_a_second_run_leaves_every_row_of_every_table_as_it_was(tmp_path: Path) -> None:
    import_course.run(_folder(tmp_path), now=NOW)
    before = content()
    assert counts(tmp_path) == (0, 0, 4, 0)
    assert contents.differing(before, content()) == ()


@pytest.mark.parametrize(
    ("alter", "expected"),
    [
        (rewrite("en/1.1 Locks.md"), (0, 1, 3, 0)),
        (rewrite("hi/1.1 Locks.md"), (0, 1, 3, 0)),
        (add_page, (2, 0, 4, 0)),
        (drop_page, (0, 2, 0, 0)),
        (lambda folder: (folder / "hi/1.1 Locks.md").unlink(), (0, 3, 0, 1)),
    ],
    ids=["original", "translation", "a page more", "a page less", "a translation less"],
)
def test_pages_are_counted_against_the_version_that_stood(
    tmp_path: Path, alter: Callable[[Path], object], expected: tuple[int, int, int, int]
) -> None:
    import_course.run(_folder(tmp_path), now=NOW)
    alter(tmp_path)
    assert counts(tmp_path) == expected
    before = content()
    assert counts(tmp_path) == (0, 0, sum(expected[:3]), expected[3])
    assert contents.differing(before, content()) == ()


def test_another_title_changes_every_page_of_the_course(tmp_path: Path) -> None:
    import_course.run(_folder(tmp_path), now=NOW)
    frame = replace(import_course.SECURITY_101, title="Security for all")
    assert counts(tmp_path, frame=frame) == (0, 4, 0, 0)
    assert counts(tmp_path, frame=frame) == (0, 0, 4, 0)


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


def test_two_pages_of_one_number_are_named_and_the_first_stays(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    (folder / "en" / "1.1 Other.md").write_text("# Other\n\nAnother page.\n")
    result = import_course.run(folder, now=NOW)
    assert (result.read, result.accepted, result.quarantined) == (5, 4, 1)
    assert [(p.column, p.value) for p in result.problems] == [("en", "1.1 Other.md")]


def test_a_page_larger_than_a_page_can_be_is_named_and_not_read(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    with (folder / "hi" / "1.1 Locks.md").open("wb") as stream:
        stream.truncate(1 << 30)  # a hole: no disk is used
    rows = list(import_course.read(folder, languages=("en", "hi")))
    problems = [row for row in rows if isinstance(row, Problem)]
    assert {(p.column, p.value) for p in problems} == {("hi", "1.1"), ("hi", "1.1 Locks.md")}
    assert any("larger than" in p.what for p in problems)


def test_a_page_that_is_empty_in_the_original_is_set_aside_in_every_language(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    (folder / "en" / "1.1 Locks.md").write_text("")
    result = import_course.run(folder, now=NOW)
    assert (result.read, result.accepted, result.quarantined) == (4, 2, 2)
    assert [(p.row, p.column) for p in result.problems] == [(1, "en"), (2, "hi")]
    assert all(p.mend for p in result.problems)


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
