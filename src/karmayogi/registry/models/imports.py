from django.db import models

from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import Rows, own


class ImportRun(Fact):
    """One taking-in of one file, with the place up to which its rows are safely written."""

    kind = models.CharField(max_length=60)
    source = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    owner = models.UUIDField(null=True)
    state = models.CharField(max_length=12, default="running")
    cursor = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0)
    quarantined = models.BigIntegerField(default=0)
    new = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    same = models.BigIntegerField(default=0)
    message = models.TextField(blank=True)
    started_at = models.DateTimeField()
    seconds = models.FloatField(default=0)

    PEOPLE = fields("owner")
    PERSONAL = fields("owner source message")
    PLAIN = fields("id kind sha256 state cursor accepted quarantined new changed same started_at seconds")
    rows = Rows(read=own("owner"))

    class Meta:
        indexes = [models.Index(fields=["kind", "sha256", "-started_at"], name="import_of_file")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["running", "done", "failed", "cancelled"]),
                name="import_state_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted=models.F("new") + models.F("changed") + models.F("same")),
                name="accepted_rows_add_up",
            ),
        ]


class ImportProblem(Fact):
    """One reason why one row was left out, and how to mend it."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="problems")
    row = models.BigIntegerField()
    column = models.CharField(max_length=200)
    value = models.CharField(max_length=200)
    what = models.TextField()
    mend = models.TextField()

    PERSONAL = fields("value")
    PLAIN = fields("id run row column what mend")
    rows = Rows(read="exists (select 1 from registry_importrun mine where mine.id = run_id)")

    class Meta:
        indexes = [models.Index(fields=["run", "row"], name="problem_row")]
