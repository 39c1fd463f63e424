"""Grounds: reads what rows of the ledger are judged by, as it stands or as it was stamped on an estimate."""

import datetime as dt
from collections.abc import Iterable, Sequence
from uuid import UUID

from karmayogi.competency import calibrations, frameworks
from karmayogi.competency.calibrations import CalibrationSet
from karmayogi.competency.evidence import EvidenceRow
from karmayogi.competency.models import Competency
from karmayogi.competency.posterior import Ground
from karmayogi.policy import rules
from karmayogi.policy.rules import NoSuchRule, Rule

SOURCES, DRIFT = "evidence.sources", "evidence.drift"


def standing(rows: Sequence[EvidenceRow], *, on: dt.date, competencies: Iterable[UUID] = ()) -> Ground:
    """The latest calibration set and the rules in force on the day, as far as `rows` and `competencies` need them.

    Raises `NoSuchRule` if no order says what evidence counts.
    """
    return _ground(rows, calibrations.current(), rules.values([SOURCES, DRIFT], on=on), competencies)


def stamped(rows: Sequence[EvidenceRow], *, calibration: int, rules_used: Sequence[UUID]) -> Ground:
    """The set and the rules that an estimate was computed with."""
    held = {rule.key: rule for rule in rules.by_ids(rules_used).values()}
    return _ground(rows, calibrations.numbered([calibration])[calibration], held, ())


def _ground(
    rows: Sequence[EvidenceRow], calibration: CalibrationSet, held: dict[str, Rule], more: Iterable[UUID]
) -> Ground:
    missing = {SOURCES, DRIFT} - set(held)
    if missing:
        raise NoSuchRule(f"No order sets {', '.join(sorted(missing))}. Load the house defaults or issue them.")
    competencies = {row.competency for row in rows} | set(more)
    spelled = {item for row in rows for item in row.payload.get("items", ())}
    items = {UUID(item) for item in spelled}
    raters = {row.observer for row in rows if row.observer}
    # a set holds the cuts of its day; for a competency younger than the set the first ones hold
    first = frameworks.cuts_of(competencies - set(calibration.cuts), on=dt.date.min)
    return Ground(
        calibration=calibration,
        parameters=calibrations.parameters(calibration, items=items) if items else {},
        severities=calibrations.severities(calibration, raters=raters) if raters else {},
        sources=held[SOURCES].value,
        drift=held[DRIFT].value,
        kinds=dict(Competency.objects.filter(id__in=competencies).values_list("id", "kind")),
        cuts={**first, **calibration.cuts},
        rules=(held[SOURCES].id, held[DRIFT].id),
    )
