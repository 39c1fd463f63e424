"""The grid of pages: who sees which page, with which example objects, in which languages, widths and schemes."""

import datetime as dt
import os
import re
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from served import Client, Site, within

LANGUAGES = ("en", "hi", "ur")
RIGHT_TO_LEFT = ("ur",)
FULL = os.environ.get("KARMAYOGI_GRID") == "full"
WIDTHS = (320, 360, 1280) if FULL else (1280,)
SCHEMES = ("light", "dark") if FULL else ("light",)
NARROW = 320


@dataclass(frozen=True)
class Page:
    """A page as one persona sees it. `route` is the name in the urls; `as_` tells apart two states of one route.

    `path` has the names of example objects in braces; `persona` '' is someone signed out.
    """

    persona: str
    route: str
    path: str
    as_: str = ""
    status: int = 200

    @property
    def label(self) -> str:
        """Persona and page, as the report names it."""
        return "-".join(part for part in (self.persona or "anyone", self.route, self.as_) if part)


ANYONE = [
    Page("", "personas", "/demo/"),
    Page("", "account_login", "/account/sign-in/"),
    Page("", "account_request_login_code", "/account/sign-in/code/"),
    Page("", "account_inactive", "/account/sign-in/closed/"),
    Page("", "socialaccount_login_cancelled", "/account/sign-in/cancelled/"),
    Page("", "socialaccount_login_error", "/account/sign-in/failed/", "", 401),
    Page("", "languages", "/languages/"),
    Page("", "privacy", "/about/privacy/"),
    Page("", "accessibility", "/about/accessibility/"),
    Page("", "help", "/about/help/"),
    Page("", "cannot-sign-in", "/account/sign-in/help/"),
    Page("", "verify", "/verify/"),
    Page("", "verify-code", "/verify/{code}/"),
    Page("", "verify-entry", "/verify/{code}/log/"),
    Page("", "verify-code", "/verify/0000-0000-0000/", "unknown", 404),
    Page("", "api-docs", "/api/docs"),
    Page("", "error", "/no/such/page/", "", 404),
]
OFFICIAL = [
    Page("meenakshi", "home", "/home/"),
    Page("meenakshi", "notices", "/notices/"),
    Page("meenakshi", "competencies", "/competencies/"),
    Page("meenakshi", "competencies-question", "/competencies/{competency}/question/"),
    Page("meenakshi", "competencies-check", "/competencies/{competency}/check/"),
    Page("meenakshi", "check-question", "/checks/{open}/"),
    Page("meenakshi", "competencies-result", "/checks/{ended}/result/"),
    Page("meenakshi", "competencies-proof", "/checks/{ended}/result/proof/"),
    Page("meenakshi", "plan", "/plan/"),
    Page("meenakshi", "learn", "/learn/"),
    Page("meenakshi", "learn-course", "/learn/tender-evaluation/"),
    Page("meenakshi", "learn-course", "/learn/grievance-handling/", "not-begun"),
    Page("meenakshi", "learn-page", "/learn/tender-evaluation/pages/01-why/"),
    Page("meenakshi", "learn-page", "/learn/tender-evaluation/pages/03-practice-reading/", "practice"),
    Page("meenakshi", "learn-page", "/learn/tender-evaluation/pages/08-checklist/", "file"),
    Page("meenakshi", "learn-done", "/learn/noting-drafting/done/"),
    Page("meenakshi", "record", "/record/"),
    Page("meenakshi", "record-orders", "/record/orders/"),
    Page("meenakshi", "my-data", "/record/my-data/"),
    Page("meenakshi", "record-wrong", "/record/wrong/"),
    Page("meenakshi", "consents", "/account/consent/"),
    Page("meenakshi", "privacy-notice", "/account/notice/"),
    Page("meenakshi", "record-wrong-one", "/record/wrong/joined/{member}/"),
    Page("arvind", "record-wrong-one", "/record/wrong/name/{asking}/", "waiting"),
    Page("meenakshi", "account_logout", "/account/sign-out/"),
    Page("meenakshi", "mfa_index", "/account/security/"),
    Page("meenakshi", "account_set_password", "/account/security/password/set/"),
    Page("meenakshi", "mfa_activate_totp", "/account/security/app/"),
    Page("meenakshi", "mfa_add_webauthn", "/account/security/passkeys/add/"),
    Page("meenakshi", "step_up", "/account/security/again/"),
    Page("meenakshi", "error", "/office/needs/", "not-hers", 403),
    Page("devidas", "home", "/home/"),
    Page("devidas", "competencies", "/competencies/"),
    Page("devidas", "plan", "/plan/"),
    Page("devidas", "record", "/record/"),
]
WORK = [
    Page("arvind", "team", "/team/"),
    Page("arvind", "team-member", "/team/{member}/"),
    Page("arvind", "team-member", "/team/{member}/?competency=tender-evaluation", "observe"),
    Page("arvind", "home", "/home/"),
    Page("nandini", "needs", "/office/needs/"),
    Page("nandini", "needs-body", "/office/needs/MORD-1/"),
    Page("nandini", "requirements", "/office/requirements/"),
    Page("nandini", "requirements-body", "/office/requirements/MORD-1/"),
    Page("nandini", "requirements-position", "/office/requirements/position/{position}/"),
    Page("nandini", "officials", "/office/officials/"),
    Page("nandini", "officials-body", "/office/officials/MORD-1/"),
    Page("nandini", "officials-one", "/office/officials/{member}/"),
    Page("khandelwal", "vacancies", "/posts/vacancies/"),
    Page("khandelwal", "vacancies-one", "/posts/vacancies/MORD-1/SSO-PROC-1/", "ranked"),
    Page("khandelwal", "vacancies-one", "/posts/vacancies/{unranked}/"),
    Page("khandelwal", "orders", "/posts/orders/"),
    Page("khandelwal", "orders-proof", "/posts/orders/{drafted}/proof/"),
    Page("hazarika", "orders", "/posts/orders/", "to-issue"),
    Page("gogoi", "benchmarks", "/commission/benchmarks/"),
    Page("gogoi", "benchmarks-body", "/commission/benchmarks/MORD/"),
    Page("leela", "home", "/home/"),
    Page("leela", "cases", "/cases/"),
    Page("leela", "cases-one", "/cases/{case}/"),
    Page("nandini", "corrections", "/establishment/corrections/"),
    Page("nandini", "corrections-one", "/establishment/corrections/{objection}/"),
    Page("naeem", "home", "/home/"),
    Page("farida", "desk", "/desk/"),
    Page("joseph", "desk", "/desk/", "waiting"),
    Page("joseph", "desk-decide", "/desk/requests/{asked}/"),
    Page("lalita", "records", "/records/"),
    Page("lalita", "records-compare", "/records/compare/?stays={code_one}&other={code_two}", "twice", 409),
    Page("gurdeep", "records", "/records/", "verifier"),
    Page("meenakshi", "who-looked", "/record/who-looked/"),
    Page("meenakshi", "who-can-see", "/record/who-can-see/"),
    Page("nandini", "my-roles", "/account/roles/"),
    Page("meenakshi", "my-roles", "/account/roles/", "none"),
    Page("nandini", "grants", "/grants/"),
    Page("naeem", "grants", "/grants/?role=training_manager&state=counts", "narrowed"),
    Page("nandini", "grants-propose", "/grants/propose/"),
    Page("naeem", "grants-decide", "/grants/proposals/{wish}/"),
    Page("naeem", "grants-one", "/grants/{grant}/"),
    Page("nandini", "grants-pass-on", "/grants/{grant}/pass-on/"),
    Page("thangi", "audit", "/audit/acts/"),
    Page("thangi", "audit-grants", "/audit/grants/"),
    Page("thangi", "audit-proposals", "/audit/proposals/"),
    Page("thangi", "audit-people", "/audit/people/?q=Selvam"),
    Page("thangi", "audit-person", "/audit/people/{member}/"),
    Page("naeem", "support", "/support/"),
    Page("naeem", "support-look", "/support/{agreed}/"),
    Page("arvind", "registers", "/registers/"),
    Page("arvind", "registers-ask", "/registers/ask/domain/"),
    Page("arvind", "registers-ask", "/registers/ask/body/", "body"),
    Page("arvind", "registers-ask", "/registers/ask/designation/", "designation"),
    Page("usha", "provider", "/provider/"),
    Page("naeem", "breaches", "/operator/breaches/"),
    Page("naeem", "breaches-one", "/operator/breaches/{breach}/"),
    Page("naeem", "registrar", "/registrar/"),
    Page("naeem", "registrar-decide", "/registrar/requests/{wanted}/"),
]
PAGES = ANYONE + OFFICIAL + WORK
NOT_PAGES = {
    "ready": "one word for the load balancer",
    "first": "sends everyone to their first page",
    "benchmarks-csv": "a file",
    "benchmarks-csv-body": "a file",
    "learn-file": "a file",
    "learn-finish": "a GET goes back to the page",
    "learn-answer": "a GET goes back to the page",
    "record-certificate": "a file",
    "verify-proof": "JSON",
    "verifier": "a file",
    "record-order-proof": "as orders-proof, for the one whom the order posts: test_proof_pages.py",
    **dict.fromkeys(
        (
            "account_confirm_login_code",
            "mfa_authenticate",
            "second_factor",
            "account_reauthenticate",
            "mfa_reauthenticate",
            "mfa_reauthenticate_webauthn",
            "account_change_password",
            "mfa_deactivate_totp",
            "mfa_view_recovery_codes",
            "mfa_generate_recovery_codes",
            "mfa_remove_webauthn",
        ),
        "a step of signing in, for somebody who has set it up: test_sign_in.py goes through them",
    ),
    "desk-person": "opens after a reason was given: test_desk.py goes through it",
    "records-decide": "needs two records of one person, which the demonstration has not: test_records.py",
    "records-part": "as records-decide",
    "mfa_list_webauthn": "the same page as mfa_index",
    "mfa_login_webauthn": "a GET goes back to the door",
    **dict.fromkeys(
        (
            "openid_connect_login",
            "openid_connect_callback",
            "saml_login",
            "saml_sls",
            "saml_finish_acs",
            "saml_metadata",
        ),
        "a sign-on that an installation has set up",
    ),
    "my-data-file": "a file",
    "corrections-proof": "a file",
    **dict.fromkeys(
        (
            "api-openapi",
            "api-verify",
            "api-me",
            "api-competencies",
            "api-plan",
            "api-certificates",
            "api-courses",
            "api-course",
            "api-enrolments",
            "api-team",
            "api-member",
            "api-needs",
            "api-official",
            "api-vacancies",
            "api-ranking",
            "api-comparisons",
            "api-comparisons-body",
            "scim-config",
            "scim-types",
            "scim-types-one",
            "scim-schemas",
            "scim-schemas-one",
            "scim-users",
            "scim-users-one",
            "scim-bodies",
            "scim-bodies-one",
            "scim-nothing",
        ),
        "for machines: JSON",
    ),
    "audit-proof": "JSON",
    "breaches-people": "a file",
}


