from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models

from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import PUBLIC


class Body(Fact):
    """Council, Commission, ministry, department, office, state, institute, provider: any body of the service.

    `lower` and `upper` number today's tree: the subtree of a body is every body whose `lower` lies in
    `[lower, upper)`. `institutions.bodies.renumber` keeps them; the dated truth is `BodyPlace`.
    """

    code = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=240)
    kind = models.CharField(max_length=24)
    lower = models.IntegerField(default=0)
    upper = models.IntegerField(default=0)

    PLAIN = fields("id code name kind lower upper")
    rows = PUBLIC

    class Meta:
        indexes = [models.Index(fields=["lower"], name="body_lower")]

    def __str__(self) -> str:
        return self.name


class BodyPlace(Fact):
    """Where a body stood in the tree, from a day to a day, by which order."""

    body = models.ForeignKey(Body, models.CASCADE, related_name="places")
    parent = models.ForeignKey(Body, models.PROTECT, null=True, related_name="children_places")
    during = DateRangeField()
    order_no = models.CharField(max_length=80)

    PLAIN = fields("id body parent during order_no")
    rows = PUBLIC

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="body_stands_in_one_place",
                expressions=[("body", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            )
        ]
