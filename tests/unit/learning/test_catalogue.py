"""The catalogue as the web reads it."""

import pytest
from tests.unit.learning.conftest import page, web

from karmayogi.learning import catalogue
from karmayogi.learning.courses import UnknownCourse
from karmayogi.registry import ids

pytestmark = pytest.mark.django_db


def test_a_card_tells_what_the_course_builds_and_what_it_takes(service):
    with web(None):
        (card,) = catalogue.cards(language="hi")
    assert (card.title, card.about, card.provider_name) == ("निविदा मूल्यांकन", "तौलें", "Provider")
    assert (card.competency, card.level, card.minutes, card.hours, card.pages) == (
        service.competency, 3, 12, 0.2, 3,
    )  # fmt: skip


def test_cards_are_chosen_by_competency(service):
    service.publish(page("one"), key="general", competency=None, level=None)
    with web(service.anna):
        assert [c.key for c in catalogue.cards(language="en", competencies=[service.competency])] == [
            "tenders"
        ]
        assert catalogue.cards(language="en", competencies=[ids.new()]) == []
        assert {c.key for c in catalogue.cards(language="en")} == {"tenders", "general"}


def test_cards_cost_two_queries_whatever_their_number(service, django_assert_num_queries):
    for n in range(5):
        service.publish(page("one"), key=f"more-{n}")
    with web(service.anna), django_assert_num_queries(2):
        assert len(catalogue.cards(language="hi")) == 6


def test_an_outline_has_modules_and_pages_in_order(service):
    with web(service.anna):
        outline = catalogue.course("tenders", language="hi")
    assert [(m.title, [p.key for p in m.pages]) for m in outline.modules] == [
        ("पढ़ना", ["one", "two"]), ("Doing", ["three"]),
    ]  # fmt: skip
    assert [p.number for p in outline.pages] == [1, 2, 3]


def test_a_page_knows_its_neighbours_and_the_language_it_is_really_in(service):
    with web(service.anna):
        hindi = catalogue.page("tenders", "two", language="hi")
        urdu = catalogue.page("tenders", "two", language="ur")
    assert (hindi.before, hindi.after, hindi.language, hindi.html) == ("one", "three", "hi", "<p>पाठ</p>")
    assert (urdu.language, urdu.html) == ("en", "<p>Text of two.</p>")


def test_a_file_comes_in_the_language_asked_for_where_there_is_one(service):
    english, hindi = ids.new(), ids.new()
    sheet = page("sheet", kind="file", file=english, other_files={"hi": hindi})
    service.publish(sheet, key="paper")
    with web(service.anna):
        given = [catalogue.page("paper", "sheet", language=language).file for language in ("en", "hi", "ur")]
    assert given == [english, hindi, english]


def test_what_is_not_there_is_said_to_be_not_there(service):
    with web(service.anna):
        with pytest.raises(UnknownCourse):
            catalogue.course("nothing")
        with pytest.raises(catalogue.UnknownPage):
            catalogue.page("tenders", "nothing")
