"""What people have done, as far as plans care: courses completed, tests taken, activities finished."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.utils import timezone

from karmayogi.competency import evidence
from karmayogi.competency.evidence import Source
from karmayogi.planning.drafting import History
from karmayogi.planning.models import PlanItem

TESTS = (Source.TEST, Source.SUPERVISED_TEST)
Moments = dict[UUID, dt.datetime]


@dataclass(slots=True)
class Done:
    """One person's record: courses and activities with when, tests with the last time."""

    courses: Moments = field(default_factory=dict)
    activities: Moments = field(default_factory=dict)
    tests: Moments = field(default_factory=dict)
    learned: dict[UUID, list[dt.datetime]] = field(default_factory=dict)

    def history(self) -> History:
        """The same as drafting reads it, by day."""
        return History(
            frozenset(self.courses),
            frozenset(self.activities),
            {competency: day(at) for competency, at in self.tests.items()},
            {c: tuple(day(at) for at in moments) for c, moments in self.learned.items()},
        )


def of(people: Iterable[UUID], *, now: dt.datetime) -> dict[UUID, Done]:
    """person -> what the ledger and their plans show as done up to `now`; two queries."""
    wanted = list(people)
    found = {person: Done() for person in wanted}
    for person, rows in evidence.of(wanted, until=now).items():
        for row in rows:
            _add(found[person], row)
    items = PlanItem.objects.filter(person__in=wanted, state="done", kind__in=["on_job", "with_others"])
    for person, ref, competency, at in items.values_list("person_id", "ref", "competency_id", "done_at"):
        if at is not None:
            found[person].activities[ref] = at
            found[person].learned.setdefault(competency, []).append(at)
    return found


def day(at: dt.datetime) -> dt.date:
    """The day of a moment, in the time zone of the service."""
    return timezone.localdate(at)


def _add(done: Done, row: evidence.EvidenceRow) -> None:
    if row.source in TESTS:
        done.tests[row.competency] = max(row.happened_at, done.tests.get(row.competency, row.happened_at))
    elif row.source is Source.COMPLETED and "course" in row.payload:
        done.courses[UUID(str(row.payload["course"]))] = row.happened_at
        done.learned.setdefault(row.competency, []).append(row.happened_at)
