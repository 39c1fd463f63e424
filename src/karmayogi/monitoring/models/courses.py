from django.db import models

from karmayogi.monitoring.models.publications import WHOLE, Publication
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import HELD, PURPOSE, Rows

OWN_COURSES = (
    f"((select {PURPOSE} = 'provider') and exists (select 1 from institutions_body reach_b"
    f" where reach_b.id = provider_id and reach_b.lower <@ {HELD}))"
)
"""A provider reads of its own courses, and of nobody else's."""


class CourseCount(Fact):
    """How many officials are on a course and how many completed it, in one publication: groups only, never a person.

    `enrolled` counts who is on it or completed it. What a small group would show through is not stored: `hidden` says
    "small" (few are on it) or "part" (few completed it, or few of those on it did not).
    """

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="+")
    course = models.ForeignKey("learning.Course", models.PROTECT, related_name="+")
    provider = models.ForeignKey("institutions.Body", models.PROTECT, related_name="+")
    enrolled = models.IntegerField(null=True)
    completed = models.IntegerField(null=True)
    hidden = models.CharField(max_length=5, blank=True)

    PLAIN = fields("id publication course provider enrolled completed hidden")
    rows = Rows(read=f"({OWN_COURSES} and publication_id in {WHOLE})")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["publication", "course"], name="a_course_is_counted_once"),
            models.CheckConstraint(
                condition=models.Q(hidden="", enrolled__gte=models.F("completed"), completed__gte=0)
                | models.Q(hidden="part", enrolled__gt=0, completed=None)
                | models.Q(hidden="small", enrolled=None, completed=None),
                name="what_a_small_group_shows_is_not_stored",
            ),
        ]
