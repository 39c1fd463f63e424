"""Response matrices from elsewhere: one external pool per skill, calibrated at once, people scored by their answers."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.db import transaction
from numpy.typing import ArrayLike, NDArray

from karmayogi.assessment import items, publications
from karmayogi.assessment.histories import HistorySitting, record_history
from karmayogi.assessment.items import NewItem
from karmayogi.assessment.publications import PoolCard
from karmayogi.competency import calibrations
from karmayogi.competency.calibrations import CalibrationSet, ItemParameter
from karmayogi.science import irt
from karmayogi.science.irt import Calibration

RIGHT, WRONG = "1", "0"


class MatrixDoesNotFit(ValueError):
    """The matrix, the skills, the names and the people do not have matching sizes or values."""

    status = 400


@dataclass(frozen=True)
class ImportedMatrix:
    """What a matrix became: a pool per skill, the calibration set (None: nothing new), how each skill converged."""

    pools: tuple[PoolCard, ...]
    calibration: CalibrationSet | None
    fits: tuple[Calibration, ...]
    sittings: int


def import_matrix(
    name: str,
    responses: NDArray[np.int8],
    q_matrix: ArrayLike,
    *,
    competencies: Sequence[UUID],
    item_names: Sequence[str],
    order_no: str,
    now: dt.datetime,
    people: Sequence[UUID] | None = None,
    sat_at: dt.datetime | None = None,
    size: int = 500,
) -> ImportedMatrix:
    """Takes over `responses` int8 [N, I]: 1, 0, or -1 for not asked; one calibrated pool per skill.

    `q_matrix` [I, K] says which item needs which skill; skill k belongs to `competencies[k]`. With `people` [N],
    every row becomes one sitting and one row of evidence per skill, `sat_at` (default `now`); refresh their
    profiles afterwards. The same matrix under the same name again changes nothing. The items have no text, so
    that nobody can be asked them. Raises `MatrixDoesNotFit` and `science.irt.ItemCannotBeCalibrated`.
    """
    skills = np.asarray(q_matrix, dtype=np.bool_)
    _check(responses, skills, competencies, item_names, people)
    with transaction.atomic():
        made, fits, parameters = [], [], []
        for k, competency in enumerate(competencies):
            columns = np.flatnonzero(skills[:, k])
            pool, fresh = _pool(
                name, [item_names[i] for i in columns.tolist()], competency, order_no=order_no, now=now
            )
            made.append(pool)
            if fresh:
                asked = responses[:, columns]
                fits.append(irt.calibrate(asked[(asked >= 0).any(axis=1)]))
                parameters += [
                    ItemParameter(v, float(a), float(b))
                    for v, a, b in zip(pool.items, fits[-1].a, fits[-1].b, strict=True)
                ]
        published = None
        if parameters:
            published = calibrations.publish(parameters, label=name[:120], order_no=order_no, now=now)
        rows = _sittings(name, responses, skills, made, people or [], at=sat_at or now)
        written = record_history(rows, now=now, size=size)
    return ImportedMatrix(tuple(made), published, tuple(fits), written)


def _pool(
    name: str, names: Sequence[str], competency: UUID, *, order_no: str, now: dt.datetime
) -> tuple[PoolCard, int]:
    """The external pool of one skill, and how many of its items are new."""
    new = [
        NewItem(
            key=f"{name}/{item}",
            area=name[:60],
            stem={"en": f"{name}, item {item}"},
            options={RIGHT: {"en": "right"}, WRONG: {"en": "wrong"}},
            right=RIGHT,
        )
        for item in names
    ]
    versions = items.write(new, competency=competency, now=now, order_no=order_no)
    fresh = items.take_over(versions.values(), now=now, order_no=order_no)
    pool = publications.publish(
        name,
        competency=competency,
        versions=list(versions.values()),
        order_no=order_no,
        now=now,
        kind="external",
    )
    return pool, fresh


def _sittings(
    name: str,
    responses: NDArray[np.int8],
    skills: NDArray[np.bool_],
    made: Sequence[PoolCard],
    people: Sequence[UUID],
    *,
    at: dt.datetime,
) -> Iterator[HistorySitting]:
    for k, pool in enumerate(made):
        columns = np.flatnonzero(skills[:, k])
        for row, person in enumerate(people):
            given = responses[row, columns]
            asked = np.flatnonzero(given >= 0)
            if asked.size:
                yield HistorySitting(
                    person=person,
                    competency=pool.competency,
                    items=[pool.items[i] for i in asked.tolist()],
                    right=[int(given[i]) for i in asked.tolist()],
                    started_at=at,
                    finished_at=at,
                    key=f"{name}/{pool.pool}/{person}",
                    pool_version=pool.id,
                )


def _check(
    responses: NDArray[np.int8],
    skills: NDArray[np.bool_],
    competencies: Sequence[UUID],
    item_names: Sequence[str],
    people: Sequence[UUID] | None,
) -> None:
    if skills.shape != (responses.shape[1], len(competencies)) or len(item_names) != responses.shape[1]:
        raise MatrixDoesNotFit("Give one name and one row of skills per item, and one competency per skill.")
    if people is not None and len(people) != len(responses):
        raise MatrixDoesNotFit("Give one person per row of responses.")
    if not np.isin(responses, (1, 0, irt.NOT_ASKED)).all():
        raise MatrixDoesNotFit("Responses are 1 (right), 0 (wrong) or -1 (not asked).")
