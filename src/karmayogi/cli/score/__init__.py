"""`karmayogi score`: the science bench on files, without database and without Django."""

import importlib

import click

WORKS = {
    "calibrate": "karmayogi.cli.score.calibrate",
    "dif": "karmayogi.cli.score.dif",
    "people": "karmayogi.cli.score.people",
    "raters": "karmayogi.cli.score.raters",
    "simulate": "karmayogi.cli.score.simulate",
}


class Works(click.Group):
    """Commands imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names, sorted."""
        return sorted(WORKS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, or None if there is no such name."""
        if cmd_name not in WORKS:
            return None
        found: click.Command = importlib.import_module(WORKS[cmd_name]).command
        return found


@click.group(cls=Works)
def command() -> None:
    """Calibrate, score and check tests and ratings in CSV or Parquet files.

    Works without a database. Every result names the hash of the calibration set it used; the same files and seed give
    the same bytes. With --report each command explains in plain words what it did and what that means.
    """
