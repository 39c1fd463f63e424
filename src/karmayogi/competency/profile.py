"""Profiles: what the evidence amounts to, stored with everything a replay needs, and the replay itself."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, LiteralString
from uuid import UUID

import numpy as np
import psycopg
from django.db import connection, transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from karmayogi.competency import evidence, grounds, posterior
from karmayogi.competency.evidence import EvidenceRow
from karmayogi.competency.models import Estimate as Row
from karmayogi.competency.posterior import Ground, Pair, State
from karmayogi.competency.proofs import Proof, how_we_know
from karmayogi.institutions import aliases
from karmayogi.registry import bulk, ids
from karmayogi.science.irt import Floats

__all__ = [
    "Difference",
    "Estimate",
    "ProfileIsNewer",
    "Proof",
    "aged",
    "as_of",
    "due",
    "how_we_know",
    "of",
    "refresh",
    "replay",
    "replay_check",
    "stood",
    "told",
]

Cohort = tuple[float, float, float]
"""Mean and sd in logits, and the rate of forgetting per day."""

AT_ONCE = 1000
"""People worked on in one go: bounds memory, not the result."""

SAME = 1.01e-6
"""Two estimates that are kept to six decimals and differ by no more are the same."""

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


@dataclass(frozen=True)
class Estimate:
    """Mean and sd in logits at `as_of`; information and kinds of the evidence that had not expired then.

    `changes_on`: the first day on which some of that evidence expires.
    """

    person: UUID
    competency: UUID
    mean: float
    sd: float
    information: float
    as_of: dt.datetime
    kinds: tuple[str, ...]
    changes_on: dt.date | None = None
    calibration: int = 0


@dataclass(frozen=True)
class Difference:
    """A stored estimate that the ledger does not reproduce; `replayed` is None if it holds nothing for it."""

    person: UUID
    competency: UUID
    stored: Estimate
    replayed: Estimate | None


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
        for (
            person,
            competency,
            mean,
            sd,
            information,
            as_of,
            kinds,
            changes_on,
            calibration,
        ) in cursor.fetchall():
            found[person][competency] = Estimate(
                person, competency, mean, sd, information, as_of, tuple(kinds), changes_on, calibration
            )
    return dict(found)


def as_of(people: Iterable[UUID], *, at: dt.datetime) -> dict[UUID, dict[UUID, Estimate]]:
    """person -> competency -> the estimate that stood at that moment."""
    return _by_person(_stood(people, at))


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


def replay(people: Iterable[UUID], *, at: dt.datetime) -> dict[UUID, dict[UUID, Estimate]]:
    """Estimates that stood at that moment, computed anew from the ledger.

    Each from the rows its refresh could see, the calibration set and rules stamped on it, for the same `as_of`.
    """
    found: dict[UUID, dict[UUID, Estimate]] = defaultdict(dict)
    wanted = sorted(set(people))
    for start in range(0, len(wanted), AT_ONCE):
        for estimate in _replay(wanted[start : start + AT_ONCE], at):
            found[estimate.person][estimate.competency] = estimate
    return dict(found)


def replay_check(people: Iterable[UUID], *, at: dt.datetime) -> tuple[int, list[Difference]]:
    """How many stored estimates were compared with their replay, and those that differ by more than 1e-6."""
    wanted = list(people)
    stored, replayed = as_of(wanted, at=at), replay(wanted, at=at)
    pairs = [(e, replayed.get(p, {}).get(c)) for p, held in stored.items() for c, e in held.items()]
    wrong = [Difference(e.person, e.competency, e, r) for e, r in pairs if r is None or not _same(e, r)]
    return len(pairs), wrong


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
    before = [_estimate(former[pair]) for pair in pairs]
    means, sds = _aged(before, [ground.cohort(e.competency) for e in before], now)
    same = {
        pair
        for pair, e, m, s in zip(pairs, before, means, sds, strict=True)
        if abs(m - states[pair].mean) <= SAME
        and abs(s - states[pair].sd) <= SAME
        and abs(e.information - states[pair].information) <= SAME
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
    return {pair: _computed(pair, state, at, ground.calibration) for pair, state in states.items()}


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
    found = _fetch(_LEDGER, {"people": people, "now": now})
    return [evidence.row(values[:-1]) for values in found], found[0][-1] if found else ""


def _fetch(query: LiteralString, arguments: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Rows in the binary format: moments and JSON of many rows cost several times less than as text."""
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(query, arguments, binary=True).fetchall()


