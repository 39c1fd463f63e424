"""Our own PostgreSQL server in a data folder, used when DATABASE_URL is unset.

One folder, one server, on 127.0.0.1 only. Before a server is used or stopped it must prove
that it reads our folder; any other is left alone.
"""

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psycopg

from karmayogi.cli import processes
from karmayogi.cli.binaries import (
    Binaries,
    FolderIsForeign,
    PostgresNotFound,
    ServerError,
    find_binaries,
    reachable_binaries,
    run,
)
from karmayogi.cli.cluster import TOKEN, Cluster, SecretsMissing, free_port
from karmayogi.cli.databases import (
    Address,
    DatabaseInUse,
    ExtensionMissing,
    connect,
    drop_database,
    ensure_database,
    ensure_roles,
)

__all__ = [
    "Address",
    "Binaries",
    "DatabaseInUse",
    "ExtensionMissing",
    "FolderIsForeign",
    "PostgresNotFound",
    "SecretsMissing",
    "Server",
    "ServerDidNotStart",
    "ServerDidNotStop",
    "ServerError",
    "ServerIsForeign",
    "Status",
    "connect",
    "drop_database",
    "ensure_database",
    "ensure_roles",
    "find_binaries",
]

PATIENCE = 120.0
"""Seconds a start or stop may take; replaying the log after a crash is part of a start."""


class ServerIsForeign(ServerError):
    """The process or port that our folder names belongs to somebody else."""


class ServerDidNotStart(ServerError):
    """PostgreSQL gave up; the message holds its last words."""


class ServerDidNotStop(ServerError):
    """PostgreSQL is still there."""


@dataclass(frozen=True)
class Status:
    """What is true of a folder now; `sentence` says it for a person.

    `address` and `pid` are set only when running, `version` whenever there is data.
    """

    state: Literal["absent", "stopped", "starting", "running", "foreign"]
    sentence: str
    folder: Path
    data: Path
    log: Path
    address: Address | None = None
    pid: int | None = None
    version: str | None = None


