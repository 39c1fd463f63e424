from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models

from karmayogi.institutions.models.people import Person
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import PUBLIC


class Designation(Fact):
    """A title of posts, once. `key` is its normal form; `grade` the step in it ("2" of Grade-II), '' without one."""

    key = models.CharField(max_length=240, unique=True)
    name = models.CharField(max_length=240)
    grade = models.CharField(max_length=20, blank=True)
    recorded_at = models.DateTimeField()

    PLAIN = fields("id key name grade recorded_at")
    rows = PUBLIC

    def __str__(self) -> str:
        return self.name


class DesignationSpelling(Fact):
    """A title as a source spells it (`ref`: its id there), and the designation its normal form names.

    `recorded`: from when to when the source spelled it so; another spelling of the same id closes it.
    """

    designation = models.ForeignKey(Designation, models.PROTECT, related_name="spellings")
    source = models.CharField(max_length=60)
    ref = models.CharField(max_length=60)
    spelling = models.CharField(max_length=300)
    recorded = DateTimeRangeField()

    PLAIN = fields("id designation source ref spelling recorded")
    rows = PUBLIC

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "ref"],
                condition=models.Q(recorded__upper_inf=True),
                name="designation_is_spelled_one_way_now",
            )
        ]


class DesignationSuggestion(Fact):
    """Two designations that may be one, with a score of 0 to 100; nothing is merged until a person accepts it.

    `kept` is the commoner spelling of the two. suggested > accepted | rejected, once.
    """

    class State(models.TextChoices):
        SUGGESTED = "suggested"
        ACCEPTED = "accepted"
        REJECTED = "rejected"

    kept = models.ForeignKey(Designation, models.PROTECT, related_name="+")
    variant = models.ForeignKey(Designation, models.PROTECT, related_name="+")
    score = models.FloatField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.SUGGESTED)
    suggested_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    PERSONAL = fields("decided_by")
    PLAIN = fields("id kept variant score state suggested_at decided_at")
    rows = PUBLIC

    class Meta:
        indexes = [models.Index(fields=["state", "-score"], name="designation_queue")]
        constraints = [
            models.UniqueConstraint(fields=["kept", "variant"], name="designations_are_compared_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["suggested", "accepted", "rejected"]),
                name="suggestion_state_is_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(kept=models.F("variant")), name="designation_is_no_variant_of_itself"
            ),
        ]
