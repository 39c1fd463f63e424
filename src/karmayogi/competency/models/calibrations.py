from django.db import models

from karmayogi.registry import roles
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import PUBLIC, Rows


class CalibrationSet(Fact):
    """A numbered, immutable set of everything that turns evidence into estimates, bar the rules.

    `cohorts`: competency id -> {"mean", "sd"} in logits; `cuts`: competency id -> cut scores from level 1 up.
    `content_hash`: SHA-256 of everything in it and of the hash of the set before (`contents.whole`); blank in sets
    published before hashes were kept.
    """

    number = models.IntegerField(unique=True)
    label = models.CharField(max_length=120)
    order_no = models.CharField(max_length=80)
    published_at = models.DateTimeField()
    cohorts = models.JSONField(default=dict)
    cuts = models.JSONField(default=dict)
    content_hash = models.CharField(max_length=64, db_default="", blank=True)

    PLAIN = fields("id number label order_no published_at cohorts cuts content_hash")
    rows = PUBLIC


class ItemParameter(Fact):
    """Slope and difficulty (logits) of an item version in a set."""

    set = models.ForeignKey(CalibrationSet, models.PROTECT, related_name="parameters")
    item_version = models.UUIDField()
    a = models.FloatField()
    b = models.FloatField()

    PLAIN = fields("id set item_version a b")
    rows = Rows(secret=roles.SCORER)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["set", "item_version"], name="item_is_calibrated_once_in_a_set")
        ]


class RaterSeverity(Fact):
    """What a rater's habit adds to a value, in logits: below 0 severe, above 0 lenient."""

    set = models.ForeignKey(CalibrationSet, models.PROTECT, related_name="severities")
    rater = models.ForeignKey("institutions.Person", models.PROTECT, related_name="+")
    severity = models.FloatField()

    PERSONAL = fields("rater severity")
    PLAIN = fields("id set")
    rows = Rows(secret=roles.SCORER)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["set", "rater"], name="rater_has_one_severity_in_a_set")
        ]
