"""Question this result: a reason, a reviewer outside the office, a last day. Asking never lowers anything."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from karmayogi.competency import frameworks, gaps, proofs
from karmayogi.competency.frameworks import CompetencyCard
from karmayogi.institutions import assignments
from karmayogi.institutions.access import Reach
from karmayogi.institutions.roles import Audience
from karmayogi.policy import rules
from karmayogi.policy.rules import Rule
from karmayogi.registry import cases, clock
from karmayogi.web.pages import asked as kept
from karmayogi.web.pages.asked import KIND, SUBJECT
from karmayogi.web.pages.official.competencies import measured, state_of
from karmayogi.web.pages.official.proof import rest, said
from karmayogi.web.routes import Data, Scope, route

WAY = "appeal.result"
"""The rule: which roles answer, first to last instance, and in how many working days each."""
SHORTEST = 20


def days_to_answer(order: Mapping[str, Rule]) -> int:
    """Working days in which each instance answers, by the rules of the day, of which `WAY` must be one."""
    days: int = order[WAY].value["days"]
    return days


def a_competency(reach: Reach, competency: UUID) -> CompetencyCard:
    """The competency in the language of the page; the result questioned is always the actor's own."""
    found = frameworks.competencies(ids=[competency], language=get_language() or "en")
    if not found:
        raise frameworks.UnknownCompetency(gettext_lazy("There is no such competency."))
    return found[0]


@route(
    Audience.OFFICIAL, scope=Scope.OWN, data=Data.COMPETENCY, methods=("GET", "POST"), subject=a_competency
)
def question(request: Any, competency: UUID) -> HttpResponse:
    """The form, or how the question stands."""
    card: CompetencyCard = request.subject
    actor = request.reach.actor
    reason, bad = request.POST.get("reason", "").strip(), ""
    standing = assignments.standing([actor], on=request.reach.on).get(actor)
    order = rules.values({*gaps.RULES, *proofs.RULES, WAY}, on=request.reach.on)
    days = days_to_answer(order)
    found = measured(standing, on=request.reach.on, language=get_language() or "en", order=order)
    gap = next((g for g in found if g.competency == card.id), None)
    proof = proofs.on_scale(actor, {card.id: card.scale}, order=order, moves=True).get(card.id, [])
    if request.method == "POST":
        if len(reason) >= SHORTEST:
            return _lodge(request, card, reason, kept.keep(gap, proof))
        bad = _("Say in a sentence or two what is wrong. Nothing was sent.")
    asked, events = cases.asked(KIND, subject_kind=SUBJECT, subject_id=card.id, by=actor) or (None, [])
    context = {
        "title": _("Question this result"),
        "competency": card,
        "gap": gap,
        "state": state_of(gap) if gap else "",
        "proof": said(proof),
        "rest": rest(proof),
        "case": asked,
        "waiting": asked is not None and asked.state in cases.WAITING,
        "events": events,
        "answer": kept.outcome_word(asked.outcome) if asked and asked.outcome else "",
        "by": clock.due(request.reach.on, days),
        "days": days,
        "reason": reason,
        "bad": bad,
    }
    return render(request, "official/question.html", context)


def _lodge(request: Any, card: CompetencyCard, reason: str, facts: Mapping[str, Any]) -> HttpResponse:
    actor = request.reach.actor
    standing = assignments.standing([actor], on=request.reach.on).get(actor)
    way = rules.in_force(WAY, on=request.reach.on).value
    cases.lodge(
        KIND, subject_kind=SUBJECT, subject_id=card.id, opened_by=actor, about=actor, details=facts,
        body=standing.body if standing else None, route=way["roles"], days=way["days"], text=reason,
        now=timezone.now(),
    )  # fmt: skip
    messages.success(request, _("Your question is lodged. Your result stays as it is until the answer."))
    return redirect("competencies-question", competency=card.id)
