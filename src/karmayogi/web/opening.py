"""A reason before somebody's record is opened: asked once, kept for the session and that person for a while.

A route says `opens="reason"` or `opens="consent"`; the wrapper of `@route` calls `stopped` before the view, so that
no view can forget it. Supervisors and the person themself need no reason: their routes do not say `opens`.
"""

import datetime as dt
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from karmayogi.institutions import looks
from karmayogi.institutions.proposals import SHORTEST
from karmayogi.policy import rules

REASON, CONSENT, GIVEN = "reason", "consent", "given"
MINUTES = "record.open_minutes"
HELD = "reasons"
"""In the session: person -> until (seconds since 1970), purpose, the sentence, and the pages opened under it."""
FIELD = "open-for"


class ReasonNeeded(Exception):
    """A program asked for somebody's record and gave no reason in this session; it gives one, then asks again."""

    status = 428


def stopped(request: Any, *, own_methods: frozenset[str]) -> HttpResponse | None:
    """The form that asks for the reason, the way back after it was given, or None: the view may go on.

    What is opened is written down once for each page and reason.
    """
    person: UUID = request.subject.person
    if person == request.reach.actor:
        return None
    page = request.resolver_match.url_name
    if request.declared.opens == CONSENT:
        looks.opened(request.reach, person, page=page, purpose=looks.SUPPORT, reason=request.subject.reason)
        return None
    if request.method == "POST" and FIELD in request.POST:
        return _given(request, person)
    if request.method not in own_methods:
        return HttpResponseNotAllowed(sorted(own_methods))
    told = _held(request).get(str(person))
    if told is None and request.declared.opens == GIVEN:
        raise ReasonNeeded(_("No record of an official opens without a reason."))
    if told is None:
        return _form(request)
    if page not in told["pages"]:
        looks.opened(request.reach, person, page=page, purpose=told["purpose"], reason=told["reason"])
        told["pages"].append(page)
        request.session.modified = True
    return None


def _given(request: Any, person: UUID) -> HttpResponse:
    if (
        give(request, person, purpose=request.POST.get(FIELD, ""), reason=request.POST.get("reason", ""))
        is None
    ):
        return _form(request, bad=True)
    return HttpResponseRedirect(request.get_full_path())


def give(request: Any, person: UUID, *, purpose: str, reason: str) -> dt.datetime | None:
    """Keeps a purpose with its sentence for this session and person; until when it counts, or None if it is none."""
    reason = reason.strip()[:500]
    if purpose not in looks.PURPOSES or (purpose == looks.OTHER and len(reason) < SHORTEST):
        return None
    minutes = rules.in_force(MINUTES, on=request.reach.on).value
    until = timezone.now() + dt.timedelta(minutes=float(minutes))
    told = {"until": until.timestamp(), "purpose": purpose, "reason": reason, "pages": []}
    request.session[HELD] = {**_held(request), str(person): told}
    return until


def _held(request: Any) -> dict[str, dict[str, Any]]:
    """The reasons given in this session whose time is not over."""
    now = timezone.now().timestamp()
    kept: dict[str, dict[str, Any]] = request.session.get(HELD, {})
    return {person: told for person, told in kept.items() if told["until"] > now}


def _form(request: Any, *, bad: bool = False) -> HttpResponse:
    context = {
        "title": _("Why do you open this record?"),
        "name": request.subject.name,
        "purposes": looks.PURPOSES.items(),
        "field": FIELD,
        "chosen": request.POST.get(FIELD, ""),
        "reason": request.POST.get("reason", ""),
        "shortest": SHORTEST,
        "minutes": rules.in_force(MINUTES, on=request.reach.on).value,
        "bad": _("Choose a purpose. For another reason write a sentence. The record was not opened.")
        if bad
        else "",
    }
    return render(request, "open_record.html", context)
