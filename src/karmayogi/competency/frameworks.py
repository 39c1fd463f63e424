"""Frameworks: versions with scales of their own, verified once and then final; the competencies in them."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from karmayogi.competency import drafts, sql
from karmayogi.competency.drafts import (
    FrameworkNotConsistent,
    FrameworkVersionExists,
    NewCompetency,
    NewFramework,
    NewLevel,
    Words,
    draft,
)
from karmayogi.competency.models import FrameworkVersion

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
    "names",
    "publish",
    "reject",
    "retire",
    "set_cuts",
    "submit",
    "verify",
    "versions",
]
State = FrameworkVersion.State
LATEST = dt.date.max
"""Asked for on this day, the latest cut scores hold."""
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

    @property
    def scale(self) -> tuple[str, ...]:
        """The names of the levels from 1 up."""
        return tuple(level.name for level in self.levels)


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


def set_cuts(competency: UUID, *, cuts: Sequence[float], study: str, since: dt.date, now: dt.datetime) -> int:
    """Cut scores of a standard-setting study, from `since` on; how many rows were new.

    Statements use them from that day; estimates from ratings use them with the next calibration set.
    Raises `UnknownCompetency` and `FrameworkNotConsistent`.
    """
    found = competencies(ids=[competency])
    if not found:
        raise UnknownCompetency(_("There is no such competency. Check the framework."))
    drafts.check_cuts(found[0].key, cuts, len(found[0].levels))
    return drafts.write_cuts([(competency, cuts, study)], since=since, now=now)


def versions() -> list[VersionCard]:
    """Every version of every framework, by framework, oldest first."""
    found = FrameworkVersion.objects.select_related("framework").prefetch_related("levels", "competencies")
    return [
        VersionCard(
            v.id,
            v.framework.key,
            v.framework.title,
            v.version,
            v.state,
            len(v.levels.all()),
            len(v.competencies.all()),
            v.decided_at,
        )
        for v in found.order_by("framework__key", "drafted_at")
    ]


def by_key(key: str, *, framework: str | None = None, language: str = "en") -> CompetencyCard:
    """The competency of this key in the current verified version.

    Raises `UnknownCompetency`; `SeveralCompetencies` if two frameworks have it and none was named.
    """
    found = competencies(keys=[key], framework=framework, language=language)
    if not found:
        raise UnknownCompetency(_("No verified framework has a competency “{key}”.").format(key=key))
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
    asked = {
        "ids": None if ids is None else list(ids),
        "keys": None if keys is None else list(keys),
        "framework": framework,
        "language": language,
        "on": on or LATEST,
    }
    return [_card(*row) for row in _fetch(sql.CARDS, asked)]


def names(references: Iterable[str], *, language: str = "en") -> dict[str, str]:
    """Name of a competency by each text that refers to it: an id, of any version, or a key of a current version."""
    ids, keys = [], []
    for text in set(references):
        try:
            ids.append(UUID(text))
        except ValueError:
            keys.append(text)
    found: dict[str, str] = {}
    if ids or keys:
        for id, key, name in _fetch(sql.NAMES, {"ids": ids, "keys": keys, "language": language}):
            found |= {str(id): name, key: name}
    return found


def level_names(competency: UUID, level: int, *, language: str) -> tuple[str, str] | None:
    """What a competency of any version and one of its levels are called; open to whoever checks a certificate."""
    asked = {"competency": competency, "level": level, "language": language}
    found = _fetch(sql.LEVEL_NAMES, asked)
    return found[0] if found else None


def cuts_of(competencies: Iterable[UUID], *, on: dt.date | None = None) -> dict[UUID, tuple[float, ...]]:
    """competency -> cut scores from level 1 up, in force on the day (None: latest; before the first: the first)."""
    wanted = list(competencies)
    if not wanted:
        return {}
    found = _fetch(sql.CUTS_OF, {"ids": wanted, "on": on or LATEST})
    return {competency: tuple(cuts) for competency, cuts in found}


def _move(version: UUID, state: str, **stamps: object) -> None:
    sources = [source for source, targets in _NEXT.items() if state in targets]
    moved = FrameworkVersion.objects.filter(id=version, state__in=sources).update(state=state, **stamps)
    if not moved:
        now_is = FrameworkVersion.objects.filter(id=version).values_list("state", flat=True).first()
        raise VersionIsFinal(
            f"The version is {now_is or 'unknown'} and cannot become {state}. Draft a new version instead."
        )


def _card(
    id: UUID,
    key: str,
    kind: str,
    name: str,
    about: str,
    framework: str,
    names: list[str],
    texts: list[str],
    cuts: list[float],
    study: str,
) -> CompetencyCard:
    levels = zip(count(1), names, texts, cuts)
    return CompetencyCard(
        id,
        key,
        kind,
        name,
        about,
        framework,
        tuple(LevelCard(*level) for level in levels),
        tuple(cuts),
        study,
    )


def _fetch(query: str, arguments: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, arguments)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
