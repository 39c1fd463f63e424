"""Enrolments: who is on which course. One row per person and course for life; leaving loses nothing."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from karmayogi.institutions import aliases, assignments
from karmayogi.learning import completions, events, reading
from karmayogi.learning.courses import UnknownCourse
from karmayogi.learning.events import NewEvent
from karmayogi.learning.history import HistoryRow, record_history
from karmayogi.learning.models import Course, Enrolment
from karmayogi.registry import ids, joined, translations

__all__ = [
    "CourseCompleted",
    "CourseNotOpen",
    "EnrolmentCard",
    "HistoryRow",
    "enrol",
    "of",
    "record_history",
    "unenrol",
]


class CourseNotOpen(Exception):
    """The course takes no new enrolments now; choose another one from the catalogue."""

    status = 409


class CourseCompleted(Exception):
    """The course is completed and stays in the record; there is nothing to leave."""

    status = 409


@dataclass(frozen=True, slots=True)
class EnrolmentCard:
    """A person on a course. `done` of `pages` pages of the current version are finished; `minutes` is what they
    all take; `seconds` is what the server saw."""

    person: UUID
    course: UUID
    key: str
    title: str
    state: str
    competency: UUID | None
    level: int | None
    enrolled_at: dt.datetime
    completed_at: dt.datetime | None
    unenrolled_at: dt.datetime | None
    pages: int
    minutes: int
    done: int
    seconds: int

    @property
    def share(self) -> float:
        """Finished pages over all pages, 0 to 1; 1 for a completed course, whatever was added to it since."""
        return 1.0 if self.state == "completed" else self.done / self.pages


def enrol(people: Iterable[UUID], course: UUID, *, now: dt.datetime) -> int:
    """Puts people on a live course; returns how many were not on it before. Coming back keeps all progress.

    Raises `CourseNotOpen`, or `UnknownCourse` if there is none in reach.
    """
    chosen = sorted(set(people))
    _open(course)
    standing = assignments.standing(chosen, on=timezone.localdate(now))
    bodies = [standing[person].body if person in standing else None for person in chosen]
    with transaction.atomic():
        with connection.cursor() as cursor:
            fresh_ids = [ids.new() for _ in chosen]
            values: dict[str, Any] = {
                "ids": fresh_ids,
                "people": chosen,
                "bodies": bodies,
                "course": course,
                "now": now,
            }
            cursor.execute(_ENROL, values)
            found = {person: "enrolled" if fresh else "rejoined" for person, fresh in cursor.fetchall()}
        events.append([NewEvent(person, course, kind, now) for person, kind in found.items()])
        back = [person for person, kind in found.items() if kind == "rejoined"]
        if back:  # a version made since may have left nothing to do
            completions.settle([course], people=back, now=now)
    return len(found)


def unenrol(person: UUID, course: UUID, *, now: dt.datetime) -> bool:
    """Takes a person off a course, progress kept; False if they were not on it. Raises `CourseCompleted`."""
    with transaction.atomic():
        reading.take_turn(person)
        take_over(person, course)
        held = Enrolment.objects.filter(person_id=person, course_id=course).first()
        if held is None or held.state == "unenrolled":
            return False
        if held.state == "completed":
            raise CourseCompleted(
                _("You completed this course. It stays in your record; there is nothing to leave.")
            )
        reading.stop(person, now=now)
        Enrolment.objects.filter(id=held.id).update(state="unenrolled", unenrolled_at=now)
        events.append([NewEvent(person, course, "unenrolled", now)])
    return True


def of(
    people: Iterable[UUID], *, courses: Iterable[UUID] | None = None, language: str = "en"
) -> dict[UUID, list[EnrolmentCard]]:
    """person -> their enrolments, latest first, those they left included; for people in reach. One query.

    Of joined records (`aliases`) all: of one course the completed one, else that under the id asked for.
    """
    only = None if courses is None else list(courses)
    with connection.cursor() as cursor:
        cursor.execute(_OF, {"people": list(people), "courses": only, "language": language})
        rows = cursor.fetchall()
    found: dict[UUID, list[EnrolmentCard]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(EnrolmentCard(*row))
    return found


def take_over(person: UUID, course: UUID) -> bool:
    """Writes under `person` that they are on a course on which a joined record of theirs is, if they are not yet.

    What happens from now on is theirs; the row of the other record stays as it is. True if a row was written.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_OVER, {"id": ids.new(), "person": person, "course": course})
        return bool(cursor.rowcount > 0)


def _open(course: UUID) -> None:
    state = Course.objects.filter(id=course).values_list("state", flat=True).first()
    if state is None:
        raise UnknownCourse(_("There is no such course in the catalogue today."))
    if state != "live":
        raise CourseNotOpen(
            _("This course takes no new enrolments now. Choose another one from the catalogue.")
        )


_ENROL = """
INSERT INTO learning_enrolment (id, person_id, course_id, state, body_id, origin, enrolled_at)
SELECT n.id, n.person, %(course)s, 'enrolled', n.body, 'here', %(now)s
FROM unnest(%(ids)s::uuid[], %(people)s::uuid[], %(bodies)s::uuid[]) AS n (id, person, body)
ON CONFLICT (person_id, course_id) DO UPDATE SET state = 'enrolled', unenrolled_at = NULL
WHERE learning_enrolment.state = 'unenrolled'
RETURNING person_id, xmax = 0
"""

_TAKE_OVER = f"""
INSERT INTO learning_enrolment (id, person_id, course_id, state, body_id, origin, enrolled_at)
SELECT %(id)s, %(person)s, e.course_id, 'enrolled', e.body_id, 'here', e.enrolled_at
FROM learning_enrolment e WHERE e.course_id = %(course)s AND e.person_id = {joined.OF_PERSON} AND e.state = 'enrolled'
ORDER BY e.enrolled_at LIMIT 1
ON CONFLICT (person_id, course_id) DO NOTHING
"""  # noqa: S608

_OF = f"""
WITH who AS MATERIALIZED (SELECT w.member, w.asked FROM {aliases.WHO} w),
done AS (
    SELECT asked, version_id, count(*) FILTER (WHERE finished) AS done, sum(seconds) AS seconds FROM (
        SELECT who.asked, l.version_id, s.page_id, bool_or(s.state = 'done') AS finished, sum(s.seconds) AS seconds
        FROM who JOIN learning_pagestate s ON s.person_id = who.member
        JOIN learning_placement l ON l.page_id = s.page_id
        GROUP BY 1, 2, 3
    ) page GROUP BY 1, 2
)
SELECT * FROM (
SELECT DISTINCT ON (who.asked, c.id) who.asked, c.id, c.key,
       {translations.spoken("v.id", "title", "v.title")}, e.state, v.competency, v.level,
       e.enrolled_at, e.completed_at, e.unenrolled_at, v.pages, v.minutes, coalesce(d.done, 0)::int,
       coalesce(d.seconds, 0)::int
FROM who JOIN learning_enrolment e ON e.person_id = who.member
JOIN learning_course c ON c.id = e.course_id
JOIN learning_courseversion v ON v.id = c.version_id
LEFT JOIN done d ON d.asked = who.asked AND d.version_id = v.id
WHERE %(courses)s::uuid[] IS NULL OR c.id = ANY(%(courses)s::uuid[])
ORDER BY who.asked, c.id, e.state = 'completed' DESC, e.person_id = who.asked DESC, e.enrolled_at DESC
) held ORDER BY enrolled_at DESC, key
"""  # noqa: S608
