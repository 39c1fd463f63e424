"""For auditors: the trail of acts with proofs, the registers of grants and proposals, and who used one record."""

import datetime as dt
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from karmayogi.institutions import (
    access,
    assignments,
    audit,
    audit_proofs,
    looks,
    people,
    proposals,
    seers,
    trail,
)
from karmayogi.institutions.access import OutOfReach, Reach
from karmayogi.institutions.assignments import Standing
from karmayogi.institutions.roles import Audience
from karmayogi.institutions.trail import ActCard, Search
from karmayogi.web import opening
from karmayogi.web.authority_words import PROPOSED
from karmayogi.web.pages import grantor, shown
from karmayogi.web.routes import Data, Scope, route

A_PAGE = 50


def reached_person(reach: Reach, person: UUID) -> Standing:
    """An official who serves in an audited body."""
    return access.official(reach, person, language=_language())


def reached_entry(reach: Reach, entry: UUID) -> UUID:
    """An act that the auditor may read."""
    if not trail.seen(entry):
        raise OutOfReach(gettext_lazy("There is no such act in the bodies you audit."))
    return entry


@route(Audience.AUDITOR, scope=Scope.TREE, data=Data.SERVICE)
def acts(request: Any) -> HttpResponse:
    """The acts of a day in the audited bodies, by act and object, with their places in the sealed log."""
    asked = Search(
        day=_day(request.GET.get("day"), otherwise=request.reach.on),
        act=request.GET.get("act", "").strip()[:60],
        object_id=request.GET.get("object", "").strip()[:80],
    )
    number = _number(request.GET.get("page"))
    found = trail.find(asked, start=(number - 1) * A_PAGE, size=A_PAGE + 1)
    context = {
        "title": _("Acts"),
        "asked": asked,
        "rows": [replace(row, reason=_said(row)) for row in found[:A_PAGE]],
        "before": number - 1 if number > 1 else None,
        "after": number + 1 if len(found) > A_PAGE else None,
    }
    return render(request, "auditor/acts.html", context)


def _said(act: ActCard) -> str:
    """The reason; of a refusal what the person was told, in the reader's language. The log keeps it in English."""
    told = act.reason.partition(": ")[2] if act.act == audit.REFUSED else ""
    return _(told) if told else act.reason


@route(Audience.AUDITOR, scope=Scope.TREE, data=Data.PUBLIC, subject=reached_entry)
def proof(request: Any, entry: UUID) -> HttpResponse:
    """The proof that an act stands in the sealed log, for `verify_log.py --proof`."""
    return JsonResponse(dict(audit_proofs.proof_of(entry).as_json()))


@route(Audience.AUDITOR, scope=Scope.TREE, data=Data.SERVICE)
def grants_of_bodies(request: Any) -> HttpResponse:
    """The grants over the audited bodies."""
    return render(request, "auditor/grants.html", grantor.register_context(request))


@route(Audience.AUDITOR, scope=Scope.TREE, data=Data.SERVICE)
def asked_for(request: Any) -> HttpResponse:
    """What was asked for in the audited bodies, by whom, and who decided what."""
    state = request.GET.get("state", "")
    state = state if state in PROPOSED else ""
    number = _number(request.GET.get("page"))
    found = proposals.over(request.reach, state=state, start=(number - 1) * A_PAGE, size=A_PAGE + 1)
    cards = found[:A_PAGE]
    wanted = {p for c in cards for p in (c.maker, c.checker, c.about) if p}
    names = {p.id: p.name for p in people.by_ids(wanted).values()}
    context = {
        "title": _("Proposals"),
        "rows": [
            (
                s,
                names.get(c.maker, ""),
                names.get(c.checker, "") if c.checker else "",
                names.get(c.about, "") if c.about else "",
            )
            for s, c in zip(shown.proposals(cards), cards, strict=True)
        ],
        "states": [(key, word) for key, (_mark, word) in PROPOSED.items()],
        "state": state,
        "before": number - 1 if number > 1 else None,
        "after": number + 1 if len(found) > A_PAGE else None,
    }
    return render(request, "auditor/proposals.html", context)


@route(Audience.AUDITOR, scope=Scope.TREE, data=Data.SERVICE)
def find_person(request: Any) -> HttpResponse:
    """Officials of the audited bodies by a part of their name."""
    text, found = request.GET.get("q", "").strip(), []
    if len(text) >= 3:
        for body in request.reach.bodies:
            some, _total = assignments.page(
                body, on=request.reach.on, offset=0, size=A_PAGE, text=text, language=_language()
            )
            found += some
    context = {"title": _("Records"), "text": text, "rows": {s.person: s for s in found}.values()}
    return render(request, "auditor/people.html", context)


@route(
    Audience.AUDITOR,
    scope=Scope.TREE,
    data=Data.SERVICE,
    subject=reached_person,
    opens=opening.REASON,
)
def person(request: Any, person: UUID) -> HttpResponse:
    """Who looked at one official's record and why, and who can see it today and by what."""
    standing: Standing = request.subject
    context = {
        "title": standing.name,
        "standing": standing,
        "looks": shown.looks(looks.of(person)),
        "seers": shown.seers(seers.of(person, on=request.reach.on, language=_language())),
        "on": request.reach.on,
    }
    return render(request, "auditor/person.html", context)


def _day(text: str | None, *, otherwise: dt.date) -> dt.date:
    try:
        return dt.date.fromisoformat(text or "")
    except ValueError:
        return otherwise


def _number(text: str | None) -> int:
    return min(max(int(text), 1), 10_000) if text and text.isdecimal() and len(text) < 6 else 1


def _language() -> str:
    return get_language() or "en"
