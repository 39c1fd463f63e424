"""The first page: the date, three counts, the next step first; then this week, what is due, what is new."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from karmayogi.competency import gaps
from karmayogi.competency.gaps import Gap
from karmayogi.institutions import assignments
from karmayogi.institutions.roles import Audience
from karmayogi.planning import plans
from karmayogi.registry import cases, notices
from karmayogi.web.pages.official.competencies import measured, state_of
from karmayogi.web.pages.official.news import news
from karmayogi.web.pages.official.steps import Step, steps
from karmayogi.web.routes import Data, Scope, route
from karmayogi.web.templatetags import ui

SOON = dt.timedelta(days=60)
NEWS = 3
WEEK = dt.timedelta(days=7)


@dataclass(frozen=True)
class Due:
    """Something with a last day."""

    day: dt.date
    title: str
    text: str
    href: str


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.COMPETENCY)
def home(request: Any) -> HttpResponse:
    """What to do next, and why."""
    actor, on, language = request.reach.actor, request.reach.on, get_language() or "en"
    standing = assignments.standing([actor], on=on, language=language).get(actor)
    found = measured(standing, on=on, language=language)
    plan = plans.of(actor, language=language)
    ahead = steps(plan.items, on=on)
    following = ahead[0] if ahead else None
    week = [s for s in ahead if s.day < on + WEEK]
    gap = _gap(following, found)
    context = {
        "title": ui.date(on, "day"),
        "today": on,
        "standing": standing,
        "counts": gaps.counts(found),
        "next": following,
        "gap": gap,
        "state": state_of(gap) if gap else "",
        "week": week,
        "week_minutes": sum(s.minutes for s in week),
        "later": next((s for s in ahead if s.day >= on + WEEK), None),
        "due": _due(actor, found, on=on),
        "news": news(notices.of(actor, limit=NEWS)),
    }
    return render(request, "official/home.html", context)


def _gap(step: Step | None, found: list[Gap]) -> Gap | None:
    return next((g for g in found if step and g.competency == step.competency), None)


def _due(actor: UUID, found: list[Gap], *, on: dt.date) -> list[Due]:
    rows = [
        Due(
            case.due,
            _("Answer to your question"),
            _("A reviewer answers by this day. Until then everything stays as it is."),
            reverse("competencies-question", args=[case.subject_id]),
        )
        for case in cases.of(actor)
        if case.opened_by == case.about and case.state in cases.WAITING and case.subject_kind == "competency"
    ]
    for gap in found:
        if gap.changes_on and on < gap.changes_on <= on + SOON:
            rows.append(
                Due(
                    gap.changes_on,
                    _("{name}: evidence runs out").format(name=gap.name),
                    _("From this day some of it no longer counts. A short check renews it."),
                    reverse("competencies-check", args=[gap.competency]),
                )
            )
    return sorted(rows, key=lambda row: row.day)[:5]
