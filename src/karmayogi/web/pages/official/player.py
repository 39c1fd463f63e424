"""The player: one page of a course to read, practise on or download; finishing it; the course's end."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from karmayogi.competency import gaps
from karmayogi.institutions.access import Reach
from karmayogi.institutions.roles import Audience
from karmayogi.journeys import settle
from karmayogi.learning import catalogue, enrolments, practice, progress
from karmayogi.learning.catalogue import CourseOutline, PageView
from karmayogi.learning.practice import UnknownOption
from karmayogi.learning.progress import NotEnrolled, Refused
from karmayogi.registry import files
from karmayogi.web.pages.official.learn import builds, outline_rows, own_course
from karmayogi.web.routes import Data, Scope, route


def own_page(reach: Reach, course: str, page: str) -> tuple[CourseOutline, PageView]:
    """A page of a course that the official may open, and the course it stands in."""
    return catalogue.opened(course, page, language=get_language() or "en", person=reach.actor)


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.LEARNING, subject=own_page)
def read(request: Any, course: str, page: str) -> HttpResponse:
    """Shows a page; the server counts time for it from now on."""
    view: PageView = request.subject[1]
    try:
        progress.open(request.reach.actor, view.card.id, now=timezone.now())
    except NotEnrolled:
        return _enrol_first(request, course)
    return _show(request)


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.LEARNING, methods=("GET", "POST"), subject=own_page)
def finish(request: Any, course: str, page: str) -> HttpResponse:
    """Finishes a page if the server saw enough of it; else says what it saw and when it can be finished.

    A GET (the language menu after a refusal, an address typed again) goes back to the page.
    """
    outline, view = request.subject
    if request.method != "POST":
        return redirect("learn-page", course=course, page=page)
    now = timezone.now()
    try:
        outcome = progress.finish(request.reach.actor, view.card.id, now=now)
    except NotEnrolled:
        return _enrol_first(request, course)
    if isinstance(outcome, Refused):
        return _show(request, refused=outcome)
    if outcome.completed:
        settle.after_evidence(request.reach.actor, on=request.reach.on, now=now)
        return redirect("learn-done", course=course)
    following = progress.of(request.reach.actor, outline.card.id).next
    return redirect("learn-page", course=course, page=view.after or following)


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.LEARNING, methods=("GET", "POST"), subject=own_page)
def answer(request: Any, course: str, page: str) -> HttpResponse:
    """Keeps a try at a practice question; the page then explains it. A GET goes back to the page."""
    view: PageView = request.subject[1]
    if request.method != "POST":
        return redirect("learn-page", course=course, page=page)
    asked = {str(q.id): q for q in practice.questions(view.card.id, person=request.reach.actor)}
    question = asked.get(request.POST.get("question", ""))
    if question is None:
        raise practice.UnknownQuestion(
            gettext_lazy("There is no such practice question today. Open the page again.")
        )
    try:
        practice.answer(request.reach.actor, question.id, request.POST.get("option", ""), now=timezone.now())
    except UnknownOption:
        messages.warning(request, _("Choose one of the answers first. Nothing was lost."))
    return redirect(reverse("learn-page", args=[course, page]) + f"#q{question.number}")


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.LEARNING, subject=own_page)
def file(request: Any, course: str, page: str) -> Any:
    """The file of a page, to download."""
    view: PageView = request.subject[1]
    if view.file is None:
        raise files.NoSuchFile(gettext_lazy("There is no such file."))
    card = files.card(view.file)
    return FileResponse(
        files.open(card.id), as_attachment=True, filename=card.name, content_type=card.media_type
    )


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.LEARNING, subject=own_course)
def done(request: Any, course: str) -> HttpResponse:
    """The end of a course: what is kept, what it does not say, and the next step."""
    card = request.subject.card
    actor = request.reach.actor
    held = next(iter(enrolments.of([actor], courses=[card.id]).get(actor, [])), None)
    if held is None or held.state != "completed":
        return redirect("learn-course", course=course)
    said = {g.competency: g for g in gaps.of([actor], on=request.reach.on).get(actor, [])}
    context = {
        "title": card.title,
        "course": card,
        "held": held,
        "minutes": held.seconds // 60,
        "builds": builds([card], get_language() or "en").get(card.competency),
        "gap": said.get(card.competency) if card.competency else None,
    }
    return render(request, "official/course_done.html", context)


def _enrol_first(request: Any, course: str) -> HttpResponse:
    messages.warning(request, _("Enrol in the course first. What you did on it before is kept."))
    return redirect("learn-course", course=course)


def _show(request: Any, *, refused: Refused | None = None) -> HttpResponse:
    outline, view = request.subject
    actor: UUID = request.reach.actor
    state = progress.of(actor, outline.card.id)
    questions = []
    if view.card.kind == "practice":
        questions = practice.questions(view.card.id, person=actor, language=get_language() or "en")
    open_ones = [q for q in questions if q.feedback is None]
    again = request.GET.get("again", "")
    context = {
        "title": view.card.title,
        "course": outline.card,
        "page": view,
        # A wide table scrolls by itself on a phone, so the keyboard must be able to stop there.
        "html": view.html.replace("<table>", '<table tabindex="0">'),
        "is_done": any(p.page == view.card.id and p.state == "done" for p in state.pages),
        "refused": refused,
        "file": files.card(view.file) if view.file else None,
        "answered": [(q, str(q.id) == again) for q in questions if q.feedback is not None],
        "question": open_ones[0] if open_ones else None,
        "left": max(0, len(open_ones) - 1),
        "outline": outline_rows(outline, state, here=view.card.key),
        "done": state.done,
        "all": len(state.pages),
    }
    return render(request, "official/player.html", context)
