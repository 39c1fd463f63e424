from django.db import models

from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import ACTOR, HELD, PURPOSE, Rows, any_of, own

_WHOLE = f"(select int4range(min(lower), max(upper)) <@ {HELD} from institutions_body)"
OPERATING = f"(select {PURPOSE} = 'operator' and {_WHOLE})"
"""The actor runs the platform for the whole service: a breach is of no one body."""


class Breach(Fact):
    """A breach of personal data: what happened, since when it is known, and when whom it was reported to."""

    number = models.CharField(max_length=40, unique=True)
    what = models.TextField()
    happened_at = models.DateTimeField(null=True)
    known_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey("institutions.Person", models.PROTECT, related_name="+")
    cert_told_at = models.DateTimeField(null=True)
    board_told_at = models.DateTimeField(null=True)
    cert_reference = models.CharField(max_length=120, null=True)
    board_reference = models.CharField(max_length=120, null=True)
    measures = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey("institutions.Person", models.PROTECT, null=True, related_name="+")

    PERSONAL = fields("what opened_by measures closed_by")
    PLAIN = fields(
        "id number happened_at known_at opened_at cert_told_at board_told_at cert_reference board_reference closed_at"
    )
    rows = Rows(
        read=OPERATING,
        insert=f"({OPERATING} and opened_by_id = {ACTOR} and cert_told_at is null and board_told_at is null"
        " and closed_at is null)",
        update=f"({OPERATING} and coalesce(closed_by_id, {ACTOR}) = {ACTOR})",
        columns=(
            "cert_told_at", "board_told_at", "cert_reference", "board_reference", "measures", "closed_at",
            "closed_by_id",
        ),
    )  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closed_at=None, closed_by=None)
                | models.Q(
                    closed_at__isnull=False, closed_by__isnull=False, cert_told_at__isnull=False,
                    board_told_at__isnull=False,
                )
                & ~models.Q(measures=""),
                name="a_breach_closes_reported_and_with_its_measures",
            )
        ]  # fmt: skip


class Affected(Fact):
    """A person whom a breach affects; `found_by`: the query that listed them. `told_at`: when they were written to."""

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="+")
    person = models.ForeignKey("institutions.Person", models.PROTECT, related_name="+")
    found_by = models.CharField(max_length=200)
    listed_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    PERSONAL = fields("breach person found_by listed_at told_at")
    PLAIN = fields("id")
    rows = Rows(read=any_of(own("person_id"), OPERATING))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["breach", "person"], name="affected_by_a_breach_once")]
