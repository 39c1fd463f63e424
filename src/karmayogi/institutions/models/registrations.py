from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models

from karmayogi.institutions.models.bodies import Body
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import PUBLIC


class EmailDomain(Fact):
    """That an e-mail domain is a body's, from a day to a day. `asked`: the proposal by which it was entered.

    It says where an address comes from and never who somebody is: no account is found, joined or opened by it.
    """

    domain = models.CharField(max_length=253)
    body = models.ForeignKey(Body, models.PROTECT, related_name="+")
    during = DateRangeField()
    asked = models.UUIDField()
    recorded_at = models.DateTimeField()

    PLAIN = fields("id domain body during asked recorded_at")
    rows = PUBLIC

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="a_domain_is_of_one_body",
                expressions=[("domain", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=models.Q(domain__regex=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$"),
                name="a_domain_is_in_normal_form",
            ),
        ]


class Registration(Fact):
    """What came of an approved proposal, whose id it bears: what was entered, or why nothing could be."""

    act = models.CharField(max_length=40)
    made = models.UUIDField(null=True)
    at = models.DateTimeField()
    problem = models.TextField(blank=True)

    PLAIN = fields("id act made at problem")
    rows = PUBLIC

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(made=None) ^ models.Q(problem=""),
                name="a_registration_is_made_or_says_why_not",
            )
        ]
