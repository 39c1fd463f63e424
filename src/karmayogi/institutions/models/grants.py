from django.contrib.postgres.fields import DateRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models

from karmayogi.institutions.models.bodies import Body
from karmayogi.institutions.models.people import Person
from karmayogi.institutions.reach import in_care, mine
from karmayogi.institutions.roll import ROLL, running
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.roles import PROVISIONER
from karmayogi.registry.rows import ACTOR, HELPED, KEPT, ON, REACHED, SCOPES, TEAM, Door, Rows, any_of, own


class Grant(Fact):
    """Authority: a role over a body and its subtree, from a day to a day, by an order, given by someone."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=32)
    body = models.ForeignKey(Body, models.PROTECT)
    during = DateRangeField()
    order_no = models.CharField(max_length=80)
    granted_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    PERSONAL = fields("person role body during granted_by")
    PLAIN = fields("id order_no recorded_at")
    rows = Rows(
        # Who helps others to sign in is no secret at the desk: their own accounts are recovered by a desk above.
        read=any_of(own("person_id"), f"({HELPED} is not null and role = 'help_desk')"),
        # That there is a grant, not which.
        doors=(Door(PROVISIONER, read=in_care('"institutions_grant"."person_id"'), reads=("person_id",)),),
    )

    class Meta:
        indexes = [models.Index(fields=["person"], name="grant_person")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(person=models.F("granted_by")),
                name="nobody_grants_authority_to_themselves",
            )
        ]


ORDERED_IN_SCOPE = (
    "(select current_setting('app.purpose', true) = 'order') and exists (select 1 from institutions_body reach_b"
    f" where reach_b.id = body_id and reach_b.lower <@ {SCOPES})"
)
"""An order being put in force may write assignments of bodies in the actor's scopes."""


SERVES_IN_CARE = (
    f"(during @> {ON} and (exists (select 1 from institutions_body care_b where care_b.id = body_id and care_b.lower <@"
    f" {REACHED}) or exists (select 1 from institutions_provisionedperson care_p where care_p.client_id = {ACTOR}"
    ' and care_p.person_id = "institutions_assignment"."person_id")))'
)
"""Today's service in the subtree of a client that provisions people, and that of the people it has in its care."""


class Assignment(Fact):
    """Who serves where, under whom, on which post: written downward by orders, read by the gate and by gaps.

    `post` and `position` are ids of rooms above; this room only carries them.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="assignments")
    body = models.ForeignKey(Body, models.PROTECT, db_index=False)
    post = models.UUIDField(null=True)
    position = models.CharField(max_length=80, blank=True)
    designation = models.CharField(max_length=200)
    supervisor = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=24, default="substantive")
    share = models.DecimalField(max_digits=4, decimal_places=3, default=1)
    during = DateRangeField()
    order_no = models.CharField(max_length=80)

    PERSONAL = fields("person body post position designation supervisor kind share during order_no")
    PLAIN = fields("id")
    rows = Rows(
        read=any_of(
            mine("institutions_assignment", "person_id"),
            f"({TEAM} and supervisor_id = {ACTOR} and {running('during')})",
            f"({SCOPES} is not null and {running('during')} and exists (select 1 from institutions_body reach_b"
            f" where reach_b.id = body_id and reach_b.lower <@ {SCOPES}))",
            f"({HELPED} is not null and during @> {ON} and exists (select 1 from institutions_body reach_b"
            f" where reach_b.id = body_id and reach_b.lower <@ {HELPED}))",
            f"({KEPT} is not null and exists (select 1 from institutions_body reach_b"
            f" where reach_b.id = body_id and reach_b.lower <@ {KEPT}))",
            # An order ends a row today; PostgreSQL wants the row as it then stands to be readable.
            ORDERED_IN_SCOPE,
        ),
        insert=ORDERED_IN_SCOPE,
        update=ORDERED_IN_SCOPE,
        delete=ORDERED_IN_SCOPE,
        doors=(Door(PROVISIONER, read=SERVES_IN_CARE),),
    )
    views = (ROLL,)

    class Meta:
        indexes = [
            GistIndex(fields=["body", "during"], name="assignment_body_during"),
            models.Index(fields=["post"], name="assignment_post"),
        ]
