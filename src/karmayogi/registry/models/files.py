from django.db import models

from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.models.cases import AT_THE_DESK
from karmayogi.registry.rows import SIGNED_IN, Rows, any_of, own

_PROOF = (
    "exists (select 1 from registry_case c join registry_caseevent e on e.case_id = c.id"
    " where c.opened_by = registry_file.owner and e.by = registry_file.owner"
    f" and e.details->>'file' = registry_file.id::text and {AT_THE_DESK})"
)
"""The proof that somebody attached to what they say is wrong, for whoever examines it."""


class File(Fact):
    """One file as somebody handed it in. Its bytes are stored once, under their hash."""

    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    owner = models.UUIDField(null=True)
    shared = models.BooleanField(default=False)
    kept_at = models.DateTimeField()

    PEOPLE = fields("owner")
    PERSONAL = fields("name owner")
    PLAIN = fields("id sha256 size media_type shared kept_at")
    rows = Rows(read=any_of(own("owner"), f"(shared and {SIGNED_IN})", _PROOF), insert=own("owner"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sha256", "name", "media_type", "owner"],
                nulls_distinct=False,
                name="file_is_kept_once",
            )
        ]
