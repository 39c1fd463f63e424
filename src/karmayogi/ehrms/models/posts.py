from django.contrib.postgres.fields import DateRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models

from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import EVERYONE, SIGNED_IN, Rows


class Post(Fact):
    """A sanctioned seat. What it needs is described by a position; who fills it is asked of postings, never stored."""

    code = models.CharField(max_length=120, unique=True)
    body = models.ForeignKey("institutions.Body", models.PROTECT, related_name="+")
    designation = models.CharField(max_length=200)
    service = models.CharField(max_length=80, blank=True)
    grade = models.CharField(max_length=40)
    level = models.SmallIntegerField(default=0)
    kind = models.CharField(max_length=24, default="regular")
    position = models.CharField(max_length=80, blank=True)
    sensitive = models.BooleanField(default=False)
    tenure_years = models.SmallIntegerField(null=True)
    state = models.CharField(max_length=16, default="live")
    reports_to = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", db_constraint=False)
    sanctioned = DateRangeField()
    sanction_order = models.CharField(max_length=80)

    PLAIN = fields(
        "id code body designation service grade level kind position sensitive tenure_years state reports_to"
        " sanctioned sanction_order"
    )
    rows = Rows(read=SIGNED_IN)

    class Meta:
        indexes = [
            GistIndex(fields=["body", "sanctioned"], name="post_body_sanctioned"),
            models.Index(fields=["position"], name="post_position"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["live", "in_abeyance", "abolished"]), name="post_state_is_known"
            )
        ]


class PooledStrength(Fact):
    """Strength counted, not seated: so many of a grade and title in a unit, from a day to a day."""

    body = models.ForeignKey("institutions.Body", models.PROTECT, related_name="+")
    unit = models.CharField(max_length=240, blank=True)
    grade = models.CharField(max_length=120)
    designation = models.CharField(max_length=240)
    fte = models.DecimalField(max_digits=12, decimal_places=3)
    during = DateRangeField()
    source = models.CharField(max_length=80)
    key = models.CharField(max_length=64, unique=True)

    PLAIN = fields("id body unit grade designation fte during source key")
    rows = Rows(read=EVERYONE)
