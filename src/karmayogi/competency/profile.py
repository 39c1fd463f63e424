"""Profiles: what the evidence amounts to, stored with everything that a replay (`replays`) needs."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection, transaction
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from karmayogi.competency import estimates, evidence, grounds, posterior
from karmayogi.competency.estimates import Estimate
from karmayogi.competency.evidence import EvidenceRow
from karmayogi.competency.models import Estimate as Row
from karmayogi.competency.posterior import Ground, Pair, State
from karmayogi.competency.proofs import Proof, how_we_know
from karmayogi.institutions import aliases
from karmayogi.registry import bulk, ids
from karmayogi.science.irt import Floats

__all__ = [
    "Estimate",
    "ProfileIsNewer",
    "Proof",
    "aged",
    "as_of",
    "due",
    "how_we_know",
    "of",
    "refresh",
    "stood",
    "told",
]

Cohort = tuple[float, float, float]
"""Mean and sd in logits, and the rate of forgetting per day."""

AT_ONCE = 1000
"""People worked on in one go: bounds memory, not the result."""

_COLUMNS = (
    "id",
    "person_id",
    "competency_id",
    "mean",
    "sd",
    "information",
    "kinds",
    "as_of",
    "changes_on",
    "algorithm",
    "calibration",
    "rules",
    "seen",
    "recorded_at",
)


_TOLD = (
    *("person_id", "competency_id", "mean", "sd", "information", "as_of", "kinds", "changes_on"),
    "calibration",
)

PATIENCE = dt.timedelta(minutes=1)
"""How far the moment of a refresh may lie before the newest estimate: a wait for one's turn, two machines' clocks."""

FEW = 50
_REFRESHES, _REFRESH = 0x4B594F46, 0x4B59
"""Keys of advisory locks, in the order they are taken: all refreshes, and one person's."""


class ProfileIsNewer(Exception):
    """An estimate was recorded after the moment given; refresh with a later one."""

    status = 409


def refresh(people: Iterable[UUID], *, now: dt.datetime) -> int:
    """Brings the stored estimates of `people` up to `now`; returns how many rows were written.

    A row is written only if the estimate differs, at six decimals, from what time alone made of the stored one. Of
    joined records the one that stays is brought up to date, from the evidence of all.
    Raises `ProfileIsNewer`.
    """
    wanted = sorted(set(aliases.principals(people).values()))
    return sum(_refresh(wanted[start : start + AT_ONCE], now) for start in range(0, len(wanted), AT_ONCE))


def of(
    people: Iterable[UUID], *, competencies: Iterable[UUID] | None = None
) -> dict[UUID, dict[UUID, Estimate]]:
    """person -> competency -> the estimate that stands, as of the refresh that wrote it."""
    asked = {"people": list(people), "competencies": None if competencies is None else list(competencies)}
    found: dict[UUID, dict[UUID, Estimate]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, asked)
        for row in cursor.fetchall():
            person, competency, mean, sd, information, moment, kinds, *rest = row
            stands = (person, competency, mean, sd, information, moment, tuple(kinds), *rest)
            found[person][competency] = Estimate(*stands)
    return dict(found)


def as_of(people: Iterable[UUID], *, at: dt.datetime) -> dict[UUID, dict[UUID, Estimate]]:
    """person -> competency -> the estimate that stood at that moment."""
    return estimates.by_person(estimates.stood(people, at=at))


def stood(moment: str) -> Subquery:
    """An expression for queries of rooms above: the estimate of the row's `person` and `competency` at its `moment`.

    JSON for `told`, or null.
    """
    stands = Q(superseded_at__isnull=True) | Q(superseded_at__gt=OuterRef(moment))
    pair = {"person": OuterRef("person"), "competency": OuterRef("competency")}
    rows = Row.objects.filter(stands, **pair, recorded_at__lte=OuterRef(moment)).order_by("-recorded_at")
    said = {name: name for name in _TOLD}
    return Subquery(rows.values(said=JSONObject(**said))[:1])


def told(said: Mapping[str, Any]) -> Estimate:
    """The estimate that `stood` found."""
    changes_on = said["changes_on"]
    return Estimate(
        UUID(said["person_id"]), UUID(said["competency_id"]), said["mean"], said["sd"], said["information"],
        dt.datetime.fromisoformat(said["as_of"]), tuple(said["kinds"]),
        dt.date.fromisoformat(changes_on) if changes_on else None, said["calibration"],
    )  # fmt: skip


def aged(
    estimates: Sequence[Estimate], *, at: dt.datetime, cohorts: Sequence[Cohort] | None = None
) -> list[Estimate]:
    """The same estimates after the time until `at`, in the same order, by the drift in force that day.

    Where evidence has expired since, the estimate is computed anew from the ledger, so that it counts no more.
    `cohorts`: mean, sd and rate per day to each estimate, from whoever has them already.
    """
    if cohorts is None:
        ground = grounds.standing(
            [], on=timezone.localdate(at), competencies={e.competency for e in estimates}
        )
        cohorts = [ground.cohort(e.competency) for e in estimates]
    means, sds = _aged(estimates, cohorts, at)
    today = timezone.localdate(at)
    anew = _anew([e for e in estimates if e.changes_on and e.changes_on <= today and e.as_of < at], at)
    return [
        anew.get((e.person, e.competency)) or replace(e, mean=float(m), sd=float(s), as_of=max(at, e.as_of))
        for e, m, s in zip(estimates, means, sds, strict=True)
    ]