class Server:
    """The server of `folder`. With `durable` false a crash of the machine may lose everything: for tests."""

    def __init__(self, folder: Path | str, *, durable: bool = True) -> None:
        self.folder = Path(folder).expanduser().absolute()
        self._cluster = Cluster(self.folder, durable)

    def start(self) -> Address:
        """The address of the running server, started (and made) when necessary; it outlives the caller.

        Raises PostgresNotFound, FolderIsForeign, ServerIsForeign, SecretsMissing, ServerDidNotStart.
        """
        cluster = self._cluster
        with self._locked():
            now = self._settled()
            if now.address:
                return now.address
            if now.state == "foreign":
                raise ServerIsForeign(now.sentence)
            binaries = find_binaries(cluster.major)
            binaries = reachable_binaries(
                binaries, account=cluster.account, home=self.folder, durable=cluster.durable
            )
            cluster.prepare(binaries)
            self._clear_remains()
            return self._launch(binaries)

    def stop(self) -> None:
        """Ends the server and its connections; nothing when it does not run.

        Raises ServerIsForeign, ServerDidNotStop.
        """
        with self._locked():
            self._stop()

    def reset(self) -> None:
        """Stops the server and removes its data for good.

        Raises FolderIsForeign unless our marker is there, ServerIsForeign.
        """
        with self._locked():
            self._cluster.claimed()
            self._stop()
            self._clear_remains()
            self._cluster.remove()

    def status(self) -> Status:
        """What is true now; starts and stops nothing."""
        cluster = self._cluster
        if not cluster.made:
            return self._status("absent", f"There is no server in {self.folder} yet.")
        found = processes.postmaster(cluster.data)
        if found is None or not processes.alive(found.pid):
            return self._status("stopped", f"The server in {self.folder} is stopped.")
        name = processes.program(found.pid)
        if name is not None and name not in ("postgres", "postmaster"):
            # The number of a server that died went to another program: nobody to talk to.
            return self._status("stopped", f"The server in {self.folder} ended without a goodbye.")
        return self._interview(found)

    def _interview(self, found: processes.Postmaster) -> Status:
        cluster = self._cluster
        ours = processes.belongs(found.pid, cluster.data)
        if found.port is None and ours:
            return self._status("starting", f"The server in {self.folder} is starting.")
        address = cluster.address(found.port or 0)
        try:
            row = _credentials(address)
        except psycopg.OperationalError as error:
            if not ours:
                return self._foreign(found, "it does not know our password")
            if "authentication failed" in str(error):
                secret = cluster.home / "secrets.json"
                raise SecretsMissing(f"The server in {self.folder} refuses the passwords of {secret}.") from error
            return self._status("starting", f"The server in {self.folder} does not answer yet: {error}")
        folder, token, version = row
        if Path(folder).resolve() != cluster.data.resolve():
            return self._foreign(found, f"its data is in {folder}")
        if token != cluster.token():
            return self._foreign(found, f"its {TOKEN} is not ours")
        return self._status(
            "running",
            f"PostgreSQL {version} runs in {self.folder} on port {found.port} (process {found.pid}).",
            address=address,
            pid=found.pid,
            version=version.split()[0],
        )

    def _foreign(self, found: processes.Postmaster, why: str) -> Status:
        return self._status(
            "foreign",
            f"{self._cluster.data / 'postmaster.pid'} names process {found.pid} on port {found.port}, "
            f"but that PostgreSQL is not ours: {why}. It is left alone. If no other program uses "
            f"{self._cluster.data}, remove that file and start again.",
        )

    def _status(
        self,
        state: Literal["absent", "stopped", "starting", "running", "foreign"],
        sentence: str,
        *,
        address: Address | None = None,
        pid: int | None = None,
        version: str | None = None,
    ) -> Status:
        cluster = self._cluster
        version = version or (str(cluster.major) if cluster.made else None)
        return Status(state, sentence, self.folder, cluster.data, cluster.log, address, pid, version)

    def _settled(self) -> Status:
        """The status once a start already under way has ended."""
        deadline = time.monotonic() + PATIENCE
        while (now := self.status()).state == "starting":
            if time.monotonic() > deadline:
                raise ServerDidNotStart(f"{now.sentence}\n{self._last_words()}")
            time.sleep(0.1)
        return now

    def _launch(self, binaries: Binaries) -> Address:
        cluster = self._cluster
        said = ""
        for attempt in range(5):
            port = free_port(cluster.port() if attempt == 0 else None)
            cluster.configure(port=port)
            self._turn_log()
            before = cluster.log.stat().st_size if cluster.log.exists() else 0
            command: list[str | Path] = [binaries.folder / "pg_ctl", "start", "-w", "-t", f"{PATIENCE:.0f}", "-D", cluster.data]
            # Opened by us and handed over: the server's account need not reach the file.
            with cluster.log.open("a") as output:
                run(command, account=cluster.account, output=output)
            now = self._settled()
            if now.address:
                return now.address
            if now.state == "foreign":
                raise ServerIsForeign(now.sentence)
            said = self._last_words(since=before)
            if "could not bind" not in said:
                break
        raise ServerDidNotStart(
            f"PostgreSQL in {self.folder} did not start. {cluster.log} ends with:\n{said}"
        )

    def _stop(self) -> None:
        cluster = self._cluster
        now = self._settled()
        if now.state == "foreign":
            raise ServerIsForeign(now.sentence)
        if now.state != "running" or now.pid is None:
            return
        binaries = find_binaries(cluster.major)
        binaries = reachable_binaries(
            binaries, account=cluster.account, home=self.folder, durable=cluster.durable
        )
        command: list[str | Path] = [
            binaries.folder / "pg_ctl",
            "stop",
            "-m",
            "fast",
            "-w",
            "-t",
            f"{PATIENCE:.0f}",
            "-D",
            cluster.data,
        ]
        said = run(command, account=cluster.account).stdout
        if processes.alive(now.pid):
            raise ServerDidNotStop(f"{said.strip()}\n{self._last_words()}")

    def _clear_remains(self) -> None:
        """Ends orphans of a killed postmaster and sets its stale postmaster.pid aside."""
        data = self._cluster.data
        for sign, wait in ((None, 3.0), (signal.SIGTERM, 5.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            orphans = processes.of_folder(data)
            if not orphans:
                break
            for pid in orphans:
                if sign and processes.belongs(pid, data):
                    os.kill(pid, sign)
            deadline = time.monotonic() + wait
            while processes.of_folder(data) and time.monotonic() < deadline:
                time.sleep(0.05)
        if processes.postmaster(data):
            (data / "postmaster.pid").replace(data.parent / "postmaster.pid.stale")

    def _turn_log(self) -> None:
        log = self._cluster.log
        if log.exists() and log.stat().st_size > 20_000_000:
            log.replace(log.with_name("server.log.1"))

    def _last_words(self, *, since: int = 0, lines: int = 20) -> str:
        try:
            with self._cluster.log.open("rb") as file:
                file.seek(max(since, os.fstat(file.fileno()).st_size - 20_000))
                return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
        except FileNotFoundError:
            return "(nothing)"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _credentials(address: Address) -> tuple[str, str | None, str]:
    """Data folder, cluster token and version of whoever answers at `address`."""
    with connect(address) as connection:
        row = connection.execute(
            "SELECT current_setting('data_directory'), pg_read_file(%s, 0, 100, true), "
            "current_setting('server_version')",
            (TOKEN,),
        ).fetchone()
    return row or ("", None, "")
