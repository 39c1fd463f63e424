"""Grants of authority: given by order, over a body and its subtree, from a day to a day; whether one counts today."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from karmayogi.institutions.access import Reach
from karmayogi.institutions.bodies import BodyCard
from karmayogi.institutions.holding import counting
from karmayogi.institutions.models import Grant, GrantStop
from karmayogi.institutions.roles import Role
from karmayogi.registry import bulk, ids, translations

STATES = ("counts", "suspended", "to_come", "ended")
"""What a grant can be on a day: it counts, it is suspended, it begins later, or its time is over."""


class NoSuchGrant(LookupError):
    """There is no such grant among those the actor may see."""


@dataclass(frozen=True)
class NewGrant:
    """Authority to be given: `role` over `body` and everything under it, from `since` until `until` (excluded)."""

    person: UUID
    role: Role
    body: UUID
    since: dt.date
    order_no: str
    until: dt.date | None = None
    granted_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class StopCard:
    """Days on which a grant does not count. `until` None: open; `lifted_at`: when a suspension was lifted."""

    id: UUID
    kind: str
    since: dt.date | None
    until: dt.date | None
    reason: str
    by: str
    recorded_at: dt.datetime
    lifted_by: str
    lifted_at: dt.datetime | None
    lifted_why: str


@dataclass(frozen=True, slots=True)
class GrantCard:
    """A grant with the names a page needs. `until` is the first day no longer covered; `state` one of `STATES`.

    `giver`: who decided it, "" where only the order is known. `source`: the grant this one is a part of.
    """

    id: UUID
    person: UUID
    name: str
    role: Role
    body: BodyCard
    since: dt.date
    until: dt.date | None
    order_no: str
    giver: str
    given_by: UUID | None
    source: UUID | None
    proposal: UUID | None
    state: str
    stops: tuple[StopCard, ...]


def give(grants: Iterable[NewGrant]) -> int:
    """Writes the grants; returns how many. Self-grants are refused by the database. For jobs and the command line."""
    return bulk.load(
        Grant,
        ["id", "person_id", "role", "body_id", "during", "order_no", "granted_by_id", "recorded_at"],
        (
            (
                ids.new(),
                g.person,
                g.role.value,
                g.body,
                f"[{g.since},{g.until or ''})",
                g.order_no,
                g.granted_by,
                dt.datetime.now(dt.UTC),
            )
            for g in grants
        ),
    )


def holders(role: Role, *, on: dt.date) -> list[UUID]:
    """Who holds a role over any body on the day, for jobs that must tell somebody."""
    held = counting(Grant.objects.filter(role=role.value), on=on)
    return sorted(set(held.values_list("person_id", flat=True)))


def of(person: UUID, *, on: dt.date, language: str = "en") -> list[GrantCard]:
    """All authority a person holds or held, what counts on the day first."""
    found = _cards(Grant.objects.filter(person_id=person), on=on, language=language)
    return sorted(found, key=lambda g: (STATES.index(g.state), g.role.value))


def passed_on(holder: UUID, *, on: dt.date, language: str = "en") -> list[GrantCard]:
    """What a person passed on of their own authority and is not over."""
    rows = Grant.objects.filter(granted_by_id=holder, source__isnull=False, during__endswith__gt=on)
    return _cards(rows, on=on, language=language)


def card(id: UUID, *, on: dt.date, language: str = "en") -> GrantCard:
    """One grant with its history; raises `NoSuchGrant` where the actor may not see it."""
    found = _cards(Grant.objects.filter(pk=id), on=on, language=language)
    if not found:
        raise NoSuchGrant(_("There is no such grant among those you may see."))
    return found[0]


def parts(id: UUID, *, on: dt.date, language: str = "en") -> list[GrantCard]:
    """What was passed on of a grant."""
    return _cards(Grant.objects.filter(source_id=id), on=on, language=language)


def register(
    reach: Reach,
    *,
    role: str = "",
    state: str = "",
    text: str = "",
    page: int = 1,
    size: int = 50,
    language: str = "en",
) -> tuple[list[GrantCard], int]:
    """One page of the grants over the reached bodies, narrowed by role, state and part of a name; and how many."""
    within = Q(pk__in=[])
    for body in reach.bodies:
        within |= Q(body__lower__gte=body.lower, body__lower__lt=body.upper)
    rows = Grant.objects.filter(within)
    rows = rows.filter(role=role) if role else rows
    rows = rows.filter(person__name__icontains=text) if text else rows
    rows = _in_state(rows, state, on=reach.on)
    cut = rows.order_by("body__lower", "role", "id")[(page - 1) * size : page * size]
    return _cards(cut, on=reach.on, language=language), rows.count()


def ending(*, on: dt.date) -> list[tuple[UUID, UUID, str, dt.date]]:
    """(grant, holder, role, the first day no longer covered) of what counts until the day `on`. For jobs."""
    rows = counting(Grant.objects.filter(during__endswith=on), on=on - dt.timedelta(days=1))
    return [(g.id, g.person_id, g.role, g.during.upper) for g in rows]


def _in_state(rows: "QuerySet[Grant]", state: str, *, on: dt.date) -> "QuerySet[Grant]":
    stopped = GrantStop.objects.filter(
        Q(grant=OuterRef("pk")) | Q(grant=OuterRef("source")), kind="suspended", during__contains=on
    )
    ended = GrantStop.objects.filter(
        Q(grant=OuterRef("pk")) | Q(grant=OuterRef("source")), kind="ended", during__contains=on
    )
    if state == "counts":
        return counting(rows, on=on)
    if state == "suspended":
        return rows.filter(Exists(stopped), ~Exists(ended), during__contains=on)
    if state == "to_come":
        return rows.filter(during__startswith__gt=on)
    if state == "ended":
        return rows.filter(Q(during__endswith__lte=on) | Exists(ended))
    return rows


def _cards(rows: "QuerySet[Grant]", *, on: dt.date, language: str) -> list[GrantCard]:
    called = translations.said("body_id", "name", "body__name", language=language)
    named = rows.annotate(called=called, holder=F("person__name"), giver=F("granted_by__name"))
    found: list[Any] = list(named.select_related("body"))
    stops: dict[UUID, list[StopCard]] = {}
    wanted = {g.id for g in found} | {g.source_id for g in found if g.source_id}
    held = GrantStop.objects.filter(grant_id__in=wanted).annotate(
        who=F("by__name"), who_lifted=F("lifted_by__name")
    )
    for stop in held.order_by("recorded_at") if wanted else ():
        stops.setdefault(stop.grant_id, []).append(_stop(stop))
    return [_card(g, (*stops.get(g.id, ()), *stops.get(g.source_id, ())), on=on) for g in found]


def _stop(row: Any) -> StopCard:
    return StopCard(
        row.id, row.kind, row.during.lower, row.during.upper, row.reason, row.who or "", row.recorded_at,
        row.who_lifted or "", row.lifted_at, row.lifted_why,
    )  # fmt: skip


def _card(g: Any, stops: tuple[StopCard, ...], *, on: dt.date) -> GrantCard:
    b = g.body
    return GrantCard(
        g.id, g.person_id, g.holder or "", Role(g.role), BodyCard(b.id, b.code, g.called, b.kind, b.lower, b.upper),
        g.during.lower, g.during.upper, g.order_no, g.giver or "", g.granted_by_id, g.source_id, g.proposal_id,
        _state(g, stops, on=on), stops,
    )  # fmt: skip


def _state(g: Any, stops: tuple[StopCard, ...], *, on: dt.date) -> str:
    open_kinds = {s.kind for s in stops if s.since and s.since <= on and (s.until is None or on < s.until)}
    if "ended" in open_kinds or (g.during.upper is not None and g.during.upper <= on):
        return "ended"
    if g.during.lower > on:
        return "to_come"
    return "suspended" if "suspended" in open_kinds else "counts"
