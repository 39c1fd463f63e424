"""Grounds: reads what rows of the ledger are judged by, as it stands or as it was stamped on an estimate."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from karmayogi.competency import calibrations, frameworks
from karmayogi.competency.evidence import EvidenceRow
from karmayogi.competency.models import Competency
from karmayogi.competency.posterior import Ground
from karmayogi.policy import rules
from karmayogi.policy.rules import NoSuchRule, Rule

SOURCES, DRIFT = "evidence.sources", "evidence.drift"
KEYS = (SOURCES, DRIFT)


def standing(
    rows: Sequence[EvidenceRow],
    *,
    on: dt.date,
    competencies: Iterable[UUID] = (),
    order: Mapping[str, Rule] | None = None,
    kinds: Mapping[UUID, str] | None = None,
) -> Ground:
    """The latest calibration set and the rules in force on the day, as far as `rows` and `competencies` need them.

    Whoever holds the rules of that day (`KEYS`) or the kinds of the competencies already passes them on as `order`
    and `kinds`. Raises `NoSuchRule` if no order says what evidence counts.
    """
    return _ground(rows, None, rules.values(KEYS, on=on) if order is None else order, competencies, kinds)


def stamped(rows: Sequence[EvidenceRow], *, calibration: int, rules_used: Sequence[UUID]) -> Ground:
    """The set and the rules that an estimate was computed with."""
    return _ground(rows, calibration, {rule.key: rule for rule in rules.by_ids(rules_used).values()}, (), None)


def _ground(
    rows: Sequence[EvidenceRow],
    calibration: int | None,
    held: Mapping[str, Rule],
    more: Iterable[UUID],
    kinds: Mapping[UUID, str] | None,
) -> Ground:
    missing = set(KEYS) - set(held)
    if missing:
        raise NoSuchRule(f"No order sets {', '.join(sorted(missing))}. Load the house defaults or issue them.")
    competencies = {row.competency for row in rows} | set(more)
    spelled = {item for row in rows for item in row.payload.get("items", ())}
    said = calibrations.measures(
        calibration, items=map(UUID, spelled), raters={row.observer for row in rows if row.observer}
    )
    if kinds is None:
        kinds = dict(Competency.objects.filter(id__in=competencies).values_list("id", "kind"))
    # a set holds the cuts of its day; for a competency younger than the set the first ones hold
    first = frameworks.cuts_of(competencies - set(said.calibration.cuts), on=dt.date.min)
    return Ground(
        calibration=said.calibration,
        parameters=said.parameters,
        severities=said.severities,
        sources=held[SOURCES].value,
        drift=held[DRIFT].value,
        kinds=kinds,
        cuts={**first, **said.calibration.cuts},
        rules=(held[SOURCES].id, held[DRIFT].id),
    )
