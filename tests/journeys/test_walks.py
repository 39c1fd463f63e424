"""Five people walk the site by its own links; what they reach is a page of the docs and equals the oracle."""

import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from people import People

sys.path.insert(0, str(Path(__file__).parents[2]))

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "who-sees-what.md"
MOST_PAGES = 160
"""Pages one person opens at most; of one route with one kind of address, two."""
OF_A_ROUTE = 2
WALKERS = {
    "nandini": "the training manager of a ministry",
    "former": "a supervisor of another ministry until last month",
    "usha": "a provider of courses",
    "thangi": "the auditor",
    "naeem": "the platform operator",
}
OUT = re.compile(r"^/(account/sign-out|language|static|demo)/")
"""Links that end the walk or change the walker."""

FILES = re.compile(r"(/csv/|/proof/|/certificates/[^/]+/|/file/|/about/verifier/)$")
"""Addresses that answer with a file; a browser would save it."""

FORMER = """
import datetime as dt
from karmayogi.registry.acting import as_worker
from django.db import connection
today = dt.date.today()
month = today - dt.timedelta(days=30)
with as_worker(), connection.cursor() as cursor:
    cursor.execute("SELECT person_id FROM institutions_account WHERE login = 'devidas'")
    person = cursor.fetchone()[0]
    cursor.execute("SELECT person_id FROM institutions_account WHERE login = 'arvind'")
    boss = cursor.fetchone()[0]
    # He led Arvind's team until last month, and now leads nobody.
    cursor.execute("UPDATE institutions_assignment SET supervisor_id = NULL WHERE supervisor_id = %s", [person])
    cursor.execute(
        "INSERT INTO institutions_assignment (id, person_id, body_id, supervisor_id, position, designation, kind,"
        " share, during, order_no) SELECT gen_random_uuid(), person_id, body_id, %s, position, designation, 'acting',"
        " 0, daterange(%s, %s), 'walk/1' FROM institutions_assignment WHERE supervisor_id = %s"
        " AND during @> %s AND kind = 'substantive'", [person, month - dt.timedelta(days=300), month, boss, today])
    print(cursor.rowcount)
"""
"""Somebody who led a team and leads it no longer."""


@pytest.fixture(scope="module")
def site(serve: Callable[..., Any]) -> Any:
    """A demonstration of its own, in which a supervisor has left his team."""
    made = serve()
    assert int(made.act(FORMER)) >= 5
    return made


@pytest.fixture(scope="module")
def people(browser: Any, site: Any) -> Iterator[People]:
    """The walkers."""
    made = People(browser, site)
    yield made
    made.close()


def links(page: Any) -> list[str]:
    """Addresses of this site that the page shows as links, in its order."""
    found = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
    here = urlsplit(page.url).netloc
    paths = [urlsplit(address).path for address in found if urlsplit(address).netloc == here]
    return [path for path in dict.fromkeys(paths) if not OUT.match(path)]


def route_of(path: str) -> str:
    """The name of the route of a path."""
    from django.urls import Resolver404, resolve

    try:
        return resolve(path).url_name or ""
    except Resolver404:
        return ""


def walk(page: Any, url: str) -> dict[str, int]:
    """route -> status of the worst answer, over every page reached by links from the first one."""
    reached: dict[str, int] = {}
    count: dict[str, int] = {}
    waiting, known = ["/"], {"/"}
    while waiting and sum(count.values()) < MOST_PAGES:
        path = waiting.pop(0)
        route = route_of(path)
        if count.get(route, 0) >= OF_A_ROUTE:
            continue
        count[route] = count.get(route, 0) + 1
        if FILES.search(path):
            answer = page.request.get(url + path)
            reached[route] = max(reached.get(route, 0), answer.status)
            continue
        answer = page.goto(url + path, wait_until="domcontentloaded")
        reached[route] = max(reached.get(route, 0), answer.status)
        fresh = [link for link in links(page) if link not in known]
        known.update(fresh)
        waiting += fresh
    assert sum(count.values()) < MOST_PAGES, "the walk does not end"
    return reached


def allowed(site: Any, login: str) -> set[str]:
    """Routes the oracle lets the person open by audience today."""
    from tests.security.oracle import GRANTS, ROUTES

    ((person,),) = site.ask("SELECT person_id FROM institutions_account WHERE login = %s", login)
    held = {
        r
        for (r,) in site.ask(
            "SELECT role FROM institutions_grant WHERE person_id = %s AND during @> %s::date",
            person,
            timezone.localdate(),
        )
    }
    leads = site.ask(
        "SELECT 1 FROM institutions_assignment WHERE supervisor_id = %s AND during @> %s::date LIMIT 1",
        person,
        timezone.localdate(),
    )
    audiences = {"anyone", "official"} | ({"supervisor"} if leads else set())
    audiences |= {who for who, roles in GRANTS.items() if roles & held}
    return {name for name, line in ROUTES.items() if line.who in audiences and "GET" in line.methods}


def text(reached: dict[str, set[str]]) -> str:
    """The page."""
    from tests.security.oracle import AUDIENCES, ROUTES

    walkers = "; ".join(WALKERS.values())
    head = f"""# Who sees what

Five people of the demonstration sign in with a browser and follow every link they are shown: {walkers}.
The table says which pages they came to. `tests/journeys/test_walks.py` walks anew, compares each page with the oracle
of [who may open what](access.md) and fails if this table is another one; `KARMAYOGI_WRITE=1` writes it.

"yes": came there by links and may. "not shown": may open it, but no link of today leads there. "-": may not, and was
shown no link to it. Only pages that one of them came to stand here.
"""
    lines = [head, "| Page | Made for | " + " | ".join(WALKERS.values()) + " |"]
    lines.append("| --- | --- |" + " --- |" * len(WALKERS))
    came = set().union(*(reached[who] for who in WALKERS))
    every = [name for name, line in ROUTES.items() if "GET" in line.methods and name in came]
    for name in every:
        said = ["yes" if name in reached[who] else MAY[name in reached[f"{who} may"]] for who in WALKERS]
        lines.append(f"| {name} | {AUDIENCES[ROUTES[name].who].split(',')[0]} | " + " | ".join(said) + " |")
    return "\n".join([*lines, ""])


MAY = {True: "not shown", False: "-"}


def test_what_five_people_are_shown_is_the_page_of_the_docs_and_the_oracle(people: People, site: Any) -> None:
    found: dict[str, set[str]] = {}
    for who in WALKERS:
        login = "devidas" if who == "former" else who
        may = allowed(site, login)
        reached = walk(people(login), site.url)
        refused = {route: status for route, status in reached.items() if status >= 400}
        assert refused == {}, f"{who} is shown links that are refused: {refused}"
        assert set(reached) - {""} <= may, f"{who} came where the oracle says no: {set(reached) - may}"
        found[who], found[f"{who} may"] = set(reached), may
    assert not found["former"] & {"team", "team-member"}, "the former supervisor still sees the team"
    written = text(found)
    if os.environ.get("KARMAYOGI_WRITE"):
        PAGE.write_text(written)
    assert PAGE.read_text() == written, "Look at what changed; then KARMAYOGI_WRITE=1 writes the page."
