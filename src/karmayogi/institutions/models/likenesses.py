from django.db import models

from karmayogi.institutions.models.bodies import Body
from karmayogi.institutions.models.people import Person
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import ACTOR, KEPT, Rows

_OF_KEPT_BODY = (
    f"({KEPT} is not null and exists (select 1 from institutions_body reach_b"
    f" where reach_b.id = institutions_likelysame.body_id and reach_b.lower <@ {KEPT}))"
)


class LikelySame(Fact):
    """Two records that may be of one person: what speaks for it, how much, and whether a person set it aside.

    `body`: where the one who served last serves. `reasons`: codes, e.g. ["mobile", "name"]. `score`: 0 to 1.
    """

    one = models.ForeignKey(Person, models.PROTECT, related_name="+")
    other = models.ForeignKey(Person, models.PROTECT, related_name="+")
    body = models.ForeignKey(Body, models.PROTECT)
    score = models.DecimalField(max_digits=4, decimal_places=3)
    reasons = models.JSONField(default=list)
    found_at = models.DateTimeField()
    set_aside_at = models.DateTimeField(null=True)
    set_aside_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    why = models.TextField(blank=True)

    PERSONAL = fields("one other score reasons set_aside_by why")
    PLAIN = fields("id body found_at set_aside_at")
    rows = Rows(
        read=_OF_KEPT_BODY,
        update=f"({_OF_KEPT_BODY} and coalesce(set_aside_by_id, {ACTOR}) = {ACTOR})",
        columns=("set_aside_at", "set_aside_by_id", "why"),
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["body", "-score"], name="likely_same_waiting", condition=models.Q(set_aside_at=None)
            ),
            models.Index(fields=["other"], name="likely_same_other"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="two_records_are_suggested_once"),
            models.CheckConstraint(
                condition=models.Q(one__lt=models.F("other")), name="a_pair_is_written_in_one_order"
            ),
        ]
