"""`karmayogi privacy retain` and `privacy hold`: what is past its time, and what must not be deleted."""

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from karmayogi.cli import environment
from karmayogi.registry import roles

if TYPE_CHECKING:
    from karmayogi.journeys.retention import Swept


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="As on this day; only with --dry-run.")
@click.option("--order", help="Number of the order that asks for it.")
@click.option("--by", "asked_by", help="Login or employee code of who asks for it.")
@click.option("--approved-by", help="Login or employee code of another person, who approves it.")
@click.option(
    "--certificate", type=click.Path(dir_okay=False, path_type=Path), default=Path("deletion.json"),
    show_default=True, help="Write the signed certificate there, and beside it as text.",
)  # fmt: skip
def retain(
    dry_run: bool,
    as_of: dt.datetime | None,
    order: str | None,
    asked_by: str | None,
    approved_by: str | None,
    certificate: Path,
) -> None:
    """Delete what is past its time by the register of purposes, unless a law or a legal hold keeps it.

    Without --dry-run it takes an order and two people. The certificate is signed and an entry of the sealed log.
    """
    if not dry_run and (as_of or not (order and asked_by and approved_by)):
        raise click.UsageError(
            "Name the order (--order) and two people (--by, --approved-by), or use --dry-run."
        )
    environment.prepare(roles.WORKER)
    from django.utils import timezone

    from karmayogi.cli.privacy import find
    from karmayogi.journeys import retention
    from karmayogi.policy.holds import SamePerson
    from karmayogi.registry.acting import as_worker

    now = timezone.make_aware(as_of) if as_of else timezone.now()
    if dry_run or not (order and asked_by and approved_by):
        _print(retention.look(now=now))
        click.echo("Nothing was deleted: this was a dry run.")
        return
    with as_worker():
        two = {"asked_by": find(asked_by), "approved_by": find(approved_by)}
    try:
        done = retention.retain(order=order, now=now, **two)
    except SamePerson as error:
        raise click.ClickException(str(error)) from error
    certificate.write_text(json.dumps(done.as_json(), indent=1) + "\n", encoding="utf-8")
    certificate.with_suffix(".txt").write_text(done.readable(), encoding="utf-8")
    click.echo(done.readable())
    click.echo(f"Certificate {done.entry} in {certificate}, an entry of the sealed log.")


def _print(swept: "Swept") -> None:
    for s in swept.sweeps:
        kept = f"{s.months} months" if s.months else "with the record"
        click.echo(
            f"  {s.table:<34} {s.purpose:<13} {kept:<16} past {s.past:>7}  held {s.held:>6}"
            f"  needed {s.needed:>5}  would go {s.gone:>7}  {s.law}".rstrip()
        )
    for purpose, count in swept.by_purpose().items():
        click.echo(f"{purpose}: {count}")
    click.echo(f"Legal holds: {', '.join(swept.holds) or 'none'}. Files: {len(set(swept.files))}.")


@click.group()
def hold() -> None:
    """Place and release legal holds: while one stands, neither retention nor erasure deletes what it covers."""


@hold.command()
@click.argument("order")
@click.option("--person", help="Login or employee code.")
@click.option("--body", help="Code of a body; everyone who ever served in its subtree.")
@click.option("--case", type=click.UUID, help="Id of a case.")
@click.option("--reason", required=True)
@click.option("--by", "asked_by", required=True, help="Login or employee code of who asks for it.")
@click.option("--approved-by", required=True, help="Login or employee code of another person.")
def place(
    order: str,
    person: str | None,
    body: str | None,
    case: object,
    reason: str,
    asked_by: str,
    approved_by: str,
) -> None:
    """Place a hold by ORDER on one of --person, --body, --case."""
    if sum(1 for each in (person, body, case) if each) != 1:
        raise click.UsageError("Name one of --person, --body and --case.")
    environment.prepare(roles.WORKER)
    from uuid import UUID

    from django.utils import timezone

    from karmayogi.cli.privacy import find
    from karmayogi.institutions import bodies
    from karmayogi.policy import holds
    from karmayogi.registry.acting import as_worker

    try:
        with as_worker():
            placed = holds.place(
                order, reason=reason, asked_by=find(asked_by), approved_by=find(approved_by), now=timezone.now(),
                person=find(person) if person else None, body=bodies.by_code(body).id if body else None,
                case=UUID(str(case)) if case else None,
            )  # fmt: skip
    except (holds.SamePerson, holds.OrderAlreadyUsed, LookupError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Hold {placed.order_no} stands since {placed.placed_at:%Y-%m-%d %H:%M}.")


@hold.command()
@click.argument("order")
@click.option("--release-order", required=True, help="Number of the order that releases it.")
@click.option("--by", "asked_by", required=True, help="Login or employee code of who asks for it.")
@click.option("--approved-by", required=True, help="Login or employee code of another person.")
def release(order: str, release_order: str, asked_by: str, approved_by: str) -> None:
    """Release the hold that was placed by ORDER."""
    environment.prepare(roles.WORKER)
    from django.utils import timezone

    from karmayogi.cli.privacy import find
    from karmayogi.policy import holds
    from karmayogi.registry.acting import as_worker

    try:
        with as_worker():
            holds.release(
                order, by_order=release_order, asked_by=find(asked_by), approved_by=find(approved_by),
                now=timezone.now(),
            )  # fmt: skip
    except (holds.SamePerson, holds.NoSuchHold) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Hold {order} is released by {release_order}.")


@hold.command("list")
def list_holds() -> None:
    """List the holds that stand."""
    environment.prepare(roles.WORKER)
    from django.utils import timezone

    from karmayogi.policy import holds
    from karmayogi.registry.acting import as_worker

    with as_worker():
        found = holds.standing(at=timezone.now())
    for card in found:
        about = (
            f"person {card.person}"
            if card.person
            else f"body {card.body}"
            if card.body
            else f"case {card.case}"
        )
        click.echo(f"  {card.order_no:<20} since {card.placed_at:%Y-%m-%d} {about}: {card.reason}")
    click.echo(f"{len(found)} holds stand.")
