from django.db import models

from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import ACTOR, PRESENTED, Rows


class AuditRow(Fact):
    """What was done, by whom, to what, why. Appended in the business transaction; nobody updates or deletes it."""

    at = models.DateTimeField()
    actor = models.UUIDField(null=True)
    act = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=40)
    object_id = models.CharField(max_length=80)
    body = models.UUIDField(null=True)
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict)

    PERSONAL = fields("actor object_id reason details")
    PLAIN = fields("id at act object_kind body")
    rows = Rows(
        read=f"actor = {ACTOR}", insert=f"(actor = {ACTOR} or (actor is null and {PRESENTED} is not null))"
    )

    class Meta:
        indexes = [models.Index(fields=["object_kind", "object_id"], name="audit_object")]


class Refusal(Fact):
    """An act that was refused, kept although the refused request was rolled back."""

    at = models.DateTimeField()
    actor = models.UUIDField(null=True)
    route = models.CharField(max_length=80)
    method = models.CharField(max_length=8)
    reason = models.CharField(max_length=200)

    PERSONAL = fields("actor")
    PLAIN = fields("id at route method reason")
    rows = Rows(insert=f"(actor is null or actor = {ACTOR})")
