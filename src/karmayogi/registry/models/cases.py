from django.db import models

from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.joined import mine
from karmayogi.registry.rows import ACTOR, REVIEWED, SCOPES, Rows, any_of, own

# The tree of bodies stands in a higher room: it is named here in SQL only, as the net under the gate.
IN_REVIEW = (
    f"({REVIEWED} is not null and (body is null or exists (select 1 from institutions_body b"
    f" where b.id = body and b.lower <@ {REVIEWED})))"
)
AT_THE_DESK = (
    f"((select current_setting('app.purpose', true)) = 'establishment' and kind = 'record.objection'"
    f" and about <> {ACTOR} and exists (select 1 from institutions_body b where b.id = body and b.lower <@ {SCOPES}))"
)
"""What officials of a body say is wrong in their record is for its establishment section, and for no other screen."""
SEEN = "exists (select 1 from registry_case mine where mine.id = case_id)"


class Case(Fact):
    """A question or complaint on its way to a decision, with a clock."""

    kind = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    opened_by = models.UUIDField()
    about = models.UUIDField(null=True)
    body = models.UUIDField(null=True)
    route = models.JSONField()
    step = models.IntegerField(default=0)
    days = models.IntegerField()
    working = models.BooleanField(default=True)
    state = models.CharField(max_length=16, default="open")
    reviewer = models.UUIDField(null=True)
    opened_at = models.DateTimeField()
    due = models.DateField()
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)

    PEOPLE = fields("opened_by about reviewer decided_by")
    PERSONAL = fields("subject_id opened_by about reviewer decided_by outcome reason")
    PLAIN = fields("id kind subject_kind body route step days working state opened_at due decided_at")
    rows = Rows(
        read=any_of(mine("opened_by"), mine("about"), own("reviewer"), IN_REVIEW, AT_THE_DESK),
        insert=own("opened_by"),
        update=any_of(own("opened_by"), own("reviewer"), IN_REVIEW, AT_THE_DESK),
        columns=("step", "due", "state", "reviewer", "decided_by", "decided_at", "outcome", "reason"),
    )

    class Meta:
        indexes = [
            models.Index(fields=["due"], condition=models.Q(decided_at__isnull=True), name="case_clock"),
            models.Index(fields=["body"], name="case_body"),
            models.Index(fields=["opened_by"], name="case_opener"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_kind", "subject_id", "opened_by"],
                condition=~models.Q(state="closed"),
                name="one_open_case_per_question",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "with_reviewer", "decided", "closed"]),
                name="case_state_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | ~models.Q(decided_by=models.F("opened_by")) & ~models.Q(decided_by=models.F("about"))
                | models.Q(about__isnull=True) & ~models.Q(decided_by=models.F("opened_by")),
                name="nobody_decides_their_own_case",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="decided")
                | models.Q(decided_by__isnull=False, decided_at__isnull=False)
                & ~models.Q(outcome="")
                & ~models.Q(reason=""),
                name="a_decision_says_who_what_and_why",
            ),
        ]


class CaseEvent(Fact):
    """What happened to a case. Appended, never changed."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="events")
    at = models.DateTimeField()
    by = models.UUIDField(null=True)
    what = models.CharField(max_length=20)
    text = models.TextField(blank=True)
    details = models.JSONField(default=dict)

    PEOPLE = fields("by")
    ABOUT = "case_id in (select id from registry_case where opened_by = %(person)s or about = %(person)s)"
    PERSONAL = fields("by text details")
    PLAIN = fields("id case at what")
    rows = Rows(read=SEEN, insert=f"by = {ACTOR} and {SEEN}")

    class Meta:
        indexes = [models.Index(fields=["case", "at"], name="case_events")]
