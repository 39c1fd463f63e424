"""What a level may be stated on.

The estimate is sure of it, and enough kinds of evidence that an order admits for certificates are there and have
not expired.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.utils import timezone

from karmayogi.competency import evidence, frameworks, profile
from karmayogi.competency.estimates import Estimate
from karmayogi.competency.evidence import EvidenceRow
from karmayogi.competency.frameworks import CompetencyCard
from karmayogi.policy import rules
from karmayogi.policy.rules import Rule
from karmayogi.science import levels

KEYS = (
    "evidence.sure", "evidence.least_information", "evidence.sources", "evidence.use", "award.least_kinds",
)  # fmt: skip
SAME_KIND = {"supervised_test": "test"}
"""A supervised test is a test: the two together are one kind."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of evidence behind a statement: how many rows, the newest's day, and until when it counts."""

    name: str
    times: int
    newest: dt.date
    counts_until: dt.date | None


@dataclass(frozen=True, slots=True)
class Earned:
    """A level that may be stated. `basis`: hash of the evidence rows; `until`: when too few kinds remain."""

    person: UUID
    competency: CompetencyCard
    level: int
    kinds: tuple[Kind, ...]
    basis: str
    until: dt.date | None
    rules: tuple[Rule, ...]


def earned(people: Collection[UUID], *, now: dt.datetime) -> list[Earned]:
    """The highest level each person has earned of each competency by the rules of the day; most have none.

    Levels above the middle of the scale need `award.least_kinds` kinds of evidence, the others one.
    """
    on = timezone.localdate(now)
    held = rules.values(KEYS, on=on)
    for key in KEYS:
        if key not in held:
            rules.in_force(key, on=on)  # raises the sentence that names it
    sure = _sure(people, held, now=now)
    concerned = {competency.id for _, competency, _ in sure}
    rows = evidence.of({person for person, _, _ in sure}, competencies=concerned)
    found = (
        _on(person, competency, reached, rows.get(person, ()), held, on=on)
        for person, competency, reached in sure
    )
    return [one for one in found if one is not None]


def _sure(
    people: Collection[UUID], held: Mapping[str, Rule], *, now: dt.datetime
) -> list[tuple[UUID, CompetencyCard, int]]:
    """(person, competency, highest level of which the estimate is sure and informed), by the estimates alone."""
    standing = [e for of_person in profile.of(people).values() for e in of_person.values()]
    # Where evidence expired since the refresh, the estimate still leans on it: nothing is stated before the next.
    current = [e for e in standing if e.changes_on is None or e.changes_on > timezone.localdate(now)]
    estimates = profile.aged(current, at=now) if current else []
    cards = {card.id: card for card in frameworks.competencies(ids={e.competency for e in estimates})}
    by_competency: dict[UUID, list[Estimate]] = defaultdict(list)
    for e in estimates:
        if e.information >= held["evidence.least_information"].value and e.competency in cards:
            by_competency[e.competency].append(e)
    found = []
    for competency, group in by_competency.items():
        card = cards[competency]
        chance = levels.chances([[e.mean] for e in group], [[e.sd] for e in group], [card.cuts])
        reached = levels.awarded(chance, 1, sure=held["evidence.sure"].value, least_kinds=1).sum(axis=1)
        found += [(e.person, card, int(n)) for e, n in zip(group, reached, strict=True) if n]
    return found


def _on(
    person: UUID,
    competency: CompetencyCard,
    reached: int,
    rows: Iterable[EvidenceRow],
    held: Mapping[str, Rule],
    *,
    on: dt.date,
) -> Earned | None:
    usable = _usable([row for row in rows if row.competency == competency.id], held, on=on)
    kinds = _kinds(usable, held)
    least = int(held["award.least_kinds"].value)
    for level in range(reached, 0, -1):
        needed = least if level * 2 > len(competency.levels) else 1
        if len(kinds) >= needed:
            basis = sha256("".join(sorted(str(row.id) for row in usable)).encode()).hexdigest()
            until = _until(kinds, needed)
            return Earned(person, competency, level, kinds, basis, until, tuple(held[key] for key in KEYS))
    return None


def _usable(rows: Sequence[EvidenceRow], held: Mapping[str, Rule], *, on: dt.date) -> list[EvidenceRow]:
    """Rows that stand, weigh something, are admitted for certificates and have not expired on the day."""
    use, sources = held["evidence.use"].value, held["evidence.sources"].value
    gone = {row.replaces for row in rows if row.replaces}
    return [
        row
        for row in rows
        if row.id not in gone
        and row.payload
        and use.get(row.source, {}).get("certificate")
        and sources.get(row.source, {}).get("weight")
        and _counts_until(row, sources) > on
    ]


def _counts_until(row: EvidenceRow, sources: Mapping[str, Any]) -> dt.date:
    days = sources[row.source].get("expires_days")
    return timezone.localdate(row.happened_at) + dt.timedelta(days=days) if days else dt.date.max


def _kinds(rows: Iterable[EvidenceRow], held: Mapping[str, Rule]) -> tuple[Kind, ...]:
    groups: dict[str, list[EvidenceRow]] = defaultdict(list)
    for row in rows:
        groups[SAME_KIND.get(row.source, str(row.source))].append(row)
    sources = held["evidence.sources"].value
    found = []
    for name, group in sorted(groups.items()):
        until = max(_counts_until(row, sources) for row in group)
        newest = max(timezone.localdate(row.happened_at) for row in group)
        found.append(Kind(name, len(group), newest, None if until == dt.date.max else until))
    return tuple(found)


def _until(kinds: Iterable[Kind], needed: int) -> dt.date | None:
    """The day from which fewer than `needed` kinds are left; None if that day never comes."""
    ends = sorted((kind.counts_until or dt.date.max for kind in kinds), reverse=True)
    return None if ends[needed - 1] == dt.date.max else ends[needed - 1]
