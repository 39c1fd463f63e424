"""How we know: every row behind an estimate as a fact for the screen, those that do not count too."""

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from django.utils import timezone

from karmayogi.competency import frameworks, grounds, posterior
from karmayogi.competency.evidence import EvidenceRow, Source
from karmayogi.competency.posterior import Ground
from karmayogi.policy import rules
from karmayogi.policy.rules import Rule

RULES = grounds.KEYS
"""The rules that say what a row counts."""

STRENGTHS = (0.0, 0.5, 1.5, 3.5)
"""Information above which a proof has strength 1, 2, 3 and 4."""


class Note(StrEnum):
    """Why a row does not count; empty if it does."""

    COUNTS = ""
    REPLACED = "replaced"
    NO_WEIGHT = "no_weight"
    NOT_MEASURABLE = "not_measurable"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Proof:
    """One row as a fact. `strength`: 0 (none) to 4. `level`: the level seen, with its name in the reader's language.

    `share`: its part of the estimate, 0 to 1, and `shift`: what it did to it in logits; None where that was not asked.
    `right` of `asked` for tests; `counts_until`: the first day it no longer counts; `id`: of the row, to question it.
    """

    when: dt.datetime
    what: Source
    strength: int
    counts: bool
    note: Note
    id: UUID
    observer: UUID | None = None
    level: float | None = None
    level_name: str = ""
    right: int = 0
    asked: int = 0
    counts_until: dt.date | None = None
    payload: Mapping[str, object] | None = None
    share: float | None = None
    shift: float | None = None


def how_we_know(
    person: UUID, competency: UUID, *, language: str = "en", now: dt.datetime | None = None
) -> list[Proof]:
    """Every row of the ledger on this competency of this person, latest first."""
    return of(person, [competency], language=language, now=now).get(competency, [])


def of(
    person: UUID, competencies: Iterable[UUID], *, language: str = "en", now: dt.datetime | None = None
) -> dict[UUID, list[Proof]]:
    """competency -> every row of the ledger on it of this person, latest first; those without rows are absent.

    The same few queries for one competency or for all.
    """
    cards = frameworks.competencies(ids=competencies, language=language)
    return on_scale(person, {card.id: card.scale for card in cards}, now=now)


def on_scale(
    person: UUID,
    scales: Mapping[UUID, Sequence[str]],
    *,
    order: Mapping[str, Rule] | None = None,
    moves: bool = False,
    now: dt.datetime | None = None,
) -> dict[UUID, list[Proof]]:
    """The same for whoever has the names of the levels already, by competency, from level 1 up.

    `order`: the rules (`RULES`) in force, if they have been read already too. `moves`: with what each row did.
    """
    moment = now or timezone.now()
    held = rules.values(RULES, on=timezone.localdate(moment)) if order is None else order
    rows, ground = grounds.ledger(person, scales, order=held)
    if not rows:
        return {}
    strengths = posterior.strengths(rows, ground, as_of=moment)
    moved = posterior.moves(rows, ground, as_of=moment) if moves else {}
    stands = {row.id for row in posterior.standing(rows)}
    today = posterior.day_of(moment)
    found: dict[UUID, list[Proof]] = defaultdict(list)
    for row in reversed(rows):
        expires = ground.expires(row)
        note = _note(row, ground, expired=expires <= today) if row.id in stands else Note.REPLACED
        information = strengths.get(row.id, 0.0) if note is Note.COUNTS else 0.0
        proof = _proof(row, note, information, expires, scales[row.competency])
        if row.id in moved:
            proof = replace(proof, share=moved[row.id].share, shift=moved[row.id].shift)
        found[row.competency].append(proof)
    return dict(found)


def _proof(row: EvidenceRow, note: Note, information: float, expires: float, names: Sequence[str]) -> Proof:
    level = row.payload.get("level")
    return Proof(
        when=row.happened_at,
        what=row.source,
        strength=bisect_left(STRENGTHS, information),
        counts=note is Note.COUNTS,
        note=note,
        id=row.id,
        observer=row.observer,
        level=level,
        level_name=names[int(level) - 1] if level is not None and 1 <= int(level) <= len(names) else "",
        right=sum(row.payload.get("right", ())),
        asked=len(row.payload.get("items", ())),
        counts_until=None if expires != expires else posterior.date_of(expires),
        payload=row.payload,
    )


def _note(row: EvidenceRow, ground: Ground, *, expired: bool) -> Note:
    if ground.weight(row.source) <= 0.0:
        return Note.NO_WEIGHT
    if not posterior.counts(row, ground):
        return Note.NOT_MEASURABLE
    return Note.EXPIRED if expired else Note.COUNTS
