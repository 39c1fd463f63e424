"""Practice questions: explained after a try, sealed before it."""

import pytest
from django.db import connection
from tests.unit.learning.conftest import NOW, after, web

from karmayogi.competency import evidence
from karmayogi.learning import catalogue, practice
from karmayogi.learning.practice import UnknownOption, UnknownQuestion
from karmayogi.registry import ids

pytestmark = pytest.mark.django_db


def test_a_question_shows_no_key_before_it_is_answered(service):
    with web(service.anna):
        (question,) = practice.questions(service.page["three"], person=service.anna)
        shown = repr(question) + repr(catalogue.page("tenders", "three"))
    assert (question.stem, [o.key for o in question.options], question.feedback) == (
        "Which?",
        ["a", "b", "c"],
        None,
    )
    assert "CANARY" not in shown


def test_a_try_is_answered_with_what_is_right_and_why_and_remembered(service):
    with web(service.anna):
        (question,) = practice.questions(service.page["three"], person=service.anna, language="hi")
        wrong = practice.answer(service.anna, question.id, "a", now=NOW)
        right = practice.answer(service.anna, question.id, "b", now=after(seconds=9), language="hi")
        (later,) = practice.questions(service.page["three"], person=service.anna, language="ur")
        (others,) = practice.questions(service.page["three"], person=service.bela)
        assert evidence.of([service.anna]) == {}
    assert (wrong.right, wrong.answer, wrong.why) == (False, "b", "Because CANARY-WHY")
    assert (right.right, right.why) == (True, "क्योंकि")
    assert (later.feedback.option, later.feedback.language) == ("b", "en")
    assert others.feedback is None


def test_the_web_role_cannot_read_the_keys(service):
    with pytest.raises(Exception, match="permission denied"), web(service.anna):
        connection.cursor().execute("select * from learning_practicekey")


def test_the_web_role_is_itself_again_after_scoring(service):
    with web(service.anna):
        (question,) = practice.questions(service.page["three"], person=service.anna)
        practice.answer(service.anna, question.id, "b", now=NOW)
        with connection.cursor() as cursor:
            cursor.execute("select current_user::text")
            assert cursor.fetchone() == ("karmayogi_app",)


def test_what_cannot_be_answered_is_refused(service):
    with web(service.anna):
        (question,) = practice.questions(service.page["three"], person=service.anna)
        with pytest.raises(UnknownOption):
            practice.answer(service.anna, question.id, "z", now=NOW)
        with pytest.raises(UnknownQuestion):
            practice.answer(service.anna, ids.new(), "a", now=NOW)
