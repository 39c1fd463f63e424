"""Retention: what is past its time by the register goes, in sets, unless a law or a legal hold keeps it.

A dry run is the real run in a transaction that is undone, so that it tells exactly what would go. The log keeps its
leaves: entries past their time lose their texts with the next seal, as at erasure.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from karmayogi.institutions import audit, audit_erasure, grants
from karmayogi.institutions.roles import Role
from karmayogi.journeys import deletions, traces
from karmayogi.journeys.deletions import Certificate
from karmayogi.policy import holds, purposes
from karmayogi.policy.purposes import Clock
from karmayogi.registry import files, keys, notices
from karmayogi.registry.acting import as_worker
from karmayogi.registry.notices import NewNotice

ACT, CHECK = "privacy.retain", "journeys.retention"
LOG = "institutions_auditrow"


class NotYet(Exception):
    """A real run deletes by today's date only."""

    status = 400


@dataclass(frozen=True, slots=True)
class Sweep:
    """One table: rows `past` their time, those of them that are `held` or `needed` by a row that stays, and `gone`.

    `months`: None where rows stay with the record; `law`: what forbids to delete, for those.
    """

    table: str
    purpose: str
    months: int | None
    past: int
    held: int
    needed: int
    gone: int
    law: str


@dataclass(slots=True)
class Swept:
    """What a run did or would do; `holds`: the orders of the holds that stood; `files`: hashes whose rows went."""

    sweeps: list[Sweep]
    holds: list[str]
    files: list[str] = field(default_factory=list)

    def by_purpose(self) -> dict[str, int]:
        """purpose -> rows that went."""
        found: dict[str, int] = {}
        for sweep in self.sweeps:
            found[sweep.purpose] = found.get(sweep.purpose, 0) + sweep.gone
        return found


def look(*, now: dt.datetime) -> Swept:
    """What a run at that moment would do; nothing remains of it."""
    with as_worker(), transaction.atomic():
        swept = _sweep(now=now)
        transaction.set_rollback(True)
    return swept


def retain(*, order: str, asked_by: UUID, approved_by: UUID, now: dt.datetime) -> Certificate:
    """Deletes what is past its time and held by nothing, in one transaction; returns the signed certificate.

    `order`: the number of the order that asks for it. Raises `holds.SamePerson`, `NotYet` for a moment to come.
    """
    if asked_by == approved_by:
        raise holds.SamePerson(_("Another person than the one who asks approves it."))
    if now > timezone.now() + dt.timedelta(minutes=1):
        raise NotYet(_("Nothing is deleted before its time. Look with a dry run instead."))
    with as_worker():
        swept = _sweep(now=now)
        done = deletions.certify(
            ACT, what=_told(swept), order=order, asked_by=asked_by, approved_by=approved_by, now=now
        )
        transaction.on_commit(lambda: _discard(swept.files))
    return done


def tell(swept: Swept, *, now: dt.datetime) -> int:
    """Tells the operators how many rows wait to be deleted by an order; how many were told, 0 if nothing waits."""
    waiting = sum(swept.by_purpose().values())
    if not waiting:
        return 0
    on = timezone.localdate(now)
    to = grants.holders(Role.OPERATOR, on=on)
    params = {"rows": waiting}
    notices.tell_all(
        [NewNotice(person, "retention_due", f"retention:{on:%Y-%m}:{person}", params) for person in to],
        now=now,
    )
    return len(to)


def _sweep(*, now: dt.datetime) -> Swept:
    months = purposes.months(on=timezone.localdate(now))
    swept = Swept([], sorted({h.order_no for h in holds.standing(at=now)}))
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE held_people ON COMMIT DROP AS SELECT DISTINCT id FROM ({holds.HELD}) h",  # noqa: S608
            {"at": now},
        )
        cursor.execute(_AS_ERASURE)
        (before, _was) = cursor.fetchone()
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for clock in purposes.clocks().values():
            swept.sweeps.append(_one(cursor, clock, months=months, now=now, swept=swept))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT set_config('app.purpose', %s, true)", [before or ""])
        cursor.execute("DROP TABLE held_people")
    return swept


