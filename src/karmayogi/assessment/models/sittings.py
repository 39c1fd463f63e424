from django.contrib.postgres.fields import ArrayField
from django.db import models

from karmayogi.assessment.models.bank import ItemVersion
from karmayogi.assessment.models.pools import Blueprint, PoolVersion
from karmayogi.institutions.reach import mine
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import ACTOR, Rows, own


def of_own_sitting(table: str) -> str:
    """True for rows whose sitting is the actor's."""
    return (
        "exists (select 1 from assessment_sitting own_s where own_s.id ="
        f' "{table}"."sitting_id" and own_s.person_id = {ACTOR})'
    )


def while_open(table: str) -> str:
    """True for rows of the actor's sitting as long as it has not ended."""
    return (
        f"({of_own_sitting(table)} and not exists"
        f' (select 1 from assessment_ending end_e where end_e.sitting_id = "{table}"."sitting_id"))'
    )


class Sitting(Fact):
    """One person sitting one check: everything that selection depends on, fixed at the start.

    Open until it has an `Ending`; `open` says the same for the index by which those past their deadline are found, and
    is all that ever changes. `cut`, `sure` and `least_information` say when the requirement of the person's
    post counts as decided. Sittings taken elsewhere have `key`, their natural key, and no blueprint.
    """

    person = models.ForeignKey("institutions.Person", models.PROTECT, related_name="+")
    competency = models.ForeignKey("competency.Competency", models.PROTECT, related_name="+")
    blueprint = models.ForeignKey(Blueprint, models.PROTECT, null=True, related_name="+")
    pool_version = models.ForeignKey(PoolVersion, models.PROTECT, related_name="+")
    calibration_set = models.IntegerField(null=True)
    supervised = models.BooleanField(default=False)
    key = models.CharField(max_length=160, null=True, unique=True)
    seed = models.CharField(max_length=64, blank=True)
    prior_mean = models.FloatField(null=True)
    prior_sd = models.FloatField(null=True)
    cut = models.FloatField(null=True)
    sure = models.FloatField(null=True)
    least_information = models.FloatField(null=True)
    started_at = models.DateTimeField()
    deadline = models.DateTimeField()
    open = models.BooleanField(default=True, db_default=True)

    PERSONAL = fields("person key seed prior_mean prior_sd cut started_at deadline")
    PLAIN = fields(
        "id competency blueprint pool_version calibration_set supervised sure least_information open"
    )
    rows = Rows(
        read=mine("assessment_sitting", "person_id"),
        insert=own("person_id"),
        update=own("person_id"),
        columns=("open",),
    )

    class Meta:
        indexes = [
            models.Index(fields=["person", "competency", "started_at"], name="sitting_person"),
            models.Index(fields=["deadline"], condition=models.Q(open=True), name="sitting_open_by_deadline"),
        ]


class Turn(Fact):
    """The item a sitting asked at a position, and what was out of reach then (`closed`: places in the pool version).

    `certainty` (0 to 100) is how near the sitting was to being sure enough before this question.
    """

    sitting = models.ForeignKey(Sitting, models.PROTECT, related_name="turns")
    position = models.IntegerField()
    item_version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="+")
    closed = ArrayField(models.IntegerField(), default=list)
    certainty = models.IntegerField()
    asked_at = models.DateTimeField()

    PERSONAL = fields("certainty asked_at")
    PLAIN = fields("id sitting position item_version closed")
    rows = Rows(read=of_own_sitting("assessment_turn"), insert=while_open("assessment_turn"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sitting", "position"], name="one_turn_per_position"),
            models.UniqueConstraint(fields=["sitting", "item_version"], name="one_turn_per_item"),
        ]


class Response(Fact):
    """The option chosen, once per position and once per item. Whether it was right is not stored."""

    sitting = models.ForeignKey(Sitting, models.PROTECT, related_name="responses")
    position = models.IntegerField()
    item_version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="+")
    option = models.CharField(max_length=8)
    milliseconds = models.IntegerField(null=True)
    answered_at = models.DateTimeField()

    PERSONAL = fields("option milliseconds answered_at")
    PLAIN = fields("id sitting position item_version")
    rows = Rows(read=of_own_sitting("assessment_response"), insert=while_open("assessment_response"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sitting", "position"], name="one_response_per_position"),
            models.UniqueConstraint(fields=["sitting", "item_version"], name="one_response_per_item"),
        ]


class Ending(Fact):
    """When a sitting ended and how: `finished` by its own rule, `lapsed` by the clock. Nothing follows it.

    `mean` and `sd` (logits) are the sitting's own belief at the end; None for sittings taken elsewhere.
    """

    sitting = models.OneToOneField(Sitting, models.PROTECT, related_name="ending")
    state = models.CharField(max_length=12)
    asked = models.IntegerField()
    mean = models.FloatField(null=True)
    sd = models.FloatField(null=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    PERSONAL = fields("state asked mean sd at")
    PLAIN = fields("id sitting recorded_at")
    rows = Rows(read=of_own_sitting("assessment_ending"), insert=of_own_sitting("assessment_ending"))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["finished", "lapsed"]), name="ending_state_is_known"
            )
        ]
