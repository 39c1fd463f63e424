"""Courses: versions, immutability, and what publishing refuses."""

import pytest
from django.db import connection, transaction
from tests.unit.learning.conftest import NOW, after, course, page, web, words
from tests.unit.learning.conftest import practice as practice_page

from karmayogi.learning import catalogue, courses, practice
from karmayogi.learning.courses import CourseOfAnotherProvider, IncompleteCourse
from karmayogi.registry.acting import as_worker

pytestmark = pytest.mark.django_db


def test_publishing_the_same_content_again_changes_nothing(service):
    again = service.publish(page("one"), page("two"), practice_page("three"))
    assert (again.fresh, again.number, again.course) == (False, 1, service.course)


def test_a_changed_page_makes_a_new_version_and_only_that_page_is_new(service):
    changed = service.publish(page("one"), page("two", text="Another text."), practice_page("three"))
    assert (changed.fresh, changed.number) == (True, 2)
    now = service.keys()
    assert {key for key in now if now[key] != service.page[key]} == {"two"}


def test_a_mended_translation_makes_a_new_version_and_takes_no_page_away(service):
    mended = service.publish(
        page("one", hindi="नया पाठ"), page("two"), practice_page("three", why_in_hindi="नया")
    )
    assert (mended.fresh, mended.number) == (True, 2)
    assert service.keys() == service.page
    with web(service.anna):
        assert "नया पाठ" in catalogue.page("tenders", "one", language="hi").html
        question = practice.questions(service.page["three"], person=service.anna)[0]
        told = practice.answer(service.anna, question.id, "a", now=NOW, language="hi")
    assert (told.why, told.language) == ("नया", "hi")


@pytest.mark.parametrize(
    "statement",
    [
        "update learning_courseversion set title = 'x'",
        "delete from learning_placement",
        "update learning_page set html = 'x'",
        "update learning_module set title = 'x'",
        "update learning_practicequestion set stem = 'x'",
        "update learning_practicekey set \"right\" = 'a'",
    ],
)
def test_what_is_published_is_kept_as_written_even_by_a_job(service, statement):
    with as_worker(), pytest.raises(Exception, match="kept as written"), transaction.atomic():
        connection.cursor().execute(statement)


def test_every_fault_is_named_at_once(service):
    broken = course(page("one", minutes=0), page("one"), page("file", kind="file"), title={"hi": "केवल"})
    with as_worker(), pytest.raises(IncompleteCourse) as refused:
        courses.publish(broken, order_no="demo/1", now=NOW)
    told = " ".join(refused.value.problems)
    assert all(
        part in told for part in ("no English", "the key one", "at least 1", "Page file is of the kind file")
    )


def test_a_right_answer_that_is_no_option_is_refused(service):
    with pytest.raises(IncompleteCourse, match="not among its options"):
        service.publish(practice_page("three", right="z"), key="other")


def test_a_key_of_another_provider_is_refused(service):
    with pytest.raises(CourseOfAnotherProvider, match="key of your own"):
        service.publish(page("one"), provider=service.body)


def test_a_retired_course_leaves_the_catalogue_and_stays_with_those_on_it(service):
    with as_worker():
        courses.retire("tenders", order_no="demo/2", reason="Rules changed")
        with pytest.raises(courses.CourseCannotMove):
            courses.retire("tenders", order_no="demo/2", reason="Again")
    with web(service.anna):
        assert catalogue.cards(language="en") == []
        with pytest.raises(courses.UnknownCourse):
            catalogue.course("tenders", person=service.anna)


def test_publishing_the_old_content_does_not_bring_a_retired_course_back(service):
    with as_worker():
        courses.retire("tenders", order_no="demo/2", reason="Rules changed")
        service.publish(page("one"), page("two"), practice_page("three"), now=after(days=1))
        assert catalogue.cards(language="en") == []


def test_languages_are_those_in_which_everything_is_there(service):
    hindi = [page("one"), page("two")]
    service.publish(*hindi, key="whole")
    service.publish(page("one"), page("two", title=words("Two")), key="partly")
    with web(service.anna):
        shown = {card.key: card.languages for card in catalogue.cards(language="en")}
    assert shown == {"whole": ("en", "hi"), "partly": ("en",), "tenders": ("en",)}
