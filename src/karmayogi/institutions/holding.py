"""Which grants count on a day: given, not over, neither they nor their source stopped. The one place that says so."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from karmayogi.institutions.bodies import BodyCard
from karmayogi.institutions.models import Grant, GrantStop
from karmayogi.institutions.oneself import HELD
from karmayogi.institutions.roles import Role
from karmayogi.registry import translations


@dataclass(frozen=True, slots=True)
class Held:
    """Authority that counts: a role over a body. `source`: the grant it is a part of, where it was passed on."""

    role: Role
    body: BodyCard
    source: UUID | None


def counting(grants: "QuerySet[Grant]", *, on: dt.date) -> "QuerySet[Grant]":
    """Those of the grants that count on the day: within their days, and neither they nor their source stopped."""
    stops = GrantStop.objects.filter(
        Q(grant=OuterRef("pk")) | Q(grant=OuterRef("source")), during__contains=on
    )
    return grants.filter(~Exists(stops), during__contains=on)


def of(person: UUID, wanted: Iterable[Role], *, on: dt.date, language: str = "en") -> list[Held]:
    """The person's own grants of these roles that count on the day, those over the highest bodies first."""
    with connection.cursor() as cursor:
        cursor.execute(
            _HELD,
            {"person": person, "roles": [r.value for r in wanted], "on": on, "language": language},
        )
        return [Held(Role(role), BodyCard(*body), source) for role, source, *body in cursor.fetchall()]


_HELD = f"""
SELECT h.role, h.source_id, h.body_id, h.code, {translations.spoken("h.body_id", "name", "h.name")}, h.kind, h.lower,
       h.upper
FROM {HELD.name} h
WHERE h.person_id = %(person)s AND h.role = ANY(%(roles)s) AND h.during @> %(on)s::date
  AND NOT coalesce(h.stopped @> %(on)s::date, false)
ORDER BY h.lower, h.role
"""  # noqa: S608
