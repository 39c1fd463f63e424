"""`karmayogi audit`: what an auditor runs: levels against the ledger, the sealed log, its witnesses."""

import datetime as dt
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TextIO
from uuid import UUID

import click

from karmayogi.cli import environment
from karmayogi.registry import roles


@click.group()
def command() -> None:
    """Check that what is stored follows from what was recorded, and that the record is whole."""


@command.command()
@click.argument("person", required=False)
@click.option("--all", "everyone", is_flag=True, help="Every person with a stored level.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The end of this day; today if left out.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def replay(person: str | None, everyone: bool, as_of: dt.datetime | None, as_json: bool) -> None:
    """Recompute the stored levels of PERSON (login or employee code) from the ledger: equal at 1e-6, or exit 1."""
    if not person and not everyone:
        raise click.UsageError("Name a person (login or employee code), or use --all.")
    environment.prepare(roles.WORKER)
    from django.utils import timezone

    from karmayogi.competency import contents, frameworks, profile, replays
    from karmayogi.institutions import people
    from karmayogi.registry.acting import as_worker

    at = timezone.now()
    if as_of:
        at = min(at, timezone.make_aware(dt.datetime.combine(as_of.date(), dt.time.max)))
    with as_worker():
        found = people.everyone() if everyone else people.find(person or "")
        if not found:
            raise click.ClickException(f"Nobody has the login or employee code {person}.")
        compared, differing = replays.check(found, at=at)
        shown = profile.as_of(found, at=at) if not everyone else {}
        names = {c.id: c.name for c in frameworks.competencies()} if shown else {}
        sets, changed = contents.changed()
    if as_json:
        click.echo(
            json.dumps(
                {
                    "people": len(found),
                    "compared": compared,
                    "calibration_sets": sets,
                    "changed_sets": changed,
                    "differing": [
                        {
                            "person": str(d.person),
                            "competency": str(d.competency),
                            "stored": d.stored.mean,
                            "replayed": d.replayed.mean if d.replayed else None,
                        }
                        for d in differing
                    ],
                }
            )
        )
    else:
        for held in shown.values():
            for competency, e in held.items():
                click.echo(f"  {names.get(competency, competency)!s:<40} mean {e.mean:+.6f}  sd {e.sd:.6f}")
        click.echo(
            f"{len(found)} people, {compared} stored levels recomputed, {len(differing)} differ at 1e-6; "
            f"{sets} calibration sets, {len(changed)} not what their hash says"
        )
    sys.exit(1 if differing or changed else 0)


@command.command()
def seal() -> None:
    """Seal the audit rows committed so far, and tell the witnesses; the worker does it every two seconds."""
    environment.prepare(roles.WORKER)
    from karmayogi.cli import sealing
    from karmayogi.institutions import audit_proofs

    entries = sealing.seal_all()
    took = sealing.hand_out()
    click.echo(
        f"{entries} entries sealed, {audit_proofs.length()} in all; {took} witnesses took the checkpoint"
    )


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status(as_json: bool) -> None:
    """Say what is sealed, how old the oldest unsealed row is, what the witnesses have. Exit 1 if unwell."""
    environment.prepare(roles.WORKER)
    from karmayogi.cli import log_status

    found = log_status.look()
    click.echo(
        json.dumps(asdict(found) | {"well": found.well}, default=str) if as_json else "\n".join(found.lines())
    )
    sys.exit(0 if found.well else 1)


@command.command()
@click.argument("file", type=click.File("w", encoding="utf-8"), default="-")
@click.option("--leaves-only", is_flag=True, help="Only what was sealed: nothing personal.")
def export(file: TextIO, leaves_only: bool) -> None:
    """Write the sealed log to FILE (JSON lines), for verify_log.py. Without --leaves-only it holds personal data."""
    environment.prepare(roles.WORKER)
    from django.db import connection

    from karmayogi.institutions import audit_export
    from karmayogi.registry.acting import as_worker

    with as_worker(), connection.cursor() as cursor:
        file.writelines(audit_export.lines(cursor, leaves_only=leaves_only))


@command.command()
def verifier() -> None:
    """Print verify_log.py: one file that checks an export against the checkpoints of a witness."""
    from karmayogi.standards import verify_log

    click.echo(Path(verify_log.__file__).read_text(encoding="utf-8"), nl=False)


@command.command()
def key() -> None:
    """Print the public keys of the log, newest first; witnesses and those who check need them."""
    environment.prepare(roles.WORKER)
    from django.utils import timezone

    from karmayogi.institutions import audit_sealing

    audit_sealing.key(now=timezone.now())
    for known in audit_sealing.known_keys():
        click.echo(known.text)


@command.command()
@click.argument("entry", type=click.UUID)
def proof(entry: UUID) -> None:
    """Print the proof (JSON) that ENTRY stands in the log, for verify_log.py --proof."""
    environment.prepare(roles.WORKER)
    from karmayogi.institutions import audit_proofs

    try:
        click.echo(json.dumps(audit_proofs.proof_of(entry).as_json(), indent=1))
    except audit_proofs.NotInLog as error:
        raise click.ClickException(str(error)) from error


@command.command()
@click.option(
    "--folder", type=click.Path(path_type=Path), required=True, help="Where checkpoints and key are kept."
)
@click.option("--log-key", required=True, help="The key of the log: what `karmayogi audit key` prints there.")
@click.option(
    "--name", default="witness", show_default=True, help="The name of this witness, without spaces."
)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8787, show_default=True)
def witness(folder: Path, log_key: str, name: str, host: str, port: int) -> None:
    """Be a witness of a log: sign each checkpoint that continues the one before, and refuse any other.

    Run it where those who keep the log have no access. It needs no database.
    """
    from karmayogi.cli.witness import AnotherWitness, Keeper, serve
    from karmayogi.standards import notes

    try:
        log = notes.read_verifier(log_key)
        keeper = Keeper(folder, log=log, name=notes.key_name(name))
    except (notes.MalformedNote, AnotherWitness) as error:
        raise click.ClickException(str(error)) from error
    server = serve(keeper, host=host, port=port)
    click.echo(f"http://{host}:{server.server_address[1]} {keeper.key.text}")
    server.serve_forever()


@command.command("tamper-test")
@click.option("--times", default=100, show_default=True, help="Tamperings to try.")
@click.option("--writers", default=8, show_default=True, help="Writers at the same time.")
@click.option("--seconds", default=12.0, show_default=True, help="How long they write.")
@click.option("--seed", default=1, show_default=True, help="Of the tamperings.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def tamper_test(times: int, writers: int, seconds: float, seed: int, as_json: bool) -> None:
    """Try to change the log unseen, in a database of its own: every tampering must be found, and nothing else.

    Works on this project's own server only, with a witness in a second process.
    """
    from karmayogi.cli import tampering

    found = tampering.run(times=times, writers=writers, seconds=seconds, seed=seed)
    click.echo(json.dumps(asdict(found) | {"holds": found.holds}) if as_json else "\n".join(found.lines()))
    sys.exit(0 if found.holds else 1)
