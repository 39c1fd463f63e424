"""For clerk and verifier of an establishment: records that may be of one person, joined and parted by two."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from karmayogi.institutions import aliases, identities, likenesses, people, proposals
from karmayogi.institutions.access import OutOfReach, Reach
from karmayogi.institutions.aliases import Link
from karmayogi.institutions.identities import MERGE, SPLIT, Record
from karmayogi.institutions.likenesses import Pair
from karmayogi.institutions.proposals import ProposalCard
from karmayogi.institutions.roles import Audience, Role
from karmayogi.journeys import joins
from karmayogi.web.routes import Data, Scope, route

ACTS = (MERGE, SPLIT)
REFUSED = (
    identities.SameRecord, identities.HeldTwice, identities.ServesUnderTheOther, identities.AlreadyJoined,
    identities.OwnRecord, identities.RoleMissing, identities.NotJoined, proposals.ReasonTooShort,
    proposals.AlreadyProposed, proposals.OwnProposal, proposals.ProposalAlreadyEnded,
)  # fmt: skip
SIGNS = {
    "mobile": gettext_lazy("same mobile"),
    "email": gettext_lazy("same e-mail"),
    "name": gettext_lazy("names alike"),
    "joined": gettext_lazy("same day of joining"),
    "body": gettext_lazy("same office"),
}


def asked(reach: Reach, proposal: UUID) -> ProposalCard:
    """The merge or split that waits, about records in the kept bodies."""
    card = proposals.cards([proposal]).get(proposal)
    if card is None or card.act not in ACTS or card.state != "waiting" or card.about is None:
        raise OutOfReach(gettext_lazy("There is no such request that waits here."))
    _both(reach, card.about, UUID(card.content["other"]))
    return card


def joined(reach: Reach, link: UUID) -> tuple[Link, list[Record]]:
    """A join that holds, with both records, if they are in the kept bodies."""
    found = aliases.one(link)
    if found is None:
        raise OutOfReach(gettext_lazy("These records are not joined, or were parted already."))
    return found, _both(reach, found.person, found.other)


def suggested(reach: Reach, pair: UUID) -> Pair:
    """A suggestion about the kept bodies."""
    return likenesses.one(pair)


@route(Audience.ESTABLISHMENT, scope=Scope.TREE, data=Data.SERVICE)
def records(request: Any) -> HttpResponse:
    """What waits for a decision, pairs that may be one person, two codes to compare, and what is joined."""
    reach, now = request.reach, timezone.now()
    waiting = proposals.waiting(reach, acts=ACTS, now=now)
    pairs = likenesses.waiting(reach)
    links = aliases.standing(limit=50)
    known = people.by_ids(
        {p.about for p in waiting if p.about}
        | {id for pair in pairs for id in (pair.one, pair.other)}
        | {id for link in links for id in (link.person, link.other)}
    )
    context = {
        "title": _("Records of people"),
        "lead": _("One person, one identity: nothing is joined by a machine, and everything can be undone."),
        "clerk": Role.CLERK in reach.roles,
        "verifier": Role.VERIFIER in reach.roles,
        "waiting": [(p, known.get(p.about) if p.about else None, p.act == MERGE) for p in waiting],
        "pairs": [(pair, known.get(pair.one), known.get(pair.other), _signs(pair)) for pair in pairs],
        "links": [
            (link, known[link.person], known[link.other])
            for link in links
            if link.person in known and link.other in known
        ],
    }
    return render(request, "establishment/records.html", context)


@route(Audience.ESTABLISHMENT, scope=Scope.TREE, data=Data.SERVICE, methods=("GET", "POST"), step_up=True)
def compare(request: Any) -> HttpResponse:
    """Two records side by side, and the request to join them."""
    said = request.POST if request.method == "POST" else request.GET
    if not said.get("stays") or not said.get("other"):
        return redirect("records")
    bad, thin, both = "", "", []
    try:
        both = identities.compared(
            request.reach, [said.get("stays", ""), said.get("other", "")], on=request.reach.on
        )
        if request.method == "POST":
            identities.propose_merge(
                request.reach,
                stays=both[0].id,
                other=both[1].id,
                reason=said.get("reason", ""),
                now=timezone.now(),
            )
            messages.success(
                request, _("Asked for. A verifier checks it and decides. Nothing has changed yet.")
            )
            return redirect("records")
        identities.refuse_impossible(both[0].id, both[1].id, on=request.reach.on)
    except proposals.ReasonTooShort as stop:
        thin = str(stop)
    except REFUSED as stop:
        bad = str(stop)
    context = {
        "title": _("Two records of one person?"),
        "crumbs": [{"word": _("Records"), "href": ".."}, {"word": _("Compare")}],
        "both": both,
        "clerk": Role.CLERK in request.reach.roles,
        "swapped": urlencode({"stays": said.get("other", ""), "other": said.get("stays", "")}),
        "reason": said.get("reason", "") if request.method == "POST" else "",
        "bad": bad,
        "thin": thin,
    }
    status = 409 if bad else 400 if thin else 200
    return render(request, "establishment/compare.html", context, status=status)


@route(
    Audience.ESTABLISHMENT,
    scope=Scope.TREE,
    data=Data.SERVICE,
    methods=("GET", "POST"),
    subject=asked,
    step_up=True,
)
def decide(request: Any, proposal: UUID) -> HttpResponse:
    """A merge or split in plain words, and the verifier's decision."""
    card, reach, bad = request.subject, request.reach, ""
    concerned = [card.about, UUID(card.content["other"])]
    if request.method == "POST":
        approve, now = request.POST.get("decision") == "approve", timezone.now()
        try:
            identities.decide(
                reach, proposal, act=card.act, approve=approve, answer=request.POST.get("answer", ""), now=now
            )
        except REFUSED as stop:
            bad = str(stop)
        else:
            if approve:
                joins.later(concerned, by=reach.actor, now=now)
            messages.success(request, _("Done. Levels are worked out anew.") if approve else _("Declined."))
            return redirect("records")
    context = {
        "title": _("Join two records") if card.act == MERGE else _("Part two records"),
        "crumbs": [{"word": _("Records"), "href": "../../"}, {"word": _("Decide")}],
        "card": card,
        "merge": card.act == MERGE,
        "mine": card.maker == reach.actor,
        "verifier": Role.VERIFIER in reach.roles,
        "both": _both(reach, *concerned),
        "maker": people.by_ids([card.maker]).get(card.maker),
        "answer": request.POST.get("answer", ""),
        "bad": bad,
    }
    return render(request, "establishment/decide.html", context, status=409 if bad else 200)


