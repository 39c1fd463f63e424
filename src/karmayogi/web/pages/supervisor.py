"""For supervisors: the team's strengths and gaps, one member, and what was seen at work in one minute."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from karmayogi.competency import frameworks, gaps
from karmayogi.competency.gaps import Counts, Gap
from karmayogi.institutions import access, assignments
from karmayogi.institutions.access import NotForYou, Reach
from karmayogi.institutions.assignments import Standing
from karmayogi.institutions.roles import Audience
from karmayogi.journeys import observations
from karmayogi.web.routes import Data, Scope, route


@dataclass(frozen=True)
class Member:
    """One official of the team: where they stand, and what is widest below or least sure."""

    standing: Standing
    counts: Counts
    first: Gap | None


def own_team(reach: Reach) -> list[Standing]:
    """The actor's team today; `NotForYou` for whoever leads nobody."""
    found = assignments.team(reach.actor, on=reach.on, language=_language()) if reach.actor else []
    if not found:
        raise NotForYou(
            gettext_lazy("Nobody reports to you today. If that is wrong, tell your establishment section.")
        )
    return found


@route(Audience.SUPERVISOR, scope=Scope.TEAM, data=Data.COMPETENCY, subject=own_team)
def team(request: Any) -> HttpResponse:
    """The team today, those with most below first."""
    standings: list[Standing] = request.subject
    measured = gaps.of_standings(standings, on=request.reach.on, language=_language())
    members = [_member(s, measured.get(s.person, [])) for s in standings]
    members.sort(key=lambda m: (-m.counts.below, -m.counts.unsure, m.standing.name))
    context = {"title": _("My team"), "members": members, "needs": _by_competency(measured)}
    return render(request, "supervisor/team.html", context)


def own_member(reach: Reach, person: UUID) -> Standing:
    """A member of the actor's team today, with the words of the page."""
    return access.team_member(reach, person, language=_language())


@route(Audience.SUPERVISOR, scope=Scope.TEAM, data=Data.COMPETENCY, subject=own_member)
def member(request: Any, person: UUID) -> HttpResponse:
    """One member: each requirement with its level, how we know, and the form for an observation."""
    standing: Standing = request.subject
    measured = gaps.of_standings([standing], on=request.reach.on, language=_language())
    found = measured.get(person, [])
    cards = {
        c.id: c for c in frameworks.competencies(ids=[g.competency for g in found], language=_language())
    }
    chosen = request.GET.get("competency", "")
    context = {
        "title": standing.name,
        "standing": standing,
        "gaps": found,
        "counts": gaps.counts(found),
        "chosen": next(
            (cards[g.competency] for g in found if g.key == chosen and g.competency in cards), None
        ),
    }
    return render(request, "supervisor/member.html", context)


@route(
    Audience.SUPERVISOR,
    scope=Scope.TEAM,
    data=Data.COMPETENCY,
    methods=("POST",),
    subject=own_member,
)
def observe(request: Any, person: UUID) -> HttpResponse:
    """Keeps what the supervisor saw; the level is worked out anew at once."""
    standing: Standing = request.subject
    try:
        level = int(request.POST.get("level", ""))
    except ValueError:
        messages.error(request, _("Choose the level that fits what you saw. Nothing was written."))
        return redirect("team-member", person=person)
    card = observations.keep(
        standing,
        by=request.reach.actor,
        competency=request.POST.get("competency", ""),
        level=level,
        now=timezone.now(),
        language=_language(),
    )
    messages.success(
        request,
        _("Kept: {competency}, seen at level {level}. {name} can see it and answer it.").format(
            competency=card.name, level=level, name=standing.name
        ),
    )
    return redirect("team-member", person=person)


def _member(standing: Standing, found: list[Gap]) -> Member:
    open_gaps = sorted(
        (g for g in found if g.statement != "met"), key=lambda g: (g.statement != "below", g.chance)
    )
    return Member(standing, gaps.counts(found), open_gaps[0] if open_gaps else None)


def _by_competency(measured: dict[UUID, list[Gap]]) -> list[tuple[str, Counts]]:
    """Counts over the team by competency, those most often below first."""
    grouped: dict[str, list[Gap]] = {}
    for found in measured.values():
        for gap in found:
            grouped.setdefault(gap.name, []).append(gap)
    rows = [(name, gaps.counts(found)) for name, found in grouped.items()]
    return sorted(rows, key=lambda row: (-row[1].below, -row[1].unsure, row[0]))


def _language() -> str:
    return get_language() or "en"
