"""A SAML response is looked at apart before the library that judges it sees a byte: bombs end there, with a page."""

import base64

import pytest
from django.test import Client

from karmayogi.institutions import audit
from karmayogi.institutions.models import AuditRow
from karmayogi.registry import apart
from karmayogi.registry.acting import as_worker
from karmayogi.web.accounts import departures

pytestmark = pytest.mark.django_db
ACS = "/account/sign-in/saml/state/acs/"
RESPONSE = '<r:Response xmlns:r="urn:oasis:names:tc:SAML:2.0:protocol" ID="a" Version="2.0">{}</r:Response>'
LAUGHS = "<!DOCTYPE r [<!ENTITY a0 'ha'>" + "".join(
    f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)
) + "]>" + RESPONSE.format("&a9;")  # fmt: skip
BOMBS = {
    "a billion laughs": LAUGHS,
    "a file of the server": "<!DOCTYPE r [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>" + RESPONSE.format("&f;"),
    "an address": "<!DOCTYPE r SYSTEM 'http://127.0.0.1:9/'>" + RESPONSE.format(""),
    "a tower": RESPONSE.format("<a>" * 5000 + "</a>" * 5000),
    "a crowd": RESPONSE.format("<a/>" * 30_000),
    "no XML": "hello",
}


@pytest.fixture(autouse=True)
def _sign_on(settings):
    app = {"provider_id": "state", "client_id": "state", "name": "State sign-on", "settings": {}}
    settings.SOCIALACCOUNT_PROVIDERS = {"saml": {"APPS": [app]}}


def told(text):
    return base64.b64encode(text.encode()).decode()


def taken(answer):
    """True if the response waits to be judged."""
    return answer.status_code == 302 and departures.COOKIE in answer.cookies


def test_a_response_of_the_right_shape_waits_to_be_judged():
    assert taken(Client().post(ACS, {"SAMLResponse": told(RESPONSE.format(""))}))


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_with_a_page_that_says_what_to_do_and_is_written_down(name):
    with as_worker():
        before = AuditRow.objects.filter(act=audit.REFUSED).count()
    answer = Client().post(ACS, {"SAMLResponse": told(BOMBS[name])})
    assert (answer.status_code, taken(answer)) == (400, False)
    page = answer.content.decode()
    assert "Start again on the sign-in page" in page
    assert "root:" not in page
    with as_worker():
        assert AuditRow.objects.filter(act=audit.REFUSED).count() == before + 1


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"SAMLResponse": ""},
        {"SAMLResponse": "A" * 200_001},
        {"SAMLResponse": [told(RESPONSE.format(""))] * 2},
    ],
    ids=["none", "empty", "too long", "two"],
)
def test_a_form_without_one_response_is_refused_before_it_is_read(monkeypatch, sent):
    monkeypatch.setattr(apart, "read", lambda *_: pytest.fail("it was read"))
    assert Client().post(ACS, sent).status_code == 400


def test_without_the_look_apart_a_bomb_would_wait_beside_honest_responses(monkeypatch):
    """Planted bug: the look is removed, and what the tests above ask for does not hold any more."""
    monkeypatch.setattr(departures, "_look_at", lambda request, name: None)
    assert taken(Client().post(ACS, {"SAMLResponse": told(LAUGHS)}))
