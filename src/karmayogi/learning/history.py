"""History: enrolments another system saw before this one, taken over in bulk and marked as such."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from karmayogi.learning import completions
from karmayogi.learning.completions import Completion
from karmayogi.learning.courses import UnknownCourse
from karmayogi.learning.models import Enrolment, PageState, Placement
from karmayogi.registry import bulk, ids


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One person on one course. `pages`: how many pages, counted from the first, were finished; all of them if
    `finished_at` is given, else at least one stays open. `body`: where the person served then."""

    person: UUID
    course: UUID
    enrolled_at: dt.datetime
    finished_at: dt.datetime | None = None
    pages: int = 0
    body: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Outline:
    key: str
    version: UUID
    number: int
    competency: UUID | None
    minutes: int
    pages: tuple[UUID, ...]


def record_history(rows: Iterable[HistoryRow], *, now: dt.datetime) -> int:
    """Takes over enrolments, finished pages and completions (with their evidence); returns how many were new.

    A person who is on a course already keeps what is there. The pages count no seconds, for this server saw none.
    Set-based: three statements, whatever the number of rows. Raises `UnknownCourse`.
    """
    given = {(row.person, row.course): row for row in rows}
    outlines = _outlines({course for _, course in given})
    with transaction.atomic():
        known = _known({course for _, course in given})
        fresh = [row for pair, row in given.items() if pair not in known]
        _enrol(fresh, outlines)
        bulk.load(PageState, _PAGE_COLUMNS, _page_rows(fresh, outlines))
        completions.keep(
            (_completion(row, outlines[row.course]) for row in fresh if row.finished_at), now=now
        )
    return len(fresh)


def _outlines(courses: Iterable[UUID]) -> Mapping[UUID, _Outline]:
    chosen = set(courses)
    pages: dict[UUID, list[UUID]] = {}
    found: dict[UUID, _Outline] = {}
    rows = Placement.objects.filter(version__course__in=chosen, version__course__version=F("version"))
    for row in rows.select_related("version__course").order_by("number"):
        version = row.version
        held = pages.setdefault(version.course_id, [])
        held.append(row.page_id)
        found[version.course_id] = _Outline(
            version.course.key, version.id, version.number, version.competency, version.minutes, tuple(held)
        )
    if chosen - set(found):
        raise UnknownCourse(_("A row names a course that was never published. Publish it first."))
    return found


def _known(courses: Iterable[UUID]) -> set[tuple[UUID, UUID]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT person_id, course_id FROM learning_enrolment WHERE course_id = ANY(%s)", [list(courses)]
        )
        return set(cursor.fetchall())


def _enrol(rows: Sequence[HistoryRow], outlines: Mapping[UUID, _Outline]) -> None:
    bulk.load(
        Enrolment,
        _ENROLMENT_COLUMNS,
        (
            (
                ids.new(),
                row.person,
                row.course,
                "completed" if row.finished_at else "enrolled",
                row.body,
                "history",
                row.enrolled_at,
                row.finished_at,
                outlines[row.course].version if row.finished_at else None,
            )
            for row in rows
        ),
    )


_ENROLMENT_COLUMNS = (
    "id",
    "person_id",
    "course_id",
    "state",
    "body_id",
    "origin",
    "enrolled_at",
    "completed_at",
    "completed_version_id",
)
_PAGE_COLUMNS = ("id", "person_id", "page_id", "state", "seconds", "opened_at", "finished_at")


def _page_rows(rows: Iterable[HistoryRow], outlines: Mapping[UUID, _Outline]) -> Iterator[Sequence[object]]:
    for row in rows:
        pages = outlines[row.course].pages
        finished_at = row.finished_at or row.enrolled_at
        for page in pages if row.finished_at else pages[:-1][: row.pages]:
            yield ids.new(), row.person, page, "done", 0, row.enrolled_at, finished_at


def _completion(row: HistoryRow, outline: _Outline) -> Completion:
    return Completion(
        person=row.person,
        course=row.course,
        key=outline.key,
        version=outline.number,
        competency=outline.competency,
        minutes=outline.minutes,
        body=row.body,
        at=row.finished_at or row.enrolled_at,
        origin="history",
    )
