"""For whoever decides on the registers: what officials ask for, read in plain words and decided with a reason."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from karmayogi.institutions import assignments, bodies, designations, domains, proposals, registrations
from karmayogi.institutions.access import OutOfReach, Reach
from karmayogi.institutions.bodies import BodyCard
from karmayogi.institutions.proposals import SHORTEST, ProposalCard
from karmayogi.institutions.registrations import BODY, DESIGNATION
from karmayogi.institutions.roles import Audience
from karmayogi.web.pages import register_words as words
from karmayogi.web.routes import Data, Scope, route

REFUSED = (
    registrations.AlreadyEntered, registrations.NotABody, registrations.NotYoursToDecide, domains.SharedDomain,
    domains.DomainTaken, proposals.OwnProposal, proposals.ProposalAlreadyEnded, proposals.ReasonTooShort,
)  # fmt: skip


def asked(reach: Reach, proposal: UUID) -> tuple[ProposalCard, BodyCard]:
    """A request over a reached body, and that body."""
    card = proposals.cards([proposal]).get(proposal)
    known = card is not None and card.act in registrations.ACTS
    place = bodies.by_ids([card.body], language=_language()).get(card.body) if card and known else None
    if card is None or place is None or not reach.covers(place.lower):
        raise OutOfReach(gettext_lazy("There is no such request for you to decide."))
    return card, place


@route(Audience.REGISTRAR, scope=Scope.TREE, data=Data.SERVICE)
def waiting(request: Any) -> HttpResponse:
    """What waits for a decision over the reached bodies, oldest first."""
    reach = request.reach
    found = registrations.waiting(reach, now=timezone.now())
    places = bodies.by_ids({card.body for card in found}, language=_language())
    rows = [
        (row, places[row.card.body], registrations.may_decide(reach, row.card, places[row.card.body]))
        for row in words.shown(found, {})
    ]
    context = {
        "title": _("Requests to the registers"),
        "lead": _("Domains, bodies and designations that officials ask for. You decide on each with a reason."),
        "rows": rows,
    }  # fmt: skip
    return render(request, "registrar/waiting.html", context)


@route(
    Audience.REGISTRAR,
    scope=Scope.TREE,
    data=Data.SERVICE,
    methods=("GET", "POST"),
    subject=asked,
    step_up=True,
)
def decide(request: Any, proposal: UUID) -> HttpResponse:
    """What is asked for, what is alike in the register, what an approval does, and the two buttons."""
    (card, place), reach, bad = request.subject, request.reach, ""
    if request.method == "POST":
        approve = request.POST.get("decision") == "approve"
        try:
            registrations.decide(
                reach, card, body=place, approve=approve, answer=request.POST.get("answer", ""),
                link=reverse("registers"), on=reach.on, now=timezone.now(),
            )  # fmt: skip
        except REFUSED as stopped:
            bad = str(stopped)
        else:
            done = _("Approved. It is entered within a minute, and whoever asked is told.")
            messages.success(request, done if approve else _("Declined. Whoever asked can read why."))
            return redirect("registrar")
    (row,) = words.shown([card], registrations.outcomes([card.id]) if card.state == "approved" else {})
    context = {
        "title": row.name,
        "crumbs": [{"word": _("Requests to the registers"), "href": "../../"}, {"word": _("Decide")}],
        "row": row,
        "place": place,
        "asker": assignments.standing([card.maker], on=reach.on, language=_language()).get(card.maker),
        "details": words.details(card),
        "since": dt.date.fromisoformat(card.content["since"]) if card.act == BODY else None,
        "near": _near(card),
        "mine": registrations.may_decide(reach, card, place) and card.state == "waiting",
        "answer": request.POST.get("answer", ""),
        "shortest": SHORTEST,
        "bad": bad,
    }
    return render(request, "registrar/decide.html", context, status=400 if bad else 200)


def _near(card: ProposalCard) -> list[tuple[str, float]]:
    if card.state != "waiting":
        return []
    if card.act == DESIGNATION:
        return designations.near(card.content["title"])
    return registrations.alike(card.content["name"]) if card.act == BODY else []


def _language() -> str:
    return get_language() or "en"
