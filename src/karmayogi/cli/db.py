"""`karmayogi db`: the project's own PostgreSQL server, and its tables."""

import json
import time
from pathlib import Path

import click

from karmayogi.cli import environment
from karmayogi.registry import roles

BASE = "base of 2026-11-22"
"""The first migrations were laid anew on that day, before anything was released; later ones only add to them."""
"""How long a migration waits for a table that requests are using."""
LAID_BEFORE = (
    "The tables of this database were laid by a version before the first release, which this one cannot carry on."
    " Nothing was changed. Keep a copy if you need what is in it; then empty it with `karmayogi db reset`"
    " (your own server: drop and create the database) and try again."
)
LONGEST_LOCK = "2s"
"""As long as a migration may wait for the lock of a table: all who use the table wait behind it."""


@click.group()
def command() -> None:
    """Start, stop, look at or reset the project's own database; migrate its tables."""


@command.command()
def start() -> None:
    """Start the server (if it is not running) and make roles and database."""
    click.echo(environment.address(roles.APP).rsplit("@", 1)[1])


@command.command()
def stop() -> None:
    """Stop the server; only ever this project's own."""
    environment.own_server().stop()
    click.echo("stopped")


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status(as_json: bool) -> None:
    """Say whether the server runs, where, and from which binaries."""
    found = environment.own_server().status()
    shown = {
        "state": found.state,
        "sentence": found.sentence,
        "folder": str(found.folder),
        "version": found.version,
    }
    click.echo(json.dumps(shown) if as_json else found.sentence)


@command.command()
@click.confirmation_option(prompt="This deletes all data in the data folder. Go on?")
def reset() -> None:
    """Stop the server and delete its data."""
    environment.own_server().reset()
    click.echo("reset")


@command.command()
def migrate() -> None:
    """Bring tables, grants and row policies up to what the code says."""
    environment.prepare(roles.OWNER)
    from django.core.management import call_command
    from django.db import connection

    from karmayogi.registry import locks, rows

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_regclass('django_migrations'), obj_description(to_regclass('django_migrations'))"
        )
        laid, base = cursor.fetchone()
    if laid and base != BASE:
        raise click.ClickException(LAID_BEFORE)
    if _waiting():
        rows.open_to_owner()
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [LONGEST_LOCK])
        locks.patiently(lambda: call_command("migrate", verbosity=0, interactive=False), whole=False)
        with connection.cursor() as cursor:
            cursor.execute(f"COMMENT ON TABLE django_migrations IS '{BASE}'")
    click.echo(f"migrated; {rows.protect()} tables protected")


def _waiting() -> bool:
    """Whether a migration waits; where none does, no table needs to be opened to its owner."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@command.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Write everything in the database to FILE, as the backup role.

    Keep it like the database itself: it holds personal data, answer keys and sealed signing keys. The files and the
    custody file in the data folder are not in it.
    """
    from karmayogi.cli import backups

    began = time.monotonic()
    size = backups.dump(environment.address(roles.BACKUP), file)
    click.echo(f"{size:,} bytes in {time.monotonic() - began:.1f} seconds")


@command.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def restore(file: Path) -> None:
    """Make the tables again from FILE, in an empty database; then run `karmayogi db migrate`."""
    from karmayogi.cli import backups

    began = time.monotonic()
    tables = backups.restore(environment.address(roles.OWNER), file)
    click.echo(f"{tables} tables in {time.monotonic() - began:.1f} seconds")
