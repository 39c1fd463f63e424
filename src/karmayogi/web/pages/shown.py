"""Grants, looks, seers and proposals with the words of the page's language beside them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from karmayogi.institutions import bodies
from karmayogi.institutions.grants import GrantCard
from karmayogi.institutions.looks import PURPOSES, SUPPORT, LookCard
from karmayogi.institutions.proposals import ProposalCard
from karmayogi.institutions.roles import Role
from karmayogi.institutions.seers import SeerCard
from karmayogi.web.authority_words import NAMES, PAGES, PROPOSED, SEES, STATES


@dataclass(frozen=True)
class Shown:
    """A card with its words: `role`, what it lets see, `mark` and `word` of its state; `extra` as the list needs."""

    card: Any
    role: str = ""
    sees: str = ""
    mark: str = ""
    word: str = ""
    extra: str = ""


def grants(cards: Iterable[GrantCard]) -> list[Shown]:
    """Grants with the names of role and state."""
    return [Shown(c, str(NAMES[c.role]), str(SEES[c.role]), *_said(STATES[c.state])) for c in cards]


def proposals(cards: Iterable[ProposalCard]) -> list[Shown]:
    """Proposals with the role asked for and the name of their state."""
    return [Shown(c, role_name(c.content.get("role", "")), "", *_said(PROPOSED[c.state])) for c in cards]


def seers(cards: Iterable[SeerCard]) -> list[Shown]:
    """Who can see a record, with the name of the role."""
    return [
        Shown(c, str(NAMES[c.role]) if c.role else _("Supervisor"), str(SEES[c.role]) if c.role else "")
        for c in cards
    ]


def looks(cards: Iterable[LookCard]) -> list[Shown]:
    """Looks with roles and bodies of whoever looked, the purpose in words, and what page it was."""
    held = list(cards)
    codes = {code for c in held for code in c.bodies}
    named = (
        {b.code: b.name for b in bodies.by_codes(codes, language=get_language() or "en").values()}
        if codes
        else {}
    )
    return [
        Shown(
            c,
            role=", ".join(str(NAMES[r]) for r in c.roles),
            sees=", ".join(named.get(code, code) for code in c.bodies),
            word=str(PURPOSES.get(c.purpose, ""))
            if c.purpose != SUPPORT
            else _("To help, with your consent"),
            extra=str(PAGES.get(c.page, c.page)),
        )
        for c in held
    ]


def role_name(value: str) -> str:
    """The name of a role by its value; the value where it is none."""
    return str(NAMES[Role(value)]) if value in set(Role) else value


def _said(state: tuple[str, Any]) -> tuple[str, str]:
    return state[0], str(state[1])
