"""For whoever may give authority: the register of grants, asking for one, deciding, stopping, passing on."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from karmayogi.institutions import access, bodies, giving, grant_stops, grants, people, proposals
from karmayogi.institutions.access import OutOfReach, Reach
from karmayogi.institutions.bodies import BodyCard
from karmayogi.institutions.giving import MoreThanHeld, NotYoursToGive, Wanted, WrongTime
from karmayogi.institutions.grant_stops import AlreadyStopped, NotSuspended
from karmayogi.institutions.grants import STATES, GrantCard
from karmayogi.institutions.proposals import (
    SHORTEST,
    AlreadyProposed,
    OwnProposal,
    ProposalAlreadyEnded,
    ProposalCard,
    ReasonTooShort,
)
from karmayogi.institutions.roles import DELEGATED_AT_MOST, GIVING, Audience, Role
from karmayogi.registry import notices
from karmayogi.web.authority_words import NAMES
from karmayogi.web.authority_words import STATES as STATE_WORDS
from karmayogi.web.pages import shown
from karmayogi.web.routes import Data, Scope, route

A_PAGE = 50
REFUSED = (
    AlreadyProposed, AlreadyStopped, MoreThanHeld, NotSuspended, NotYoursToGive, OutOfReach, OwnProposal,
    ProposalAlreadyEnded, ReasonTooShort, WrongTime,
)  # fmt: skip
"""What the nouns refuse with a sentence for the form."""


class Register:
    """The grants over the reached bodies as something a `Paginator` can cut: the page asked for is read once."""

    def __init__(self, reach: Reach, *, role: str, state: str, text: str, number: str) -> None:
        self.reach, self.role, self.state, self.text = reach, role, state, text
        self.likely = int(number) if number.isdecimal() and number != "0" else 1
        self.pages: dict[int, tuple[list[GrantCard], int]] = {}

    def count(self) -> int:
        """How many there are."""
        return self._page(self.likely)[1]

    def __getitem__(self, cut: slice) -> list[GrantCard]:
        return self._page(cut.start // A_PAGE + 1)[0]

    def _page(self, number: int) -> tuple[list[GrantCard], int]:
        if number not in self.pages:
            self.pages[number] = grants.register(
                self.reach, role=self.role, state=self.state, text=self.text, page=number, size=A_PAGE,
                language=_language(),
            )  # fmt: skip
        return self.pages[number]


def reached_grant(reach: Reach, grant: UUID) -> GrantCard:
    """A grant over a reached body."""
    found = grants.card(grant, on=reach.on, language=_language())
    if not reach.covers(found.body.lower):
        raise OutOfReach(gettext_lazy("There is no such grant among those you may see."))
    return found


def own_grant(reach: Reach, grant: UUID) -> GrantCard:
    """A grant of the actor's own of which they may pass a part on."""
    found = grants.card(grant, on=reach.on, language=_language())
    if found.person != reach.actor or not GIVING[found.role].delegable or found.source is not None:
        raise OutOfReach(gettext_lazy("There is no such grant of yours to pass on."))
    return found


def reached_proposal(reach: Reach, proposal: UUID) -> ProposalCard:
    """A grant somebody asked for, over a reached body."""
    found = proposals.cards([proposal]).get(proposal)
    place = bodies.by_ids([found.body]).get(found.body) if found else None
    if found is None or place is None or found.act != giving.GIVE or not reach.covers(place.lower):
        raise OutOfReach(gettext_lazy("There is no such proposal for you to decide."))
    return found


@route(Audience.GRANTOR, scope=Scope.TREE, data=Data.SERVICE)
def register(request: Any) -> HttpResponse:
    """The grants over the reached bodies, narrowed by role, state and name, and what waits for a decision."""
    return render(request, "grantor/grants.html", register_context(request))


def register_context(request: Any) -> dict[str, Any]:
    """What the register shows, for grantors and auditors alike."""
    role, state = request.GET.get("role", ""), request.GET.get("state", "")
    role, state = role if role in set(Role) else "", state if state in STATES else ""
    text = request.GET.get("q", "").strip()
    number = request.GET.get("page", "1")[:6]
    source: Any = Register(request.reach, role=role, state=state, text=text, number=number)
    page: Page[Any] = Paginator(source, A_PAGE).get_page(number)
    giver = request.reach.audience is Audience.GRANTOR
    waiting = giving.waiting(request.reach, now=timezone.now()) if giver else []
    mine = proposals.made(request.reach.actor, acts=[giving.GIVE], limit=20) if giver else []
    return {
        "title": _("Grants of authority"),
        "rows": shown.grants(page.object_list),
        "page": page,
        "roles": [(r.value, NAMES[r]) for r in Role],
        "states": [(s, STATE_WORDS[s][1]) for s in STATES],
        "role": role,
        "state": state,
        "text": text,
        "one": "grants-one" if giver else "",
        "waiting": _named(waiting),
        "mine": _named(mine),
        "may_ask": bool(giving.may_ask(request.reach)) if giver else False,
    }


