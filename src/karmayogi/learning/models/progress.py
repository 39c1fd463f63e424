from django.db import models

from karmayogi.institutions.reach import about
from karmayogi.learning.models.courses import Course, CourseVersion, Page
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import Rows, own


class Enrolment(Fact):
    """A person on a course: one row for life. Leaving and coming back change its state and lose nothing.

    `body`: where the person served when they enrolled. `origin`: "here", or "history" for what another system saw.
    """

    person = models.ForeignKey("institutions.Person", models.PROTECT, related_name="+")
    course = models.ForeignKey(Course, models.PROTECT, related_name="+")
    state = models.CharField(max_length=12)
    body = models.ForeignKey("institutions.Body", models.PROTECT, null=True, related_name="+")
    origin = models.CharField(max_length=8, default="here")
    enrolled_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
    completed_version = models.ForeignKey(CourseVersion, models.PROTECT, null=True, related_name="+")
    unenrolled_at = models.DateTimeField(null=True)

    PERSONAL = fields("person course state body enrolled_at completed_at completed_version unenrolled_at")
    PLAIN = fields("id origin")
    rows = Rows(
        read=about("learning_enrolment"),
        insert=f"{own('person_id')} and state = 'enrolled' and origin = 'here'",
        update=own("person_id"),
    )

    class Meta:
        indexes = [models.Index(fields=["course", "state"], name="enrolment_course_state")]
        constraints = [
            models.UniqueConstraint(fields=["person", "course"], name="one_enrolment_per_course"),
            models.CheckConstraint(
                condition=models.Q(
                    state="enrolled",
                    completed_at__isnull=True,
                    completed_version__isnull=True,
                    unenrolled_at__isnull=True,
                )
                | models.Q(
                    state="completed",
                    completed_at__isnull=False,
                    completed_version__isnull=False,
                    unenrolled_at__isnull=True,
                )
                | models.Q(
                    state="unenrolled",
                    completed_at__isnull=True,
                    completed_version__isnull=True,
                    unenrolled_at__isnull=False,
                ),
                name="enrolment_state_has_its_dates",
            ),
        ]


class PageState(Fact):
    """What the server saw of one person on one page.

    `seconds`: counted so far. `reading_since`: start of the interval that is still running; at most one row of a
    person has it, so that the same second is never counted for two pages.
    """

    person = models.ForeignKey("institutions.Person", models.PROTECT, related_name="+")
    page = models.ForeignKey(Page, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8)
    seconds = models.IntegerField(default=0)
    opened_at = models.DateTimeField()
    reading_since = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    PERSONAL = fields("person page state seconds opened_at reading_since finished_at")
    PLAIN = fields("id")
    rows = Rows(
        read=about("learning_pagestate"),
        insert=f"{own('person_id')} and state = 'open' and seconds = 0",
        update=own("person_id"),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "page"], name="one_state_per_page"),
            models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(reading_since__isnull=False),
                name="one_page_read_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", finished_at__isnull=True)
                | models.Q(state="done", finished_at__isnull=False),
                name="page_state_has_its_date",
            ),
            models.CheckConstraint(condition=models.Q(seconds__gte=0), name="seen_seconds_never_negative"),
        ]


class ProgressEvent(Fact):
    """What happened on a course, in order, refusals included. Only appended.

    `seconds`: what the server had seen of the page; `needed`: what a refusal asked for.
    """

    person = models.ForeignKey("institutions.Person", models.PROTECT, related_name="+")
    course = models.ForeignKey(Course, models.PROTECT, related_name="+")
    page = models.ForeignKey(Page, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=12)
    at = models.DateTimeField()
    seconds = models.IntegerField(null=True)
    needed = models.IntegerField(null=True)

    PERSONAL = fields("person course page kind at seconds needed")
    PLAIN = fields("id")
    rows = Rows(read=about("learning_progressevent"), insert=own("person_id"))

    class Meta:
        indexes = [models.Index(fields=["person", "course", "at"], name="event_person_course")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=[
                        "enrolled",
                        "rejoined",
                        "unenrolled",
                        "opened",
                        "finished",
                        "refused",
                        "completed",
                    ]
                ),
                name="progress_kind_is_known",
            )
        ]
