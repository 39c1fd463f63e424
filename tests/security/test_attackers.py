"""Attackers' tools against the running site: they find nothing on it, and both planted bugs on a careless copy."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from karmayogi.institutions.roles import Audience

from ..journeys.served import Client, Site, within
from .attackers import Tools, inject, scan
from .surface import Surface, Target, routes_with_text, walk

PLANTED = Path(__file__).with_name("planted")
PEOPLE = {"meenakshi": "an official", "nandini": "a manager"}
STARTS = {
    "meenakshi": [
        "/learn/grievance-handling/",
        "/learn/tender-evaluation/pages/03-practice-reading/",
        "/learn/tender-evaluation/pages/08-checklist/",
        "/learn/noting-drafting/done/",
        "/home/",
        "/competencies/",
        "/plan/",
        "/learn/",
    ],
    "nandini": [
        "/office/needs/",
        "/office/officials/",
        "/office/requirements/",
        "/grants/",
        "/establishment/corrections/",
        "/office/officials/MORD-1/",
        "/office/requirements/MORD-1/",
    ],
}
AUDIENCES = {
    "meenakshi": {Audience.ANYONE, Audience.OFFICIAL},
    "nandini": {Audience.MANAGER},
}
"""Whose routes with text in the address each must have met."""
A_MODULE = 20
"""Seconds that each module of wapiti may take."""

pytestmark = pytest.mark.drill


@pytest.fixture(scope="module")
def tools(databases):
    """Both tools, in an environment of their own."""
    made = Tools(databases.folder)
    made.make()
    return made


@contextmanager
def served(databases, folder: Path, **settings: str) -> Iterator[Site]:
    """The site in a process of its own; counts of requests are forgotten, so that no limit hides what is behind it."""
    with Site(databases, folder, settings=settings) as site:
        over = threading.Event()

        def forget() -> None:
            with psycopg.connect(databases.url("postgres", site.name), autocommit=True) as connection:
                while not over.wait(1):
                    connection.execute("DELETE FROM registry_tally")

        thread = threading.Thread(target=forget)
        thread.start()
        try:
            yield site
        finally:
            over.set()
            thread.join()


def unlinked(site: Site, login: str) -> list[str]:
    """Addresses with text that no page links to: proofs, and those of the interface for other programs."""
    if login == "nandini":
        return ["/api/bodies/MORD-1/needs"]
    ((code,),) = site.ask(
        "SELECT code FROM credentials_statement WHERE state = 'issued' ORDER BY code LIMIT 1"
    )
    return [f"/verify/{code}/proof/", f"/api/certificates/{code}", "/api/courses/tender-evaluation"]


API_ENROL = Target(
    "api-enrol", "POST", "/api/courses/tender-evaluation*/enrolment", (("csrfmiddlewaretoken", ""),), "course"
)
"""The one post with text in its address that no form leads to."""


def attacked(site: Site, client: Client, login: str) -> Surface:
    """Everything the person meets, and what no link leads to."""
    starts = [*unlinked(site, login), *STARTS[login], *begun(site, client), "/verify/"]
    surface = walk(client, starts)
    surface.add(API_ENROL)
    return surface


def begun(site: Site, client: Client) -> list[str]:
    """The page of a check that was begun, so that its form is among what is attacked."""
    ((competency,),) = site.ask("SELECT id FROM competency_competency WHERE key = 'tender-evaluation'")
    client.get("/home/")
    return [within(client.post(f"/competencies/{competency}/check/begin/", {}).headers["location"])]


@pytest.mark.parametrize("login", PEOPLE)
def test_they_find_nothing_on_the_site(databases, tools, tmp_path, login):
    with served(databases, tmp_path) as site:
        client = site.client(persona=login)
        surface = attacked(site, client, login)
        reports = [
            inject(tools, site, client, surface, who=PEOPLE[login], folder=tmp_path / "sqlmap"),
            scan(
                tools, site, client, surface, who=PEOPLE[login], folder=tmp_path / "wapiti", seconds=A_MODULE
            ),
        ]
        still = client.get("/home/").status
    met = {target.route for target in surface.targets.values() if target.mark}
    due = {name for name, audience in routes_with_text().items() if audience in AUDIENCES[login]}
    print(
        f"\n{len(surface.pages)} pages, {len(surface.targets)} targets, {surface.numbers} numbers in addresses;"
    )
    print("routes with text in the address:", ", ".join(sorted(met)))
    print(*reports, sep="\n")
    assert due - met == set(), "routes with text in the address that were not attacked"
    assert still == 200, "the person was signed out: the tools knocked at closed doors"
    assert {r.tool: r.untried for r in reports} == {"sqlmap": [], "wapiti": []}
    assert all(r.tried for r in reports)
    assert {r.tool: r.found for r in reports} == {"sqlmap": [], "wapiti": []}


def test_they_find_both_planted_bugs_on_a_careless_copy(databases, tools, tmp_path, monkeypatch):
    """Planted bugs: the same project with one view that is open to SQL injection and one to reflected scripts."""
    monkeypatch.setattr(sys, "path", [str(PLANTED), *sys.path])
    path = f"{PLANTED}:{databases.environment('')['PYTHONPATH']}"
    with served(databases, tmp_path, DJANGO_SETTINGS_MODULE="careless.settings", PYTHONPATH=path) as site:
        client = site.client(persona="meenakshi")
        surface = walk(client, ["/planted/"], urls="careless.urls")
        surface.targets = {k: t for k, t in surface.targets.items() if t.route.startswith("planted")}
        surface.pages = [page for page in surface.pages if page.startswith("/planted/")]
        injected = inject(tools, site, client, surface, who="an official", folder=tmp_path / "sqlmap")
        scanned = scan(
            tools, site, client, surface, who="an official", folder=tmp_path / "wapiti", seconds=A_MODULE
        )
    print("", injected, scanned, sep="\n")
    assert [what.split(":")[0] for what in injected.found] == ["GET planted-find (q)"]
    kinds = {what.split(" (")[0] for what in scanned.found}
    assert {
        "SQL Injection: GET /planted/find/",
        "Reflected Cross Site Scripting: GET /planted/greet/",
    } <= kinds
