from django.db import models

from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.joined import mine
from karmayogi.registry.rows import PRESENTED, SIGNED_IN, Rows, any_of, own


class Letter(Fact):
    """Something that has to leave the machine, written down in the transaction that causes it."""

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=40)
    recipient = models.UUIDField()
    payload = models.JSONField(default=dict)
    due = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)

    PEOPLE = fields("recipient")
    PERSONAL = fields("key recipient payload last_error")
    PLAIN = fields("id kind due sent_at given_up_at attempts")
    rows = Rows(insert=any_of(SIGNED_IN, f"kind = 'sms' and payload->>'to' = {PRESENTED}"))

    class Meta:
        indexes = [
            models.Index(
                fields=["due"],
                condition=models.Q(sent_at__isnull=True, given_up_at__isnull=True),
                name="letter_waiting",
            )
        ]


class Notice(Fact):
    """One piece of news for one person inside the product; the sentence is made from kind and params."""

    key = models.CharField(max_length=200, unique=True)
    person = models.UUIDField()
    kind = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    link = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    PEOPLE = fields("person")
    PERSONAL = fields("key person params link at seen_at")
    PLAIN = fields("id kind")
    rows = Rows(read=mine("person"), insert=SIGNED_IN, update=own("person"))

    class Meta:
        indexes = [models.Index(fields=["person", "-at"], name="notice_person")]
