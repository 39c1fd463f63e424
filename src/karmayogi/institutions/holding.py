"""Which grants count on a day: given, not over, neither they nor their source stopped. The one place that says so."""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from karmayogi.institutions.models import Grant, GrantStop
from karmayogi.institutions.roles import Role


def counting(grants: "QuerySet[Grant]", *, on: dt.date) -> "QuerySet[Grant]":
    """Those of the grants that count on the day: within their days, and neither they nor their source stopped."""
    stops = GrantStop.objects.filter(
        Q(grant=OuterRef("pk")) | Q(grant=OuterRef("source")), during__contains=on
    )
    return grants.filter(~Exists(stops), during__contains=on)


def roles(person: UUID, *, on: dt.date) -> set[Role]:
    """The roles that the person's grants give on the day."""
    return {Role(g.role) for g in counting(Grant.objects.filter(person_id=person), on=on)}


def held(person: UUID, wanted: Iterable[Role], *, on: dt.date) -> "QuerySet[Grant]":
    """The person's grants of these roles that count on the day."""
    mine = Grant.objects.filter(person_id=person, role__in=[r.value for r in wanted])
    return counting(mine, on=on)
