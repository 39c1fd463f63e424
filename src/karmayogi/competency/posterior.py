"""From rows of the ledger to states: a pure function of rows, calibration, rules and the moment.

Nothing here reads the database or the clock, so that a replay calls exactly what a refresh called.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

import numpy as np
from django.utils import timezone

from karmayogi.competency.calibrations import ItemParameter
from karmayogi.competency.evidence import EvidenceRow, Source
from karmayogi.science import irt, pooling
from karmayogi.science.irt import Floats, Ints
from karmayogi.science.pooling import Drift

ALGORITHM = "pooled-3"
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
    """What rows are judged by: a calibration set, the rules on evidence, and the competencies' kinds and cuts.

    `calibration`: number of the set, 0 before the first. `cohorts`: mean and sd, of competencies that the set knows.
    """

    calibration: int
    cohorts: Mapping[UUID, tuple[float, float]]
    parameters: Mapping[UUID, ItemParameter]
    severities: Mapping[UUID, float]
    sources: Mapping[str, Mapping[str, Any]]
    drift: Mapping[str, Mapping[str, float]]
    kinds: Mapping[UUID, str]
    cuts: Mapping[UUID, tuple[float, ...]]
    rules: tuple[UUID, ...]

    def cohort(self, competency: UUID) -> tuple[float, float, float]:
        """Mean and sd of the cohort in logits, and the rate of forgetting per day."""
        return cohort_of(self.cohorts.get(competency), self.drift[self.kinds[competency]])

    @cached_property
    def columns(self) -> dict[str, int]:
        """Item version, as payloads spell it, -> its place among the parameters in ascending order."""
        return {str(item): place for place, item in enumerate(sorted(self.parameters))}

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
class Move:
    """What a row did to an estimate. `shift`: logits; those of all rows add up to estimate - cohort mean.

    `share`: its part of the estimate, 0 to 1; the cohort has what the rows leave of 1.
    """

    shift: float
    share: float


@dataclass(frozen=True)
class _Events:
    """Events [E] on groups: days, expiries, log-likelihoods [E, Q].

    Of what each was made [M]: the place of the row among those that count, the event it went into (-1: none), and what
    it measured in logits.
    """

    group: Ints
    day: Floats
    expires: Floats
    log_likelihood: Floats
    row: Ints
    event: Ints
    value: Floats


@dataclass(frozen=True)
class _Counted:
    """Rows [N] that count, the days they happened and the days from which they are no longer information."""

    rows: Sequence[EvidenceRow]
    day: Floats
    expires: Floats


def cohort_of(
    calibrated: tuple[float, float] | None, table: Mapping[str, float]
) -> tuple[float, float, float]:
    """Mean and sd of a cohort, by calibration or else by the rule on drift, and the rule's rate per day."""
    mean, sd = calibrated or (table.get("mean", 0.0), table["sd"])
    return mean, sd, table["rate_per_day"]


def day_of(moment: dt.datetime) -> float:
    """Days since 1970, fractional."""
    return moment.timestamp() / DAY_SECONDS


def date_of(day: float) -> dt.date:
    """The service's date of a fractional day since 1970."""
    # a day kept as one number is good to a microsecond; what it says of midnight must not fall on the day before
    return timezone.localdate(dt.datetime.fromtimestamp(round(day * DAY_SECONDS, 3), dt.UTC))


def standing(rows: Sequence[EvidenceRow]) -> list[EvidenceRow]:
    """The rows without those that another row of the same person took the place of, ordered by time and id."""
    gone = {(row.person, row.replaces) for row in rows if row.replaces}
    kept = [row for row in rows if (row.person, row.id) not in gone] if gone else rows
    return sorted(kept, key=lambda row: (row.happened_at, row.id))


def counts(row: EvidenceRow, ground: Ground) -> bool:
    """True if the row carries a likelihood: its source has weight, and something in it can be measured."""
    if ground.weight(row.source) <= 0.0:
        return False
    if "items" in row.payload:
        return any(item in ground.columns for item in row.payload["items"])
    return "level" in row.payload and row.observer is not None


