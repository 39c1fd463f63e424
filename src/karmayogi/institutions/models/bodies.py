from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models

from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.roles import PROVISIONER
from karmayogi.registry.rows import EVERYONE, REACHED, Door, Rows


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
    rows = Rows(
        read=EVERYONE,
        doors=(
            Door(
                PROVISIONER,
                read=EVERYONE,
                insert="(lower = 0 and upper = 0)",
                # A body more or less moves the numbers of the whole tree.
                update=EVERYONE,
                columns=("name", "lower", "upper"),
            ),
        ),
    )

    class Meta:
        indexes = [models.Index(fields=["lower"], name="body_lower")]

    def __str__(self) -> str:
        return self.name


UNDER = f"exists (select 1 from institutions_body care_b where care_b.id = parent_id and care_b.lower <@ {REACHED})"
"""Places under the bodies that a client looks after."""


class BodyPlace(Fact):
    """Where a body stood in the tree, from a day to a day, by which order."""

    body = models.ForeignKey(Body, models.CASCADE, related_name="places")
    parent = models.ForeignKey(Body, models.PROTECT, null=True, related_name="children_places")
    during = DateRangeField()
    order_no = models.CharField(max_length=80)

    PLAIN = fields("id body parent during order_no")
    rows = Rows(
        read=EVERYONE,
        doors=(Door(PROVISIONER, read=EVERYONE, insert=UNDER, update=UNDER, columns=("during",)),),
    )

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="body_stands_in_one_place",
                expressions=[("body", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            )
        ]
