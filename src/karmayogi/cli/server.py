"""Our own PostgreSQL server in a data folder, used when DATABASE_URL is unset.

One folder, one server, on 127.0.0.1 only. Before a server is used or stopped it must prove
that it reads our folder; any other is left alone.
"""

import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

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
from karmayogi.cli.cluster import STALE, Cluster, DataMissing, SecretsMissing, free_port
from karmayogi.cli.databases import (
    Address,
    DatabaseInUse,
    ExtensionMissing,
    connect,
    drop_database,
    ensure_database,
    ensure_roles,
)
from karmayogi.cli.identity import Status, examine

__all__ = [
    "Address",
    "Binaries",
    "DataMissing",
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
            self._cluster.removable()
            self._stop()
            self._clear_remains()
            self._cluster.remove()

    def status(self) -> Status:
        """What is true now; starts and stops nothing. Raises SecretsMissing, FolderIsForeign."""
        return examine(self._cluster)

    def _settled(self) -> Status:
        """The status once a start already under way has ended.

        A server that was just killed is seen for a moment and answers nobody, which looks like a stranger's: a
        refusal is believed only when it stands for a second.
        """
        deadline, doubt = time.monotonic() + PATIENCE, time.monotonic() + 1
        while (now := self.status()).state == "starting" or (
            now.state == "foreign" and time.monotonic() < doubt
        ):
            if time.monotonic() > deadline:
                raise ServerDidNotStart(f"{now.sentence}\n{self._last_words()}")
            time.sleep(0.1)
        return now

    def _launch(self, binaries: Binaries) -> Address:
        cluster = self._cluster
        said = ""
        for attempt in range(5):
            cluster.configure(port=free_port(cluster.port() if attempt == 0 else None))
            before = self._turn_log()
            # Opened by us and handed over: the server's account need not reach the file.
            with os.fdopen(
                os.open(cluster.log, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600), "a"
            ) as output:
                command: list[str | Path] = [
                    binaries.folder / "pg_ctl",
                    "start",
                    "-w",
                    "-t",
                    f"{PATIENCE:.0f}",
                ]
                run(command, account=cluster.account, data=cluster.data, output=output)
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
        now = self._settled()
        if now.state == "foreign":
            raise ServerIsForeign(now.sentence)
        if (pid := now.pid) is None:
            return
        os.kill(pid, signal.SIGINT)  # "fast": ends connections, keeps what was committed
        if not _until(lambda: not processes.alive(pid), seconds=PATIENCE):
            raise ServerDidNotStop(
                f"Process {pid} was asked to stop and still runs. {self._cluster.log} ends with:\n"
                f"{self._last_words()}"
            )

    def _clear_remains(self) -> None:
        """Ends orphans of a killed postmaster; sets aside a postmaster.pid that names nobody of ours."""
        data = self._cluster.data
        for sign in (None, signal.SIGTERM, signal.SIGQUIT, signal.SIGKILL):
            if sign:
                processes.send(sign, data)
            if _until(lambda: not processes.of_folder(data), seconds=3):
                break
        # Where processes can be seen, nobody uses the data now. PostgreSQL itself would take
        # any program of the same account under the old number for a running server.
        if processes.PROC.is_dir() and (data / "postmaster.pid").exists():
            (data / "postmaster.pid").replace(data.parent / STALE)

    def _turn_log(self) -> int:
        """The size of the log in bytes, begun anew when it had grown beyond 20 MB."""
        log = self._cluster.log
        if log.exists() and log.stat().st_size > 20_000_000:
            log.replace(log.with_name("server.log.1"))
        return log.stat().st_size if log.exists() else 0

    def _last_words(self, *, since: int = 0, lines: int = 20) -> str:
        try:
            with self._cluster.log.open("rb") as file:
                file.seek(max(since, os.fstat(file.fileno()).st_size - 20_000))
                return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
        except FileNotFoundError:
            return "(nothing)"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            if not self.folder.is_dir():
                self.folder.mkdir(mode=0o711, parents=True)
            file = (self.folder / "lock").open("w")
        except (PermissionError, NotADirectoryError, FileExistsError) as error:
            raise FolderIsForeign(
                f"{self.folder} cannot be used as a data folder: {error.strerror}."
            ) from error
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _until(true: Callable[[], bool], *, seconds: float) -> bool:
    """Whether `true` became so within `seconds`."""
    deadline = time.monotonic() + seconds
    while not (done := true()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return done