def states(rows: Sequence[EvidenceRow], ground: Ground, *, as_of: dt.datetime) -> dict[Pair, State]:
    """(person, competency) -> state at `as_of`, for every pair that has rows; rounded as it is stored."""
    pairs = sorted({(row.person, row.competency) for row in rows})
    place = {pair: index for index, pair in enumerate(pairs)}
    counted = _counted([row for row in standing(rows) if counts(row, ground)], ground)
    groups = np.array([place[row.person, row.competency] for row in counted.rows], dtype=np.int64)
    pooled = _pool(counted, groups, [competency for _, competency in pairs], ground, as_of)
    kinds = _kinds(counted, groups, as_of)
    changes = _changes(counted, groups, as_of, len(pairs))
    return {
        pair: State(
            float(pooled.means[g]),
            float(pooled.sds[g]),
            float(pooled.information[g]),
            tuple(sorted(kinds.get(g, ()))),
            date_of(changes[g]) if np.isfinite(changes[g]) else None,
        )
        for g, pair in enumerate(pairs)
    }


def strengths(rows: Sequence[EvidenceRow], ground: Ground, *, as_of: dt.datetime) -> dict[UUID, float]:
    """row id -> the information it would bring alone, for the rows that count."""
    counted = _counted([row for row in standing(rows) if counts(row, ground)], ground)
    alone = np.arange(len(counted.rows), dtype=np.int64)
    pooled = _pool(counted, alone, [row.competency for row in counted.rows], ground, as_of)
    return {row.id: float(pooled.information[g]) for g, row in enumerate(counted.rows)}


def moves(rows: Sequence[EvidenceRow], ground: Ground, *, as_of: dt.datetime) -> dict[UUID, Move]:
    """row id -> what it did to the state at `as_of`, for the rows that count."""
    counted = _counted([row for row in standing(rows) if counts(row, ground)], ground)
    pairs = sorted({(row.person, row.competency) for row in counted.rows})
    place = {pair: index for index, pair in enumerate(pairs)}
    groups = np.array([place[row.person, row.competency] for row in counted.rows], dtype=np.int64)
    events = _events(counted, groups, ground, day_of(as_of))
    whole = pooling.attribute(
        np.concatenate([e.group for e in events]),
        np.concatenate([e.day for e in events]),
        np.concatenate([e.log_likelihood for e in events]),
        groups=len(pairs),
        as_of=day_of(as_of),
        drift=_drift([competency for _, competency in pairs], ground),
    )
    shift, share = np.zeros((2, len(counted.rows)))
    first = 0
    for said in events:
        last = first + len(said.day)
        parts = (whole.shift, whole.weight, whole.variance, whole.information)
        own = pooling.Attribution(*(part[first:last] for part in parts))
        shared = pooling.shared_out(own, said.event, said.value)
        np.add.at(shift, said.row, shared.shift)
        np.add.at(share, said.row, shared.weight)
        first = last
    return {row.id: Move(float(shift[i]), float(share[i])) for i, row in enumerate(counted.rows)}


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


def _counted(rows: Sequence[EvidenceRow], ground: Ground) -> _Counted:
    return _Counted(
        rows,
        np.array([day_of(row.happened_at) for row in rows], dtype=np.float64),
        np.array([ground.expires(row) for row in rows], dtype=np.float64),
    )


def _pool(
    counted: _Counted, groups: Ints, competencies: Sequence[UUID], ground: Ground, as_of: dt.datetime
) -> pooling.Pooled:
    day = day_of(as_of)
    events = _events(counted, groups, ground, day)
    return pooling.stored(
        pooling.pool(
            np.concatenate([e.group for e in events]),
            np.concatenate([e.day for e in events]),
            np.concatenate([e.log_likelihood for e in events]),
            groups=len(competencies),
            as_of=day,
            drift=_drift(competencies, ground),
            expires=np.concatenate([e.expires for e in events]),
        )
    )


def _events(counted: _Counted, groups: Ints, ground: Ground, as_of: float) -> list[_Events]:
    seen = {row.source for row in counted.rows}
    events = [_tests(counted, groups, ground)]
    for source in (Source.RATING, Source.WORK_PRODUCT):
        if source in seen:
            events.append(_ratings(counted, groups, ground, source, as_of))
    return events


