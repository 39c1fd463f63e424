from django.contrib.postgres.fields import DateRangeField
from django.db import models

from karmayogi.institutions.reach import about
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import ACTOR, PUBLIC, Rows, own

OF_OWN_PLAN = (
    f"({own('person_id')} and exists (select 1 from planning_plan mine"
    f" where mine.id = plan_id and mine.person_id = {ACTOR}))"
)


class ActivityTemplate(Fact):
    """Something that builds a competency at work or with others, offered to whoever needs it."""

    competency = models.ForeignKey("competency.Competency", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12)
    title = models.CharField(max_length=200)
    minutes = models.IntegerField()
    offered = models.BooleanField(default=True)

    PLAIN = fields("id competency kind title minutes offered")
    rows = PUBLIC

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["competency", "kind", "title"], name="activity_is_offered_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["on_job", "with_others"]), name="offered_kind_is_known"
            ),
            models.CheckConstraint(condition=models.Q(minutes__gt=0), name="offered_activity_takes_time"),
        ]


class Plan(Fact):
    """A personal plan: which learning in which order, over a stretch of days and within the minutes there are."""

    person = models.ForeignKey("institutions.Person", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    horizon = DateRangeField()
    minutes = models.IntegerField()
    shares_kept = models.BooleanField()
    state = models.CharField(max_length=12, default="current")
    superseded_at = models.DateTimeField(null=True)

    PERSONAL = fields("person made_at horizon minutes shares_kept state superseded_at")
    PLAIN = fields("id")
    rows = Rows(
        read=about("planning_plan"),
        insert=f"({own('person_id')} and state = 'current')",
        update=own("person_id"),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(state="current"), name="one_plan_is_current"
            ),
            models.CheckConstraint(
                condition=models.Q(state="current", superseded_at__isnull=True)
                | models.Q(state="superseded", superseded_at__isnull=False),
                name="plan_state_has_its_date",
            ),
        ]


class PlanItem(Fact):
    """One step of a plan. `ref`: the course, the activity offered, or for a check the competency.

    Keys and English names are kept as they were when it was planned, so that reading a plan takes few queries.

    `why` says which fact put it here ("unsure", "below"), with the numbers a sentence needs in `because`. `gain` is
    what it is expected to add (weighted logits). `entry`: the practice log's row once the person has done it.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="items")
    person = models.ForeignKey("institutions.Person", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12)
    ref = models.UUIDField()
    competency = models.ForeignKey("competency.Competency", models.PROTECT, related_name="+")
    title = models.CharField(max_length=240)
    key = models.CharField(max_length=80, blank=True)
    competency_key = models.CharField(max_length=80)
    competency_name = models.CharField(max_length=240)
    why = models.CharField(max_length=12)
    because = models.JSONField(default=dict)
    minutes = models.IntegerField()
    planned_on = models.DateField()
    number = models.SmallIntegerField()
    gain = models.FloatField()
    beyond_share = models.BooleanField(default=False)
    state = models.CharField(max_length=8, default="planned")
    done_at = models.DateTimeField(null=True)
    entry = models.UUIDField(null=True)

    PERSONAL = fields(
        "plan person kind ref competency title key competency_key competency_name why because minutes planned_on"
        " number gain beyond_share state done_at entry"
    )
    PLAIN = fields("id")
    rows = Rows(read=about("planning_planitem"), insert=OF_OWN_PLAN, update=OF_OWN_PLAN)

    class Meta:
        indexes = [
            models.Index(fields=["person", "state"], name="planitem_person"),
            models.Index(fields=["done_at"], condition=models.Q(state="done"), name="planitem_done"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "kind", "ref", "competency"], name="item_stands_once_in_a_plan"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["check", "course", "on_job", "with_others"]),
                name="item_kind_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state="planned", done_at__isnull=True)
                | models.Q(state="done", done_at__isnull=False),
                name="item_state_has_its_date",
            ),
        ]
