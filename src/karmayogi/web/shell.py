"""What every page needs around its content: who I am, where I am, the four or five words at the top."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from karmayogi.institutions import people
from karmayogi.institutions.roles import Audience
from karmayogi.web.templatetags import ui


@dataclass(frozen=True)
class NavItem:
    """One word at the top."""

    icon: str
    word: Any
    href: str
    here: bool


WORDS: dict[Audience, tuple[tuple[str, Any, str], ...]] = {
    Audience.OFFICIAL: (
        ("book", _("Learn"), "learn"),
        ("levels", _("Competencies"), "competencies"),
        ("calendar", _("Plan"), "plan"),
        ("medal", _("Record"), "record"),
    ),
    Audience.SUPERVISOR: (("people", _("Team"), "team"),),
    Audience.MANAGER: (
        ("levels", _("Needs"), "needs"),
        ("tree", _("Requirements"), "requirements"),
        ("people", _("Officials"), "officials"),
    ),
    Audience.AUTHORITY: (("seat", _("Vacancies"), "vacancies"), ("order", _("Orders"), "orders")),
    Audience.COMMISSION: (("chart", _("Benchmarks"), "benchmarks"),),
    Audience.REVIEWER: (("flag", _("Cases"), "cases"),),
    Audience.HELP_DESK: (("key", _("Help desk"), "desk"),),
    Audience.ESTABLISHMENT: (
        ("people", _("Records"), "records"),
        ("flag", _("Corrections"), "corrections"),
    ),
    Audience.GRANTOR: (("key", _("Grants"), "grants"),),
    Audience.AUDITOR: (
        ("list", _("Acts"), "audit"),
        ("key", _("Grants"), "audit-grants"),
        ("check", _("Proposals"), "audit-proposals"),
        ("people", _("Records"), "audit-people"),
    ),
    Audience.SUPPORT: (("eye", _("Support"), "support"),),
    Audience.REGISTRAR: (("register", _("Registers"), "registrar"),),
    Audience.PROVIDER: (("book", _("Courses"), "provider"),),
    Audience.OPERATOR: (("warn", _("Breaches"), "breaches"),),
}


DOORS: dict[Audience, tuple[str, Any, str]] = {
    Audience.OFFICIAL: ("person", _("My own pages"), "home"),
    Audience.SUPERVISOR: ("people", _("My team"), "team"),
    Audience.MANAGER: ("office", _("My office"), "needs"),
    Audience.AUTHORITY: ("seat", _("Vacancies"), "vacancies"),
    Audience.COMMISSION: ("chart", _("Benchmarks"), "benchmarks"),
    Audience.REVIEWER: ("flag", _("Questioned results"), "cases"),
    Audience.HELP_DESK: ("key", _("Help desk"), "desk"),
    Audience.ESTABLISHMENT: ("people", _("Records of people"), "records"),
    Audience.GRANTOR: ("key", _("Grants of authority"), "grants"),
    Audience.AUDITOR: ("list", _("Audit"), "audit"),
    Audience.SUPPORT: ("eye", _("Support"), "support"),
    Audience.REGISTRAR: ("register", _("Requests to the registers"), "registrar"),
    Audience.PROVIDER: ("book", _("Courses I provide"), "provider"),
    Audience.OPERATOR: ("warn", _("Breaches of data"), "breaches"),
}
"""Where the account menu leads, for the audiences that were open at sign-in."""


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context for base.html."""
    declared = getattr(request, "declared", None)
    reach = getattr(request, "reach", None)
    audience = declared.audience if declared else Audience.ANYONE
    match = request.resolver_match
    here = match.url_name if match else ""
    nav = [
        NavItem(icon, word, ui.way(name), _here(name, here or "", audience))
        for icon, word, name in WORDS.get(audience, ())
    ]
    actor = reach.actor if reach else None
    session = getattr(request, "session", {})
    return {
        "demo": settings.DEMO,
        "nav": nav,
        "work": audience not in (Audience.OFFICIAL, Audience.ANYONE, Audience.SIGN_IN),
        "account_links": [
            NavItem(icon, word, ui.way(name), False)
            for held, (icon, word, name) in DOORS.items()
            if actor and held in session.get("audiences", ()) and held != audience
        ],
        "sign_ons": _sign_ons() if audience is Audience.SIGN_IN else [],
        "me": people.card_of(request.user) if actor else None,
    }


def _here(name: str, here: str, audience: Audience) -> bool:
    """True if the page belongs to this word: its own page, or one under it that has no word of its own."""
    words = {other for _icon, _word, other in WORDS.get(audience, ())}
    return (
        here == name
        or (here.startswith(name + "-") and here not in words and here != "audit-person")
        or (name == "audit-people" and here == "audit-person")
    )


def _sign_ons() -> list[NavItem]:
    """The ways of the government to sign in that this installation knows."""
    kinds = (
        ("openid_connect", "openid_connect_login", "provider_id"),
        ("saml", "saml_login", "organization_slug"),
    )
    return [
        NavItem("globe", app["name"], reverse(name, kwargs={key: app["provider_id"]}), False)
        for kind, name, key in kinds
        for app in settings.SOCIALACCOUNT_PROVIDERS.get(kind, {}).get("APPS", ())
    ]
