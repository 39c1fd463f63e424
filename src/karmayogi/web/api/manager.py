"""For training managers: the needs of a body, and one official of it after a reason was given."""

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from pydantic import Field

from karmayogi.competency import gaps
from karmayogi.institutions.bodies import BodyCard
from karmayogi.institutions.proposals import SHORTEST
from karmayogi.institutions.roles import Audience
from karmayogi.monitoring import needs as counted
from karmayogi.web import opening
from karmayogi.web.api import shapes
from karmayogi.web.api.operations import operation
from karmayogi.web.api.shapes import Code, Official, Shape, Wanted
from karmayogi.web.pages.manager import reached_body, reached_official
from karmayogi.web.problems import Unreadable
from karmayogi.web.routes import Data, Scope

LONGEST = 500


class Need(Shape):
    """One competency over the officials of a body whose posts require it."""

    competency_id: UUID
    competency_name: str
    officials_required: int
    officials_met: int
    officials_below: int
    officials_unsure: int


class Needs(Shape):
    """The needs of a body and all under it, most often below first; `as_of` is null before a publication."""

    body_code: str
    body_name: str
    as_of: dt.datetime | None
    posts_sanctioned: int
    posts_filled: int
    posts_vacant: int
    needs: list[Need]


class Purpose(Wanted):
    """Why a record is opened; a sentence may stand beside it."""

    purpose: Literal["training", "posting", "question", "appraisal", "audit"]
    reason: Annotated[str, Field(max_length=LONGEST, pattern=r"^[^\x00]*$")] = ""


class OtherPurpose(Wanted):
    """Another reason; it needs a sentence."""

    purpose: Literal["other"]
    reason: Annotated[str, Field(pattern=rf"^[^\x00\s][^\x00]{{{SHORTEST - 2},{LONGEST - 2}}}[^\x00\s]$")]


Why = Annotated[Purpose | OtherPurpose, Field(discriminator="purpose")]


class Opened(Shape):
    """The record may be read in this session until then; every look is written down with the reason."""

    person_id: UUID
    purpose: str
    open_until: dt.datetime


@operation(
    "GET", "bodies/{str:code}/needs", Audience.MANAGER, name="api-needs", answers=Needs,
    scope=Scope.TREE, data=Data.COMPETENCY, subject=reached_body,
)  # fmt: skip
def needs(request: Any, code: Code) -> Needs:
    """What the posts of a body need, and how its officials stood at the last publication."""
    body: BodyCard = request.subject
    found = counted.of(body, language=get_language() or "en")
    return Needs(
        body_code=body.code,
        body_name=body.name,
        as_of=found.as_of,
        posts_sanctioned=found.sanctioned,
        posts_filled=found.filled,
        posts_vacant=found.vacant,
        needs=[
            Need(
                competency_id=row.competency,
                competency_name=row.name,
                officials_required=row.required,
                officials_met=row.met,
                officials_below=row.below,
                officials_unsure=row.unsure,
            )
            for row in found.rows
        ],
    )


@operation(
    "GET", "officials/{uuid:person}", Audience.MANAGER, name="api-official", answers=Official,
    scope=Scope.TREE, data=Data.COMPETENCY, subject=reached_official, opens=opening.GIVEN,
)  # fmt: skip
def official(request: Any, person: UUID) -> Official:
    """One official of my bodies, requirement by requirement.

    Give the reason first (`api-official-reason`); without one the answer is 428. The official sees every look.
    """
    found = gaps.of_standings([request.subject], on=request.reach.on, language=get_language() or "en")
    return shapes.official(request.subject, found.get(person, []))


@operation(
    "POST", "officials/{uuid:person}/reason", Audience.MANAGER, name="api-official-reason", answers={201: Opened},
    scope=Scope.TREE, data=Data.SERVICE, subject=reached_official,
)  # fmt: skip
def give_reason(request: Any, person: UUID, why: Why) -> Opened:
    """Give the reason why I open an official's record; it counts for this session and this person."""
    until = opening.give(request, person, purpose=why.purpose, reason=why.reason)
    if until is None:
        raise Unreadable(
            _("Choose a purpose. For another reason write a sentence. The record was not opened.")
        )
    return Opened(person_id=person, purpose=why.purpose, open_until=until)