def examples(site: Site) -> dict[str, str]:
    """The example objects, made through the doors that people use, once for each site."""
    if not hasattr(site, "examples"):
        site.examples = _make_examples(site)  # type: ignore[attr-defined]
    return site.examples  # type: ignore[attr-defined,no-any-return]


def standing(site: Site) -> dict[str, str]:
    """The example objects that the demonstration has from the start; nothing is written."""
    person = "SELECT person_id FROM institutions_account WHERE login = 'meenakshi'"
    other = "SELECT id FROM competency_competency WHERE key = 'noting-drafting'"
    return {
        "competency": _one(site, "SELECT id FROM competency_competency WHERE key = 'tender-evaluation'"),
        "ended": _one(
            site,
            f"SELECT id FROM assessment_sitting WHERE person_id = ({person}) AND competency_id = ({other})",
        ),
        "member": _one(site, person),
        "asking": _one(site, "SELECT person_id FROM institutions_account WHERE login = 'arvind'"),
        "code": _one(site, "SELECT code FROM credentials_statement WHERE state = 'issued' ORDER BY code"),
        "code_one": _code_of(site, "meenakshi"),
        "code_two": _code_of(site, "arvind"),
        "position": _one(site, "SELECT key FROM competency_position WHERE key = 'so-procurement'"),
        "unranked": _unranked(site.client(persona="khandelwal")),
        "grant": _one(
            site,
            "SELECT g.id FROM institutions_grant g JOIN institutions_account a USING (person_id)"
            " WHERE a.login = 'nandini'",
        ),
    }


