"""Grounds: reads what rows of the ledger are judged by, as it stands or as it was stamped on an estimate."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import connection

from karmayogi.competency import calibrations, evidence, frameworks
from karmayogi.competency.calibrations import ItemParameter
from karmayogi.competency.evidence import EvidenceRow
from karmayogi.competency.models import Competency
from karmayogi.competency.posterior import Ground
from karmayogi.institutions import aliases
from karmayogi.policy import rules
from karmayogi.policy.rules import NoSuchRule, Rule

SOURCES, DRIFT = "evidence.sources", "evidence.drift"
KEYS = (SOURCES, DRIFT)
NOTHING: Mapping[Any, Any] = MappingProxyType({})


def standing(rows: Sequence[EvidenceRow], *, on: dt.date, competencies: Iterable[UUID] = ()) -> Ground:
    """The latest calibration set and the rules in force on the day, as far as `rows` and `competencies` need them.

    Raises `NoSuchRule` if no order says what evidence counts.
    """
    return _ground(rows, None, rules.values(KEYS, on=on), competencies)


def stamped(rows: Sequence[EvidenceRow], *, calibration: int, rules_used: Sequence[UUID]) -> Ground:
    """The set and the rules that an estimate was computed with."""
    return _ground(rows, calibration, {rule.key: rule for rule in rules.by_ids(rules_used).values()}, ())


def ledger(
    person: UUID, competencies: Iterable[UUID], *, order: Mapping[str, Rule]
) -> tuple[list[EvidenceRow], Ground]:
    """The rows of a person on these competencies, in the order they happened, and what they are judged by today.

    `order`: the rules (`KEYS`) in force. The same as `standing`, with rows and calibration set in one statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LEDGER, {"people": [person], "competencies": list(competencies)})
        found = cursor.fetchall()
    rows = [evidence.row(columns[:-6]) for columns in found]
    if not found:
        return rows, _judged(order)
    said = {row.competency: columns[-4:] for row, columns in zip(rows, found, strict=True)}
    calibration, number = found[0][-6:-4]
    parameters, severities = calibrations.secrets(calibration, **_named(rows)) if calibration else ({}, {})
    return rows, _judged(
        order,
        calibration=number or 0,
        kinds={c: kind for c, (kind, _, _, _) in said.items()},
        cohorts={c: (mean, sd) for c, (_, mean, sd, _) in said.items() if mean is not None},
        cuts={c: tuple(json.loads(thetas)) for c, (_, _, _, thetas) in said.items()},
        parameters=parameters,
        severities=severities,
    )


def _ground(
    rows: Sequence[EvidenceRow], number: int | None, order: Mapping[str, Rule], more: Iterable[UUID]
) -> Ground:
    competencies = {row.competency for row in rows} | set(more)
    said = calibrations.measures(number, **_named(rows))
    held = said.calibration
    # a set holds the cuts of its day; for a competency younger than the set the first ones hold
    first = frameworks.cuts_of(competencies - set(held.cuts), on=dt.date.min)
    return _judged(
        order,
        calibration=held.number,
        kinds=dict(Competency.objects.filter(id__in=competencies).values_list("id", "kind")),
        cohorts=held.cohorts,
        cuts={**first, **held.cuts},
        parameters=said.parameters,
        severities=said.severities,
    )


def _named(rows: Sequence[EvidenceRow]) -> dict[str, set[UUID]]:
    """The items and raters that rows name."""
    spelled = {item for row in rows for item in row.payload.get("items", ())}
    return {"items": set(map(UUID, spelled)), "raters": {row.observer for row in rows if row.observer}}


def _judged(
    order: Mapping[str, Rule],
    *,
    calibration: int = 0,
    kinds: Mapping[UUID, str] = NOTHING,
    cohorts: Mapping[UUID, tuple[float, float]] = NOTHING,
    cuts: Mapping[UUID, tuple[float, ...]] = NOTHING,
    parameters: Mapping[UUID, ItemParameter] = NOTHING,
    severities: Mapping[UUID, float] = NOTHING,
) -> Ground:
    missing = set(KEYS) - set(order)
    if missing:
        raise NoSuchRule(
            f"No order sets {', '.join(sorted(missing))}. Load the house defaults or issue them."
        )
    sources, drift = order[SOURCES], order[DRIFT]
    return Ground(
        calibration=calibration,
        cohorts=cohorts,
        parameters=parameters,
        severities=severities,
        sources=sources.value,
        drift=drift.value,
        kinds=kinds,
        cuts=cuts,
        rules=(sources.id, drift.id),
    )


_LEDGER = f"""
WITH latest AS (SELECT id, number, cohorts, cuts FROM competency_calibrationset ORDER BY number DESC LIMIT 1)
SELECT {evidence.TOLD}, s.id, s.number, c.kind,
       (s.cohorts -> c.id::text ->> 'mean')::float8, (s.cohorts -> c.id::text ->> 'sd')::float8,
       coalesce(s.cuts -> c.id::text, (
           SELECT to_jsonb(array_agg(t.theta ORDER BY t.number)) FROM competency_cutscore t
           WHERE t.competency_id = c.id
             AND t.since = (SELECT min(d.since) FROM competency_cutscore d WHERE d.competency_id = c.id)))
FROM {aliases.WHO} who JOIN competency_evidence e ON e.person_id = who.member
JOIN competency_competency c ON c.id = e.competency_id
LEFT JOIN latest s ON true
WHERE e.competency_id = ANY(%(competencies)s::uuid[])
ORDER BY e.happened_at, e.id
"""  # noqa: S608
