from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from karmayogi.competency.models.frameworks import Competency
from karmayogi.institutions.reach import about
from karmayogi.institutions.roll import running
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import ACTOR, TEAM, Rows, any_of, own

MY_TEAM = (
    f"({TEAM} and exists (select 1 from institutions_roll mine where mine.supervisor_id = {ACTOR}"
    f' and mine.person_id = "competency_evidence"."person_id" and {running("mine.during")}))'
)
MAY_RECORD = any_of(
    f"({own('person_id')} and observer_id is null and replaces is null"
    " and source in ('test', 'completed', 'self_rating'))",
    f"(source = 'rating' and observer_id = {ACTOR} and person_id <> {ACTOR} and replaces is null and {MY_TEAM})",
)


class TransactionId(models.BigIntegerField):  # type: ignore[type-arg]
    """The transaction that wrote a row (xid8): orders rows by commit as far as readers can rely on it."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "xid8"

    def from_db_value(self, value: Any, *_: object) -> int:
        return int(value)


class CurrentTransaction(models.Func):
    """`pg_current_xact_id()`, for the database default."""

    function = "pg_current_xact_id"
    arity = 0
    output_field = TransactionId()


class Evidence(Fact):
    """One thing that happened and speaks for or against a competency. Appended; never changed, never deleted.

    `happened_at` is when it took place, `recorded_at` when the house came to know it. `replaces` names an
    earlier row that this one takes the place of, after a correction or an appeal.
    """

    person = models.ForeignKey("institutions.Person", models.PROTECT, related_name="+")
    competency = models.ForeignKey(Competency, models.PROTECT, related_name="+")
    source = models.CharField(max_length=16)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    key = models.CharField(max_length=160)
    observer = models.ForeignKey("institutions.Person", models.PROTECT, null=True, related_name="+")
    instrument = models.CharField(max_length=120, blank=True)
    payload = models.JSONField(default=dict)
    body = models.ForeignKey("institutions.Body", models.PROTECT, null=True, related_name="+")
    replaces = models.UUIDField(null=True)
    xact = TransactionId(db_default=CurrentTransaction(), editable=False)

    PERSONAL = fields("person competency source happened_at key observer instrument payload body replaces")
    PLAIN = fields("id recorded_at xact")
    rows = Rows(read=about("competency_evidence"), insert=MAY_RECORD)

    class Meta:
        indexes = [
            models.Index(fields=["xact", "id"], name="evidence_cursor"),
            models.Index(fields=["person", "competency"], name="evidence_person"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["person", "key"], name="evidence_is_recorded_once"),
            models.CheckConstraint(
                condition=models.Q(observer__isnull=True) | ~models.Q(observer=models.F("person")),
                name="nobody_observes_themselves",
            ),
            models.CheckConstraint(
                condition=~models.Q(source__in=["rating", "work_product"]) | models.Q(observer__isnull=False),
                name="a_rating_names_its_observer",
            ),
        ]


class Estimate(Fact):
    """What the evidence amounted to for a person and a competency, from when it was recorded until superseded.

    `rules`, `calibration`, `algorithm` and `seen` (the snapshot that the ledger was read in) are everything a
    replay needs. `changes_on` is the first day on which some of its evidence expires.
    """

    person = models.ForeignKey("institutions.Person", models.PROTECT, related_name="+")
    competency = models.ForeignKey(Competency, models.PROTECT, related_name="+")
    mean = models.FloatField()
    sd = models.FloatField()
    information = models.FloatField()
    kinds = ArrayField(models.CharField(max_length=16))
    as_of = models.DateTimeField()
    changes_on = models.DateField(null=True)
    algorithm = models.CharField(max_length=16)
    calibration = models.IntegerField()
    rules = ArrayField(models.UUIDField())
    seen = models.TextField()
    xact = TransactionId(db_default=CurrentTransaction(), editable=False)
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    PERSONAL = fields("person competency mean sd information kinds as_of changes_on")
    PLAIN = fields("id algorithm calibration rules seen xact recorded_at superseded_at")
    rows = Rows(
        read=about("competency_estimate"),
        insert=about("competency_estimate"),
        update=about("competency_estimate"),
    )

    class Meta:
        indexes = [
            models.Index(fields=["person", "recorded_at"], name="estimate_person"),
            models.Index(
                fields=["changes_on"], condition=models.Q(superseded_at__isnull=True), name="estimate_changes"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "competency"],
                condition=models.Q(superseded_at__isnull=True),
                name="one_estimate_stands_at_a_time",
            )
        ]
