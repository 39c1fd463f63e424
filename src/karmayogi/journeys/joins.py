"""What follows when records were joined or parted: levels, plans and statements of both are worked out anew."""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.utils import timezone

from karmayogi.competency import profile
from karmayogi.credentials import awards
from karmayogi.institutions import aliases
from karmayogi.planning import plans
from karmayogi.registry import jobs

JOB = "journeys.joined"
TITLE = "Work out levels anew after records were joined or parted"
LIKELY = "journeys.likely_same"


def settle(records: Iterable[UUID], *, now: dt.datetime) -> int:
    """Brings levels, plans and statements of these people up to now; how many levels were written.

    Of joined records the one that stays is settled, from the evidence of all; a second run changes nothing.
    """
    people = sorted(set(aliases.principals(records).values()))
    written = profile.refresh(people, now=now)
    plans.make(people, on=timezone.localdate(now), now=now)
    awards.consider(people, now=now, by_mail=True)
    return written


def later(records: Iterable[UUID], *, by: UUID, now: dt.datetime) -> None:
    """Asks a job to settle them as soon as the running transaction is kept."""
    jobs.start(JOB, owner=by, title=TITLE, now=now, arguments={"people": [str(id) for id in records]})
