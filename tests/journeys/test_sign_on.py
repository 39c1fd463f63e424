"""Signing in by a sign-on of the government, OpenID Connect and SAML, each a real second process."""

import base64
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from provided import PROGRAMS, Providers

SOURCE = Path(__file__).parents[2] / "src"
OIDC, SAML = "Central sign-on", "State sign-on"
BOTH = pytest.mark.parametrize("way", [OIDC, SAML])
REFUSED = "your service record does not know its employee code"
FAILED = "The sign-on did not succeed"
NO_ANSWER = "is not the answer of a sign-on"
CODE = "SELECT p.employee_code, a.email FROM institutions_person p JOIN institutions_account a ON a.person_id = p.id"

pytestmark = pytest.mark.needs(Path("/usr/bin/xmlsec1").exists(), "xmlsec1 is not installed")


@pytest.fixture(scope="module")
def providers(serve: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Both providers, and the site that knows them as `site`."""
    made = Providers(tmp_path_factory.mktemp("providers"))
    try:
        settings = {
            "KARMAYOGI_SIGN_ON": made.write_settings(),
            "PYTHONPATH": os.pathsep.join((str(SOURCE), str(PROGRAMS))),
            "DJANGO_SETTINGS_MODULE": "patient_settings",
        }
        made.site = serve(settings=settings)
        made.start(made.site.url, _people(made.site))
        yield made
    finally:
        made.stop()


def _people(site: Any) -> list[dict[str, str]]:
    """Personas by their true codes; a stranger; one without a code; one who has meenakshi's e-mail and another code."""
    known = {
        login: dict(zip(("code", "email"), site.ask(CODE + " WHERE a.login = %s", login)[0], strict=True))
        for login in ("meenakshi", "nandini", "arvind", "khandelwal")
    }
    mail = known["meenakshi"]["email"] or "meenakshi@demo.example"
    return [
        *({"name": login, **told} for login, told in known.items()),
        {"name": "stranger", "code": "NO-SUCH-CODE", "email": "stranger@demo.example"},
        {"name": "codeless", "code": "", "email": mail},
        {"name": "namesake", "code": known["arvind"]["code"], "email": mail},
    ]


@pytest.fixture
def site(providers: Any) -> Any:
    """The site."""
    return providers.site


@pytest.fixture
def page(browser: Any, site: Any) -> Iterator[Any]:
    """A fresh browser at the door."""
    context = browser.new_context(base_url=site.url, viewport={"width": 360, "height": 740})
    made = context.new_page()
    yield made
    context.close()


def where(page: Any) -> str:
    """The path of the page, if it is one of ours."""
    return urlsplit(page.url).path


def ask(page: Any, way: str, name: str) -> None:
    """From the sign-in page to the provider, where one is `name`."""
    page.goto("/account/sign-in/")
    page.click(f"main .btn:has-text('{way}')")
    page.wait_for_url("http://localhost:*/**")
    page.click(f"button[value={name}]")


def sign_in(page: Any, way: str, name: str) -> None:
    """The whole way, back to us."""
    ask(page, way, name)
    if way == SAML:
        page.click("button:has-text('Back')")
    page.wait_for_url("http://127.0.0.1:*/**")


def identifiers(site: Any) -> list[tuple[Any, ...]]:
    """Who is joined to what."""
    return site.ask(
        "SELECT s.provider, s.uid, a.login, s.extra_data::text FROM socialaccount_socialaccount s"
        " JOIN institutions_account a ON a.person_id = s.user_id ORDER BY 1, 2"
    )


@BOTH
def test_the_first_time_the_code_joins_and_then_the_identifier_is_known(
    page: Any, site: Any, way: str
) -> None:
    sign_in(page, way, "meenakshi")
    assert where(page) == "/home/"
    name = "sso" if way == OIDC else "state"
    uid = "oidc-meenakshi" if way == OIDC else "saml-meenakshi"
    assert (name, uid, "meenakshi", "{}") in identifiers(site), "nothing is kept but the identifier"
    joined = "SELECT count(*) FROM institutions_auditrow WHERE act = 'account.join'"
    before = site.ask(joined)

    page.context.clear_cookies()
    right = site.ask("SELECT employee_code FROM institutions_person WHERE id = (SELECT person_id FROM"
                     " institutions_account WHERE login = 'meenakshi')")[0][0]  # fmt: skip
    _rename(site, "CORRECTED-1")
    try:
        sign_in(page, way, "meenakshi")
        assert where(page) == "/home/", "a code corrected later changes nothing"
    finally:
        _rename(site, right)
    assert site.ask(joined) == before


def _rename(site: Any, code: str) -> None:
    site.act(
        "from karmayogi.institutions.models import Account, Person\n"
        "from karmayogi.registry.acting import as_worker\n"
        "with as_worker():\n"
        "    her = Account.objects.get(login='meenakshi').person_id\n"
        f"    Person.objects.filter(id=her).update(employee_code={code!r})\n"
    )


@BOTH
@pytest.mark.parametrize("name", ["stranger", "codeless"])
def test_who_is_not_in_the_service_record_is_refused_and_nothing_is_written(
    page: Any, site: Any, way: str, name: str
) -> None:
    before = identifiers(site), site.ask("SELECT count(*) FROM institutions_account")
    sign_in(page, way, name)
    assert REFUSED in page.inner_text("main")
    assert (identifiers(site), site.ask("SELECT count(*) FROM institutions_account")) == before
    page.goto("/home/")
    assert where(page) == "/account/sign-in/"


@BOTH
def test_an_e_mail_opens_nobody_elses_account(page: Any, site: Any, way: str) -> None:
    sign_in(page, way, "namesake")
    told = {(uid.partition("-")[2], login) for _, uid, login, _ in identifiers(site)}
    assert ("namesake", "arvind") in told
    assert ("namesake", "meenakshi") not in told


def test_two_factors_of_the_provider_open_the_office(page: Any) -> None:
    sign_in(page, OIDC, "nandini")
    page.goto("/office/needs/")
    assert where(page) == "/office/needs/"


def test_one_factor_of_the_provider_does_not(page: Any) -> None:
    sign_in(page, SAML, "nandini")
    page.goto("/office/needs/")
    assert where(page) == "/account/security/second/"


def test_the_way_back_leads_to_the_page_that_was_asked_for(page: Any) -> None:
    page.goto("/plan/")
    page.click(f"main .btn:has-text('{SAML}')")
    page.wait_for_url("http://localhost:*/**")
    page.click("button[value=meenakshi]")
    page.click("button:has-text('Back')")
    page.wait_for_url("http://127.0.0.1:*/**")
    assert where(page) == "/plan/"


def _other_code(text: str) -> str:
    return re.sub(r"(employeeNumber.*?AttributeValue[^>]*>)[^<]+", r"\g<1>NO-SUCH-CODE", text, flags=re.S)


def _unsigned(text: str) -> str:
    return re.sub(r"<(\w+):Signature .*?</\1:Signature>", "", text, flags=re.S)


def _with_entities(text: str) -> str:
    return '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + re.sub(
        r"^<\?xml.*?\?>", "", text
    )


