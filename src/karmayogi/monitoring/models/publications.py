from django.db import models

from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import PUBLIC, SIGNED_IN, Rows

WHOLE = "(select p.id from monitoring_publication p where p.state = 'whole')"


class Indicator(Fact):
    """An entry of the catalogue. A changed formula is a new version; what was published keeps its own.

    `titles`: language -> title, English always among them.
    """

    key = models.CharField(max_length=60)
    version = models.SmallIntegerField()
    number = models.SmallIntegerField()
    title = models.CharField(max_length=200)
    titles = models.JSONField(default=dict)
    formula = models.TextField()
    owner = models.CharField(max_length=200)
    unit = models.CharField(max_length=40)
    lineage = models.TextField()

    PLAIN = fields("id key version number title titles formula owner unit lineage")
    rows = PUBLIC

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="indicator_version_stands_once")
        ]


class Publication(Fact):
    """One run of all indicators over one state of the service. Readable once it is whole."""

    published_at = models.DateTimeField()
    as_of = models.DateTimeField()
    state = models.CharField(max_length=8, default="making")
    least = models.SmallIntegerField()

    PLAIN = fields("id published_at as_of state least")
    rows = Rows(read=f"({SIGNED_IN} and state = 'whole')")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["making", "whole"]), name="publication_state_is_known"
            )
        ]


class Current(Fact):
    """The pointer: the one publication that readers see. It moves in the transaction that filled it."""

    only = models.BooleanField(default=True, unique=True)
    publication = models.ForeignKey(Publication, models.PROTECT, related_name="+")

    PLAIN = fields("id only publication")
    rows = Rows(read=SIGNED_IN)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(only=True), name="there_is_one_pointer")]


class Published(Fact):
    """The figure of one indicator for one body, or that it is hidden and why. Groups only, never a person.

    `body` is null for the whole service. `parent` is the code of the body above among those published, "" for
    the whole service above it. `place` is the order of the tree. What is hidden is not stored either.
    """

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="+")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    body = models.UUIDField(null=True)
    code = models.CharField(max_length=80, blank=True)
    name = models.CharField(max_length=240, blank=True)
    kind = models.CharField(max_length=24)
    parent = models.CharField(max_length=80, null=True)
    place = models.IntegerField()
    children = models.IntegerField()
    value = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    n = models.IntegerField(null=True)
    suppressed = models.CharField(max_length=10, blank=True)

    PLAIN = fields(
        "id publication indicator body code name kind parent place children value low high n suppressed"
    )
    rows = Rows(read=f"({SIGNED_IN} and publication_id in {WHOLE})")

    class Meta:
        indexes = [models.Index(fields=["publication", "indicator", "parent"], name="published_parent")]
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "indicator", "code"], name="body_has_one_figure_per_indicator"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    suppressed="", value__isnull=False, low__isnull=False, high__isnull=False, n__isnull=False
                )
                | models.Q(
                    suppressed__in=["small", "complement"], value__isnull=True, low__isnull=True,
                    high__isnull=True, n__isnull=True,
                ),
                name="what_is_hidden_is_not_stored",
            ),
        ]  # fmt: skip
