"""Issuing rules: a later order closes what stood before it; two orders never hold at once."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from karmayogi.policy.models import Rule as Row
from karmayogi.registry import bulk, ids

COLUMNS = (
    "id",
    "key",
    "kind",
    "scope",
    "body_id",
    "value",
    "during",
    "order_no",
    "order_date",
    "status",
    "note",
    "version",
    "recorded_at",
    "superseded_at",
)
Place = tuple[str, str, UUID | None]


@dataclass(frozen=True)
class NewRule:
    """A rule to be issued for `[since, until)`; None is open on that side. `body` None: the whole service."""

    key: str
    kind: str
    value: Any
    order_no: str
    since: dt.date | None = None
    until: dt.date | None = None
    order_date: dt.date | None = None
    scope: str = ""
    body: UUID | None = None
    status: str = "ours"
    note: str = ""

    @property
    def place(self) -> Place:
        """What may hold only one value at a time."""
        return self.key, self.scope, self.body


class RulesOverlap(Exception):
    """A rule would hold on days for which another order already sets it."""

    status = 409


@dataclass
class Plan:
    """What issuing would do: rows to write, stored rows they shorten, rows already there, rows that overlap."""

    fresh: list[NewRule] = field(default_factory=list)
    shortened: list[tuple[Row, dt.date]] = field(default_factory=list)
    same: list[NewRule] = field(default_factory=list)
    overlapping: list[tuple[NewRule, str]] = field(default_factory=list)


def issue(rules: Iterable[NewRule], *, now: dt.datetime | None = None) -> int:
    """Writes the rules and returns how many were new; what is there already stays as it is.

    A rule that starts later than one without an end closes it on its first day. Raises `RulesOverlap` for any
    other overlap, and then writes nothing.
    """
    with transaction.atomic():
        plan = planned(rules)
        if plan.overlapping:
            rule, order_no = plan.overlapping[0]
            raise RulesOverlap(
                f"The rule {rule.key} ({rule.scope or 'general'}) from {rule.since} overlaps order {order_no}. "
                "Give it other days, or end the former rule first."
            )
        return write(plan, now=now or timezone.now())


def planned(rules: Iterable[NewRule]) -> Plan:
    """Compares the rules with what stands and with each other, in the order of their first days."""
    wanted = sorted(rules, key=lambda r: (r.key, r.scope, r.since or dt.date.min))
    standing: dict[Place, list[Row | NewRule]] = defaultdict(list)
    for row in Row.objects.filter(key__in={r.key for r in wanted}, superseded_at__isnull=True):
        standing[row.key, row.scope, row.body_id].append(row)
    plan = Plan()
    for rule in wanted:
        _place(rule, standing[rule.place], plan)
    return plan


def write(plan: Plan, *, now: dt.datetime) -> int:
    """Carries the plan out: shortened rows are superseded by copies that end earlier. Returns the new rules."""
    Row.objects.filter(id__in=[row.id for row, _ in plan.shortened]).update(superseded_at=now)
    versions: dict[Place, int] = defaultdict(int)
    for row in Row.objects.filter(key__in={r.key for r in plan.fresh}):
        place = row.key, row.scope, row.body_id
        versions[place] = max(versions[place], row.version)
    rows = [_copied(row, until, now) for row, until in plan.shortened]
    for rule in plan.fresh:
        versions[rule.place] += 1
        rows.append(
            (
                ids.new(),
                rule.key,
                rule.kind,
                rule.scope,
                rule.body,
                json.dumps(rule.value),
                _days(rule.since, rule.until),
                rule.order_no,
                rule.order_date,
                rule.status,
                rule.note,
                versions[rule.place],
                now,
                None,
            )
        )
    return bulk.load(Row, COLUMNS, rows) - len(plan.shortened)


def _place(rule: NewRule, others: list[Row | NewRule], plan: Plan) -> None:
    # Looked for among all first: what is there already overlaps whatever came after it, in whichever order they lie.
    if any(_is_same(rule, other) for other in others):
        plan.same.append(rule)
        return
    shortened: list[tuple[Row, dt.date]] = []
    for other in others:
        since, until = _span(other)
        if not _meet(rule, since, until):
            continue
        if isinstance(other, Row) and until is None and rule.since and (since is None or since < rule.since):
            shortened.append((other, rule.since))
            continue
        plan.overlapping.append((rule, other.order_no))
        return
    gone = {id(row) for row, _ in shortened}
    others[:] = [other for other in others if id(other) not in gone]
    others.append(rule)
    plan.shortened += shortened
    plan.fresh.append(rule)


def _span(rule: Row | NewRule) -> tuple[dt.date | None, dt.date | None]:
    if isinstance(rule, Row):
        return rule.during.lower, rule.during.upper
    return rule.since, rule.until


def _is_same(rule: NewRule, other: Row | NewRule) -> bool:
    since, _ = _span(other)
    return (rule.since, rule.order_no, rule.value) == (since, other.order_no, other.value)


def _meet(rule: NewRule, since: dt.date | None, until: dt.date | None) -> bool:
    starts_before_end = until is None or rule.since is None or rule.since < until
    ends_after_start = rule.until is None or since is None or since < rule.until
    return starts_before_end and ends_after_start


def _copied(row: Row, until: dt.date, now: dt.datetime) -> tuple[Any, ...]:
    return (
        ids.new(),
        row.key,
        row.kind,
        row.scope,
        row.body_id,
        json.dumps(row.value),
        _days(row.during.lower, until),
        row.order_no,
        row.order_date,
        row.status,
        row.note,
        row.version,
        now,
        None,
    )


def _days(since: dt.date | None, until: dt.date | None) -> str:
    return f"[{since or ''},{until or ''})"
