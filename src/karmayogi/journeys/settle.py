"""What follows new evidence: the plan is made anew, and what was earned is stated and signed.

The plan of the person who acts is renewed at once. Signing is done by a job: the web role holds no signing key.
"""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from karmayogi.planning import plans
from karmayogi.registry import jobs

SETTLE = "journeys.settle"
TITLE = "Make the plan anew and state what was earned"


def after_evidence(person: UUID, *, on: dt.date, now: dt.datetime) -> None:
    """Renews the person's own plan in the running transaction, and asks for the rest."""
    plans.renew(person, on=on, now=now)
    later(person, by=person, now=now)


def later(person: UUID, *, by: UUID, now: dt.datetime) -> None:
    """Asks a job to make the person's plan and state what they earned, as soon as this transaction is kept."""
    _ask([person], by=by, now=now)


def later_for_all(people: Iterable[UUID], *, now: dt.datetime) -> None:
    """The same for many, asked for by the house itself; nothing if there are none."""
    found = sorted(set(people))
    if found:
        _ask(found, by=None, now=now)


def _ask(people: Iterable[UUID], *, by: UUID | None, now: dt.datetime) -> None:
    jobs.start(
        SETTLE, owner=by, title=TITLE, now=now, arguments={"people": [str(person) for person in people]}
    )
