"""Shapes that several audiences are answered in. Units stand in the names; a share lies between 0 and 1."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Annotated, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from karmayogi.competency.gaps import Gap
from karmayogi.institutions.assignments import Standing

T = TypeVar("T")
K = TypeVar("K")
Share = Annotated[float, Field(ge=0, le=1)]
Cursor = Annotated[
    str, Field(pattern=r"^[^\x00-\x1f\x7f]{0,200}$", description="`next_cursor` of the page before")
]
Size = Annotated[int, Field(ge=1, le=100, description="How many items at most")]
Code = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,120}$")]
Statement = Annotated[Literal["met", "below", "unsure"], Field(description="Met, Below, or Not sure yet")]
A_PAGE = 50


class Shape(BaseModel):
    """What is answered: every field is always there."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


class Wanted(BaseModel):
    """What is sent: a field that is not known is refused, so that a slip of the pen is not taken for silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Page(Shape, Generic[T]):
    """A bounded part of a list. `next_cursor` is null on the last page."""

    items: list[T]
    next_cursor: str | None


class Requirement(Shape):
    """What a post requires against what the evidence says.

    Logits lie on the scale on which ability and the cut of the level are estimated; levels on the scale of the
    competency, with the bounds of the 90 % interval. `chance_met` is the chance that the ability reaches the cut.
    """

    competency_id: UUID
    competency_key: str
    competency_name: str
    kind: str
    essential: bool
    level_required: int
    levels_on_scale: int
    statement: Statement
    level_estimate: float | None
    level_low: float | None
    level_high: float | None
    mean_logits: float | None
    sd_logits: float | None
    cut_logits: float
    chance_met: Share
    evidence_changes_on: dt.date | None


class Assignment(Shape):
    """Where an official stands today."""

    body_code: str
    body_name: str
    designation: str
    position_key: str
    since: dt.date


class Official(Shape):
    """An official with the requirements of the post they hold."""

    person_id: UUID
    name: str
    assignment: Assignment
    requirements: list[Requirement]


def requirement(gap: Gap) -> Requirement:
    """The gap as it is answered; without any evidence there is no estimate to tell."""
    known = gap.information > 0
    return Requirement(
        competency_id=gap.competency,
        competency_key=gap.key,
        competency_name=gap.name,
        kind=gap.kind,
        essential=gap.essential,
        level_required=gap.level,
        levels_on_scale=gap.levels,
        statement=str(gap.statement),  # type: ignore[arg-type]
        level_estimate=gap.value if known else None,
        level_low=gap.low if known else None,
        level_high=gap.high if known else None,
        mean_logits=gap.mean if known else None,
        sd_logits=gap.sd if known else None,
        cut_logits=gap.cut,
        chance_met=gap.chance,
        evidence_changes_on=gap.changes_on,
    )


def assignment(standing: Standing) -> Assignment:
    """Where somebody stands, as it is answered."""
    return Assignment(
        body_code=standing.body_code,
        body_name=standing.body_name,
        designation=standing.designation,
        position_key=standing.position,
        since=standing.since,
    )


def official(standing: Standing, gaps: Iterable[Gap]) -> Official:
    """Somebody with their requirements, as it is answered."""
    return Official(
        person_id=standing.person,
        name=standing.name,
        assignment=assignment(standing),
        requirements=[requirement(gap) for gap in gaps],
    )


def cut(
    items: Iterable[K], *, key: Callable[[K], str], made: Callable[[K], T], cursor: str, limit: int
) -> Page[T]:
    """A page of a list that is at hand, in the order of `key`, after the item whose key the cursor is."""
    ordered = sorted((item for item in items if key(item) > cursor), key=key)
    more = key(ordered[limit - 1]) if len(ordered) > limit else None
    return Page[T](items=[made(item) for item in ordered[:limit]], next_cursor=more)
