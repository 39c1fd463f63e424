from django.db import models

from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.roles import PROVISIONER
from karmayogi.registry.rows import ACTOR, Door, Rows


class TransactionId(models.Field):  # type: ignore[type-arg]
    """The number of the transaction that wrote a row: PostgreSQL's xid8."""

    def db_type(self, connection: object) -> str:
        """The column's type."""
        return "xid8"


class AuditRow(Fact):
    """What was done or refused, by whom, to what, why. Appended in the business transaction, then kept.

    `salt` and `xid` are set by the database on insert, whatever is sent. A row is never deleted, and only changed
    once: erasure empties what is personal and destroys the salt. `AuditLeaf` holds what is sealed of it.
    """

    at = models.DateTimeField()
    actor = models.UUIDField(null=True)
    act = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=40)
    object_id = models.CharField(max_length=80)
    body = models.UUIDField(null=True)
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict)
    salt = models.BinaryField(null=True, editable=False)
    xid = TransactionId(null=True, editable=False)

    PEOPLE = fields("actor")
    ABOUT = "object_id = %(person)s::text"
    PERSONAL = fields("actor object_id reason details salt")
    PLAIN = fields("id at act object_kind body xid")
    # What asks for an erasure is carried out by the sealer: only jobs and the command line may write it.
    rows = Rows(
        read=f"actor = {ACTOR}",
        insert=f"(actor is not distinct from {ACTOR} and act <> 'audit.erase')",
        doors=(Door(PROVISIONER, insert="(actor is null and act like 'scim.%')"),),
    )

    class Meta:
        indexes = [
            models.Index(fields=["object_kind", "object_id"], name="audit_object"),
            models.Index(fields=["xid"], name="audit_xid"),
        ]
