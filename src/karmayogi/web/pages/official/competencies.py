"""My competencies: what the post requires, what the evidence says, how we know it, and what to do next."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from karmayogi.competency import gaps, proofs
from karmayogi.competency.gaps import Gap
from karmayogi.institutions import assignments
from karmayogi.institutions.assignments import Standing
from karmayogi.institutions.roles import Audience
from karmayogi.planning import plans
from karmayogi.policy import rules
from karmayogi.policy.rules import Rule
from karmayogi.web import numbers
from karmayogi.web.pages.official.proof import Said, said
from karmayogi.web.pages.official.steps import steps
from karmayogi.web.routes import Data, Scope, route

KINDS = ("functional", "domain", "behavioural")
SHOWN_NEXT = 4


@dataclass(frozen=True)
class Row:
    """A requirement with the lines under "How we know"."""

    gap: Gap
    state: str
    says: str
    proof: list[Said]


@dataclass(frozen=True)
class Group:
    """Requirements of one kind."""

    word: str
    rows: list[Row]


@route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.COMPETENCY)
def competencies(request: Any) -> HttpResponse:
    """Every requirement of the post against the evidence."""
    actor, on, language = request.reach.actor, request.reach.on, get_language() or "en"
    standing = assignments.standing([actor], on=on, language=language).get(actor)
    order = rules.values({*gaps.RULES, *proofs.RULES}, on=on)
    found = measured(standing, on=on, language=language, order=order)
    known = proofs.on_scale(actor, {g.competency: g.scale for g in found}, order=order)
    plan = plans.of(actor, language=language)
    context = {
        "title": _("My competencies"),
        "standing": standing,
        "groups": _groups(Row(g, state_of(g), _says(g), said(known.get(g.competency, ()))) for g in found),
        "required": len(found),
        "required_words": ngettext("%(n)s competency", "%(n)s competencies", len(found)) % {"n": len(found)},
        "top": max((g.levels for g in found), default=5),
        "counts": gaps.counts(found),
        "next": steps(plan.items[:SHOWN_NEXT], on=on),
    }
    return render(request, "official/competencies.html", context)


def measured(
    standing: Standing | None, *, on: dt.date, language: str, order: Mapping[str, Rule] | None = None
) -> list[Gap]:
    """The gaps against the post where somebody stands, who was looked up already."""
    if standing is None:
        return []
    found = gaps.of_standings([standing], on=on, language=language, order=order)
    return found.get(standing.person, [])


def state_of(gap: Gap) -> str:
    """The tag's name for a statement."""
    return {"met": "met", "below": "gap"}.get(str(gap.statement), "unsure")


def _says(gap: Gap) -> str:
    """The range beside the assessed level, and what the post needs."""
    if not gap.information:
        return _("No evidence yet; needs %(level)s") % {"level": gap.level}
    low, high = numbers.num(gap.low, 1), numbers.num(gap.high, 1)
    return _("likely %(low)s to %(high)s, needs %(level)s") % {"low": low, "high": high, "level": gap.level}


def _groups(rows: Iterable[Row]) -> list[Group]:
    words = {"functional": _("Functional"), "domain": _("Domain"), "behavioural": _("Behavioural")}
    held: dict[str, list[Row]] = {kind: [] for kind in KINDS}
    for row in rows:
        held.setdefault(row.gap.kind, []).append(row)
    return [Group(words.get(kind, kind), found) for kind, found in held.items() if found]
