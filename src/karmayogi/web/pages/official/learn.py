"""Learn: the catalogue with what fits the official's own needs first, one course, coming and leaving."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from karmayogi.competency import frameworks, gaps
from karmayogi.institutions.access import Reach
from karmayogi.institutions.roles import Audience
from karmayogi.learning import catalogue, enrolments, progress
from karmayogi.learning.catalogue import CourseCard, CourseOutline
from karmayogi.learning.enrolments import CourseCompleted, CourseNotOpen, EnrolmentCard
from karmayogi.learning.progress import CourseProgress
from karmayogi.web.routes import Data, Scope, route

STATES = {"todo": "todo", "open": "part", "done": "done"}


@dataclass(frozen=True)
class Offer:
    """A course in the catalogue as this official sees it. `statement`: met, below, unsure or '' (not required)."""

    course: CourseCard
    builds: str
    statement: str
    held: EnrolmentCard | None

    @property
    def state(self) -> str:
        """The tag's name: gap for below."""
        return "gap" if self.statement == "below" else self.statement


@dataclass(frozen=True)
class OutlineRow:
    """A line of the outline, as parts/outline.html wants it."""

    title: str
    state: str
    href: str
    here: bool
    minutes: int
    group: str


def own_course(reach: Reach, course: str) -> CourseOutline:
    """The live course, or one out of the catalogue that the official is on."""
    return catalogue.course(course, language=get_language() or "en", person=reach.actor)


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.LEARNING)
def catalogue_page(request: Any) -> HttpResponse:
    """Courses: those begun, those for what the post still needs, then all."""
    actor, on = request.reach.actor, request.reach.on
    language = get_language() or "en"
    cards = catalogue.cards(language=language)
    held = {e.course: e for e in enrolments.of([actor], language=language).get(actor, [])}
    said = {g.competency: str(g.statement) for g in gaps.of([actor], on=on).get(actor, [])}
    offers = _offers(cards, held, said, language)
    begun = [o for o in offers if o.held and o.held.state == "enrolled"]
    fitting = [o for o in offers if o.statement in ("below", "unsure") and o not in begun]
    fitting = [o for o in fitting if not (o.held and o.held.state == "completed")]
    context = {
        "title": _("Learn"),
        "begun": begun,
        "fitting": fitting,
        "others": [o for o in offers if o not in begun and o not in fitting],
    }
    return render(request, "official/learn.html", context)


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.LEARNING, subject=own_course)
def course_page(request: Any, course: str) -> HttpResponse:
    """One course: what it is for, how long it takes, its outline, and the way in or on."""
    outline: CourseOutline = request.subject
    state = progress.of(request.reach.actor, outline.card.id)
    context = {
        "title": outline.card.title,
        "course": outline.card,
        "builds": builds([outline.card], get_language() or "en").get(outline.card.competency),
        "progress": state,
        "outline": outline_rows(outline, state),
        "done": state.done,
        "all": len(state.pages),
        "left": sum(p.minutes for p in state.pages if p.state != "done"),
    }
    return render(request, "official/course.html", context)


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.LEARNING, methods=("POST",), subject=own_course)
def enrol(request: Any, course: str) -> HttpResponse:
    """Puts the official on the course and opens its first page not finished."""
    outline: CourseOutline = request.subject
    actor = request.reach.actor
    try:
        enrolments.enrol([actor], outline.card.id, now=timezone.now())
    except CourseNotOpen:
        messages.error(request, _("This course takes no new enrolments now. Choose another one."))
        return redirect("learn-course", course=course)
    page = progress.of(actor, outline.card.id).next
    return redirect("learn-page", course=course, page=page) if page else redirect("learn-done", course=course)


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.LEARNING, methods=("POST",), subject=own_course)
def leave(request: Any, course: str) -> HttpResponse:
    """Takes the official off the course; what was done is kept."""
    try:
        if enrolments.unenrol(request.reach.actor, request.subject.card.id, now=timezone.now()):
            messages.success(request, _("You are off this course. What you did on it is kept."))
    except CourseCompleted:
        messages.error(
            request, _("You completed this course. It stays in your record; there is nothing to leave.")
        )
    return redirect("learn")


def outline_rows(outline: CourseOutline, state: CourseProgress, here: str = "") -> list[OutlineRow]:
    """The outline with the official's own state of each page; links only for whoever is on the course."""
    states = {page.page: page.state for page in state.pages}
    is_on = state.enrolment in ("enrolled", "completed")
    headed = len(outline.modules) > 1
    return [
        OutlineRow(
            title=page.title,
            state=STATES[states.get(page.id, "todo")] if is_on else "shut",
            href=reverse("learn-page", args=[outline.card.key, page.key]),
            here=page.key == here,
            minutes=page.minutes,
            group=module.title if headed else "",
        )
        for module in outline.modules
        for page in module.pages
    ]


def builds(cards: Collection[CourseCard], language: str) -> dict[UUID | None, str]:
    """competency -> its name, for what these courses build."""
    named = frameworks.names({str(c.competency) for c in cards if c.competency}, language=language)
    return {c.competency: named.get(str(c.competency), "") for c in cards if c.competency}


def _offers(
    cards: Collection[CourseCard], held: Mapping[UUID, EnrolmentCard], said: Mapping[UUID, str], language: str
) -> list[Offer]:
    names = builds(cards, language)
    return [
        Offer(
            course=c,
            builds=names.get(c.competency, "") if c.competency else "",
            statement=said.get(c.competency, "") if c.competency else "",
            held=held.get(c.id) if c.id in held and held[c.id].state != "unenrolled" else None,
        )
        for c in cards
    ]
