from django.db import models

from karmayogi.institutions.models.bodies import Body
from karmayogi.institutions.models.people import Person
from karmayogi.institutions.models.proposals import Proposal
from karmayogi.institutions.reach import approved
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import ACTOR, HELPED, PRESENTED, Rows, any_of, own

_AT_THE_DESK = (
    f"({HELPED} is not null and exists (select 1 from institutions_body reach_b"
    f" where reach_b.id = institutions_recovery.body_id and reach_b.lower <@ {HELPED}))"
)
_AS_APPROVED = (
    f"({approved('asked_id', 'account.recover')} and {own('touched_by_id')} and person_id <> {ACTOR}"
    " and touched_at = transaction_timestamp() and stopped_by_id is null"
    " and exists (select 1 from institutions_proposal said where said.id = asked_id and said.about_id = person_id"
    " and said.body_id = institutions_recovery.body_id and said.content->>'mobile' = new_mobile))"
)


class Recovery(Fact):
    """A way in that was given back by two people of the help desk: a new mobile, or lost factors taken off.

    Until `opens_at` nobody signs in to the account; so long the desk can stop it, and the former mobile holds again.
    `touched_by` may write the account in the transaction of `touched_at`, and in no other.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    body = models.ForeignKey(Body, models.PROTECT)
    asked = models.OneToOneField(Proposal, models.PROTECT, related_name="+")
    former_mobile = models.CharField(max_length=20, blank=True)
    new_mobile = models.CharField(max_length=20, blank=True)
    made_at = models.DateTimeField()
    opens_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    why_stopped = models.TextField(blank=True)
    touched_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    touched_at = models.DateTimeField()

    PERSONAL = fields(
        "person former_mobile new_mobile made_at opens_at stopped_at stopped_by why_stopped touched_by touched_at"
    )
    PLAIN = fields("id body asked")
    rows = Rows(
        read=any_of(own("person_id"), own("touched_by_id"), f"{PRESENTED} = person_id::text", _AT_THE_DESK),
        insert=_AS_APPROVED,
        update=f"({_AT_THE_DESK} and (stopped_by_id is null or"
        f" (stopped_by_id = {ACTOR} and touched_by_id = {ACTOR} and person_id <> {ACTOR}"
        " and opens_at > touched_at)))",
        columns=(
            "former_mobile",
            "stopped_at",
            "stopped_by_id",
            "why_stopped",
            "touched_by_id",
            "touched_at",
        ),
    )

    class Meta:
        indexes = [models.Index(fields=["person", "-made_at"], name="recovery_person")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(stopped_by=None, stopped_at=None, touched_at=models.F("made_at"))
                | models.Q(
                    stopped_by__isnull=False, stopped_at__isnull=False, touched_by=models.F("stopped_by")
                ),
                name="a_recovery_is_touched_twice_at_most",
            )
        ]
