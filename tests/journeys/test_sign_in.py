"""Signing in as people do: password and app, passkey, code by text message, again before a sensitive act, sessions.

One database of its own, with the jobs running, so that a text message leaves as it does in an installation: into a
folder here, to an operator there.
"""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

TRIES = 4
WAITS = 1800
"""Of a tenth of a second: as long as a code is good."""
PASSWORD = "twelve green parrots"
MOBILE = "+919812345678"
SET_UP = """
from karmayogi.institutions.models import Account
from karmayogi.registry.acting import as_worker
with as_worker():
    for login, mobile in (("meenakshi", "+919812345678"), ("nandini", ""), ("khandelwal", "")):
        account = Account.objects.get(login=login)
        account.set_password("twelve green parrots")
        account.mobile = mobile
        account.save()
"""


@pytest.fixture(scope="module")
def house(serve: Callable[..., Any]) -> Any:
    """A demonstration whose meenakshi, nandini and khandelwal have passwords, and meenakshi a mobile."""
    site = serve(worker=True)
    site.act(SET_UP)
    # Names of one machine only: passkeys are bound to a host name, and 127.0.0.1 is none.
    site.host = f"http://localhost:{site.port}"
    return site


@pytest.fixture
def page(browser: Any, house: Any) -> Iterator[Any]:
    """A fresh browser at the door."""
    context = browser.new_context(base_url=house.host, viewport={"width": 360, "height": 740})
    made = context.new_page()
    yield made
    context.close()


def code_now(secret: str) -> str:
    """What an authenticator app shows now (RFC 6238)."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def sign_in(page: Any, login: str, password: str = PASSWORD) -> None:
    """Fills in the first form."""
    page.goto("/account/sign-in/")
    page.fill("#login", login)
    page.fill("#password", password)
    page.click("form .btn:has-text('Sign in')")


def text_to(house: Any, number: str, after: float) -> str:
    """The latest text message to a number, once it has left."""
    for _ in range(WAITS):
        sent = [p for p in (house.folder / "texts").glob("*.json") if p.stat().st_mtime >= after]
        for path in sorted(sent, key=lambda p: p.stat().st_mtime, reverse=True):
            said = json.loads(path.read_text())
            if said["to"] == number:
                return str(said["text"])
        time.sleep(0.1)
    raise AssertionError(f"no text message left: {(house.folder / 'worker.log').read_text()[-1500:]}")


def where(page: Any) -> str:
    """The path of the page."""
    return urlsplit(page.url).path


def set_up_app(page: Any) -> str:
    """Sets up an authenticator app; its secret."""
    page.goto("/account/security/app/")
    if where(page).startswith("/account/again/"):
        page.fill("#id_password", PASSWORD)
        page.click(".btn:has-text('Confirm')")
    assert page.evaluate("document.querySelector('main img').naturalWidth") > 0, "the QR code is a picture"
    secret = page.inner_text("code")
    show_until(page, "Set up", secret, away="/account/security/app/")
    assert where(page) == "/account/security/codes/"
    return str(secret)


def show(page: Any, code: str, button: str) -> None:
    """Types a code and sends it; the page that answers may have the same address."""
    page.fill("#id_code", code)
    with page.expect_navigation():
        page.click(f".btn:has-text('{button}')")


def show_until(page: Any, button: str, secret: str, *, away: str) -> str:
    """The code of the app that led away from a path; one may run out on the way, the next has its half minute."""
    for _ in range(TRIES):
        code = code_now(secret)
        show(page, code, button)
        if where(page) != away:
            return code
    raise AssertionError(f"no code was taken: {page.inner_text('main')}")


def test_a_manager_sets_up_an_app_and_signs_in_with_it(page: Any, house: Any) -> None:
    sign_in(page, "nandini")
    page.goto("/office/needs/")
    assert where(page) == "/account/security/second/", "the office stays shut with one factor"
    secret = set_up_app(page)
    page.locator("main code").first.wait_for()
    recovery = page.locator("main code").all_inner_texts()
    assert len(recovery) == 10
    assert secret not in str(house.ask("SELECT data FROM mfa_authenticator")), "sealed at rest"

    page.context.clear_cookies()
    sign_in(page, "nandini")
    assert where(page) == "/account/sign-in/second/"
    page.fill("#id_code", "000000")
    page.click(".btn:has-text('Sign in')")
    assert "not right" in page.inner_text("main")
    page.fill("#id_code", recovery[0])
    page.click(".btn:has-text('Sign in')")
    page.wait_for_url("**/office/needs/")

    page.context.clear_cookies()
    sign_in(page, "nandini")
    page.fill("#id_code", recovery[0])
    page.click(".btn:has-text('Sign in')")
    assert "not right" in page.inner_text("main"), "a recovery code works once"


def test_a_code_of_the_app_is_good_once(page: Any, house: Any) -> None:
    sign_in(page, "khandelwal")
    secret = set_up_app(page)
    page.context.clear_cookies()
    sign_in(page, "khandelwal")
    used = show_until(page, "Sign in", secret, away="/account/sign-in/second/")
    page.context.clear_cookies()
    sign_in(page, "khandelwal")
    assert where(page) == "/account/sign-in/second/"
    show(page, used, "Sign in")
    assert where(page) == "/account/sign-in/second/"


def test_an_official_without_e_mail_signs_in_by_text_message(page: Any, house: Any) -> None:
    began = time.time()
    page.goto("/account/sign-in/")
    page.click("text=Code by text message")
    page.fill("#id_phone", "098123 45678")
    page.click(".btn:has-text('Send the code')")
    code = text_to(house, MOBILE, began).split()[0]
    page.fill("#id_code", "1" * 6 if code != "1" * 6 else "2" * 6)
    page.click(".btn:has-text('Sign in')")
    assert "not right" in page.inner_text("main")
    page.fill("#id_code", code)
    page.click(".btn:has-text('Sign in')")
    page.wait_for_url("**/home/")
    assert code not in str(house.ask("SELECT payload FROM registry_letter WHERE kind = 'sms'")), (
        "sent, then dropped"
    )


def test_a_passkey_alone_opens_what_needs_two_factors(page: Any, house: Any) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
                "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
            }
        },
    )  # fmt: skip
    page.goto("/demo/")
    page.click("button[value=hazarika]")
    page.goto("/account/security/passkeys/add/")
    page.fill("#id_name", "My phone")
    page.click("#add_passkey")
    page.wait_for_url("**/account/again/**")
    page.goto("/account/security/")
    assert "My phone" in page.inner_text("main")

    page.context.clear_cookies()
    page.goto("/account/sign-in/")
    page.click("#passkey_login")
    page.wait_for_url(lambda url: "/account/" not in url)
    assert where(page) == "/posts/vacancies/", "with its fingerprint a passkey is two factors"


def test_a_session_is_ended_from_another_device(browser: Any, page: Any, house: Any) -> None:
    sign_in(page, "meenakshi")
    elsewhere = browser.new_context(base_url=house.host, user_agent="A borrowed phone")
    other = elsewhere.new_page()
    sign_in(other, "meenakshi")
    other.wait_for_url("**/home/")
    page.goto("/account/security/")
    card = page.locator("li", has_text="A borrowed phone")
    assert card.count() == 1
    card.locator("input").check()
    page.click(".btn:has-text('End the chosen sessions')")
    assert "1 session was ended" in page.inner_text("main")
    other.goto("/home/")
    assert where(other) == "/account/sign-in/"
    page.goto("/home/")
    assert where(page) == "/home/", "this one goes on"
    elsewhere.close()
