"""A questioned result as it stood on the day it was questioned: kept with the case, read by who answers.

The reviewer reads the case and nothing else about the person, so what they must see goes into it: the result and
the evidence behind it, without whoever observed.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from karmayogi.competency.evidence import Source
from karmayogi.competency.gaps import Gap
from karmayogi.competency.proofs import Note, Proof
from karmayogi.registry.cases import Outcome
from karmayogi.web.pages.official.competencies import state_of

KIND, SUBJECT = "competency_result", "competency"


@dataclass(frozen=True)
class Result:
    """The result as it stood. `state`: met, gap or unsure; `known`: there is an estimate on the scale of `levels`."""

    state: str
    need: int
    levels: int
    known: bool
    value: float
    low: float
    high: float


def keep(gap: Gap | None, proofs: Iterable[Proof]) -> dict[str, Any]:
    """The result and its evidence as JSON; without a post there is no result."""
    return {"result": _result(gap) if gap else None, "evidence": [_row(proof) for proof in proofs]}


def result(kept: Mapping[str, Any]) -> Result | None:
    """The result that was kept, if any."""
    return Result(**kept["result"]) if kept.get("result") else None


def evidence(kept: Mapping[str, Any]) -> list[Proof]:
    """The rows of evidence that were kept, latest first; nobody is named in them."""
    return [_proof(row) for row in kept.get("evidence", ())]


def outcome_word(outcome: str) -> str:
    """What a decision says, in a sentence without its full stop."""
    return {
        Outcome.UPHELD: _("The result stands"),
        Outcome.CORRECTED: _("The result was wrong and is to be put right"),
        Outcome.CLOSED: _("Closed without a finding"),
    }[Outcome(outcome)]


def _result(gap: Gap) -> dict[str, Any]:
    return {
        "state": state_of(gap), "need": gap.level, "levels": gap.levels, "known": bool(gap.information),
        "value": gap.value, "low": gap.low, "high": gap.high,
    }  # fmt: skip


def _row(proof: Proof) -> dict[str, Any]:
    until = proof.counts_until
    return {
        "id": str(proof.id), "what": proof.what.value, "when": proof.when.isoformat(), "strength": proof.strength,
        "note": proof.note.value, "level": proof.level, "asked": proof.asked,
        "until": until.isoformat() if until else None,
    }  # fmt: skip


def _proof(row: Mapping[str, Any]) -> Proof:
    note = Note(row["note"])
    return Proof(
        when=dt.datetime.fromisoformat(row["when"]), what=Source(row["what"]), strength=row["strength"],
        counts=note is Note.COUNTS, note=note, id=UUID(row["id"]), level=row["level"], asked=row["asked"],
        counts_until=dt.date.fromisoformat(row["until"]) if row["until"] else None,
    )  # fmt: skip
