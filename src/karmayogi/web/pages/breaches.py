"""For the platform operator: the register of breaches with its two clocks, whom each affects, who was told when."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from karmayogi.institutions import bodies
from karmayogi.institutions.access import OutOfReach, Reach
from karmayogi.institutions.bodies import UnknownBody
from karmayogi.institutions.proposals import SHORTEST, ReasonTooShort
from karmayogi.institutions.roles import Audience
from karmayogi.journeys import affected
from karmayogi.policy import breaches
from karmayogi.policy.breaches import BreachCard, Listing
from karmayogi.registry import files, jobs
from karmayogi.registry.jobs import JobCard
from karmayogi.web.routes import Data, Scope, route

REFUSED = (
    breaches.BreachAlreadyKnown, breaches.NotSaidWhat, breaches.NotToBeClosed, breaches.WrongMoment,
    affected.NoSuchTable, affected.NotAQuestion, ReasonTooShort, UnknownBody,
)  # fmt: skip
WORK = {
    affected.LIST: gettext_lazy("Find people"),
    affected.TELL: gettext_lazy("Tell the affected"),
    affected.EXPORT: gettext_lazy("Make the list"),
}
"""Kind of job -> its name."""
WAYS = {
    "people": gettext_lazy("These employee codes, logins or ids"),
    "body": gettext_lazy("Everyone who serves in this body or under it (its code)"),
    "sessions": gettext_lazy("Everyone who signed in from this network address"),
    "acted": gettext_lazy("Everyone on whom this account acted, by the log (employee code)"),
    "table": gettext_lazy("Everyone with a row in this table"),
}
"""Way to find people -> its name."""


@dataclass(frozen=True)
class Clock:
    """One office to be told: its name, until when, when it was told, and how that stands in words."""

    office: str
    name: str
    due: dt.datetime
    told_at: dt.datetime | None
    reference: str
    mark: str
    word: str
    sign: str


def whole(reach: Reach) -> bool:
    """True if the actor operates the whole service: a breach is of no one body."""
    low, high = bodies.span()
    return any(b.lower <= low and high <= b.upper for b in reach.bodies)


def known(reach: Reach, breach: UUID) -> tuple[BreachCard, list[Listing]]:
    """A breach and how the affected were found, for whoever operates the whole service."""
    if not whole(reach):
        raise OutOfReach(gettext_lazy("There is no such breach for you to handle."))
    return breaches.one(breach)


def own_list(reach: Reach, breach: UUID, run: UUID) -> JobCard:
    """A list of the affected that the actor asked for and that is made."""
    known(reach, breach)
    asked = jobs.of(reach.actor, kind=affected.EXPORT) if reach.actor else []
    found = [card for card in asked if card.id == run and card.state == "done"]
    if not found:
        raise jobs.NoSuchJob(gettext_lazy("There is no such list among those you asked for."))
    return found[0]


@route(Audience.OPERATOR, scope=Scope.TREE, data=Data.SERVICE, methods=("GET", "POST"), step_up=True)
def register(request: Any) -> HttpResponse:
    """All breaches with their clocks, and the form that enters one."""
    bad, now, may = "", timezone.now(), whole(request.reach)
    if request.method == "POST" and may:
        try:
            card = _open(request, now)
        except REFUSED as stopped:
            bad = str(stopped)
        else:
            messages.success(request, _("Entered. The clocks run from the moment it was known."))
            return redirect("breaches-one", breach=card.id)
    found = breaches.every() if may else []
    context = {
        "title": _("Breaches of data"),
        "lead": _("What happened, whom it affects, and how long there is to tell them and the offices."),
        "rows": [(card, clocks(card, now), card.affected - card.told) for card in found],
        "may": may,
        "given": request.POST,
        "number": request.POST.get("number") or f"B/{timezone.localdate(now).year}/{len(found) + 1}",
        "now": _typed(now),
        "shortest": breaches.SHORTEST,
        "bad": bad,
    }
    return render(request, "operator/breaches.html", context, status=400 if bad else 200)


@route(
    Audience.OPERATOR,
    scope=Scope.TREE,
    data=Data.SERVICE,
    methods=("GET", "POST"),
    subject=known,
    step_up=True,
)
def one(request: Any, breach: UUID) -> HttpResponse:
    """One breach: clocks, reports, the affected and what was told, the text for the offices, and each next step."""
    (card, found), now, bad, act = request.subject, timezone.now(), "", request.POST.get("act", "")
    if request.method == "POST":
        try:
            messages.success(request, _done(request, card, act, now))
        except REFUSED as stopped:
            bad = str(stopped)
        else:
            return redirect("breaches-one", breach=breach)
    work = [job for job in jobs.of(request.reach.actor) if job.kind in WORK and job.title == card.number]
    context = {
        "title": card.number,
        "crumbs": [{"word": _("Breaches of data"), "href": "../"}, {"word": card.number}],
        "card": card,
        "untold": card.affected - card.told,
        "clocks": clocks(card, now),
        "found": found,
        "ways": WAYS.items(),
        "work": [(job, WORK[job.kind]) for job in work[:5]],
        "running": any(job.state in jobs.OPEN for job in work),
        "text": affected.written(card),
        "now": _typed(now),
        "given": request.POST,
        "act": act,
        "shortest": SHORTEST,
        "bad": bad,
    }
    return render(request, "operator/breach.html", context, status=400 if bad else 200)


@route(Audience.OPERATOR, scope=Scope.TREE, data=Data.SERVICE, subject=own_list)
def people_file(request: Any, breach: UUID, run: UUID) -> Any:
    """The list of the affected, to download; its reason stands in the log."""
    card = files.card(UUID(request.subject.result["file"]))
    return FileResponse(
        files.open(card.id), as_attachment=True, filename=card.name, content_type=card.media_type
    )


def clocks(card: BreachCard, now: dt.datetime) -> list[Clock]:
    """The two offices of a breach; the hours come from the rule `breach.clocks`."""
    names = {"cert": "CERT-In", "board": _("Data Protection Board")}
    said = (
        ("cert", card.cert_due, card.cert_told_at, card.cert_reference),
        ("board", card.board_due, card.board_told_at, card.board_reference),
    )
    return [
        Clock(office, names[office], due, told, ref, *_stands(due, told, now))
        for office, due, told, ref in said
    ]


def _stands(due: dt.datetime, told: dt.datetime | None, now: dt.datetime) -> tuple[str, str, str]:
    if told is not None:
        return ("met", _("Told in time"), "") if told <= due else ("unsure", _("Told late"), "")
    if now > due:
        return "stop", _("Overdue: report now"), "warn"
    hours = int((due - now).total_seconds() // 3600)
    left = ngettext("%(n)s hour left", "%(n)s hours left", hours) % {"n": hours}
    return ("gap" if hours < 6 else "plain"), left if hours else _("Less than an hour left"), "clock"


def _done(request: Any, card: BreachCard, act: str, now: dt.datetime) -> str:
    """Carries out one step and says what was done."""
    steps = {"report": _report, "list": _list, "tell": _tell, "export": _export, "close": _close}
    if act not in steps:
        raise affected.NotAQuestion(_("Choose what to do."))
    return steps[act](request, card, now)


def _open(request: Any, now: dt.datetime) -> BreachCard:
    said = request.POST
    return breaches.open_one(
        said.get("number", "").strip()[:40], what=said.get("what", "").strip(), by=request.reach.actor, now=now,
        known_at=_moment(said.get("known")) or now, happened_at=_moment(said.get("happened")),
    )  # fmt: skip


def _report(request: Any, card: BreachCard, now: dt.datetime) -> str:
    said = request.POST
    breaches.report(
        card.number, to="cert" if said.get("office") == "cert" else "board", by=request.reach.actor,
        at=_moment(said.get("at")) or now, reference=said.get("reference", ""), now=now,
    )  # fmt: skip
    return _("Written down. The first time counts and is not changed.")


def _list(request: Any, card: BreachCard, now: dt.datetime) -> str:
    said = request.POST
    way, value = said.get("way", ""), said.get("value", "")
    since, until = _moment(said.get("since")), _moment(said.get("until"))
    affected.asked(way, value, since=since, until=until, now=now)
    moments = {"since": since.isoformat() if since else "", "until": until.isoformat() if until else ""}
    _start(request, affected.LIST, card, now, number=card.number, way=way, value=value, **moments)
    return _("They are being found. Look again in a minute.")


def _tell(request: Any, card: BreachCard, now: dt.datetime) -> str:
    _start(request, affected.TELL, card, now, number=card.number)
    return _("They are being told, each in their language. Look again in a minute.")


def _export(request: Any, card: BreachCard, now: dt.datetime) -> str:
    reason = request.POST.get("reason", "").strip()
    if len(reason) < SHORTEST:
        raise ReasonTooShort(_("Write for what you need the list, so that others can check it."))
    _start(request, affected.EXPORT, card, now, breach=str(card.id), reason=reason)
    return _("The list is being made, for you alone. Look again in a minute.")


def _close(request: Any, card: BreachCard, now: dt.datetime) -> str:
    breaches.close(card.number, measures=request.POST.get("measures", ""), by=request.reach.actor, now=now)
    return _("Closed.")


def _start(request: Any, kind: str, card: BreachCard, now: dt.datetime, **arguments: str) -> None:
    jobs.start(kind, owner=request.reach.actor, title=card.number, now=now, arguments=arguments)


def _moment(text: str | None) -> dt.datetime | None:
    if not text or not text.strip():
        return None
    try:
        found = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        raise breaches.WrongMoment(
            _("Write day and time such as %(moment)s.") % {"moment": "2026-11-22T09:10"}
        ) from None
    return timezone.make_aware(found) if found.tzinfo is None else found


def _typed(moment: dt.datetime) -> str:
    """As a field for day and time wants it, in the time of the place."""
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}"
