"""For training managers: what a body's posts require, where its officials stand, and its people."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from karmayogi.competency import gaps, positions
from karmayogi.competency.gaps import Counts, Gap
from karmayogi.competency.positions import PositionCard
from karmayogi.ehrms import posts
from karmayogi.institutions import access, assignments, bodies
from karmayogi.institutions.access import OutOfReach, Reach
from karmayogi.institutions.assignments import Standing
from karmayogi.institutions.bodies import BodyCard
from karmayogi.institutions.roles import Audience
from karmayogi.monitoring import needs as counted
from karmayogi.web import opening
from karmayogi.web.routes import Data, Scope, route

A_PAGE = 50


@dataclass(frozen=True)
class Row:
    """An official in the list, with the three counts."""

    standing: Standing
    counts: Counts


class People:
    """The officials of a body as something a Django `Paginator` can cut: one page, one statement."""

    def __init__(self, body: BodyCard, *, on: Any, text: str) -> None:
        self.body, self.on, self.text = body, on, text
        self.found: list[Standing] = []
        self.total: int | None = None

    def count(self) -> int:
        """How many there are."""
        if self.total is None:
            self.found, self.total = assignments.page(
                self.body, on=self.on, offset=0, size=A_PAGE, text=self.text, language=_language()
            )
        return self.total

    def __getitem__(self, cut: slice) -> list[Standing]:
        if cut.start == 0 and self.total is not None:
            return self.found
        found, _total = assignments.page(
            self.body, on=self.on, offset=cut.start, size=A_PAGE, text=self.text, language=_language()
        )
        return found


def reached_body(reach: Reach, code: str = "") -> BodyCard:
    """The body named, else the widest one looked after."""
    if code:
        return access.body(reach, bodies.by_codes([code], language=_language()).get(code))
    if not reach.bodies:
        raise OutOfReach(gettext_lazy("No body is in your care today."))
    return max(reach.bodies, key=lambda b: b.upper - b.lower)


@route(Audience.MANAGER, scope=Scope.TREE, data=Data.COMPETENCY, subject=reached_body)
def needs(request: Any, code: str = "") -> HttpResponse:
    """Competency by competency: how many officials of the body need it, and how they stood at the publication."""
    body: BodyCard = request.subject
    published = counted.of(body, language=_language())
    context = {
        "title": _("Needs"),
        "body": body,
        "body_name": body.name,
        "as_of": published.as_of,
        "rows": published.rows,
        "seats": published,
        "parts": bodies.children([body.id], on=request.reach.on, language=_language()).get(body.id, []),
    }
    return render(request, "manager/needs.html", context)


@route(Audience.MANAGER, scope=Scope.TREE, data=Data.SERVICE, subject=reached_body)
def requirements(request: Any, code: str = "") -> HttpResponse:
    """The positions of the body's posts, and what each requires of whom."""
    body: BodyCard = request.subject
    seats = posts.within(body, on=request.reach.on)
    counted: dict[str, int] = {}
    for seat in seats:
        counted[seat.position] = counted.get(seat.position, 0) + 1
    keys = [k for k in counted if k]
    cards = positions.cards(keys, on=request.reach.on, language=_language())
    required = positions.requirements_of(keys, on=request.reach.on, language=_language())
    rows = [(card, counted[key], required.get(key, [])) for key, card in cards.items()]
    context = {
        "title": _("Requirements"),
        "body": body,
        "body_name": body.name,
        "rows": sorted(rows, key=lambda row: (-row[1], row[0].title)),
        "undescribed": counted.get("", 0),
    }
    return render(request, "manager/requirements.html", context)


def reached_position(reach: Reach, key: str) -> PositionCard:
    """The position, if it is described at all; descriptions are no secret inside the service."""
    reached_body(reach)
    found = positions.cards([key], on=reach.on, language=_language()).get(key)
    if found is None:
        raise OutOfReach(gettext_lazy("There is no such position."))
    return found


@route(Audience.MANAGER, scope=Scope.TREE, data=Data.SERVICE, subject=reached_position)
def position(request: Any, key: str) -> HttpResponse:
    """One position: roles, activities, and what each activity takes."""
    card: PositionCard = request.subject
    context = {
        "title": card.title,
        "card": card,
        "roles": positions.tree(key, on=request.reach.on, language=_language()),
    }
    return render(request, "manager/position.html", context)


@route(Audience.MANAGER, scope=Scope.TREE, data=Data.COMPETENCY, subject=reached_body)
def officials(request: Any, code: str = "") -> HttpResponse:
    """The officials of the body, fifty a page, with their three counts."""
    body: BodyCard = request.subject
    text = request.GET.get("q", "").strip()
    people = People(body, on=request.reach.on, text=text)
    page: Page[Any] = Paginator(cast(Any, people), A_PAGE).get_page(request.GET.get("page"))
    standings: list[Standing] = list(page.object_list)
    measured = gaps.of_standings(standings, on=request.reach.on, language=_language())
    context = {
        "title": _("Officials"),
        "body": body,
        "body_name": body.name,
        "text": text,
        "page": page,
        "rows": [Row(s, gaps.counts(measured.get(s.person, []))) for s in standings],
    }
    return render(request, "manager/officials.html", context)


def reached_official(reach: Reach, person: UUID) -> Standing:
    """An official who serves in a reached subtree, with the words of the page."""
    return access.official(reach, person, language=_language())


@route(
    Audience.MANAGER,
    scope=Scope.TREE,
    data=Data.COMPETENCY,
    subject=reached_official,
    opens=opening.REASON,
)
def official(request: Any, person: UUID) -> HttpResponse:
    """One official of the body: each requirement and how it stands."""
    standing: Standing = request.subject
    measured = gaps.of_standings([standing], on=request.reach.on, language=_language())
    found: list[Gap] = measured.get(person, [])
    context = {"title": standing.name, "standing": standing, "gaps": found, "counts": gaps.counts(found)}
    return render(request, "manager/official.html", context)


def _language() -> str:
    return get_language() or "en"