@pytest.mark.parametrize(
    ("change", "says"), [(_other_code, FAILED), (_unsigned, FAILED), (_with_entities, NO_ANSWER)]
)
def test_a_response_that_was_touched_is_refused(
    page: Any, site: Any, change: Callable[[str], str], says: str
) -> None:
    before = identifiers(site)
    ask(page, SAML, "arvind")
    field = page.locator("input[name=SAMLResponse]")
    sent = base64.b64decode(field.get_attribute("value")).decode()
    changed = change(sent)
    assert changed != sent
    field.evaluate("(e, v) => e.value = v", base64.b64encode(changed.encode()).decode())
    page.click("button:has-text('Back')")
    page.wait_for_url("http://127.0.0.1:*/**")
    assert says in page.inner_text("main")
    assert identifiers(site) == before
    page.goto("/home/")
    assert where(page) == "/account/sign-in/"


def test_a_response_works_once(page: Any) -> None:
    ask(page, SAML, "meenakshi")
    sent = page.get_attribute("input[name=SAMLResponse]", "value")
    page.click("button:has-text('Back')")
    page.wait_for_url("**/home/")
    page.context.clear_cookies()
    ask(page, SAML, "meenakshi")
    page.locator("input[name=SAMLResponse]").evaluate("(e, v) => e.value = v", sent)
    page.click("button:has-text('Back')")
    page.wait_for_url("http://127.0.0.1:*/**")
    page.goto("/home/")
    assert where(page) == "/account/sign-in/"


