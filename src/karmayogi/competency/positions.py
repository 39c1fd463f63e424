"""Positions: what a post is for, as roles, activities and the competencies they need, dated and by order."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from karmayogi.competency import frameworks, sql
from karmayogi.competency.drafts import Words, content_hash, english, texts_of
from karmayogi.competency.models import Activity, Position, PositionVersion, Role
from karmayogi.competency.models import Requirement as RequirementRow
from karmayogi.registry import bulk, ids, translations
from karmayogi.registry.translations import Text


class UnknownPosition(LookupError):
    """No position of this key is described on the day."""


class PositionDescribedLater(Exception):
    """A description of the position begins later than the new one; give the new one a later day."""

    status = 409


class RequirementNotOnScale(ValueError):
    """A position asks for a competency or a level that the framework does not have."""

    status = 400


@dataclass(frozen=True)
class NewRequirement:
    """A competency, by key, at a level. `weight`: how much it counts beside the others, above 0."""

    competency: str
    level: int
    essential: bool = True
    weight: float = 1.0


@dataclass(frozen=True)
class NewActivity:
    """Something the holder does, and what it takes."""

    title: Words
    requirements: Sequence[NewRequirement]


@dataclass(frozen=True)
class NewRole:
    """A coherent set of activities."""

    title: Words
    activities: Sequence[NewActivity]


@dataclass(frozen=True)
class NewPosition:
    """The description of a position, whole."""

    key: str
    title: Words
    roles: Sequence[NewRole]
    family: str = ""


@dataclass(frozen=True)
class Requirement:
    """What a position needs of a competency: the highest level over its activities, and its cut in logits.

    `cuts` and `scale`: cut and name of every level from 1 up. `cohort`: mean and sd in logits that the latest
    calibration set gives for the competency; None if it gives none.
    """

    position: str
    competency: UUID
    level: int
    essential: bool
    weight: float
    cut: float
    name: str
    key: str = ""
    kind: str = ""
    cuts: tuple[float, ...] = ()
    scale: tuple[str, ...] = ()
    cohort: tuple[float, float] | None = None


@dataclass(frozen=True)
class PositionCard:
    """A position as lists show it. In force on `[since, until)`."""

    key: str
    title: str
    family: str
    since: dt.date
    until: dt.date | None
    order_no: str


@dataclass(frozen=True)
class ActivityCard:
    """An activity with its requirements."""

    title: str
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True)
class RoleCard:
    """A role with its activities."""

    title: str
    activities: tuple[ActivityCard, ...]


def define(positions: Iterable[NewPosition], *, framework: str, order_no: str, since: dt.date) -> int:
    """Describes positions from `since` on and returns how many changed; a former description ends that day.

    Competencies are keys of the framework's current version. Raises `RequirementNotOnScale` and
    `PositionDescribedLater`.
    """
    wanted = {p.key: p for p in positions}
    cards = {card.key: card for card in frameworks.competencies(framework=framework)}
    contents = {key: _content(p, cards) for key, p in wanted.items()}
    with transaction.atomic():
        bulk.load(Position, ["id", "key"], [(ids.new(), key) for key in wanted])
        known = dict(Position.objects.filter(key__in=list(wanted)).values_list("key", "id"))
        same = set(
            PositionVersion.objects.filter(
                position__key__in=list(wanted), during__contains=since
            ).values_list("position__key", "content")
        )
        changed = [p for key, p in wanted.items() if (key, contents[key]) not in same]
        _close([known[p.key] for p in changed], since)
        written = [(ids.new(), p) for p in changed]
        inserted = bulk.load(
            PositionVersion,
            ["id", "position_id", "title", "family", "content", "during", "order_no"],
            [
                (i, known[p.key], english(p.title), p.family, contents[p.key], f"[{since},)", order_no)
                for i, p in written
            ],
        )
        if inserted < len(written):
            raise PositionDescribedLater(
                f"A position of this order is described from a day after {since:%d.%m.%Y}. Give it a later day."
            )
        _write_tree(written, {key: card.id for key, card in cards.items()})
    return len(changed)


def requirements_of(
    positions: Iterable[str], *, on: dt.date, language: str = "en"
) -> dict[str, list[Requirement]]:
    """position key -> what it needs on the day, highest level per competency, in framework order."""
    found: dict[str, list[Requirement]] = defaultdict(list)
    for row in _fetch(sql.REQUIREMENTS, {"keys": sorted(set(positions)), "on": on, "language": language}):
        found[row[0]].append(requirement(*row))
    return dict(found)


def requirement(
    position: str,
    level: int,
    essential: bool,
    weight: float,
    competency: UUID,
    key: str,
    kind: str,
    name: str,
    cuts: Sequence[float],
    scale: Sequence[str],
    mean: float | None,
    sd: float | None,
) -> Requirement:
    """A requirement from the columns of the room's statements."""
    cohort = None if mean is None or sd is None else (mean, sd)
    cut = cuts[level - 1]
    return Requirement(
        position,
        competency,
        level,
        essential,
        weight,
        cut,
        name,
        key,
        kind,
        tuple(cuts),
        tuple(scale),
        cohort,
    )


