"""The nightly look at all plans: estimates age, checks come due, horizons end."""

from typing import Any

from django.db import connection
from django.utils import timezone

from karmayogi.planning import plans
from karmayogi.registry.acting import as_worker
from karmayogi.registry.jobs import Progress, job

PIECE = 1_000


@job("planning.make", cron="40 1 * * *", title="Bring personal plans up to date", whole=False)
def make(progress: Progress) -> dict[str, Any]:
    """Makes the plans of everyone who serves today, piece by piece; a second run changes nothing."""
    now = timezone.now()
    on = timezone.localdate(now)
    with as_worker(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT person_id FROM institutions_assignment WHERE kind = 'substantive' AND during @> %s"
            " ORDER BY person_id",
            [on],
        )
        people = [person for (person,) in cursor.fetchall()]
    progress.set(len(people))
    made = 0
    for start in range(0, len(people), PIECE):
        piece = people[start : start + PIECE]
        with as_worker():
            made += plans.make(piece, on=on, now=now)
        progress.step(len(piece))
    return {"people": len(people), "plans": made}
