from django.db import models

from karmayogi.registry import roles
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import PUBLIC, Rows


class SigningKey(Fact):
    """The public half of a key in custody: what it signs for, under which name, from when until when."""

    purpose = models.CharField(max_length=40)
    name = models.CharField(max_length=160)
    public = models.BinaryField()
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    PLAIN = fields("id purpose name public made_at retired_at")
    rows = PUBLIC

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["purpose"],
                condition=models.Q(retired_at__isnull=True),
                name="one_key_signs_for_a_purpose",
            )
        ]


class SigningSeed(Fact):
    """The private half; read only where something is signed."""

    key = models.OneToOneField(SigningKey, models.PROTECT, related_name="+")
    seed = models.BinaryField()

    PLAIN = fields("id key seed")
    rows = Rows(secret=roles.SIGNER)
