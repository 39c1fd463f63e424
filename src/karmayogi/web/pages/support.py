"""For the support: asking somebody for consent, and reading their pages while it runs. Nothing can be written here."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from karmayogi.competency import gaps
from karmayogi.institutions import assignments, people, proposals, support
from karmayogi.institutions.access import OutOfReach, Reach
from karmayogi.institutions.assignments import Standing
from karmayogi.institutions.proposals import SHORTEST, AlreadyProposed, ReasonTooShort
from karmayogi.institutions.roles import Audience
from karmayogi.registry import notices
from karmayogi.web import opening
from karmayogi.web.pages import shown
from karmayogi.web.routes import Data, Scope, route


@dataclass(frozen=True)
class Seen:
    """Somebody whose pages the actor may look at now: until when, and why they asked."""

    person: UUID
    name: str
    reason: str
    until: dt.datetime
    standing: Standing


def consenting(reach: Reach, person: UUID) -> Seen:
    """A person whose consent runs; `OutOfReach` for anyone else."""
    held = [v for v in support.running(now=timezone.now(), supporter=reach.actor) if v.person == person]
    standing = assignments.standing([person], on=reach.on, language=_language()).get(person) if held else None
    if standing is None or reach.actor is None:
        raise OutOfReach(
            gettext_lazy("This person does not let you look at their pages now. Ask them again.")
        )
    return Seen(person, standing.name, held[-1].reason, held[-1].until, standing)


@route(Audience.SUPPORT, scope=Scope.TREE, data=Data.SERVICE, methods=("GET", "POST"))
def ask(request: Any) -> HttpResponse:
    """The form that asks for consent, what was asked, and the consents that run."""
    bad, now = "", timezone.now()
    if request.method == "POST":
        try:
            _ask(request, now)
        except (AlreadyProposed, OutOfReach, ReasonTooShort) as stopped:
            bad = str(stopped)
        else:
            messages.success(request, _("The person is asked. You can look as soon as they agree."))
            return redirect("support")
    running = support.running(now=now, supporter=request.reach.actor)
    made = proposals.made(request.reach.actor, acts=[support.LOOK], limit=20)
    whom = {c.id: c.content.get("whom", "") for c in made}
    context = {
        "title": _("Support"),
        "running": [(v, whom.get(v.proposal, "")) for v in running],
        "made": shown.proposals(made),
        "given": request.POST,
        "shortest": SHORTEST,
        "bad": bad,
    }
    return render(request, "support/ask.html", context)


@route(Audience.SUPPORT, scope=Scope.TREE, data=Data.COMPETENCY, subject=consenting, opens=opening.CONSENT)
def look(request: Any, person: UUID) -> HttpResponse:
    """The person's requirements and levels, as they stand on their own pages; to read only."""
    seen: Seen = request.subject
    found = gaps.of_standings([seen.standing], on=request.reach.on, language=_language()).get(person, [])
    context = {
        "title": seen.name,
        "seen": seen,
        "standing": seen.standing,
        "gaps": found,
        "counts": gaps.counts(found),
    }
    return render(request, "support/look.html", context)


def _ask(request: Any, now: dt.datetime) -> None:
    code = request.POST.get("code", "").strip()
    found = people.by_codes([code]) if code else {}
    if not found:
        raise OutOfReach(_("Nobody in your bodies has this employee code. Check it letter by letter."))
    person = next(iter(found.values()))
    id = support.ask(request.reach, person, reason=request.POST.get("reason", ""), now=now)
    notices.tell(person, "support_asked", params={}, link=reverse("who-looked"), now=now, key=f"support:{id}")


def _language() -> str:
    return get_language() or "en"