@route(Audience.GRANTOR, scope=Scope.TREE, data=Data.SERVICE, subject=reached_grant)
def one(request: Any, grant: UUID) -> HttpResponse:
    """One grant: order, days, who asked and who decided, its stops, and what was passed on of it."""
    card: GrantCard = request.subject
    asked = proposals.cards([card.proposal]).get(card.proposal) if card.proposal else None
    named = people.by_ids([asked.maker]) if asked else {}
    context = {
        "title": str(NAMES[card.role]),
        "g": shown.grants([card])[0],
        "asked": asked,
        "maker": named[asked.maker].name if asked and asked.maker in named else "",
        "parts": shown.grants(grants.parts(card.id, on=request.reach.on, language=_language())),
        "may_stop": giving.may_stop(request.reach, card) and card.state in ("counts", "to_come"),
        "may_resume": giving.may_stop(request.reach, card)
        and card.state == "suspended"
        and card.person != request.reach.actor,
        "own": card.person == request.reach.actor,
        "may_pass": card.person == request.reach.actor and GIVING[card.role].delegable and not card.source,
        "shortest": SHORTEST,
    }
    return render(request, "grantor/grant.html", context)


@route(
    Audience.GRANTOR,
    scope=Scope.TREE,
    data=Data.SERVICE,
    methods=("POST",),
    subject=reached_grant,
    step_up=True,
)
def stop(request: Any, grant: UUID) -> HttpResponse:
    """Suspends, resumes or ends a grant; it counts, or counts no more, at the next request."""
    card: GrantCard = request.subject
    what, reason, now = request.POST.get("what", ""), request.POST.get("reason", ""), timezone.now()
    try:
        if what == "resume":
            grant_stops.resume(request.reach, card, reason=reason, now=now)
        elif what == "end":
            grant_stops.end(request.reach, card, reason=reason, now=now)
        else:
            until = _day(request.POST.get("until"))
            grant_stops.suspend(request.reach, card, reason=reason, until=until, now=now)
    except REFUSED as stopped:
        messages.error(request, str(stopped))
    else:
        _tell(card.person, f"grant_{what or 'suspend'}", card.role, key=f"{what}:{card.id}:{now}", now=now)
        messages.success(request, _("It is written and counts from the next page on."))
    return redirect("grants-one", grant=grant)


@route(Audience.GRANTOR, scope=Scope.TREE, data=Data.SERVICE, methods=("GET", "POST"))
def propose(request: Any) -> HttpResponse:
    """The form that asks for a grant; another person decides on it."""
    bad = ""
    if request.method == "POST":
        try:
            giving.ask(
                request.reach, _wanted(request), reason=request.POST.get("reason", ""), now=timezone.now()
            )
        except REFUSED as stopped:
            bad = str(stopped)
        else:
            messages.success(request, _("It is asked for. Another person must decide before it counts."))
            return redirect("grants")
    context = {
        "title": _("Ask for a grant"),
        "roles": [(r.value, NAMES[r], GIVING[r].longest) for r in giving.may_ask(request.reach)],
        "given": request.POST,
        "today": request.reach.on,
        "widest": request.reach.bodies[0],
        "shortest": SHORTEST,
        "bad": bad,
    }
    return render(request, "grantor/propose.html", context)


@route(
    Audience.GRANTOR,
    scope=Scope.TREE,
    data=Data.SERVICE,
    methods=("GET", "POST"),
    subject=reached_proposal,
    step_up=True,
)
def decide(request: Any, proposal: UUID) -> HttpResponse:
    """What was asked for in plain words, and the two buttons of the second person."""
    asked: ProposalCard = request.subject
    body = bodies.by_ids([asked.body], language=_language())[asked.body]
    role = Role(asked.content["role"])
    bad = ""
    if request.method == "POST":
        try:
            return _decided(request, asked, body, role)
        except REFUSED as stopped:
            bad = str(stopped)
    ((row, maker, person),) = _named([asked])
    own = request.reach.actor in (asked.maker, asked.about)
    context = {
        "title": _("Decide on a grant"),
        "p": row,
        "maker": maker,
        "person": person,
        "body": body,
        "since": dt.date.fromisoformat(asked.content["since"]),
        "until": dt.date.fromisoformat(asked.content["until"]) if asked.content["until"] else None,
        "mine": not own and giving.may_decide(request.reach, role, body) and asked.state == "waiting",
        "shortest": SHORTEST,
        "answer": request.POST.get("answer", ""),
        "bad": bad,
    }
    return render(request, "grantor/decide.html", context)


