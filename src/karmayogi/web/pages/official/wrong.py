"""This is wrong: an official says what is right in their own record, attaches a proof, and follows the answer."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from karmayogi.institutions import assignments
from karmayogi.institutions.access import Reach
from karmayogi.institutions.roles import Audience
from karmayogi.journeys import entries, objections
from karmayogi.journeys.entries import Entry, NotAValue
from karmayogi.journeys.objections import Proof, ReasonMissing
from karmayogi.policy import rules
from karmayogi.registry import cases, clock, files
from karmayogi.registry.files import FileTooLarge, KindNotTaken, NotWhatItSays
from karmayogi.web.routes import Data, Scope, route

TAKEN = ("application/pdf", "image/jpeg", "image/png")
MOST_BYTES = 5 * 1024 * 1024
_SAID = (NotAValue, ReasonMissing, FileTooLarge, KindNotTaken, NotWhatItSays)


def own_entry(reach: Reach, field: str, subject: UUID) -> Entry:
    """An entry of the actor's own record."""
    if reach.actor is None:
        raise entries.NoSuchEntry
    return entries.entry(reach.actor, field, subject)


def entry_word(field: str) -> str:
    """What an entry is called."""
    return {"name": _("Name"), "joined": _("Day of joining"), "ended": _("End of a posting")}[field]


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.SERVICE)
def entries_page(request: Any) -> HttpResponse:
    """The entries that may be wrong, each with its way to say so; and whom to ask about the others."""
    actor = request.reach.actor
    context = {
        "title": _("What is wrong in my record"),
        "rows": [
            (entry, entry_word(entry.field)) for entry in entries.of(actor, language=get_language() or "en")
        ],
        "asked": [(o, entry_word(o.field)) for o in objections.all_of(actor)],
    }
    return render(request, "official/wrong.html", context)


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.SERVICE, methods=("GET", "POST"), subject=own_entry)
def one(request: Any, field: str, subject: UUID) -> HttpResponse:
    """The form, or how the objection and the appeal stand."""
    entry: Entry = request.subject
    actor, on = request.reach.actor, request.reach.on
    found = objections.asked(actor, entry)
    bad = ""
    if request.method == "POST":
        try:
            return _send(request, entry, found)
        except _SAID as error:
            bad = str(error)
    days = rules.in_force(objections.WAY, on=on).value["days"]
    first, again = found or (None, None)
    context = {
        "title": _("This is wrong: {entry}").format(entry=entry_word(entry.field)),
        "entry": entry, "first": first, "again": again, "bad": bad, "given": request.POST,
        "standing": [o for o in (first, again) if o],
        "may_appeal": first and first.case.outcome == "upheld" and not again,
        "waiting": first and first.case.state in cases.WAITING,
        "days": days, "by": clock.due(on, days),
    }  # fmt: skip
    return render(request, "official/wrong_one.html", context, status=400 if bad else 200)


def _send(request: Any, entry: Entry, found: Any) -> HttpResponse:
    actor, on, now = request.reach.actor, request.reach.on, timezone.now()
    text = request.POST.get("text", "")
    if request.POST.get("act") == "appeal" and found:
        objections.appeal(actor, found[0], text=text, on=on, now=now)
        messages.success(request, _("Your appeal is sent. Others than before answer it."))
    else:
        says = request.POST.get("says", "")
        entries.right_value(entry, says, on=on)
        standing = assignments.standing([actor], on=on).get(actor)
        body = standing.body if standing else None
        proof = _attached(request)
        objections.lodge(actor, entry, says=says, text=text, proof=proof, body=body, on=on, now=now)
        messages.success(request, _("Your objection is sent. The record stays as it is until the answer."))
    return redirect("record-wrong-one", field=entry.field, subject=entry.subject)


def _attached(request: Any) -> Proof:
    upload = request.FILES.get("proof")
    if upload is None:
        raise ReasonMissing(_("Attach the proof as PDF, JPEG or PNG. Nothing was sent."))
    media_type = files.kind_of(upload.file, among=TAKEN)
    card = files.keep(
        upload.file, name=upload.name, media_type=media_type, owner=request.reach.actor, now=timezone.now(),
        most_bytes=MOST_BYTES,
    )  # fmt: skip
    return Proof(card.id, card.name, card.sha256, card.size)
