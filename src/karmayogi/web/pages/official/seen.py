"""Who looked at my record and why, who can see it and by what, and whom of the support I let look."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from karmayogi.institutions import grants, looks, proposals, seers, support
from karmayogi.institutions.access import OutOfReach, Reach
from karmayogi.institutions.proposals import ProposalCard
from karmayogi.institutions.roles import Audience
from karmayogi.policy import rules
from karmayogi.web.pages import shown
from karmayogi.web.routes import Data, Scope, route

MINUTES = "support.look_minutes"


def asked_of_me(reach: Reach, proposal: UUID) -> ProposalCard:
    """What the support asked of the actor and waits for their answer."""
    found = proposals.cards([proposal]).get(proposal)
    if found is None or found.about != reach.actor or found.act != support.LOOK:
        raise OutOfReach(gettext_lazy("Nobody waits here for your consent."))
    return found


def my_visit(reach: Reach, visit: UUID) -> support.VisitCard:
    """A consent of the actor's that runs."""
    held = {v.id: v for v in support.running(now=timezone.now(), person=reach.actor)} if reach.actor else {}
    if visit not in held:
        raise OutOfReach(gettext_lazy("Nobody looks at your pages under this consent any more."))
    return held[visit]


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.SERVICE)
def who_looked(request: Any) -> HttpResponse:
    """Who opened the official's record or was refused it, with the reason; and what the support asks."""
    now, me = timezone.now(), request.reach.actor
    running = support.running(now=now, person=me)
    told = proposals.cards(v.proposal for v in running)
    context = {
        "title": _("Who looked at my record"),
        "looks": shown.looks(looks.of(me)),
        "asked": support.asked(request.reach, now=now),
        "running": [(v, told.get(v.proposal)) for v in running],
        "minutes": rules.in_force(MINUTES, on=request.reach.on).value,
    }
    return render(request, "official/who_looked.html", context)


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.SERVICE)
def who_can_see(request: Any) -> HttpResponse:
    """Who can open the official's record today, and by what posting or grant."""
    found = seers.of(request.reach.actor, on=request.reach.on, language=get_language() or "en")
    context = {"title": _("Who can see my record"), "seers": shown.seers(found), "on": request.reach.on}
    return render(request, "official/who_can_see.html", context)


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.SERVICE, methods=("POST",), subject=asked_of_me)
def answer_support(request: Any, proposal: UUID) -> HttpResponse:
    """Lets the support look for a while, or does not."""
    consent = request.POST.get("consent") == "yes"
    minutes = int(rules.in_force(MINUTES, on=request.reach.on).value)
    support.answer(proposal, person=request.reach.actor, consent=consent, minutes=minutes, now=timezone.now())
    said = (
        _("They may look at your pages now. You can end it at any time.") if consent else _("You declined.")
    )
    messages.success(request, said)
    return redirect("who-looked")


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.SERVICE, methods=("POST",), subject=my_visit)
def end_support(request: Any, visit: UUID) -> HttpResponse:
    """Ends a consent at once."""
    support.end(visit, person=request.reach.actor, now=timezone.now())
    messages.success(request, _("Nobody of the support can look at your pages any more."))
    return redirect("who-looked")


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.SERVICE)
def my_roles(request: Any) -> HttpResponse:
    """The authority the person holds or held, what each lets them see, and who gave it by which order."""
    me, on, language = request.reach.actor, request.reach.on, get_language() or "en"
    context = {
        "title": _("My roles"),
        "grants": shown.grants(grants.of(me, on=on, language=language)),
        "passed_on": shown.grants(grants.passed_on(me, on=on, language=language)),
    }
    return render(request, "official/my_roles.html", context)
