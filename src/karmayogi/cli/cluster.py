"""The data folder of our server: what lies in it, how it is made, which port it last had."""

import json
import os
import secrets
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from karmayogi.cli.binaries import (
    Account,
    Binaries,
    FolderIsForeign,
    ServerError,
    account_for,
    reaches,
    refuge,
    refuges,
    run,
)
from karmayogi.cli.databases import Address
from karmayogi.registry.roles import SUPERUSER, WITH_PASSWORD

HOST = "127.0.0.1"
KIND = "karmayogi postgresql server"
STALE = "postmaster.pid.stale"
TOKEN = "cluster_token"  # noqa: S105 (the name of a file)
SETTINGS = {
    "listen_addresses": HOST,
    # Paths of sockets are limited to about 107 bytes and the port alone is enough.
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "shared_buffers": "256MB",
    "max_connections": "100",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "cluster_name": "karmayogi",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
LEAVINGS = ("data.moved", "secrets.json", "server.log", "server.log.1", STALE, "server.json")
ACCESS = f"# Written by karmayogi.\nhost all all {HOST}/32 scram-sha-256\n"


class SecretsMissing(ServerError):
    """There is data, but the passwords to it are gone."""


class DataMissing(ServerError):
    """There was data, and it is gone."""


@dataclass(frozen=True)
class Cluster:
    """`home` holds marker, secrets, lock and log; `data` is what PostgreSQL calls its data directory."""

    home: Path
    durable: bool

    @property
    def marker(self) -> Path:
        """The file that says this folder is ours, with the last port."""
        return self.home / "server.json"

    @property
    def log(self) -> Path:
        """What the server printed."""
        return self.home / "server.log"

    @property
    def secrets(self) -> Path:
        """The passwords and the token."""
        return self.home / "secrets.json"

    @property
    def data(self) -> Path:
        """PGDATA: in `home`, or where the pointer file says it had to move."""
        pointer = self.home / "data.moved"
        return Path(pointer.read_text().strip()) if pointer.exists() else self.home / "data"

    @property
    def made(self) -> bool:
        """Whether there is data. Raises FolderIsForeign when another user keeps it closed."""
        try:
            return (self.data / "PG_VERSION").exists()
        except PermissionError:
            raise FolderIsForeign(
                f"{self.data} belongs to another user. Run this command as that user."
            ) from None

    @property
    def major(self) -> int | None:
        """The PostgreSQL major version the data belongs to; None without data."""
        return int((self.data / "PG_VERSION").read_text()) if self.made else None

    @property
    def account(self) -> Account | None:
        """Who runs the server."""
        return account_for(self.data)

    def port(self) -> int | None:
        """The port of the last start."""
        port = self._marked().get("port")
        return port if isinstance(port, int) else None

    def address(self, port: int) -> Address:
        """Address at `port` with the stored passwords. Raises SecretsMissing."""
        held = self._secrets()
        missing = [role for role in WITH_PASSWORD if role not in held["passwords"]]
        if missing:  # a role that came with a later version
            held["passwords"] |= {role: secrets.token_urlsafe(24) for role in missing}
            write(self.secrets, json.dumps(held, indent=1), mode=0o600)
        return Address(HOST, port, held["passwords"])

    def token(self) -> str:
        """The random word that both we and the data folder know. Raises SecretsMissing."""
        return str(self._secrets()[TOKEN])

    def prepare(self, binaries: Binaries) -> None:
        """Makes folder, secrets and data when missing. Raises FolderIsForeign, ServerError."""
        self.home.mkdir(mode=0o711, parents=True, exist_ok=True)
        if self.made:
            self.claimed()
            return
        if not self.marker.exists() and self.data.exists():
            raise FolderIsForeign(f"{self.data} was not made by karmayogi. Choose another data folder.")
        if self.port():
            raise DataMissing(
                f"{self.data} is gone, though a server ran there. Put it back from a copy, or reset "
                f"the server in {self.home} to begin without data."
            )
        self._mark(port=None)
        if not reaches(self.account, self.home):
            place = refuge(self.home, durable=self.durable) / "data"
            write(self.home / "data.moved", f"{place}\n")
        keys = {
            "passwords": {role: secrets.token_urlsafe(24) for role in WITH_PASSWORD},
            TOKEN: secrets.token_hex(16),
        }
        write(self.secrets, json.dumps(keys, indent=1), mode=0o600)
        self._initialise(binaries)

    def claimed(self) -> None:
        """Raises FolderIsForeign unless our marker is in the folder."""
        if self._marked().get("kind") != KIND or self.data.is_symlink():
            raise FolderIsForeign(
                f"{self.home} does not carry karmayogi's marker {self.marker.name}; it is left alone."
            )

    def removable(self) -> None:
        """Raises FolderIsForeign unless our marker is here and the data belongs to this very folder."""
        self.claimed()
        if self.data.parent not in (self.home, *refuges(self.home)):
            raise FolderIsForeign(
                f"{self.home} was copied or renamed: its pointer data.moved leads to {self.data}, which may "
                "serve another folder. Nothing was removed. Give the folder its former name, then reset."
            )

    def configure(self, *, port: int) -> None:
        """Writes the settings for the next start and remembers `port`."""
        settings = SETTINGS | {"port": str(port)} | ({} if self.durable else FORGETFUL)
        lines = [
            "# Written by karmayogi at every start.",
            *(f"{key} = '{value}'" for key, value in settings.items()),
        ]
        write(self.data / "karmayogi.conf", "\n".join(lines) + "\n", mode=0o600, owner=self.account)
        self._mark(port=port)

    def remove(self) -> None:
        """Removes data, secrets, log and marker; the lock file stays, since somebody may wait on it."""
        self.removable()
        data = self.data
        for path in (data, draft_of(data)):
            if path.exists():
                shutil.rmtree(path)
        for place in refuges(self.home):  # with moved data, copied programs or both
            shutil.rmtree(place)
        for name in LEAVINGS:
            (self.home / name).unlink(missing_ok=True)

    def _initialise(self, binaries: Binaries) -> None:
        account, draft = self.account, draft_of(self.data)
        if draft.exists():  # a set-up that was cut short
            shutil.rmtree(draft)
        draft.mkdir(mode=0o700)
        password = draft.with_name("password.new")
        give(draft, account)
        try:
            write(password, self._secrets()["passwords"][SUPERUSER] + "\n", mode=0o600, owner=account)
            _initdb(binaries, draft, password=password, account=account, durable=self.durable)
        finally:
            password.unlink(missing_ok=True)
        write(draft / "pg_hba.conf", ACCESS, mode=0o600, owner=account)
        write(draft / TOKEN, self.token(), mode=0o600, owner=account)
        with (draft / "postgresql.conf").open("a") as file:
            file.write("\n# Settings of your own go below this line; they win.\ninclude 'karmayogi.conf'\n")
        draft.rename(self.data)

    def _mark(self, *, port: int | None) -> None:
        write(self.marker, json.dumps({"kind": KIND, "port": port}))

    def _marked(self) -> dict[str, Any]:
        try:
            found = json.loads(self.marker.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _secrets(self) -> dict[str, Any]:
        path = self.secrets
        try:
            found: dict[str, Any] = json.loads(path.read_text())
        except FileNotFoundError:
            raise SecretsMissing(
                f"{path} is gone, and with it the passwords. Put it back from a copy."
            ) from None
        except PermissionError:
            raise SecretsMissing(f"{path} belongs to another user. Run this command as that user.") from None
        return found


def _initdb(
    binaries: Binaries, data: Path, *, password: Path, account: Account | None, durable: bool
) -> None:
    fixed = [f"--username={SUPERUSER}", "--encoding=UTF8", "--auth=scram-sha-256", f"--pwfile={password}"]
    fixed += [] if durable else ["--no-sync"]
    said = ""
    for locale in _locales(binaries.major):
        result = run([binaries.folder / "initdb", *fixed, *locale], account=account, data=data)
        if result.returncode == 0:
            return
        said = result.stdout
    raise ServerError(f"initdb of {binaries.folder} could not make {data}. It said:\n{said.strip()}")


def _locales(major: int) -> Iterator[list[str]]:
    """Options for initdb, best first: order by code point everywhere, letters of every script."""
    # pg_trgm asks the C library what a letter is, whatever the provider: with the
    # character type C it finds no trigram in Devanagari or Tamil.
    for kind in (["--locale=C.UTF-8"], ["--locale=C", "--lc-ctype=en_US.UTF-8"], ["--locale=C"]):
        if major >= 17:  # the same order on every machine, whatever its C library
            yield ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", *kind]
        yield kind


def draft_of(data: Path) -> Path:
    """Where data is made before it counts."""
    return data.with_name(data.name + ".new")


def give(path: Path, owner: Account | None) -> None:
    """Hands `path` to `owner`; nothing when None."""
    if owner:
        os.chown(path, owner.uid, owner.gid)


def write(path: Path, text: str, *, mode: int = 0o644, owner: Account | None = None) -> None:
    """Writes `text` to `path` in one step: readers see the old file or the new one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    give(draft, owner)
    draft.replace(path)


def free_port(preferred: int | None = None) -> int:
    """`preferred` when nobody listens there, else any free port of 127.0.0.1."""
    for port in (preferred, 0):
        if port is None:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ServerError(f"No free port on {HOST}.")
