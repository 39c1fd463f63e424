"""For supervisors: the team of today, one member, and what was seen at work."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import get_language
from pydantic import Field

from karmayogi.competency import gaps
from karmayogi.competency.evidence import LevelNotOnScale
from karmayogi.competency.gaps import Gap
from karmayogi.institutions.assignments import Standing
from karmayogi.institutions.roles import Audience
from karmayogi.journeys import observations
from karmayogi.web.api import shapes
from karmayogi.web.api.operations import operation
from karmayogi.web.api.shapes import A_PAGE, Assignment, Cursor, Official, Page, Shape, Size, Wanted
from karmayogi.web.pages.supervisor import own_member, own_team
from karmayogi.web.routes import Data, Scope


class OffScale(Exception):
    """The competency has fewer levels than the one named; `levels_on_scale` of the requirement says how many."""

    status = 409


class Member(Shape):
    """A member of the team, and how many requirements of their post are met, below, and not sure yet."""

    person_id: UUID
    name: str
    assignment: Assignment
    requirements_met: int
    requirements_below: int
    requirements_unsure: int


class Seen(Wanted):
    """What was seen. `level`: 0 where it is not yet at level 1."""

    competency_key: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,80}$")]
    level: Annotated[int, Field(ge=0, le=9)]


class Observation(Shape):
    """An observation as it was kept; the official can see it and answer it."""

    person_id: UUID
    competency_key: str
    level: int
    observed_at: dt.datetime


@operation(
    "GET", "team", Audience.SUPERVISOR, name="api-team", answers=Page[Member],
    scope=Scope.TEAM, data=Data.COMPETENCY, subject=own_team,
)  # fmt: skip
def team(request: Any, cursor: Cursor = "", limit: Size = A_PAGE) -> Page[Member]:
    """My team today, by the ids of its members."""
    standings: list[Standing] = request.subject
    measured = gaps.of_standings(standings, on=request.reach.on, language=get_language() or "en")
    return shapes.cut(
        standings,
        key=lambda s: str(s.person),
        made=lambda s: _member(s, measured.get(s.person, [])),
        cursor=cursor,
        limit=limit,
    )


@operation(
    "GET", "team/{uuid:person}", Audience.SUPERVISOR, name="api-member", answers=Official,
    scope=Scope.TEAM, data=Data.COMPETENCY, subject=own_member,
)  # fmt: skip
def member(request: Any, person: UUID) -> Official:
    """One member of my team, requirement by requirement."""
    standing: Standing = request.subject
    found = gaps.of_standings([standing], on=request.reach.on, language=get_language() or "en")
    return shapes.official(standing, found.get(person, []))


@operation(
    "POST", "team/{uuid:person}/observations", Audience.SUPERVISOR, name="api-observe", answers={201: Observation},
    scope=Scope.TEAM, data=Data.COMPETENCY, subject=own_member,
)  # fmt: skip
def observe(request: Any, person: UUID, seen: Seen) -> Observation:
    """Keep what I saw of a member's work; their level is worked out anew at once.

    One observation of a competency a day: the same again changes nothing, another level is refused with 409.
    """
    now = timezone.now()
    try:
        observations.keep(
            request.subject,
            by=request.reach.actor,
            competency=seen.competency_key,
            level=seen.level,
            now=now,
            language=get_language() or "en",
        )
    except LevelNotOnScale as stop:
        raise OffScale(str(stop)) from stop
    return Observation(
        person_id=person, competency_key=seen.competency_key, level=seen.level, observed_at=now
    )


def _member(standing: Standing, found: list[Gap]) -> Member:
    counted = gaps.counts(found)
    return Member(
        person_id=standing.person,
        name=standing.name,
        assignment=shapes.assignment(standing),
        requirements_met=counted.met,
        requirements_below=counted.below,
        requirements_unsure=counted.unsure,
    )
