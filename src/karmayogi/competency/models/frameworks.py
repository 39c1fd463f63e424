from django.db import models

from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import PUBLIC, SIGNED_IN, Rows


class Framework(Fact):
    """A family of competencies under one name, whatever its version."""

    key = models.CharField(max_length=60, unique=True)
    title = models.CharField(max_length=240)

    PLAIN = fields("id key title")
    rows = PUBLIC


class FrameworkVersion(Fact):
    """One edition of a framework. Once verified, neither it nor anything in it changes (trigger)."""

    class State(models.TextChoices):
        DRAFT = "draft"
        UNDER_REVIEW = "under_review"
        VERIFIED = "verified"
        REJECTED = "rejected"
        RETIRED = "retired"

    framework = models.ForeignKey(Framework, models.PROTECT, related_name="versions")
    version = models.CharField(max_length=40)
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    order_no = models.CharField(max_length=80, blank=True)
    content = models.CharField(max_length=64)
    drafted_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    retired_at = models.DateTimeField(null=True)

    PEOPLE = fields("decided_by")
    PERSONAL = fields("decided_by")
    PLAIN = fields("id framework version state order_no content drafted_at decided_at retired_at")
    rows = Rows(read=SIGNED_IN)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["framework", "version"], name="framework_version_is_named_once")
        ]


class Level(Fact):
    """One step of the scale of a framework version; scales of 3, 5 or 6 levels live side by side."""

    version = models.ForeignKey(FrameworkVersion, models.PROTECT, related_name="levels")
    number = models.SmallIntegerField()
    name = models.CharField(max_length=120)
    meaning = models.TextField(blank=True)

    PLAIN = fields("id version number name meaning")
    rows = PUBLIC

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="level_stands_once_on_its_scale")
        ]


class Competency(Fact):
    """A competency of one framework version: behavioural, functional or domain."""

    class Kind(models.TextChoices):
        BEHAVIOURAL = "behavioural"
        FUNCTIONAL = "functional"
        DOMAIN = "domain"

    version = models.ForeignKey(FrameworkVersion, models.PROTECT, related_name="competencies")
    key = models.CharField(max_length=80)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=240)
    about = models.TextField(blank=True)
    number = models.IntegerField()

    PLAIN = fields("id version key kind name about number")
    rows = PUBLIC

    class Meta:
        indexes = [models.Index(fields=["key"], name="competency_key")]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="competency_key_is_unique_in_its_version")
        ]


class CompetencyLevel(Fact):
    """What a competency looks like at one level."""

    competency = models.ForeignKey(Competency, models.PROTECT, related_name="levels")
    number = models.SmallIntegerField()
    text = models.TextField()

    PLAIN = fields("id competency number text")
    rows = PUBLIC

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["competency", "number"], name="competency_level_is_written_once")
        ]


class CutScore(Fact):
    """From which ability, in logits, a level of a competency is reached, from a day on, by which study."""

    competency = models.ForeignKey(Competency, models.PROTECT, related_name="cuts")
    number = models.SmallIntegerField()
    theta = models.FloatField()
    since = models.DateField()
    study = models.CharField(max_length=120)
    recorded_at = models.DateTimeField()

    PLAIN = fields("id competency number theta since study recorded_at")
    rows = PUBLIC

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["competency", "number", "since"], name="one_cut_of_a_level_from_a_day_on"
            )
        ]