def _make_examples(site: Site) -> dict[str, str]:
    found = standing(site)
    her = site.client(persona="meenakshi")
    begun = her.post(f"/competencies/{found['competency']}/check/begin/", {})
    board = site.client(persona="khandelwal")
    board.post("/posts/vacancies/MORD-1/SSO-PROC-1/rank/", {})
    _recommend(site, board)
    asking = site.client(persona="devidas")
    asking.post(
        f"/competencies/{found['competency']}/question/",
        {"reason": "The fourth question had two right answers."},
    )
    _ask_at_the_desk(site)
    # Last, because the reason and the consent change what others see of them.
    return {
        **found,
        "objection": site.act(_OBJECTION),
        "wish": _wish(site),
        "agreed": _agreed(site),
        "wanted": _wanted(site),
        "breach": _breach(site),
        "drafted": _one(site, "SELECT id FROM ehrms_order WHERE maker_id IS NOT NULL ORDER BY made_at DESC"),
        "asked": _one(site, "SELECT id FROM institutions_proposal WHERE act = 'account.recover'"),
        "case": _one(site, "SELECT id FROM registry_case WHERE kind = 'competency_result'"),
        "open": within(begun.headers["location"]).strip("/").split("/")[1],
        "unranked": _unranked(board),
    }


_OBJECTION = """
import datetime, io
from django.utils import timezone
from karmayogi.institutions import assignments, people
from karmayogi.journeys import entries, objections
from karmayogi.registry import files
from karmayogi.registry.acting import as_worker
with as_worker():
    (who,) = people.find("arvind")
    now, on = timezone.now(), timezone.localdate()
    card = files.keep(io.BytesIO(b"%PDF-1.4"), name="book.pdf", media_type="application/pdf", owner=who, now=now)
    proof = objections.Proof(card.id, card.name, card.sha256, card.size)
    body = assignments.standing([who], on=on)[who].body
    says = dict(says="Arvind R. Mahato", text="Page 4 of my service book has it so.")
    print(objections.lodge(who, entries.entry(who, "name", who), **says, proof=proof, body=body, on=on, now=now))
"""
"""Arvind objects to his name and attaches a proof; a plain client sends no files."""


