"""The only command line, and the only clock. Subcommands load when they are asked for, so `--help` is quick."""

import importlib
from collections.abc import Sequence
from typing import Any

import click

COMMANDS = {
    "audit": "karmayogi.cli.audit",
    "db": "karmayogi.cli.db",
    "demo": "karmayogi.cli.demo",
    "doctor": "karmayogi.cli.doctor",
    "drill": "karmayogi.cli.drill",
    "import": "karmayogi.cli.imports",
    "keys": "karmayogi.cli.keys",
    "loop": "karmayogi.cli.loop",
    "manage": "karmayogi.cli.manage",
    "people": "karmayogi.cli.people",
    "privacy": "karmayogi.cli.privacy",
    "publish": "karmayogi.cli.publish",
    "scim": "karmayogi.cli.scim",
    "score": "karmayogi.cli.score",
    "serve": "karmayogi.cli.serve",
    "worker": "karmayogi.cli.worker",
}


class Lazy(click.Group):
    """A group whose commands are imported on first use; each module holds one command named `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, or None if there is no such name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; what is wrong with a database is said in its own sentence, without a trace."""
        from karmayogi.cli.binaries import ServerError
        from karmayogi.cli.environment import NoDatabaseFor

        try:
            return super().invoke(ctx)
        except (ServerError, NoDatabaseFor) as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="karmayogi")
def cli() -> None:
    """Karmayogi: from what a post needs to what an official can show, and on to the right posting.

    Exit codes: 0 done, 1 the work failed or found something wrong, 2 the command was called wrongly.
    """


def main(args: Sequence[str] | None = None) -> Any:
    """Runs the command line."""
    return cli(args=args, prog_name="karmayogi")
