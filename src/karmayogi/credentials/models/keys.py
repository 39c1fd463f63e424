from django.db import models

from karmayogi.registry import roles
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import PUBLIC, Rows


class Key(Fact):
    """The public half of a signing key: from when until when it signs, and whether it was given up."""

    name = models.CharField(max_length=160, unique=True)
    public = models.CharField(max_length=60, unique=True)
    since = models.DateField()
    until = models.DateField()
    revoked_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    PLAIN = fields("id name public since until revoked_at reason")
    rows = PUBLIC


class KeySeed(Fact):
    """The private half; read only where documents are signed."""

    key = models.OneToOneField(Key, models.PROTECT, related_name="+")
    seed = models.BinaryField()

    PLAIN = fields("id key seed")
    rows = Rows(secret=roles.SIGNER)
