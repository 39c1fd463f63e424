"""An official asks that a register be completed: a domain or a body of their organisation, or a designation."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from karmayogi.institutions import assignments, bodies, designations, domains, proposals, registrations
from karmayogi.institutions.access import OutOfReach, Reach
from karmayogi.institutions.bodies import BodyCard
from karmayogi.institutions.proposals import SHORTEST, AlreadyProposed, ProposalCard, ReasonTooShort
from karmayogi.institutions.registrations import BODY, DESIGNATION, DOMAIN, NewOffice
from karmayogi.institutions.roles import Audience
from karmayogi.web.pages import register_words as words
from karmayogi.web.routes import Data, Scope, route

REFUSED = (
    registrations.AlreadyEntered, registrations.NotABody, registrations.NotYourLine, domains.NotADomain,
    domains.SharedDomain, domains.DomainTaken, designations.NotATitle, AlreadyProposed, ReasonTooShort,
)  # fmt: skip
"""What the registers refuse with a sentence for the form."""
ACTS = {"domain": DOMAIN, "body": BODY, "designation": DESIGNATION}
"""The word in the address -> the act."""


def kind_of(reach: Reach, kind: str) -> str:
    """The act that the address names."""
    if kind not in ACTS:
        raise OutOfReach(gettext_lazy("There is no such register."))
    return ACTS[kind]


def own_request(reach: Reach, proposal: UUID) -> ProposalCard:
    """A request of the actor's."""
    found = proposals.cards([proposal]).get(proposal)
    if found is None or found.maker != reach.actor or found.act not in registrations.ACTS:
        raise OutOfReach(gettext_lazy("There is no such request of yours."))
    return found


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.SERVICE)
def mine(request: Any) -> HttpResponse:
    """What the official asked for and what came of it, and what is entered for their organisation."""
    reach = request.reach
    made = proposals.made(reach.actor, acts=registrations.ACTS, limit=50)
    line = _line(reach)
    held = domains.of_bodies([b.id for b in line], on=reach.on, language=_language())
    context = {
        "title": _("Registers of my organisation"),
        "made": words.shown(made, registrations.outcomes(card.id for card in made)),
        "line": line,
        "domains": held,
        "asks": [(word, words.ASKS[act]) for word, act in ACTS.items()] if line else [],
    }
    return render(request, "official/registers.html", context)


@route(
    Audience.OFFICIAL,
    scope=Scope.OWN,
    data=Data.SERVICE,
    methods=("GET", "POST"),
    subject=kind_of,
)
def ask(request: Any, kind: str) -> HttpResponse:
    """The form of one register; what is alike already is shown before a new name is asked for."""
    reach, act, bad = request.reach, request.subject, ""
    line, near = _line(reach), []
    if request.method == "POST" and line:
        try:
            near = _near(request, act)
            if not near or request.POST.get("sure"):
                _ask(request, act, line)
                messages.success(
                    request, _("Asked for. Another person decides, and you are told either way.")
                )
                return redirect("registers")
        except REFUSED as stopped:
            bad, near = str(stopped), []
    context = {
        "title": str(words.ASKS[act].title),
        "kind": kind,
        "about": words.ASKS[act],
        "line": list(reversed(line)),
        "kinds": words.KINDS.items(),
        "near": near,
        "given": request.POST,
        "today": reach.on.isoformat(),
        "shortest": SHORTEST,
        "bad": bad,
    }
    return render(request, "official/registers_ask.html", context, status=400 if bad else 200)


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.SERVICE, methods=("POST",), subject=own_request)
def withdraw(request: Any, proposal: UUID) -> HttpResponse:
    """Takes back what waits."""
    card: ProposalCard = request.subject
    try:
        proposals.withdraw(card.id, act=card.act, by=request.reach.actor, now=timezone.now())
    except proposals.ProposalAlreadyEnded as stopped:
        messages.error(request, str(stopped))
    else:
        messages.success(request, _("Taken back. Nothing was entered."))
    return redirect("registers")


def _ask(request: Any, act: str, line: list[BodyCard]) -> UUID:
    said, now, on = request.POST, timezone.now(), request.reach.on
    by, reason = request.reach.actor, said.get("reason", "")
    if act == DESIGNATION:
        return registrations.ask_designation(
            said.get("name", ""), body=line[-1], by=by, reason=reason, now=now
        )
    place = next((b for b in line if b.code == said.get("body", "")), None)
    if place is None:
        raise registrations.NotYourLine(_("Choose your own office or a body above it."))
    if act == DOMAIN:
        return registrations.ask_domain(
            said.get("domain", ""), body=place, by=by, line=line, reason=reason, on=on, now=now
        )
    new = NewOffice(
        said.get("code", ""), said.get("name", ""), said.get("kind", ""), said.get("order", ""), _day(said)
    )
    return registrations.ask_body(new, under=place, by=by, line=line, reason=reason, on=on, now=now)


def _near(request: Any, act: str) -> list[tuple[str, float]]:
    name = request.POST.get("name", "").strip()
    if act == DESIGNATION:
        return designations.near(name)
    return registrations.alike(name) if act == BODY and name else []


def _line(reach: Reach) -> list[BodyCard]:
    """The bodies from the top down to where the actor serves today; none for whoever serves nowhere."""
    standing = assignments.standing([reach.actor], on=reach.on).get(reach.actor) if reach.actor else None
    if standing is None:
        return []
    return bodies.above_number(standing.body_number, language=_language())


def _day(said: Any) -> dt.date:
    try:
        return dt.date.fromisoformat(said.get("since", "").strip())
    except ValueError:
        raise registrations.NotABody(
            _("Write the day as a date, such as %(day)s.") % {"day": "2026-12-31"}
        ) from None


def _language() -> str:
    return get_language() or "en"
