"""Erasure: a plan from the register of purposes, carried out in one transaction, and a certificate of what was done.

Of each table the register says what happens to a row that names the person: it goes, it is emptied of the person, or
it stays because a law forbids to erase it before its time. Afterwards every table is searched for the person's id as
text; a row that no law explains undoes the whole. Audit entries past their time are erased by the next seal.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from karmayogi.institutions import aliases, audit, audit_erasure
from karmayogi.journeys import traces
from karmayogi.journeys.traces import Step
from karmayogi.policy import holds, purposes
from karmayogi.registry import files, ids
from karmayogi.registry.acting import as_worker

ACT = "person.erase"
LOG, PERSON = "institutions_auditrow", "institutions_person"


class UnexplainedRows(Exception):
    """Rows would still name the person though no law keeps them; nothing was erased."""

    status = 500


class UnderHold(Exception):
    """A legal hold forbids it; nothing was erased."""

    status = 409


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was erased and what was not; it names nobody. `entry`: its entry in the sealed log.

    `left`: table -> rows that still hold the person's id after it, each covered by a "keep" step.
    """

    entry: UUID
    at: dt.datetime
    reason: str
    steps: tuple[Step, ...]
    files: int
    left: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """The certificate as JSON."""
        return {
            "certificate": str(self.entry),
            "at": self.at.isoformat(),
            "reason": self.reason,
            "steps": [asdict(step) for step in self.steps],
            "files": self.files,
            "left": dict(self.left),
        }


def plan(person: UUID, *, now: dt.datetime) -> list[Step]:
    """What erasing this person would do, by table; nothing is written. As the worker role.

    Of joined records (`aliases`) all are erased.
    """
    return _summed(step for id in aliases.whole(person) for step in _plan(id, now=now))


def _plan(person: UUID, *, now: dt.datetime) -> list[Step]:
    steps = [step for step in traces.steps(person) if step.table != LOG]
    steps += _log_steps(person, now=now)
    holding = {step.table for step in steps if step.does == "keep" and step.rows} - {LOG, PERSON}
    if not holding:
        steps = [_goes(step) if step.table == PERSON else step for step in steps]
    return sorted((step for step in steps if step.rows), key=lambda step: (step.table, step.does, step.field))


def erase(person: UUID, *, reason: str, asked_by: UUID, approved_by: UUID, now: dt.datetime) -> Certificate:
    """Erases what no law keeps, in one transaction of its own; returns the certificate.

    `reason`: the request or order. `approved_by`: neither who asks nor the person. Raises `holds.SamePerson`,
    `UnderHold`, `UnexplainedRows`, and `audit_erasure.NotSealedYet`; then nothing is done.
    """
    with as_worker():
        whole = aliases.whole(person)
        if approved_by in (asked_by, person, *whole):
            raise holds.SamePerson(_("Another person than the one who asks approves it."))
        found = [(id, _plan(id, now=now)) for id in whole]
        held = sorted({order for id, _planned in found for order in holds.of_person(id, at=now)})
        if held:
            raise UnderHold(_("A legal hold stands: {orders}.").format(orders=", ".join(held)))
        steps = _summed(step for _id, planned in found for step in planned)
        digests = [digest for id, _planned in found for digest in files.digests_of(id)]
        for id, planned in found:
            _carry_out(id, planned)
            audit_erasure.erase(_old_entries(id, now=now), by=None, reason=reason, now=now)
        left = dict(sum((Counter(traces.naming(id)) for id, _planned in found), Counter()))
        _refuse_unexplained(left, steps)
        entry = ids.new()
        done = Certificate(entry, now, reason, tuple(steps), len(digests), left)
        audit.record(
            ACT,
            actor=approved_by,
            object_kind="erasure",
            object_id=entry,
            reason=reason,
            entry=entry,
            details={**_told(done), **({} if asked_by == person else {"asked_by": str(asked_by)})},
        )
        transaction.on_commit(lambda: _discard(digests))
    return done


def _summed(steps: Iterable[Step]) -> list[Step]:
    """One step for each thing that happens to a table, with the rows of all records together."""
    found: dict[tuple[str, ...], Step] = {}
    for step in steps:
        key = (step.table, step.does, step.field, step.law)
        rows = step.rows + (found[key].rows if key in found else 0)
        found[key] = replace(step, rows=rows)
    return [found[key] for key in sorted(found)]


def _carry_out(person: UUID, steps: Iterable[Step]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('app.purpose', true), set_config('app.purpose', 'erasure', true)"
        )
        (before, _was) = cursor.fetchone()
        # Another person's job may name one of the files that go.
        cursor.execute(
            "UPDATE registry_jobrun SET error_file_id = NULL"
            " WHERE error_file_id IN (SELECT id FROM registry_file WHERE owner = %s)",
            [person],
        )
        todo = [step for step in steps if step.does != "keep" and step.table != LOG]
        # Emptied before deleted: what says which rows are about the person may itself be deleted.
        for step in sorted(todo, key=lambda step: step.does == "delete"):
            if step.does == "empty":
                cursor.execute(*traces.emptying(step, person))
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        gone = {step.table for step in todo if step.does == "delete"}
        for statement in traces.deletions(gone):
            cursor.execute(statement, {"person": person})
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT set_config('app.purpose', %s, true)", [before or ""])


def _log_steps(person: UUID, *, now: dt.datetime) -> list[Step]:
    old, all = len(_old_entries(person, now=now)), len(_entries(person, before=None))
    law = purposes.purposes()["log"].blocked_by
    return [
        Step(LOG, traces.ROW, "delete", old, "log", ""),
        Step(LOG, traces.ROW, "keep", all - old, "log", law),
    ]


def _old_entries(person: UUID, *, now: dt.datetime) -> list[UUID]:
    """The entries past the time that logs must be kept."""
    least = purposes.least_months_of_log(on=timezone.localdate(now))
    return _entries(person, before=traces.months_before(now, least))


def _entries(person: UUID, *, before: dt.datetime | None) -> list[UUID]:
    """The entries that hold the person's id anywhere, not erased so far."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.id FROM institutions_auditrow r WHERE r.salt IS NOT NULL AND r::text LIKE %s"
            " AND (%s::timestamptz IS NULL OR r.at < %s)",
            [f"%{person}%", before, before],
        )
        return [id for (id,) in cursor.fetchall()]


def _goes(step: Step) -> Step:
    return Step(step.table, traces.ROW, "delete", step.rows if step.does == "keep" else 0, step.purpose, "")


def _refuse_unexplained(left: Mapping[str, int], steps: Iterable[Step]) -> None:
    kept = {step.table for step in steps if step.does == "keep"} | {LOG} | traces.laws_by_table().keys()
    unexplained = sorted(set(left) - kept)
    if unexplained:
        raise UnexplainedRows(
            f"Rows of {', '.join(unexplained)} would still name the person, and no law of the register keeps them."
            " Nothing was erased. Tell those who maintain the register."
        )


def _told(done: Certificate) -> dict[str, Any]:
    told: dict[str, Any] = {"files": done.files}
    for step in done.steps:
        counts = told.setdefault(step.table, {})
        counts[step.does] = counts.get(step.does, 0) + step.rows
    return told


def _discard(digests: list[str]) -> None:
    with as_worker():
        files.discard(digests)
