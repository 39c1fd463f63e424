"""What a provider learns of its courses: how many are on each and how many completed it, as published, no person."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from karmayogi.monitoring.models import CourseCount, Current
from karmayogi.registry import bulk, ids

COLUMNS = ("id", "publication_id", "course_id", "provider_id", "enrolled", "completed", "hidden")


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts of one course; None where `hidden` says why: "small" (few on it) or "part" (few on one side)."""

    enrolled: int | None
    completed: int | None
    hidden: str


def cells(enrolled: int, completed: int, *, least: int) -> Counted:
    """What of two counts may be shown: no group of 1 to `least` - 1 may stand there or be their difference."""
    if 0 < enrolled < least:
        return Counted(None, None, "small")
    if 0 < completed < least or 0 < enrolled - completed < least:
        return Counted(enrolled, None, "part")
    return Counted(enrolled, completed, "")


def write(publication: UUID, *, least: int) -> tuple[int, int]:
    """Writes the counts of all courses for a publication and drops those of others: meant, and written."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT)
        found = cursor.fetchall()
    rows = []
    for course, provider, enrolled, completed in found:
        shown = cells(enrolled, completed, least=least)
        rows.append((ids.new(), publication, course, provider, shown.enrolled, shown.completed, shown.hidden))
    written = bulk.load(CourseCount, COLUMNS, rows)
    CourseCount.objects.exclude(publication=publication).delete()
    return len(rows), written


def of(courses: Iterable[UUID]) -> dict[UUID, Counted]:
    """Course -> its counts in the current publication, for the courses of the provider that asks; one query."""
    current = Current.objects.values("publication_id")[:1]
    rows = CourseCount.objects.filter(course_id__in=list(courses), publication_id__in=current)
    return {row.course_id: Counted(row.enrolled, row.completed, row.hidden) for row in rows}


_COUNT = """
SELECT c.id, c.provider_id, count(DISTINCT who.id) FILTER (WHERE e.state IN ('enrolled', 'completed')),
       count(DISTINCT who.id) FILTER (WHERE e.state = 'completed')
FROM learning_course c
LEFT JOIN learning_enrolment e ON e.course_id = c.id
LEFT JOIN institutions_personalias a ON a.other_id = e.person_id AND a.until IS NULL
LEFT JOIN LATERAL (SELECT coalesce(a.person_id, e.person_id) AS id) who ON true
WHERE c.provider_id IS NOT NULL AND c.state IN ('live', 'flagged', 'retired')
GROUP BY c.id ORDER BY c.id
"""
"""People and not rows: joined records of one person are on a course once."""
