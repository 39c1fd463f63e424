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
@click.argument("person", required=False)
@click.option("--list", "listing", is_flag=True, help="Only list the tables with a key of a person.")
@click.option(
    "--to", type=click.Path(dir_okay=False, path_type=Path), default=Path("my-data.zip"), show_default=True
)
@click.option("--language", help="Of the page to read; the person's own if left out.")
def export(person: str | None, listing: bool, to: Path, language: str | None) -> None:
    """Write everything with the key of PERSON (login or employee code) into one zip, and list the tables.

    With --list: every table that can hold a row about a person, whether the export and the register of purposes
    cover it, and whether its time is told; exit 1 if one is left out.
    """
    environment.prepare(roles.WORKER)
    if listing:
        _list_tables()
        return
    if not person:
        raise click.UsageError("Name a person (login or employee code), or use --list.")
    from django.utils import timezone

    from karmayogi.institutions import audit, people
    from karmayogi.journeys import my_data
    from karmayogi.registry.acting import as_worker

    with as_worker():
        found = find(person)
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


def _list_tables() -> None:
    """Two lists are compared: the catalogue of the database, and what export and register know."""
    from karmayogi.journeys import coverage
    from karmayogi.registry.acting import as_worker

    with as_worker():
        found = coverage.tables()
    for line in found:
        click.echo(
            f"  {line.table:<36} {', '.join(line.keys):<52} {'covered' if line.covered else 'NOT COVERED'}"
        )
    left_out = [line for line in found if not line.covered]
    click.echo(f"{len(found)} tables with a key of a person, {len(left_out)} not covered.")
    if left_out:
        raise SystemExit(1)


@command.command()
@click.option("--remove", is_flag=True, help="Remove the bytes that no row has.")
def files(remove: bool) -> None:
    """Walk the store of files: bytes that no row explains, and rows whose bytes are gone; exit 1 if there are any."""
    environment.prepare(roles.WORKER)
    from karmayogi.registry import files as store
    from karmayogi.registry.acting import as_worker

    with as_worker():
        walked = store.walk()
        removed = store.discard(walked.strays) if remove else 0
    for digest in walked.strays:
        click.echo(f"  no row: {digest}")
    for digest in walked.missing:
        click.echo(f"  no bytes: {digest}")
    for path in walked.foreign:
        click.echo(f"  not ours: {path}")
    click.echo(
        f"{walked.files} files, {len(walked.strays) + len(walked.foreign)} unexplained,"
        f" {len(walked.missing)} without bytes, {removed} removed."
    )
    if len(walked.strays) - removed or walked.missing or walked.foreign:
        raise SystemExit(1)


@command.command()
@click.argument("person")
@click.option("--order", help="Number of the request or order; needed unless it is a dry run.")
@click.option("--by", "asked_by", help="Login or employee code of who asks for it.")
@click.option("--approved-by", help="Login or employee code of another person, who approves it.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option(
    "--certificate",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the certificate there, as JSON.",
)
def erase(
    person: str,
    order: str | None,
    asked_by: str | None,
    approved_by: str | None,
    dry_run: bool,
    certificate: Path | None,
) -> None:
    """Erase what is kept about PERSON (login or employee code), except what a law keeps; print what and why.

    The certificate is an entry of the sealed log. Seconds later the next seal erases the audit entries past their time.
    """
    if not dry_run and not (order and asked_by and approved_by):
        raise click.UsageError(
            "Name the order (--order) and two people (--by, --approved-by), or use --dry-run."
        )
    environment.prepare(roles.WORKER)
    from django.utils import timezone

    from karmayogi.institutions.audit_erasure import NotSealedYet
    from karmayogi.journeys import erasure
    from karmayogi.policy.holds import SamePerson
    from karmayogi.registry.acting import as_worker

    now = timezone.now()
    with as_worker():
        found = find(person)
        planned = erasure.plan(found, now=now)
    if dry_run or not (order and asked_by and approved_by):
        _print(planned)
        click.echo("Nothing was erased: this was a dry run.")
        return
    try:
        with as_worker():
            two = {"asked_by": find(asked_by), "approved_by": find(approved_by)}
        done = erasure.erase(found, reason=order, now=now, **two)
    except (NotSealedYet, SamePerson, erasure.UnderHold, erasure.UnexplainedRows) as error:
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


def find(person: str) -> UUID:
    from karmayogi.institutions import people

    found = people.find(person)
    if not found:
        raise click.ClickException(f"Nobody has the login or employee code {person}.")
    return found[0]


def _attach() -> None:
    from karmayogi.cli import breach, retention

    command.add_command(retention.retain)
    command.add_command(retention.hold)
    command.add_command(breach.breach)


_attach()
