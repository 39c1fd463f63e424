"""`karmayogi drill`: break it on purpose and count what was lost. Bounded, on loopback, in a cluster of its own."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from karmayogi.cli.drills.found import Found
from karmayogi.cli.drills.ground import DrillCannotRun


@click.group()
def command() -> None:
    """Recovery drills: each in a throw-away cluster; exit code 0 held, 1 broken.

    No drill reads DATABASE_URL or any other setting of this installation: it makes a database of its own in a
    temporary folder, starts real pages and workers on loopback, and removes everything at its end.
    """


def drill(name: str) -> Callable[[Callable[..., Found]], click.Command]:
    """Makes a function that returns what was found into a command with --json and an exit code."""

    def make(work: Callable[..., Found]) -> click.Command:
        @wraps(work)
        def told(*, as_json: bool, **given: Any) -> None:
            try:
                found = work(**given)
            except DrillCannotRun as error:
                raise click.ClickException(str(error)) from error
            click.echo(found.as_json() if as_json else "\n".join(found.lines()))
            sys.exit(0 if found.held else 1)

        with_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")(told)
        made: click.Command = command.command(name)(with_json)
        return made

    return make


@drill("kill-db")
@click.option("--kills", default=20, show_default=True)
@click.option("--writers", default=4, show_default=True, help="Writers at the same time.")
@click.option("--forgetful", is_flag=True, help="Plant a fault: commits are told before they are written.")
def kill_db(kills: int, writers: int, forgetful: bool) -> Found:
    """Kill the database under writers: what was acknowledged is there, once."""
    from karmayogi.cli.drills import kills as drill

    return drill.run(kills=kills, writers=writers, forgetful=forgetful)


@drill("kill-worker")
@click.option("--jobs", default=60, show_default=True)
@click.option("--kills", default=8, show_default=True)
@click.option("--torn", is_flag=True, help="Plant a fault: jobs keep their effect before they are done.")
def kill_worker(jobs: int, kills: int, torn: bool) -> Found:
    """Kill workers while jobs run: every job finishes, its effect is there once."""
    from karmayogi.cli.drills import workers

    return workers.run(jobs=jobs, kills=kills, torn=torn)


@drill("replay")
@click.option("--clients", default=8, show_default=True, help="Who send each request at the same time.")
@click.option("--requests", default=60, show_default=True)
@click.option("--without-keys", is_flag=True, help="Plant a fault: requests without their key.")
def replay(clients: int, requests: int, without_keys: bool) -> Found:
    """Send the same requests from many clients at once: each takes effect once."""
    from karmayogi.cli.drills import twice

    return twice.run(clients=clients, requests=requests, with_keys=not without_keys)


@drill("restore")
@click.option("--acts", default=60, show_default=True, help="Acts before and after the backup.")
@click.option("--writers", default=4, show_default=True, help="Writers at the same time.")
@click.option("--to-the-end", is_flag=True, help="Plant a fault: restore beyond the moment, mistake and all.")
def restore(acts: int, writers: int, to_the_end: bool) -> Found:
    """Lose the machine; restore backup and archive to a moment: every row and the log's root are there."""
    from karmayogi.cli.drills import restoring

    return restoring.run(acts=acts, writers=writers, to_the_end=to_the_end)


@drill("upgrade")
@click.option("--writers", default=3, show_default=True, help="Writers at the same time.")
@click.option("--seconds", default=4.0, show_default=True, help="Of load in each state.")
@click.option("--careless", is_flag=True, help="Plant a fault: the added column must not be empty.")
def upgrade(writers: int, seconds: float, careless: bool) -> Found:
    """Upgrade twice under load: old code on the new tables, new code on the old; no request fails."""
    from karmayogi.cli.drills import upgrading

    return upgrading.run(writers=writers, seconds=seconds, careless=careless)


@drill("disk-full")
@click.option("--writers", default=3, show_default=True, help="Writers at the same time.")
@click.option("--megabytes", default=220, show_default=True, help="Size of the disk.")
def disk_full(writers: int, megabytes: int) -> Found:
    """Fill the disk of the database under writers (as root): they are told, nothing is lost or half written."""
    from karmayogi.cli.drills import filling

    return filling.run(writers=writers, megabytes=megabytes)


@drill("partition")
@click.option("--cuts", default=8, show_default=True)
@click.option("--writers", default=4, show_default=True, help="Writers at the same time.")
def partition(cuts: int, writers: int) -> Found:
    """Cut the line between pages and database: no act is lost or doubled, /readyz/ turns red and green."""
    from karmayogi.cli.drills import parting

    return parting.run(cuts=cuts, writers=writers)


@drill("clock-skew")
@click.option("--ahead", default=90, show_default=True, help="Seconds the wrong clocks are ahead.")
@click.option("--writers", default=2, show_default=True, help="Writers at the same time.")
@click.option("--seconds", default=70.0, show_default=True, help="Of load; the schedule ticks once a minute.")
def clock_skew(ahead: int, writers: int, seconds: float) -> Found:
    """Set the clocks of pages and of one worker wrong: no tick runs twice, the log stays whole."""
    from karmayogi.cli.drills import clocks

    return clocks.run(ahead=ahead, writers=writers, seconds=seconds)
