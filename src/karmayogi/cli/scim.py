"""`karmayogi scim`: which other systems may provision people and bodies, and for which part of the service."""

import datetime as dt

import click

from karmayogi.cli import environment
from karmayogi.registry import roles


@click.group()
def command() -> None:
    """Register systems that provision people and bodies over SCIM 2.0."""


@command.group()
def client() -> None:
    """The registered systems and their tokens."""


@client.command()
@click.argument("name")
@click.option("--body", required=True, help="Code of the body; the client looks after it and all under it.")
@click.option("--order", required=True, help="Number of the order or request.")
@click.option(
    "--days", type=click.IntRange(1, 3650), default=365, show_default=True, help="How long it runs."
)
def add(name: str, body: str, order: str, days: int) -> None:
    """Register NAME and print its token, once: only a digest of it is kept."""
    environment.prepare(roles.WORKER)
    from django.utils import timezone

    from karmayogi.institutions import provisioning_clients
    from karmayogi.institutions.bodies import UnknownBody
    from karmayogi.registry.acting import as_worker

    now = timezone.now()
    until = now + dt.timedelta(days=days)
    try:
        with as_worker():
            token = provisioning_clients.register(name, body=body, order_no=order, now=now, until=until)
    except (UnknownBody, provisioning_clients.NameTaken) as error:
        raise click.ClickException(str(error)) from error
    click.echo(token)
    click.echo(f"{name} provisions {body} until {until:%Y-%m-%d}. The token is not shown again.", err=True)


@client.command("list")
def show() -> None:
    """Every client there ever was, the latest first."""
    environment.prepare(roles.WORKER)
    from django.utils import timezone

    from karmayogi.institutions import provisioning_clients
    from karmayogi.registry.acting import as_worker

    now = timezone.now()
    with as_worker():
        found = provisioning_clients.registered()
    for one in found:
        state = "runs until" if one.until > now else "ended"
        click.echo(f"  {one.name:<24} {one.body.code:<16} {state} {one.until:%Y-%m-%d}  {one.order_no}")
    click.echo(f"{sum(one.until > now for one in found)} of {len(found)} clients run")


@client.command()
@click.argument("name")
@click.option("--reason", required=True, help="Why; kept in the audit log.")
def revoke(name: str, reason: str) -> None:
    """End the client NAME: its token opens nothing from its next request on."""
    environment.prepare(roles.WORKER)
    from django.utils import timezone

    from karmayogi.institutions import provisioning_clients
    from karmayogi.registry.acting import as_worker

    try:
        with as_worker():
            provisioning_clients.revoke(name, reason=reason, now=timezone.now())
    except provisioning_clients.UnknownClient as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{name} is revoked.")
