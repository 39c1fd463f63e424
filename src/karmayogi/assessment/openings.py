"""What a sitting fixes when it begins: plan, pool, parameters, prior, seed, and what would decide it."""

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from karmayogi.assessment import blueprints, publications, selection
from karmayogi.assessment.blueprints import NoCheckYet
from karmayogi.assessment.models import Ending, Sitting
from karmayogi.assessment.selection import Bank, Start
from karmayogi.competency import calibrations, frameworks, gaps, profile
from karmayogi.competency.calibrations import CalibrationSet
from karmayogi.institutions import assignments
from karmayogi.policy import rules
from karmayogi.registry import ids

RULES = ("assessment.retake_days", "evidence.sure", "evidence.least_information", "evidence.drift")


class TooSoonToRetake(Exception):
    """The check of this competency was sat not long ago; `on` is the first day it may be sat again."""

    status = 409

    def __init__(self, on: dt.date) -> None:
        self.on = on
        says = _("You have taken this check recently. You can take it again from {day}.")
        super().__init__(says.format(day=date_format(on, "j F Y")))


def open(person: UUID, *, competency: UUID, kind: str, supervised: bool, now: dt.datetime) -> Sitting:
    """A new sitting without its first question. Raises `NoCheckYet` and `TooSoonToRetake`."""
    on = timezone.localdate(now)
    standing = assignments.standing([person], on=on).get(person)
    found = rules.values(RULES, body=standing.body if standing else None, on=on)
    told = {key: rule.value for key, rule in found.items()}
    _refuse_too_soon(person, competency, days=int(told["assessment.retake_days"]), on=on)
    plan = blueprints.current(competency, kind=kind, supervised=supervised)
    pool = publications.current_of(competency)
    published = calibrations.current()
    mean, sd = _prior(person, competency, published, told["evidence.drift"], now=now)
    key = ids.new()
    sitting = Sitting(
        id=key,
        person_id=person,
        competency_id=competency,
        blueprint_id=plan.id,
        pool_version_id=pool.id,
        calibration_set=published.number,
        supervised=supervised,
        seed=selection.seed(plan.salt, person, key),
        prior_mean=mean,
        prior_sd=sd,
        cut=_cut(person, competency, on=on),
        sure=float(told["evidence.sure"]),
        least_information=float(told["evidence.least_information"]),
        started_at=now,
        deadline=now + dt.timedelta(minutes=plan.minutes),
    )
    if not bank(sitting).versions:
        raise NoCheckYet(
            _("The questions of this check are not calibrated yet. Choose another way to show this.")
        )
    sitting.save(force_insert=True)
    return sitting


def bank(sitting: Sitting) -> Bank:
    """The items a sitting may ask, with the parameters of its calibration set."""
    if sitting.blueprint_id is None or sitting.calibration_set is None:
        raise NoCheckYet(_("This sitting was taken elsewhere; it has no questions here."))
    return _bank(sitting.pool_version_id, sitting.calibration_set, sitting.blueprint_id)


def start(sitting: Sitting) -> Start:
    """What the sitting fixed, as selection needs it."""
    return Start(
        seed=sitting.seed,
        mean=sitting.prior_mean or 0.0,
        sd=sitting.prior_sd or 1.0,
        cut=sitting.cut,
        sure=sitting.sure or 1.0,
        least_information=sitting.least_information or 0.0,
    )


@lru_cache(maxsize=256)
def _bank(pool_version: UUID, number: int, blueprint: UUID) -> Bank:
    """All three are immutable, so that a process reads each bank once."""
    pool, plan = publications.by_id(pool_version), blueprints.by_id(blueprint)
    found = calibrations.parameters(calibrations.numbered([number])[number], items=pool.items)
    return selection.bank(pool.items, pool.areas, plan.areas, {key: (p.a, p.b) for key, p in found.items()})


def _refuse_too_soon(person: UUID, competency: UUID, *, days: int, on: dt.date) -> None:
    ended = Ending.objects.filter(sitting__person_id=person, sitting__competency_id=competency)
    last = ended.aggregate(last=Max("at"))["last"]
    if last is not None and on < (again := timezone.localdate(last) + dt.timedelta(days=days)):
        raise TooSoonToRetake(again)


def _prior(
    person: UUID, competency: UUID, published: CalibrationSet, drift: Mapping[str, Any], *, now: dt.datetime
) -> tuple[float, float]:
    """The stored estimate as time has made it, else the calibrated cohort, else the cohort by rule."""
    known = profile.of([person], competencies=[competency]).get(person, {}).get(competency)
    if known is not None:
        (aged,) = profile.aged([known], at=now)
        return aged.mean, aged.sd
    if competency in published.cohorts:
        return published.cohorts[competency]
    (card,) = frameworks.competencies(ids=[competency])
    return float(drift[card.kind].get("mean", 0.0)), float(drift[card.kind]["sd"])


def _cut(person: UUID, competency: UUID, *, on: dt.date) -> float | None:
    """The cut score of what the person's post requires, if it requires this competency."""
    return next(
        (gap.cut for gap in gaps.of([person], on=on).get(person, []) if gap.competency == competency), None
    )
