"""`karmayogi audit tamper-test`: writers, a sealer and two witnesses at work, then every way to change the log unseen.

What looks for the tampering is `verify_log.py` in a process of its own, with what a witness keeps and an export; it
knows nothing of this project. Each tampering is done as the superuser with all triggers off, and undone again.
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import psycopg

from karmayogi.cli import environment
from karmayogi.cli.databases import drop_database
from karmayogi.cli.sealing import Sealing, hand_out, seal_all
from karmayogi.registry import roles

MOST_AGE = 5.0
"""Seconds the oldest unsealed row may be old."""


@dataclass
class Outcome:
    """What was tried and found. `missed`: ways nobody noticed; `alarms`: what was said of an untouched log."""

    entries: int = 0
    tried: dict[str, int] = field(default_factory=dict)
    found: int = 0
    missed: list[str] = field(default_factory=list)
    checks: int = 0
    alarms: list[str] = field(default_factory=list)
    writers: int = 0
    oldest_unsealed: float = 0.0

    @property
    def holds(self) -> bool:
        """Every tampering found, nothing else, and no row unsealed for long."""
        quiet = self.checks > 0 and not self.alarms and not self.missed
        return quiet and self.found == sum(self.tried.values()) and self.oldest_unsealed <= MOST_AGE

    def lines(self) -> Iterator[str]:
        """For people."""
        yield f"{self.entries} entries by {self.writers} writers at once"
        yield f"oldest unsealed row  {self.oldest_unsealed:.1f} s (at most {MOST_AGE:.0f})"
        yield f"false alarms         {len(self.alarms)} in {self.checks} checks of the untouched log"
        yield f"tamperings found     {self.found} of {sum(self.tried.values())}"
        yield from (f"  {count:>4}  {way}" for way, count in sorted(self.tried.items()))
        yield from (f"  MISSED  {way}" for way in self.missed)
        yield from (f"  ALARM   {said}" for said in self.alarms)


def run(*, times: int, writers: int, seconds: float, seed: int) -> Outcome:
    """The whole test in a database of its own, dropped afterwards."""
    if os.environ.get("DATABASE_URL") and not os.environ.get("KARMAYOGI_OWN_SERVER"):
        raise click.ClickException(
            "This test makes a database: unset DATABASE_URL to use this project's server."
        )
    outcome = Outcome(writers=writers)
    with tempfile.TemporaryDirectory() as folder, _scratch() as url, _witnesses(Path(folder)) as kept:
        bench = Bench(Path(folder), kept, outcome)
        _write_and_check(bench, writers=writers, seconds=seconds)
        _settle(bench)
        _tamper(bench, url, times=times, seed=seed)
    return outcome


@dataclass
class Bench:
    """Where the test works: a folder, and the folders the two witnesses keep."""

    folder: Path
    kept: list[Path]
    outcome: Outcome

    def check(self, cursor: Any, *, kept: Path) -> str:
        """What the outside verifier says of an export made now; '' if it finds the log whole."""
        from karmayogi.institutions import audit_export

        # Checkpoints first: one that is newer than the export would say that the export is cut off.
        copy = self.folder / "copy"
        shutil.copytree(kept, copy, ignore=shutil.ignore_patterns("lock", "seed", ".*"))
        try:
            with (self.folder / "export").open("w", encoding="utf-8") as file:
                file.writelines(audit_export.lines(cursor))
            command = [
                sys.executable,
                "-I",
                *map(str, (self.folder / "verify_log.py", copy, self.folder / "export")),
            ]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        finally:
            shutil.rmtree(copy)
        return "" if done.returncode == 0 else f"{done.stdout}{done.stderr}".strip() or str(done.returncode)


@contextmanager
def _scratch() -> Iterator[str]:
    """A migrated database, and Django on it as the worker role; the address of the superuser there."""
    name = f"karmayogi_tamper_{os.getpid()}"
    os.environ["KARMAYOGI_DATABASE"] = name
    server = environment.own_server().start()
    try:
        subprocess.run(
            [sys.executable, "-m", "karmayogi", "db", "migrate"], check=True, stdout=subprocess.DEVNULL
        )
        environment.prepare(roles.WORKER)
        yield server.url(roles.SUPERUSER, name)
    finally:
        if "DATABASE_URL" in os.environ:
            from django.db import connections

            connections.close_all()
        drop_database(server, name)


@contextmanager
def _witnesses(folder: Path) -> Iterator[list[Path]]:
    """A folder, and a witness in a second process; their folders."""
    from django.utils import timezone

    from karmayogi.institutions import audit_sealing
    from karmayogi.standards import verify_log

    shutil.copy(verify_log.__file__, folder / "verify_log.py")
    key = audit_sealing.key(now=timezone.now())
    drop, signed = folder / "drop", folder / "signed"
    command = [sys.executable, "-m", "karmayogi", "audit", "witness", "--port", "0"]
    command += ["--folder", str(signed), "--log-key", key.text]
    witness = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        url, _, vkey = (witness.stdout.readline() if witness.stdout else "").strip().partition(" ")
        os.environ |= {
            "KARMAYOGI_WITNESS_FOLDER": str(drop),
            "KARMAYOGI_WITNESS_URL": url,
            "KARMAYOGI_WITNESS_KEY": vkey,
        }
        yield [drop, signed]
    finally:
        witness.terminate()
        witness.wait(10)


def _write_and_check(bench: Bench, *, writers: int, seconds: float) -> None:
    """Writers write, the sealer seals, and meanwhile the log is checked again and again."""
    from django.db import connection
    from django.utils import timezone

    from karmayogi.institutions import audit_sealing

    over = threading.Event()
    threads = [threading.Thread(target=_write, args=(over, number)) for number in range(writers)]
    sealing = Sealing()
    for thread in [*threads, sealing]:
        thread.start()
    end, outcome = time.monotonic() + seconds, bench.outcome
    checked = time.monotonic()
    while time.monotonic() < end:
        time.sleep(0.1)
        oldest = audit_sealing.oldest_unsealed()
        if oldest:
            outcome.oldest_unsealed = max(outcome.oldest_unsealed, (timezone.now() - oldest).total_seconds())
        kept = bench.kept[outcome.checks % 2]
        if time.monotonic() - checked > 1.5 and list(kept.rglob("*.checkpoint")):
            with connection.cursor() as cursor:
                said = bench.check(cursor, kept=kept)
            outcome.checks += 1
            outcome.alarms += [said] if said else []
            checked = time.monotonic()
    over.set()
    for thread in threads:
        thread.join()
    sealing.stop()


def _write(over: threading.Event, number: int) -> None:
    """Business transactions of differing length; some are undone, some refused."""
    from django.db import connection, transaction

    from karmayogi.institutions import audit
    from karmayogi.registry.acting import as_worker

    draw, done = random.Random(number), 0  # noqa: S311 (nothing here is secret)
    while not over.is_set():
        done += 1
        with as_worker(), connection.cursor() as cursor:
            if draw.random() < 0.1:
                audit.refuse(actor=None, route="orders-issue", method="POST", reason="NotForYou: no grant")
            for _ in range(draw.randrange(1, 4)):
                audit.record(
                    "test.act", actor=None, object_kind="test", object_id=f"{number}.{done}", reason="Because.",
                    details={"number": number, "done": done, "share": draw.random()},
                )  # fmt: skip
            cursor.execute("SELECT pg_sleep(%s)", [draw.choice([0.0, 0.01, 0.05, 0.2, 1.0])])
            if draw.random() < 0.1:
                transaction.set_rollback(True)
    connection.close()


def _settle(bench: Bench) -> None:
    """A few lawful erasures, the last seal, and both witnesses up to date."""
    from django.db import connection
    from django.utils import timezone

    from karmayogi.institutions import audit_erasure, audit_proofs, audit_witnesses
    from karmayogi.registry.acting import as_worker

    with as_worker(), connection.cursor() as cursor:
        cursor.execute("SELECT id FROM institutions_auditleaf WHERE position % 50 = 7")
        some = [id for (id,) in cursor.fetchall()]
        audit_erasure.erase(some, by=None, reason="A test of erasure.", now=timezone.now())
    seal_all()
    hand_out()
    bench.outcome.entries = audit_proofs.length()
    if audit_witnesses.witnessed() != bench.outcome.entries:
        raise click.ClickException("The witnesses did not take the last checkpoint.")
    for kept in bench.kept:
        with connection.cursor() as cursor:
            said = bench.check(cursor, kept=kept)
        bench.outcome.checks += 1
        bench.outcome.alarms += [said] if said else []


def _tamper(bench: Bench, url: str, *, times: int, seed: int) -> None:
    """Each tampering in a transaction that is rolled back after the export."""
    from karmayogi.cli.vandalism import WAYS

    draw, outcome = random.Random(seed), bench.outcome  # noqa: S311 (repeatable on purpose)
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        for number in range(times):
            way = WAYS[number % len(WAYS)]
            cursor.execute("SET LOCAL session_replication_role = replica")
            way(cursor, draw)
            said = bench.check(cursor, kept=bench.kept[draw.randrange(2)])
            connection.rollback()
            name = way.__name__.replace("_", " ")
            outcome.tried[name] = outcome.tried.get(name, 0) + 1
            outcome.found += bool(said)
            outcome.missed += [] if said else [name]
