from django.db import models

from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import Rows, own


class Replay(Fact):
    """What was answered to a request with a key of its own, so that the same request again does nothing twice."""

    person = models.UUIDField()
    key = models.CharField(max_length=64)
    asked = models.CharField(max_length=64)
    at = models.DateTimeField()
    status = models.SmallIntegerField(null=True)
    location = models.CharField(max_length=600, blank=True)
    media_type = models.CharField(max_length=100, blank=True)
    body = models.BinaryField(null=True)

    PEOPLE = fields("person")
    PERSONAL = fields("person location body")
    PLAIN = fields("id key asked at status media_type")
    rows = Rows(read=own("person"), insert=own("person"), update=own("person"), delete=own("person"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="one_answer_per_request")]
        indexes = [models.Index(fields=["at"], name="replay_age")]
