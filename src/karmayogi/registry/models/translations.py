from django.db import models

from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import PUBLIC


class Translation(Fact):
    """One field of one object in one language other than English, and which English it was made from."""

    object = models.UUIDField()
    field = models.CharField(max_length=60)
    language = models.CharField(max_length=16)
    text = models.TextField()
    source_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=12)

    PLAIN = fields("id object field language text source_hash state")
    rows = PUBLIC

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["object", "language", "field"], name="one_text_per_language"),
            models.CheckConstraint(
                condition=models.Q(state__in=["machine", "draft", "reviewed"]),
                name="translation_state_is_known",
            ),
        ]
