"""What roles, the pages of a record and the states of a grant are called, and what a role lets its holder do."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from karmayogi.institutions.roles import Role

NAMES: dict[Role, Any] = {
    Role.TRAINING_MANAGER: _("Training manager"),
    Role.HEAD: _("Head of the body"),
    Role.CLERK: _("Establishment clerk"),
    Role.VERIFIER: _("Establishment verifier"),
    Role.FIELD_OFFICER: _("Field nodal officer"),
    Role.RULE_MAKER: _("Rule-maker"),
    Role.CADRE_AUTHORITY: _("Cadre-controlling authority"),
    Role.BOARD_MEMBER: _("Member of the Civil Services Board"),
    Role.COMMISSION_ANALYST: _("Analyst of the Commission"),
    Role.COMMISSION_APPROVER: _("Approver of the Commission"),
    Role.COUNCIL: _("Member of the Council"),
    Role.CSCU: _("Cabinet Secretariat Coordination Unit"),
    Role.PROVIDER: _("Provider"),
    Role.FACULTY: _("Faculty"),
    Role.REVIEWER: _("Reviewer"),
    Role.ASSESSOR: _("Assessor"),
    Role.APPEAL_PANEL: _("Appeal panel"),
    Role.CUSTODIAN: _("Appraisal custodian"),
    Role.VIGILANCE: _("Vigilance officer"),
    Role.HELP_DESK: _("Help desk"),
    Role.AUDITOR: _("Auditor"),
    Role.OPERATOR: _("Platform operator"),
}

_PEOPLE = _("Opens the record of single officials of the body, each time with a reason.")
_FIGURES = _("Sees published figures; no single official.")
_NOBODY = _("Opens nobody's record.")
SEES: dict[Role, Any] = {
    **dict.fromkeys(Role, _NOBODY),
    Role.TRAINING_MANAGER: _PEOPLE,
    Role.HEAD: _PEOPLE,
    Role.CADRE_AUTHORITY: _("Sees the officials who are considered for a post of the body, by name."),
    Role.BOARD_MEMBER: _("Sees the officials who are considered for a post of the body, by name."),
    Role.COMMISSION_ANALYST: _FIGURES,
    Role.COMMISSION_APPROVER: _FIGURES,
    Role.COUNCIL: _FIGURES,
    Role.CSCU: _FIGURES,
    Role.ASSESSOR: _("Sees questioned results without names."),
    Role.APPEAL_PANEL: _("Sees questioned results without names."),
    Role.AUDITOR: _("Sees who did what in the body, and who opened a record, each time with a reason."),
    Role.HELP_DESK: _("Looks at somebody's pages only with their consent, for an hour."),
    Role.OPERATOR: _("Looks at somebody's pages only with their consent, for an hour."),
}
"""What each role lets its holder see of people."""

STATES: dict[str, tuple[str, Any]] = {
    "counts": ("met", _("In force")),
    "suspended": ("unsure", _("Suspended")),
    "to_come": ("plain", _("Begins later")),
    "ended": ("plain", _("Ended")),
}
"""State of a grant -> (mark, word)."""
PROPOSED: dict[str, tuple[str, Any]] = {
    "waiting": ("plain", _("Waiting")),
    "approved": ("met", _("Approved")),
    "declined": ("stop", _("Declined")),
    "withdrawn": ("plain", _("Withdrawn")),
    "lapsed": ("unsure", _("Lapsed undecided")),
}
"""State of a proposal -> (mark, word)."""

PAGES: dict[str, Any] = {
    "officials-one": _("Levels and requirements"),
    "audit-person": _("Who looked, and who can see"),
    "support-look": _("Home page and levels"),
    "desk-person": _("Sign-in and security"),
    "team-member": _("Page of a team member"),
    "team-observe": _("Observation at work"),
    "api-official-reason": _("Reason given by a program"),
    "api-official": _("Levels and requirements, by a program"),
    "api-member": _("Page of a team member, by a program"),
    "api-observe": _("Observation at work, by a program"),
}
"""The pages of a record by their route."""
