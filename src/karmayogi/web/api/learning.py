"""For an official: the catalogue, one course, coming to it, and what I am on."""

import datetime as dt
from typing import Any, Literal
from uuid import UUID

from django.utils import timezone
from django.utils.translation import get_language

from karmayogi.institutions.roles import Audience
from karmayogi.learning import catalogue, enrolments
from karmayogi.learning.catalogue import CourseCard, CourseOutline
from karmayogi.learning.enrolments import EnrolmentCard
from karmayogi.web.api import shapes
from karmayogi.web.api.operations import operation
from karmayogi.web.api.shapes import A_PAGE, Code, Cursor, Page, Shape, Share, Size
from karmayogi.web.pages.official.learn import own_course
from karmayogi.web.routes import Data, Scope


class Course(Shape):
    """A course; `level` is the level it builds towards. `languages`: those in which all of it is there."""

    course_key: str
    title: str
    about: str
    provider_name: str
    competency_id: UUID | None
    level: int | None
    languages: list[str]
    minutes: int
    pages: int
    version: int


class CoursePage(Shape):
    """A page of a course, by its number in it."""

    page_key: str
    number: int
    kind: str
    title: str
    minutes: int
    module_title: str


class Outline(Shape):
    """A course with its pages in reading order."""

    course: Course
    pages: list[CoursePage]


class Enrolment(Shape):
    """Somebody on a course. `seconds_spent` is what the server saw; `share_done`: of its pages."""

    course_key: str
    title: str
    state: Literal["enrolled", "completed", "unenrolled"]
    share_done: Share
    seconds_spent: int
    minutes: int
    enrolled_at: dt.datetime
    completed_at: dt.datetime | None
    unenrolled_at: dt.datetime | None


@operation(
    "GET", "courses", Audience.OFFICIAL, name="api-courses", answers=Page[Course],
    scope=Scope.OWN, data=Data.LEARNING,
)  # fmt: skip
def courses(request: Any, cursor: Cursor = "", limit: Size = A_PAGE) -> Page[Course]:
    """The catalogue, by the keys of the courses."""
    found = catalogue.after(cursor, limit=limit + 1, language=get_language() or "en")
    more = found[limit - 1].key if len(found) > limit else None
    return Page[Course](items=[_course(card) for card in found[:limit]], next_cursor=more)


@operation(
    "GET", "courses/{str:course}", Audience.OFFICIAL, name="api-course", answers=Outline,
    scope=Scope.OWN, data=Data.LEARNING, subject=own_course,
)  # fmt: skip
def course(request: Any, course: Code) -> Outline:
    """One course with its outline: what is on offer, or what I am on."""
    outline: CourseOutline = request.subject
    pages = [
        CoursePage(
            page_key=page.key,
            number=page.number,
            kind=page.kind,
            title=page.title,
            minutes=page.minutes,
            module_title=module.title,
        )
        for module in outline.modules
        for page in module.pages
    ]
    return Outline(course=_course(outline.card), pages=pages)


@operation(
    "POST", "courses/{str:course}/enrolment", Audience.OFFICIAL, name="api-enrol", answers=Enrolment,
    scope=Scope.OWN, data=Data.LEARNING, subject=own_course,
)  # fmt: skip
def enrol(request: Any, course: Code) -> Enrolment:
    """Put me on a course. Whoever is on it already, or comes back to it, keeps what was done."""
    outline: CourseOutline = request.subject
    actor, chosen = request.reach.actor, outline.card.id
    enrolments.enrol([actor], chosen, now=timezone.now())
    held = enrolments.of([actor], courses=[chosen], language=get_language() or "en")
    return _enrolment(held[actor][0])


@operation(
    "GET", "me/enrolments", Audience.OFFICIAL, name="api-enrolments", answers=Page[Enrolment],
    scope=Scope.OWN, data=Data.LEARNING,
)  # fmt: skip
def my_enrolments(request: Any, cursor: Cursor = "", limit: Size = A_PAGE) -> Page[Enrolment]:
    """The courses I am or was on, by their keys."""
    actor = request.reach.actor
    held = enrolments.of([actor], language=get_language() or "en").get(actor, [])
    return shapes.cut(held, key=lambda e: e.key, made=_enrolment, cursor=cursor, limit=limit)


def _course(card: CourseCard) -> Course:
    return Course(
        course_key=card.key,
        title=card.title,
        about=card.about,
        provider_name=card.provider_name,
        competency_id=card.competency,
        level=card.level,
        languages=list(card.languages),
        minutes=card.minutes,
        pages=card.pages,
        version=card.version,
    )


def _enrolment(card: EnrolmentCard) -> Enrolment:
    return Enrolment(
        course_key=card.key,
        title=card.title,
        state=card.state,  # type: ignore[arg-type]
        share_done=card.share,
        seconds_spent=card.seconds,
        minutes=card.minutes,
        enrolled_at=card.enrolled_at,
        completed_at=card.completed_at,
        unenrolled_at=card.unenrolled_at,
    )