def _ask_at_the_desk(site: Site) -> None:
    """Asks for a new number for arvind, so that one request waits for the second person."""
    desk = site.client(persona="farida")
    code = _code_of(site, "arvind")
    why = "He stood at the counter with his card this morning."
    opened = desk.post("/desk/", {"code": code, "reason": why})
    said = {
        "loss": "mobile",
        "mobile": "98000 00123",
        "check": "document",
        "checked": "card ending 118, room 204",
    }
    desk.post(within(opened.headers["location"]), {**said, "reason": why})


def _code_of(site: Site, login: str) -> str:
    return _one(
        site,
        "SELECT employee_code FROM institutions_person p JOIN institutions_account a ON a.person_id = p.id"
        f" WHERE login = '{login}'",
    )


def _wish(site: Site) -> str:
    """Nandini asks that Arvind becomes a field nodal officer."""
    office = site.client(persona="nandini")
    day = timezone.localdate()
    office.post(
        "/grants/propose/",
        {
            "code": _code_of(site, "arvind"), "role": "field_nodal_officer", "body": "MORD-1", "order": "E-12/2026",
            "since": day.isoformat(), "until": (day + dt.timedelta(days=90)).isoformat(),
            "reason": "The division has no field officer since March.",
        },
    )  # fmt: skip
    return _one(site, "SELECT id FROM institutions_proposal WHERE act = 'grant.give'")


def _agreed(site: Site) -> str:
    """Naeem asks Arvind to let him look, and Arvind agrees."""
    support = site.client(persona="naeem")
    support.post(
        "/support/",
        {"code": _code_of(site, "arvind"), "reason": "You wrote that your level page stays empty."},
    )
    asked = _one(site, "SELECT id FROM institutions_proposal WHERE act = 'support.look'")
    site.client(persona="arvind").post(f"/record/support/{asked}/", {"consent": "yes"})
    return _one(site, "SELECT person_id FROM institutions_supportvisit")


def _wanted(site: Site) -> str:
    """Arvind asks for a wing under his department."""
    said = {
        "name": "Rural Connectivity Wing", "kind": "office", "code": "MORD-1-RC", "order": "A-11/2026", "sure": "yes",
        "since": timezone.localdate().isoformat(), "body": "MORD-1",
        "reason": "Order A-11/2026 lies with the establishment section, room 204.",
    }  # fmt: skip
    site.client(persona="arvind").post("/registers/ask/body/", said)
    return _one(site, "SELECT id FROM institutions_proposal WHERE act = 'body.enter'")


def _breach(site: Site) -> str:
    """Naeem enters a breach and lists a department."""
    operator = site.client(persona="naeem")
    what = "A laptop with a list of officials was lost on a train. It was encrypted; its key was with it."
    begun = operator.post("/operator/breaches/", {"number": "B/2026/1", "what": what})
    page = within(begun.headers["location"])
    operator.post(page, {"act": "list", "way": "body", "value": "MORD-W"})
    return page.strip("/").rpartition("/")[2]


def _recommend(site: Site, board: Client) -> None:
    """Drafts an order for the first candidate of another vacancy, so that one waits for the second officer."""
    code = _unranked(board)
    board.post(f"/posts/vacancies/{code}/rank/", {})
    page = board.get(f"/posts/vacancies/{code}/").text
    who = page.partition('name="who" value="')[2].partition('"')[0]
    ranking = page.partition('name="ranking" value="')[2].partition('"')[0]
    if who:
        board.post(f"/posts/vacancies/{code}/recommend/", {"who": who, "ranking": ranking, "why": ""})


def _unranked(board: Client) -> str:
    """A vacancy without a ranking yet."""
    listed = re.findall(r'href="/posts/vacancies/([^"]+)/"', board.get("/posts/vacancies/").text)
    for code in listed:
        if 'name="who"' not in board.get(f"/posts/vacancies/{code}/").text:
            return code
    raise AssertionError("every vacancy is ranked")


def _one(site: Site, query: str) -> str:
    rows: list[tuple[Any, ...]] = site.ask(query)
    assert rows, query
    return str(rows[0][0])
