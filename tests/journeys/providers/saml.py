"""A SAML identity provider in a process of its own: pysaml2, with a page that lets anyone be anyone.

Its one argument is JSON: url, port, key, certificate and metadata (paths), and people (name, code, email).
"""

import json
import sys
from base64 import b64encode
from html import escape
from typing import Any
from urllib.parse import parse_qs

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.authn_context import PASSWORDPROTECTEDTRANSPORT
from saml2.config import IdPConfig
from saml2.saml import NAME_FORMAT_URI, NAMEID_FORMAT_PERSISTENT, NameID
from saml2.server import Server
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256
from saml2.xmldsig import SIG_RSA_SHA1 as OLD_SIGNATURE
from serving import serve

TOLD: dict[str, Any] = json.loads(sys.argv[1])
PEOPLE: dict[str, dict[str, str]] = {p["name"]: p for p in TOLD["people"]}
SETTINGS = {
    "entityid": f"{TOLD['url']}/metadata",
    "xmlsec_binary": "/usr/bin/xmlsec1",
    "key_file": TOLD["key"],
    "cert_file": TOLD["certificate"],
    "metadata": {"local": [TOLD["metadata"]]},
    "service": {
        "idp": {
            "endpoints": {"single_sign_on_service": [(f"{TOLD['url']}/sso", BINDING_HTTP_REDIRECT)]},
            "policy": {"default": {"lifetime": {"minutes": 5}, "name_form": NAME_FORMAT_URI}},
        }
    },
}


def choose(asked: dict[str, str]) -> str:
    """A button for each person."""
    kept = "".join(f'<input type="hidden" name="{k}" value="{escape(v)}">' for k, v in asked.items())
    buttons = "".join(f'<button name="as" value="{n}">{n}</button>' for n in PEOPLE)
    return f'<title>Provider</title><form action="/answer">{kept}{buttons}</form>'


def answer(idp: Server, asked: dict[str, str]) -> str:
    """A button that sends the signed response; without a request it is one that nobody asked for."""
    person = PEOPLE[asked["as"]]
    if "SAMLRequest" in asked:
        request = idp.parse_authn_request(asked["SAMLRequest"], BINDING_HTTP_REDIRECT).message
        sp, where, reply = request.issuer.text, request.assertion_consumer_service_url, request.id
    else:
        (sp,) = idp.metadata.service_providers()
        consumer = idp.metadata.assertion_consumer_service(sp, BINDING_HTTP_POST)[0]
        where, reply = consumer["location"], ""
    code = {"employeeNumber": [person["code"]]} if person["code"] else {}
    response = idp.create_authn_response(
        {**code, "mail": [person["email"]]},
        in_response_to=reply or None,
        destination=where,
        sp_entity_id=sp,
        name_id=NameID(format=NAMEID_FORMAT_PERSISTENT, text=f"saml-{person['name']}"),
        authn={"class_ref": PASSWORDPROTECTEDTRANSPORT, "authn_auth": TOLD["url"]},
        sign_response=True,
        sign_assertion=True,
        sign_alg=OLD_SIGNATURE if asked.get("old") else SIG_RSA_SHA256,
        digest_alg=DIGEST_SHA256,
    )
    sent = b64encode(str(response).encode()).decode()
    return (
        f'<title>Provider</title><form method="post" action="{where}">'
        f'<input type="hidden" name="SAMLResponse" value="{sent}"><button>Back</button></form>'
    )


def application(environ: dict[str, Any], start: Any) -> list[bytes]:
    """/sso asks who it is; /answer sends them back."""
    asked = {k: v[0] for k, v in parse_qs(environ["QUERY_STRING"]).items()}
    page = choose(asked) if environ["PATH_INFO"] == "/sso" else answer(IDP, asked)
    start("200 OK", [("Content-Type", "text/html; charset=utf-8")])
    return [page.encode()]


if __name__ == "__main__":
    IDP = Server(config=IdPConfig().load(SETTINGS))
    serve(application, TOLD["port"])
