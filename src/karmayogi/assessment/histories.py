"""Sittings taken elsewhere, or before the house stood: written in sets, without choosing questions."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from karmayogi.assessment import keys, publications
from karmayogi.assessment.endings import State
from karmayogi.assessment.models import Ending, Response, Sitting
from karmayogi.competency import evidence
from karmayogi.competency.evidence import NewEvidence, Source
from karmayogi.registry import bulk, ids

NOT_RECORDED = "-"
"""The option of a wrong answer of which only "wrong" is known."""


class HistoryDoesNotFit(ValueError):
    """A sitting taken elsewhere has answers that do not match its items."""

    status = 400


@dataclass(frozen=True)
class HistorySitting:
    """A finished sitting: `items` are item versions in the order asked; give `options` chosen, or `right` (1 or 0).

    `key` is its natural key: the same one again is left out. `pool_version` is that of the competency's check
    where none is named.
    """

    person: UUID
    competency: UUID
    items: Sequence[UUID]
    started_at: dt.datetime
    finished_at: dt.datetime
    key: str
    options: Sequence[str] | None = None
    right: Sequence[int] | None = None
    milliseconds: Sequence[int] | None = None
    pool_version: UUID | None = None
    supervised: bool = False


def record_history(rows: Iterable[HistorySitting], *, now: dt.datetime, size: int = 5000) -> int:
    """Writes finished sittings with their answers and evidence; returns how many were new.

    Profiles are not refreshed: call `competency.profile.refresh` once for all people afterwards. Raises
    `HistoryDoesNotFit`, and then writes nothing.
    """
    wanted = list({row.key: row for row in rows}.values())
    with transaction.atomic():
        return sum(_write(wanted[n : n + size], now=now) for n in range(0, len(wanted), size))


def _write(rows: Sequence[HistorySitting], *, now: dt.datetime) -> int:
    known = set(Sitting.objects.filter(key__in=[row.key for row in rows]).values_list("key", flat=True))
    fresh = {ids.new(): row for row in rows if row.key not in known}
    right = keys.right_options(item for row in fresh.values() for item in row.items)
    chosen = {key: _options(row, right) for key, row in fresh.items()}
    versions = {
        c: card.id for c, card in publications.current({r.competency for r in fresh.values()}).items()
    }
    placed = {key: row.pool_version or versions[row.competency] for key, row in fresh.items()}
    _sittings(fresh, placed, now=now)
    bulk.load(
        Response,
        ["id", "sitting_id", "position", "item_version_id", "option", "milliseconds", "answered_at"],
        (
            (
                ids.new(),
                key,
                position,
                item,
                chosen[key][position - 1],
                row.milliseconds[position - 1] if row.milliseconds else None,
                row.finished_at,
            )
            for key, row in fresh.items()
            for position, item in enumerate(row.items, start=1)
        ),
    )
    _count(fresh, placed)
    evidence.record((_evidence(k, r, chosen[k], right, placed[k]) for k, r in fresh.items()), now=now)
    return len(fresh)


def _sittings(fresh: Mapping[UUID, HistorySitting], placed: Mapping[UUID, UUID], *, now: dt.datetime) -> None:
    bulk.load(
        Sitting,
        [
            "id",
            "person_id",
            "competency_id",
            "pool_version_id",
            "supervised",
            "key",
            "seed",
            "started_at",
            "deadline",
            "open",
        ],
        (
            (
                key,
                row.person,
                row.competency,
                placed[key],
                row.supervised,
                row.key,
                "",
                row.started_at,
                row.finished_at,
                False,
            )
            for key, row in fresh.items()
        ),
    )
    bulk.load(
        Ending,
        ["id", "sitting_id", "state", "asked", "at", "recorded_at"],
        (
            (ids.new(), key, State.FINISHED.value, len(row.items), row.finished_at, now)
            for key, row in fresh.items()
        ),
    )


def _options(row: HistorySitting, right: Mapping[UUID, str]) -> list[str]:
    """The options chosen. Of a right answer the option follows from the key; of a wrong one it may be unknown."""
    answers: Sequence[object] | None = row.options if row.options is not None else row.right
    if answers is None or len(answers) != len(row.items) or any(item not in right for item in row.items):
        raise HistoryDoesNotFit(
            f"Sitting {row.key}: give one answer for each item, and only items that are known."
        )
    if row.options is not None:
        return list(row.options)
    return [right[item] if answer else NOT_RECORDED for item, answer in zip(row.items, answers, strict=True)]


def _count(fresh: Mapping[UUID, HistorySitting], placed: Mapping[UUID, UUID]) -> None:
    times: Counter[tuple[UUID, UUID]] = Counter()
    firsts: Counter[tuple[UUID, UUID]] = Counter()
    for key, row in fresh.items():
        times.update((placed[key], item) for item in row.items)
        firsts.update((placed[key], item) for item in row.items[:1])
    publications.count_exposures({place: (count, firsts[place]) for place, count in times.items()})


def _evidence(
    key: UUID, row: HistorySitting, options: Sequence[str], right: Mapping[UUID, str], pool_version: UUID
) -> NewEvidence:
    return NewEvidence(
        person=row.person,
        competency=row.competency,
        source=Source.SUPERVISED_TEST if row.supervised else Source.TEST,
        happened_at=row.finished_at,
        key=f"sitting:{key}",
        instrument=f"pool:{pool_version}",
        payload={
            "items": [str(item) for item in row.items],
            "right": [int(option == right[item]) for item, option in zip(row.items, options, strict=True)],
        },
    )
