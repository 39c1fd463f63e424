"""A dump of the database by the backup role, and a database made again from one.

For an installation of its own size; a large one is backed up with pgbackrest (docs/how-to/back-up-and-restore.md),
which can go back to any moment.
"""

import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click
import psycopg

from karmayogi.cli.binaries import find_binaries

NOT_OURS = ("EXTENSION", "COMMENT - EXTENSION", "SCHEMA - public", "COMMENT - SCHEMA")
"""Entries of a dump that belong to the superuser and are there before anything is restored."""


class BackupFailed(click.ClickException):
    """The programs of PostgreSQL said no; the message holds their words."""


class DatabaseNotEmpty(click.ClickException):
    """There are tables; a restore goes into an empty database only."""


def dump(url: str, file: Path) -> int:
    """Writes everything to `file` (readable by its owner only) and returns its size in bytes.

    `url`: of the backup role. The file appears under its name when it is whole. Raises BackupFailed.
    """
    draft = file.with_name(f"{file.name}.part")
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        _run("pg_dump", url, "--format=custom", f"--file={draft}")
        draft.rename(file)
    finally:
        draft.unlink(missing_ok=True)
    return file.stat().st_size


def restore(url: str, file: Path) -> int:
    """Makes all tables with their rows again from `file`; how many. `url`: of the owner of an empty database.

    Raises DatabaseNotEmpty, BackupFailed.
    """
    if _tables(url):
        raise DatabaseNotEmpty("There are tables in this database. Name an empty one, or empty it first.")
    listed = _run("pg_restore", "", "--list", str(file))
    wanted = [line for line in listed.splitlines() if not any(f" {kind} " in line for kind in NOT_OURS)]
    contents = file.with_name(f"{file.name}.list")
    contents.write_text("\n".join(wanted) + "\n")
    try:
        _run(
            "pg_restore", url, f"--use-list={contents}", "--exit-on-error", "--single-transaction", str(file)
        )
    finally:
        contents.unlink()
    return _tables(url)


def _tables(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    return int(row[0]) if row else 0


def _run(program: str, url: str, *arguments: str) -> str:
    place = shutil.which(program)
    beside = find_binaries().folder / program
    command = [str(beside) if beside.exists() else place or program, *arguments]
    given = dict(os.environ)
    if url:  # never on the command line, where everybody on the machine reads it
        parts = urlsplit(url)
        given |= {"PGHOST": parts.hostname or "", "PGPORT": str(parts.port or 5432)}
        given |= {"PGUSER": unquote(parts.username or ""), "PGPASSWORD": unquote(parts.password or "")}
        given["PGDATABASE"] = unquote(parts.path.lstrip("/"))
        command += [f"--dbname={given['PGDATABASE']}"]
    try:
        done = subprocess.run(command, env=given, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise BackupFailed(f"{program} was not found. Install PostgreSQL's client programs.") from error
    if done.returncode:
        raise BackupFailed(f"{program}: {done.stderr.strip()[-1500:]}")
    return done.stdout
