from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models

from karmayogi.competency.models.frameworks import Competency
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import PUBLIC


class Position(Fact):
    """What a post is for: the description that posts and assignments point to by key."""

    key = models.CharField(max_length=80, unique=True)

    PLAIN = fields("id key")
    rows = PUBLIC


class PositionVersion(Fact):
    """The description of a position from a day to a day, by an order."""

    position = models.ForeignKey(Position, models.PROTECT, related_name="versions")
    title = models.CharField(max_length=240)
    family = models.CharField(max_length=120, blank=True)
    content = models.CharField(max_length=64)
    during = DateRangeField()
    order_no = models.CharField(max_length=80)

    PLAIN = fields("id position title family content during order_no")
    rows = PUBLIC

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_description_of_a_position_at_a_time",
                expressions=[("position", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            )
        ]


class Role(Fact):
    """A coherent set of activities within a position."""

    version = models.ForeignKey(PositionVersion, models.PROTECT, related_name="roles")
    number = models.SmallIntegerField()
    title = models.CharField(max_length=240)

    PLAIN = fields("id version number title")
    rows = PUBLIC


class Activity(Fact):
    """Something that the holder of a role does."""

    role = models.ForeignKey(Role, models.PROTECT, related_name="activities")
    number = models.SmallIntegerField()
    title = models.CharField(max_length=400)

    PLAIN = fields("id role number title")
    rows = PUBLIC


class Requirement(Fact):
    """The level of a competency that an activity needs."""

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="requirements")
    competency = models.ForeignKey(Competency, models.PROTECT, related_name="+")
    level = models.SmallIntegerField()
    essential = models.BooleanField(default=True)
    weight = models.FloatField(default=1.0)

    PLAIN = fields("id activity competency level essential weight")
    rows = PUBLIC

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "competency"], name="activity_needs_a_competency_once"
            )
        ]
