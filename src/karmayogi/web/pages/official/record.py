"""Record: certificates with their codes, courses completed, postings with their orders, every row of evidence."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from karmayogi.competency import evidence, frameworks
from karmayogi.competency.frameworks import CompetencyCard
from karmayogi.credentials import awards
from karmayogi.credentials.awards import StatementCard
from karmayogi.ehrms import orders
from karmayogi.ehrms.orders import OrderCard
from karmayogi.institutions import aliases, assignments, bodies, people
from karmayogi.institutions.access import OutOfReach, Reach
from karmayogi.institutions.roles import Audience
from karmayogi.learning import enrolments
from karmayogi.registry import codes
from karmayogi.standards import documents
from karmayogi.web.pages import in_log
from karmayogi.web.pages.official.proof import source_word
from karmayogi.web.routes import Data, Scope, route
from karmayogi.web.templatetags import ui

ON_A_PAGE = 20
DOCUMENT_LANGUAGES = ("en", "hi", "ur")


@dataclass(frozen=True)
class Certificate:
    """A statement as the record shows it."""

    card: StatementCard
    name: str
    level_name: str
    code: str
    standing: bool


@dataclass(frozen=True)
class LedgerLine:
    """A row of evidence in a line."""

    day: Any
    what: str
    competency: str
    says: str


def own_statement(reach: Reach, statement: UUID) -> StatementCard:
    """A statement of the actor."""
    card = awards.card(statement)
    if card.person != reach.actor:
        raise awards.NoSuchStatement(gettext_lazy("There is no such certificate in your record."))
    return card


def own_order(reach: Reach, order: UUID) -> OrderCard:
    """An order that posts the actor, under any id of theirs, and was issued."""
    assert reach.actor is not None
    mine = set(aliases.whole(reach.actor))
    found = [o for o in orders.of([order]) if o.person in mine and o.state != "recommended"]
    if not found:
        raise OutOfReach(gettext_lazy("There is no such order about you."))
    return found[0]


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.SERVICE)
def record(request: Any) -> HttpResponse:
    """Everything the house keeps about the official's levels, learning and service."""
    actor, language = request.reach.actor, get_language() or "en"
    statements = awards.of(actor)
    rows = evidence.of([actor]).get(actor, [])[::-1]
    served = assignments.history([actor], language=language).get(actor, [])
    wanted = {s.competency for s in statements} | {r.competency for r in rows}
    cards = {c.id: c for c in frameworks.competencies(ids=wanted, language=language)} if wanted else {}
    taken = enrolments.of([actor], language=language).get(actor, [])
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    offices = bodies.by_ids({p.body for p in served}, language=language) if served else {}
    context = {
        "title": _("Record"),
        "certificates": [_certificate(s, cards, request.reach.on) for s in statements],
        "completed": [e for e in taken if e.state == "completed"],
        "postings": [(p, offices.get(p.body)) for p in served],
        "lines": [_line(row, cards) for row in page.object_list],
        "page": page,
    }
    return render(request, "official/record.html", context)


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.SERVICE)
def my_orders(request: Any) -> HttpResponse:
    """The orders about the official that were issued here, each with its proof."""
    found = orders.about(aliases.whole(request.reach.actor), language=get_language() or "en")
    context = {"title": _("Orders about me"), "orders": found}
    return render(request, "official/orders.html", context)


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.PUBLIC, subject=own_order)
def order_proof(request: Any, order: UUID) -> HttpResponse:
    """The proof that an order about the official stands in the log as it was issued."""
    crumbs = [{"word": _("Orders about me"), "href": reverse("record-orders")}, {"word": _("Proof")}]
    about = _("Order {number}").format(number=request.subject.number)
    return in_log.answer(request, orders.entry_of(order), about=about, name=f"order-{order}", crumbs=crumbs)


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.COMPETENCY, subject=own_statement)
def certificate(request: Any, statement: UUID) -> HttpResponse:
    """The certificate as an accessible PDF in the language of the page, with the square that checks it."""
    card: StatementCard = request.subject
    language = request.GET.get("lang", "") or get_language() or "en"
    language = language if language in DOCUMENT_LANGUAGES else "en"
    with override(language):
        (competency,) = frameworks.competencies(ids=[card.competency], language=language)
        shown = codes.shown(card.code)
        address = settings.PUBLIC_URL + reverse("verify-code", args=[shown])
        title = _("Certificate of level")
        context = {
            "title": title,
            "statement": card,
            "competency": competency,
            "level": competency.levels[card.level - 1],
            "holder": people.by_id(card.person).name,
            "kinds": [kind_words(e["kind"]) for e in card.document["evidence"]],
            "code": shown,
            "address": address,
            "qr": documents.qr_svg(
                address, title=_("Square that opens the page which checks this certificate")
            ),
        }
        html = render_to_string("official/certificate.html", context)
        body = documents.render(html, title=f"{title} {shown}", language=language)
    return HttpResponse(
        body,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="certificate-{shown}-{language}.pdf"'},
    )


def kind_words(kind: str) -> str:
    """A kind of evidence behind a certificate."""
    return {
        "test": _("test"),
        "rating": _("work seen by the supervisor"),
        "work_product": _("work marked with names hidden"),
    }.get(kind, kind)


def _certificate(card: StatementCard, cards: dict[UUID, CompetencyCard], on: Any) -> Certificate:
    competency = cards[card.competency]
    standing = card.state == "issued" and card.replaced_by is None and card.until > on
    level = competency.levels[card.level - 1].name
    return Certificate(card, competency.name, level, codes.shown(card.code), standing)


def _line(row: Any, cards: dict[UUID, CompetencyCard]) -> LedgerLine:
    says = ""
    if "items" in row.payload:
        says = _("{n} questions").format(n=ui.num(len(row.payload["items"])))
    elif row.payload.get("level") is not None:
        says = _("level {level}").format(level=ui.num(row.payload["level"]))
    elif row.payload.get("minutes"):
        says = ui.minutes(row.payload["minutes"])
    name = cards[row.competency].name if row.competency in cards else ""
    return LedgerLine(row.happened_at, source_word(row.source), name, says)
