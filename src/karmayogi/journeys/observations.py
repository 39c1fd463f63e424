"""What a supervisor saw at work: kept as evidence, the level worked out anew, the official told."""

import datetime as dt
from uuid import UUID

from django.utils import timezone

from karmayogi.competency import evidence, frameworks, profile
from karmayogi.competency.frameworks import CompetencyCard
from karmayogi.institutions.assignments import Standing
from karmayogi.journeys import settle
from karmayogi.registry import notices


def keep(
    standing: Standing, *, by: UUID, competency: str, level: int, now: dt.datetime, language: str = "en"
) -> CompetencyCard:
    """Keeps that `by` saw the official of `standing` work at `level` in the competency of this key; its card.

    Raises `frameworks.UnknownCompetency`, and what `evidence.observe` raises.
    """
    card = frameworks.by_key(competency, language=language)
    person = standing.person
    evidence.observe(by, person=person, competency=card.id, level=level, now=now, body=standing.body)
    profile.refresh([person], now=now)
    settle.later(person, by=by, now=now)
    notices.tell(
        person,
        "observed",
        params={"competency": card.key},
        link="/competencies/",
        now=now,
        key=f"observed:{by}:{person}:{card.key}:{timezone.localdate(now)}",
    )
    return card
