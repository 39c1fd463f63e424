"""Base model of the house: an id of our own making, and two lists that mark every field personal or not."""

import uuid
from typing import ClassVar

from django.db import models

from karmayogi.registry import ids
from karmayogi.registry.rows import Rows


class Fact(models.Model):
    """A row with a UUIDv7.

    Every concrete model names its fields in `PERSONAL` (about an identifiable person: drives export and erasure)
    or `PLAIN`, and says in `rows` who may reach it. `tests/architecture` holds both complete.

    `PEOPLE`: columns that hold a person's id without being a foreign key. `ABOUT`: SQL that is true of the rows about
    `%(person)s` that have no such column, where no foreign key leads there either.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset()
    PLAIN: ClassVar[frozenset[str]] = frozenset()
    PEOPLE: ClassVar[frozenset[str]] = frozenset()
    ABOUT: ClassVar[str] = ""
    rows: ClassVar[Rows]

    id: "models.UUIDField[uuid.UUID, uuid.UUID]" = models.UUIDField(
        primary_key=True, default=ids.new, editable=False
    )

    class Meta:
        abstract = True


def fields(names: str) -> frozenset[str]:
    """The names in a string, for the `PERSONAL` and `PLAIN` lists of a model."""
    return frozenset(names.split())
