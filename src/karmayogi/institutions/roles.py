"""The roles a grant can give, which audiences of screens each opens, and who gives what."""

from dataclasses import dataclass
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
    ESTABLISHMENT = "establishment"
    OPERATOR = "operator"
    PROVISIONER = "provisioner"
    """No person: a registered system that provisions people and bodies, known by its token."""
    HELP_DESK = "help_desk"
    GRANTOR = "grantor"
    AUDITOR = "auditor"
    SUPPORT = "support"
    REGISTRAR = "registrar"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class Giving:
    """Who gives one role: a maker asks, a checker (another person) decides, both over the body or one above it.

    `longest`: days a grant may run; None for roles that last until somebody ends them. `delegable`: the holder may
    pass on a part for a time.
    """

    makers: frozenset[Role]
    checkers: frozenset[Role]
    longest: int | None = None
    delegable: bool = False


def _by(
    makers: tuple[Role, ...],
    checkers: tuple[Role, ...],
    longest: int | None = None,
    *,
    delegable: bool = False,
) -> Giving:
    return Giving(frozenset(makers), frozenset(checkers), longest, delegable)


_YEAR = 366
_OF_A_BODY = ((Role.HEAD,), (Role.HEAD, Role.OPERATOR, Role.COUNCIL))
_OF_POSTINGS = ((Role.HEAD,), (Role.COUNCIL, Role.OPERATOR))
_OF_THE_COMMISSION = ((Role.COMMISSION_APPROVER, Role.OPERATOR), (Role.COUNCIL,))
_OF_LEARNING = ((Role.OPERATOR, Role.COMMISSION_APPROVER), (Role.COMMISSION_APPROVER, Role.COUNCIL))

GIVING: dict[Role, Giving] = {
    # The head of a body answers for those who act in it; a head above or the operator looks at it a second time.
    Role.TRAINING_MANAGER: _by(*_OF_A_BODY, delegable=True),
    Role.CLERK: _by(*_OF_A_BODY, 3 * _YEAR),
    Role.VERIFIER: _by(*_OF_A_BODY, 3 * _YEAR),
    Role.FIELD_OFFICER: _by((Role.HEAD, Role.TRAINING_MANAGER), (Role.HEAD, Role.OPERATOR), 3 * _YEAR),
    # Nobody makes heads but the Council, whoever asks for it.
    Role.HEAD: _by((Role.OPERATOR, Role.HEAD), (Role.COUNCIL,), delegable=True),
    # Postings are decided apart from training: the second look is never the ministry's own.
    Role.CADRE_AUTHORITY: _by(*_OF_POSTINGS, 3 * _YEAR),
    Role.BOARD_MEMBER: _by(*_OF_POSTINGS, 2 * _YEAR),
    Role.CUSTODIAN: _by(*_OF_POSTINGS, 3 * _YEAR),
    Role.VIGILANCE: _by(*_OF_POSTINGS, 3 * _YEAR),
    # The Commission and what stands over the service: the Council decides.
    Role.RULE_MAKER: _by(*_OF_THE_COMMISSION, 3 * _YEAR),
    Role.COMMISSION_ANALYST: _by(*_OF_THE_COMMISSION, 3 * _YEAR),
    Role.COMMISSION_APPROVER: _by((Role.OPERATOR, Role.COUNCIL), (Role.COUNCIL,), 3 * _YEAR),
    Role.COUNCIL: _by((Role.OPERATOR, Role.COUNCIL), (Role.COUNCIL,)),
    Role.CSCU: _by((Role.OPERATOR, Role.COUNCIL), (Role.COUNCIL,), 3 * _YEAR),
    # Courses and their judges.
    Role.PROVIDER: _by(*_OF_LEARNING, 3 * _YEAR),
    Role.FACULTY: _by(*_OF_LEARNING, 3 * _YEAR),
    Role.REVIEWER: _by(*_OF_LEARNING, 2 * _YEAR),
    # Judges of people serve for a time: who stays for ever is nobody's outsider.
    Role.ASSESSOR: _by((Role.HEAD, Role.COMMISSION_APPROVER), (Role.OPERATOR, Role.COUNCIL), 2 * _YEAR),
    Role.APPEAL_PANEL: _by((Role.COMMISSION_APPROVER,), (Role.COUNCIL, Role.OPERATOR), 2 * _YEAR),
    # Whoever runs the platform does not choose who audits it.
    Role.HELP_DESK: _by((Role.HEAD, Role.OPERATOR), (Role.OPERATOR, Role.COUNCIL), _YEAR),
    Role.OPERATOR: _by((Role.OPERATOR,), (Role.COUNCIL,), _YEAR),
    Role.AUDITOR: _by(
        (Role.COUNCIL, Role.COMMISSION_APPROVER), (Role.COMMISSION_APPROVER, Role.COUNCIL), _YEAR
    ),
}
"""Role -> who gives it. Only whole bodies pass authority on; clerk and verifier do not, because two must stay two."""

DELEGATED_AT_MOST = 180
"""Days for which a holder may pass on a part of their own authority."""
GRANTORS = frozenset(
    {given_by for g in GIVING.values() for given_by in (*g.makers, *g.checkers)}
    | {role for role, g in GIVING.items() if g.delegable}
)
"""The roles that may ask for, decide, stop or pass on some authority."""

OPENS: dict[Audience, frozenset[Role]] = {
    Audience.MANAGER: frozenset({Role.TRAINING_MANAGER, Role.HEAD}),
    Audience.AUTHORITY: frozenset({Role.CADRE_AUTHORITY, Role.BOARD_MEMBER}),
    Audience.COMMISSION: frozenset(
        {Role.COMMISSION_ANALYST, Role.COMMISSION_APPROVER, Role.COUNCIL, Role.CSCU}
    ),
    Audience.REVIEWER: frozenset({Role.ASSESSOR, Role.APPEAL_PANEL}),
    Audience.ESTABLISHMENT: frozenset({Role.CLERK, Role.VERIFIER}),
    Audience.OPERATOR: frozenset({Role.OPERATOR}),
    Audience.HELP_DESK: frozenset({Role.HELP_DESK}),
    Audience.GRANTOR: GRANTORS,
    Audience.AUDITOR: frozenset({Role.AUDITOR}),
    Audience.SUPPORT: frozenset({Role.OPERATOR, Role.HELP_DESK}),
    Audience.PROVIDER: frozenset({Role.PROVIDER}),
    Audience.REGISTRAR: frozenset({Role.HEAD, Role.OPERATOR, Role.COUNCIL}),
}
"""Audience -> the roles that open it. Official: anyone signed in; supervisor: anyone with a team that day."""

SEES_PEOPLE = frozenset(OPENS[Audience.MANAGER] | OPENS[Audience.AUTHORITY] | OPENS[Audience.AUDITOR])
"""The roles before which single officials of their bodies stand by name."""
