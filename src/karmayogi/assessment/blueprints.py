"""Blueprints: how a check is put together, drawn from the rules in force and numbered."""

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from karmayogi.assessment.models import Blueprint
from karmayogi.policy import rules

MINUTES_PER_QUESTION = 2
"""The time a check gives where the rule `assessment.check` names no minutes."""

KINDS = ("adaptive", "fixed")


class NoCheckYet(LookupError):
    """This competency has no check that could be sat."""


@dataclass(frozen=True)
class BlueprintCard:
    """A blueprint as drawn: numbers of questions, precision in logits, share of sittings an item may be used in."""

    id: UUID
    competency: UUID
    kind: str
    number: int
    shortest: int
    longest: int
    precision: float
    exposure_cap: float
    minutes: int
    areas: Mapping[str, float]
    supervised: bool
    salt: str
    order_no: str


def draw(
    competency: UUID,
    *,
    now: dt.datetime,
    kind: str = "adaptive",
    areas: Mapping[str, float] | None = None,
    minutes: int | None = None,
    supervised: bool = False,
    salt: str | None = None,
) -> BlueprintCard:
    """The blueprint by rule `assessment.check` as it stands now; a new number only where something differs.

    `salt` (hexadecimal) is fresh where none is given.
    """
    rule = rules.in_force("assessment.check", on=timezone.localdate(now))
    value = rule.value
    told: dict[str, Any] = {
        "shortest": int(value["shortest"]),
        "longest": int(value["longest"]),
        "precision": float(value["precision"]),
        "exposure_cap": float(value["exposure_cap"]),
        "minutes": minutes or int(value.get("minutes", MINUTES_PER_QUESTION * value["longest"])),
        "areas": dict(areas or {}),
        "order_no": rule.order_no,
    }
    latest = _latest(competency, kind, supervised)
    if (
        latest
        and all(getattr(latest, name) == said for name, said in told.items())
        and salt in (None, latest.salt)
    ):
        return _card(latest)
    return _card(
        Blueprint.objects.create(
            competency_id=competency,
            kind=kind,
            supervised=supervised,
            number=latest.number + 1 if latest else 1,
            salt=salt or secrets.token_hex(32),
            drawn_at=now,
            **told,
        )
    )


def current(competency: UUID, *, kind: str, supervised: bool = False) -> BlueprintCard:
    """The latest blueprint of this kind; raises `NoCheckYet`."""
    found = _latest(competency, kind, supervised)
    if found is None:
        raise NoCheckYet(_("There is no check of this kind for this competency yet."))
    return _card(found)


@lru_cache(maxsize=256)
def by_id(key: UUID) -> BlueprintCard:
    """The blueprint with this id; blueprints never change, so that a process reads each once."""
    return _card(Blueprint.objects.get(id=key))


def _latest(competency: UUID, kind: str, supervised: bool) -> Blueprint | None:
    query = Blueprint.objects.filter(competency_id=competency, kind=kind, supervised=supervised)
    return query.order_by("-number").first()


def _card(row: Blueprint) -> BlueprintCard:
    return BlueprintCard(
        id=row.id,
        competency=row.competency_id,
        kind=row.kind,
        number=row.number,
        shortest=row.shortest,
        longest=row.longest,
        precision=row.precision,
        exposure_cap=row.exposure_cap,
        minutes=row.minutes,
        areas=row.areas,
        supervised=row.supervised,
        salt=row.salt,
        order_no=row.order_no,
    )
