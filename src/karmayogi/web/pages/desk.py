"""For the help desk: one official by employee code, a way in given back by two people, and stopping it in time."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from karmayogi.institutions import access, assignments, people, proposals, recoveries
from karmayogi.institutions.access import OutOfReach, Reach
from karmayogi.institutions.assignments import Standing
from karmayogi.institutions.proposals import ProposalCard
from karmayogi.institutions.recoveries import Check, Loss
from karmayogi.institutions.roles import Audience
from karmayogi.policy import rules
from karmayogi.registry import jobs, limits, outbox
from karmayogi.registry.limits import Limit
from karmayogi.web.routes import Data, Scope, route

CODES = Limit(30, 3600)
"""Employee codes one member of a desk tries: enough for a busy day, too few to walk through a ministry."""
OPEN_FOR = dt.timedelta(minutes=30)
OPENED = "opened"
"""In the session: person -> until when their record stays open without a new reason."""
SHOWN = dt.timedelta(days=7)
WAIT = "account.recovery_wait_hours"
REFUSED = (
    recoveries.NotChecked, recoveries.NotAMobile, recoveries.NumberTaken, recoveries.OwnAccount,
    recoveries.DeskHelpsItself, proposals.ReasonTooShort, proposals.AlreadyProposed, proposals.OwnProposal,
    proposals.ProposalAlreadyEnded,
)  # fmt: skip


def helped(reach: Reach, person: UUID) -> Standing:
    """The official, if they serve in the desk's bodies today."""
    return access.official(reach, person, language=get_language() or "en")


def asked(reach: Reach, proposal: UUID) -> tuple[ProposalCard, Standing]:
    """The recovery that was asked for and whom it helps, if they serve in the desk's reach."""
    card = proposals.cards([proposal]).get(proposal)
    if card is None or card.act != recoveries.ACT or card.about is None or card.state != "waiting":
        raise OutOfReach(gettext_lazy("There is no such request that waits at your desk."))
    return card, helped(reach, card.about)


def stoppable(reach: Reach, recovery: UUID) -> recoveries.RecoveryCard:
    """The recovery, if it was carried out lately in the desk's bodies."""
    found = recoveries.lately(reach, since=timezone.now() - SHOWN)
    card = next((r for r in found if r.id == recovery), None)
    if card is None:
        raise OutOfReach(gettext_lazy("There is no recovery here that could still be stopped."))
    return card


@route(Audience.HELP_DESK, scope=Scope.TREE, data=Data.ACCOUNT, methods=("GET", "POST"))
def desk(request: Any) -> HttpResponse:
    """Finds an official by code, and lists what waits, what one asked for and what was carried out lately."""
    if request.method == "POST":
        return _find(request)
    return _desk(request)


@route(
    Audience.HELP_DESK,
    scope=Scope.TREE,
    data=Data.ACCOUNT,
    methods=("GET", "POST"),
    subject=helped,
    step_up=True,
)
def official(request: Any, person: UUID) -> HttpResponse:
    """What is needed to know that it is them, and the form that asks for a recovery."""
    if not _open(request, person):
        messages.info(request, _("Say first why you open this record."))
        return redirect("desk")
    bad = ""
    if request.method == "POST":
        try:
            _propose(request)
        except REFUSED as stop:
            bad = str(stop)
        else:
            messages.success(
                request,
                _("Asked for. Another member of the desk checks it and decides. Nothing has changed yet."),
            )
            return redirect("desk")
    context = {
        "title": _("Help somebody sign in"),
        "crumbs": [{"word": _("Help desk"), "href": "../../"}, {"word": request.subject.name}],
        "standing": request.subject,
        "card": people.by_id(person),
        "said": request.POST,
        "bad": bad,
        "hours": _wait(request.subject.body, request.reach.on),
    }
    return render(request, "desk/official.html", context, status=400 if bad else 200)


