"""`karmayogi loop`: the whole loop once through on real data, and what came of it as one table."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from karmayogi.cli import environment
from karmayogi.cli.binaries import ServerError
from karmayogi.cli.databases import drop_database
from karmayogi.registry import roles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karmayogi.journeys.real_loop.running import Outcome

DATABASE = "karmayogi_real"


@click.command()
@click.option("--real", is_flag=True, help="On the real data; there is no other loop yet.")
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), default=Path("../shared/data"), show_default=True,
    help="Folder of the real data.",
)  # fmt: skip
@click.option("--keep", is_flag=True, help=f"Keep the database {DATABASE} afterwards.")
@click.option(
    "--here", is_flag=True, help="Run in the database that is configured instead; it must be migrated."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(real: bool, data: Path, keep: bool, here: bool, as_json: bool) -> None:
    """Import real data, each file twice, and run the loop on it, in a database of its own."""
    if not real:
        raise click.UsageError("Say --real: the loop runs on real data only.")
    if os.environ.get("DATABASE_URL") and not here:
        raise click.UsageError("DATABASE_URL is set. Say --here to run in that database, or unset it.")
    started = time.perf_counter()
    if not here:
        os.environ["KARMAYOGI_DATABASE"] = DATABASE
        _fresh()
    try:
        outcome = _run(data)
    finally:
        if not here and not keep:
            _drop()
    seconds = time.perf_counter() - started
    if as_json:
        click.echo(json.dumps(_fields(outcome, seconds), ensure_ascii=False))
    else:
        _print(outcome, seconds)
    if not all(done.holds for done in outcome.imports):
        raise SystemExit(1)


def _fresh() -> None:
    """An empty migrated database; migrating is a process of its own, because one process has one role."""
    _drop()
    done = subprocess.run(
        [sys.executable, "-m", "karmayogi", "db", "migrate"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise click.ClickException(
            f"The tables could not be prepared.\n{(done.stderr or done.stdout).strip()}"
        )


def _drop() -> None:
    connections = sys.modules.get("django.db")
    if connections is not None:
        connections.connections.close_all()
    try:
        drop_database(environment.own_server().start(), DATABASE)
    except ServerError as error:
        raise click.ClickException(str(error)) from error


def _run(data: Path) -> "Outcome":
    environment.prepare(roles.WORKER)
    from django.utils import timezone

    from karmayogi.journeys.real_loop import running
    from karmayogi.standards.tables import UnreadableFile

    try:
        with _stages() as tell:
            return running.run(
                data.resolve(), now=timezone.now(), on=timezone.localdate(), tell=tell, analyze=_analyze
            )
    except (running.DataMissing, UnreadableFile) as error:
        raise click.ClickException(str(error)) from error


def _analyze() -> None:
    """Tells the planner what the tables hold now, where the owner's address is known."""
    import psycopg

    try:
        address = environment.address(roles.OWNER)
    except environment.NoDatabaseFor:
        return
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("ANALYZE")


def _stages() -> "AbstractContextManager[Callable[[str], None]]":
    """Says on stderr what is being done, where that is a terminal."""

    @contextmanager
    def shown() -> "Iterator[Callable[[str], None]]":
        if not sys.stderr.isatty():
            yield lambda stage: None
            return
        from rich.console import Console

        with Console(stderr=True).status("start") as status:
            yield status.update

    return shown()


def _fields(outcome: "Outcome", seconds: float) -> dict[str, Any]:
    return {
        "imports": [
            {
                "name": i.name, "read": i.first.read, "accepted": i.first.accepted, "quarantined": i.first.quarantined,
                "second_new": i.again.new, "second_changed": i.again.changed, "second_touched": i.touched,
                "holds": i.holds, "seconds": [round(i.first.seconds, 2), round(i.again.seconds, 2)],
            }
            for i in outcome.imports
        ],
        "loop": [asdict(row) for row in outcome.rows],
        "designations": outcome.designations,
        "seconds": round(seconds, 1),
    }  # fmt: skip


def _print(outcome: "Outcome", seconds: float) -> None:
    click.echo(
        f"{'import':<20}{'rows read':>10} ={'accepted':>9} +{'set aside':>10}"
        f"   second run: new, changed, tables that differ   seconds"
    )
    for i in outcome.imports:
        counts = f"{i.first.read:>10,} ={i.first.accepted:>9,} +{i.first.quarantined:>10,}"
        again = f"{i.again.new:>15,}{i.again.changed:>9,}{len(i.touched):>21,}"
        wrong = "" if i.holds else f"  DOES NOT HOLD {', '.join(i.touched)}"
        click.echo(f"{i.name:<20}{counts}{again}{i.first.seconds + i.again.seconds:>10.1f}{wrong}")
    d = outcome.designations
    click.echo(
        f"designations: {d['spellings']:,} spellings of {d['designations']:,} titles;"
        f" {d['suggested']:,} pairs wait for a person"
    )
    click.echo("")
    for row in outcome.rows:
        click.echo(f"{row.name:<26}{row.value:>10,.0f}   {row.note}")
    click.echo(f"\n{seconds:.0f} seconds. Sources and licences of the data: MANIFEST.md of the data folder.")
