"""How many statements a page takes: twelve at most, and as many for a hundred officials as for one."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from karmayogi.institutions.models import Account, Assignment, Body, Grant

pytestmark = pytest.mark.django_db

MOST = 12
FRAME = re.compile(r"(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b", re.IGNORECASE)
OUTER = 2
"""The test's own transaction is around the request's, which then remembers its settings and gives them back."""

PAGES = {
    "meenakshi": ["home", "competencies", "plan", "learn", "record", "notices"],
    "arvind": ["team"],
    "nandini": ["needs", "requirements", "officials"],
    "khandelwal": ["vacancies", "orders"],
    "gogoi": ["benchmarks"],
}
EACH = [(login, name) for login, names in PAGES.items() for name in names]


def enter(login: str, language: str = "en") -> Client:
    """A client signed in as one of the demonstration's people."""
    client = Client(headers={"host": "localhost"})
    client.post("/demo/", {"as": login})
    client.post(reverse("set_language"), {"language": language, "next": "/"})
    return client


def statements(client: Client, address: str) -> int:
    """How many statements the page takes, without those that open and end transactions and savepoints."""
    client.get(address)  # what a process does once, it has done now
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    assert response.status_code == 200
    return sum(not FRAME.match(query["sql"]) for query in captured.captured_queries) - OUTER


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize(("login", "name"), EACH)
def test_a_page_takes_twelve_statements_at_most(login: str, name: str, language: str) -> None:
    assert statements(enter(login, language), reverse(name)) <= MOST


def running() -> Iterator[UUID]:
    """Officials with a described position today, who are none of the demonstration's people."""
    today = timezone.localdate()
    held = Assignment.objects.filter(during__contains=today, kind="substantive").exclude(position="")
    known = Account.objects.filter(login__in=PAGES).values("person_id")
    return iter(held.exclude(person__in=known).order_by("id").values_list("id", flat=True))


def test_a_team_of_a_hundred_takes_as_many_statements_as_a_team_of_one() -> None:
    leader = Account.objects.get(login="arvind").person
    client, counted, officials = enter("arvind"), {}, running()
    Assignment.objects.filter(supervisor=leader).update(supervisor=None)
    for size in (1, 100):
        while Assignment.objects.filter(supervisor=leader).count() < size:
            Assignment.objects.filter(id=next(officials)).update(supervisor=leader)
        counted[size] = statements(client, reverse("team"))
        assert client.get(reverse("team")).content.count(b"/team/") >= size
    assert counted[1] == counted[100] <= MOST


@pytest.mark.parametrize("name", ["needs", "officials"])
def test_a_body_of_a_hundred_takes_as_many_statements_as_a_body_of_one(name: str) -> None:
    today = timezone.localdate()
    manager = Account.objects.get(login="nandini").person
    (body,) = Body.objects.filter(
        id__in=Grant.objects.filter(person=manager, during__contains=today).values("body")
    )
    inside = Assignment.objects.filter(body__lower__gte=body.lower, body__lower__lt=body.upper)
    client, counted, officials = enter("nandini"), {}, running()
    outside = Body.objects.filter(lower__gte=body.upper).first() or Body.objects.get(lower=1)
    inside.update(body=outside)
    for size in (1, 100):
        while inside.filter(during__contains=today, kind="substantive").count() < size:
            Assignment.objects.filter(id=next(officials)).update(body=body)
        counted[size] = statements(client, reverse(name))
    assert counted[1] == counted[100] <= MOST
