"""`karmayogi privacy`: what a person may ask for: a copy of everything that is kept about them."""

from pathlib import Path
from uuid import UUID

import click

from karmayogi.cli import environment
from karmayogi.registry import roles


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


def _find(person: str) -> UUID:
    from karmayogi.institutions import people

    found = people.find(person)
    if not found:
        raise click.ClickException(f"Nobody has the login or employee code {person}.")
    return found[0]
