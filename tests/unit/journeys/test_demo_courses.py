"""The demo's own courses are complete, in three languages, and honest about reading time."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3] / "src/karmayogi/journeys/demo/content/courses"
COURSES = ("tender-evaluation", "noting-drafting", "grievance-handling")
PROVIDERS = {"coastal-institute", "sadhana-learning", "lok-academy"}
LANGUAGES = ("en", "hi", "ur")
WORDS_A_MINUTE = 120
LONGEST_PAGE = 700

course_by_key = pytest.mark.parametrize("key", COURSES)


def read_course(key: str) -> dict[str, Any]:
    return json.loads((ROOT / key / "course.json").read_text(encoding="utf-8"))


def list_pages(course: dict[str, Any]) -> list[dict[str, Any]]:
    return [page for module in course["modules"] for page in module["pages"]]


def read_page(key: str, page: dict[str, Any], language: str) -> str:
    return (ROOT / key / "pages" / f"{page['key']}.{language}.md").read_text(encoding="utf-8")


def list_questions(page: dict[str, Any]) -> list[dict[str, Any]]:
    return page.get("questions", [])


def count_words(text: str) -> int:
    """Words a reader reads: table rules and list marks are not words."""
    return sum(1 for word in text.split() if re.search(r"\w", word))


def gather_text(key: str, page: dict[str, Any], language: str) -> str:
    """Everything on the page: its Markdown, then the questions, options and explanations."""
    asked = [
        part[language]
        for question in list_questions(page)
        for part in (question["stem"], question["why"], *(o["text"] for o in question["options"]))
    ]
    return "\n".join([read_page(key, page, language), *asked])


def assert_translated(texts: dict[str, str], *languages: str) -> None:
    for language in languages:
        assert texts[language].strip(), f"{language} is empty in {texts}"


def share_devanagari(text: str) -> float:
    return share_of(text, "\u0900", "\u097f")


def share_of(text: str, first: str, last: str) -> float:
    letters = [c for c in text if c.isalpha()]
    return sum(first <= c <= last for c in letters) / len(letters)


@course_by_key
def test_course_says_what_it_builds_and_who_provides_it(key: str) -> None:
    course = read_course(key)
    assert course["key"] == key == course["competency"]
    assert course["level"] == 3
    assert course["provider"] in PROVIDERS
    assert_translated(course["title"], "en", "hi", "ur")
    assert_translated(course["about"], *LANGUAGES)


@course_by_key
def test_course_has_three_or_four_modules_and_six_to_eight_pages(key: str) -> None:
    course = read_course(key)
    assert 3 <= len(course["modules"]) <= 4
    assert 6 <= len(list_pages(course)) <= 8
    for module in course["modules"]:
        assert_translated(module["title"], *LANGUAGES)
        assert module["pages"]


@course_by_key
def test_pages_have_unique_keys_titles_and_a_known_kind(key: str) -> None:
    pages = list_pages(read_course(key))
    assert len({page["key"] for page in pages}) == len(pages)
    for page in pages:
        assert page["kind"] in {"text", "practice", "file"}
        assert bool(list_questions(page)) == (page["kind"] == "practice")
        assert ("file" in page) == (page["kind"] == "file")
        assert_translated(page["title"], *LANGUAGES)


@course_by_key
def test_page_files_are_exactly_those_listed_in_both_languages(key: str) -> None:
    listed = {f"{page['key']}.{lang}.md" for page in list_pages(read_course(key)) for lang in LANGUAGES}
    assert {path.name for path in (ROOT / key / "pages").iterdir()} == listed


def test_only_the_tender_course_has_a_file_page() -> None:
    counts = {key: sum(p["kind"] == "file" for p in list_pages(read_course(key))) for key in COURSES}
    assert counts == {"tender-evaluation": 1, "noting-drafting": 0, "grievance-handling": 0}


@course_by_key
def test_course_has_one_or_two_practice_pages_of_two_or_three_questions(key: str) -> None:
    practices = [page for page in list_pages(read_course(key)) if page["kind"] == "practice"]
    assert 1 <= len(practices) <= 2
    for page in practices:
        assert 2 <= len(page["questions"]) <= 3


@course_by_key
def test_each_question_has_exactly_one_right_option_and_an_explanation(key: str) -> None:
    for page in list_pages(read_course(key)):
        questions = list_questions(page)
        assert len({question["key"] for question in questions}) == len(questions)
        for question in questions:
            assert [o["key"] for o in question["options"]].count(question["right"]) == 1
            assert len({o["key"] for o in question["options"]}) == len(question["options"]) >= 3
            for texts in (question["stem"], question["why"], *(o["text"] for o in question["options"])):
                assert_translated(texts, *LANGUAGES)
            for language in LANGUAGES:
                assert len({o["text"][language] for o in question["options"]}) == len(question["options"])


@course_by_key
def test_right_answers_cannot_be_guessed_from_their_place(key: str) -> None:
    rights = [q["right"] for page in list_pages(read_course(key)) for q in list_questions(page)]
    assert len(set(rights)) >= 3


@course_by_key
@pytest.mark.parametrize("language", LANGUAGES)
def test_minutes_are_within_a_factor_of_two_of_the_reading_time(key: str, language: str) -> None:
    for page in list_pages(read_course(key)):
        needed = max(2, math.ceil(count_words(gather_text(key, page, language)) / WORDS_A_MINUTE))
        assert page["minutes"] >= 2
        assert needed / 2 <= page["minutes"] <= needed * 2, (page["key"], needed)


@course_by_key
def test_hours_are_the_sum_of_the_minutes_to_one_decimal(key: str) -> None:
    course = read_course(key)
    minutes = sum(page["minutes"] for page in list_pages(course))
    assert course["hours"] == pytest.approx(minutes / 60, abs=0.051)


@course_by_key
def test_hindi_is_mostly_devanagari_and_english_has_none(key: str) -> None:
    for page in list_pages(read_course(key)):
        assert share_devanagari(gather_text(key, page, "hi")) > 0.9, page["key"]
        assert share_devanagari(gather_text(key, page, "en")) == 0, page["key"]


@course_by_key
def test_urdu_is_in_its_own_letters_and_isolates_its_sums(key: str) -> None:
    for page in list_pages(read_course(key)):
        text = gather_text(key, page, "ur")
        assert share_of(text, "\u0600", "\u06ff") > 0.99, page["key"]
        assert not set("\u064a\u0643\u0649") & set(text), page["key"]
        # what stands beside a number from right to left turns its sign round, unless it stands apart
        assert "₹" not in re.sub("\u2066[^\u2069]*\u2069", "", text), page["key"]


@course_by_key
@pytest.mark.parametrize("language", LANGUAGES)
def test_page_length_suits_a_phone(key: str, language: str) -> None:
    for page in list_pages(read_course(key)):
        written = count_words(read_page(key, page, language))
        assert count_words(gather_text(key, page, language)) <= LONGEST_PAGE, page["key"]
        if page["kind"] == "text":
            assert 250 <= written <= 500, (page["key"], written)


@course_by_key
def test_every_text_page_has_a_rupee_figure_and_a_task_for_tomorrow(key: str) -> None:
    heads = {
        "en": "> **Try this at work tomorrow.**",
        "hi": "> **कल काम पर आज़माएँ।**",
        "ur": "> **کل کام پر آزمائیں۔**",
    }
    for page in list_pages(read_course(key)):
        if page["kind"] == "text":
            for language, head in heads.items():
                text = read_page(key, page, language)
                assert head in text, page["key"]
                assert "₹" in text, page["key"]


@course_by_key
@pytest.mark.parametrize("language", LANGUAGES)
def test_rupees_use_indian_grouping_and_latin_digits(key: str, language: str) -> None:
    for page in list_pages(read_course(key)):
        text = gather_text(key, page, language)
        assert not re.search(r"[०-९٠-٩۰-۹]", text), page["key"]
        for amount in re.findall(r"₹([\d,]*\d)", text):
            assert re.fullmatch(r"\d{1,3}|\d{1,2}(,\d{2})*,\d{3}", amount), (page["key"], amount)


@course_by_key
def test_all_languages_carry_the_same_rupee_figures(key: str) -> None:
    for page in list_pages(read_course(key)):
        figures = [
            sorted(re.findall(r"₹([\d,]*\d)", gather_text(key, page, language))) for language in LANGUAGES
        ]
        assert figures[0] == figures[1] == figures[2], page["key"]


@course_by_key
def test_pages_have_no_top_heading_and_the_same_sections_in_every_language(key: str) -> None:
    for page in list_pages(read_course(key)):
        shapes = []
        for language in LANGUAGES:
            lines = read_page(key, page, language).splitlines()
            assert not any(line.startswith("# ") for line in lines), page["key"]
            shapes.append([re.match(r"(## |\||- |\d\. |> )?", line)[0] for line in lines if line.strip()])
        assert shapes[0] == shapes[1] == shapes[2], page["key"]
