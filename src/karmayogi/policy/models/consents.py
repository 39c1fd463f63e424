from django.db import models

from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import Rows, own


class Acknowledgement(Fact):
    """That a person was shown a version of the privacy notice in a language, and said so. Appended, never changed.

    `digest`: SHA-256 of the text that was shown, in hexadecimal.
    """

    person = models.ForeignKey("institutions.Person", models.PROTECT, related_name="+")
    version = models.CharField(max_length=20)
    language = models.CharField(max_length=16)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    PERSONAL = fields("person version language digest at")
    PLAIN = fields("id")
    rows = Rows(read=own("person_id"), insert=own("person_id"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "version"], name="a_notice_is_acknowledged_once")
        ]


class Consent(Fact):
    """A step in the ledger of consents: given or withdrawn. Appended, never changed; the latest step counts.

    `notice`: the version of the privacy notice in force at that moment.
    """

    person = models.ForeignKey("institutions.Person", models.PROTECT, related_name="+")
    matter = models.CharField(max_length=40)
    given = models.BooleanField()
    at = models.DateTimeField()
    notice = models.CharField(max_length=20)

    PERSONAL = fields("person matter given at notice")
    PLAIN = fields("id")
    rows = Rows(read=own("person_id"), insert=own("person_id"))

    class Meta:
        indexes = [models.Index(fields=["person", "matter", "-at"], name="consent_latest")]
