"""Whether the server of a data folder runs, and whether whoever answers is really that server."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psycopg

from karmayogi.cli import processes
from karmayogi.cli.cluster import TOKEN, Cluster, SecretsMissing
from karmayogi.cli.databases import Address, connect

State = Literal["absent", "stopped", "starting", "running", "foreign"]


@dataclass(frozen=True)
class Status:
    """What is true of a folder now; `sentence` says it for a person.

    `address` and `pid` are set only when running, `version` whenever there is data.
    """

    state: State
    sentence: str
    folder: Path
    data: Path
    log: Path
    address: Address | None = None
    pid: int | None = None
    version: str | None = None


def examine(cluster: Cluster) -> Status:
    """The status of `cluster`; starts, stops and writes nothing.

    "running" only when whoever answers has our password, reads our folder and knows our token.
    Raises SecretsMissing, FolderIsForeign.
    """
    if not cluster.made:
        return _status(cluster, "absent", f"There is no server in {cluster.home} yet.")
    found = processes.postmaster(cluster.data)
    if found is None or not processes.alive(found.pid):
        return _status(cluster, "stopped", f"The server in {cluster.home} is stopped.")
    if processes.program(found.pid) not in (None, *processes.PROGRAMS):
        # The number of a server that died went to another program: nobody to talk to.
        return _status(cluster, "stopped", f"The server in {cluster.home} ended without a goodbye.")
    return _interview(cluster, found)


def _interview(cluster: Cluster, found: processes.Postmaster) -> Status:
    ours = processes.belongs(found.pid, cluster.data) or not processes.PROC.is_dir()
    if found.port is None and ours:
        return _status(cluster, "starting", f"The server in {cluster.home} is starting.")
    address = cluster.address(found.port or 0)
    try:
        folder, token, version = _credentials(address)
    except psycopg.OperationalError as error:
        if not processes.alive(found.pid):  # it ended while we asked
            return _status(cluster, "stopped", f"The server in {cluster.home} is stopped.")
        if not ours:
            return _foreign(cluster, found, "it does not answer to our password")
        if "authentication failed" in str(error):
            raise SecretsMissing(
                f"The server in {cluster.home} refuses the password in {cluster.secrets}. "
                "Put back the file that belongs to this data."
            ) from None
        return _status(cluster, "starting", f"The server in {cluster.home} does not answer yet: {error}")
    if Path(folder).resolve() != cluster.data.resolve():
        return _foreign(cluster, found, f"its data is in {folder}")
    if token != cluster.token():
        return _foreign(cluster, found, f"its {TOKEN} is not ours")
    sentence = f"PostgreSQL {version} runs in {cluster.home} on port {found.port} (process {found.pid})."
    if cluster.data.parent != cluster.home:
        sentence += f" Its data is in {cluster.data}."
    return _status(cluster, "running", sentence, address=address, pid=found.pid, version=version.split()[0])


def _credentials(address: Address) -> tuple[str, str | None, str]:
    """Data folder, cluster token and version of whoever answers at `address`."""
    with connect(address) as connection:
        row = connection.execute(
            "SELECT current_setting('data_directory'), pg_read_file(%s, 0, 100, true), "
            "current_setting('server_version')",
            (TOKEN,),
        ).fetchone()
    return row or ("", None, "")


def _foreign(cluster: Cluster, found: processes.Postmaster, why: str) -> Status:
    return _status(
        cluster,
        "foreign",
        f"{cluster.data / 'postmaster.pid'} names process {found.pid} on port {found.port}, but that "
        f"PostgreSQL is not ours: {why}. It is left alone. If no other program uses {cluster.data}, "
        "remove that file and start again.",
    )


def _status(
    cluster: Cluster,
    state: State,
    sentence: str,
    *,
    address: Address | None = None,
    pid: int | None = None,
    version: str | None = None,
) -> Status:
    version = version or (str(cluster.major) if cluster.made else None)
    return Status(state, sentence, cluster.home, cluster.data, cluster.log, address, pid, version)
