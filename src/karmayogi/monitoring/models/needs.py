from django.db import models

from karmayogi.monitoring.models.publications import WHOLE, Publication
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import SCOPES, Rows

LOOKED_AFTER = (
    "((select current_setting('app.purpose', true) = 'manager') and exists (select 1 from institutions_body reach_b"
    f" where reach_b.id = body_id and reach_b.lower <@ {SCOPES}))"
)
"""Counts are exact, however few the officials: only whoever looks after the body, and sees them anyway, reads them."""


class NeedCount(Fact):
    """How the officials of a body and of all bodies under it stand to one competency, in one publication.

    Totals of the subtree, so that a page reads as many rows as there are competencies, whatever the body's size.
    """

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="+")
    body = models.ForeignKey("institutions.Body", models.PROTECT, related_name="+")
    competency = models.ForeignKey("competency.Competency", models.PROTECT, related_name="+")
    met = models.IntegerField()
    below = models.IntegerField()
    unsure = models.IntegerField()

    PLAIN = fields("id publication body competency met below unsure")
    rows = Rows(read=f"({LOOKED_AFTER} and publication_id in {WHOLE})")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "body", "competency"], name="body_counts_a_need_once"
            ),
            models.CheckConstraint(
                condition=models.Q(met__gte=0, below__gte=0, unsure__gte=0), name="need_counts_are_whole"
            ),
        ]


class SeatCount(Fact):
    """How many seats a body and all bodies under it have, and how many are held, in one publication."""

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="+")
    body = models.ForeignKey("institutions.Body", models.PROTECT, related_name="+")
    sanctioned = models.IntegerField()
    filled = models.IntegerField()

    PLAIN = fields("id publication body sanctioned filled")
    rows = Rows(read=f"({LOOKED_AFTER} and publication_id in {WHOLE})")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["publication", "body"], name="body_counts_its_seats_once"),
            models.CheckConstraint(
                condition=models.Q(filled__gte=0, sanctioned__gte=models.F("filled")),
                name="filled_seats_are_sanctioned",
            ),
        ]
