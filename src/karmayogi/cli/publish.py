"""`karmayogi publish`: computes the indicators of all bodies and shows them, all together or not at all."""

import json
import sys
import time

import click

from karmayogi.cli import environment
from karmayogi.registry import roles


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(as_json: bool) -> None:
    """Publish the indicators of every body as of now.

    Readers keep the former publication until the new one is whole.
    """
    environment.prepare(roles.WORKER)
    from django.utils import timezone

    from karmayogi.monitoring import indicators
    from karmayogi.policy.rules import NoSuchRule
    from karmayogi.registry.acting import as_worker

    started = time.perf_counter()
    _say("Computing the indicators of all bodies ...")
    try:
        made = indicators.publish(now=timezone.now())
    except (NoSuchRule, indicators.IncompletePublication) as error:
        _say("\n")
        raise click.ClickException(str(error)) from error
    with as_worker():
        told = indicators.counts(made)
    _say("\r\x1b[2K")
    seconds = round(time.perf_counter() - started, 2)
    if as_json:
        click.echo(json.dumps({"publication": str(made), **told, "seconds": seconds}))
        return
    click.echo(
        f"Published {told['indicators']} indicators of {told['bodies']} bodies ({told['hidden']} hidden) over"
        f" {told['officials']} officials in {seconds} s."
    )


def _say(text: str) -> None:
    """On stderr, and only to a terminal."""
    if sys.stderr.isatty():
        click.echo(text, err=True, nl=False)