@route(
    Audience.HELP_DESK,
    scope=Scope.TREE,
    data=Data.ACCOUNT,
    methods=("GET", "POST"),
    subject=asked,
    step_up=True,
)
def decide(request: Any, proposal: UUID) -> HttpResponse:
    """What somebody else of the desk asked for, in plain words, and the decision."""
    (card, standing), reach, bad = request.subject, request.reach, ""
    hours = _wait(card.body, reach.on)
    if request.method == "POST":
        approve = request.POST.get("decision") == "approve"
        try:
            recoveries.decide(
                reach, proposal, approve=approve, answer=request.POST.get("answer", ""),
                wait=dt.timedelta(hours=hours), now=timezone.now(),
            )  # fmt: skip
        except REFUSED as stop:
            bad = str(stop)
        else:
            if approve:
                jobs.nudge(outbox.SENDING)
            said = _("The way in is changed, and the official was told.") if approve else _("Declined.")
            messages.success(request, said)
            return redirect("desk")
    who = people.by_ids([card.about, card.maker])
    context = {
        "title": _("Decide on a way in"),
        "crumbs": [{"word": _("Help desk"), "href": "../../"}, {"word": _("Decide")}],
        "card": card,
        "mine": card.maker == reach.actor,
        "standing": standing,
        "code": who[card.about].employee_code,
        "maker": who.get(card.maker),
        "hours": hours,
        "answer": request.POST.get("answer", ""),
        "bad": bad,
    }
    return render(request, "desk/decide.html", context, status=400 if bad else 200)


@route(
    Audience.HELP_DESK,
    scope=Scope.TREE,
    data=Data.ACCOUNT,
    methods=("POST",),
    subject=stoppable,
    step_up=True,
)
def stop(request: Any, recovery: UUID) -> HttpResponse:
    """Stops a recovery that waits, because the official says that it was not them."""
    try:
        recoveries.stop(request.reach, recovery, reason=request.POST.get("reason", ""), now=timezone.now())
    except (recoveries.NothingToStop, *REFUSED) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Stopped. The former mobile number holds again."))
    return redirect("desk")


def _find(request: Any) -> HttpResponse:
    limits.count(f"desk-find:{request.reach.actor}", CODES, now=timezone.now())
    code, reason = request.POST.get("code", ""), request.POST.get("reason", "")
    try:
        found = recoveries.opened(request.reach, code, reason=reason)
    except proposals.ReasonTooShort as refused:
        return _desk(request, bad=str(refused), status=400)
    if found is None:
        said = _(
            "No official of the bodies you help has this employee code. Read it again from their identity card."
        )
        return _desk(request, bad=said, status=404)
    until = timezone.now() + OPEN_FOR
    request.session[OPENED] = {**request.session.get(OPENED, {}), str(found.person): until.isoformat()}
    return redirect("desk-person", person=found.person)


def _desk(request: Any, *, bad: str = "", status: int = 200) -> HttpResponse:
    reach, now = request.reach, timezone.now()
    waiting = proposals.waiting(reach, acts=[recoveries.ACT], now=now)
    mine = proposals.made(reach.actor, acts=[recoveries.ACT], limit=10)
    done = recoveries.lately(reach, since=now - SHOWN)
    about = {p.about for p in [*waiting, *mine] if p.about} | {r.person for r in done}
    who = assignments.standing(about, on=reach.on, language=get_language() or "en")
    context = {
        "title": _("Help desk"),
        "lead": _("Give an official a way in back: two of you, with a reason, never one alone."),
        "bodies": reach.bodies,
        "waiting": [(p, who[p.about]) for p in waiting if p.about in who],
        "mine": [(p, who[p.about]) for p in mine if p.about in who],
        "done": [(r, who.get(r.person), r.stopped_at is None and r.opens_at > now) for r in done],
        "said": request.POST,
        "bad": bad,
    }
    return render(request, "desk/desk.html", context, status=status)


def _open(request: Any, person: UUID) -> bool:
    until = request.session.get(OPENED, {}).get(str(person))
    return until is not None and dt.datetime.fromisoformat(until) > timezone.now()


def _propose(request: Any) -> UUID:
    said = request.POST
    loss = Loss.FACTORS if said.get("loss") == Loss.FACTORS.value else Loss.MOBILE
    check = said.get("check", "")
    return recoveries.propose(
        request.reach, request.subject, loss=loss, mobile=said.get("mobile", ""),
        check=Check(check) if check in set(Check) else None, checked=said.get("checked", ""),
        reason=said.get("reason", ""), now=timezone.now(),
    )  # fmt: skip


def _wait(body: UUID, on: dt.date) -> float:
    return float(rules.in_force(WAIT, body=body, on=on).value)
