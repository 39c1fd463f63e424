from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q

from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import EVERYONE, SIGNED_IN, Rows


class Post(Fact):
    """A sanctioned seat. What it needs is described by a position; who fills it is asked of postings, never stored.

    Described as it is now; how it was described before an amendment stands in `FormerDescription`.
    """

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
    sanctioned = DateRangeField()
    sanction_order = models.CharField(max_length=80)

    PLAIN = fields(
        "id code body designation service grade level kind position sensitive tenure_years state sanctioned"
        " sanction_order"
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


class FormerDescription(Fact):
    """How a post was described before an order amended it: so it was called until the day, then otherwise."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="+")
    designation = models.CharField(max_length=200)
    service = models.CharField(max_length=80, blank=True)
    grade = models.CharField(max_length=40)
    level = models.SmallIntegerField()
    state = models.CharField(max_length=16)
    sanctioned = DateRangeField()
    until = models.DateField()
    amended_at = models.DateTimeField()
    amended_by = models.CharField(max_length=80)

    PLAIN = fields("id post designation service grade level state sanctioned until amended_at amended_by")
    rows = Rows(read=SIGNED_IN)


class ReportingLine(Fact):
    """To which post a post reports, from when to when: valid time `during`, record time `recorded`, by an order.

    At every instant a post reports to one post at most. Nothing is overwritten: what turns out otherwise is closed
    in record time and written anew.
    """

    post = models.ForeignKey(Post, models.PROTECT, related_name="+")
    above = models.ForeignKey(Post, models.PROTECT, related_name="+")
    during = DateRangeField()
    recorded = DateTimeRangeField()
    order_no = models.CharField(max_length=80)

    PLAIN = fields("id post above during recorded order_no")
    rows = Rows(read=SIGNED_IN)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(post=models.F("above")), name="no_post_reports_to_itself"),
            ExclusionConstraint(
                name="a_post_reports_to_one_post",
                expressions=[("post", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(recorded__upper_inf=True),
            ),
        ]


class PooledStrength(Fact):
    """Strength counted, not seated: so many of a grade and title in a unit, from a day to a day.

    A later count moves the last day: the row is closed in record time and written anew.
    """

    body = models.ForeignKey("institutions.Body", models.PROTECT, related_name="+")
    unit = models.CharField(max_length=240, blank=True)
    grade = models.CharField(max_length=120)
    designation = models.CharField(max_length=240)
    fte = models.DecimalField(max_digits=12, decimal_places=3)
    during = DateRangeField()
    recorded = DateTimeRangeField()
    source = models.CharField(max_length=80)
    key = models.CharField(max_length=64)

    PLAIN = fields("id body unit grade designation fte during recorded source key")
    rows = Rows(read=EVERYONE)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(recorded__upper_inf=True), name="strength_is_counted_once"
            )
        ]
