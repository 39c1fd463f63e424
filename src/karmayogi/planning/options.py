"""Options: what can close a need. A short check, courses of the catalogue, tasks at work and with others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from karmayogi.assessment import publications
from karmayogi.learning import catalogue
from karmayogi.planning.models import ActivityTemplate
from karmayogi.registry import bulk, ids, translations
from karmayogi.registry.translations import Text

__all__ = ["CHECK_MINUTES", "NewActivity", "Option", "checks", "for_competencies", "offer", "withdraw"]

CHECK_MINUTES = 10
"""What a short check is planned with; it ends by itself once it is sure enough."""

SHARE = {"on_job": 0, "with_others": 1, "course": 2}
"""Place of each kind in the 70-20-10 of `science.plans`."""


@dataclass(frozen=True, slots=True)
class NewActivity:
    """A task to offer. `translations`: language -> title, beside the English `title`."""

    competency: UUID
    kind: Literal["on_job", "with_others"]
    title: str
    minutes: int
    translations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can be planned. `ref`: id of the course or of the activity offered; `key`: of the course."""

    kind: str
    ref: UUID
    competency: UUID
    title: str
    minutes: int
    level: int | None = None
    key: str = ""


def offer(activities: Iterable[NewActivity]) -> int:
    """Offers activities, with their titles in other languages; returns how many were new. Worker only."""
    offered = list(activities)
    new = bulk.load(
        ActivityTemplate,
        ["id", "competency_id", "kind", "title", "minutes", "offered"],
        [(ids.new(), a.competency, a.kind, a.title, a.minutes, True) for a in offered],
    )
    query = ActivityTemplate.objects.filter(competency__in={a.competency for a in offered})
    held = {(row.competency_id, row.kind, row.title): row.id for row in query}
    translations.put(
        Text(held[a.competency, a.kind, a.title], "title", language, text, a.title)
        for a in offered
        for language, text in a.translations.items()
    )
    return new


def withdraw(activities: Iterable[UUID]) -> int:
    """Takes activities out of the offer; plans that hold them keep them. Returns how many were on offer."""
    return ActivityTemplate.objects.filter(id__in=list(activities), offered=True).update(offered=False)


def checks(competencies: Iterable[UUID]) -> frozenset[UUID]:
    """Those of the competencies that have a check."""
    return frozenset(publications.current(competencies))


def for_competencies(competencies: Iterable[UUID]) -> dict[UUID, list[Option]]:
    """competency -> courses and activities that build it, shortest first; three queries for any number."""
    wanted = set(competencies)
    found: dict[UUID, list[Option]] = {}
    for card in catalogue.cards(language="en", competencies=wanted):
        if card.competency is not None:
            option = Option(
                "course", card.id, card.competency, card.title, card.minutes, card.level, card.key
            )
            found.setdefault(card.competency, []).append(option)
    for row in ActivityTemplate.objects.filter(competency__in=wanted, offered=True):
        option = Option(row.kind, row.id, row.competency_id, row.title, row.minutes)
        found.setdefault(row.competency_id, []).append(option)
    for held in found.values():
        held.sort(key=lambda o: (o.minutes, o.kind, o.title, str(o.ref)))
    return found
