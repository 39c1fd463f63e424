"""Jobs that cross rooms: on demand, and on the clock."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.utils import timezone

from karmayogi.assessment import sittings
from karmayogi.competency import profile
from karmayogi.credentials import awards
from karmayogi.institutions import people
from karmayogi.journeys.settle import SETTLE
from karmayogi.planning import plans
from karmayogi.registry import cases, jobs, outbox
from karmayogi.registry.acting import as_worker
from karmayogi.registry.jobs import Progress


@jobs.job(SETTLE, title="Make the plan anew and state what was earned")
def settle(progress: Progress, people: list[str]) -> Mapping[str, Any]:
    """States and signs what these people earned and makes their plans anew; a second run changes nothing."""
    progress.set(len(people))
    found = [UUID(person) for person in people]
    now = timezone.now()
    issued = awards.consider(found, now=now)
    made = plans.make(found, on=timezone.localdate(now), now=now)
    progress.step(len(people))
    return {"issued": [str(key) for key in issued], "plans": made}


@jobs.job("journeys.refresh", cron="20 1 * * *", title="Refresh levels whose evidence ran out", whole=False)
def refresh(progress: Progress) -> Mapping[str, Any]:
    """Works out anew the levels of people with evidence that expires today, and their plans."""
    now = timezone.now()
    on = timezone.localdate(now)
    with as_worker():
        due = profile.due(on=on)
    progress.set(len(due))
    with as_worker():
        changed = profile.refresh(due, now=now)
        made = plans.make(due, on=on, now=now)
    progress.step(len(due))
    return {"levels": changed, "plans": made}


@jobs.job("journeys.lapse", cron="*/5 * * * *", title="End checks whose time ran out", whole=False)
def lapse(progress: Progress) -> Mapping[str, Any]:
    """Ends sittings past their deadline; what was answered is scored."""
    with as_worker():
        return {"ended": sittings.lapse(now=timezone.now())}


@jobs.job("journeys.escalate", cron="*/15 * * * *", title="Move overdue cases a step up", whole=False)
def escalate(progress: Progress) -> Mapping[str, Any]:
    """Moves cases past their day to the next step of their route."""
    with as_worker():
        return {"moved": str(cases.escalate(now=timezone.now()))}


@jobs.job("journeys.letters", cron="* * * * *", title="Send letters", whole=False)
def letters(progress: Progress) -> Mapping[str, Any]:
    """Sends what stands in the outbox; people without an e-mail address keep their notices."""
    # No transaction round it: each letter is kept as sent in its own. The worker's connection has its role anyway.
    return asdict(outbox.deliver(now=timezone.now(), channels={"email": outbox.email(people.email_of)}))
