"""Several ids of one person: the registry knows persons only as uuids, so a view says which of them are one today.

The room that keeps people declares the view (person_id, other_id): `other_id` is a record of `person_id`. Whoever reads
a person's rows reads them under all these ids; rows are written under the id that acts, and no row is ever moved.
"""

from uuid import UUID

from django.db.models import Q
from django.db.models.expressions import RawSQL

from karmayogi.registry.rows import ACTOR, any_of, own

VIEW = "institutions_joined"
OF_ACTOR = f"array(select joined_o.other_id from {VIEW} joined_o where joined_o.person_id = {ACTOR})"  # noqa: S608
"""The ids that were joined with the actor's; found once for a statement, and not before a row asks for it."""
OF_PERSON = (
    f"ANY(ARRAY(SELECT %(person)s::uuid UNION SELECT j.other_id FROM {VIEW} j"  # noqa: S608
    " WHERE j.person_id = %(person)s::uuid))"
)
"""SQL after a comparison: one of the ids of `%(person)s`."""


def mine(column: str) -> str:
    """The condition for the actor's own rows under any id of theirs; for reading only."""
    return any_of(own(column), f"{column} = any({OF_ACTOR})")


def under(column: str, person: UUID) -> Q:
    """Rows whose `column` (a field's path) holds one of the ids of a person; no statement of its own."""
    others = RawSQL(f"SELECT j.other_id FROM {VIEW} j WHERE j.person_id = %s", [person])  # noqa: S608, S611
    return Q(**{column: person}) | Q(**{f"{column}__in": others})
