from django.db import models

from karmayogi.registry.fields import fields
from karmayogi.registry.roles import PROVISIONER
from karmayogi.registry.rows import EVERYONE, Door, Rows


class Tally(models.Model):
    """How often a key, kept as a keyed hash, was used in its current window; rows may be lost without harm."""

    pk = models.CompositePrimaryKey("key", "span")
    key = models.CharField(max_length=160)
    span = models.IntegerField()
    window_no = models.BigIntegerField()
    times = models.IntegerField()

    PERSONAL = fields("")
    PLAIN = fields("pk key span window_no times")
    rows = Rows(
        read=EVERYONE,
        insert=EVERYONE,
        update=EVERYONE,
        doors=(Door(PROVISIONER, read=EVERYONE, insert=EVERYONE, update=EVERYONE),),
    )
