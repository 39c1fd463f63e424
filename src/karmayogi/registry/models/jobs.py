from django.db import models

from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import Rows, own


class JobRun(Fact):
    """One piece of long work: who asked for it, how far it is, what came out. `scheduled_at`: the clock asked."""

    kind = models.CharField(max_length=80)
    title = models.CharField(max_length=200)
    owner = models.UUIDField(null=True)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=12, default="queued")
    total = models.BigIntegerField(null=True)
    done = models.BigIntegerField(default=0)
    message = models.TextField(blank=True)
    result = models.JSONField(default=dict)
    error_file = models.ForeignKey("registry.File", models.SET_NULL, null=True, related_name="+")
    attempts = models.IntegerField(default=0)
    cancel_asked = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    scheduled_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    PEOPLE = fields("owner")
    PERSONAL = fields("owner title arguments message result error_file")
    PLAIN = fields(
        "id kind state total done attempts cancel_asked asked_at scheduled_at started_at finished_at"
    )
    rows = Rows(read=own("owner"), insert=own("owner"), update=own("owner"))

    class Meta:
        indexes = [models.Index(fields=["owner", "-asked_at"], name="job_owner")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["queued", "running", "done", "failed", "cancelled"]),
                name="job_state_is_known",
            ),
            models.UniqueConstraint(fields=["kind", "scheduled_at"], name="one_run_per_tick_of_the_clock"),
        ]
