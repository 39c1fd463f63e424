"""Notices as sentences in the language of the page."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from karmayogi.competency import frameworks
from karmayogi.journeys import affected
from karmayogi.registry.notices import NoticeCard
from karmayogi.web.pages import shown

_READ = gettext_lazy("Your roles, their orders and their days stand on one page.")
AUTHORITY = {
    "grant_given": (gettext_lazy("Authority given to you: {role}"), _READ),
    "grant_suspend": (gettext_lazy("Your authority is suspended: {role}"), _READ),
    "grant_resume": (gettext_lazy("Your authority is in force again: {role}"), _READ),
    "grant_end": (gettext_lazy("Your authority has ended: {role}"), _READ),
    "grant_ending": (gettext_lazy("Your authority ends soon: {role}"), _READ),
    "support_asked": (
        gettext_lazy("The support asks to look at your pages"),
        gettext_lazy("Read why, and agree or decline. Nobody looks before you agree."),
    ),
}
"""News about authority and about who wants to look: kind -> title and text."""
REGISTERS = {
    "registration_approved": (
        gettext_lazy("Approved: {name}"),
        gettext_lazy("It is entered in its register within a minute. Read what was checked."),
    ),
    "registration_declined": (
        gettext_lazy("Declined: {name}"),
        gettext_lazy("Read why on the page of your requests. You can ask again with what was missing."),
    ),
    "registration_failed": (
        gettext_lazy("Could not be entered: {name}"),
        gettext_lazy("The register changed after the approval. Read what stands in the way."),
    ),
}
"""News about requests to the registers: kind -> title and text."""


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
    told = card.params
    name = names.get(str(told.get("competency", "")), str(told.get("name", "")))
    level = told.get("level", "")
    record = reverse("record")
    if card.kind == "statement_issued":
        return (
            _("Certificate issued: {name}, level {level}").format(name=name, level=level),
            _("It rests on rules over your evidence. Anyone with its code can check it."),
            card.link or record,
        )
    if card.kind == "statement_withdrawn":
        return (
            _("Certificate withdrawn: {name}, level {level}").format(name=name, level=level),
            _("The reason stands in your record, and you can question it."),
            card.link or record,
        )
    if card.kind == "observed":
        return (
            _("Your supervisor noted work seen: {name}").format(name=name),
            _("See what was noted, and question it if it is wrong."),
            card.link or reverse("competencies"),
        )
    if card.kind == "case_decided":
        return (
            _("Your question is answered: {name}").format(name=name),
            _("Read the answer and its reason on the page of your question."),
            card.link or reverse("competencies"),
        )
    if card.kind == "breach":
        return (
            affected.subject(),
            f"{told.get('what', '')} {affected.text()}",
            card.link or reverse("mfa_index"),
        )
    if card.kind == "retention_due":
        return (
            _("Rows past their time: {n}").format(n=told.get("rows", "")),
            _("An order and two people delete them. See the guide to keeping and deleting."),
            card.link,
        )
    if card.kind == "objection_decided":
        return (
            _("Your objection is answered"),
            _("Read the answer and its reason beside the entry. You can appeal against a refusal."),
            card.link or reverse("record-wrong"),
        )
    if card.kind in REGISTERS:
        title, text = REGISTERS[card.kind]
        return str(title).format(name=name), str(text), card.link or reverse("registers")
    if card.kind in AUTHORITY:
        title, text = AUTHORITY[card.kind]
        role = shown.role_name(str(told.get("role", "")))
        return (
            str(title).format(role=role, day=told.get("day", "")),
            str(text),
            card.link or reverse("my-roles"),
        )
    return (
        str(told.get("title") or _("Something changed in your record")),
        str(told.get("text", "")),
        card.link,
    )


def _names(cards: Iterable[NoticeCard]) -> dict[str, str]:
    """Names by id and by key: notices hold either."""
    wanted = {str(c.params["competency"]) for c in cards if c.params.get("competency")}
    return frameworks.names(wanted, language=get_language() or "en")