def _one(
    cursor: Any, clock: Clock, *, months: Mapping[str, int | None], now: dt.datetime, swept: Swept
) -> Sweep:
    law = purposes.purposes()[clock.purpose].blocked_by if not clock.since else ""
    span = months[clock.purpose]
    if span is None or not clock.since:
        return Sweep(clock.table, clock.purpose, None if not clock.since else span, 0, 0, 0, 0, law)
    if clock.table == LOG:
        return _log(cursor, clock, months=span, now=now)
    values = {"cut": traces.months_before(now, span), "at": now}
    late, held = f"({clock.since}) < %(cut)s", _held(clock.table)
    needed = f"({clock.unless}) IS TRUE" if clock.unless else "false"
    cursor.execute(
        f'SELECT count(*), count(*) FILTER (WHERE {held}) FROM "{clock.table}" t WHERE {late}',  # noqa: S608
        values,
    )
    past, kept = cursor.fetchone()
    shown = "t.sha256" if clock.table == "registry_file" else "NULL"
    gone = 0
    # Again as long as something goes: a row may have been needed by one that just went.
    while past - kept - gone:
        cursor.execute(
            f'DELETE FROM "{clock.table}" t WHERE {late} AND NOT ({held}) AND NOT ({needed}) RETURNING {shown}',  # noqa: S608
            values,
        )
        found = cursor.fetchall()
        if not found:
            break
        gone += len(found)
        swept.files += [digest for (digest,) in found if digest]
    return Sweep(clock.table, clock.purpose, span, past, kept, past - kept - gone, gone, "")


def _log(cursor: Any, clock: Clock, *, months: int, now: dt.datetime) -> Sweep:
    """Entries of the log: never before the time that logs must be kept, nor those that say what was deleted."""
    least = purposes.least_months_of_log(on=timezone.localdate(now))
    held = _held(LOG)
    cursor.execute(
        f"SELECT t.id, ({held}) FROM institutions_auditrow t WHERE t.at < %s AND t.salt IS NOT NULL"  # noqa: S608
        " AND t.act <> ALL(%s) AND EXISTS (SELECT FROM institutions_auditleaf l WHERE l.id = t.id)",
        [traces.months_before(now, max(months, least)), list(KEPT_ACTS)],
    )
    rows = cursor.fetchall()
    free = [id for id, is_held in rows if not is_held]
    cursor.execute("SELECT set_config('app.purpose', '', true)")
    gone = audit_erasure.erase(free, by=None, reason=CHECK, now=now) if free else 0
    cursor.execute(_AS_ERASURE)
    law = purposes.purposes()[clock.purpose].blocked_by if least > months else ""
    return Sweep(LOG, clock.purpose, max(months, least), len(rows), len(rows) - len(free), 0, gone, law)


KEPT_ACTS = (audit.ERASED, ACT, "person.erase", "hold.place", "hold.release")
_AS_ERASURE = "SELECT current_setting('app.purpose', true), set_config('app.purpose', 'erasure', true)"


def _held(table: str) -> str:
    """SQL over `t` that is true of the rows that a hold keeps."""
    parts = [_of_held_people(keys.tables()[table].condition)]
    if table in _OF_HELD_CASES:
        parts.append(f"{_OF_HELD_CASES[table]} IN (SELECT h.case FROM policy_hold h WHERE {_STANDS})")  # noqa: S608
    if table == "registry_file":
        parts.append(
            "t.id::text IN (SELECT e.details->>'file' FROM registry_caseevent e JOIN policy_hold h"  # noqa: S608
            f" ON h.case = e.case_id WHERE {_STANDS})"
        )
    return f"(({' OR '.join(parts)}) IS TRUE)"


def _of_held_people(condition: str) -> str:
    as_text = condition.replace("= %(person)s::text", "IN (SELECT id::text FROM held_people)")
    return as_text.replace("= %(person)s", "IN (SELECT id FROM held_people)")


_OF_HELD_CASES = {"registry_case": "t.id", "registry_caseevent": "t.case_id"}
_STANDS = "h.case IS NOT NULL AND h.placed_at <= %(at)s AND (h.released_at IS NULL OR h.released_at > %(at)s)"


def _told(swept: Swept) -> dict[str, Any]:
    return {
        "tables": {
            s.table: {"past": s.past, "held": s.held, "needed": s.needed, "gone": s.gone}
            for s in swept.sweeps
            if s.past
        },
        "purposes": {key: count for key, count in swept.by_purpose().items() if count},
        "holds": swept.holds,
        "files": len(set(swept.files)),
    }


def _discard(digests: Iterable[str]) -> None:
    with as_worker():
        files.discard(digests)
