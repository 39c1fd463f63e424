from django.contrib.postgres.fields import ArrayField
from django.db import models

from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import ACTOR, SIGNED_IN, Rows

SIGNED_IN_READ = Rows(read=SIGNED_IN)


class Pool(Fact):
    """The items one check of a competency may draw on. `external`: responses only, nothing that could be asked."""

    competency = models.ForeignKey("competency.Competency", models.PROTECT, related_name="+")
    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=12)
    state = models.CharField(max_length=12)

    PLAIN = fields("id competency name kind state")
    rows = SIGNED_IN_READ

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["competency", "name"], name="one_pool_per_name"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["check", "external"]), name="pool_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "live", "retired"]), name="pool_state_is_known"
            ),
        ]


class PoolVersion(Fact):
    """Exactly these item versions, in this order, each with its area; immutable. Texts are not here."""

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="versions")
    number = models.IntegerField()
    items = ArrayField(models.UUIDField())
    areas = ArrayField(models.CharField(max_length=60))
    content_hash = models.CharField(max_length=64)
    order_no = models.CharField(max_length=80)
    published_at = models.DateTimeField()

    PLAIN = fields("id pool number items areas content_hash order_no published_at")
    rows = SIGNED_IN_READ

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pool", "number"], name="one_pool_version_per_number")]


class Exposure(Fact):
    """How often an item version was asked in the sittings of a pool version, and how often it was asked first.

    Each sitting asks one item first, so the sum of `firsts` over a pool version counts its sittings.
    """

    pool_version = models.ForeignKey(PoolVersion, models.PROTECT, related_name="exposures")
    item_version = models.ForeignKey("assessment.ItemVersion", models.PROTECT, related_name="+")
    times = models.IntegerField(default=0)
    firsts = models.IntegerField(default=0)

    PLAIN = fields("id pool_version item_version times firsts")
    rows = Rows(
        read=SIGNED_IN,
        update="exists (select 1 from assessment_sitting mine where mine.pool_version_id ="
        f' "assessment_exposure"."pool_version_id" and mine.person_id = {ACTOR}'
        " and not exists (select 1 from assessment_ending over where over.sitting_id = mine.id))",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pool_version", "item_version"], name="one_exposure_count_per_item"
            )
        ]


class Blueprint(Fact):
    """How a check of a competency is put together: lengths, precision in logits, exposure cap, minutes, areas.

    `areas` gives shares by area ({}: as in the pool). `salt` enters the seed of every sitting.
    """

    competency = models.ForeignKey("competency.Competency", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12)
    number = models.IntegerField()
    shortest = models.IntegerField()
    longest = models.IntegerField()
    precision = models.FloatField()
    exposure_cap = models.FloatField()
    minutes = models.IntegerField()
    areas = models.JSONField(default=dict)
    supervised = models.BooleanField(default=False)
    salt = models.CharField(max_length=64)
    order_no = models.TextField()
    drawn_at = models.DateTimeField()

    PLAIN = fields(
        "id competency kind number shortest longest precision exposure_cap minutes areas supervised salt order_no"
        " drawn_at"
    )
    rows = SIGNED_IN_READ

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["competency", "kind", "supervised", "number"], name="one_blueprint_per_number"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["fixed", "adaptive"]), name="blueprint_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(shortest__gte=1)
                & models.Q(longest__gte=models.F("shortest"))
                & models.Q(minutes__gte=1)
                & models.Q(precision__gt=0),
                name="blueprint_lengths_are_possible",
            ),
        ]