def cards(
    keys: Iterable[str] | None = None, *, on: dt.date | None = None, language: str = "en"
) -> dict[str, PositionCard]:
    """key -> position, for those described on the day (None: the latest description); all if no keys are named."""
    query = PositionVersion.objects.select_related("position").order_by("position__key", "during")
    query = query.filter(during__isempty=False)
    if keys is not None:
        query = query.filter(position__key__in=list(keys))
    if on is not None:
        query = query.filter(during__contains=on)
    rows = list(query)
    said = translations.read([row.id for row in rows], language=language)
    return {
        row.position.key: PositionCard(
            row.position.key,
            said.get(row.id, "title", row.title),
            row.family,
            row.during.lower,
            row.during.upper,
            row.order_no,
        )
        for row in rows
    }


def tree(key: str, *, on: dt.date, language: str = "en") -> tuple[RoleCard, ...]:
    """The roles of a position on the day, with activities and requirements. Raises `UnknownPosition`."""
    rows = _fetch(sql.TREE, {"key": key, "on": on})
    if not rows:
        says = _("The position {key} is not described on {day}.")
        raise UnknownPosition(says.format(key=key, day=date_format(on, "j F Y")))
    cards = {
        c.id: c for c in frameworks.competencies(ids={r[4] for r in rows if r[4]}, language=language, on=on)
    }
    said = translations.read({r[0] for r in rows} | {r[2] for r in rows if r[2]}, language=language)
    roles: dict[UUID, dict[UUID, list[Requirement]]] = {}
    titles: dict[UUID, str] = {}
    for role, role_title, activity, activity_title, competency, level, essential, weight in rows:
        activities = roles.setdefault(role, {})
        titles[role] = said.get(role, "title", role_title)
        if activity is None:
            continue
        titles[activity] = said.get(activity, "title", activity_title)
        needs = activities.setdefault(activity, [])
        if competency is not None:
            needs.append(_requirement(key, cards[competency], level, essential, weight))
    return tuple(
        RoleCard(
            titles[role], tuple(ActivityCard(titles[a], tuple(needs)) for a, needs in activities.items())
        )
        for role, activities in roles.items()
    )


def _requirement(
    position: str, card: frameworks.CompetencyCard, level: int, essential: bool, weight: float
) -> Requirement:
    cut = card.cuts[level - 1]
    return Requirement(
        position, card.id, level, essential, weight, cut, card.name, card.key, card.kind, card.cuts
    )


def _content(position: NewPosition, cards: dict[str, frameworks.CompetencyCard]) -> str:
    for role in position.roles:
        for need in (n for activity in role.activities for n in activity.requirements):
            card = cards.get(need.competency)
            if card is None or not 1 <= need.level <= len(card.levels):
                raise RequirementNotOnScale(
                    f"{position.key} asks for {need.competency} at level {need.level}, which the framework lacks."
                )
    named = sorted(
        {str(cards[n.competency].id) for r in position.roles for a in r.activities for n in a.requirements}
    )
    return content_hash([asdict(position), named])


def _close(positions: list[UUID], since: dt.date) -> None:
    with connection.cursor() as cursor:
        # a description that began on this very day never held: it goes with what hangs on it
        cursor.execute(
            "UPDATE competency_positionversion SET during = daterange(lower(during), %s)"
            " WHERE position_id = ANY(%s) AND during @> %s::date",
            [since, positions, since],
        )


def _write_tree(written: list[tuple[UUID, NewPosition]], competencies: dict[str, UUID]) -> None:
    roles: list[tuple[Any, ...]] = []
    activities: list[tuple[Any, ...]] = []
    needs: list[tuple[Any, ...]] = []
    texts: list[Text] = []
    for version, position in written:
        texts += texts_of(version, "title", position.title)
        for r, role in enumerate(position.roles):
            role_id = ids.new()
            roles.append((role_id, version, r, english(role.title)))
            texts += texts_of(role_id, "title", role.title)
            for a, activity in enumerate(role.activities):
                activity_id = ids.new()
                activities.append((activity_id, role_id, a, english(activity.title)))
                texts += texts_of(activity_id, "title", activity.title)
                needs += [
                    (ids.new(), activity_id, competencies[n.competency], n.level, n.essential, n.weight)
                    for n in activity.requirements
                ]
    bulk.load(Role, ["id", "version_id", "number", "title"], roles)
    bulk.load(Activity, ["id", "role_id", "number", "title"], activities)
    bulk.load(RequirementRow, ["id", "activity_id", "competency_id", "level", "essential", "weight"], needs)
    translations.put(texts)


def _fetch(query: str, arguments: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, arguments)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
