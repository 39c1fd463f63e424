"""The short check: what it is, one question at a time, the result with how we know and what it counts for."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from karmayogi.assessment import blueprints, sittings
from karmayogi.assessment.blueprints import NoCheckYet
from karmayogi.assessment.sittings import (
    AlreadyAnswered,
    NoSuchOption,
    NoSuchSitting,
    NotTheCurrentQuestion,
    SittingAlreadyFinished,
    SittingCard,
    State,
    TooSoonToRetake,
)
from karmayogi.competency import frameworks, gaps
from karmayogi.competency.frameworks import CompetencyCard
from karmayogi.institutions import assignments
from karmayogi.institutions.access import Reach
from karmayogi.institutions.roles import Audience
from karmayogi.journeys import settle
from karmayogi.policy import rules
from karmayogi.policy.rules import Rule
from karmayogi.web.pages.official.competencies import measured
from karmayogi.web.pages.official.question import a_competency
from karmayogi.web.routes import Data, Scope, route

RETAKE, USE = "assessment.retake_days", "evidence.use"

LANGUAGES = ("en", "hi", "ur")
"""Languages in which questions are worded; the others are shown in English."""


@dataclass(frozen=True)
class Retake:
    """Whether a check may be sat now: `open` is a sitting to go on with, `on` the first day if it is too soon."""

    open: UUID | None
    last: SittingCard | None
    on: dt.date | None
    days: int


def own_sitting(reach: Reach, sitting: UUID) -> SittingCard:
    """A sitting of the actor."""
    actor = reach.actor
    assert actor is not None
    found = next((card for card in sittings.of(actor) if card.id == sitting), None)
    if found is None:
        raise NoSuchSitting(gettext_lazy("There is no such check among your own."))
    return found


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.COMPETENCY, subject=a_competency)
def start(request: Any, competency: UUID) -> HttpResponse:
    """What the check is, how long it takes, what it counts for, and when it can be sat again."""
    card: CompetencyCard = request.subject
    actor, on = request.reach.actor, request.reach.on
    order = rules.values({*gaps.RULES, RETAKE, USE}, on=on)
    standing = assignments.standing([actor], on=on).get(actor)
    found = measured(standing, on=on, language=get_language() or "en", order=order)
    try:
        plan = blueprints.current(card.id, kind="adaptive")
    except NoCheckYet:
        plan = None
    context = {
        "title": _("{name}: short check").format(name=card.name),
        "competency": card,
        "gap": next((g for g in found if g.competency == card.id), None),
        "plan": plan,
        "retake": _retake(actor, card.id, days=int(order[RETAKE].value), on=on),
        "use": uses("test", order[USE]),
    }
    return render(request, "official/check_start.html", context)


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.COMPETENCY, methods=("POST",), subject=a_competency)
def begin(request: Any, competency: UUID) -> HttpResponse:
    """Begins the check, or goes on with the one that is open."""
    try:
        sitting = sittings.begin(request.reach.actor, competency=competency, now=timezone.now())
    except (NoCheckYet, TooSoonToRetake):  # that page says why, and from which day
        return redirect("competencies-check", competency=competency)
    return redirect("check-question", sitting=sitting)


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.COMPETENCY, methods=("GET", "POST"), subject=own_sitting)
def question(request: Any, sitting: UUID) -> HttpResponse:
    """The question to answer now; POST keeps the answer and shows the next, or the result."""
    held: SittingCard = request.subject
    actor, now = request.reach.actor, timezone.now()
    bad = ""
    if request.method == "POST":
        bad, answer = _answer(request, held, now)
        if answer is not None:
            return answer
    language = request.GET.get("lang", "") or get_language() or "en"
    asked = sittings.question(sitting, person=actor, now=now, language=language)
    if asked is None:
        if held.state is State.OPEN:
            settle.after_evidence(actor, on=request.reach.on, now=now)
            messages.info(
                request, _("The time of this check is over. What you answered is kept and counted.")
            )
        return redirect("competencies-result", sitting=sitting)
    (card,) = frameworks.competencies(ids=[held.competency], language=get_language() or "en")
    context = {
        "title": _("{name}: short check").format(name=card.name),
        "competency": card,
        "sitting": held,
        "q": asked,
        "clock": f"{asked.seconds_left // 60}:{asked.seconds_left % 60:02d}",
        "others": [code for code in LANGUAGES if code != asked.language],
        "bad": bad,
    }
    return render(request, "official/check_question.html", context)


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.COMPETENCY, methods=("POST",), subject=own_sitting)
def stop(request: Any, sitting: UUID) -> HttpResponse:
    """Ends the check before its own rule would; what was answered counts."""
    if request.subject.state is State.OPEN:
        now = timezone.now()
        sittings.finish(sitting, person=request.reach.actor, now=now)
        settle.after_evidence(request.reach.actor, on=request.reach.on, now=now)
    return redirect("competencies-result", sitting=sitting)


def uses(source: str, rule: Rule) -> list[tuple[str, bool, str]]:
    """What evidence of this source counts for, by the rule `USE`: (decision, counts, its word)."""
    words = {
        "development": _("Your plan"),
        "certificate": _("Certificate"),
        "posting": _("Posting"),
        "appraisal": _("Appraisal"),
        "promotion": _("Promotion"),
    }
    allowed = rule.value.get(source, {})
    return [(key, bool(allowed.get(key)), word) for key, word in words.items()]


def _answer(request: Any, held: SittingCard, now: dt.datetime) -> tuple[str, HttpResponse | None]:
    """Keeps the answer; a sentence if it cannot be taken as it came, else where to go."""
    try:
        item = UUID(request.POST.get("item", ""))
    except ValueError:
        return _("The question did not come with your answer. Choose again."), None
    again = redirect(request.get_full_path())
    try:
        state = sittings.answer(
            held.id, person=request.reach.actor, item=item, option=request.POST.get("option", ""), now=now
        )
    except NoSuchOption:
        return _("Choose one of the answers. Nothing was lost."), None
    except (AlreadyAnswered, NotTheCurrentQuestion):
        messages.info(request, _("That question has its answer, and answers stand. Go on with this one."))
        return "", again
    except SittingAlreadyFinished:
        return "", redirect("competencies-result", sitting=held.id)
    if state is State.OPEN:
        return "", again
    if held.state is State.OPEN:
        settle.after_evidence(request.reach.actor, on=request.reach.on, now=now)
    return "", redirect("competencies-result", sitting=held.id)


def _retake(actor: UUID, competency: UUID, *, days: int, on: dt.date) -> Retake:
    held = sittings.of(actor, competencies=[competency])
    running = next((c.id for c in held if c.state is State.OPEN and c.deadline > timezone.now()), None)
    last = next((c for c in held if c.ended_at is not None), None)
    again = timezone.localdate(last.ended_at) + dt.timedelta(days=days) if last and last.ended_at else None
    return Retake(running, last, again if again and again > on else None, days)
