"""What follows new evidence: the plan is made anew, and what was earned is stated and signed.

The plan of the person who acts is renewed at once. Signing is done by a job: the web role holds no signing key.
"""

import datetime as dt
from uuid import UUID

from karmayogi.planning import plans
from karmayogi.registry import jobs

SETTLE = "journeys.settle"


def after_evidence(person: UUID, *, on: dt.date, now: dt.datetime) -> None:
    """Renews the person's own plan in the running transaction, and asks for the rest."""
    plans.renew(person, on=on, now=now)
    later(person, by=person, now=now)


def later(person: UUID, *, by: UUID, now: dt.datetime) -> None:
    """Asks a job to make the person's plan and state what they earned, as soon as this transaction is kept."""
    jobs.start(
        SETTLE,
        owner=by,
        title="Make the plan anew and state what was earned",
        now=now,
        arguments={"people": [str(person)]},
    )
