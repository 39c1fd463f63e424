"""The result of a check: before and now on one scale, how we know, what it counts for, the appeal, the next step."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from karmayogi.assessment import endings, sittings
from karmayogi.assessment.sittings import Result, SittingStillOpen
from karmayogi.competency import frameworks, gaps, proofs
from karmayogi.competency.estimates import Estimate
from karmayogi.competency.frameworks import CompetencyCard
from karmayogi.competency.gaps import Gap
from karmayogi.institutions.access import Reach
from karmayogi.institutions.roles import Audience
from karmayogi.planning import plans
from karmayogi.policy import rules
from karmayogi.science import levels
from karmayogi.web import dates, numbers
from karmayogi.web.pages import in_log
from karmayogi.web.pages.official.check import USE, uses
from karmayogi.web.pages.official.competencies import state_of
from karmayogi.web.pages.official.proof import rest, said
from karmayogi.web.pages.official.question import WAY, days_to_answer
from karmayogi.web.pages.official.steps import steps
from karmayogi.web.routes import Data, Scope, route


@dataclass(frozen=True)
class Placed:
    """An estimate on the level scale; None of all where nothing was known."""

    value: float
    low: float
    high: float


def own_result(reach: Reach, sitting: UUID) -> Result | None:
    """The result of a sitting of the actor; None while it is open."""
    assert reach.actor is not None
    try:
        return sittings.result(sitting, person=reach.actor)
    except SittingStillOpen:
        return None


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.COMPETENCY, subject=own_result)
def result(request: Any, sitting: UUID) -> HttpResponse:
    """What the check changed."""
    if request.subject is None:
        return redirect("check-question", sitting=sitting)
    outcome: Result = request.subject
    held = outcome.card
    actor, on, language = request.reach.actor, request.reach.on, get_language() or "en"
    (card,) = frameworks.competencies(ids=[held.competency], language=language)
    order = rules.values({*gaps.RULES, *proofs.RULES, USE, WAY}, on=on)
    found = gaps.of([actor], on=on, language=language, order=order).get(actor, [])
    gap = next((g for g in found if g.competency == card.id), None)
    ahead = steps(plans.of(actor, language=language).items[:1], on=on)
    told = proofs.on_scale(actor, {card.id: card.scale}, order=order, moves=True).get(card.id, [])
    context = {
        "title": card.name,
        "competency": card,
        "sitting": held,
        "result": outcome,
        "gap": gap,
        "verdict": verdict(gap) if gap else "",
        "state": state_of(gap) if gap else "plain",
        "in_hundred": _in_hundred(gap.chance) if gap else "",
        "before": _placed(outcome.before, card) if outcome.before.information else None,
        "now": _placed(outcome.after, card) if outcome.after else None,
        "proof": said(told),
        "rest": rest(told),
        "use": uses("supervised_test" if held.supervised else "test", order[USE]),
        "order": order[USE].citation,
        "next": ahead[0] if ahead else None,
        "days": days_to_answer(order),
    }
    return render(request, "official/check_result.html", context)


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.PUBLIC, subject=own_result)
def proof(request: Any, sitting: UUID) -> HttpResponse:
    """The proof that the result stands in the log as it was issued."""
    if request.subject is None:
        return redirect("check-question", sitting=sitting)
    crumbs = [
        {"word": _("Result"), "href": reverse("competencies-result", args=[sitting])},
        {"word": _("Proof")},
    ]
    about = _("Result of your check, {day}").format(day=dates.date(request.subject.finished_at))
    return in_log.answer(
        request, endings.entry_of(sitting), about=about, name=f"result-{sitting}", crumbs=crumbs
    )


def verdict(gap: Gap) -> str:
    """The statement in words, with the level."""
    level = numbers.num(gap.level)
    if gap.statement == "met":
        return _("Level {level}: met").format(level=level)
    if gap.statement == "below":
        return _("Level {level}: below").format(level=level)
    return _("Level {level}: not sure yet").format(level=level)


def _in_hundred(chance: float) -> str:
    """A chance in cases of 100, never 0 and never 100."""
    if chance < 0.005:
        return _("fewer than 1")
    return _("more than 99") if chance >= 0.995 else numbers.num(round(100 * chance))


def _placed(estimate: Estimate, card: CompetencyCard) -> Placed:
    low, high = levels.likely_range([estimate.mean], [estimate.sd])
    value, low_at, high_at = levels.on_scale([estimate.mean, float(low[0]), float(high[0])], card.cuts)
    return Placed(float(value), float(low_at), float(high_at))
