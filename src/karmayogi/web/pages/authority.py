"""For posting authorities: vacant posts, one vacancy with ranked and explained candidates, the order."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from karmayogi.competency import frameworks, positions
from karmayogi.ehrms import orders, posts, vacancies
from karmayogi.ehrms.orders import OrderStopped
from karmayogi.ehrms.posts import PostCard
from karmayogi.ehrms.vacancies import CandidateCard, Need, NothingRequired, RankingCard
from karmayogi.ehrms.zone import RuleValue
from karmayogi.institutions import bodies
from karmayogi.institutions.access import OutOfReach, Reach
from karmayogi.institutions.roles import Audience
from karmayogi.registry import translations
from karmayogi.registry.translations import Texts, phrase
from karmayogi.web.pages import in_log
from karmayogi.web.routes import Data, Scope, route


@dataclass(frozen=True)
class Move:
    """How a candidate's chance on one need changed since the ranking before."""

    name: str
    before: float
    now: float


@dataclass(frozen=True)
class Row:
    """A candidate's line on the screen: the stored line, its letter, and what changed since the ranking before."""

    card: CandidateCard
    letter: str
    needs: list[Need]
    was: tuple[int, int] | None
    moves: list[Move]

    @property
    def can_rise(self) -> bool:
        """True if settling the deciding requirement would show on the screen, where 99% is the most."""
        return round(100 * min(self.card.overall_if_met, 0.99)) > round(100 * self.card.overall)


@dataclass(frozen=True)
class Bracket:
    """Candidates that the evidence does not tell apart, from place to place."""

    first: int
    last: int
    rows: list[Row]


def reached_post(reach: Reach, code: str) -> PostCard:
    """The post, if its body lies in a reached subtree."""
    return reached_seat(reach, code)[0]


def reached_seat(reach: Reach, code: str) -> tuple[PostCard, bodies.BodyCard]:
    """The post and its body, if that lies in a reached subtree."""
    post = posts.by_codes([code], language=_language()).get(code)
    body = bodies.by_ids([post.body], language=_language()).get(post.body) if post else None
    if post is None or body is None or not reach.covers(body.lower):
        raise OutOfReach(gettext_lazy("There is no such post among those you decide on."))
    return post, body


def reached_order(reach: Reach, order: UUID) -> orders.OrderCard:
    """The order, if it is about a body in a reached subtree."""
    found = orders.of([order], language=_language())
    if not found:
        raise OutOfReach(gettext_lazy("There is no such order among those you decide on."))
    # Whoever made an order may read it for ever; who may decide on it is a matter of the body and of today.
    reached_post(reach, found[0].post_code)
    return found[0]


@route(Audience.AUTHORITY, scope=Scope.TREE, data=Data.SERVICE)
def vacant(request: Any) -> HttpResponse:
    """Vacant posts of the reached bodies, longest vacant first."""
    on, language = request.reach.on, _language()
    found = [v for body in request.reach.bodies for v in posts.vacant(body, on=on, language=language)]
    strength = posts.strength(request.reach.bodies, on=on)
    context = {
        "title": _("Vacancies"),
        "vacancies": found,
        "sanctioned": sum(s.sanctioned for s in strength.values()),
        "filled": sum(s.filled for s in strength.values()),
    }
    return render(request, "authority/vacancies.html", context)


@route(Audience.AUTHORITY, scope=Scope.TREE, data=Data.COMPETENCY, subject=reached_seat)
def vacancy(request: Any, code: str) -> HttpResponse:
    """One vacancy: what the post needs, the stored ranking, the hard rules, the decision."""
    post, body = request.subject
    found = vacancies.recent(post.id, limit=2)
    ranking, former = [*found, None, None][:2]
    required = positions.requirements_of([post.position], on=request.reach.on, language=_language())
    needs = required.get(post.position, [])
    names = _names(ranking, {n.key: n.name for n in needs}) if ranking else {}
    context = {
        "title": post.designation,
        "crumbs": [{"word": _("Vacancies"), "href": ".."}, {"word": post.code}],
        "post": post,
        "body": body,
        "needs": needs,
        "ranking": ranking,
        "former": former,
        "brackets": _brackets(ranking, former, names=names) if ranking else [],
        "rules": ranking.candidates[0].rules if ranking and ranking.candidates else (),
        "sources": _sources(r for c in ranking.everyone for r in c.rules) if ranking else None,
        "today": request.reach.on,
    }
    return render(request, "authority/vacancy.html", context)


@route(Audience.AUTHORITY, scope=Scope.TREE, data=Data.COMPETENCY, methods=("POST",), subject=reached_post)
def rank(request: Any, code: str) -> HttpResponse:
    """Ranks the zone anew and stores the ranking."""
    reach: Reach = request.reach
    try:
        vacancies.rank(
            request.subject,
            within=_widest(reach, request.subject),
            by=reach.actor,
            on=reach.on,
            now=timezone.now(),
        )
    except NothingRequired as stop:
        messages.error(request, str(stop))
    return redirect("vacancies-one", code=code)


