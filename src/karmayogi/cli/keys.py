"""`karmayogi keys`: the keys in custody, and their rotation."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from karmayogi.cli import environment
from karmayogi.registry import roles, wrapping


@contextmanager
def told() -> Iterator[None]:
    """What keys and their custody refuse becomes a sentence and exit code 1."""
    from karmayogi.journeys import seals
    from karmayogi.registry import custody, vault

    try:
        yield
    except (
        custody.NoKey, seals.KeeperOutside, seals.StillNeeded, vault.KeeperUnreadable, vault.SealBroken,
        wrapping.CustodyAway, wrapping.CustodyNotSet,
    ) as error:  # fmt: skip
        raise click.ClickException(str(error)) from error


@click.group()
def command() -> None:
    """List and rotate the keys: those that sign, and the root keys that seal what is secret in the database."""


@command.command("list")
def list_keys() -> None:
    """List the root keys by a mark, and every signing key with its time. No private half is shown."""
    environment.prepare(roles.WORKER)
    from karmayogi.credentials import keys as certificates
    from karmayogi.registry import custody, vault
    from karmayogi.registry.acting import as_worker

    keeper = vault.keeper()
    if isinstance(keeper, vault.FileKeeper):
        with told():
            roots = list(zip(keeper.marks(), keeper.wrapped_by(), strict=True))
        for number, (mark, kind) in enumerate(roots):
            click.echo(f"  root         {mark}  {'seals' if number == 0 else 'only opens'}  {kind}")
    else:
        click.echo(f"  root         held by {type(keeper).__name__}")
    with as_worker():
        signing, issued = custody.every(), certificates.every()
    for key in signing:
        until = f"retired {key.retired_at:%Y-%m-%d}" if key.retired_at else "signs"
        click.echo(
            f"  {key.purpose:<12} {key.public.hex()[:12]}  since {key.made_at:%Y-%m-%d}  {until}  {key.name}"
        )
    for card in issued:
        click.echo(f"  certificates {card.name[-12:]}  {card.since} to {card.until}")


@command.command()
@click.option(
    "--signing", metavar="PURPOSE", help="Retire the key that signs for this purpose and make another."
)
@click.option("--certificates", is_flag=True, help="Make another key that signs certificates.")
@click.option("--root", is_flag=True, help="Put a fresh root key in front and seal everything anew.")
@click.option("--drop-old", is_flag=True, help="Drop the root keys that nothing needs any more.")
def rotate(signing: str | None, certificates: bool, root: bool, drop_old: bool) -> None:
    """Rotate keys. What was signed still verifies and what was sealed still opens.

    After --root restart the processes of the site, then copy the file of root keys to its safe place. Only when no
    backup from before is needed: --drop-old.
    """
    if sum((bool(signing), certificates, root, drop_old)) != 1:
        raise click.UsageError("Name one of --signing PURPOSE, --certificates, --root, --drop-old.")
    environment.prepare(roles.WORKER)
    from django.utils import timezone

    from karmayogi.credentials import keys as issued
    from karmayogi.institutions import audit
    from karmayogi.journeys import seals
    from karmayogi.registry import custody
    from karmayogi.registry.acting import as_worker

    now = timezone.now()
    with told(), as_worker():
        if signing:
            key = custody.rotate(signing, now=now)
            audit.record("keys.rotate", actor=None, object_kind="keys", object_id=key.id, reason=signing)
            click.echo(f"{key.public.hex()[:12]} signs for {signing} from now on.")
        elif certificates:
            card = issued.make(now=now)
            audit.record("keys.rotate", actor=None, object_kind="keys", object_id=card.name[:80])
            click.echo(f"{card.name[-12:]} signs certificates from now on.")
        elif root:
            done = seals.rotate()
            click.echo(
                f"Sealed anew: {done.signing} signing keys, {done.certificates} certificate keys,"
                f" {done.factors} second factors."
            )
        else:
            click.echo(f"{seals.drop_old()} root keys dropped.")


@command.command()
def reseal() -> None:
    """Seal everything anew by the newest root key, after a key service or module rotated its own."""
    environment.prepare(roles.WORKER)
    from karmayogi.journeys import seals
    from karmayogi.registry.acting import as_worker

    with told(), as_worker():
        done = seals.reseal()
    click.echo(
        f"Sealed anew: {done.signing} signing keys, {done.certificates} certificate keys,"
        f" {done.factors} second factors."
    )


@command.command()
@click.option(
    "--make", is_flag=True, help="First make the wrapping key in the hardware module, if it has none."
)
def rewrap(make: bool) -> None:
    """Wrap the root keys anew by the custody in force: after KARMAYOGI_CUSTODY changed, or the wrapping key did.

    What was sealed stays as it is and opens as before. Then put the file into its safe place and destroy older copies.
    """
    environment.prepare(roles.WORKER)
    from karmayogi.institutions import audit
    from karmayogi.journeys import seals
    from karmayogi.registry.acting import as_worker
    from karmayogi.registry.wrapping_module import Module

    with told(), as_worker():
        keeper = seals.file_keeper()
        held = keeper.custody.wrapping()
        if make and isinstance(held, Module):
            click.echo("Wrapping key made." if held.make() else "The module has a wrapping key.")
        said = held.describe()
        count = keeper.rewrap()
        audit.record(
            "keys.rewrap",
            actor=None,
            object_kind="keys",
            object_id="root",
            details={"roots": count, "to": said},
        )
        click.echo(f"{count} root keys: {said}.")
