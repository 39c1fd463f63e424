"""Private to institutions: other rooms call its noun modules."""

from karmayogi.institutions.models.audit import AuditRow
from karmayogi.institutions.models.audit_log import (
    AuditCheckpoint,
    AuditCosignature,
    AuditLeaf,
    AuditNode,
    AuditWitness,
)
from karmayogi.institutions.models.bodies import Body, BodyPlace
from karmayogi.institutions.models.designations import Designation, DesignationSpelling, DesignationSuggestion
from karmayogi.institutions.models.grants import Assignment, Grant, GrantStop, SupportVisit
from karmayogi.institutions.models.likenesses import LikelySame
from karmayogi.institutions.models.people import Account, Person, PersonAlias
from karmayogi.institutions.models.proposals import Proposal
from karmayogi.institutions.models.provisioning import ProvisionedBody, ProvisionedPerson, ProvisioningClient
from karmayogi.institutions.models.recoveries import Recovery
from karmayogi.institutions.models.registrations import EmailDomain, Registration
from karmayogi.institutions.models.sessions import Session

__all__ = [
    "Account", "Assignment", "AuditCheckpoint", "AuditCosignature", "AuditLeaf", "AuditNode", "AuditRow",
    "AuditWitness", "Body", "BodyPlace", "Designation", "DesignationSpelling", "DesignationSuggestion",
    "EmailDomain", "Grant", "GrantStop", "LikelySame", "Person", "PersonAlias", "Proposal", "ProvisionedBody",
    "ProvisionedPerson", "ProvisioningClient", "Recovery", "Registration", "Session", "SupportVisit",
]  # fmt: skip
