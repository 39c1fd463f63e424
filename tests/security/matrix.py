"""The access matrix: every route x every actor x an object in each relation x method, up to the gate's decision.

`cells` lists the matrix over a `Stage`, `Visits` asks the application.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import get_resolver, reverse

from karmayogi.web.problems import MEDIA_TYPE

from ..signing import sign_in
from .oracle import (
    ADMITTED,
    DECIDED_IN_THE_VIEW,
    GRANTS,
    METHOD,
    REFUSED,
    ROUTES,
    SIGN_IN,
    expected,
)
from .stage import Stage

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
LANDED = 299
A_DAY = 86_400
"""Seconds."""
PAGES = settings.TEMPLATES[0]
LOADERS = [
    ("django.template.loaders.locmem.Loader", {"error.html": "{{ error.status }}"}),
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
DECISIONS_ONLY = [{**PAGES, "APP_DIRS": False, "OPTIONS": {**PAGES["OPTIONS"], "loaders": LOADERS}}]
"""The page that says no is one template for all cells; what it looks like is tested by the journeys."""


class Stop:
    """The last middleware: whoever comes this far was admitted; nothing is rendered or written."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        return HttpResponse(status=LANDED)


@dataclass(frozen=True)
class Cell:
    """One square of the matrix: who asks, by which method, for which route and object, and what must happen."""

    route: str
    actor: str
    relation: str
    method: str
    expected: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.route} ({self.relation}) as {self.actor}: {self.expected}"


def names() -> list[str]:
    """The names of all routes of the site; static files are served before the gate and are not among them."""
    return [entry.name for entry in get_resolver().url_patterns]


def of_desks(*, desks: bool) -> list[str]:
    """The routes that need a grant, or those that need none: two halves, so that two workers play the matrix."""
    return [name for name in names() if (ROUTES[name].who in GRANTS) is desks]


def play(routes: list[str], *, called: str) -> tuple[int, list[str], str]:
    """Asks the application every cell of these routes: how many there are, the wrong ones, a line to print."""
    begun = time.monotonic()
    stage = Stage()
    matrix = list(cells(stage, routes))
    wrong = Visits(stage).wrong(matrix)
    took = time.monotonic() - begun
    told = f"access matrix, {called}: {len(matrix)} cells, {len(wrong)} wrong, {took:.0f} s"
    return len(matrix), wrong, f"{told}; {len(routes)} routes, {len(stage.actors)} actors"


def cells(stage: Stage, routes: Iterable[str] | None = None) -> Iterator[Cell]:
    """The whole matrix, or that of some routes. A route without an oracle line is a KeyError."""
    for route in routes or names():
        line = ROUTES[route]
        taken = set(line.methods.split())
        for label, actor in stage.actors.items():
            for number, (relation, thing) in enumerate(stage.things(line, actor)):
                path = reverse(route, kwargs=thing.address)
                # What a route does not take the gate says before it looks for the object, and HEAD goes the way of
                # GET: once is enough.
                for method in METHODS if number == 0 else sorted(taken | {"POST"}):
                    must = expected(line, method, facts=stage.facts, actor=actor, thing=thing)
                    yield Cell(route, label, relation, method, must, path)


class Visits:
    """One signed-in client per actor, in two sorts: one that stops behind the gate and one that renders."""

    def __init__(self, stage: Stage) -> None:
        self.stopping: dict[str, Client] = {}
        self.rendering: dict[str, Client] = {}
        with override_settings(MIDDLEWARE=[*settings.MIDDLEWARE, f"{__name__}.Stop"]):
            self._sign_in(self.stopping, stage)
        self._sign_in(self.rendering, stage)

    def _sign_in(self, clients: dict[str, Client], stage: Stage) -> None:
        for label, actor in stage.actors.items():
            client = clients[label] = Client(raise_request_exception=False)
            client.handler.load_middleware()
            if actor is not None:
                sign_in(client, actor, ago=-A_DAY)  # proved who they are, however long the cells take

    def outcome(self, cell: Cell) -> str:
        """What the application does with the cell, in the oracle's words; anything else as its status."""
        response = self.stopping[cell.actor].generic(cell.method, cell.path)
        if response.status_code == LANDED and cell.expected == REFUSED and cell.route in DECIDED_IN_THE_VIEW:
            response = self.rendering[cell.actor].generic(cell.method, cell.path)
        if response.status_code == 302 and response["Location"].startswith(
            reverse("account_login") + "?next="
        ):
            return SIGN_IN
        if response.status_code == 401 and response["Content-Type"] == MEDIA_TYPE:
            return SIGN_IN  # a program is told
        words = {LANDED: ADMITTED, 401: REFUSED, 403: REFUSED, 404: REFUSED, 405: METHOD}
        return words.get(response.status_code, f"status {response.status_code}")

    def wrong(self, matrix: Iterable[Cell]) -> list[str]:
        """The cells where the application does something else than the oracle says, with what it did."""
        with override_settings(TEMPLATES=DECISIONS_ONLY):
            asked = [(cell, self.outcome(cell)) for cell in matrix]
        return [f"{cell}, not {got}" for cell, got in asked if got != cell.expected]
