"""What `karmayogi doctor` looks at in a real installation: where DATABASE_URL names a server, or our own one runs."""

import datetime as dt
import os
import shutil
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import psycopg

from karmayogi.cli import environment
from karmayogi.cli.finding import Finding
from karmayogi.registry import roles, vault, wrapping

SKEW = 2.0
"""Seconds the clock here may differ from the database's."""
SILENT = 60.0
"""Seconds a worker may give no sign of life."""
STALE = dt.timedelta(hours=26)
"""Age of a backup that is made every night."""
ROOM = 0.1
"""Share of a disk that must be free."""
PACKAGE = Path(__file__).parents[1]
RIGHTS = "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE starts_with(rolname, 'karmayogi_')"
OPEN = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
 AND relname <> 'django_migrations' AND NOT (relrowsecurity AND relforcerowsecurity) ORDER BY 1
"""
LAST_SIGN = "SELECT extract(epoch FROM now() - max(last_heartbeat))::float FROM procrastinate_workers"
ARCHIVER = """
SELECT current_setting('archive_mode'), last_failed_time IS NOT NULL
  AND (last_archived_time IS NULL OR last_failed_time > last_archived_time) FROM pg_stat_archiver
"""
Look = Callable[[psycopg.Connection[Any]], Finding]


def configured() -> bool:
    """Whether DATABASE_URL names a server of an installation."""
    return bool(os.environ.get("DATABASE_URL")) and not os.environ.get("KARMAYOGI_OWN_SERVER")


def address(role: str) -> str:
    """The address for a role without starting anything; '' where there is none."""
    if configured():
        return os.environ.get(environment.VARIABLES[role], "")
    status = environment.own_server().status()
    running = status.state == "running" and status.address is not None
    return status.address.url(role, environment.database_name()) if running and status.address else ""


def asked(name: str, role: str) -> Callable[[Look], Callable[[], Finding]]:
    """Makes a look at the database as `role` into a check that also copes with there being none."""

    def make(look: Look) -> Callable[[], Finding]:
        @wraps(look)
        def check() -> Finding:
            url = address(role)
            if not url:
                why = f"{environment.VARIABLES[role]} is not set here" if configured() else "no server runs"
                return Finding(name, True, f"not looked at: {why}")
            try:
                with psycopg.connect(url, connect_timeout=5) as connection:
                    return look(connection)
            except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidCatalogName):
                return Finding(name, True, "not looked at: no tables yet")
            except psycopg.OperationalError as error:
                if not configured():
                    return Finding(name, True, "not looked at: no database yet")
                return Finding(
                    name, False, str(error).strip().splitlines()[0], "Check the address and the server."
                )

        return check

    return make


def settings() -> Finding:
    """The environment of pages that real people use."""
    if not configured():
        return Finding("Settings", True, "not looked at: the project's own server is for one machine")
    given, wrong = os.environ, []
    wrong += [
        f"{name} is on" for name in ("KARMAYOGI_DEMO", "KARMAYOGI_DEBUG") if given.get(name, "0") != "0"
    ]
    wrong += ["KARMAYOGI_HTTPS is not on"] if given.get("KARMAYOGI_HTTPS") != "1" else []
    wrong += ["KARMAYOGI_SECRET_KEY is short"] if len(given.get("KARMAYOGI_SECRET_KEY", "")) < 50 else []
    wrong += ["KARMAYOGI_HOSTS is not set"] if not given.get("KARMAYOGI_HOSTS") else []
    if not given.get("KARMAYOGI_PUBLIC_URL", "").startswith("https://"):
        wrong.append("KARMAYOGI_PUBLIC_URL is no https address")
    do = "See how-to/run-on-a-server.md, part 2." if wrong else ""
    return Finding("Settings", not wrong, "; ".join(wrong) or "as an installation needs them", do)


@asked("Roles", roles.WORKER)
def database_roles(connection: psycopg.Connection[Any]) -> Finding:
    """The roles are all there, and none may do more than it should."""
    held = {name: (above, past) for name, above, past in connection.execute(RIGHTS)}
    every = (
        roles.OWNER,
        roles.APP,
        roles.WORKER,
        roles.MONITOR,
        roles.SCORER,
        roles.SIGNER,
        roles.PROVISIONER,
        roles.BACKUP,
    )
    wrong = [f"{name} is missing" for name in every if name not in held]
    wrong += [f"{name} is a superuser" for name, (above, _) in held.items() if above]
    wrong += [f"{n} passes row security" for n, (_, past) in held.items() if past and n != roles.BACKUP]
    if roles.BACKUP in held and not held[roles.BACKUP][1]:
        wrong.append(f"{roles.BACKUP} does not pass row security: its dumps fail")
    do = "See how-to/run-on-a-server.md, part 1." if wrong else ""
    return Finding("Roles", not wrong, "; ".join(sorted(wrong)) or f"{len(every)}, none too mighty", do)


@asked("Row security", roles.WORKER)
def row_security(connection: psycopg.Connection[Any]) -> Finding:
    """Every table is under forced row-level security."""
    lying_open = [name for (name,) in connection.execute(OPEN)]
    if lying_open:
        return Finding(
            "Row security", False, f"not forced on {', '.join(lying_open)}", "Run `karmayogi db migrate`."
        )
    return Finding("Row security", True, "forced on every table")


@asked("Migrations", roles.OWNER)
def migrations(connection: psycopg.Connection[Any]) -> Finding:
    """What this code brings is in the tables, and nothing that it does not know."""
    done = set(connection.execute("SELECT app, name FROM django_migrations").fetchall())
    files = {(p.parts[-3], p.stem) for p in PACKAGE.glob("*/migrations/0*.py")}
    rooms = {room for room, _ in files}
    waiting, unknown = files - done, {m for m in done if m[0] in rooms} - files
    if waiting:
        return Finding("Migrations", False, f"{len(waiting)} wait", "Run `karmayogi db migrate`.")
    if unknown:
        told = ", ".join(sorted(f"{room} {name}" for room, name in unknown))
        return Finding("Migrations", False, f"of a later version: {told}", "Install that version here.")
    return Finding("Migrations", True, f"{len(files)} of our own, all done")


@asked("Worker", roles.WORKER)
def worker(connection: psycopg.Connection[Any]) -> Finding:
    """A worker gave a sign of life lately."""
    (seconds,) = connection.execute(LAST_SIGN).fetchone() or (None,)
    if seconds is None or seconds > SILENT:
        said = "none ever" if seconds is None else f"none for {seconds:.0f} seconds"
        return Finding("Worker", not configured(), said, "Start `karmayogi worker`." if configured() else "")
    return Finding("Worker", True, f"last sign of life {seconds:.0f} seconds ago")


@asked("Clock", roles.WORKER)
def clock(connection: psycopg.Connection[Any]) -> Finding:
    """The clock here and the clock of the database."""
    before = time.time()
    (there,) = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float").fetchone() or (0.0,)
    skew = there - (before + time.time()) / 2
    if abs(skew) > SKEW:
        said = f"{abs(skew):.1f} seconds {'behind' if skew > 0 else 'ahead of'} the database"
        return Finding("Clock", False, said, "Run a time service (chrony) on both machines.")
    return Finding("Clock", True, f"within {abs(skew):.2f} seconds of the database")


@asked("Archive", roles.WORKER)
def archive(connection: psycopg.Connection[Any]) -> Finding:
    """The log of changes leaves the machine, without which only a nightly backup is left."""
    mode, failing = connection.execute(ARCHIVER).fetchone() or ("off", False)
    if mode == "off":
        do = "Set archive_mode: see how-to/back-up-and-restore.md." if configured() else ""
        return Finding("Archive", not configured(), "off: what came after the last backup can be lost", do)
    if failing:
        return Finding("Archive", False, "the last attempt failed", "Look at the log of the database.")
    return Finding("Archive", True, "on")


def backup() -> Finding:
    """How old the last backup is, by the file that whoever makes it touches."""
    mark = os.environ.get("KARMAYOGI_BACKUP_MARK", "")
    if not mark:
        do = "Let the backup touch a file and name it in KARMAYOGI_BACKUP_MARK." if configured() else ""
        return Finding("Backup", not configured(), "not known", do)
    try:
        age = dt.timedelta(seconds=time.time() - Path(mark).stat().st_mtime)
    except OSError:
        return Finding("Backup", False, f"{mark} is not there", "Make a first backup.")
    hours = f"{age.total_seconds() / 3600:.1f} hours old"
    return Finding(
        "Backup", age < STALE, hours, "" if age < STALE else "See why the nightly backup did not run."
    )


def disk() -> Finding:
    """Room for files where the data folder is."""
    place = environment.data_folder()
    while not place.exists():
        place = place.parent
    usage = shutil.disk_usage(place)
    well = usage.free >= ROOM * usage.total
    said = f"{usage.free / 2**30:.1f} GB free, {100 * usage.free / usage.total:.0f} %"
    return Finding("Disk", well, said, "" if well else "Make room, or move the data folder.")


def custody() -> Finding:
    """The root keys are there, readable by nobody else, wrapped as the environment says, by somebody who answers."""
    if os.environ.get("KARMAYOGI_KEEPER"):
        return Finding("Root keys", True, f"held by {os.environ['KARMAYOGI_KEEPER']}, a class of its own")
    file = Path(os.environ.get("KARMAYOGI_CUSTODY_FILE", environment.data_folder() / "custody.keys"))
    told = wrapping.read(os.environ)
    try:
        said = told.wrapping().describe()
        if not file.exists():
            return Finding("Root keys", True, f"none made yet; will be {said}")
        keeper = vault.FileKeeper(file, told)
        keeper.keys("doctor")
        others = [kind for kind in keeper.wrapped_by() if kind != told.kind]
    except (vault.KeeperUnreadable, wrapping.CustodyAway, wrapping.CustodyNotSet, OSError) as error:
        return Finding("Root keys", False, str(error), "See how-to/keep-the-keys.md.")
    if others:
        named = f"{len(others)} still as {', '.join(sorted(set(others)))} has them"
        return Finding("Root keys", False, f"{said}; {named}", "Run `karmayogi keys rewrap`.")
    return Finding("Root keys", True, said)


CHECKS: tuple[Callable[[], Finding], ...] = (
    settings, database_roles, row_security, migrations, worker, clock, archive, backup, disk, custody,
)  # fmt: skip