def _replay(people: list[UUID], at: dt.datetime) -> list[Estimate]:
    stored = {row.id: row for row in _stood(people, at)}
    ledgers: dict[UUID, list[EvidenceRow]] = defaultdict(list)
    for values in _fetch(_SEEN, _seen_by(stored)):
        ledgers[values[-1]].append(evidence.row(values[:-1]))
    runs: dict[tuple[Any, ...], list[UUID]] = defaultdict(list)
    for row in stored.values():
        runs[row.as_of, row.calibration, tuple(row.rules)].append(row.id)
    found = []
    for (moment, calibration, rules_used), members in runs.items():
        rows = [row for key in members for row in ledgers[key]]
        ground = grounds.stamped(rows, calibration=calibration, rules_used=rules_used)
        for pair, state in posterior.states(rows, ground, as_of=moment).items():
            found.append(_computed(pair, state, moment, calibration))
    return found


def _seen_by(stored: Mapping[UUID, Row]) -> dict[str, Any]:
    """The stored estimates, and which records were joined with their people, from when to when."""
    links = aliases.links({row.person_id for row in stored.values()})
    return {
        "stored": list(stored),
        "stays": [link.person for link in links],
        "others": [link.other for link in links],
        "since": [link.since for link in links],
        "until": [link.until for link in links],
    }


def _same(one: Estimate, other: Estimate) -> bool:
    numbers = ((one.mean, other.mean), (one.sd, other.sd), (one.information, other.information))
    return one.kinds == other.kinds and all(abs(a - b) <= SAME for a, b in numbers)


def _stood(people: Iterable[UUID], at: dt.datetime) -> QuerySet[Row]:
    stands = Q(superseded_at__isnull=True) | Q(superseded_at__gt=at)
    return Row.objects.filter(stands, person_id__in=list(people), recorded_at__lte=at)


def _by_person(query: QuerySet[Row]) -> dict[UUID, dict[UUID, Estimate]]:
    found: dict[UUID, dict[UUID, Estimate]] = defaultdict(dict)
    for row in query:
        found[row.person_id][row.competency_id] = _estimate(row)
    return dict(found)


def _computed(pair: Pair, s: State, at: dt.datetime, calibration: int) -> Estimate:
    return Estimate(*pair, s.mean, s.sd, s.information, at, s.kinds, s.changes_on, calibration)


def _estimate(row: Row) -> Estimate:
    return Estimate(
        row.person_id,
        row.competency_id,
        row.mean,
        row.sd,
        row.information,
        row.as_of,
        tuple(row.kinds),
        row.changes_on,
        row.calibration,
    )


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

# what a refresh could see: rows of its own transaction, and of those its snapshot had as committed
_SEEN = f"""
WITH joined (person_id, other_id, since, until) AS (
    SELECT * FROM unnest(%(stays)s::uuid[], %(others)s::uuid[], %(since)s::timestamptz[], %(until)s::timestamptz[])
), who AS (
    SELECT s.id, s.person_id AS member FROM competency_estimate s WHERE s.id = ANY(%(stored)s::uuid[])
    UNION SELECT s.id, j.other_id FROM competency_estimate s JOIN joined j USING (person_id)
    WHERE s.id = ANY(%(stored)s::uuid[]) AND j.since <= s.recorded_at
      AND (j.until IS NULL OR j.until > s.recorded_at)
)
SELECT {evidence.TOLD.replace("who.asked", "s.person_id")}, s.id
FROM who JOIN competency_estimate s ON s.id = who.id
JOIN competency_evidence e ON e.person_id = who.member AND e.competency_id = s.competency_id
WHERE e.recorded_at <= s.recorded_at
AND (e.xact = s.xact OR pg_visible_in_snapshot(e.xact, s.seen::pg_snapshot))
"""  # noqa: S608