def _drift(competencies: Sequence[UUID], ground: Ground) -> Drift:
    cohort = np.array([ground.cohort(c) for c in competencies], dtype=np.float64).reshape(-1, 3)
    return Drift(cohort[:, 0], cohort[:, 1], cohort[:, 2])


def _tests(counted: _Counted, groups: Ints, ground: Ground) -> _Events:
    chosen = [i for i, row in enumerate(counted.rows) if "items" in row.payload]
    columns = ground.columns
    answers = [
        (event, columns[item], right)
        for event, i in enumerate(chosen)
        for item, right in zip(
            counted.rows[i].payload["items"], counted.rows[i].payload["right"], strict=True
        )
        if item in columns
    ]
    triples = np.array(answers, dtype=np.int64).reshape(-1, 3)
    ordered = [ground.parameters[item] for item in sorted(ground.parameters)]
    likelihood = irt.sparse_log_likelihoods(
        triples[:, 0],
        triples[:, 1],
        triples[:, 2] == 1,
        np.array([p.a for p in ordered], dtype=np.float64),
        np.array([p.b for p in ordered], dtype=np.float64),
        rows=len(chosen),
    )
    weight = np.array([ground.weight(counted.rows[i].source) for i in chosen], dtype=np.float64)
    return _Events(
        groups[chosen],
        counted.day[chosen],
        counted.expires[chosen],
        likelihood * weight[:, None],
        np.array(chosen, dtype=np.int64),
        np.arange(len(chosen)),
        np.zeros(len(chosen)),
    )


def _ratings(counted: _Counted, groups: Ints, ground: Ground, source: Source, as_of: float) -> _Events:
    chosen = [i for i, r in enumerate(counted.rows) if r.source is source and "level" in r.payload]
    picked = [counted.rows[i] for i in chosen]
    observers = [row.observer for row in picked if row.observer]
    raters = {rater: index for index, rater in enumerate(sorted(set(observers)))}
    values = [theta_of(float(r.payload["level"]), ground.cuts[r.competency]) for r in picked]
    # every answer is one measurement: n answers on one form are n rows of the same value
    times = np.array([max(1, int(r.payload.get("answers", 1))) for r in picked], dtype=np.int64)
    rule = ground.sources.get(source.value, {})
    value = np.repeat(np.array(values, dtype=np.float64), times)
    severity = np.repeat(
        np.array([ground.severities.get(r, 0.0) for r in observers], dtype=np.float64), times
    )
    said = pooling.rating_log_likelihoods(
        np.repeat(groups[chosen], times),
        np.repeat(np.array([raters[rater] for rater in observers], dtype=np.int64), times),
        value,
        severity,
        day=np.repeat(counted.day[chosen], times),
        as_of=as_of,
        noise_sd=rule.get("noise", 1.0),
        halo_sd=rule.get("halo", 1.0),
        merge_days=rule.get("merge_days", 0.0),
        expires=np.repeat(counted.expires[chosen], times),
    )
    return _Events(
        said.group,
        said.day,
        said.expires,
        said.log_likelihood * ground.weight(source),
        np.repeat(np.array(chosen, dtype=np.int64), times),
        said.message,
        value - severity,
    )


def _kinds(counted: _Counted, groups: Ints, as_of: dt.datetime) -> dict[int, set[str]]:
    """group -> kinds of the evidence that has happened and not expired."""
    found: dict[int, set[str]] = {}
    today = day_of(as_of)
    live = (counted.day <= today) & ~(counted.expires <= today)
    for i in np.flatnonzero(live).tolist():
        found.setdefault(int(groups[i]), set()).add(KIND_OF[counted.rows[i].source])
    return found


def _changes(counted: _Counted, groups: Ints, as_of: dt.datetime, size: int) -> Floats:
    """Per group the first day on which some of its evidence expires; infinite if none does."""
    today = day_of(as_of)
    first = np.full(size, np.inf)
    ending = (counted.day <= today) & (counted.expires > today)
    np.minimum.at(first, groups[ending], counted.expires[ending])
    return first
