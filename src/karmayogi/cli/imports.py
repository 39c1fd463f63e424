"""`karmayogi import`: takes in files, whole or row by row, and says what came of every row."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from karmayogi.cli import environment
from karmayogi.registry import roles

if TYPE_CHECKING:
    from karmayogi.registry.imports import Meter, Result
    from karmayogi.standards.organogram import Warned

SHOWN = 5
"""Problems shown in the terminal; all of them go into the error file."""


@dataclass(frozen=True)
class Options:
    """What all imports can be told."""

    dry_run: bool
    as_json: bool
    errors: Path | None


@click.group()
def command() -> None:
    """Take in a file: nothing half-written, every row set aside is named with its column.

    What a row says otherwise than it stands is a correction or is set aside, as the kind of file asks; the same file
    again changes nothing. Rows read are rows accepted plus rows set aside.
    """


def _shared(function: Callable[..., None]) -> Callable[..., None]:
    """Path and options of every import."""
    for decorate in (
        click.option(
            "--errors", type=click.Path(dir_okay=False, path_type=Path), help="Write rows set aside here."
        ),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
        click.option("--dry-run", is_flag=True, help="Do everything, then undo it: nothing is kept."),
        click.argument("path", type=click.Path(exists=True, path_type=Path)),
    ):
        function = decorate(function)
    return function


@command.command()
@_shared
@click.option("--junior/--senior", default=None, help="Which file it is; without it, its columns say.")
def organogram(path: Path, junior: bool | None, dry_run: bool, as_json: bool, errors: Path | None) -> None:
    """Posts, holders and reporting lines of every snapshot (CSV), or counts of junior posts."""
    warned: list[Warned] = []
    options = Options(dry_run, as_json, errors)
    _run("import_organogram", path, options, junior=junior, warned=warned)
    _tell(warned, options)


@command.command()
@_shared
def framework(path: Path, dry_run: bool, as_json: bool, errors: Path | None) -> None:
    """The UK Civil Service Competency Framework (JSON)."""
    _run("import_framework", path, Options(dry_run, as_json, errors))


@command.command()
@_shared
def designations(path: Path, dry_run: bool, as_json: bool, errors: Path | None) -> None:
    """Titles of posts (JSON), normalised; look-alikes go into a queue for a person."""
    _run("import_designations", path, Options(dry_run, as_json, errors))


@command.command()
@_shared
@click.option(
    "--needs", type=click.Path(exists=True, path_type=Path), help="The Q-matrix, if not beside the file."
)
def responses(path: Path, needs: Path | None, dry_run: bool, as_json: bool, errors: Path | None) -> None:
    """Scored responses with a Q-matrix (CSV): one calibrated pool per skill, every person scored."""
    _run("import_responses", path, Options(dry_run, as_json, errors), needs=needs)


@command.command()
@_shared
@click.option("--language", "languages", multiple=True, default=("en", "hi"), show_default=True)
@click.option("--key", default="security-101", show_default=True, help="Key of the course.")
@click.option("--title", default="Security 101", show_default=True)
@click.option("--competency", default="", help="Key of the competency it builds.")
@click.option("--level", default=1, show_default=True, help="Up to which level it builds it.")
def course(
    path: Path, languages: tuple[str, ...], key: str, title: str, competency: str, level: int, dry_run: bool,
    as_json: bool, errors: Path | None,
) -> None:  # fmt: skip
    """A course of Markdown pages, one folder for each language."""

    def frame() -> dict[str, Any]:
        from dataclasses import replace

        from karmayogi.journeys.import_course import SECURITY_101, Frame

        named = SECURITY_101 if key == SECURITY_101.key else Frame(key, title)
        return {
            "frame": replace(named, title=title, competency=competency, level=level),
            "languages": languages,
        }

    _run("import_course", path, Options(dry_run, as_json, errors), later=frame)


@command.command()
@_shared
def people(path: Path, dry_run: bool, as_json: bool, errors: Path | None) -> None:
    """People and their postings (CSV), streamed: files of any size. Blank cells change nothing."""
    _run("import_people", path, Options(dry_run, as_json, errors))


def _run(
    module: str,
    path: Path,
    options: Options,
    *,
    later: Callable[[], dict[str, Any]] | None = None,
    **told: Any,
) -> None:
    environment.prepare(roles.WORKER)
    import importlib

    from django.utils import timezone

    from karmayogi.competency.frameworks import (
        FrameworkNotConsistent,
        FrameworkVersionExists,
        UnknownCompetency,
        VersionIsFinal,
    )
    from karmayogi.learning.courses import IncompleteCourse
    from karmayogi.registry.imports import ImportAlreadyRunning
    from karmayogi.science.irt import ItemCannotBeCalibrated
    from karmayogi.standards.responses import MatricesDiffer
    from karmayogi.standards.tables import UnreadableFile

    told |= later() if later else {}
    try:
        with meter() as progress:
            result: Result = importlib.import_module(f"karmayogi.journeys.{module}").run(
                path,
                now=timezone.now(),
                dry_run=options.dry_run,
                error_file=options.errors,
                progress=progress,
                **told,
            )
    except (
        UnreadableFile, MatricesDiffer, ImportAlreadyRunning, FrameworkVersionExists, FrameworkNotConsistent,
        UnknownCompetency, VersionIsFinal, IncompleteCourse, ItemCannotBeCalibrated,
    ) as error:  # fmt: skip
        raise click.ClickException(f"{path.name}: {error} Nothing was written.") from error
    show(result, options)


@contextmanager
def meter() -> Iterator["Meter | None"]:
    """A bar that counts rows, on stderr and only where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("rows"), BarColumn(), TextColumn("{task.completed:,.0f}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("rows", total=None)

        class Bar:
            def step(self, n: int = 1) -> None:
                bars.advance(task, n)

        yield Bar()


def show(result: "Result", options: Options) -> None:
    """Prints what an import came to: as a few lines, or as one JSON object."""
    if options.as_json:
        fields = asdict(result)
        fields |= {
            "id": str(result.id or ""),
            "dry_run": options.dry_run,
            "seconds": round(result.seconds, 2),
        }
        click.echo(json.dumps(fields, ensure_ascii=False))
        return
    r = result
    click.echo(f"rows read {r.read:,} = accepted {r.accepted:,} + quarantined {r.quarantined:,}")
    click.echo(f"new {r.new:,}, changed {r.changed:,}, same {r.same:,}; {r.seconds:.1f} seconds")
    if options.dry_run:
        click.echo("dry run: nothing was kept")
    for p in r.problems[:SHOWN]:
        click.echo(f"  row {p.row}, {p.column or 'whole row'}: {p.what} ({p.value!r}). {p.mend}")
    if len(r.problems) > SHOWN:
        where = (
            f"all are in {options.errors}" if options.errors else "name a file with --errors to have them all"
        )
        click.echo(f"  … there are more; {where}")


def _tell(warned: "list[Warned]", options: Options) -> None:
    """Rows accepted with a reservation: a count, and each of them at the end of the error file."""
    if options.errors:
        from karmayogi.registry import errors
        from karmayogi.standards.tables import Problem

        noted = (Problem(w.row, w.column, w.value, f"Accepted, but: {w.what}", w.mend) for w in warned)
        with options.errors.open("a", newline="", encoding="utf-8") as stream:
            stream.writelines(list(errors.lines(noted))[1:])
    if not options.as_json and warned:
        click.echo(f"{len(warned):,} reservations about rows that were accepted, the first:")
        w = warned[0]
        click.echo(f"  row {w.row}, {w.column}: {w.what} ({w.value!r}). {w.mend}")
