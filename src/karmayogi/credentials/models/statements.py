from django.db import models

from karmayogi.institutions.reach import about
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import Rows
from karmayogi.registry.showing import BY_CODE


class Statement(Fact):
    """A signed statement that a person showed a level of a competency. Rules issue it, nobody awards it."""

    person = models.ForeignKey("institutions.Person", models.PROTECT, related_name="+")
    competency = models.ForeignKey("competency.Competency", models.PROTECT, related_name="+")
    level = models.IntegerField()
    basis = models.CharField(max_length=64)
    code = models.CharField(max_length=12, unique=True)
    document = models.JSONField()
    issued_at = models.DateTimeField()
    valid_until = models.DateField()
    state = models.CharField(max_length=12, default="issued")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.UUIDField(null=True)
    reason = models.TextField(blank=True)
    replaced_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")

    PEOPLE = fields("withdrawn_by")
    PERSONAL = fields(
        "person competency level basis code document issued_at valid_until state withdrawn_at withdrawn_by"
        " reason replaced_by"
    )
    PLAIN = fields("id")
    rows = Rows(read=about("credentials_statement"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "competency", "level", "basis"], name="a_level_is_stated_once"
            ),
            models.UniqueConstraint(
                fields=["person", "competency"],
                condition=models.Q(state="issued", replaced_by__isnull=True),
                name="one_statement_stands",
            ),
            models.CheckConstraint(
                condition=models.Q(state="issued", withdrawn_at__isnull=True)
                | models.Q(state="withdrawn", withdrawn_at__isnull=False) & ~models.Q(reason=""),
                name="withdrawal_has_a_reason",
            ),
        ]


class PublishedStatement(Fact):
    """What whoever holds the code may see: the document as signed and whether it still stands."""

    code = models.CharField(max_length=12, unique=True)
    document = models.JSONField()
    state = models.CharField(max_length=12, default="issued")
    withdrawn_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    replaced_by = models.CharField(max_length=12, blank=True)

    ABOUT = "code in (select code from credentials_statement where person_id = %(person)s)"
    PERSONAL = fields("code document state withdrawn_at reason replaced_by")
    PLAIN = fields("id")
    rows = Rows(read=BY_CODE)
