"""Completions: the moment the last page of the current version is finished, and the evidence it leaves."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from karmayogi.competency import evidence
from karmayogi.competency.evidence import NewEvidence, Source
from karmayogi.learning import events
from karmayogi.learning.events import NewEvent
from karmayogi.registry import joined


@dataclass(frozen=True, slots=True)
class Completion:
    """A person finished a course. `minutes`: what the server saw, whole minutes."""

    person: UUID
    course: UUID
    key: str
    version: int
    competency: UUID | None
    minutes: int
    body: UUID | None
    at: dt.datetime
    origin: str = "here"


def settle(
    courses: Iterable[UUID], *, people: Iterable[UUID] | None = None, now: dt.datetime
) -> list[Completion]:
    """Completes the running enrolments that have every page of the current version finished; returns them.

    `people`: only these; None is everybody in reach. One statement, whatever their number. Each completion is
    recorded as evidence that by rule says next to nothing: it never raises a level.
    """
    chosen = None if people is None else list(people)
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, {"courses": list(courses), "people": chosen, "now": now})
        found = [
            Completion(person, course, key, number, competency, seconds // 60, body, now)
            for person, course, key, number, competency, body, seconds in cursor.fetchall()
        ]
    events.append([NewEvent(c.person, c.course, "completed", now) for c in found])
    keep(found, now=now)
    return found


def keep(completions: Iterable[Completion], *, now: dt.datetime) -> int:
    """Records completions in the evidence ledger, once each; returns how many were new."""
    return evidence.record(
        (
            NewEvidence(
                person=c.person,
                competency=c.competency,
                source=Source.COMPLETED,
                happened_at=c.at,
                key=f"course:{c.course}:{c.person}",
                instrument=f"{c.key}@{c.version}",
                payload={"course": str(c.course), "minutes": c.minutes, "origin": c.origin},
                body=c.body,
            )
            for c in completions
            if c.competency is not None
        ),
        now=now,
    )


_SETTLE = f"""
UPDATE learning_enrolment e
SET state = 'completed', completed_at = %(now)s, completed_version_id = v.id
FROM learning_course c JOIN learning_courseversion v ON v.id = c.version_id
WHERE c.id = e.course_id AND e.course_id = ANY(%(courses)s::uuid[]) AND e.state = 'enrolled'
  AND (%(people)s::uuid[] IS NULL OR e.person_id = ANY(%(people)s::uuid[]))
  AND NOT EXISTS (
    SELECT 1 FROM learning_placement p
    LEFT JOIN learning_pagestate s ON s.page_id = p.page_id AND s.state = 'done' AND (s.person_id = e.person_id
        OR s.person_id IN (SELECT j.other_id FROM {joined.VIEW} j WHERE j.person_id = e.person_id))
    WHERE p.version_id = v.id AND s.id IS NULL)
RETURNING e.person_id, e.course_id, c.key, v.number, v.competency, e.body_id,
  (SELECT coalesce(sum(s.seconds), 0)::int FROM learning_placement p
   JOIN learning_pagestate s ON s.page_id = p.page_id AND s.person_id = e.person_id
   WHERE p.version_id = v.id)
"""  # noqa: S608
"""Pages finished under a joined record count for the record that stays; its own enrolment is what is completed."""
