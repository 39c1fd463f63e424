"""The rules in force."""

from uuid import UUID

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Coalesce

from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import PUBLIC

EVERYWHERE = models.Value(UUID(int=0), output_field=models.UUIDField())


class Rule(Fact):
    """One rule over one stretch of days, by one order; never changed, only superseded by rows of a later order.

    `body` narrows it to a body and its subtree; None holds for the whole service.
    """

    key = models.CharField(max_length=80)
    kind = models.CharField(max_length=16)
    scope = models.TextField(blank=True)
    body = models.ForeignKey("institutions.Body", models.PROTECT, null=True, related_name="+")
    value = models.JSONField()
    during = DateRangeField()
    order_no = models.TextField()
    order_date = models.DateField(null=True)
    status = models.CharField(max_length=8)
    note = models.TextField(blank=True)
    version = models.IntegerField()
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    PLAIN = fields(
        "id key kind scope body value during order_no order_date status note version recorded_at superseded_at"
    )
    rows = PUBLIC

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_rule_of_a_key_at_a_time",
                expressions=[
                    ("key", RangeOperators.EQUAL),
                    ("scope", RangeOperators.EQUAL),
                    (Coalesce("body", EVERYWHERE), RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=models.Q(superseded_at__isnull=True),
            )
        ]
