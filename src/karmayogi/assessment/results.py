"""The result of a sitting: what was known of the competency when it began, and what is known since it ended."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Case, F, When
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from karmayogi.assessment import cards
from karmayogi.assessment.cards import NoSuchSitting, SittingCard
from karmayogi.assessment.endings import State
from karmayogi.assessment.models import Sitting
from karmayogi.competency import profile
from karmayogi.competency.estimates import Estimate


class SittingStillOpen(Exception):
    """The sitting has not ended, so it has no result."""

    status = 409


@dataclass(frozen=True)
class Result:
    """What a sitting changed: the estimates when it began and when it was recorded (of a supervised one: now).

    `before`: as time had made it by then, with information 0 where nothing was known. `after`: None where nothing was
    answered.
    """

    card: SittingCard
    before: Estimate
    after: Estimate | None
    asked: int
    finished_at: dt.datetime


def result(sitting: UUID, *, person: UUID) -> Result:
    """What is known of the competency before and after the person's sitting.

    Raises `NoSuchSitting`, `SittingStillOpen`.
    """
    until: Any = Case(When(supervised=True, then=Now()), default=F("ending__recorded_at"))
    known = {"known": profile.stood("started_at"), "learnt": profile.stood("until")}
    rows = Sitting.objects.select_related("ending").annotate(until=until).annotate(**known)
    found: Any = rows.filter(id=sitting, person_id=person).first()
    if found is None:
        raise NoSuchSitting(_("There is no such check among your own."))
    card = cards.card(found)
    if card.state is State.OPEN:
        raise SittingStillOpen(
            _("This check is still open. Answer the current question, or end the check first.")
        )
    after = profile.told(found.learnt) if found.learnt else None
    return Result(card, _before(found), after, found.ending.asked, found.ending.at)


def _before(row: Any) -> Estimate:
    """What was believed at the start: of a sitting of this house, what it began from."""
    known = profile.told(row.known) if row.known else None
    if row.prior_mean is None:
        return profile.aged([known], at=row.started_at)[0] if known else _believed(row, 0.0, 1.0)
    return _believed(row, row.prior_mean, row.prior_sd, known)


def _believed(row: Any, mean: float, sd: float, known: Estimate | None = None) -> Estimate:
    return Estimate(
        person=row.person_id,
        competency=row.competency_id,
        mean=mean,
        sd=sd,
        information=known.information if known else 0.0,
        as_of=row.started_at,
        kinds=known.kinds if known else (),
        changes_on=known.changes_on if known else None,
        calibration=known.calibration if known else 0,
    )
