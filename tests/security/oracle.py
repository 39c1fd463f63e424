"""Who may open what, as plain tables written from the trust page of the design and not from the application.

Three tables: which grants open which pages, whose rows each kind of object belongs to, and one line for each route.
`expected` reads them; what it needs to know about people, bodies and grants comes from `Facts`, plain Python over
rows read by the superuser.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.db import connection

ADMITTED, SIGN_IN, REFUSED, METHOD = "admitted", "to sign-in", "refused", "method not allowed"

GRANTS = {
    "manager": {"training_manager", "head_of_body"},
    "authority": {"cadre_authority", "board_member"},
    "commission": {"commission_analyst", "commission_approver", "council", "cscu"},
    "reviewer": {"assessor", "appeal_panel"},
    "help_desk": {"help_desk"},
    "establishment": {"establishment_clerk", "establishment_verifier"},
    "grantor": {
        "head_of_body", "training_manager", "platform_operator", "council", "commission_approver",
    },
    "auditor": {"auditor"},
    "support": {"platform_operator", "help_desk"},
    "registrar": {"head_of_body", "platform_operator", "council"},
    "operator": {"platform_operator"},
    "provider": {"provider"},
}  # fmt: skip
"""The grants that open pages. Officials and supervisors need none: their service record says it."""

AUDIENCES = {
    "anyone": "Anyone, signed in or not",
    "official": "Every official, for their own rows",
    "supervisor": "Whoever leads a team today, for that team",
    "manager": "Training managers and heads of a body, for its subtree",
    "authority": "Cadre authorities and Board members, for the subtree",
    "commission": "The Commission and the Council, from published figures only",
    "reviewer": "Assessors and appeal panels, for questioned results outside their own line, without names",
    "provisioner": "A registered system with its token, for the subtree it is registered for; no person",
    "help_desk": "The help desk of a body, for officials who serve in its subtree, without levels and evidence",
    "establishment": "Clerks and verifiers of an establishment, for records of who serves or served in its subtree",
    "grantor": "Whoever asks for, decides, stops or passes on authority, for grants over the subtree",
    "auditor": "Auditors, for acts and records of the subtree",
    "support": "Operators and help desks, for people who let them look",
    "operator": "Platform operators",
    "provider": "Providers, for published counts of their own courses",
    "registrar": "Heads of a body, operators and the Council, for what its subtree asks of the registers",
}

WHOSE = {
    "": "no single object",
    "own": "only the actor's own",
    "team": "only of someone who serves under the actor today",
    "subtree": "only in a body of the actor's grants today, or under one",
    "others": "only somebody else's, in a body of the actor's grants today, or under one",
    "outside": "only what waits for a role of the actor, in a body of the actor's grants today, or under one, that is"
    " not in the actor's own line",
    "asked": "only what was asked of the actor and waits for their answer",
    "agreed": "only somebody who lets the actor look at their pages now",
    "existing": "any that exists; it says nothing about a person",
    "offered": "any course on offer; one taken off only for whoever is on it",
    "configured": "any sign-on of the government that this installation knows",
    "issued": "any certificate whose code one holds",
    "care": "only somebody or something in the client's subtree, and people it enrolled who serve nowhere yet",
    "described": "any; it says nothing about a person",
    "whole": "any, for whoever operates the whole service",
    "whole-own": "only a list that the actor asked for, for whoever operates the whole service",
}


@dataclass(frozen=True)
class Line:
    """One route: for whom, which methods, the kind of object in its address, and whose objects may be named."""

    who: str
    methods: str = "GET"
    about: str = ""
    whose: str = ""


ROUTES: dict[str, Line] = {
    # Doors and pages for everyone.
    "first": Line("anyone"),
    "ready": Line("anyone"),
    "personas": Line("anyone", "GET POST"),
    "set_language": Line("anyone", "POST"),
    "languages": Line("anyone"),
    "privacy": Line("anyone"),
    "accessibility": Line("anyone"),
    "help": Line("anyone"),
    "verifier": Line("anyone"),
    "cannot-sign-in": Line("anyone"),
    "account_login": Line("anyone", "GET POST"),
    "account_logout": Line("official", "GET POST"),
    "account_request_login_code": Line("anyone", "GET POST"),
    "account_confirm_login_code": Line("anyone", "GET POST"),
    "account_inactive": Line("anyone", "GET POST"),
    "mfa_authenticate": Line("anyone", "GET POST"),
    "mfa_login_webauthn": Line("anyone", "GET POST"),
    "openid_connect_login": Line("anyone", "GET POST", "provider", "configured"),
    "openid_connect_callback": Line("anyone", "GET POST", "provider", "configured"),
    "saml_login": Line("anyone", "GET POST", "organization", "configured"),
    "saml_acs": Line("anyone", "POST", "organization", "configured"),
    "saml_finish_acs": Line("anyone", "GET POST", "organization", "configured"),
    "saml_metadata": Line("anyone", "GET POST", "organization", "configured"),
    "saml_sls": Line("anyone", "GET POST", "organization", "configured"),
    "socialaccount_login_cancelled": Line("anyone", "GET POST"),
    "socialaccount_login_error": Line("anyone", "GET POST"),
    # One's own account.
    "mfa_index": Line("official"),
    "mfa_list_webauthn": Line("official"),
    "second_factor": Line("official"),
    "step_up": Line("official", "GET POST"),
    "sessions-end": Line("official", "POST"),
    "account_reauthenticate": Line("official", "GET POST"),
    "account_change_password": Line("official", "GET POST"),
    "account_set_password": Line("official", "GET POST"),
    "mfa_reauthenticate": Line("official", "GET POST"),
    "mfa_reauthenticate_webauthn": Line("official", "GET POST"),
    "mfa_activate_totp": Line("official", "GET POST"),
    "mfa_deactivate_totp": Line("official", "GET POST"),
    "mfa_view_recovery_codes": Line("official", "GET POST"),
    "mfa_generate_recovery_codes": Line("official", "GET POST"),
    "mfa_add_webauthn": Line("official", "GET POST"),
    "mfa_remove_webauthn": Line("official", "GET POST", "passkey", "own"),
    "verify": Line("anyone"),
    "verify-code": Line("anyone", "GET", "certificate", "issued"),
    "verify-proof": Line("anyone", "GET", "certificate", "issued"),
    "verify-entry": Line("anyone", "GET", "certificate", "issued"),
    # An official's own pages.
    "home": Line("official"),
    "notices": Line("official", "GET POST"),
    "competencies": Line("official"),
    "competencies-question": Line("official", "GET POST", "competency", "existing"),
    "competencies-check": Line("official", "GET", "competency", "existing"),
    "competencies-begin": Line("official", "POST", "competency", "existing"),
    "check-question": Line("official", "GET POST", "sitting", "own"),
    "check-stop": Line("official", "POST", "sitting", "own"),
    "competencies-result": Line("official", "GET", "sitting", "own"),
    "competencies-proof": Line("official", "GET", "sitting", "own"),
    "plan": Line("official"),
    "plan-done": Line("official", "POST", "step", "own"),
    "learn": Line("official"),
    "learn-course": Line("official", "GET", "course", "offered"),
    "learn-enrol": Line("official", "POST", "course", "offered"),
    "learn-leave": Line("official", "POST", "course", "offered"),
    "learn-done": Line("official", "GET", "course", "offered"),
    "learn-page": Line("official", "GET", "page", "offered"),
    "learn-finish": Line("official", "GET POST", "page", "offered"),
    "learn-answer": Line("official", "GET POST", "page", "offered"),
    "learn-file": Line("official", "GET", "file", "offered"),
    "record": Line("official"),
    "my-data": Line("official", "GET POST"),
    "my-data-file": Line("official", "GET", "copy", "own"),
    "record-orders": Line("official"),
    "record-order-proof": Line("official", "GET", "own_order", "own"),
    "record-certificate": Line("official", "GET", "statement", "own"),
    "consents": Line("official", "GET POST"),
    "privacy-notice": Line("official", "GET POST"),
    "record-wrong": Line("official"),
    "record-wrong-one": Line("official", "GET POST", "entry", "own"),
    # The team.
    "team": Line("supervisor"),
    "team-member": Line("supervisor", "GET", "person", "team"),
    "team-observe": Line("supervisor", "POST", "person", "team"),
    # A body in somebody's care.
    "needs": Line("manager"),
    "needs-body": Line("manager", "GET", "body", "subtree"),
    "requirements": Line("manager"),
    "requirements-body": Line("manager", "GET", "body", "subtree"),
    "requirements-position": Line("manager", "GET", "position", "existing"),
    "officials": Line("manager"),
    "officials-body": Line("manager", "GET", "body", "subtree"),
    "officials-one": Line("manager", "GET POST", "person", "subtree"),
    # Posts and orders.
    "vacancies": Line("authority"),
    "vacancies-one": Line("authority", "GET", "post", "subtree"),
    "vacancies-rank": Line("authority", "POST", "post", "subtree"),
    "vacancies-recommend": Line("authority", "POST", "post", "subtree"),
    "orders": Line("authority"),
    "orders-issue": Line("authority", "POST", "order", "subtree"),
    "orders-proof": Line("authority", "GET", "order", "subtree"),
    # Published figures.
    "benchmarks": Line("commission"),
    "benchmarks-csv": Line("commission"),
    "benchmarks-body": Line("commission", "GET", "body", "existing"),
    "benchmarks-csv-body": Line("commission", "GET", "body", "existing"),
    # Questioned results.
    "cases": Line("reviewer"),
    "cases-one": Line("reviewer", "GET POST", "case", "outside"),
    # What officials say is wrong in their record.
    "corrections": Line("establishment"),
    "corrections-one": Line("establishment", "GET POST", "objection", "others"),
    "corrections-decide": Line("establishment", "POST", "objection", "others"),
    "corrections-proof": Line("establishment", "GET", "objection", "others"),
    # Other systems.
    "scim-config": Line("provisioner"),
    "scim-types": Line("provisioner"),
    "scim-types-one": Line("provisioner", "GET", "type", "described"),
    "scim-schemas": Line("provisioner"),
    "scim-schemas-one": Line("provisioner", "GET", "schema", "described"),
    "scim-users": Line("provisioner", "GET POST"),
    "scim-users-search": Line("provisioner", "POST"),
    "scim-users-one": Line("provisioner", "GET PUT PATCH DELETE", "user", "care"),
    "scim-bodies": Line("provisioner", "GET POST"),
    "scim-bodies-search": Line("provisioner", "POST"),
    "scim-bodies-one": Line("provisioner", "GET PUT PATCH DELETE", "place", "care"),
    "scim-search": Line("provisioner", "POST"),
    "scim-nothing": Line("provisioner", "GET POST PUT PATCH DELETE", "rest", "described"),
    # The help desk.
    "desk": Line("help_desk", "GET POST"),
    "desk-person": Line("help_desk", "GET POST", "person", "subtree"),
    "desk-decide": Line("help_desk", "GET POST", "recovery_asked", "subtree"),
    "desk-stop": Line("help_desk", "POST", "recovery", "subtree"),
    # Records of people.
    "records": Line("establishment"),
    "records-compare": Line("establishment", "GET POST"),
    "records-decide": Line("establishment", "GET POST", "join_asked", "subtree"),
    "records-part": Line("establishment", "GET POST", "join", "subtree"),
    "records-aside": Line("establishment", "POST", "pair", "subtree"),
    # Who looked, who can see, and one's own roles.
    "who-looked": Line("official"),
    "who-can-see": Line("official"),
    "my-roles": Line("official"),
    "support-answer": Line("official", "POST", "proposal", "asked"),
    "support-end": Line("official", "POST", "visit", "own"),
    # Authority.
    "grants": Line("grantor"),
    "grants-propose": Line("grantor", "GET POST"),
    "grants-decide": Line("grantor", "GET POST", "wish", "subtree"),
    "grants-one": Line("grantor", "GET", "grant", "subtree"),
    "grants-stop": Line("grantor", "POST", "grant", "subtree"),
    "grants-pass-on": Line("grantor", "GET POST", "grant", "own"),
    # Audit.
    "audit": Line("auditor"),
    "audit-proof": Line("auditor", "GET", "act", "subtree"),
    "audit-grants": Line("auditor"),
    "audit-proposals": Line("auditor"),
    "audit-people": Line("auditor"),
    "audit-person": Line("auditor", "GET POST", "person", "subtree"),
    # For programs.
    "api-openapi": Line("anyone"),
    "api-docs": Line("anyone"),
    "api-verify": Line("anyone", "GET", "certificate", "issued"),
    "api-me": Line("official"),
    "api-competencies": Line("official"),
    "api-plan": Line("official"),
    "api-certificates": Line("official"),
    "api-courses": Line("official"),
    "api-course": Line("official", "GET", "course", "offered"),
    "api-enrol": Line("official", "POST", "course", "offered"),
    "api-enrolments": Line("official"),
    "api-team": Line("supervisor"),
    "api-member": Line("supervisor", "GET", "person", "team"),
    "api-observe": Line("supervisor", "POST", "person", "team"),
    "api-needs": Line("manager", "GET", "body", "subtree"),
    "api-official": Line("manager", "GET", "person", "subtree"),
    "api-official-reason": Line("manager", "POST", "person", "subtree"),
    "api-vacancies": Line("authority"),
    "api-ranking": Line("authority", "GET", "post", "subtree"),
    "api-comparisons": Line("commission"),
    "api-comparisons-body": Line("commission", "GET", "body", "existing"),
    # Support.
    "support": Line("support", "GET POST"),
    "support-look": Line("support", "GET", "person", "agreed"),
    # Courses, for whoever provides them.
    "provider": Line("provider"),
    # Breaches of data.
    "breaches": Line("operator", "GET POST"),
    "breaches-one": Line("operator", "GET POST", "breach", "whole"),
    "breaches-people": Line("operator", "GET", "breach_list", "whole-own"),
    # Registers of bodies, their domains and designations.
    "registers": Line("official"),
    "registers-ask": Line("official", "GET POST", "register", "described"),
    "registers-withdraw": Line("official", "POST", "request", "own"),
    "registrar": Line("registrar"),
    "registrar-decide": Line("registrar", "GET POST", "register_asked", "subtree"),
}

DECIDED_IN_THE_VIEW = {
    "verify-code": "the public answer about a code that nobody issued is the page itself, with status 404",
    "verify-proof": "as verify-code",
    "api-verify": "as verify-code",
    "verify-entry": "as verify-code",
    "learn-page": "the gate decides on the course; the page within it is no personal object",
    "learn-finish": "as learn-page",
    "learn-answer": "as learn-page",
    "learn-file": "as learn-page",
    "openid_connect_login": "which sign-ons there are is public; the view answers 404 for others",
    "openid_connect_callback": "as openid_connect_login",
    "saml_login": "as openid_connect_login",
    "saml_acs": "as openid_connect_login",
    "saml_finish_acs": "as openid_connect_login",
    "saml_metadata": "as openid_connect_login",
    "saml_sls": "as openid_connect_login",
    "mfa_remove_webauthn": "the library looks for the passkey among the person's own",
}
"""Routes where the last word on the object falls after the gate. Their refusals are rendered to be seen."""


def expected(line: Line, method: str, *, facts, actor, thing) -> str:
    """What must happen when `actor` (a person id or None) asks for `thing` of a route."""
    if ("GET" if method == "HEAD" else method) not in line.methods.split():
        return METHOD
    if line.who == "provisioner":
        return REFUSED  # the actors are people: none holds a token, and a session opens nothing here
    if line.who != "anyone" and actor is None:
        return SIGN_IN
    if not opens(line.who, facts=facts, actor=actor):
        return REFUSED
    return ADMITTED if line.about == "" or allows(line, facts=facts, actor=actor, thing=thing) else REFUSED


def opens(who: str, *, facts, actor) -> bool:
    """True if the audience is open to the actor today."""
    if who in ("anyone", "official"):
        return True
    if who == "supervisor":
        return bool(facts.team(actor))
    return bool(facts.granted(actor, GRANTS[who]))


def allows(line: Line, *, facts, actor, thing) -> bool:
    """True if the object may be named by the actor."""
    if not thing.exists:
        return False
    if line.whose in ("own", "asked"):
        return thing.person == actor
    if line.whose == "agreed":
        return thing.person in facts.agreed.get(actor, ())
    if line.whose == "team":
        return thing.person in facts.team(actor)
    if line.whose == "outside" and facts.in_line(actor, thing.body):
        return False
    if line.whose == "others" and thing.person == actor:
        return False
    if line.whose in ("subtree", "outside", "others"):
        bodies = facts.granted(actor, {thing.turn} if thing.turn else GRANTS[line.who])
        return bool(set(facts.above(thing.body or facts.serves_in(thing.person))) & bodies)
    if line.whose in ("whole", "whole-own"):
        tops = {body for body in facts.codes.values() if facts.parents.get(body) is None}
        over = facts.granted(actor, GRANTS[line.who])
        return tops <= over and (line.whose == "whole" or thing.person == actor)
    if line.whose == "offered":
        return thing.offered or thing.person == actor
    return True


@dataclass(frozen=True)
class Thing:
    """What an address names: its arguments, whose it is, where it belongs, whether it exists and is on offer.

    `turn`: the role for which it waits, where it waits for one.
    """

    address: dict
    person: UUID | None = None
    body: UUID | None = None
    exists: bool = True
    offered: bool = True
    turn: str = ""


class Facts:
    """People, bodies, grants and teams on one day, read once."""

    def __init__(self, on: dt.date) -> None:
        self.on = on
        self.ids = dict(rows("SELECT login, person_id FROM institutions_account"))
        self.names = dict(rows("SELECT id, name FROM institutions_person"))
        self.codes = dict(rows("SELECT code, id FROM institutions_body"))
        self.parents = dict(
            rows("SELECT body_id, parent_id FROM institutions_bodyplace WHERE during @> %s::date", on)
        )
        self.standing = {}
        self.teams = defaultdict(set)
        for person, body, supervisor in rows(
            "SELECT person_id, body_id, supervisor_id FROM institutions_assignment WHERE during @> %s::date"
            " ORDER BY kind = 'substantive'",
            on,
        ):
            self.standing[person] = body
            self.teams[supervisor].add(person)
        self.agreed = defaultdict(set)
        for person, supporter in rows(
            "SELECT person_id, supporter_id FROM institutions_supportvisit WHERE ended_at IS NULL AND until > now()"
        ):
            self.agreed[supporter].add(person)
        stopped = {
            grant
            for (grant,) in rows("SELECT grant_id FROM institutions_grantstop WHERE during @> %s::date", on)
        }
        self.grants = defaultdict(set)
        self.ever = []
        for id, source, person, role, body, since, until, giver in rows(
            "SELECT id, source_id, person_id, role, body_id, lower(during), upper(during), granted_by_id"
            " FROM institutions_grant"
        ):
            self.ever.append((person, body, giver))
            if since <= on and (until is None or on < until) and not {id, source} & stopped:
                self.grants[person].add((role, body))

    def team(self, actor) -> set:
        """Who serves under the actor."""
        return self.teams.get(actor, set()) if actor else set()

    def granted(self, actor, roles) -> set:
        """Bodies over which the actor holds one of the roles."""
        return {body for role, body in self.grants.get(actor, ()) if role in roles}

    def serves_in(self, person):
        """The body in which someone serves."""
        return self.standing.get(person)

    def above(self, body) -> Iterator[UUID]:
        """The body and everything it stands under."""
        while body is not None:
            yield body
            body = self.parents.get(body)

    def in_line(self, actor, body) -> bool:
        """True if the actor's office is the body, above it or under it."""
        office = self.serves_in(actor)
        return office in self.above(body) or body in self.above(office)

    def under(self, bodies) -> set:
        """Everyone who serves in one of the bodies or under one."""
        return {p for p, b in self.standing.items() if set(self.above(b)) & set(bodies)}

    def authorised(self, bodies) -> set:
        """Everyone who ever held or gave authority over one of the bodies or under one, or over one above them."""
        within = lambda body: set(self.above(body)) & set(bodies)  # noqa: E731
        over = {above for body in bodies for above in self.above(body)}
        found = [(person, giver) for person, body, giver in self.ever if within(body) or body in over]
        return {who for pair in found for who in pair}

    def seers(self, person) -> set:
        """Whoever leads the person, and whose authority over their body opens records of officials."""
        opening = GRANTS["manager"] | GRANTS["authority"] | GRANTS["auditor"]
        over = set(self.above(self.serves_in(person)))
        leaders = {boss for boss, team in self.teams.items() if person in team}
        return {p for p in self.grants if self.granted(p, opening) & over and p != person} | leaders

    def givers(self, person) -> set:
        """Who gave the person their authority."""
        return {giver for holder, _body, giver in self.ever if holder == person}

    @cached_property
    def by_words(self) -> dict:
        """The words of a name -> the person; all names of the demonstration differ."""
        return {tuple(name.split()): person for person, name in self.names.items()}


def rows(sql: str, *values) -> list[tuple]:
    """All rows of a statement, as whatever role the connection has now (in tests: the superuser)."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []
