"""The result of a sitting: what was known of the competency when it began, and what is known since it ended."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from karmayogi.assessment import cards
from karmayogi.assessment.endings import State
from karmayogi.assessment.models import Sitting
from karmayogi.competency import profile
from karmayogi.competency.profile import Estimate


class SittingStillOpen(Exception):
    """The sitting has not ended, so it has no result."""

    status = 409


@dataclass(frozen=True)
class Result:
    """What a sitting changed: the estimates when it began and when it was recorded (of a supervised one: now).

    `before` has information 0 where nothing was known; `after` is None where nothing was answered.
    """

    competency: UUID
    before: Estimate
    after: Estimate | None
    asked: int
    finished_at: dt.datetime
    state: State


def result(sitting: UUID, *, person: UUID) -> Result:
    """What is known of the competency before and after the sitting; raises `SittingStillOpen`."""
    row = cards.own(sitting, person)
    if cards.state(row) is State.OPEN:
        raise SittingStillOpen(
            _("This check is still open. Answer the current question, or end the check first.")
        )
    competency, ending = row.competency_id, row.ending
    before = profile.as_of([person], at=row.started_at).get(person, {}).get(competency)
    stood = profile.of([person]) if row.supervised else profile.as_of([person], at=ending.recorded_at)
    after = stood.get(person, {}).get(competency)
    return Result(competency, before or _cohort(row), after, ending.asked, ending.at, State(ending.state))


def _cohort(row: Sitting) -> Estimate:
    """What was believed at the start, where nothing was known of the person."""
    return Estimate(
        person=row.person_id,
        competency=row.competency_id,
        mean=row.prior_mean or 0.0,
        sd=row.prior_sd or 1.0,
        information=0.0,
        as_of=row.started_at,
        kinds=(),
    )