@route(
    Audience.ESTABLISHMENT,
    scope=Scope.TREE,
    data=Data.SERVICE,
    methods=("GET", "POST"),
    subject=joined,
    step_up=True,
)
def part(request: Any, link: UUID) -> HttpResponse:
    """Asks that two records be parted again."""
    found, both = request.subject
    bad = ""
    if request.method == "POST":
        try:
            identities.propose_split(
                request.reach, found.id, reason=request.POST.get("reason", ""), now=timezone.now()
            )
        except REFUSED as stop:
            bad = str(stop)
        else:
            messages.success(
                request, _("Asked for. A verifier checks it and decides. Nothing has changed yet.")
            )
            return redirect("records")
    context = {
        "title": _("Part two records"),
        "crumbs": [{"word": _("Records"), "href": "../../../"}, {"word": _("Part")}],
        "both": both,
        "link": found,
        "clerk": Role.CLERK in request.reach.roles,
        "reason": request.POST.get("reason", ""),
        "bad": bad,
    }
    return render(request, "establishment/part.html", context, status=409 if bad else 200)


@route(Audience.ESTABLISHMENT, scope=Scope.TREE, data=Data.SERVICE, methods=("POST",), subject=suggested)
def set_aside(request: Any, pair: UUID) -> HttpResponse:
    """Says that two records are of two people."""
    try:
        likenesses.set_aside(request.reach, pair, why=request.POST.get("why", ""), now=timezone.now())
    except proposals.ReasonTooShort as stop:
        messages.error(request, str(stop))
        return HttpResponseRedirect(f"{reverse('records')}#likely")
    messages.success(request, _("Set aside. These two are not suggested again."))
    return redirect("records")


def _both(reach: Reach, *ids: UUID) -> list[Record]:
    found = identities.records(ids)
    if len(found) < len(set(ids)) or not reach.bodies:
        raise OutOfReach(gettext_lazy("These records are not in the bodies you keep."))
    return [found[id] for id in ids]


def _signs(pair: Pair) -> Iterable[str]:
    return ", ".join(str(SIGNS[reason]) for reason in pair.reasons if reason in SIGNS)
