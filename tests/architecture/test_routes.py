"""Every address declares its audience, scope, data class and rate; one that does not is refused and named."""

from django.urls import URLPattern, clear_url_caches, get_resolver, path

from karmayogi.institutions.roles import Audience
from karmayogi.web import opening, urls
from karmayogi.web.gate import UndeclaredRoute
from karmayogi.web.routes import OF_LIBRARIES, Data, Route, Scope, route


def patterns(resolver=None, prefix=""):
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            yield prefix + str(entry.pattern), entry
        else:
            yield from patterns(entry, prefix + str(entry.pattern))


def undeclared(entries):
    return [
        text
        for text, entry in entries
        if not isinstance(getattr(entry.callback, "route", None) or OF_LIBRARIES.get(entry.name or ""), Route)
    ]


def test_every_route_is_declared():
    entries = list(patterns())
    assert len(entries) > 20
    assert undeclared(entries) == []


def test_every_route_has_a_name_of_its_own():
    names = [entry.name for _, entry in patterns()]
    assert None not in names
    assert len(names) == len(set(names))


def bare(request):
    raise AssertionError("an undeclared view was reached")


def test_an_undeclared_route_is_caught_by_the_check_and_refused_by_the_gate(client, monkeypatch, db):
    planted = path("planted/", bare, name="planted")
    assert undeclared([("planted/", planted)]) == ["planted/"]
    monkeypatch.setattr(urls, "urlpatterns", [*urls.urlpatterns, planted])
    clear_url_caches()
    try:
        response = client.get("/planted/")
        assert response.status_code == 403
        assert UndeclaredRoute.__name__ in response.wsgi_request.refused
    finally:
        clear_url_caches()


def test_a_fault_inside_the_gate_never_lets_a_request_through(client, monkeypatch, db):
    def broken(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr("karmayogi.web.gate.access.reach", broken)
    client.raise_request_exception = False
    assert client.get("/about/help/").status_code == 500


ASKED_BEFORE = {"desk-person", "api-official-reason"}
"""Opened from a form that asks for the employee code and the reason together; and where a program gives the reason."""


def unasked(entries):
    """Pages about one person for people in an office that ask for no reason; the team and oneself need none."""
    near = {Audience.OFFICIAL, Audience.SUPERVISOR}
    return [
        text
        for text, entry in entries
        if "<uuid:person>" in text
        and entry.callback.route.audience not in near
        and entry.name not in ASKED_BEFORE
        and entry.callback.route.opens not in (opening.REASON, opening.CONSENT, opening.GIVEN)
    ]


def test_no_record_of_a_person_opens_in_an_office_without_a_reason_or_consent():
    entries = list(patterns())
    assert [text for text, _ in entries if "<uuid:person>" in text]
    assert unasked(entries) == []


def test_a_record_that_opens_without_a_reason_is_caught():
    @route(Audience.MANAGER, scope=Scope.TREE, data=Data.COMPETENCY)
    def planted(request, person):
        raise AssertionError("not called")

    entry = path("office/<uuid:person>/planted/", planted, name="planted")
    assert unasked([("office/<uuid:person>/planted/", entry)]) == ["office/<uuid:person>/planted/"]
