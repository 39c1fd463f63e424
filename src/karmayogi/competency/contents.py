"""What a numbered calibration set holds, as the object of the science bench whose hash names it."""

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

import numpy as np
from django.db import connection

from karmayogi.competency.models import CalibrationSet as Row
from karmayogi.registry import roles
from karmayogi.registry.acting import as_role
from karmayogi.science import irt
from karmayogi.science.calibration_sets import CalibratedItems, CalibrationSet, Cohort, Severity

Parameters = Mapping[UUID, tuple[float, float]]
"""Item version -> slope and difficulty."""


def whole(
    number: int,
    label: str,
    former: str | None,
    *,
    parameters: Parameters,
    severities: Mapping[UUID, float],
    cohorts: Mapping[UUID, tuple[float, float]],
    cuts: Mapping[UUID, Iterable[float]],
) -> CalibrationSet:
    """The set as one immutable object; everything in it goes by its id. `severities`: as ratings have them, below 0
    for a severe rater; the bench has them the other way round.
    """
    return CalibrationSet(
        number,
        label or f"Set {number}",
        former,
        items=_items(parameters),
        cohorts={str(c): Cohort(mean, sd) for c, (mean, sd) in cohorts.items()},
        cuts={str(c): tuple(map(float, thetas)) for c, thetas in cuts.items() if thetas},
        severities={str(r): Severity(-value + 0.0, None, True) for r, value in severities.items()},
    )


def _items(parameters: Parameters) -> CalibratedItems | None:
    if not parameters:
        return None
    names = sorted(parameters)
    a, b = np.array([parameters[name] for name in names]).T
    count, nothing = len(names), np.full(len(names), np.nan)
    errors = dict.fromkeys(("slope", "lower", "upper"), nothing)
    errors |= dict.fromkeys(("intercepts", "b"), nothing[:, None])
    none = np.zeros(count, dtype=np.int64)
    return CalibratedItems(
        tuple(map(str, names)), ("2PL",) * count, irt.Items.logistic(a, b), errors, none, none, none > 0
    )


def everything(id: UUID) -> tuple[dict[UUID, tuple[float, float]], dict[UUID, float]]:
    """All item parameters and rater severities of a set. Reads as the scorer."""
    with as_role(roles.SCORER), connection.cursor() as cursor:
        cursor.execute("SELECT item_version, a, b FROM competency_itemparameter WHERE set_id = %s", [id])
        parameters = {version: (a, b) for version, a, b in cursor.fetchall()}
        cursor.execute("SELECT rater_id, severity FROM competency_raterseverity WHERE set_id = %s", [id])
        return parameters, dict(cursor.fetchall())


def hash_of(id: UUID) -> str:
    """The hash a set states; of one that states none, and of those before it, computed."""
    row = Row.objects.get(id=id)
    return row.content_hash or list(_found(upto=row.number))[-1][1]


def changed() -> tuple[int, list[int]]:
    """How many published sets state a hash, and the numbers of those whose content is not what it says."""
    stated = [(row, found) for row, found in _found() if row.content_hash]
    return len(stated), [row.number for row, found in stated if row.content_hash != found]


def _found(upto: int | None = None) -> Iterator[tuple[Row, str]]:
    """Every set with the hash of what its tables hold now, in order."""
    former = None
    rows = Row.objects.order_by("number")
    for row in rows if upto is None else rows.filter(number__lte=upto):
        parameters, severities = everything(row.id)
        held = whole(
            row.number,
            row.label,
            former,
            parameters=parameters,
            severities=severities,
            cohorts={UUID(c): (held["mean"], held["sd"]) for c, held in row.cohorts.items()},
            cuts={UUID(c): thetas for c, thetas in row.cuts.items()},
        )
        former = row.content_hash or held.hash
        yield row, held.hash
