"""`karmayogi audit`: what an auditor runs. Stored levels are recomputed from the ledger and compared."""

import datetime as dt
import json
import sys

import click

from karmayogi.cli import environment
from karmayogi.registry import roles


@click.group()
def command() -> None:
    """Check that what is stored follows from what was recorded."""


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

    from karmayogi.competency import frameworks, profile
    from karmayogi.institutions import people
    from karmayogi.registry.acting import as_worker

    at = timezone.now()
    if as_of:
        at = min(at, timezone.make_aware(dt.datetime.combine(as_of.date(), dt.time.max)))
    with as_worker():
        found = people.everyone() if everyone else people.find(person or "")
        if not found:
            raise click.ClickException(f"Nobody has the login or employee code {person}.")
        compared, differing = profile.replay_check(found, at=at)
        shown = profile.as_of(found, at=at) if not everyone else {}
        names = {c.id: c.name for c in frameworks.competencies()} if shown else {}
    if as_json:
        click.echo(
            json.dumps(
                {
                    "people": len(found),
                    "compared": compared,
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
            f"{len(found)} people, {compared} stored levels recomputed, {len(differing)} differ at 1e-6"
        )
    sys.exit(1 if differing else 0)
