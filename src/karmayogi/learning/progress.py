"""Progress: pages opened and finished, by the time the server saw, never by what a client says.

See `reading` for how seconds are counted. A finish that comes too soon is refused, and the refusal is kept.
"""

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from karmayogi.learning import completions, enrolments, events, reading
from karmayogi.learning.catalogue import UnknownPage
from karmayogi.learning.courses import UnknownCourse
from karmayogi.learning.events import NewEvent
from karmayogi.learning.models import PageState
from karmayogi.policy import rules
from karmayogi.registry import ids, joined

LEAST_SHARE = "learning.least_share_of_time"


class NotEnrolled(Exception):
    """Enrol in the course first; what you did on it before is kept."""

    status = 409


@dataclass(frozen=True, slots=True)
class PageProgress:
    """One page of one person: state todo, open or done; `seconds` counted so far, without a running interval."""

    page: UUID
    key: str
    minutes: int
    state: str
    seconds: int
    finished_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class CourseProgress:
    """A person on the current version of a course. `enrolment`: enrolled, completed, unenrolled, or '' for none."""

    person: UUID
    course: UUID
    enrolment: str
    completed_at: dt.datetime | None
    pages: tuple[PageProgress, ...]

    @property
    def done(self) -> int:
        """How many pages are finished."""
        return sum(page.state == "done" for page in self.pages)

    @property
    def seconds(self) -> int:
        """Seconds the server saw on all pages."""
        return sum(page.seconds for page in self.pages)

    @property
    def share(self) -> float:
        """Finished pages over all pages, 0 to 1."""
        return self.done / len(self.pages)

    @property
    def next(self) -> str:
        """Key of the first page not finished; '' if none is left."""
        return next((page.key for page in self.pages if page.state != "done"), "")


@dataclass(frozen=True, slots=True)
class Finished:
    """The page is finished; `completed` tells whether the whole course is."""

    page: UUID
    seconds: int
    completed: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """The page cannot be finished yet. The refusal is kept, the page goes on counting from now.

    `again_at`: when it can be finished if it stays open, a whole minute.
    """

    page: UUID
    minutes: int
    seconds_needed: int
    seconds_seen: int
    again_at: dt.datetime

    @property
    def sentence(self) -> str:
        """The reason and what to do, in the language of the request."""
        takes = ngettext(
            "This page takes about %(n)d minute", "This page takes about %(n)d minutes", self.minutes
        )
        seen = _duration(self.seconds_seen)
        then = _(
            "%(takes)s; the server has seen %(seen)s. Nothing was lost: read on and finish it after %(time)s."
        )
        time = f"{timezone.localtime(self.again_at):%H:%M}"
        return then % {"takes": takes % {"n": self.minutes}, "seen": seen, "time": time}


def open(person: UUID, page: UUID, *, now: dt.datetime) -> PageProgress:
    """Notes that the person opened the page now; time counts for this page from here, and for no other.

    A finished page stays finished. Raises `NotEnrolled`, or `UnknownPage` if the current version has no such page.
    """
    with transaction.atomic():
        reading.take_turn(person)
        reading.stop(person, now=now)
        written = {"state": ids.new(), "event": ids.new(), "now": now}
        place = _place(person, page, statement=_OPEN, **written)
    state = place.state if place.state == "done" else "open"
    return PageProgress(page, place.key, place.minutes, state, place.seconds, place.finished_at)


def finish(person: UUID, page: UUID, *, now: dt.datetime) -> Finished | Refused:
    """Finishes the page if the server saw enough of it (rule `learning.least_share_of_time` of its minutes).

    Finishing again changes nothing. The last page completes the course and leaves evidence, which never raises a
    level. Raises `NotEnrolled` or `UnknownPage`.
    """
    with transaction.atomic():
        reading.take_turn(person)
        reading.stop(person, now=now)
        place = _place(person, page)
        if place.state == "done":
            return Finished(page, place.seconds, place.enrolment == "completed")
        needed = _needed(place, now)
        if place.seconds < needed:
            return _refuse(person, page, place, needed, now)
        PageState.objects.filter(person_id=person, page_id=page).update(state="done", finished_at=now)
        if place.enrolment == "enrolled":
            enrolments.take_over(person, place.course)
        events.append([NewEvent(person, place.course, "finished", now, page, place.seconds, needed)])
        completed = completions.settle([place.course], people=[person], now=now)
    return Finished(page, place.seconds, bool(completed) or place.enrolment == "completed")