@route(Audience.AUTHORITY, scope=Scope.TREE, data=Data.SERVICE, methods=("POST",), subject=reached_post)
def recommend(request: Any, code: str) -> HttpResponse:
    """Writes the recommendation, made on the ranking that was shown, as a draft order for a second officer."""
    latest = vacancies.recent(request.subject.id, limit=1)
    try:
        person = _id(request.POST.get("who"))
        if not latest or person is None:
            raise OrderStopped(_("Choose a candidate first. Nothing was written."))
        if latest[0].id != _id(request.POST.get("ranking")):
            raise OrderStopped(
                _("The candidates were ranked again since. Read the new ranking, then choose.")
            )
        order = orders.draft(
            latest[0].id,
            person=person,
            maker=request.reach.actor,
            reason=request.POST.get("why", ""),
            effective=_day(request.POST.get("day"), otherwise=request.reach.on),
            now=timezone.now(),
        )
    except OrderStopped as stop:
        messages.error(request, str(stop))
        return redirect("vacancies-one", code=code)
    messages.success(
        request,
        _("Order {number} is drafted for {name}. Another officer must issue it.").format(
            number=order.number, name=order.person_name
        ),
    )
    return redirect("orders")


@route(Audience.AUTHORITY, scope=Scope.TREE, data=Data.SERVICE)
def order_list(request: Any) -> HttpResponse:
    """Orders of this house, latest first, with what waits for a second officer on top."""
    found = orders.latest(bodies=request.reach.bodies, language=_language())
    waiting = [o for o in found if o.state == "recommended"]
    context = {
        "title": _("Orders"),
        "today": request.reach.on,
        "waiting": [(o, o.maker != request.reach.actor) for o in waiting],
        "done": [o for o in found if o.state != "recommended"],
        "sources": _sources(r for o in waiting for r in o.examination),
    }
    return render(request, "authority/orders.html", context)


@route(
    Audience.AUTHORITY,
    scope=Scope.TREE,
    data=Data.SERVICE,
    methods=("POST",),
    subject=reached_order,
    step_up=True,
)
def issue(request: Any, order: UUID) -> HttpResponse:
    """Issues a recommended order: postings and assignments change."""
    try:
        issued = orders.issue(order, checker=request.reach.actor, now=timezone.now())
    except OrderStopped as stop:
        messages.error(request, str(stop))
    else:
        said = _("Order {number} is in force: {name} holds {post}.")
        if issued.effective > request.reach.on:
            said = _("Order {number} is issued: {name} takes up {post} on {day}.")
        messages.success(
            request,
            said.format(
                number=issued.number,
                name=issued.person_name,
                post=issued.post_code,
                day=formats.date_format(issued.effective, "j F Y"),
            ),
        )
    return redirect("orders")


@route(Audience.AUTHORITY, scope=Scope.TREE, data=Data.PUBLIC, subject=reached_order)
def proof(request: Any, order: UUID) -> HttpResponse:
    """The proof that the order stands in the log as it was issued."""
    card = request.subject
    crumbs = [{"word": _("Orders"), "href": reverse("orders")}, {"word": _("Proof")}]
    about = _("Order {number}").format(number=card.number)
    return in_log.answer(request, orders.entry_of(order), about=about, name=f"order-{order}", crumbs=crumbs)


def _id(text: str | None) -> UUID | None:
    """The id that a form sent, or None where it is none."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _day(text: str | None, *, otherwise: dt.date) -> dt.date:
    """The day that a form sent; `otherwise` where it sent none. Raises `OrderStopped` where it is no day."""
    try:
        return dt.date.fromisoformat(text.strip()) if text and text.strip() else otherwise
    except ValueError:
        said = _("Write the day as a date, such as %(day)s. Nothing was written.") % {"day": "2026-12-31"}
        raise OrderStopped(said) from None


def _brackets(ranking: RankingCard, former: RankingCard | None, *, names: dict[str, str]) -> list[Bracket]:
    places = vacancies.places(former) if former else {}
    before = {c.person: {n.key: n.chance for n in c.needs} for c in former.candidates} if former else {}
    shown = []
    for group in ranking.brackets:
        rows = []
        for c in group:
            needs = [_named(n, names) for n in c.needs]
            moves = [
                Move(n.name, before[c.person][n.key], n.chance)
                for n in needs
                if n.key in before.get(c.person, {}) and abs(n.chance - before[c.person][n.key]) >= 0.005
            ]
            rows.append(Row(_told(c, names), _letter(c.place), needs, places.get(c.person), moves))
        shown.append(Bracket(group[0].place, group[-1].place, rows))
    return shown


def _named(need: Need, names: dict[str, str]) -> Need:
    return Need(**{**need.__dict__, "name": names.get(need.key, need.name)})


def _told(card: CandidateCard, names: dict[str, str]) -> CandidateCard:
    """The stored line with its reasons in the language of the page."""
    said = {need.name: names.get(need.key, need.name) for need in card.needs}
    what = {field: getattr(card, field) for field in ("strongest", "weakest", "decisive")}
    return replace(card, **{field: said.get(name, name) for field, name in what.items()})


def _sources(rules: Iterable[RuleValue]) -> Texts:
    """The orders that the rules come from, as they are cited in the language of the page."""
    return translations.read({phrase(r.source) for r in rules}, language=_language())


def _letter(place: int) -> str:
    return chr(ord("A") + (place - 1) % 26) + (str((place - 1) // 26) if place > 26 else "")


def _names(ranking: RankingCard, needed: dict[str, str]) -> dict[str, str]:
    """The names of the ranking's needs in the language of the page; read only where the post needs others today."""
    others = {need.key for candidate in ranking.candidates for need in candidate.needs} - set(needed)
    return {**frameworks.names(others, language=_language()), **needed}


def _widest(reach: Reach, post: PostCard) -> bodies.BodyCard:
    """The largest reached body that holds the post: its officials are the zone."""
    body = bodies.by_ids([post.body])[post.body]
    return max((b for b in reach.bodies if b.lower <= body.lower < b.upper), key=lambda b: b.upper - b.lower)


def _language() -> str:
    return get_language() or "en"
