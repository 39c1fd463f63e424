"""`karmayogi privacy breach`: the register of breaches, for whoever must report one in time."""

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from karmayogi.cli import environment
from karmayogi.registry import roles

if TYPE_CHECKING:
    from karmayogi.journeys.affected import Query
    from karmayogi.policy.breaches import BreachCard

MOMENT = click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"])
by_option = click.option("--by", required=True, help="Login or employee code of who does it.")


@click.group()
def breach() -> None:
    """Enter a breach of personal data, list whom it affects, tell them and the offices, close it."""


@breach.command("open")
@click.argument("number")
@click.option("--what", required=True, help="What happened, in words that the affected can read.")
@click.option(
    "--known", type=MOMENT, help="When it became known; now if left out. The clocks run from there."
)
@click.option("--happened", type=MOMENT, help="When it happened, if known.")
@by_option
def open_breach(
    number: str, what: str, known: dt.datetime | None, happened: dt.datetime | None, by: str
) -> None:
    """Enter a breach under NUMBER and print its clocks."""
    environment.prepare(roles.WORKER)
    from django.utils import timezone

    from karmayogi.cli.privacy import find
    from karmayogi.policy import breaches
    from karmayogi.registry.acting import as_worker

    now = timezone.now()
    try:
        with as_worker():
            card = breaches.open_one(
                number,
                what=what,
                known_at=_aware(known) or now,
                happened_at=_aware(happened),
                by=find(by),
                now=now,
            )
    except breaches.BreachAlreadyKnown as error:
        raise click.ClickException(str(error)) from error
    _show(card)


@breach.command("list-affected")
@click.argument("number")
@click.option(
    "--people", type=click.File(), help="A file of ids, logins or employee codes, one a line; - reads stdin."
)
@click.option("--body", help="Code of a body: everyone who serves in its subtree today.")
@click.option("--sessions-from", help="Network address: everyone with a session opened from there.")
@click.option(
    "--acted-by", help="Login or employee code of a misused account: everyone it acted on, by the log."
)
@click.option("--table", help="Everyone with a row in this table.")
@click.option("--since", type=MOMENT, help="For --sessions-from and --acted-by.")
@click.option("--until", type=MOMENT, help="For --sessions-from and --acted-by; now if left out.")
@by_option
def list_affected(
    number: str,
    people: TextIO | None,
    body: str | None,
    sessions_from: str | None,
    acted_by: str | None,
    table: str | None,
    since: dt.datetime | None,
    until: dt.datetime | None,
    by: str,
) -> None:
    """List whom breach NUMBER affects, by one of the options; several runs add up."""
    if sum(1 for each in (people, body, sessions_from, acted_by, table) if each) != 1:
        raise click.UsageError("Name one of --people, --body, --sessions-from, --acted-by, --table.")
    if (sessions_from or acted_by) and not since:
        raise click.UsageError("Say since when (--since).")
    environment.prepare(roles.WORKER)
    from django.utils import timezone

    from karmayogi.cli.privacy import find
    from karmayogi.journeys import affected
    from karmayogi.policy import breaches
    from karmayogi.registry.acting import as_worker

    now = timezone.now()
    try:
        with as_worker():
            query: Query
            if people:
                query = affected.named(people.read().splitlines())
            elif body:
                query = affected.serving_in(body, on=timezone.localdate(now))
            elif sessions_from:
                query = affected.signed_in_from(
                    sessions_from, since=_moment(since), until=_aware(until) or now
                )
            elif acted_by:
                query = affected.handled_by(find(acted_by), since=_moment(since), until=_aware(until) or now)
            else:
                query = affected.in_table(table or "")
            added = breaches.list_affected(
                number, query.sql, values=query.values, found_by=query.words, by=find(by), now=now
            )
            card = breaches.card(number)
    except LookupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{added} more by {query.words}; {card.affected} in all.")


@breach.command()
@click.argument("number")
@by_option
def tell(number: str, by: str) -> None:
    """Tell everyone affected and not told yet: a notice, and a letter in their language where there is an address."""
    environment.prepare(roles.WORKER)
    from django.utils import timezone

    from karmayogi.cli.privacy import find
    from karmayogi.journeys import affected
    from karmayogi.policy import breaches
    from karmayogi.registry.acting import as_worker

    try:
        with as_worker():
            told = affected.tell(number, by=find(by), now=timezone.now())
    except breaches.NoSuchBreach as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{told} people told.")


@breach.command()
@click.argument("number")
@click.option("--told", type=click.Choice(["cert", "board"]), help="Note that this office was told now.")
@click.option("--by", help="Login or employee code of who told it; needed with --told.")
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="Write the report there.")
def report(number: str, told: str | None, by: str | None, to: Path | None) -> None:
    """Print the report on breach NUMBER, and note with --told that an office has it. Exit 1 if a clock ran out."""
    if told and not by:
        raise click.UsageError("Say who told it (--by).")
    environment.prepare(roles.WORKER)
    from django.utils import timezone

    from karmayogi.cli.privacy import find
    from karmayogi.journeys import affected
    from karmayogi.policy import breaches
    from karmayogi.registry.acting import as_worker

    now = timezone.now()
    try:
        with as_worker():
            if told and by:
                breaches.report(number, to="cert" if told == "cert" else "board", by=find(by), at=now)
            card, text = breaches.card(number), affected.report(number)
    except breaches.NoSuchBreach as error:
        raise click.ClickException(str(error)) from error
    if to:
        to.write_text(text, encoding="utf-8")
    click.echo(text)
    if (not card.cert_told_at and now > card.cert_due) or (not card.board_told_at and now > card.board_due):
        click.echo("A clock ran out. Report now, and say why it is late.", err=True)
        sys.exit(1)


@breach.command()
@click.argument("number")
@click.option("--measures", required=True, help="What was done so that it does not happen again.")
@by_option
def close(number: str, measures: str, by: str) -> None:
    """Close breach NUMBER, once both offices and everyone affected were told."""
    environment.prepare(roles.WORKER)
    from django.utils import timezone

    from karmayogi.cli.privacy import find
    from karmayogi.policy import breaches
    from karmayogi.registry.acting import as_worker

    try:
        with as_worker():
            card = breaches.close(number, measures=measures, by=find(by), now=timezone.now())
    except (breaches.NotToBeClosed, breaches.NoSuchBreach) as error:
        raise click.ClickException(str(error)) from error
    _show(card)


@breach.command("list")
def list_breaches() -> None:
    """List all breaches, the latest first."""
    environment.prepare(roles.WORKER)
    from karmayogi.policy import breaches
    from karmayogi.registry.acting import as_worker

    with as_worker():
        found = breaches.every()
    for card in found:
        _show(card)
    click.echo(f"{len(found)} breaches.")


def _show(card: "BreachCard") -> None:
    click.echo(
        f"{card.number}: known {card.known_at:%Y-%m-%d %H:%M}; CERT-In by {card.cert_due:%Y-%m-%d %H:%M}"
        f" ({'told' if card.cert_told_at else 'not told'}); Board by {card.board_due:%Y-%m-%d %H:%M}"
        f" ({'told' if card.board_told_at else 'not told'}); {card.affected} affected, {card.told} told;"
        f" {'closed' if card.closed_at else 'open'}"
    )


def _aware(moment: dt.datetime | None) -> dt.datetime | None:
    return _moment(moment) if moment else None


def _moment(moment: dt.datetime | None) -> dt.datetime:
    from django.utils import timezone

    if moment is None:
        raise click.UsageError("Say since when (--since).")
    return timezone.make_aware(moment)
