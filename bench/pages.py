"""Server CPU and SQL of each page on the demonstration, as ratios to a bare Django view of 50 rows in the same run.

Usage: python bench/pages.py [--data FOLDER]. Builds the demonstration in FOLDER (kept for the next run).
Pages and bare view go the same way, from Django's test client through its handler and back; the bare view has no
middleware. They take turns, in process CPU time, so a busy machine does not matter much; still quote ratios, not
milliseconds. SQL counts every statement but those that open and end transactions and savepoints.
"""

import argparse
import gzip
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[1]
TIMES = 25
MOST_SQL = 12
MOST_CPU = {"competencies": 5.0, "needs": 6.0, "needs-body": 6.0}
FRAME = re.compile(r"(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b", re.IGNORECASE)
BARE = "/bare/"


def prepare(folder: Path) -> None:
    """The demonstration in `folder`, and Django on it as the web role."""
    env = {**os.environ, "KARMAYOGI_DATA": str(folder), "KARMAYOGI_DEMO": "1", "DATABASE_URL": ""}
    for command in (["db", "migrate"], ["demo", "--load-only", "--quiet"]):
        subprocess.run([sys.executable, "-m", "karmayogi", *command], env=env, check=True, stdout=sys.stderr)
    os.environ.update(env)
    del os.environ["DATABASE_URL"]
    from karmayogi.cli import environment
    from karmayogi.registry import roles

    environment.prepare(roles.APP)
    from django.core.management import call_command

    call_command("collectstatic", verbosity=0, interactive=False)


def ratio(page: Callable[[], object], bare: Callable[[], object]) -> tuple[float, float]:
    """CPU of a page over that of the bare view, and CPU milliseconds of the latter: medians of calls by turns."""
    for _ in range(3):
        page(), bare()
    spent: dict[Callable[[], object], list[float]] = {page: [], bare: []}
    for _ in range(TIMES):
        for run, times in spent.items():
            before = time.process_time()
            run()
            times.append((time.process_time() - before) * 1000)
    unit = statistics.median(spent[bare])
    return statistics.median(spent[page]) / unit, unit


def bare_view() -> Callable[[], object]:
    """Asks for a page of 50 rows and nothing else: one query, one template, no middleware."""
    from django.http import HttpRequest, HttpResponse
    from django.template import engines
    from django.test import Client, override_settings
    from django.urls import path

    from karmayogi.ehrms.models import Post
    from karmayogi.registry import ids
    from karmayogi.registry.acting import acting

    template = engines["django"].from_string(
        "<table>{% for r in rows %}"
        "<tr><td>{{ r.code }}</td><td>{{ r.designation }}</td><td>{{ r.grade }}</td></tr>"
        "{% endfor %}</table>"
    )

    def view(request: HttpRequest) -> HttpResponse:
        with acting(actor=ids.new()):  # whoever is signed in may read posts
            return HttpResponse(template.render({"rows": Post.objects.all()[:50]}))

    urls = ModuleType("bare_urls")
    urls.urlpatterns = [path(BARE.strip("/") + "/", view)]  # type: ignore[attr-defined]
    client = Client(headers={"host": "localhost"})
    with override_settings(MIDDLEWARE=[]):
        client.handler.load_middleware()

    def ask() -> object:
        from django.conf import settings
        from django.urls import set_urlconf

        usual, settings.ROOT_URLCONF = settings.ROOT_URLCONF, urls
        try:
            response = client.get(BARE)
        finally:
            settings.ROOT_URLCONF = usual
            set_urlconf(None)
        assert response.content.count(b"<tr>") == 50
        return response

    return ask


class Site:
    """The demonstration in this process, as the grid of pages asks for it."""

    def client(self, *, language: str = "en", persona: str = "") -> Any:
        """A client signed in as a persona, if one is named."""
        from django.test import Client

        client = Client(headers={"host": "localhost"})
        if persona:
            assert client.post("/demo/", {"as": persona}).status_code == 302
        return client

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the database, as the worker reads them."""
        import psycopg

        from karmayogi.cli import environment
        from karmayogi.registry import roles

        with psycopg.connect(environment.address(roles.WORKER)) as connection:
            return connection.execute(query).fetchall()


def pages(site: Site) -> Iterator[tuple[Any, str]]:
    """Every page of the grid with its address, but those about something a person must have made first."""
    sys.path.insert(0, str(ROOT / "tests" / "journeys"))
    import grid

    found = grid.standing(site)
    for page in grid.PAGES:
        try:
            yield page, page.path.format(**found)
        except KeyError as made:
            print(f"{page.label}: only counted in the tests, where there is {made}")


def measure() -> list[dict[str, object]]:
    """Prints the table; the figures of every page, with the target where there is one."""
    bare, units, figures, site = bare_view(), [], [], Site()
    clients: dict[str, Any] = {}
    print(f"{'page':<40}{'ratio':>8}{'SQL':>6}{'kB gzip':>9}")
    for page, address in pages(site):
        client = clients.get(page.persona) or clients.setdefault(
            page.persona, site.client(persona=page.persona)
        )
        statements, weight = look(client, address, status=page.status)
        times, unit = ratio(lambda c=client, a=address: c.get(a), bare)
        units.append(unit)
        print(f"{page.label:<40}{times:8.1f}{statements:6d}{weight:9.1f}")
        figures.append(figure(f"{page.label}.sql", statements, MOST_SQL))
        figures.append(figure(f"{page.label}.cpu_ratio", round(times, 2), MOST_CPU.get(page.route)))
    print(f"bare view of 50 rows: {statistics.median(units):.2f} ms CPU")
    return figures


def look(client: Any, address: str, *, status: int) -> tuple[int, float]:
    """Statements and kB with gzip of a page opened a second time; it must answer with `status`."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    assert response.status_code == status, (address, response.status_code)
    statements = sum(not FRAME.match(query["sql"]) for query in captured.captured_queries)
    return statements, len(gzip.compress(response.content)) / 1000


def figure(name: str, value: float, target: float | None) -> dict[str, object]:
    """One figure, with a target that must not be exceeded if there is one."""
    return {"name": name, "value": value, "target": target, "holds": target is None or value <= target}


def main() -> int:
    """Prints the table and one line of JSON; 1 if a target is missed."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--data", type=Path, default=ROOT / ".data" / "bench")
    prepare(arguments.parse_args().data.resolve())
    figures = measure()
    print(json.dumps({"bench": "pages", "figures": figures}))
    return 0 if all(f["holds"] for f in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