def of(person: UUID, course: UUID) -> CourseProgress:
    """The person's progress through the current version; pages kept unchanged from earlier versions count.

    Raises `UnknownCourse`.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OF, {"person": person, "course": course})
        rows = cursor.fetchall()
    if not rows:
        raise UnknownCourse(_("There is no such course in the catalogue today."))
    enrolment, completed_at, *_first = rows[0]
    pages = tuple(PageProgress(*page) for _enrolment, _completed, *page in rows)
    return CourseProgress(person, course, enrolment, completed_at, pages)


@dataclass(frozen=True, slots=True)
class _Place:
    course: UUID
    key: str
    minutes: int
    enrolment: str
    body: UUID | None
    state: str
    seconds: int
    finished_at: dt.datetime | None


def _place(person: UUID, page: UUID, *, statement: str = "", **written: Any) -> _Place:
    with connection.cursor() as cursor:
        cursor.execute(statement or _PLACE, {"person": person, "page": page, **written})
        row: Any = cursor.fetchone()
    if row is None:
        raise UnknownPage(_("The course was changed and has this page no more. Open the course again."))
    place = _Place(*row)
    if place.enrolment not in ("enrolled", "completed"):
        raise NotEnrolled(_("Enrol in the course first. What you did on it before is kept."))
    return place


def _needed(place: _Place, now: dt.datetime) -> int:
    rule = rules.in_force(LEAST_SHARE, body=place.body, on=timezone.localdate(now))
    return math.ceil(float(rule.value) * place.minutes * 60)


def _refuse(person: UUID, page: UUID, place: _Place, needed: int, now: dt.datetime) -> Refused:
    reading.start(person, page, now=now)
    events.append([NewEvent(person, place.course, "refused", now, page, place.seconds, needed)])
    ready = (now + dt.timedelta(seconds=needed - place.seconds)).timestamp()
    again_at = dt.datetime.fromtimestamp(math.ceil(ready / 60) * 60, dt.UTC)
    return Refused(page, place.minutes, needed, place.seconds, again_at)


def _duration(seconds: int) -> str:
    if seconds < 120:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    return ngettext("%(n)d minute", "%(n)d minutes", seconds // 60) % {"n": seconds // 60}


_ON_IT = f"""
LEFT JOIN LATERAL (
    SELECT e.state, e.body_id, e.completed_at FROM learning_enrolment e
    WHERE e.course_id = c.id AND e.person_id = {joined.OF_PERSON}
    ORDER BY e.state = 'completed' DESC, e.person_id = %(person)s::uuid DESC, e.enrolled_at DESC LIMIT 1
) e ON true
LEFT JOIN LATERAL (
    SELECT CASE WHEN bool_or(s.state = 'done') THEN 'done' WHEN count(*) > 0 THEN 'open' END AS state,
           sum(s.seconds)::int AS seconds, max(s.finished_at) AS finished_at
    FROM learning_pagestate s WHERE s.page_id = p.id AND s.person_id = {joined.OF_PERSON}
) s ON true
"""  # noqa: S608
"""How a person stands to a course `c` and its page `p`, under all ids: a page that was finished once is finished."""

_PLACE = f"""
SELECT c.id, p.key, p.minutes, coalesce(e.state, ''), e.body_id, coalesce(s.state, 'todo'), coalesce(s.seconds, 0),
       s.finished_at
FROM learning_page p
JOIN learning_course c ON c.id = p.course_id
JOIN learning_placement l ON l.page_id = p.id AND l.version_id = c.version_id
{_ON_IT}
WHERE p.id = %(page)s
"""  # noqa: S608

# The place as it stands before, with what opening it writes; nothing is written for whoever is not on the course.
_OPEN = f"""
WITH place (course, key, minutes, enrolment, body, state, seconds, finished_at) AS ({_PLACE}),
allowed AS (SELECT course, seconds FROM place WHERE enrolment IN ('enrolled', 'completed')),
begun AS ({reading.starting("FROM allowed")}),
told AS (
    INSERT INTO learning_progressevent (id, person_id, course_id, page_id, kind, at, seconds)
    SELECT %(event)s::uuid, %(person)s::uuid, course, %(page)s::uuid, 'opened', %(now)s::timestamptz, seconds
    FROM allowed)
SELECT * FROM place
"""  # noqa: S608

_OF = f"""
SELECT coalesce(e.state, ''), e.completed_at, p.id, p.key, p.minutes, coalesce(s.state, 'todo'),
       coalesce(s.seconds, 0), s.finished_at
FROM learning_course c
JOIN learning_placement l ON l.version_id = c.version_id
JOIN learning_page p ON p.id = l.page_id
{_ON_IT}
WHERE c.id = %(course)s
ORDER BY l.number
"""  # noqa: S608
