"""The register of breaches: what happened, since when it is known, the clocks, whom it affects, whom it was told.

The clocks are the rule `breach.clocks`, in hours from the moment it was known.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from karmayogi.institutions import audit
from karmayogi.policy import rules
from karmayogi.policy.models import Affected, Breach
from karmayogi.registry import ids

CLOCKS = "breach.clocks"
SHORTEST = 10
"""Letters of what is said, at least."""
Office = Literal["cert", "board"]


class NoSuchBreach(LookupError):
    """There is no breach with this number."""


class BreachAlreadyKnown(Exception):
    """There is a breach with this number."""

    status = 409


class WrongMoment(ValueError):
    """A moment that lies in the future, or before what it follows."""

    status = 400


class NotSaidWhat(ValueError):
    """Whoever is affected would not learn what happened."""

    status = 400


class NotToBeClosed(Exception):
    """A breach closes when both offices were told, everyone affected was written to, and its measures are written."""

    status = 409


@dataclass(frozen=True, slots=True)
class BreachCard:
    """A breach as it stands. `cert_due`, `board_due`: the last moment in time; `told`: of the `affected`."""

    id: UUID
    number: str
    what: str
    happened_at: dt.datetime | None
    known_at: dt.datetime
    cert_due: dt.datetime
    board_due: dt.datetime
    cert_told_at: dt.datetime | None
    board_told_at: dt.datetime | None
    measures: str
    closed_at: dt.datetime | None
    affected: int
    told: int
    cert_reference: str
    board_reference: str


@dataclass(frozen=True, slots=True)
class Listing:
    """People whom one query found: in its words, how many, since when, and how many of them were told."""

    found_by: str
    people: int
    listed_at: dt.datetime
    told: int


def open_one(
    number: str,
    *,
    what: str,
    known_at: dt.datetime,
    by: UUID,
    now: dt.datetime,
    happened_at: dt.datetime | None = None,
) -> BreachCard:
    """Enters a breach.

    Raises `BreachAlreadyKnown`, `WrongMoment`, `NotSaidWhat`, and `rules.NoSuchRule` where no clocks are set.
    """
    if known_at > now or (happened_at or known_at) > known_at:
        raise WrongMoment(_("It happened before it was known, and it is known now. Check both moments."))
    if not number.strip() or len(what.strip()) < SHORTEST:
        raise NotSaidWhat(_("Write a number and, in a sentence for those affected, what happened."))
    if Breach.objects.filter(number=number).exists():
        raise BreachAlreadyKnown(_("There is a breach with this number already."))
    row = Breach(
        id=ids.new(), number=number, what=what, happened_at=happened_at, known_at=known_at, opened_at=now,
        opened_by_id=by,
    )  # fmt: skip
    with transaction.atomic():
        row.save(force_insert=True)
        _trace("breach.open", row, by=by, reason=what[:200])
    return card(number)


def card(number: str) -> BreachCard:
    """The breach with this number; raises `NoSuchBreach`."""
    found = [each for each in every() if each.number == number]
    if not found:
        raise NoSuchBreach(_("There is no breach with this number."))
    return found[0]


def one(id: UUID) -> tuple[BreachCard, list[Listing]]:
    """The breach with this id, and how the affected were found; three queries. Raises `NoSuchBreach`."""
    row = Breach.objects.filter(id=id).first()
    if row is None:
        raise NoSuchBreach(_("There is no such breach, or you do not operate the whole service."))
    found, hours = listings(id), rules.in_force(CLOCKS, on=timezone.localdate()).value
    return _card(row, hours, (sum(f.people for f in found), sum(f.told for f in found))), found


def listings(id: UUID) -> list[Listing]:
    """How the affected were found, in the order of the queries; one query."""
    found = (
        Affected.objects.filter(breach_id=id).values_list("found_by").annotate(
            people=Count("id"), since=Min("listed_at"), told=Count("id", filter=Q(told_at__isnull=False))
        )
    )  # fmt: skip
    return [Listing(*row) for row in found.order_by("since", "found_by")]


def affected(id: UUID) -> Iterator[tuple[str, str, str, str, dt.datetime, dt.datetime | None]]:
    """(employee code, name, code of the body today, found by, listed, told) of everyone affected, by body and name.

    As the worker role; the rows come in pieces, whatever their number.
    """
    with connection.chunked_cursor() as cursor:
        cursor.execute(_PEOPLE, [timezone.localdate(), id])
        while rows := cursor.fetchmany(5000):
            yield from rows


def note_export(number: str, *, by: UUID, reason: str, people: int) -> None:
    """The row of the log about a list that was handed out."""
    _trace("breach.export", _row(number), by=by, reason=reason, added=people)


def every() -> list[BreachCard]:
    """All breaches, the latest known first, in two queries."""
    hours = rules.in_force(CLOCKS, on=timezone.localdate()).value
    listed = Affected.objects.values_list("breach_id").annotate(
        all=Count("id"), told=Count("id", filter=Q(told_at__isnull=False))
    )
    counts = {breach: (all, told) for breach, all, told in listed}
    return [_card(row, hours, counts.get(row.id, (0, 0))) for row in Breach.objects.order_by("-known_at")]


def list_affected(
    number: str, people: str, *, values: dict[str, Any], found_by: str, by: UUID, now: dt.datetime
) -> int:
    """Lists everyone whom a query finds; how many were not listed before. One statement, whatever their number.

    `people`: SQL that gives a column `person` of person ids, with `values`; `found_by`: the query in words.
    """
    row = _row(number)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO policy_affected (id, breach_id, person_id, found_by, listed_at)"  # noqa: S608
            " SELECT gen_random_uuid(), %(breach)s, f.person, %(found_by)s, %(now)s"
            f" FROM (SELECT DISTINCT person FROM ({people}) q) f JOIN institutions_person p ON p.id = f.person"
            " ON CONFLICT (breach_id, person_id) DO NOTHING",
            {**values, "breach": row.id, "found_by": found_by[:200], "now": now},
        )
        added: int = cursor.rowcount
        _trace("breach.list", row, by=by, reason=found_by[:200], added=added)
    return added


def untold(number: str) -> list[UUID]:
    """Whom the breach affects and nobody wrote to yet."""
    rows = Affected.objects.filter(breach_id=_row(number).id, told_at=None)
    return list(rows.values_list("person_id", flat=True))


def affected_by_body(id: UUID) -> list[tuple[str, int]]:
    """(code of the body where they serve today, number of people), the most first; "" for those who serve nowhere."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_BODY, [timezone.localdate(), id])
        return [(code or "", count) for code, count in cursor.fetchall()]


