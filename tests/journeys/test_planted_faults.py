"""The eyes of these tests can see: a fault planted in a page is found by the check that is meant for it."""

from collections.abc import Iterator
from typing import Any

import pytest
from eyes import english, listen, overflow, violations

TRIES = 2000
GOOD = """<!doctype html><html lang="en"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>A page</title><main><h1>Heading</h1>{}</main></html>"""


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """An empty page as wide as a small phone."""
    context = browser.new_context(viewport={"width": 320, "height": 640})
    yield context.new_page()
    context.close()


def test_a_sound_page_is_found_sound(page: Any) -> None:
    page.set_content(GOOD.format("<p>Some words.</p>"))
    assert violations(page) + overflow(page) + overflow(page, spaced=True) + english(page, "hi") == []


@pytest.mark.parametrize(
    ("planted", "rule"),
    [
        ("<img src='data:,'>", "image-alt"),
        ("<input>", "label"),
        ("<p style='color:#aaa;background:#fff'>Pale words</p>", "color-contrast"),
        ("<h4>Too deep</h4>", "heading-order"),
    ],
)
def test_axe_finds_a_planted_violation(page: Any, planted: str, rule: str) -> None:
    page.set_content(GOOD.format(planted))
    assert any(line.startswith(f"axe {rule}:") for line in violations(page))


def test_a_line_that_is_too_wide_is_found(page: Any) -> None:
    page.set_content(GOOD.format("<p style='width:400px'>Wide</p>"))
    assert any(line.startswith("overflow: 4") for line in overflow(page))


def test_words_that_are_cut_off_at_the_edge_are_found_though_nothing_scrolls(page: Any) -> None:
    page.set_content(GOOD.format("<div style='overflow:clip'><p style='width:400px'>Wide</p></div>"))
    assert [line.split(" ")[0] for line in overflow(page)] == ["outside:"]


def test_a_word_cut_in_its_box_is_found(page: Any) -> None:
    page.set_content(
        GOOD.format("<p style='width:5em;overflow:hidden;white-space:nowrap'>A sentence that goes on</p>")
    )
    assert [line.split(" ")[0] for line in overflow(page)] == ["clipped:"]


def test_what_fits_only_without_text_spacing_is_found(page: Any) -> None:
    page.set_content(
        GOOD.format("<p style='font:16px monospace;white-space:nowrap'>Thirty letters and no more now</p>")
    )
    assert overflow(page) == []
    assert overflow(page, spaced=True) != []
    assert overflow(page) == [], "the spacing is taken back"


def test_console_messages_errors_and_refused_scripts_are_heard(page: Any, site: Any) -> None:
    heard: list[str] = []
    listen(page, heard)
    page.goto(site.url + "/about/help/")
    assert heard == []
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\">x</p>')")
    page.evaluate("setTimeout(() => { throw new Error('planted') })")
    page.evaluate("console.warn('planted')")
    wanted = ("Content Security Policy", "error: planted", "warning: planted")

    def missed() -> list[str]:
        return [words for words in wanted if not any(words in line for line in heard)]

    for _ in range(TRIES):
        if not missed():
            break
        page.wait_for_timeout(50)
    assert missed() == []


def test_a_word_left_in_english_and_an_unfilled_place_are_found(page: Any) -> None:
    page.set_content(GOOD.format("<p>Competencies</p><p>Asked on {day}</p><p lang='fr'>Plan</p>"))
    assert english(page, "en") == ["marker: Asked on {day}"]
    assert english(page, "hi") == ["marker: Asked on {day}", "left in English: Competencies"]
