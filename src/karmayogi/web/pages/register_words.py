"""Requests to the registers in words: what each is for, what happens next, and how each stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from karmayogi.institutions import registrations
from karmayogi.institutions.proposals import ProposalCard
from karmayogi.institutions.registrations import BODY, DESIGNATION, DOMAIN, Outcome
from karmayogi.web.authority_words import PROPOSED


@dataclass(frozen=True)
class About:
    """One register: the words of its link, of its form, of who decides and of what an approval does."""

    icon: str
    title: Any
    what: Any
    decides: Any
    does: Any


ASKS: dict[str, About] = {
    DOMAIN: About(
        "globe",
        gettext_lazy("Enter an e-mail domain"),
        gettext_lazy("The part after the @ of addresses that only your body gives out."),
        gettext_lazy("The platform operator or the Council decides, and asks the body first whether it is its own."),
        gettext_lazy("The domain is entered for the body from that day on. It opens no account and joins no records."),
    ),
    BODY: About(
        "office",
        gettext_lazy("Enter an office or another body"),
        gettext_lazy("A new body under yours, by the order that sets it up."),
        gettext_lazy("The head of the body above, the platform operator or the Council decides, by the order."),
        gettext_lazy("The body takes its place in the tree. Whoever looks after the body above looks after it."),
    ),
    DESIGNATION: About(
        "text",
        gettext_lazy("Enter a designation"),
        gettext_lazy("A title of posts that the register does not have under any spelling."),
        gettext_lazy("The platform operator or the Council decides, because all bodies share the register."),
        gettext_lazy("The title is entered in its normal form. Nobody's post changes; orders can use it from then on."),
    ),
}  # fmt: skip
"""Act -> its words."""

KINDS: dict[str, Any] = {
    "office": gettext_lazy("Office"),
    "department": gettext_lazy("Department"),
    "ministry": gettext_lazy("Ministry"),
    "district": gettext_lazy("District"),
    "state": gettext_lazy("State"),
    "institute": gettext_lazy("Training institute"),
    "provider": gettext_lazy("Provider of courses"),
}
"""Kind of body -> its name."""


@dataclass(frozen=True)
class Row:
    """A request with its words: `mark` and `word` of its state, and what came of it."""

    card: ProposalCard
    about: About
    name: str
    mark: str
    word: str
    sign: str
    problem: str


def shown(cards: Iterable[ProposalCard], outcomes: Mapping[UUID, Outcome]) -> list[Row]:
    """The requests in their order, as they stand."""
    return [
        Row(card, ASKS[card.act], registrations.called(card), *_state(card, outcomes.get(card.id)))
        for card in cards
    ]


def details(card: ProposalCard) -> list[tuple[str, str]]:
    """(name, value) of what is asked for, beside its name."""
    said = card.content
    if card.act != BODY:
        return [(_("As it was written"), said["title"])] if said.get("title") != said.get("name") else []
    return [
        (_("Code"), said["code"]),
        (_("Kind"), str(KINDS[said["kind"]])),
        (_("Order"), said["order_no"]),
    ]


def _state(card: ProposalCard, outcome: Outcome | None) -> tuple[str, str, str, str]:
    mark, word = PROPOSED[card.state]
    if card.state == "waiting":
        return mark, str(word), "clock", ""
    if card.state != "approved":
        return mark, str(word), "", ""
    if outcome is None:
        return "plain", _("Approved, being entered"), "clock", ""
    if outcome.problem:
        return "stop", _("Not entered"), "", outcome.problem
    return "met", _("Entered"), "", ""
