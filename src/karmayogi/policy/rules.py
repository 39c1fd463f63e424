"""Rules in force: which value holds for a body on a day, and by which order."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from karmayogi.institutions import bodies
from karmayogi.policy.defaults import HOUSE_DEFAULTS
from karmayogi.policy.issuing import NewRule, RulesOverlap, issue
from karmayogi.policy.models import Rule as Row

__all__ = [
    "HOUSE_DEFAULTS",
    "NewRule",
    "NoSuchRule",
    "Rule",
    "RulesOverlap",
    "SeveralScopes",
    "by_ids",
    "history",
    "in_force",
    "issue",
    "values",
]


class NoSuchRule(LookupError):
    """No order sets this rule for this body and day; ask the rule-maker to issue one."""

    status = 500


class SeveralScopes(LookupError):
    """The rule differs by scope; say which scope is meant."""

    status = 500


@dataclass(frozen=True)
class Rule:
    """A rule as it stands, with its citation: order number and date. In force on `[since, until)`; None is open."""

    id: UUID
    key: str
    value: Any
    kind: str
    version: int
    order_no: str
    order_date: dt.date | None
    since: dt.date | None
    until: dt.date | None
    scope: str
    status: str
    body: UUID | None = None
    note: str = ""

    @property
    def citation(self) -> str:
        """The order as a person would cite it, in the language of the reader, e.g. "demo/1 of 01.01.2020"."""
        if self.order_date is None:
            return self.order_no
        return _("{number} of {day}").format(number=self.order_no, day=f"{self.order_date:%d.%m.%Y}")


def in_force(key: str, *, body: UUID | None = None, on: dt.date, scope: str | None = None) -> Rule:
    """The rule for `body` on the day: of the nearest body up the tree that has one, else the general one.

    Raises `NoSuchRule`; `SeveralScopes` if the nearest rules differ by scope and none was named.
    """
    found = values([key], body=body, on=on, scope=scope)
    if key not in found:
        raise NoSuchRule(f"No order sets the rule {key} for {on:%d.%m.%Y}. Ask the rule-maker to issue one.")
    return found[key]


def values(
    keys: Iterable[str], *, body: UUID | None = None, on: dt.date, scope: str | None = None
) -> dict[str, Rule]:
    """key -> rule in force, for the keys that have one; read in one query. Raises `SeveralScopes`."""
    depth = {card.id: place for place, card in enumerate(_chain(body), start=1)}
    asked = {"keys": list(keys), "on": on, "scope": scope, "bodies": list(depth)}
    nearest: dict[str, list[Rule]] = {}
    for rule in _fetch(asked):
        best = nearest.setdefault(rule.key, [])
        if best and _depth(best[0], depth) < _depth(rule, depth):
            best.clear()
        if not best or _depth(best[0], depth) == _depth(rule, depth):
            best.append(rule)
    return {key: _only(found) for key, found in nearest.items()}


def by_ids(keys: Iterable[UUID]) -> dict[UUID, Rule]:
    """id -> rule, superseded ones too: what an older result was computed with."""
    return {row.id: _card(row) for row in Row.objects.filter(id__in=list(keys))}


def history(key: str, *, scope: str | None = None) -> list[Rule]:
    """Every stretch of the rule that stands, in the order of their days."""
    query = Row.objects.filter(key=key, superseded_at__isnull=True)
    if scope is not None:
        query = query.filter(scope=scope)
    return [_card(row) for row in query.order_by("scope", "body_id", "during")]


def _chain(body: UUID | None) -> list[bodies.BodyCard]:
    if body is None:
        return []
    card = bodies.by_ids([body]).get(body)
    return bodies.above(card) if card else []


def _fetch(asked: Mapping[str, Any]) -> list[Rule]:
    with connection.cursor() as cursor:
        cursor.execute(_IN_FORCE, asked)
        return [Rule(id, key, json.loads(value), *rest) for id, key, value, *rest in cursor.fetchall()]


def _depth(rule: Rule, depth: Mapping[UUID, int]) -> int:
    return depth[rule.body] if rule.body else 0


def _only(found: list[Rule]) -> Rule:
    if len(found) > 1:
        scopes = "; ".join(rule.scope or "general" for rule in found)
        raise SeveralScopes(f"The rule {found[0].key} differs by scope ({scopes}). Say which one is meant.")
    return found[0]


def _card(row: Row) -> Rule:
    return Rule(
        id=row.id,
        key=row.key,
        value=row.value,
        kind=row.kind,
        version=row.version,
        order_no=row.order_no,
        order_date=row.order_date,
        since=row.during.lower,
        until=row.during.upper,
        scope=row.scope,
        status=row.status,
        body=row.body_id,
        note=row.note,
    )


_IN_FORCE = """
SELECT id, key, value, kind, version, order_no, order_date, lower(during), upper(during), scope, status, body_id, note
FROM policy_rule
WHERE key = ANY(%(keys)s) AND during @> %(on)s::date AND superseded_at IS NULL
  AND (body_id IS NULL OR body_id = ANY(%(bodies)s::uuid[])) AND (%(scope)s::text IS NULL OR scope = %(scope)s)
ORDER BY key, scope
"""
