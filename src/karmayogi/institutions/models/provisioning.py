from django.db import models

from karmayogi.institutions.models.bodies import Body
from karmayogi.institutions.models.people import Person
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.roles import PROVISIONER
from karmayogi.registry.rows import ACTOR, GIVEN, Door, Rows, own

MINE = f"client_id = {ACTOR}"
"""While a client acts, the actor is the client."""


class ProvisioningClient(Fact):
    """A system that provisions people and bodies of one subtree, known by a token of which only the digest is kept.

    `until` ends it, by its date or because it was revoked.
    """

    name = models.CharField(max_length=80)
    body = models.ForeignKey(Body, models.PROTECT)
    token = models.CharField(max_length=64, unique=True)
    since = models.DateTimeField()
    until = models.DateTimeField()
    order_no = models.CharField(max_length=80)

    PLAIN = fields("id name body token since until order_no")
    rows = Rows(doors=(Door(PROVISIONER, read=f"(id = {ACTOR} or token = {GIVEN})"),))

    class Meta:
        indexes = [models.Index(fields=["name"], name="provisioning_client_name")]


class ProvisionedPerson(Fact):
    """That a client has a person in its care: under which id of its own, and whether it enrolled them itself.

    `until`: given up by the client. `closed_at`: when this client closed the account, which it may then open again.
    """

    client = models.ForeignKey(ProvisioningClient, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    external_id = models.CharField(max_length=200, blank=True)
    enrolled = models.BooleanField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    PERSONAL = fields("person external_id enrolled since until closed_at")
    PLAIN = fields("id client")
    rows = Rows(
        read=own("person_id"),
        doors=(
            Door(
                PROVISIONER,
                read=MINE,
                insert=MINE,
                update=MINE,
                columns=("external_id", "until", "closed_at"),
            ),
        ),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "person"],
                condition=models.Q(until__isnull=True),
                name="a_client_has_a_person_once",
            )
        ]


class ProvisionedBody(Fact):
    """Under which id of its own a client knows a body, whether it set it up itself, and until when."""

    client = models.ForeignKey(ProvisioningClient, models.PROTECT, related_name="+")
    body = models.ForeignKey(Body, models.PROTECT, related_name="+")
    external_id = models.CharField(max_length=200, blank=True)
    made = models.BooleanField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    PLAIN = fields("id client body external_id made since until")
    rows = Rows(
        doors=(Door(PROVISIONER, read=MINE, insert=MINE, update=MINE, columns=("external_id", "until")),)
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "body"],
                condition=models.Q(until__isnull=True),
                name="a_client_has_a_body_once",
            )
        ]
