"""Under which ids a person's facts stand: resolved when they are read, so that no fact is ever rewritten.

A row says that `other` is a record of `person`, from a moment to a moment; the table is as small as the number of
merges. Joining and parting is done by `identities`.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from karmayogi.institutions.models import PersonAlias
from karmayogi.registry import joined

KIND = "person"
WHO = f"""(
    WITH asked AS MATERIALIZED (
        SELECT said.id, coalesce((SELECT j.person_id FROM {joined.VIEW} j WHERE j.other_id = said.id), said.id) AS stays
        FROM unnest(%(people)s::uuid[]) AS said (id))
    SELECT stays AS member, id AS asked FROM asked
    UNION SELECT id, id FROM asked
    UNION SELECT j.other_id, asked.id FROM asked JOIN {joined.VIEW} j ON j.person_id = asked.stays
)"""  # noqa: S608
"""SQL of a table (member, asked): every id under which facts of the `people` stand, and the id that was asked for."""


@dataclass(frozen=True, slots=True)
class Link:
    """`other` is a record of `person` on [since, until); `until` None: still."""

    id: UUID
    person: UUID
    other: UUID
    since: dt.datetime
    until: dt.datetime | None


def links(people: Iterable[UUID]) -> list[Link]:
    """Every join in which one of these records is the one that stays, ended ones too, the earliest first."""
    rows = PersonAlias.objects.filter(kind=KIND, person_id__in=list(people)).order_by("since", "id")
    return [Link(r.id, r.person_id, r.other_id, r.since, r.until) for r in rows if r.other_id]


def one(id: UUID) -> Link | None:
    """The join with this id if it still holds and is in reach."""
    row = PersonAlias.objects.filter(pk=id, kind=KIND, until=None).first()
    return Link(row.id, row.person_id, row.other_id, row.since, row.until) if row and row.other_id else None


def standing(*, limit: int) -> list[Link]:
    """Joins that hold, of people whose record one may read, the latest first."""
    # The join with the person is what the row policies of persons narrow.
    rows = PersonAlias.objects.filter(kind=KIND, until=None).select_related("person")
    rows = rows.order_by("-since", "-id")[:limit]
    return [Link(r.id, r.person_id, r.other_id, r.since, r.until) for r in rows if r.other_id]


def principals(people: Iterable[UUID]) -> dict[UUID, UUID]:
    """id -> the id of the record that stays; the same id where nothing was joined. One query of an index."""
    found = {id: id for id in people}
    with connection.cursor() as cursor:
        cursor.execute(_STAYS, [list(found)])
        found.update(cursor.fetchall())
    return found


def sets(people: Iterable[UUID]) -> dict[UUID, UUID]:
    """Every id under which facts of these people stand -> the id that was asked for. One query.

    Whoever asks for a record that was joined to another gets the whole person, under the id they asked for.
    """
    asked = list(people)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT who.member, who.asked FROM {WHO} who", {"people": asked})  # noqa: S608
        found = dict(cursor.fetchall())
    return {**found, **{id: id for id in asked}}


def whole(person: UUID) -> list[UUID]:
    """All ids of one person, the one that stays first."""
    stays = principals([person])[person]
    return [stays, *sorted(set(sets([stays])) - {stays})]


_STAYS = """
SELECT other_id, person_id FROM institutions_personalias WHERE other_id = ANY(%s::uuid[]) AND until IS NULL
"""
