"""Plan: what to do on the job, with others and in training, why each; a task done waits for the supervisor."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from karmayogi.institutions.access import Reach
from karmayogi.institutions.roles import Audience
from karmayogi.learning import practice_log
from karmayogi.planning import plans
from karmayogi.planning.plans import DoneElsewhere, ItemCard, PlanCard
from karmayogi.web.pages.official.steps import Step, steps
from karmayogi.web.routes import Data, Scope, route

GROUPS = ("check", "on_job", "with_others", "course")


def own_plan(reach: Reach) -> PlanCard:
    """The actor's plan."""
    actor = reach.actor
    assert actor is not None
    return plans.of(actor, language=get_language() or "en")


def own_step(reach: Reach, item: UUID) -> ItemCard:
    """An open step of the actor's own plan."""
    found = next((i for i in own_plan(reach).items if i.id == item), None)
    if found is None:
        raise plans.UnknownItem(gettext_lazy("This step is not open in your plan. Open the plan again."))
    return found


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.LEARNING, subject=own_plan)
def plan(request: Any) -> HttpResponse:
    """The plan with its mix of hours."""
    card: PlanCard = request.subject
    ahead = steps(card.items, on=request.reach.on)
    words = {
        "check": _("First: short checks"),
        "on_job": _("On the job"),
        "with_others": _("With others"),
        "course": _("In training"),
    }
    groups = [(words[kind], [s for s in ahead if s.kind == kind]) for kind in GROUPS]
    minutes = card.minutes_by_share
    total = sum(minutes.values())
    context = {
        "title": _("My plan"),
        "plan": card,
        "groups": [(word, held, sum(s.minutes for s in held)) for word, held in groups if held],
        "minutes": minutes,
        "shares": {kind: spent / total for kind, spent in minutes.items()} if total else None,
        "total": total,
        "done": _done(request.reach.actor, card, on=request.reach.on),
    }
    return render(request, "official/plan.html", context)


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.LEARNING, methods=("POST",), subject=own_step)
def finish(request: Any, item: UUID) -> HttpResponse:
    """The official says a task is done; it waits for the supervisor's confirmation."""
    try:
        plans.finish(
            item,
            person=request.reach.actor,
            now=timezone.now(),
            note=request.POST.get("note", "").strip()[:500],
        )
    except DoneElsewhere:
        messages.error(
            request, _("Checks and courses are done by finishing them. Open the step from your plan.")
        )
    else:
        messages.success(request, _("Noted as done. It waits for your supervisor’s confirmation."))
    return redirect("plan")


def _done(actor: UUID, card: PlanCard, *, on: Any) -> list[tuple[Step, str]]:
    """What was done in this plan, with the state of its confirmation ('' where none is needed)."""
    if not card.done:
        return []
    log = {a.id: a.state for a in practice_log.of([actor]).get(actor, [])}
    return [(step, log.get(step.entry, "") if step.entry else "") for step in steps(card.done, on=on)]
