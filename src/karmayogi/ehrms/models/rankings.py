from django.db import models

from karmayogi.ehrms.models.orders import IN_SCOPE
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import ACTOR, DECIDING, Rows, any_of, own


class Ranking(Fact):
    """The ranking as it was shown to the Board, stored whole before any choice, with the seed that remakes it."""

    post = models.ForeignKey("ehrms.Post", models.PROTECT, related_name="+")
    body = models.ForeignKey("institutions.Body", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("institutions.Person", models.PROTECT, null=True, related_name="+")
    on = models.DateField()
    seed = models.BigIntegerField()
    requirements = models.JSONField()
    considered = models.IntegerField()
    not_eligible = models.IntegerField()
    content_hash = models.CharField(max_length=64)

    PERSONAL = fields("made_by")
    PLAIN = fields("id post body made_at on seed requirements considered not_eligible content_hash")
    rows = Rows(read=IN_SCOPE, insert=f"{IN_SCOPE} and made_by_id = {ACTOR}")

    class Meta:
        indexes = [models.Index(fields=["post", "-made_at"], name="ranking_latest")]


class Candidate(Fact):
    """One candidate's line of a ranking: place, bracket, chances, rule values, reasons."""

    ranking = models.ForeignKey(Ranking, models.CASCADE, related_name="candidates")
    person = models.ForeignKey("institutions.Person", models.PROTECT, related_name="+")
    place = models.IntegerField()
    bracket = models.IntegerField()
    overall = models.FloatField()
    first = models.FloatField()
    eligible = models.BooleanField()
    needs = models.JSONField()
    rules = models.JSONField()
    decisive = models.CharField(max_length=80, blank=True)
    overall_if_met = models.FloatField(default=0)

    PERSONAL = fields("person place bracket overall first eligible needs rules decisive overall_if_met")
    PLAIN = fields("id ranking")
    rows = Rows(
        read=any_of(
            own("person_id"),
            f"({DECIDING} and exists (select 1 from ehrms_ranking r where r.id = ranking_id))",
        ),
        insert=f"exists (select 1 from ehrms_ranking r where r.id = ranking_id and r.made_by_id = {ACTOR})",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ranking", "person"], name="candidate_stands_once_in_a_ranking")
        ]
