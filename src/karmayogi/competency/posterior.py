"""From rows of the ledger to states: a pure function of rows, calibration, rules and the moment.

Nothing here reads the database or the clock, so that a replay calls exactly what a refresh called.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np

from karmayogi.competency.calibrations import CalibrationSet, ItemParameter
from karmayogi.competency.evidence import EvidenceRow, Source
from karmayogi.science import irt, pooling
from karmayogi.science.irt import Floats, Ints
from karmayogi.science.pooling import Drift

ALGORITHM = "pooled-1"
"""Named on every stored estimate; a change of the arithmetic below takes a new name."""

KIND_OF = {
    Source.TEST: "test",
    Source.SUPERVISED_TEST: "test",
    Source.RATING: "rating",
    Source.WORK_PRODUCT: "work_product",
}
"""Kinds of evidence for awards; what is completed or said of oneself is of no kind."""

DAY_SECONDS = 86400.0
Pair = tuple[UUID, UUID]


@dataclass(frozen=True)
class Ground:
    """What rows are judged by: a calibration set, the rules on evidence, and the competencies' kinds and cuts."""

    calibration: CalibrationSet
    parameters: Mapping[UUID, ItemParameter]
    severities: Mapping[UUID, float]
    sources: Mapping[str, Mapping[str, Any]]
    drift: Mapping[str, Mapping[str, float]]
    kinds: Mapping[UUID, str]
    cuts: Mapping[UUID, tuple[float, ...]]
    rules: tuple[UUID, ...]

    def cohort(self, competency: UUID) -> tuple[float, float, float]:
        """Mean and sd of the cohort in logits, and the rate of forgetting per day."""
        table = self.drift[self.kinds[competency]]
        mean, sd = self.calibration.cohorts.get(competency, (table.get("mean", 0.0), table["sd"]))
        return mean, sd, table["rate_per_day"]

    def weight(self, source: Source) -> float:
        """How much a source counts, 0 to 1."""
        return float(self.sources.get(source.value, {}).get("weight", 0.0))

    def expires(self, row: EvidenceRow) -> float:
        """The day (fractional, since 1970) from which a row is no longer information; NaN: never."""
        days = self.sources.get(row.source.value, {}).get("expires_days")
        return day_of(row.happened_at) + days if days else np.nan


@dataclass(frozen=True)
class State:
    """Mean and sd in logits, information of unexpired evidence, its kinds, and when some of it expires."""

    mean: float
    sd: float
    information: float
    kinds: tuple[str, ...]
    changes_on: dt.date | None


@dataclass(frozen=True)
class _Events:
    """Events [E] on groups: days, expiries, log-likelihoods [E, Q]."""

    group: Ints
    day: Floats
    expires: Floats
    log_likelihood: Floats


def day_of(moment: dt.datetime) -> float:
    """Days since 1970, fractional."""
    return moment.timestamp() / DAY_SECONDS


def standing(rows: Sequence[EvidenceRow]) -> list[EvidenceRow]:
    """The rows without those that another row of the same person took the place of, ordered by time and id."""
    gone = {(row.person, row.replaces) for row in rows if row.replaces}
    return sorted((r for r in rows if (r.person, r.id) not in gone), key=lambda r: (r.happened_at, r.id))


def counts(row: EvidenceRow, ground: Ground) -> bool:
    """True if the row carries a likelihood: its source has weight, and something in it can be measured."""
    if ground.weight(row.source) <= 0.0:
        return False
    if "items" in row.payload:
        return any(UUID(item) in ground.parameters for item in row.payload["items"])
    return "level" in row.payload and row.observer is not None


def states(rows: Sequence[EvidenceRow], ground: Ground, *, as_of: dt.datetime) -> dict[Pair, State]:
    """(person, competency) -> state at `as_of`, for every pair that has rows; rounded as it is stored."""
    pairs = sorted({(row.person, row.competency) for row in rows})
    place = {pair: index for index, pair in enumerate(pairs)}
    counted = [row for row in standing(rows) if counts(row, ground)]
    groups = np.array([place[row.person, row.competency] for row in counted], dtype=np.int64)
    pooled = _pool(counted, groups, [competency for _, competency in pairs], ground, as_of)
    kinds, changes = _kinds_and_changes(counted, ground, as_of)
    return {
        pair: State(
            float(pooled.means[g]), float(pooled.sds[g]), float(pooled.information[g]),
            tuple(sorted(kinds.get(pair, ()))), changes.get(pair),
        )
        for pair, g in place.items()
    }


def strengths(rows: Sequence[EvidenceRow], ground: Ground, *, as_of: dt.datetime) -> dict[UUID, float]:
    """row id -> the information it would bring alone, for the rows that count."""
    counted = [row for row in standing(rows) if counts(row, ground)]
    alone = np.arange(len(counted), dtype=np.int64)
    pooled = _pool(counted, alone, [row.competency for row in counted], ground, as_of)
    return {row.id: float(pooled.information[g]) for g, row in enumerate(counted)}


def aged(
    means: Floats, sds: Floats, *, days: Floats, cohort: tuple[Floats, Floats, Floats]
) -> tuple[Floats, Floats]:
    """States [N] after `days` without evidence: the Ornstein-Uhlenbeck transition that `science.pooling` uses.

    `cohort`: means, sds and rates per day [N]. Negative days leave a state as it is.
    """
    target, spread, rate = cohort
    kept = np.exp(-rate * np.maximum(days, 0.0))
    return target + (means - target) * kept, np.sqrt(spread**2 + (sds**2 - spread**2) * kept**2)


def theta_of(level: float, cuts: Sequence[float]) -> float:
    """The ability in logits of one who works at `level`: the middle of the band that begins at its cut.

    Level 0 is the band below the first cut; the outer bands are as wide as their neighbours.
    """
    first = cuts[1] - cuts[0] if len(cuts) > 1 else 1.0
    last = cuts[-1] - cuts[-2] if len(cuts) > 1 else 1.0
    edges = [cuts[0] - first, *cuts, cuts[-1] + last]
    return float(np.interp(level + 0.5, np.arange(len(edges)), edges))


def _pool(
    rows: Sequence[EvidenceRow], groups: Ints, competencies: Sequence[UUID], ground: Ground, as_of: dt.datetime
) -> pooling.Pooled:
    day = day_of(as_of)
    events = [_tests(rows, groups, ground)]
    for source in (Source.RATING, Source.WORK_PRODUCT):
        events.append(_ratings(rows, groups, ground, source, day))
    cohort = np.array([ground.cohort(c) for c in competencies], dtype=np.float64).reshape(-1, 3)
    return pooling.stored(
        pooling.pool(
            np.concatenate([e.group for e in events]),
            np.concatenate([e.day for e in events]),
            np.concatenate([e.log_likelihood for e in events]),
            groups=len(competencies),
            as_of=day,
            drift=Drift(cohort[:, 0], cohort[:, 1], cohort[:, 2]),
            expires=np.concatenate([e.expires for e in events]),
        )
    )


def _tests(rows: Sequence[EvidenceRow], groups: Ints, ground: Ground) -> _Events:
    chosen = [i for i, row in enumerate(rows) if "items" in row.payload]
    column = {item: index for index, item in enumerate(sorted(ground.parameters))}
    named = {str(item): index for item, index in column.items()}
    ordered = [ground.parameters[item] for item in column]
    event: list[int] = []
    item: list[int] = []
    right: list[int] = []
    for e, i in enumerate(chosen):
        payload = rows[i].payload
        for asked, answered in zip(payload["items"], payload["right"], strict=True):
            if asked in named:
                event.append(e)
                item.append(named[asked])
                right.append(answered)
    likelihood = irt.sparse_log_likelihoods(
        np.array(event, dtype=np.int64), np.array(item, dtype=np.int64), np.array(right, dtype=np.bool_),
        np.array([p.a for p in ordered], dtype=np.float64), np.array([p.b for p in ordered], dtype=np.float64),
        rows=len(chosen),
    )
    weight = np.array([ground.weight(rows[i].source) for i in chosen], dtype=np.float64)
    return _Events(
        groups[chosen], _days(rows, chosen), _expiries(rows, chosen, ground), likelihood * weight[:, None]
    )


def _ratings(
    rows: Sequence[EvidenceRow], groups: Ints, ground: Ground, source: Source, as_of: float
) -> _Events:
    chosen = [i for i, row in enumerate(rows) if row.source is source and "level" in row.payload]
    picked = [rows[i] for i in chosen]
    raters = {rater: index for index, rater in enumerate(sorted({r.observer for r in picked if r.observer}))}
    answers = np.array([max(1, int(r.payload.get("answers", 1))) for r in picked], dtype=np.int64)
    rule = ground.sources.get(source.value, {})
    # every answer is one measurement: n answers on one form are n rows of the same value
    spread = [
        np.repeat(values, answers)
        for values in (
            groups[chosen],
            np.array([raters[r.observer] for r in picked if r.observer], dtype=np.int64),
            np.array([theta_of(float(r.payload["level"]), ground.cuts[r.competency]) for r in picked]),
            np.array([ground.severities.get(r.observer, 0.0) for r in picked if r.observer]),
            _days(rows, chosen),
            _expiries(rows, chosen, ground),
        )
    ]
    said = pooling.rating_log_likelihoods(
        spread[0], spread[1], spread[2].astype(np.float64), spread[3].astype(np.float64),
        day=spread[4], as_of=as_of, noise_sd=rule.get("noise", 1.0), halo_sd=rule.get("halo", 1.0),
        expires=spread[5],
    )
    return _Events(said.group, said.day, said.expires, said.log_likelihood * ground.weight(source))


def _kinds_and_changes(
    rows: Sequence[EvidenceRow], ground: Ground, as_of: dt.datetime
) -> tuple[dict[Pair, set[str]], dict[Pair, dt.date]]:
    kinds: dict[Pair, set[str]] = {}
    changes: dict[Pair, dt.date] = {}
    today = day_of(as_of)
    for row in rows:
        expires = ground.expires(row)
        if row.happened_at > as_of or expires <= today:
            continue
        pair = row.person, row.competency
        kinds.setdefault(pair, set()).add(KIND_OF[row.source])
        if expires == expires:
            first = dt.datetime.fromtimestamp(expires * DAY_SECONDS, dt.UTC).date()
            changes[pair] = min(first, changes.get(pair, first))
    return kinds, changes


def _days(rows: Sequence[EvidenceRow], chosen: Sequence[int]) -> Floats:
    return np.array([day_of(rows[i].happened_at) for i in chosen], dtype=np.float64)


def _expiries(rows: Sequence[EvidenceRow], chosen: Sequence[int], ground: Ground) -> Floats:
    return np.array([ground.expires(rows[i]) for i in chosen], dtype=np.float64)
