from django.db import models

from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.roles import PROVISIONER
from karmayogi.registry.rows import ACTOR, AUDITED, ON, Door, Rows, any_of


class TransactionId(models.Field):  # type: ignore[type-arg]
    """The number of the transaction that wrote a row: PostgreSQL's xid8."""

    def db_type(self, connection: object) -> str:
        """The column's type."""
        return "xid8"


OPENED = ("record.open", "record.refuse")
"""The acts that tell a person who opened their record, or was refused it."""
_ABOUT_ME = (
    f"(act in ('record.open', 'record.refuse') and object_kind = 'person' and object_id = {ACTOR}::text)"
)
_WHO = "case when object_kind = 'person' and object_id ~ '^[0-9a-f-]{36}$' then object_id::uuid end"
_SERVES = (
    "exists (select 1 from institutions_assignment seen_a join institutions_body seen_b on seen_b.id = seen_a.body_id"
    f" where seen_a.person_id in (institutions_auditrow.actor, {_WHO}) and seen_a.during @> {ON}"
    f" and seen_b.lower <@ {AUDITED})"
)
_AUDITED = (
    f"({AUDITED} is not null and ((select int4range(min(lower), max(upper)) <@ {AUDITED} from institutions_body)"
    " or exists (select 1 from institutions_body seen_b where seen_b.id = institutions_auditrow.body"
    f" and seen_b.lower <@ {AUDITED}) or {_SERVES}))"
)
"""What an auditor of some bodies reads: acts in them, of their people and about their people; of all bodies, all."""


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
        read=any_of(f"actor = {ACTOR}", _ABOUT_ME, _AUDITED),
        insert=f"(actor is not distinct from {ACTOR} and act <> 'audit.erase')",
        doors=(Door(PROVISIONER, insert="(actor is null and act like 'scim.%')"),),
    )

    class Meta:
        indexes = [
            models.Index(fields=["object_kind", "object_id"], name="audit_object"),
            models.Index(fields=["xid"], name="audit_xid"),
            models.Index(fields=["at"], name="audit_at"),
        ]
