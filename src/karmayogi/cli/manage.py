"""`karmayogi manage`: Django's own commands, as the owner of the tables."""

import click

from karmayogi.cli import environment
from karmayogi.registry import roles


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Run a Django management command, e.g. `karmayogi manage makemigrations`."""
    environment.prepare(roles.OWNER)
    from django.core.management import execute_from_command_line

    execute_from_command_line(["karmayogi manage", *arguments])