@route(
    Audience.GRANTOR,
    scope=Scope.TREE,
    data=Data.SERVICE,
    methods=("GET", "POST"),
    subject=own_grant,
    step_up=True,
)
def pass_on(request: Any, grant: UUID) -> HttpResponse:
    """The form by which a holder passes a part of their own authority on for a time."""
    held: GrantCard = request.subject
    bad = ""
    if request.method == "POST":
        try:
            return _passed_on(request, held)
        except REFUSED as stopped:
            bad = str(stopped)
    context = {
        "title": _("Pass a part on"),
        "g": shown.grants([held])[0],
        "given": request.POST,
        "today": request.reach.on,
        "most": DELEGATED_AT_MOST,
        "shortest": SHORTEST,
        "bad": bad,
    }
    return render(request, "grantor/pass_on.html", context)


def _decided(request: Any, asked: ProposalCard, body: BodyCard, role: Role) -> HttpResponse:
    now, approve = timezone.now(), request.POST.get("decision") == "approve"
    answer = request.POST.get("answer", "")
    made = giving.decide(request.reach, asked, body=body, approve=approve, answer=answer, now=now)
    if made and asked.about:
        _tell(asked.about, "grant_given", role, key=f"given:{made}", now=now)
        messages.success(request, _("The grant stands and counts from its first day on."))
        return redirect("grants-one", grant=made)
    messages.success(request, _("It is declined. Whoever asked can read why."))
    return redirect("grants")


def _passed_on(request: Any, held: GrantCard) -> HttpResponse:
    now = timezone.now()
    since, until = _day(request.POST.get("since")), _day(request.POST.get("until"))
    if since is None or until is None:
        raise WrongTime(_("Write the first and the last day."))
    to = _person(request.POST.get("code", ""))
    made = giving.pass_on(
        request.reach, held, to=to, body=_body(request.reach, request.POST.get("body", "") or held.body.code),
        since=since, until=until, reason=request.POST.get("reason", ""), now=now,
    )  # fmt: skip
    _tell(to, "grant_given", held.role, key=f"given:{made}", now=now)
    messages.success(request, _("It is passed on until its last day. It falls with your own authority."))
    return redirect("grants-one", grant=held.id)


def _wanted(request: Any) -> Wanted:
    given = request.POST
    role = given.get("role", "")
    since = _day(given.get("since"))
    if role not in set(Role) or since is None:
        raise WrongTime(_("Choose a role and write the first day."))
    return Wanted(
        _person(given.get("code", "")), Role(role), _body(request.reach, given.get("body", "")), since,
        _day(given.get("until")), given.get("order", ""),
    )  # fmt: skip


def _person(code: str) -> UUID:
    found = people.by_codes([code.strip()]) if code.strip() else {}
    if not found:
        raise OutOfReach(_("Nobody in your bodies has this employee code. Check it letter by letter."))
    return next(iter(found.values()))


def _body(reach: Reach, code: str) -> BodyCard:
    return access.body(reach, bodies.by_codes([code.strip()], language=_language()).get(code.strip()))


def _day(text: str | None) -> dt.date | None:
    """The day of a form; None where it is left empty. Raises `WrongTime` where it is no day."""
    try:
        return dt.date.fromisoformat(text.strip()) if text and text.strip() else None
    except ValueError:
        raise WrongTime(_("Write the day as a date, such as %(day)s.") % {"day": "2026-12-31"}) from None


def _named(cards: list[ProposalCard]) -> list[tuple[shown.Shown, str, str]]:
    """(proposal, who asked, for whom), in two statements however many there are."""
    wanted = {c.maker for c in cards} | {c.about for c in cards if c.about}
    names = {p.id: p.name for p in people.by_ids(wanted).values()} if wanted else {}
    told = shown.proposals(cards)
    return [
        (s, names.get(c.maker, ""), names.get(c.about, "") if c.about else "")
        for s, c in zip(told, cards, strict=True)
    ]


def _tell(person: UUID, kind: str, role: Role, *, key: str, now: dt.datetime) -> None:
    notices.tell(
        person, kind, params={"role": role.value}, link=reverse("my-roles"), now=now, key=f"grant:{key}"
    )


def _language() -> str:
    return get_language() or "en"
