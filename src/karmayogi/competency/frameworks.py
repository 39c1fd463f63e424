"""Frameworks: versions with scales of their own, verified once and then final; the competencies in them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from karmayogi.competency import drafts
from karmayogi.competency.drafts import (
    FrameworkNotConsistent,
    FrameworkVersionExists,
    NewCompetency,
    NewFramework,
    NewLevel,
    Words,
    draft,
)
from karmayogi.competency.models import Competency, CompetencyLevel, CutScore, FrameworkVersion, Level
from karmayogi.registry import translations

__all__ = [
    "CompetencyCard",
    "FrameworkNotConsistent",
    "FrameworkVersionExists",
    "LevelCard",
    "NewCompetency",
    "NewFramework",
    "NewLevel",
    "SeveralCompetencies",
    "UnknownCompetency",
    "VersionCard",
    "VersionIsFinal",
    "Words",
    "by_key",
    "competencies",
    "draft",
    "publish",
    "reject",
    "retire",
    "set_cuts",
    "submit",
    "verify",
    "versions",
]
State = FrameworkVersion.State
_NEXT: dict[str, frozenset[str]] = {
    State.DRAFT: frozenset({State.UNDER_REVIEW, State.REJECTED}),
    State.UNDER_REVIEW: frozenset({State.VERIFIED, State.REJECTED, State.DRAFT}),
    State.VERIFIED: frozenset({State.RETIRED}),
}


class UnknownCompetency(LookupError):
    """No verified framework has this competency."""


class SeveralCompetencies(LookupError):
    """Two frameworks have a competency with this key; name the framework."""


class VersionIsFinal(Exception):
    """The framework version cannot take this step from the state it is in."""

    status = 409


@dataclass(frozen=True)
class LevelCard:
    """A level of a competency: number from 1, its name on the scale, its text, its cut in logits."""

    number: int
    name: str
    text: str
    cut: float


@dataclass(frozen=True)
class CompetencyCard:
    """A competency as other rooms and screens show it. `cuts`: logits from level 1 up."""

    id: UUID
    key: str
    kind: str
    name: str
    about: str
    framework: str
    levels: tuple[LevelCard, ...]
    cuts: tuple[float, ...]
    study: str = ""


@dataclass(frozen=True)
class VersionCard:
    """A framework version: its state, and how much it holds."""

    id: UUID
    framework: str
    title: str
    version: str
    state: str
    levels: int
    competencies: int
    decided_at: dt.datetime | None


def publish(new: NewFramework, *, by: UUID | None = None, now: dt.datetime | None = None) -> UUID:
    """Drafts, submits and verifies a version in one step; its id. The same content again changes nothing.

    Raises `FrameworkNotConsistent`, `FrameworkVersionExists` and `VersionIsFinal` (rejected or retired).
    """
    now = now or timezone.now()
    with transaction.atomic():
        version = draft(new, now=now)
        state = FrameworkVersion.objects.values_list("state", flat=True).get(id=version)
        if state == State.DRAFT:
            submit(version)
            state = State.UNDER_REVIEW
        if state == State.UNDER_REVIEW:
            verify(version, by=by, now=now)
        elif state != State.VERIFIED:
            raise VersionIsFinal(f"This version is {state}. Publish it under a new version.")
    return version


def submit(version: UUID) -> None:
    """Draft to under review. Raises `VersionIsFinal`."""
    _move(version, State.UNDER_REVIEW)


def verify(version: UUID, *, by: UUID | None, now: dt.datetime) -> None:
    """Under review to verified: from now on nothing in it changes. Raises `VersionIsFinal`."""
    _move(version, State.VERIFIED, decided_at=now, decided_by=by)


def reject(version: UUID, *, by: UUID | None, now: dt.datetime) -> None:
    """Draft or under review to rejected. Raises `VersionIsFinal`."""
    _move(version, State.REJECTED, decided_at=now, decided_by=by)


def retire(version: UUID, *, now: dt.datetime) -> None:
    """Verified to retired: it stays readable and is no longer current. Raises `VersionIsFinal`."""
    _move(version, State.RETIRED, retired_at=now)


def set_cuts(
    competency: UUID, *, cuts: Sequence[float], study: str, since: dt.date, now: dt.datetime
) -> int:
    """Cut scores of a standard-setting study, from `since` on; how many rows were new.

    Statements use them from that day; estimates from ratings use them with the next calibration set.
    Raises `UnknownCompetency` and `FrameworkNotConsistent`.
    """
    found = competencies(ids=[competency])
    if not found:
        raise UnknownCompetency("There is no such competency. Check the framework.")
    drafts.check_cuts(found[0].key, cuts, len(found[0].levels))
    return drafts.write_cuts([(competency, cuts, study)], since=since, now=now)


def versions() -> list[VersionCard]:
    """Every version of every framework, by framework, oldest first."""
    found = FrameworkVersion.objects.select_related("framework").prefetch_related("levels", "competencies")
    return [
        VersionCard(
            v.id, v.framework.key, v.framework.title, v.version, v.state, len(v.levels.all()),
            len(v.competencies.all()), v.decided_at,
        )
        for v in found.order_by("framework__key", "drafted_at")
    ]


def by_key(key: str, *, framework: str | None = None, language: str = "en") -> CompetencyCard:
    """The competency of this key in the current verified version.

    Raises `UnknownCompetency`; `SeveralCompetencies` if two frameworks have it and none was named.
    """
    found = competencies(keys=[key], framework=framework, language=language)
    if not found:
        raise UnknownCompetency(f"No verified framework has a competency '{key}'.")
    if len(found) > 1:
        names = ", ".join(card.framework for card in found)
        raise SeveralCompetencies(f"'{key}' stands in {names}. Name the framework.")
    return found[0]


def competencies(
    *,
    keys: Iterable[str] | None = None,
    ids: Iterable[UUID] | None = None,
    framework: str | None = None,
    language: str = "en",
    on: dt.date | None = None,
) -> list[CompetencyCard]:
    """Competencies in framework order: by id from any version, else from the current verified versions.

    `on`: with the cut scores of that day; None: with the latest.
    """
    query = Competency.objects.select_related("version__framework").order_by("version__framework__key", "number")
    if ids is not None:
        query = query.filter(id__in=list(ids))
    else:
        query = query.filter(version_id__in=_current())
    if keys is not None:
        query = query.filter(key__in=list(keys))
    if framework is not None:
        query = query.filter(version__framework__key=framework)
    return _cards(list(query), language, on)


def cuts_of(competencies: Iterable[UUID], *, on: dt.date | None = None) -> dict[UUID, tuple[float, ...]]:
    """competency -> cut scores from level 1 up, in force on the day (None: latest; before the first: the first)."""
    return {key: cuts for key, (cuts, _) in _cuts(list(competencies), on).items()}


def _current() -> QuerySet[FrameworkVersion, UUID]:
    verified = FrameworkVersion.objects.filter(state=State.VERIFIED)
    latest = verified.order_by("framework_id", "-decided_at", "-id").distinct("framework_id")
    return latest.values_list("id", flat=True)


def _move(version: UUID, state: str, **stamps: object) -> None:
    sources = [source for source, targets in _NEXT.items() if state in targets]
    moved = FrameworkVersion.objects.filter(id=version, state__in=sources).update(state=state, **stamps)
    if not moved:
        now_is = FrameworkVersion.objects.filter(id=version).values_list("state", flat=True).first()
        raise VersionIsFinal(
            f"The version is {now_is or 'unknown'} and cannot become {state}. Draft a new version instead."
        )


def _cuts(
    competencies: list[UUID], on: dt.date | None
) -> dict[UUID, tuple[tuple[float, ...], str]]:
    """competency -> cuts in force, and the study they come from."""
    studies: dict[UUID, dict[dt.date, list[CutScore]]] = defaultdict(lambda: defaultdict(list))
    for cut in CutScore.objects.filter(competency_id__in=competencies).order_by("number"):
        studies[cut.competency_id][cut.since].append(cut)
    found = {}
    for competency, dated in studies.items():
        past = [day for day in dated if on is None or day <= on]
        rows = dated[max(past) if past else min(dated)]
        found[competency] = tuple(row.theta for row in rows), rows[0].study
    return found


def _cards(rows: list[Competency], language: str, on: dt.date | None) -> list[CompetencyCard]:
    names: dict[UUID, list[Level]] = defaultdict(list)
    for level in Level.objects.filter(version_id__in={row.version_id for row in rows}).order_by("number"):
        names[level.version_id].append(level)
    described = {
        (d.competency_id, d.number): d for d in CompetencyLevel.objects.filter(competency__in=[r.id for r in rows])
    }
    cuts = _cuts([row.id for row in rows], on)
    objects = [r.id for r in rows] + [d.id for d in described.values()]
    objects += [level.id for levels in names.values() for level in levels]
    said = translations.read(objects, language=language)
    cards = []
    for row in rows:
        thetas, study = cuts[row.id]
        levels = []
        for level, cut in zip(names[row.version_id], thetas, strict=True):
            d = described.get((row.id, level.number))
            text = said.get(d.id, "text", d.text) if d else ""
            levels.append(LevelCard(level.number, said.get(level.id, "name", level.name), text, cut))
        name, about = said.get(row.id, "name", row.name), said.get(row.id, "about", row.about)
        cards.append(
            CompetencyCard(
                row.id, row.key, row.kind, name, about, row.version.framework.key, tuple(levels), thetas, study
            )
        )
    return cards
