"""Courses in folders of Markdown pages."""

from pathlib import Path

import pytest

from karmayogi.standards import course, tables

FOLDER = Path(__file__).parents[3].parent / "shared" / "data" / "course_en_hi"
REAL = [FOLDER] if FOLDER.is_dir() else []


def test_pages_are_paired_by_number_and_a_missing_translation_is_a_problem(tmp_path):
    (tmp_path / "en").mkdir()
    (tmp_path / "hi").mkdir()
    (tmp_path / "en" / "1.10 Last.md").write_text("Ten words")
    (tmp_path / "en" / "1.2 First page.md").write_text("# First\n\nText")
    (tmp_path / "hi" / "1.2 First page.md").write_text("# पहला\n\nपाठ")
    (tmp_path / "en" / "README.md").write_text("# Not a page")
    read = course.read(tmp_path)
    (module,) = read.modules
    assert [page.number for page in module.pages] == [2, 10]
    assert module.pages[0].titles == {"en": "First", "hi": "पहला"}
    assert module.pages[1].titles == {"en": "Last"}
    assert [(problem.column, problem.value) for problem in read.problems] == [("hi", "1.10")]


def test_a_page_that_is_only_a_link_is_marked(tmp_path):
    for language, text in (
        ("en", "# Quiz\n[**The quiz**](https://q.example/1)"),
        ("hi", "# क्विज़\n[x](https://q.example)"),
    ):
        (tmp_path / language).mkdir()
        (tmp_path / language / "1.1 Quiz.md").write_text(text)
    (page,) = course.read(tmp_path).modules[0].pages
    assert (page.kind, page.href) == ("link", "https://q.example/1")


def test_an_unreadable_page_and_a_number_used_twice_are_problems(tmp_path):
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "1.1 A.md").write_bytes(b"caf\xe9")
    (tmp_path / "en" / "1.2 A.md").write_text("a")
    (tmp_path / "en" / "1.2 B.md").write_text("b")
    read = course.read(tmp_path, languages=("en",))
    assert [problem.value for problem in read.problems] == ["1.1 A.md", "1.2 B.md"]


def test_a_missing_language_folder_is_refused(tmp_path):
    with pytest.raises(tables.UnreadableFile, match="'en'"):
        course.read(tmp_path)


@pytest.mark.parametrize("folder", REAL)
def test_the_real_course_has_eight_modules_in_two_languages_and_eight_quiz_links(folder):
    read = course.read(folder)
    pages = [page for module in read.modules for page in module.pages]
    assert (len(read.modules), len(pages), read.problems) == (8, 32, ())
    assert all(set(page.texts) == {"en", "hi"} for page in pages)
    assert sum(page.kind == "link" for page in pages) == 8
