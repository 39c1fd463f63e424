from django.db import models

from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import SIGNED_IN, Rows, any_of, own


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
    rows = Rows(read=any_of(own("owner"), f"(shared and {SIGNED_IN})"), insert=own("owner"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sha256", "name", "media_type", "owner"],
                nulls_distinct=False,
                name="file_is_kept_once",
            )
        ]