def test_what_nobody_asked_for_is_refused(page: Any, site: Any, providers: Any) -> None:
    page.goto(f"http://localhost:{providers.saml}/answer?as=meenakshi")
    page.click("button:has-text('Back')")
    page.wait_for_url("http://127.0.0.1:*/**")
    assert FAILED in page.inner_text("main")
    kept = site.ask("SELECT reason FROM institutions_auditrow WHERE object_id = 'saml_finish_acs'")
    assert kept, "and it is kept that it was refused"


def test_a_signature_of_an_outworn_kind_is_refused(page: Any) -> None:
    page.goto("/account/sign-in/")
    page.click(f"main .btn:has-text('{SAML}')")
    page.wait_for_url("http://localhost:*/**")
    page.goto(page.url.replace("/sso?", "/sso?old=1&"))
    page.click("button[value=meenakshi]")
    page.click("button:has-text('Back')")
    page.wait_for_url("http://127.0.0.1:*/**")
    assert FAILED in page.inner_text("main")


def test_what_is_too_long_is_not_read(site: Any) -> None:
    client = site.client()
    client.cookies["csrftoken"] = ""
    path = "/account/sign-in/saml/state/acs/"
    assert client.post(path, {"SAMLResponse": "A" * 200_001}).status == 400
    assert client.post(path, {}).status == 400


@BOTH
def test_who_signs_on_takes_the_place_of_who_was_signed_in(page: Any, site: Any, way: str) -> None:
    page.goto("/demo/")
    page.click("button[value=arvind]")
    page.goto(f"/account/sign-in/{'oidc/sso' if way == OIDC else 'saml/state'}/")
    page.click("main .btn:has-text('Go on')")
    page.wait_for_url("http://localhost:*/**")
    page.click("button[value=khandelwal]")
    if way == SAML:
        page.click("button:has-text('Back')")
    page.wait_for_url("http://127.0.0.1:*/**")
    page.goto("/account/security/")
    assert "khandelwal" in {login for _, uid, login, _ in identifiers(site) if uid.endswith("khandelwal")}
    name = site.ask("SELECT p.name FROM institutions_person p JOIN institutions_account a ON a.person_id = p.id"
                    " WHERE a.login = 'khandelwal'")[0][0]  # fmt: skip
    assert name in page.content()


@BOTH
def test_a_sign_on_is_never_joined_to_who_is_signed_in(page: Any, site: Any, way: str) -> None:
    before = identifiers(site)
    page.goto("/demo/")
    page.click("button[value=arvind]")
    kind = "oidc/sso" if way == OIDC else "saml/state"
    page.goto(f"/account/sign-in/{kind}/?process=connect")
    page.click("main .btn:has-text('Go on')")
    page.wait_for_url("http://localhost:*/**")
    page.click("button[value=stranger]")
    if way == SAML:
        page.click("button:has-text('Back')")
    page.wait_for_url("http://127.0.0.1:*/**")
    assert "opens your own account only" in page.inner_text("main")
    assert identifiers(site) == before


def test_a_provider_that_is_down_says_so(browser: Any, site: Any, providers: Any, page: Any) -> None:
    stopped = providers.running[0]
    stopped.terminate()
    stopped.wait(timeout=120)
    page.goto("/account/sign-in/")
    page.click(f"main .btn:has-text('{OIDC}')")
    assert FAILED in page.inner_text("main")
