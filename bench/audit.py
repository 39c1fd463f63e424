"""A business transaction with its audit row, as a ratio to the same one without, in the same run.

Usage: python bench/audit.py [--data FOLDER] [--times N]. Works in a database of its own on the project's server in
FOLDER (durable: each commit reaches the disk) and drops it afterwards. The transaction is the smallest of the product
that writes an audit row: a course is flagged, a second one reopens it. With and without take turns, so that what else
the machine does meets both; the figure is the ratio of the sums: commits take whole ticks of the disk, and a median
jumps between them. Shown beside it: the same without waiting for the disk. Sealing is measured apart.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
DATABASE = "karmayogi_bench_audit"
MOST_RATIO = 1.3
SEALED = 20_000


def prepare(folder: Path) -> None:
    """An empty migrated database, and Django on it as the worker role."""
    os.environ |= {"KARMAYOGI_DATA": str(folder), "KARMAYOGI_DATABASE": DATABASE}
    os.environ.pop("DATABASE_URL", None)
    from karmayogi.cli import environment
    from karmayogi.cli.databases import drop_database, ensure_roles

    server = environment.own_server().start()
    ensure_roles(server)
    drop_database(server, DATABASE)
    subprocess.run([sys.executable, "-m", "karmayogi", "db", "migrate"], check=True, stdout=sys.stderr)
    environment.prepare(environment.roles.WORKER)


def course() -> str:
    """A published course; its key."""
    from django.utils import timezone

    from karmayogi.institutions import bodies
    from karmayogi.institutions.bodies import NewBody
    from karmayogi.learning import courses
    from karmayogi.learning.drafts import NewCourse, NewModule, NewPage
    from karmayogi.policy import rules
    from karmayogi.registry.acting import as_worker
    from karmayogi.standards import markdown

    now = timezone.now()
    said = {"en": "A course"}
    with as_worker():
        rules.issue(rules.HOUSE_DEFAULTS)
        known = bodies.establish([NewBody("P", "Provider", "provider")], since=now.date(), order_no="B/1")
        page = NewPage(
            key="one",
            kind="text",
            minutes=4,
            title=said,
            texts={"en": markdown.to_page("Some text to read.")},
        )
        modules = [NewModule(said, [page])]
        made = NewCourse(key="bench", title=said, about=said, modules=modules, provider=known["P"])
        courses.publish(made, order_no="B/1", now=now)
    return "bench"


def move(key: str, number: int) -> None:
    """One business transaction."""
    from karmayogi.learning import courses
    from karmayogi.registry.acting import as_worker

    with as_worker():
        if number % 2:
            courses.reopen(key, order_no="B/2", reason="Corrected.")
        else:
            courses.flag(key, order_no="B/2", reason="A fault was reported.")


def measure(key: str, times: int) -> dict[str, list[float]]:
    """Seconds of each transaction, with and without its row, taking turns in pairs."""
    from karmayogi.institutions import audit

    record = audit.record
    kinds: dict[str, Callable[..., object]] = {"with": record, "without": lambda *_, **__: None}
    spent: dict[str, list[float]] = {name: [] for name in kinds}
    for pair in range(times):
        for name in sorted(kinds, reverse=bool(pair % 2)):
            audit.record = kinds[name]  # type: ignore[assignment]
            for number in (0, 1):
                begun = time.perf_counter()
                move(key, number)
                spent[name].append(time.perf_counter() - begun)
    audit.record = record
    return spent


def share(spent: dict[str, list[float]]) -> float:
    """Time with the row by time without it."""
    return sum(spent["with"]) / sum(spent["without"])


def wait_for_disk(wanted: bool) -> None:
    """Whether a commit of this connection returns before it is on the disk."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SET synchronous_commit = {'on' if wanted else 'off'}")


def seal() -> float:
    """Entries sealed a second."""
    import datetime as dt

    from karmayogi.institutions import audit, audit_sealing
    from karmayogi.institutions.audit import Trace
    from karmayogi.registry import ids
    from karmayogi.registry.acting import as_worker

    now = dt.datetime.now(dt.UTC)
    with as_worker():
        traces = (Trace(ids.new(), {"number": n}) for n in range(SEALED))
        audit.record_all("bench.act", traces, actor=None, object_kind="bench", reason="", now=now)
    begun, entries = time.perf_counter(), 0
    while (done := audit_sealing.seal(now=now)).entries:
        entries += done.entries
    return entries / (time.perf_counter() - begun)


def main() -> int:
    """Prints the table and one line of JSON; 1 if the target is missed."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--data", type=Path, default=ROOT / ".data" / "bench")
    arguments.add_argument("--times", type=int, default=400, help="Pairs of transactions of each kind.")
    chosen = arguments.parse_args()
    prepare(chosen.data.resolve())
    key = course()
    measure(key, 20)
    spent = measure(key, chosen.times)
    wait_for_disk(False)
    quick = measure(key, chosen.times)
    wait_for_disk(True)
    medians = {name: statistics.median(seconds) for name, seconds in spent.items()}
    ratio, rate = share(spent), seal()
    print(f"{'':<20}{'median ms':>11}{'mean ms':>9}")
    for name, seconds in spent.items():
        print(f"{name + ' its row':<20}{medians[name] * 1e3:11.3f}{statistics.mean(seconds) * 1e3:9.3f}")
    print(
        f"ratio {ratio:.3f} (at most {MOST_RATIO}); {rate:,.0f} entries sealed a second; load {os.getloadavg()[0]:.1f}"
    )
    figures = [
        {"name": "ratio_with_audit_row", "value": round(ratio, 4), "target": MOST_RATIO, "holds": ratio <= MOST_RATIO},
        {"name": "ratio_without_waiting_for_disk", "value": round(share(quick), 4), "target": None, "holds": True},
        {"name": "entries_sealed_per_second", "value": round(rate), "target": None, "holds": True},
    ]  # fmt: skip
    drop()
    print(json.dumps({"bench": "audit", "figures": figures}))
    return 0 if all(f["holds"] for f in figures) else 1


def drop() -> None:
    """Removes the database of this run."""
    from django.db import connections

    from karmayogi.cli import environment
    from karmayogi.cli.databases import drop_database

    connections.close_all()
    drop_database(environment.own_server().start(), DATABASE)


if __name__ == "__main__":
    sys.exit(main())
