"""For providers: their own courses with published counts; nobody by name, and no group that is too small to show."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from karmayogi.institutions.roles import Audience
from karmayogi.learning import catalogue
from karmayogi.learning.catalogue import CourseCard
from karmayogi.monitoring import course_counts, indicators
from karmayogi.monitoring.course_counts import Counted
from karmayogi.web.routes import Data, Scope, route

STATES = {"live": "met", "flagged": "unsure", "retired": "plain"}
"""State of a course -> its mark."""


@dataclass(frozen=True)
class Line:
    """A course with its counts (None before they were first published) and the words of its state."""

    course: CourseCard
    counted: Counted | None
    mark: str
    word: str


@route(Audience.PROVIDER, scope=Scope.PUBLISHED, data=Data.AGGREGATE)
def courses(request: Any) -> HttpResponse:
    """The provider's courses, each with how many are on it and how many completed it."""
    reach = request.reach
    found = catalogue.provided_by([(b.lower, b.upper) for b in reach.bodies], language=get_language() or "en")
    counted = course_counts.of(card.id for card in found)
    try:
        stamp = indicators.stamp()
    except indicators.NothingPublished:
        stamp = None
    words = {"live": _("Offered"), "flagged": _("Under review"), "retired": _("No longer offered")}
    context = {
        "title": _("Courses I provide"),
        "lead": ", ".join(body.name for body in reach.bodies),
        "lines": [Line(c, counted.get(c.id), STATES[c.state], words[c.state]) for c in found],
        "stamp": stamp,
        "hidden": any(c.hidden for c in counted.values()),
    }
    return render(request, "provider/courses.html", context)
