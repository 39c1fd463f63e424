"""Jobs that cross rooms."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from karmayogi.credentials import awards
from karmayogi.journeys.settle import SETTLE
from karmayogi.planning import plans
from karmayogi.registry import jobs
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
