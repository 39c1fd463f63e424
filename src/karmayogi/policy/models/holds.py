from django.db import models

from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import WORKERS_ONLY


class Hold(Fact):
    """A legal hold: by order nothing of a person, of the people of a body, or of a case is deleted until released.

    `asked_by` and `approved_by` are two people; the same holds for the release.
    """

    person = models.ForeignKey("institutions.Person", models.PROTECT, null=True, related_name="+")
    body = models.ForeignKey("institutions.Body", models.PROTECT, null=True, related_name="+")
    case = models.UUIDField(null=True)
    reason = models.TextField()
    order_no = models.CharField(max_length=80, unique=True)
    placed_at = models.DateTimeField()
    asked_by = models.ForeignKey("institutions.Person", models.PROTECT, related_name="+")
    approved_by = models.ForeignKey("institutions.Person", models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True)
    release_order = models.CharField(max_length=80, blank=True)
    release_asked_by = models.ForeignKey("institutions.Person", models.PROTECT, null=True, related_name="+")
    release_approved_by = models.ForeignKey(
        "institutions.Person", models.PROTECT, null=True, related_name="+"
    )

    PERSONAL = fields("person reason asked_by approved_by release_asked_by release_approved_by")
    PLAIN = fields("id body case order_no placed_at released_at release_order")
    rows = WORKERS_ONLY

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(person__isnull=False, body=None, case=None)
                | models.Q(person=None, body__isnull=False, case=None)
                | models.Q(person=None, body=None, case__isnull=False),
                name="a_hold_is_about_one_thing",
            ),
            models.CheckConstraint(
                condition=~models.Q(asked_by=models.F("approved_by")), name="a_hold_takes_two_people"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    released_at=None, release_asked_by=None, release_approved_by=None, release_order=""
                )
                | models.Q(
                    released_at__isnull=False,
                    release_asked_by__isnull=False,
                    release_approved_by__isnull=False,
                )
                & ~models.Q(release_order="")
                & ~models.Q(release_asked_by=models.F("release_approved_by")),
                name="a_release_takes_two_people_and_an_order",
            ),
        ]
