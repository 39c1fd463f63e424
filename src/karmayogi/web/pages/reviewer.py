"""For whoever answers questioned results: the cases whose turn it is for them, and one case to decide with a reason.

Reviewers stand outside the reporting line and are not told whose result it is.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from karmayogi.competency import frameworks
from karmayogi.institutions import access, bodies
from karmayogi.institutions.access import OutOfReach, Reach
from karmayogi.institutions.roles import Audience
from karmayogi.journeys import answers
from karmayogi.registry import cases
from karmayogi.registry.cases import SHORTEST, CaseCard, Outcome
from karmayogi.web.pages import asked
from karmayogi.web.pages.official.proof import said
from karmayogi.web.routes import Data, Scope, route

A_PAGE = 50


@dataclass(frozen=True)
class Row:
    """A case in the list: the competency questioned, what was said, and whether the last day is past."""

    case: CaseCard
    name: str
    said: str
    overdue: bool


def a_case(reach: Reach, case: UUID) -> CaseCard:
    """A case that the actor may answer or has answered; `OutOfReach` for any other."""
    found = cases.card(case)
    mine = found.decided_by == reach.actor or found.role in reach.roles
    if not mine or found.kind != asked.KIND or reach.actor in (found.opened_by, found.about):
        raise OutOfReach(gettext_lazy("There is no such case among those you answer."))
    place = bodies.by_ids([found.body]).get(found.body) if found.body else None
    if place and (not reach.covers(place.lower) or access.in_own_line(reach, [place])):
        raise OutOfReach(gettext_lazy("There is no such case among those you answer."))
    return found


@route(Audience.REVIEWER, scope=Scope.TREE, data=Data.COMPETENCY)
def waiting(request: Any) -> HttpResponse:
    """Cases that wait for a role of the actor, in bodies of the grants and outside their line; oldest due first."""
    page = Paginator(_waiting(request.reach), A_PAGE).get_page(request.GET.get("page"))
    held: list[CaseCard] = list(page.object_list)
    ids = {case.subject_id for case in held}
    names = {c.id: c.name for c in frameworks.competencies(ids=ids, language=_language())} if ids else {}
    told = cases.lodged(case.id for case in held)
    rows = [
        Row(
            c,
            names.get(c.subject_id, ""),
            told[c.id][0] if c.id in told else "",
            _overdue(c, request.reach.on),
        )
        for c in held
    ]
    return render(request, "reviewer/cases.html", {"title": _("Cases"), "rows": rows, "page": page})


@route(Audience.REVIEWER, scope=Scope.TREE, data=Data.COMPETENCY, methods=("GET", "POST"), subject=a_case)
def one(request: Any, case: UUID) -> HttpResponse:
    """What was questioned, what was known on that day, what happened since, and the form of the decision."""
    found: CaseCard = request.subject
    reason, chosen, bad = request.POST.get("reason", "").strip(), request.POST.get("outcome", ""), ""
    if request.method == "POST":
        if chosen in set(Outcome) and len(reason) >= SHORTEST:
            return _decide(request, found, Outcome(chosen), reason)
        bad = _("Choose an answer and give its reason in a sentence or two. Nothing was decided.")
    competencies = frameworks.competencies(ids=[found.subject_id], language=_language())
    events = cases.events(found.id)
    kept = events[0].details if events else {}
    context = {
        "title": _("A questioned result"),
        "case": found,
        "competency": competencies[0] if competencies else None,
        "result": asked.result(kept),
        "proof": said(asked.evidence(kept), own=False),
        "events": events,
        "waiting": found.state in cases.WAITING,
        "overdue": _overdue(found, request.reach.on),
        "answer": asked.outcome_word(found.outcome) if found.outcome else "",
        "outcomes": [(o.value, asked.outcome_word(o)) for o in Outcome],
        "chosen": chosen,
        "reason": reason,
        "shortest": SHORTEST,
        "bad": bad,
    }
    return render(request, "reviewer/case.html", context)


def _waiting(reach: Reach) -> list[CaseCard]:
    places = {b.id: b for root in reach.bodies for b in bodies.subtree(root)}
    shut = access.in_own_line(reach, places.values())
    found = cases.waiting(reach.roles, bodies=places.keys() - shut)
    return [c for c in found if c.kind == asked.KIND and reach.actor not in (c.opened_by, c.about)]


def _decide(request: Any, case: CaseCard, outcome: Outcome, reason: str) -> HttpResponse:
    answers.decide(
        case.id, by=request.reach.actor, roles=request.reach.roles, outcome=outcome, reason=reason,
        link=reverse("competencies-question", kwargs={"competency": case.subject_id}), now=timezone.now(),
    )  # fmt: skip
    messages.success(request, _("The answer is sent to the official. No number was changed by it."))
    return redirect("cases-one", case=case.id)


def _overdue(case: CaseCard, on: dt.date) -> bool:
    return case.state in cases.WAITING and case.due < on


def _language() -> str:
    return get_language() or "en"
