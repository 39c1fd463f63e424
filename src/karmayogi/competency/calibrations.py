"""Calibration sets: numbered, immutable, everything that turns evidence into estimates, bar the rules."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from karmayogi.competency import contents, frameworks
from karmayogi.competency.models import CalibrationSet as Row
from karmayogi.competency.models import Competency, RaterSeverity
from karmayogi.competency.models import ItemParameter as ParameterRow
from karmayogi.registry import bulk, ids, roles
from karmayogi.registry.acting import as_role

_TURNS = 0x63616C69  # any number nobody else locks: two publications at once take turns


@dataclass(frozen=True)
class ItemParameter:
    """Slope `a` and difficulty `b` (logits) of an item version under the two-parameter logistic model."""

    item_version: UUID
    a: float
    b: float


@dataclass(frozen=True)
class CalibrationSet:
    """A set by its number and the hash of its content ("" if it was published before hashes were kept).

    `cohorts`: competency -> (mean, sd); `cuts`: competency -> cuts from level 1 up.
    """

    id: UUID | None
    number: int
    label: str
    order_no: str
    published_at: dt.datetime | None
    cohorts: Mapping[UUID, tuple[float, float]]
    cuts: Mapping[UUID, tuple[float, ...]]
    hash: str = ""


@dataclass(frozen=True)
class Measures:
    """A set with what it says of some items and raters: the parameters known to it, severities in logits."""

    calibration: CalibrationSet
    parameters: Mapping[UUID, ItemParameter]
    severities: Mapping[UUID, float]


NONE_YET = CalibrationSet(None, 0, "none yet", "", None, {}, {})
"""What holds before the first set: no item counts, every rater is neutral."""


def publish(
    parameters: Iterable[ItemParameter],
    *,
    label: str,
    order_no: str,
    now: dt.datetime,
    severities: Mapping[UUID, float] | None = None,
    cohorts: Mapping[UUID, tuple[float, float]] | None = None,
) -> CalibrationSet:
    """Publishes the next set: what is given here, and everything of the former set that is not restated.

    `severities`: rater -> logits. `cohorts`: competency -> mean and sd in logits. The cut scores in force on
    the day of `now` are kept in the set.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TURNS])
        former = current()
        every = Competency.objects.values_list("id", flat=True)
        cuts = frameworks.cuts_of(every, on=timezone.localdate(now))
        measured, habits = contents.everything(former.id) if former.id else ({}, {})
        measured |= {p.item_version: (p.a, p.b) for p in parameters}
        habits |= severities or {}
        merged = {**former.cohorts, **(cohorts or {})}
        whole = contents.whole(
            former.number + 1,
            label,
            contents.hash_of(former.id) if former.id else None,
            parameters=measured,
            severities=habits,
            cohorts=merged,
            cuts=cuts,
        )
        row = Row.objects.create(
            number=former.number + 1,
            label=label,
            order_no=order_no,
            published_at=now,
            cohorts={str(c): {"mean": mean, "sd": sd} for c, (mean, sd) in merged.items()},
            cuts={str(c): list(thetas) for c, thetas in cuts.items()},
            content_hash=whole.hash,
        )
        bulk.load(
            ParameterRow,
            ["id", "set_id", "item_version", "a", "b"],
            [(ids.new(), row.id, version, a, b) for version, (a, b) in measured.items()],
        )
        bulk.load(
            RaterSeverity,
            ["id", "set_id", "rater_id", "severity"],
            [(ids.new(), row.id, rater, value) for rater, value in habits.items()],
        )
    return _card(row)


def current() -> CalibrationSet:
    """The latest set; `NONE_YET` before the first."""
    return measures().calibration


def at(when: dt.datetime) -> CalibrationSet:
    """The set that was the latest at that moment; `NONE_YET` before the first."""
    row = Row.objects.filter(published_at__lte=when).order_by("-number").first()
    return _card(row) if row else NONE_YET


def numbered(numbers: Iterable[int]) -> dict[int, CalibrationSet]:
    """number -> set; 0 is `NONE_YET`."""
    found = {row.number: _card(row) for row in Row.objects.filter(number__in=list(numbers))}
    return {0: NONE_YET, **found}


def parameters(calibration: CalibrationSet, *, items: Iterable[UUID]) -> dict[UUID, ItemParameter]:
    """item version -> parameters in the set, for the calibrated ones. Only the scorer's role sees them."""
    return dict(measures(calibration.number, items=items).parameters)


def severities(calibration: CalibrationSet, *, raters: Iterable[UUID]) -> dict[UUID, float]:
    """rater -> severity in logits in the set; raters that are not in it are neutral (0)."""
    return dict(measures(calibration.number, raters=raters).severities)


def measures(
    number: int | None = None, *, items: Iterable[UUID] = (), raters: Iterable[UUID] = ()
) -> Measures:
    """The set of this number (None: the latest), and what it says of these items and raters."""
    found = _first(_SET, {"number": number})
    if found is None:
        return Measures(NONE_YET, {}, {})
    calibration = _set(*found)
    return Measures(calibration, *secrets(found[0], items=items, raters=raters))


def secrets(
    calibration: UUID, *, items: Iterable[UUID] = (), raters: Iterable[UUID] = ()
) -> tuple[dict[UUID, ItemParameter], dict[UUID, float]]:
    """What the set of this id says of these items and raters: parameters by item, severities by rater.

    One statement under the scorer's role; none if nothing is asked for.
    """
    asked = {"set": calibration, "items": list(items), "raters": list(raters)}
    if not asked["items"] and not asked["raters"]:
        return {}, {}
    with as_role(roles.SCORER):
        columns = _first(_SECRETS, asked) or ()
    versions, slopes, difficulties, known, habits = (column or [] for column in columns)
    parameters = map(ItemParameter, versions, slopes, difficulties)
    return {p.item_version: p for p in parameters}, dict(zip(known, habits, strict=True))


def _first(query: str, asked: Mapping[str, Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(query, asked)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def _card(row: Row) -> CalibrationSet:
    return _set(
        row.id, row.number, row.label, row.order_no, row.published_at, row.cohorts, row.cuts, row.content_hash
    )


def _set(
    id: UUID,
    number: int,
    label: str,
    order_no: str,
    published_at: dt.datetime,
    cohorts: Any,
    cuts: Any,
    content_hash: str,
) -> CalibrationSet:
    return CalibrationSet(
        id,
        number,
        label,
        order_no,
        published_at,
        {UUID(c): (held["mean"], held["sd"]) for c, held in _json(cohorts).items()},
        {UUID(c): tuple(thetas) for c, thetas in _json(cuts).items()},
        content_hash,
    )


def _json(value: Any) -> Any:
    """Django hands JSON to a bare cursor as text, and to a model as what it says."""
    return json.loads(value) if isinstance(value, str) else value


_SET = """
SELECT id, number, label, order_no, published_at, cohorts, cuts, content_hash FROM competency_calibrationset
WHERE number = coalesce(%(number)s, (SELECT max(number) FROM competency_calibrationset))
"""

_SECRETS = """
SELECT p.versions, p.slopes, p.difficulties, h.raters, h.severities
FROM (
    SELECT array_agg(item_version) AS versions, array_agg(a) AS slopes, array_agg(b) AS difficulties
    FROM competency_itemparameter WHERE set_id = %(set)s AND item_version = ANY(%(items)s::uuid[])
) p, (
    SELECT array_agg(rater_id) AS raters, array_agg(severity) AS severities
    FROM competency_raterseverity WHERE set_id = %(set)s AND rater_id = ANY(%(raters)s::uuid[])
) h
"""
