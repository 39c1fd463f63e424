"""Replays: stored estimates computed anew from the ledger, for anyone who doubts a level."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from karmayogi.competency import estimates, evidence, grounds, posterior
from karmayogi.competency.estimates import Estimate
from karmayogi.competency.evidence import EvidenceRow
from karmayogi.competency.models import Estimate as Row
from karmayogi.institutions import aliases

AT_ONCE = 1000
"""People worked on in one go: bounds memory, not the result."""


@dataclass(frozen=True)
class Difference:
    """A stored estimate that the ledger does not reproduce; `replayed` is None if it holds nothing for it."""

    person: UUID
    competency: UUID
    stored: Estimate
    replayed: Estimate | None


def of(people: Iterable[UUID], *, at: dt.datetime) -> dict[UUID, dict[UUID, Estimate]]:
    """Estimates that stood at that moment, computed anew from the ledger.

    Each from the rows its refresh could see, the calibration set and rules stamped on it, for the same `as_of`.
    """
    found: dict[UUID, dict[UUID, Estimate]] = defaultdict(dict)
    wanted = sorted(set(people))
    for start in range(0, len(wanted), AT_ONCE):
        for estimate in _replay(wanted[start : start + AT_ONCE], at):
            found[estimate.person][estimate.competency] = estimate
    return dict(found)


def check(people: Iterable[UUID], *, at: dt.datetime) -> tuple[int, list[Difference]]:
    """How many stored estimates were compared with their replay, and those that differ by more than 1e-6."""
    wanted = list(people)
    stored, replayed = estimates.by_person(estimates.stood(wanted, at=at)), of(wanted, at=at)
    pairs = [(e, replayed.get(p, {}).get(c)) for p, held in stored.items() for c, e in held.items()]
    wrong = [
        Difference(e.person, e.competency, e, r) for e, r in pairs if r is None or not estimates.same(e, r)
    ]
    return len(pairs), wrong


def _replay(people: list[UUID], at: dt.datetime) -> list[Estimate]:
    stored = {row.id: row for row in estimates.stood(people, at=at)}
    ledgers: dict[UUID, list[EvidenceRow]] = defaultdict(list)
    for values in estimates.fetch(_SEEN, _seen_by(stored)):
        ledgers[values[-1]].append(evidence.row(values[:-1]))
    runs: dict[tuple[Any, ...], list[UUID]] = defaultdict(list)
    for row in stored.values():
        runs[row.as_of, row.calibration, tuple(row.rules)].append(row.id)
    found = []
    for (moment, calibration, rules_used), members in runs.items():
        rows = [row for key in members for row in ledgers[key]]
        ground = grounds.stamped(rows, calibration=calibration, rules_used=rules_used)
        for pair, state in posterior.states(rows, ground, as_of=moment).items():
            found.append(estimates.computed(pair, state, moment, calibration))
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
