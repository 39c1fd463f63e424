"""The ground a drill stands on: a cluster, a database, a small house and real processes, gone when it ends.

Everything is in a temporary folder and on free ports of 127.0.0.1. Nothing of the caller's environment that names a
database is read, so no drill can reach the demonstration or a real installation.
"""

import http.client
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from karmayogi.cli import processes
from karmayogi.cli.cluster import HOST, free_port
from karmayogi.cli.databases import Address, ensure_database, ensure_roles
from karmayogi.cli.server import Server
from karmayogi.registry import roles

DATABASE = "drill"
PATIENCE = 90.0
"""Seconds until a process must be up, or a state reached."""
OURS = ("KARMAYOGI_", "DATABASE_URL", "PG", "DJANGO_")


class DrillCannotRun(Exception):
    """The drill could not be set up here; the message says what is missing."""


@dataclass
class Ground:
    """A running drill ground. `house`: what `world.load` printed; `folder`: holds everything."""

    folder: Path
    server: Server
    address: Address
    house: Mapping[str, Any] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    secret: str = field(default_factory=secrets.token_urlsafe)

    def environment(self, *, port: int | None = None, source: Path | None = None) -> dict[str, str]:
        """Of a second process that works here; `port`: of a go-between before the database; `source`: other code."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
        via = Address(HOST, port or self.address.port, self.address.passwords)
        return {
            **clean,
            **({"PYTHONPATH": str(source)} if source else {}),
            "KARMAYOGI_DATA": str(self.folder / "files"),
            "DATABASE_URL": via.url(roles.APP, DATABASE),
            "KARMAYOGI_WORKER_URL": via.url(roles.WORKER, DATABASE),
            "KARMAYOGI_OWNER_URL": via.url(roles.OWNER, DATABASE),
            "KARMAYOGI_SECRET_KEY": self.secret,
            "KARMAYOGI_WITNESS_FOLDER": str(self.folder / "witness"),
            **self.settings,
        }

    def command(self, *arguments: str, given: Mapping[str, str] | None = None) -> str:
        """What a command of the house printed. Raises DrillCannotRun with its last words."""
        done = self.attempt(*arguments, given=given)
        if done.returncode:
            raise DrillCannotRun(f"karmayogi {' '.join(arguments)}: {done.stderr.strip()[-1500:]}")
        return done.stdout

    def attempt(
        self, *arguments: str, given: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """A command of the house, finished well or not."""
        return subprocess.run(
            [sys.executable, "-m", "karmayogi", *arguments],
            env=dict(given or self.environment()), cwd=self.folder, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def program(self, module: str, *arguments: str) -> str:
        """What a module of the house printed that is run as a program. Raises DrillCannotRun."""
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            env=self.environment(), cwd=self.folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise DrillCannotRun(f"{module} {' '.join(arguments)}: {done.stderr.strip()[-1500:]}")
        return done.stdout

    def start(
        self, name: str, *arguments: str, given: Mapping[str, str] | None = None, before: tuple[str, ...] = ()
    ) -> subprocess.Popen[bytes]:
        """A process of the house under a name of the drill's; what it says goes to `NAME.log`."""
        log = (self.folder / f"{name}.log").open("ab")
        self.running[name] = subprocess.Popen(
            [*before, sys.executable, "-m", "karmayogi", *arguments],
            env=dict(given or self.environment()), cwd=self.folder, stdout=log, stderr=log,
        )  # fmt: skip
        return self.running[name]

    def serve(self, name: str = "serve", *, given: Mapping[str, str] | None = None) -> int:
        """Pages on a free port, once they answer; the port."""
        port = free_port()
        started = self.start(name, "serve", "--port", str(port), "--workers", "2", given=given)
        if not until(lambda: started.poll() is not None or ready(port) == 200) or started.poll() is not None:
            raise DrillCannotRun(f"The pages did not come up: {self.said(name)}")
        return port

    def end(self, name: str) -> None:
        """Ends a process gently, and its children with it."""
        process = self.running.pop(name)
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill_database(self) -> int:
        """SIGKILL to the postmaster and all its children, as a crash would; how many processes died."""
        data = self.server.status().data
        found = processes.postmaster(data)
        if found is None or not processes.belongs(found.pid, data):
            raise DrillCannotRun("The database of the drill does not run.")
        children = processes.of_folder(data)
        for pid in [found.pid, *(c for c in children if c != found.pid)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return len(children)

    def revive(self) -> float:
        """Starts the database again on its old port; seconds until it answered."""
        began = time.monotonic()
        address = self.server.start()
        if address.port != self.address.port:
            raise DrillCannotRun(
                f"Port {self.address.port} was taken by another program. Run the drill again."
            )
        return time.monotonic() - began

    def rows(self, query: LiteralString, *values: Any) -> list[tuple[Any, ...]]:
        """Rows past every rule, for the drill's own bearings."""
        with psycopg.connect(self.address.url(roles.SUPERUSER, DATABASE), autocommit=True) as connection:
            cursor = connection.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    def said(self, name: str) -> str:
        """The last words of a process."""
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace")[-1500:] if path.exists() else ""


@contextmanager
def ground(
    *, people: int = 60, durable: bool = True, place: Path | None = None, configure: str = ""
) -> Iterator[Ground]:
    """A ground with a loaded house, removed afterwards. `configure`: lines for postgresql.conf.

    `durable`: the database waits for the disk at each commit, as a real one does. `place`: where the cluster goes.
    """
    folder = Path(tempfile.mkdtemp(prefix="karmayogi-drill-"))
    folder.chmod(0o711)
    server = Server((place or folder) / "postgres", durable=durable)
    made: Ground | None = None
    try:
        address = server.start()
        if configure:
            address = _configured(server, configure)
        ensure_roles(address)
        ensure_database(address, DATABASE)
        made = Ground(folder, server, address)
        made.command("db", "migrate")
        made.house = json.loads(made.program("karmayogi.cli.drills.world", "people", str(people)))
        yield made
    finally:
        for name in list(made.running) if made else []:
            made.end(name)  # type: ignore[union-attr]
        with suppress(FileNotFoundError):
            (made.server if made else server).reset()
        shutil.rmtree(folder, ignore_errors=True)


def _configured(server: Server, lines: str) -> Address:
    data = server.status().data
    with (data / "postgresql.conf").open("a") as file:
        file.write(f"\n{lines}\n")
    with (data / "pg_hba.conf").open("a") as file:
        file.write(f"host replication all {HOST}/32 scram-sha-256\n")
    server.stop()
    return server.start()


def ready(port: int) -> int:
    """The status of /readyz/ on a port; 0 if nobody answers."""
    connection = http.client.HTTPConnection(HOST, port, timeout=20)
    try:
        connection.request("GET", "/readyz/")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def until(true: Any, *, seconds: float = PATIENCE, pause: float = 0.1) -> bool:
    """Whether it became true in time."""
    end = time.monotonic() + seconds
    while not (done := bool(true())) and time.monotonic() < end:
        time.sleep(pause)
    return done
