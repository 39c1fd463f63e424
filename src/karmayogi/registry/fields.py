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
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset()
    PLAIN: ClassVar[frozenset[str]] = frozenset()
    rows: ClassVar[Rows]

    id: "models.UUIDField[uuid.UUID, uuid.UUID]" = models.UUIDField(
        primary_key=True, default=ids.new, editable=False
    )

    class Meta:
        abstract = True


def fields(names: str) -> frozenset[str]:
    """The names in a string, for the `PERSONAL` and `PLAIN` lists of a model."""
    return frozenset(names.split())
