"""Notices as sentences in the language of the page."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from karmayogi.competency import frameworks
from karmayogi.journeys import affected
from karmayogi.registry.notices import NoticeCard
from karmayogi.web.pages import shown

_READ = _("Your roles, their orders and their days stand on one page.")
SENTENCES = {
    "statement_issued": (
        _("Certificate issued: {name}, level {level}"),
        _("It rests on rules over your evidence. Anyone with its code can check it."),
        "record",
    ),
    "statement_withdrawn": (
        _("Certificate withdrawn: {name}, level {level}"),
        _("The reason stands in your record, and you can question it."),
        "record",
    ),
    "observed": (
        _("Your supervisor noted work seen: {name}"),
        _("See what was noted, and question it if it is wrong."),
        "competencies",
    ),
    "case_decided": (
        _("Your question is answered: {name}"),
        _("Read the answer and its reason on the page of your question."),
        "competencies",
    ),
    "objection_decided": (
        _("Your objection is answered"),
        _("Read the answer and its reason beside the entry. You can appeal against a refusal."),
        "record-wrong",
    ),
    "retention_due": (
        _("Rows past their time: {n}"),
        _("An order and two people delete them. See the guide to keeping and deleting."),
        "",
    ),
    "grant_given": (_("Authority given to you: {role}"), _READ, "my-roles"),
    "grant_suspend": (_("Your authority is suspended: {role}"), _READ, "my-roles"),
    "grant_resume": (_("Your authority is in force again: {role}"), _READ, "my-roles"),
    "grant_end": (_("Your authority has ended: {role}"), _READ, "my-roles"),
    "grant_ending": (_("Your authority ends soon: {role}"), _READ, "my-roles"),
    "support_asked": (
        _("The support asks to look at your pages"),
        _("Read why, and agree or decline. Nobody looks before you agree."),
        "my-roles",
    ),
    "registration_approved": (
        _("Approved: {name}"),
        _("It is entered in its register within a minute. Read what was checked."),
        "registers",
    ),
    "registration_declined": (
        _("Declined: {name}"),
        _("Read why on the page of your requests. You can ask again with what was missing."),
        "registers",
    ),
    "registration_failed": (
        _("Could not be entered: {name}"),
        _("The register changed after the approval. Read what stands in the way."),
        "registers",
    ),
}
"""Kind of notice -> title, what it means, and the page to open where the notice names none."""


@dataclass(frozen=True)
class News:
    """A notice as parts/notices.html shows it."""

    id: UUID
    title: str
    text: str
    href: str
    on: dt.datetime
    unread: bool


def news(cards: Iterable[NoticeCard]) -> list[News]:
    """The notices in their order."""
    held = list(cards)
    names = _names(held)
    return [News(c.id, *_sentence(c, names), c.at, not c.seen) for c in held]


def _sentence(card: NoticeCard, names: dict[str, str]) -> tuple[str, str, str]:
    """Title, text and address."""
    told = card.params
    if card.kind == "breach":
        # What happened is told in the operator's words, below what to do about it.
        return (
            affected.subject(),
            f"{affected.text()} {told.get('what', '')}",
            card.link or reverse("mfa_index"),
        )
    if card.kind not in SENTENCES:
        said = str(told.get("title") or gettext("Something changed in your record"))
        return said, str(told.get("text", "")), card.link
    title, text, page = SENTENCES[card.kind]
    parts = {
        "name": names.get(str(told.get("competency", "")), str(told.get("name", ""))),
        "level": told.get("level", ""),
        "n": told.get("rows", ""),
        "role": shown.role_name(str(told.get("role", ""))),
    }
    return str(title).format(**parts), str(text), card.link or (reverse(page) if page else "")


def _names(cards: Iterable[NoticeCard]) -> dict[str, str]:
    """Names by id and by key: notices hold either."""
    wanted = {str(c.params["competency"]) for c in cards if c.params.get("competency")}
    return frameworks.names(wanted, language=get_language() or "en")
