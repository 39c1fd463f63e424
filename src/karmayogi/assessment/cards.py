"""Sittings as rows: one's own, where they stand, and as lists show them. Private to the room but for the cards."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from karmayogi.assessment import blueprints
from karmayogi.assessment.blueprints import BlueprintCard
from karmayogi.assessment.endings import State
from karmayogi.assessment.models import Ending, Sitting


class NoSuchSitting(LookupError):
    """The sitting is not there, or is another person's; the two are not told apart."""


@dataclass(frozen=True)
class SittingCard:
    """A sitting as lists show it."""

    id: UUID
    person: UUID
    competency: UUID
    supervised: bool
    state: State
    asked: int | None
    started_at: dt.datetime
    deadline: dt.datetime
    ended_at: dt.datetime | None


def of(person: UUID, *, competencies: Iterable[UUID] | None = None) -> list[SittingCard]:
    """The person's sittings, latest first."""
    query = Sitting.objects.filter(person_id=person).select_related("ending").order_by("-started_at")
    if competencies is not None:
        query = query.filter(competency_id__in=list(competencies))
    return [card(row) for row in query]


def own(sitting: UUID, person: UUID) -> Sitting:
    """The person's sitting, with its ending if it has one; raises `NoSuchSitting`."""
    row = Sitting.objects.select_related("ending").filter(id=sitting, person_id=person).first()
    if row is None:
        raise NoSuchSitting(_("There is no such check among your own."))
    return row


def state(row: Sitting) -> State:
    """Where the sitting stands, by the ending that was read with it."""
    return State(row.ending.state) if hasattr(row, "ending") else State.OPEN


def plan(row: Sitting) -> BlueprintCard:
    """How the sitting is put together; raises `NoSuchSitting` for one taken elsewhere."""
    if row.blueprint_id is None:
        raise NoSuchSitting(_("This sitting was taken elsewhere; it has no questions here."))
    return blueprints.by_id(row.blueprint_id)


def card(row: Sitting) -> SittingCard:
    """The sitting as lists show it, by the ending that was read with it."""
    ending: Ending | None = getattr(row, "ending", None)
    return SittingCard(
        id=row.id,
        person=row.person_id,
        competency=row.competency_id,
        supervised=row.supervised,
        state=state(row),
        asked=ending.asked if ending else None,
        started_at=row.started_at,
        deadline=row.deadline,
        ended_at=ending.at if ending else None,
    )
