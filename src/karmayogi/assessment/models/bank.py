from django.db import models

from karmayogi.registry import roles
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import ACTOR, WORKERS_ONLY, Rows

STATES = ("draft", "in_review", "pilot", "live", "retired")


def asked_now(table: str, column: str) -> str:
    """True for the one item that an open sitting of the actor asks at this moment: nobody pages through the bank."""
    return (
        "exists (select 1 from assessment_sitting now_s join assessment_turn now_t on now_t.sitting_id = now_s.id"
        f' where now_s.person_id = {ACTOR} and now_t.item_version_id = "{table}"."{column}"'
        " and not exists (select 1 from assessment_ending now_e where now_e.sitting_id = now_s.id)"
        " and not exists (select 1 from assessment_response now_r where now_r.sitting_id = now_s.id"
        " and now_r.item_version_id = now_t.item_version_id))"
    )


class Item(Fact):
    """One thing to be asked about a competency, over all its versions; `area` is the part of the content it covers."""

    competency = models.ForeignKey("competency.Competency", models.PROTECT, related_name="+")
    key = models.CharField(max_length=120)
    area = models.CharField(max_length=60)

    PLAIN = fields("id competency key area")
    rows = WORKERS_ONLY

    class Meta:
        constraints = [models.UniqueConstraint(fields=["competency", "key"], name="one_item_per_key")]


class ItemVersion(Fact):
    """What is shown, in English: never edited, only followed by the next number. The right option is not here.

    `options` is [{"key", "text"}]. `content_hash` covers what is shown and not the key: with four options a hash over
    the key would give it away.
    """

    item = models.ForeignKey(Item, models.PROTECT, related_name="versions")
    number = models.IntegerField()
    stem = models.TextField()
    options = models.JSONField()
    content_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=12)
    written_at = models.DateTimeField()

    PLAIN = fields("id item number stem options content_hash state written_at")
    rows = Rows(read=asked_now("assessment_itemversion", "id"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="one_item_version_per_number"),
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="item_state_is_known"),
        ]


class Wording(Fact):
    """The same item version in another language. Kept here, since the shared table of translations is public."""

    item_version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="wordings")
    language = models.CharField(max_length=16)
    stem = models.TextField()
    options = models.JSONField()

    PLAIN = fields("id item_version language stem options")
    rows = Rows(read=asked_now("assessment_wording", "item_version_id"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item_version", "language"], name="one_wording_per_language")
        ]


class AnswerKey(Fact):
    """The right option and why, by language. The web role cannot read this table; scoring reads it as the scorer."""

    item_version = models.OneToOneField(ItemVersion, models.PROTECT, related_name="answer_key")
    right = models.CharField(max_length=8)
    why = models.JSONField(default=dict)

    PLAIN = fields("id item_version right why")
    rows = Rows(secret=roles.SCORER)


class ItemStep(Fact):
    """Who moved an item version to which state, when and why: author, reviewer and approver are different people."""

    item_version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="steps")
    state = models.CharField(max_length=12)
    by = models.ForeignKey("institutions.Person", models.PROTECT, null=True, related_name="+")
    order_no = models.CharField(max_length=80, blank=True)
    reason = models.TextField(blank=True)
    at = models.DateTimeField()

    PERSONAL = fields("by reason")
    PLAIN = fields("id item_version state order_no at")
    rows = WORKERS_ONLY

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(by__isnull=False) | ~models.Q(order_no=""),
                name="item_step_names_a_person_or_an_order",
            )
        ]
