"""Server CPU and SQL of each page on the demonstration, as ratios to a bare Django view of 50 rows in the same run.

Usage: python bench/pages.py [--data FOLDER]. Builds the demonstration in FOLDER (kept for the next run).
Process CPU time, so a busy machine does not matter much; still quote ratios, not milliseconds.
"""

import argparse
import gzip
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
TIMES = 15
PAGES = {
    "meenakshi": ["home", "competencies", "plan", "learn", "record", "notices"],
    "arvind": ["team"],
    "nandini": ["needs", "requirements", "officials"],
    "khandelwal": ["vacancies", "orders"],
    "gogoi": ["benchmarks"],
}
MOST_SQL = 12
MOST_CPU = {"competencies": 5.0}


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


def cpu(run) -> float:
    """Median CPU milliseconds of one call, after a warm-up."""
    for _ in range(3):
        run()
    spent = []
    for _ in range(TIMES):
        before = time.process_time()
        run()
        spent.append((time.process_time() - before) * 1000)
    return statistics.median(spent)


def bare():
    """A Django view of 50 rows and nothing else: one query, one template, no middleware."""
    from django.http import HttpResponse
    from django.template import engines

    from karmayogi.institutions.models import Body
    from karmayogi.registry.acting import acting

    template = engines["django"].from_string(
        "<table>{% for r in rows %}<tr><td>{{ r.code }}</td><td>{{ r.name }}</td><td>{{ r.kind }}</td></tr>"
        "{% endfor %}</table>"
    )

    def view():
        with acting():
            return HttpResponse(template.render({"rows": list(Body.objects.all()[:50])}))

    return view


def main() -> int:
    """Prints the table and one line of JSON; 1 if a target is missed."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--data", type=Path, default=ROOT / ".data" / "bench")
    prepare(arguments.parse_args().data.resolve())
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    unit = cpu(bare())
    print(f"{'bare view of 50 rows':<28}{unit:8.2f} ms CPU")
    print(f"{'page':<28}{'ratio':>8}{'SQL':>6}{'kB gzip':>9}")
    figures = []
    for login, names in PAGES.items():
        client = Client(headers={"host": "localhost"})
        assert client.post("/demo/", {"as": login}).status_code == 302
        client.get("/")
        for name in names:
            address = reverse(name)
            with CaptureQueriesContext(connection) as queries:
                response = client.get(address)
            assert response.status_code == 200, (name, response.status_code)
            size = len(gzip.compress(response.content)) / 1000
            ratio = cpu(lambda c=client, a=address: c.get(a)) / unit
            print(f"{name:<28}{ratio:8.1f}{len(queries):6d}{size:9.1f}")
            figures.append(figure(f"{name}.sql", len(queries), MOST_SQL))
            if name in MOST_CPU:
                figures.append(figure(f"{name}.cpu_ratio", round(ratio, 2), MOST_CPU[name]))
            else:
                figures.append(
                    {"name": f"{name}.cpu_ratio", "value": round(ratio, 2), "target": None, "holds": True}
                )
    print(json.dumps({"bench": "pages", "figures": figures}))
    return 0 if all(f["holds"] for f in figures) else 1


def figure(name: str, value: float, target: float) -> dict:
    """One figure with a target that must not be exceeded."""
    return {"name": name, "value": value, "target": target, "holds": value <= target}


if __name__ == "__main__":
    sys.exit(main())
