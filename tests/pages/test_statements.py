"""How many statements a page takes: twelve at most, and as many for a hundred officials as for one."""

import io
import re
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from karmayogi.institutions.models import Account, Assignment, Body, Grant

sys.path.insert(0, str(Path(__file__).parents[1] / "journeys"))
import grid
from grid import Page

pytestmark = pytest.mark.django_db

MOST = 12
FRAME = re.compile(r"(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b", re.IGNORECASE)
OUTER = 2
"""The test's own transaction is around the request's, which then remembers its settings and gives them back."""


ALSO = [
    Page("devidas", "competencies-question", "/competencies/{competency}/question/", "asked"),
    Page("gogoi", "benchmarks-body", "/commission/benchmarks/JALS/", "departments"),
]
"""States of pages that have a heavier twin in the grid."""
PAGES = [*grid.PAGES, *ALSO]


class Site:
    """The demonstration without a server, as the grid asks for it."""

    def client(self, *, language: str = "en", persona: str = "") -> Client:
        """A client signed in as a persona, if one is named, reading in a language."""
        client = Client(headers={"host": "localhost"})
        if persona:
            client.post("/demo/", {"as": persona})
        client.post(reverse("set_language"), {"language": language, "next": "/"})
        return client

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the database, read past every rule."""
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()

    def act(self, program: str) -> str:
        """What a short program prints that takes the worker's role."""
        printed = io.StringIO()
        with redirect_stdout(printed):
            exec(program, {})
        return printed.getvalue().strip()


def enter(login: str) -> Client:
    """A client signed in as one of the demonstration's people."""
    return Site().client(persona=login)


def statements(client: Client, address: str, *, status: int = 200) -> int:
    """How many statements the page takes, without those that open and end transactions and savepoints."""
    client.get(address)  # what a process does once, it has done now
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    assert response.status_code == status, address
    return sum(not FRAME.match(query["sql"]) for query in captured.captured_queries) - OUTER


@pytest.mark.parametrize("language", ["en", "hi"])
def test_every_page_takes_twelve_statements_at_most(language: str) -> None:
    site = Site()
    found = grid.examples(site)  # type: ignore[arg-type]
    clients = {p: site.client(language=language, persona=p) for p in {page.persona for page in PAGES}}
    counted = {
        page: statements(clients[page.persona], page.path.format(**found), status=page.status)
        for page in PAGES
    }
    over = {page.label: n for page, n in counted.items() if n > MOST}
    assert over == {}


def running() -> Iterator[UUID]:
    """Officials with a described position today, who are none of the demonstration's people."""
    today = timezone.localdate()
    held = Assignment.objects.filter(during__contains=today, kind="substantive").exclude(position="")
    known = Account.objects.filter(login__in={page.persona for page in PAGES}).values("person_id")
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


def test_a_practice_page_takes_twelve_statements_at_most_when_it_is_answered() -> None:
    client, page = enter("meenakshi"), "/learn/tender-evaluation/pages/03-practice-reading/"
    shown = client.get(page).content.decode()
    question = re.search(r'name="question" value="([^"]+)"', shown)
    option = re.search(r'name="option" value="([^"]+)"', shown)
    assert question
    assert option
    form = reverse("learn-answer", args=["tender-evaluation", "03-practice-reading"])
    client.post(form, {"question": question[1], "option": option[1]})
    assert question[1] not in re.findall(
        r'name="question" value="([^"]+)"', client.get(page).content.decode()
    )
    assert statements(client, page) <= MOST
