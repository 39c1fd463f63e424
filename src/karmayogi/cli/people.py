"""`karmayogi people`: records that may be of one person."""

import click

from karmayogi.cli import environment
from karmayogi.registry import roles


@click.group()
def command() -> None:
    """Records of people."""


@command.command()
@click.option("--show", default=20, show_default=True, help="How many of the likeliest pairs to print.")
def likely(show: int) -> None:
    """Look for pairs of records that may be of one person, and print the likeliest; nothing is joined.

    The pairs wait on the page of the establishment clerk, with the reasons. The same runs as a job every Sunday.
    """
    environment.prepare(roles.WORKER)
    from django.utils import timezone

    from karmayogi.institutions import likenesses
    from karmayogi.registry.acting import as_worker

    with as_worker():
        count = likenesses.find(now=timezone.now())
        found = likenesses.likeliest(show)
    for pair in found:
        click.echo(f"  {pair.score:.3f}  {pair.one}  {pair.other}  {', '.join(pair.reasons)}")
    click.echo(f"{count} pairs wait for a person's judgement.")
