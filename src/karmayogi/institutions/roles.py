"""The roles a grant can give, and which audiences of screens each opens."""

from enum import StrEnum


class Role(StrEnum):
    """Authority by grant (`trust.md`, 1). Official and supervisor follow from assignments and need no grant."""

    TRAINING_MANAGER = "training_manager"
    HEAD = "head_of_body"
    CLERK = "establishment_clerk"
    VERIFIER = "establishment_verifier"
    FIELD_OFFICER = "field_nodal_officer"
    RULE_MAKER = "rule_maker"
    CADRE_AUTHORITY = "cadre_authority"
    BOARD_MEMBER = "board_member"
    COMMISSION_ANALYST = "commission_analyst"
    COMMISSION_APPROVER = "commission_approver"
    COUNCIL = "council"
    CSCU = "cscu"
    PROVIDER = "provider"
    FACULTY = "faculty"
    REVIEWER = "reviewer"
    ASSESSOR = "assessor"
    APPEAL_PANEL = "appeal_panel"
    CUSTODIAN = "appraisal_custodian"
    VIGILANCE = "vigilance_officer"
    HELP_DESK = "help_desk"
    AUDITOR = "auditor"
    OPERATOR = "platform_operator"


class Audience(StrEnum):
    """For whom a screen is made; every route declares one."""

    ANYONE = "anyone"
    SIGN_IN = "sign-in"
    OFFICIAL = "official"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    AUTHORITY = "authority"
    COMMISSION = "commission"
    REVIEWER = "reviewer"
    OPERATOR = "operator"
    PROVISIONER = "provisioner"
    """No person: a registered system that provisions people and bodies, known by its token."""
    HELP_DESK = "help_desk"
    ESTABLISHMENT = "establishment"


OPENS: dict[Audience, frozenset[Role]] = {
    Audience.MANAGER: frozenset({Role.TRAINING_MANAGER, Role.HEAD}),
    Audience.AUTHORITY: frozenset({Role.CADRE_AUTHORITY, Role.BOARD_MEMBER}),
    Audience.COMMISSION: frozenset(
        {Role.COMMISSION_ANALYST, Role.COMMISSION_APPROVER, Role.COUNCIL, Role.CSCU}
    ),
    Audience.REVIEWER: frozenset({Role.ASSESSOR, Role.APPEAL_PANEL}),
    Audience.OPERATOR: frozenset({Role.OPERATOR}),
    Audience.HELP_DESK: frozenset({Role.HELP_DESK}),
    Audience.ESTABLISHMENT: frozenset({Role.CLERK, Role.VERIFIER}),
}
"""Audience -> the roles that open it. Official: anyone signed in; supervisor: anyone with a team that day."""
