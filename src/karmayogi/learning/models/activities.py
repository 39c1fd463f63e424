from django.db import models

from karmayogi.institutions.reach import about, in_reach
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import ACTOR, Rows, any_of, own

REACHED = f"({in_reach('learning_activity', 'person_id')} and person_id is distinct from {ACTOR})"
OWN_PART = f"({own('person_id')} and state in ('planned', 'done', 'declined'))"
SEEN = "exists (select 1 from learning_activity a where a.id = activity_id)"


class Activity(Fact):
    """Learning at work: a task on the job or with others, planned, done, and confirmed by a second person."""

    person = models.ForeignKey("institutions.Person", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12)
    title = models.CharField(max_length=200)
    minutes = models.IntegerField()
    competency = models.UUIDField(null=True)
    planned_on = models.DateField()
    state = models.CharField(max_length=12)
    done_on = models.DateField(null=True)
    confirmed_by = models.ForeignKey("institutions.Person", models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)

    PERSONAL = fields("person kind title minutes competency planned_on state done_on confirmed_by note")
    PLAIN = fields("id")
    rows = Rows(
        read=about("learning_activity"),
        insert=f"{any_of(own('person_id'), REACHED)} and state = 'planned'",
        update=any_of(OWN_PART, REACHED),
    )

    class Meta:
        indexes = [models.Index(fields=["person", "planned_on"], name="activity_person_planned")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["on_job", "with_others"]), name="activity_kind_is_known"
            ),
            models.CheckConstraint(condition=models.Q(minutes__gt=0), name="activity_takes_time"),
            models.CheckConstraint(
                condition=~models.Q(confirmed_by=models.F("person")), name="nobody_confirms_their_own_work"
            ),
            models.CheckConstraint(
                condition=models.Q(state="planned", done_on__isnull=True, confirmed_by__isnull=True)
                | models.Q(state="done", done_on__isnull=False, confirmed_by__isnull=True)
                | models.Q(
                    state__in=["confirmed", "declined"], done_on__isnull=False, confirmed_by__isnull=False
                ),
                name="activity_state_has_its_second_party",
            ),
        ]


class ActivityStep(Fact):
    """Who did what to an activity and when; only appended, so that a decline and its answer both stay readable."""

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="steps")
    act = models.CharField(max_length=12)
    by = models.ForeignKey("institutions.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.TextField(blank=True)

    ABOUT = "activity_id in (select id from learning_activity where person_id = %(person)s)"
    PERSONAL = fields("act by at note")
    PLAIN = fields("id activity")
    rows = Rows(read=SEEN, insert=f"{own('by_id')} and {SEEN}")

    class Meta:
        indexes = [models.Index(fields=["activity", "at"], name="step_activity")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(act__in=["planned", "done", "confirmed", "declined"]),
                name="step_act_is_known",
            )
        ]
