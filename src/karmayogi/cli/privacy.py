"""`karmayogi privacy`: what a person may ask for: a copy of everything that is kept about them, and its erasure."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from karmayogi.cli import environment
from karmayogi.registry import roles

if TYPE_CHECKING:
    from karmayogi.journeys.traces import Step


@click.group()
def command() -> None:
    """Carry out what people may ask for under the data protection law."""


@command.command()
@click.argument("person")
@click.option(
    "--to", type=click.Path(dir_okay=False, path_type=Path), default=Path("my-data.zip"), show_default=True
)
@click.option("--language", help="Of the page to read; the person's own if left out.")
def export(person: str, to: Path, language: str | None) -> None:
    """Write everything with the key of PERSON (login or employee code) into one zip, and list the tables."""
    environment.prepare(roles.WORKER)
    from django.utils import timezone

    from karmayogi.institutions import audit, people
    from karmayogi.journeys import my_data
    from karmayogi.registry.acting import as_worker

    with as_worker():
        found = _find(person)
        spoken = language or people.by_id(found).language
        with to.open("wb") as stream:
            handed = my_data.write(stream, found, language=spoken, now=timezone.now())
        audit.record(
            "person.export", actor=None, object_kind="person", object_id=found, reason="command line",
            details={"rows": sum(handed.rows.values()), "files": handed.files},
        )  # fmt: skip
    for table, rows in handed.rows.items():
        click.echo(f"  {table:<36} {rows:>6}")
    click.echo(
        f"{sum(handed.rows.values())} rows of {len(handed.rows)} tables and {handed.files} files in {to}"
    )


@command.command()
@click.argument("person")
@click.option("--order", help="Number of the request or order; needed unless it is a dry run.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option(
    "--certificate",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the certificate there, as JSON.",
)
def erase(person: str, order: str | None, dry_run: bool, certificate: Path | None) -> None:
    """Erase what is kept about PERSON (login or employee code), except what a law keeps; print what and why.

    The certificate is an entry of the sealed log. Seconds later the next seal erases the audit entries past their time.
    """
    if not dry_run and not order:
        raise click.UsageError("Name the request or order that asks for it (--order), or use --dry-run.")
    environment.prepare(roles.WORKER)
    from django.utils import timezone

    from karmayogi.institutions.audit_erasure import NotSealedYet
    from karmayogi.journeys import erasure
    from karmayogi.registry.acting import as_worker

    now = timezone.now()
    with as_worker():
        found = _find(person)
        planned = erasure.plan(found, now=now)
    if dry_run or not order:
        _print(planned)
        click.echo("Nothing was erased: this was a dry run.")
        return
    try:
        done = erasure.erase(found, reason=order, now=now)
    except (NotSealedYet, erasure.UnexplainedRows) as error:
        raise click.ClickException(str(error)) from error
    _print(done.steps)
    if certificate:
        certificate.write_text(json.dumps(done.as_json(), indent=1) + "\n", encoding="utf-8")
    click.echo(f"{done.files} files. Certificate {done.entry}, an entry of the sealed log.")


def _print(steps: Iterable["Step"]) -> None:
    for step in steps:
        what = {"delete": "deleted", "empty": "emptied", "keep": "kept"}[step.does]
        named = step.table if step.field == "*" else f"{step.table}.{step.field}"
        click.echo(f"  {named:<44} {step.rows:>6} {what:<8} {step.law}".rstrip())


def _find(person: str) -> UUID:
    from karmayogi.institutions import people

    found = people.find(person)
    if not found:
        raise click.ClickException(f"Nobody has the login or employee code {person}.")
    return found[0]
