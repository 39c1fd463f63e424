"""A form or a request with a key of its own counts once; a database that is away is said, not hidden."""

from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.test import RequestFactory

from karmayogi.registry import ids
from karmayogi.registry.acting import acting
from karmayogi.registry.replays import OtherRequest
from karmayogi.web import errors, once
from karmayogi.web.templatetags import ui

KEY = "the-key-of-this-form"


def request(actor, form, **headers):
    made = RequestFactory().post("/learn/answer/", form, headers=headers)
    made.reach = SimpleNamespace(actor=actor)
    return made


def answered(actor, form, response, **headers):
    """The answer to a request that did `response` if it was let through."""
    asked = request(actor, form, **headers)
    with acting(actor=actor):
        kept = once.before(asked)
        if kept is None:
            once.after(asked, response)
        return kept or response


@pytest.mark.django_db
def test_a_form_sent_twice_gets_its_first_answer_whatever_its_token():
    anna = ids.new()
    form = {"option": "a", "once": KEY, "csrfmiddlewaretoken": "one"}
    assert answered(anna, form, HttpResponseRedirect("/first/"))["Location"] == "/first/"
    second = answered(anna, {**form, "csrfmiddlewaretoken": "two"}, HttpResponseRedirect("/second/"))
    assert (second.status_code, second["Location"]) == (302, "/first/")
    assert second["Idempotent-Replayed"] == "true"
    with pytest.raises(OtherRequest):
        answered(anna, {**form, "option": "b"}, HttpResponseRedirect("/third/"))


@pytest.mark.django_db
def test_an_answer_in_json_is_kept_whole_and_a_file_is_part_of_the_request():
    anna = ids.new()
    headers = {"Idempotency-Key": KEY}
    answered(anna, {"file": SimpleUploadedFile("a", b"one")}, JsonResponse({"id": 1}, status=201), **headers)
    again = answered(anna, {"file": SimpleUploadedFile("a", b"one")}, JsonResponse({"id": 2}), **headers)
    assert (again.status_code, again.content) == (201, b'{"id": 1}')
    with pytest.raises(OtherRequest):
        answered(anna, {"file": SimpleUploadedFile("a", b"two")}, JsonResponse({}), **headers)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "nothing", [HttpResponse("the form again"), HttpResponse(status=409), HttpResponse(status=503)]
)
def test_a_refusal_or_a_form_shown_again_gives_the_key_back(nothing):
    anna, form = ids.new(), {"option": "a", "once": KEY}
    assert answered(anna, form, nothing) is nothing
    assert answered(anna, form, HttpResponseRedirect("/done/"))["Location"] == "/done/"


def test_a_request_without_a_key_or_without_a_person_is_let_through():
    assert once.before(request(ids.new(), {"option": "a"})) is None
    assert once.before(request(None, {"once": KEY})) is None


def test_each_form_that_is_shown_has_a_key_of_its_own():
    assert ui.once() != ui.once()
    assert 'type="hidden" name="once"' in ui.once()


def test_a_database_that_is_away_is_said_with_503_and_when_to_come_back():
    shown = errors.answer(
        RequestFactory().get("/plan/"), OperationalError("could not extend file: No space left")
    )
    assert (shown.status_code, shown["Retry-After"]) == (503, "10")
    assert "Nothing can be kept at the moment" in shown.content.decode()
    assert "No space left" not in shown.content.decode()