def mark_told(number: str, people: Iterable[UUID], *, by: UUID, now: dt.datetime) -> int:
    """Notes that these people were written to; how many."""
    row = _row(number)
    with transaction.atomic():
        told = Affected.objects.filter(breach_id=row.id, person_id__in=list(people), told_at=None).update(
            told_at=now
        )
        _trace("breach.tell", row, by=by, added=told)
    return told


def report(
    number: str, *, to: Office, by: UUID, at: dt.datetime, reference: str = "", now: dt.datetime | None = None
) -> BreachCard:
    """Notes when an office was told and under which reference of theirs; the first time counts. Raises `WrongMoment`.

    `now`: what `at` may not lie after, where somebody typed it.
    """
    with transaction.atomic():
        row = Breach.objects.select_for_update().get(pk=_row(number).id)
        if at < row.known_at.replace(second=0, microsecond=0) or (now is not None and at > now):
            raise WrongMoment(_("An office is told after the breach is known, and not in the future."))
        field = f"{to}_told_at"
        if getattr(row, field) is None:
            setattr(row, field, at)
            setattr(row, f"{to}_reference", reference.strip()[:120] or None)
            row.save(update_fields=[field, f"{to}_reference"])
            _trace(f"breach.report_{to}", row, by=by, reason=reference.strip()[:120])
    return card(number)


def close(number: str, *, measures: str, by: UUID, now: dt.datetime) -> BreachCard:
    """Closes the breach. Raises `NotToBeClosed`."""
    found = card(number)
    if not (found.cert_told_at and found.board_told_at and measures.strip()) or found.told < found.affected:
        raise NotToBeClosed(
            _("Tell both offices and everyone affected, and write the measures; then close it.")
        )
    with transaction.atomic():
        row = Breach.objects.select_for_update().get(pk=found.id)
        row.measures, row.closed_at, row.closed_by_id = measures.strip(), now, by
        row.save(update_fields=["measures", "closed_at", "closed_by"])
        _trace("breach.close", row, by=by, reason=measures[:200])
    return card(number)


def _row(number: str) -> Breach:
    row = Breach.objects.filter(number=number).first()
    if row is None:
        raise NoSuchBreach(_("There is no breach with this number."))
    return row


def _trace(act: str, row: Breach, *, by: UUID, reason: str = "", added: int | None = None) -> None:
    details = {"number": row.number} | ({} if added is None else {"people": added})
    audit.record(act, actor=by, object_kind="breach", object_id=row.id, reason=reason, details=details)


def _card(row: Breach, hours: dict[str, int], counts: tuple[int, int]) -> BreachCard:
    due = {to: row.known_at + dt.timedelta(hours=hours[to]) for to in ("cert", "board")}
    return BreachCard(
        row.id, row.number, row.what, row.happened_at, row.known_at, due["cert"], due["board"], row.cert_told_at,
        row.board_told_at, row.measures, row.closed_at, *counts, row.cert_reference or "", row.board_reference or "",
    )  # fmt: skip


_PEOPLE = """
SELECT coalesce(p.employee_code, ''), p.name, coalesce(b.code, ''), f.found_by, f.listed_at, f.told_at
FROM policy_affected f JOIN institutions_person p ON p.id = f.person_id
LEFT JOIN institutions_assignment a ON a.person_id = f.person_id AND a.kind = 'substantive' AND a.during @> %s::date
LEFT JOIN institutions_body b ON b.id = a.body_id
WHERE f.breach_id = %s ORDER BY b.code NULLS LAST, p.name, p.id
"""
_BY_BODY = """
SELECT b.code, count(*) FROM policy_affected f
LEFT JOIN institutions_assignment a ON a.person_id = f.person_id AND a.kind = 'substantive' AND a.during @> %s::date
LEFT JOIN institutions_body b ON b.id = a.body_id
WHERE f.breach_id = %s GROUP BY 1 ORDER BY 2 DESC, 1
"""
