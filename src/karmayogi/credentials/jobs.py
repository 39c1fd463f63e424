"""Jobs of this room."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from karmayogi.credentials import awards
from karmayogi.registry import jobs
from karmayogi.registry.jobs import Progress

CONSIDER = "credentials.consider"


@jobs.job(CONSIDER, title="State the levels that were earned")
def consider(progress: Progress, people: list[str]) -> Mapping[str, Any]:
    """Issues what these people (ids) have earned; the result names the statements."""
    progress.set(len(people))
    issued = awards.consider([UUID(person) for person in people], now=timezone.now(), by_mail=True)
    progress.step(len(people))
    return {"issued": [str(id) for id in issued]}
