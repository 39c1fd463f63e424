"""Pools: which items a check may draw on, loaded, published by version and calibrated from responses."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from karmayogi.assessment import blueprints, items
from karmayogi.assessment.blueprints import NoCheckYet
from karmayogi.assessment.items import NewItem
from karmayogi.assessment.matrices import ImportedMatrix, MatrixDoesNotFit, import_matrix
from karmayogi.assessment.publications import (
    ItemsNotReady,
    PoolCard,
    by_id,
    current,
    current_of,
    exposures,
    publish,
)
from karmayogi.competency import calibrations, frameworks
from karmayogi.competency.calibrations import CalibrationSet, ItemParameter
from karmayogi.science import irt

__all__ = [
    "ImportedMatrix",
    "ItemsNotReady",
    "Loaded",
    "MatrixDoesNotFit",
    "NoCheckYet",
    "PoolCard",
    "TooFewAnswers",
    "by_id",
    "calibrate",
    "current",
    "current_of",
    "exposures",
    "import_matrix",
    "load_items",
    "matrix",
    "publish",
]

LEAST_ANSWERS = 200
"""Answers an item needs before its parameters are taken from responses instead of its author."""


class TooFewAnswers(Exception):
    """No item has been answered often enough to be calibrated."""

    status = 409


@dataclass(frozen=True)
class Loaded:
    """What came of a set of items: versions by item key, the pool version, and whether anything was new."""

    versions: Mapping[str, UUID]
    pool: PoolCard
    new: int


def load_items(
    competency: str,
    content: Iterable[Mapping[str, Any]],
    *,
    order_no: str,
    now: dt.datetime,
    name: str = "",
    salt: str | None = None,
) -> Loaded:
    """Takes over a set of items by order, as in the demo's `items/*.json`, and opens a check on them.

    `competency` is its key. Writes items, keys and other languages, makes them live, publishes the pool and both
    blueprints, and publishes the authors' parameters as a provisional calibration set. The same set again changes
    nothing.
    """
    card = frameworks.by_key(competency)
    new = [_new_item(entry) for entry in content]
    with transaction.atomic():
        versions = items.write(new, competency=card.id, now=now, order_no=order_no)
        fresh = items.take_over(versions.values(), now=now, order_no=order_no)
        pool = publish(
            name or card.name,
            competency=card.id,
            versions=list(versions.values()),
            order_no=order_no,
            now=now,
        )
        for kind in blueprints.KINDS:
            blueprints.draw(card.id, now=now, kind=kind, salt=salt)
        if fresh:
            calibrations.publish(
                [ItemParameter(versions[i.key], i.a, i.b) for i in new],
                label=f"Provisional, by the authors: {card.name}"[:120],
                order_no=order_no,
                now=now,
            )
    return Loaded(versions, pool, fresh)


def calibrate(
    pool: UUID, *, order_no: str, now: dt.datetime, label: str = "", least: int = LEAST_ANSWERS
) -> CalibrationSet:
    """Parameters from all responses given to a pool, over its versions, published as the next calibration set.

    Items with fewer than `least` answers, or with only right or only wrong ones, keep what they had. Raises
    `TooFewAnswers`.
    """
    versions, responses = matrix(pool)
    answered, right = (responses >= 0).sum(0), (responses == 1).sum(0)
    chosen = np.flatnonzero((answered >= least) & (right > 0) & (right < answered))
    if not chosen.size:
        raise TooFewAnswers(
            f"No item has {least} answers, right and wrong ones, yet. Collect more, then calibrate."
        )
    asked = responses[:, chosen]
    found = irt.calibrate(asked[(asked >= 0).any(axis=1)])
    return calibrations.publish(
        [ItemParameter(versions[int(i)], float(found.a[k]), float(found.b[k])) for k, i in enumerate(chosen)],
        label=(label or f"From {len(responses)} sittings")[:120],
        order_no=order_no,
        now=now,
    )


def matrix(pool: UUID) -> tuple[list[UUID], NDArray[np.int8]]:
    """The item versions of a pool and the responses to them, int8 [sittings, items]: 1, 0, or -1 for not asked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.id, r.item_version_id, r.option = k.right FROM assessment_response r"
            " JOIN assessment_sitting s ON s.id = r.sitting_id"
            " JOIN assessment_poolversion v ON v.id = s.pool_version_id AND v.pool_id = %s"
            " JOIN assessment_answerkey k ON k.item_version_id = r.item_version_id ORDER BY s.id, r.position",
            [pool],
        )
        found = cursor.fetchall()
    rows = {sitting: n for n, sitting in enumerate(dict.fromkeys(row[0] for row in found))}
    columns = {version: n for n, version in enumerate(sorted({row[1] for row in found}))}
    responses = np.full((len(rows), len(columns)), irt.NOT_ASKED, dtype=np.int8)
    for sitting, version, right in found:
        responses[rows[sitting], columns[version]] = right
    return list(columns), responses


def _new_item(entry: Mapping[str, Any]) -> NewItem:
    return NewItem(
        key=entry["key"],
        area=entry["area"],
        stem=entry["stem"],
        options={option["key"]: option["text"] for option in entry["options"]},
        right=entry["right"],
        why=entry.get("why", {}),
        a=float(entry.get("a", 1.0)),
        b=float(entry.get("b", 0.0)),
    )
