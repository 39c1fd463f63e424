"""What every scoring command does alike: options for reading, refusals as sentences, progress, error files."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click

Command = Callable[..., None]
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUT = click.Path(dir_okay=False, path_type=Path)
SHOWN = 5
"""Problems shown in the terminal; all of them go into the error file."""


def reading(command: Command) -> Command:
    """Options that say which columns are what; the command gets them as `columns`."""

    @wraps(command)
    def with_columns(*, items: str, ignore: tuple[str, ...], **given: Any) -> None:
        from karmayogi.cli.score.responses import Columns

        parts = ("layout", "person", "item", "response", "group", "count", "lowest")
        said = {name: given.pop(name, None) for name in parts}
        chosen = tuple(name.strip() for name in items.split(",") if name.strip())
        command(columns=Columns(**said, items=chosen, ignored=ignore), **given)

    options: list[Any] = [
        click.option("--layout", type=click.Choice(["wide", "long"]), help="Without it, the columns say."),
        click.option("--person", metavar="COLUMN", help="Who answered."),
        click.option("--item", metavar="COLUMN", help="Which item (long files)."),
        click.option("--response", metavar="COLUMN", help="The category given (long files)."),
        click.option("--items", metavar="A,B,...", default="", help="Columns that are items (wide files)."),
        click.option(
            "--ignore", metavar="COLUMN", multiple=True, help="No item (wide files); may be repeated."
        ),
        click.option("--count", metavar="COLUMN", help="How many people a row stands for (wide files)."),
        click.option(
            "--lowest", type=click.IntRange(0, 9), help="Code of the lowest category. Without it, 0."
        ),
    ]
    return _decorated(with_columns, options)


def telling(command: Command) -> Command:
    """Options on what is told: `--report`, `--errors`, `--json`."""
    options: list[Any] = [
        click.option(
            "--report", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
            help="Write report.md and report.html there, in plain words, with drawings.",
        ),
        click.option("--errors", type=_OUT, metavar="FILE", help="Write what was set aside here (CSV)."),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
    ]  # fmt: skip
    return _decorated(command, options)


def _decorated(command: Command, options: Sequence[Any]) -> Command:
    for decorate in reversed(options):
        command = decorate(command)
    return command


input_file = _FILE
output_file = _OUT


@contextmanager
def refusals() -> Iterator[None]:
    """What a file or the bench refuses becomes one sentence and exit code 1; any other error is a fault of ours."""
    try:
        yield
    except FileExistsError as error:
        raise click.ClickException(str(error)) from error
    except ValueError as error:
        if not type(error).__module__.startswith("karmayogi."):
            raise
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}.") from error


@contextmanager
def steps(names: Sequence[str]) -> Iterator[Callable[[], None]]:
    """Shows on a terminal which step of how many is at work; gives the function that begins the next one."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(names[0], total=len(names))
        waiting = iter([*names[1:], "Done"])
        yield lambda: progress.update(task, advance=1, description=next(waiting, "Done"))


def tell(lines: Sequence[str], facts: dict[str, Any], *, as_json: bool) -> None:
    """The summary on stdout: sentences, or one JSON object."""
    click.echo(json.dumps(facts, sort_keys=True, allow_nan=False) if as_json else "\n".join(lines))


def put_aside(problems: Sequence[Any], path: Path | None, *, quiet: bool) -> None:
    """Writes the error file, and shows the first few on stderr."""
    from karmayogi.registry.errors import writer

    if path is not None:
        with writer(path) as write:
            for problem in problems:
                write(problem)
    if quiet or not problems:
        return
    for problem in problems[:SHOWN]:
        where = f"row {problem.row}" + (f", {problem.column}" if problem.column else "")
        click.echo(f"  {where}: {problem.what}. {problem.mend}", err=True)
    if len(problems) > SHOWN:
        rest = f"all are in {path}" if path else "name a file with --errors to have them all"
        click.echo(f"  ... and {len(problems) - SHOWN} more; {rest}.", err=True)


def tally_facts(tally: Any) -> dict[str, int]:
    """Rows and answers, for JSON."""
    return {
        "rows": tally.rows,
        "rows_used": tally.rows_used,
        "rows_set_aside": tally.rows_aside,
        "answers": tally.answers,
        "answers_used": tally.answers_used,
        "answers_set_aside": tally.answers_aside,
        "blanks": tally.blanks,
    }


def tally_line(name: str, tally: Any) -> str:
    """Rows and answers, as a sentence."""
    rows = f"{tally.rows:,} rows read, {tally.rows_used:,} used, {tally.rows_aside:,} set aside"
    answers = f"{tally.answers:,} answers, {tally.answers_used:,} used, {tally.answers_aside:,} set aside"
    return f"{name}: {rows}; {answers}."