def due(*, on: dt.date) -> list[UUID]:
    """People with evidence that expires up to that day: the nightly job refreshes them."""
    standing = Row.objects.filter(superseded_at__isnull=True, changes_on__lte=on)
    return list(standing.order_by("person_id").values_list("person_id", flat=True).distinct())


@transaction.atomic
def _refresh(people: list[UUID], now: dt.datetime) -> int:
    _take_turns(people)
    standing = Row.objects.filter(person_id__in=people, superseded_at__isnull=True)
    former = {(row.person_id, row.competency_id): row for row in standing}
    newest = max((row.recorded_at for row in former.values()), default=now)
    if newest > now + PATIENCE:
        raise ProfileIsNewer(f"An estimate was recorded at {newest}; refresh with a later moment.")
    # Who waited for another refresh of the same person comes after it, whatever the clock said before the wait.
    now = newest + dt.timedelta(microseconds=1) if newest > now else now
    rows, seen = _ledger(people, now)
    # After records were parted, what the estimate rested on may stand under the other one alone.
    lost = former.keys() - {(row.person, row.competency) for row in rows}
    Row.objects.filter(id__in=[former[pair].id for pair in lost]).update(superseded_at=now)
    if not rows:
        return 0
    ground = grounds.standing(rows, on=timezone.localdate(now))
    states = posterior.states(rows, ground, as_of=now)
    changed = _changed(states, former, ground, now)
    gone = [former[pair].id for pair in changed if pair in former]
    Row.objects.filter(id__in=gone).update(superseded_at=now)
    stamps = (posterior.ALGORITHM, ground.calibration, list(ground.rules), seen, now)
    return bulk.load(
        Row,
        _COLUMNS,
        (
            (ids.new(), *pair, s.mean, s.sd, s.information, list(s.kinds), now, s.changes_on, *stamps)
            for pair, s in changed.items()
        ),
    )


def _take_turns(people: list[UUID]) -> None:
    """Lets refreshes of one person follow each other, also the first, which finds no row to lock."""
    with connection.cursor() as cursor:
        if len(people) > FEW:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_REFRESHES])
            return
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_REFRESHES])
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, hashtext(p::text)) FROM unnest(%s::uuid[]) AS p",
            [_REFRESH, sorted(people)],
        )


def _changed(
    states: Mapping[Pair, State], former: Mapping[Pair, Row], ground: Ground, now: dt.datetime
) -> dict[Pair, State]:
    pairs = [pair for pair in states if pair in former]
    before = [estimates.kept(former[pair]) for pair in pairs]
    means, sds = _aged(before, [ground.cohort(e.competency) for e in before], now)
    same = {
        pair
        for pair, e, m, s in zip(pairs, before, means, sds, strict=True)
        if abs(m - states[pair].mean) <= estimates.SAME
        and abs(s - states[pair].sd) <= estimates.SAME
        and abs(e.information - states[pair].information) <= estimates.SAME
        and (e.kinds, e.changes_on) == (states[pair].kinds, states[pair].changes_on)
    }
    return {pair: state for pair, state in states.items() if pair not in same}


def _anew(stale: Sequence[Estimate], at: dt.datetime) -> dict[Pair, Estimate]:
    if not stale:
        return {}
    pairs = {(e.person, e.competency) for e in stale}
    ledger, _ = _ledger(sorted({e.person for e in stale}), at)
    rows = [row for row in ledger if (row.person, row.competency) in pairs]
    ground = grounds.standing(rows, on=timezone.localdate(at))
    states = posterior.states(rows, ground, as_of=at)
    return {pair: estimates.computed(pair, state, at, ground.calibration) for pair, state in states.items()}


def _aged(estimates: Sequence[Estimate], cohorts: Sequence[Cohort], at: dt.datetime) -> tuple[Floats, Floats]:
    cohort = np.array(cohorts, dtype=np.float64).reshape(-1, 3)
    days = np.array([posterior.day_of(at) - posterior.day_of(e.as_of) for e in estimates], dtype=np.float64)
    return posterior.aged(
        np.array([e.mean for e in estimates], dtype=np.float64),
        np.array([e.sd for e in estimates], dtype=np.float64),
        days=days,
        cohort=(cohort[:, 0], cohort[:, 1], cohort[:, 2]),
    )


def _ledger(people: list[UUID], now: dt.datetime) -> tuple[list[EvidenceRow], str]:
    """The rows recorded up to now, and the snapshot they were read in."""
    found = estimates.fetch(_LEDGER, {"people": people, "now": now})
    return [evidence.row(values[:-1]) for values in found], found[0][-1] if found else ""


_STANDING = """
SELECT person_id, competency_id, mean, sd, information, as_of, kinds, changes_on, calibration
FROM competency_estimate
WHERE person_id = ANY(%(people)s::uuid[]) AND superseded_at IS NULL
  AND (%(competencies)s::uuid[] IS NULL OR competency_id = ANY(%(competencies)s::uuid[]))
"""

_LEDGER = f"""
SELECT {evidence.TOLD}, pg_current_snapshot()::text
FROM {aliases.WHO} who JOIN competency_evidence e ON e.person_id = who.member
WHERE e.recorded_at <= %(now)s
"""  # noqa: S608
