"""How sittings end: what was answered becomes evidence, and the profile is told. Set-based, for one or for many."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from karmayogi.assessment import keys
from karmayogi.assessment.models import Ending, Response, Sitting
from karmayogi.competency import evidence, profile
from karmayogi.competency.evidence import NewEvidence, Source
from karmayogi.institutions import audit
from karmayogi.registry import ids


class State(StrEnum):
    """Where a sitting stands."""

    OPEN = "open"
    FINISHED = "finished"
    LAPSED = "lapsed"


@dataclass(frozen=True)
class Answered:
    """The answers of one sitting in order: item versions, options chosen, and whether each was right."""

    items: tuple[UUID, ...] = ()
    options: tuple[str, ...] = ()
    right: tuple[bool, ...] = ()


@dataclass(frozen=True)
class Close:
    """A sitting to be ended, with the belief it ended in (None: taken elsewhere)."""

    sitting: Sitting
    state: State
    at: dt.datetime
    mean: float | None = None
    sd: float | None = None


def answered(sittings: Iterable[UUID]) -> dict[UUID, Answered]:
    """sitting -> its answers, scored against the keys now; sittings without answers are absent."""
    chosen: dict[UUID, list[tuple[UUID, str]]] = {}
    query = Response.objects.filter(sitting_id__in=list(sittings)).order_by("sitting_id", "position")
    for sitting, item, option in query.values_list("sitting_id", "item_version_id", "option"):
        chosen.setdefault(sitting, []).append((item, option))
    right = keys.right_options(item for answers in chosen.values() for item, _ in answers)
    return {
        sitting: Answered(
            tuple(item for item, _ in answers),
            tuple(option for _, option in answers),
            tuple(option == right[item] for item, option in answers),
        )
        for sitting, answers in chosen.items()
    }


def end(closing: Sequence[Close], given: Mapping[UUID, Answered], *, now: dt.datetime) -> None:
    """Ends sittings that are still open.

    Their answers become evidence and their people's profiles are refreshed. A supervised sitting gives evidence
    only once it is confirmed: the place vouches for who sat there, not the screen.
    """
    Ending.objects.bulk_create(
        [
            Ending(
                id=ids.new(),
                sitting=c.sitting,
                state=c.state.value,
                mean=c.mean,
                sd=c.sd,
                at=c.at,
                recorded_at=now,
                asked=len(given.get(c.sitting.id, Answered()).items),
            )
            for c in closing
        ],
        ignore_conflicts=True,
    )
    record([c for c in closing if not c.sitting.supervised], given, now=now)
    for c in closing:
        _trace(c, given.get(c.sitting.id, Answered()))


def entry_of(sitting: UUID) -> UUID:
    """The entry of the audit log that says what this sitting ended in."""
    return audit.entry_of("result.issue", sitting)


def _trace(closed: Close, answers: Answered) -> None:
    sitting = closed.sitting
    details = {
        "state": closed.state.value,
        "competency": str(sitting.competency_id),
        "asked": len(answers.items),
        "right": sum(answers.right),
        "mean": closed.mean,
        "sd": closed.sd,
    }
    audit.record(
        "result.issue", actor=sitting.person_id, object_kind="sitting", object_id=sitting.id, details=details,
        entry=entry_of(sitting.id),
    )  # fmt: skip


def record(closing: Sequence[Close], given: Mapping[UUID, Answered], *, now: dt.datetime) -> int:
    """Writes the evidence of ended sittings and refreshes the profiles; returns how many rows were new."""
    counted = [c for c in closing if c.sitting.id in given]
    written = evidence.record((_evidence(c, given[c.sitting.id]) for c in counted), now=now)
    if written:
        profile.refresh({c.sitting.person_id for c in counted}, now=now)
    return written


def _evidence(closed: Close, answers: Answered) -> NewEvidence:
    sitting = closed.sitting
    return NewEvidence(
        person=sitting.person_id,
        competency=sitting.competency_id,
        source=Source.SUPERVISED_TEST if sitting.supervised else Source.TEST,
        happened_at=closed.at,
        key=f"sitting:{sitting.id}",
        instrument=f"pool:{sitting.pool_version_id}",
        payload={
            "items": [str(item) for item in answers.items],
            "right": [int(right) for right in answers.right],
        },
    )
