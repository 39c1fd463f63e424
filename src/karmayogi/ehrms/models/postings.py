from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import (
    DateRangeField,
    DateTimeRangeField,
    IntegerRangeField,
    RangeOperators,
)
from django.db import models
from django.db.models import Deferrable, Q

from karmayogi.ehrms.models.orders import POST_IN_SCOPE
from karmayogi.institutions.reach import about
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import DECIDING, Rows

BY_ORDER = "(select current_setting('app.purpose', true) = 'order')"
SUBSTANTIVE_NOW = Q(kind="substantive") & Q(recorded__upper_inf=True)


class Posting(Fact):
    """Who held which post, how, from when to when: valid time `during`, record time `recorded`, always by an order.

    A post is a thousand thousandths: a full holder takes all, job shares take disjoint parts, so that one exclusion
    constraint keeps both whole. Nothing is overwritten: a correction closes `recorded` and writes a new row.
    """

    person = models.ForeignKey("institutions.Person", models.PROTECT, related_name="+")
    post = models.ForeignKey("ehrms.Post", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=24)
    part = IntegerRangeField()
    during = DateRangeField()
    recorded = DateTimeRangeField()
    order = models.ForeignKey("ehrms.Order", models.PROTECT, related_name="+")

    PERSONAL = fields("person post kind part during recorded order")
    PLAIN = fields("id")
    rows = Rows(
        read=about("ehrms_posting") + f" or ({DECIDING} and {POST_IN_SCOPE})",
        insert=f"{BY_ORDER} and {POST_IN_SCOPE}",
        update=f"{BY_ORDER} and {POST_IN_SCOPE}",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=["substantive", "additional_charge", "officiating", "deputation", "training"]
                ),
                name="posting_kind_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(during__isempty=True) & Q(during__startswith__isnull=False),
                name="posting_has_a_first_day",
            ),
            ExclusionConstraint(
                name="one_substantive_post_per_official",
                expressions=[("person", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=SUBSTANTIVE_NOW,
                deferrable=Deferrable.IMMEDIATE,
            ),
            ExclusionConstraint(
                name="one_substantive_holder_per_post",
                expressions=[
                    ("post", RangeOperators.EQUAL),
                    ("part", RangeOperators.OVERLAPS),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=SUBSTANTIVE_NOW,
                deferrable=Deferrable.IMMEDIATE,
            ),
        ]
