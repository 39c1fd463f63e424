"""The file of sign-ons: what is set whatever it says, and what is refused."""

import json

import pytest

from karmayogi.web.accounts import sign_on, sign_on_file
from karmayogi.web.accounts.sign_on_file import SignOnNotSafe

OIDC = {"provider_id": "a", "settings": {"server_url": "https://sso.example", "two_factors": True}}
SAML = {"provider_id": "b", "settings": {"idp": {"sso_url": "https://idp.example/sso"}}}


def told(tmp_path, *, oidc=(), saml=()):
    path = tmp_path / "sign-on.json"
    path.write_text(json.dumps({"openid_connect": {"APPS": list(oidc)}, "saml": {"APPS": list(saml)}}))
    return sign_on_file.read(str(path))


def test_without_a_file_there_are_none():
    assert sign_on_file.read("") == {}


def test_checks_cannot_be_loosened(tmp_path):
    loose = {"strict": False, "reject_idp_initiated_sso": False, "reject_deprecated_algorithm": False}
    saml = {**SAML, "settings": {**SAML["settings"], "advanced": loose}}
    oidc = {**OIDC, "settings": {**OIDC["settings"], "oauth_pkce_enabled": False}}
    found = told(tmp_path, oidc=[oidc], saml=[saml])
    assert found["openid_connect"]["APPS"][0]["settings"]["oauth_pkce_enabled"] is True
    advanced = found["saml"]["APPS"][0]["settings"]["advanced"]
    assert [advanced[key] for key in loose] == [True, True, True]
    assert found["saml"]["APPS"][0]["client_id"] == "b"


def test_two_factors_count_only_where_the_file_says_true(tmp_path):
    assert sign_on_file.with_two_factors(told(tmp_path, oidc=[OIDC], saml=[SAML])) == {"a"}


@pytest.mark.parametrize(
    ("oidc", "saml"),
    [
        ([OIDC], [{**SAML, "provider_id": "a"}]),
        ([{"settings": OIDC["settings"]}], []),
        ([{"provider_id": "a", "settings": {"server_url": "http://sso.example"}}], []),
        ([], [{"provider_id": "b", "settings": {"idp": {"sso_url": "http://idp.example"}}}]),
    ],
    ids=["one name for two", "no name", "open OIDC", "open SAML"],
)
def test_what_would_let_the_wrong_person_in_is_refused(tmp_path, oidc, saml):
    with pytest.raises(SignOnNotSafe):
        told(tmp_path, oidc=oidc, saml=saml)


def test_claims_about_two_different_people_are_refused():
    claims = {"userinfo": {"sub": "1", "employee_code": "E1"}, "id_token": {"sub": "2"}}
    with pytest.raises(sign_on.NotKnownHere):
        sign_on._code({}, claims)
    claims["id_token"]["sub"] = "1"
    assert sign_on._code({}, claims) == "E1"
