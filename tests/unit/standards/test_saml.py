"""The shape of a SAML response: an honest one passes, each thing that could harm its reader is refused by name."""

import base64
import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from karmayogi.standards import saml

TRANSFORM = '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"
SIGNATURE = (
    '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:Reference URI="#r">'
    f"<ds:Transforms>{TRANSFORM}</ds:Transforms></ds:Reference></ds:SignedInfo></ds:Signature>"
)
NAMES = (
    'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
)
ASSERTION = '<saml:Assertion ID="a"><saml:Subject>नंदिनी</saml:Subject></saml:Assertion>'
ANSWER = f'<samlp:Response {NAMES} ID="r" Version="2.0">{SIGNATURE}{ASSERTION}</samlp:Response>'
LAUGHS = "<!DOCTYPE r [<!ENTITY a0 'ha'>" + "".join(
    f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)
) + "]>"  # fmt: skip
DEEP, WIDE = "<a>" * 200 + "</a>" * 200, "<a/>" * 3000
INSIDE = "<saml:Subject>"


def sent(text):
    """As a form sends it, in lines."""
    return base64.encodebytes(text.encode())


def with_inside(text):
    return ANSWER.replace(INSIDE, text + INSIDE)


def test_an_honest_answer_has_its_parts_counted():
    assert saml.shape(sent(ANSWER)) == {"elements": 8, "depth": 6}
    assert (
        saml.shape(sent("<?xml version='1.0' encoding='UTF-8'?><!-- of a provider -->" + ANSWER))["elements"]
        == 8
    )


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (LAUGHS + with_inside("&a9;"), r"document type|well-formed"),
        ("<!DOCTYPE r SYSTEM 'file:///etc/passwd'>" + ANSWER, "document type"),
        ("<!DOCTYPE r [<!ENTITY f SYSTEM 'http://127.0.0.1/'>]>" + with_inside("&f;"), "document type"),
        (with_inside(DEEP), "nested deeper"),
        (with_inside(WIDE), "more parts"),
        (with_inside("<a " + " ".join(f'b{n}="c"' for n in range(100)) + "/>"), "attributes"),
        ("<?xml-stylesheet href='a.xsl'?>" + ANSWER, "instruction"),
        (with_inside("<?run this?>"), "instruction"),
        (with_inside('<a xmlns="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>'), "elsewhere"),
        (with_inside('<e:CipherReference xmlns:e="http://www.w3.org/2001/04/xmlenc#" URI="#x"/>'), "elsewhere"),
        (with_inside('<d:RetrievalMethod xmlns:d="http://www.w3.org/2000/09/xmldsig#" URI="http://x/"/>'), "elsewhere"),
        (ANSWER.replace('ID="a"', 'ID="r"'), "same ID"),
        (ANSWER.replace('URI="#r"', 'URI=""'), "refers to something else"),
        (ANSWER.replace('URI="#r"', 'URI="#other"'), "refers to something else"),
        (ANSWER.replace('URI="#r"', 'URI="http://127.0.0.1/"'), "refers to something else"),
        (ANSWER.replace(TRANSFORM, f'<ds:Transform Algorithm="{XSLT}"/>'), "transformation"),
        (ANSWER.replace(SIGNATURE, SIGNATURE * 5), "more signatures"),
        (ANSWER.replace("samlp:Response", "samlp:LogoutRequest"), "not a SAML response"),
        (ANSWER[:-3], "well-formed"),
        ("", "well-formed"),
        (with_inside("\x00"), "well-formed"),
    ],
    ids=lambda value: value if len(value) < 30 else "",
)  # fmt: skip
def test_what_could_harm_a_reader_is_refused(text, rule):
    with pytest.raises(saml.NotAnAnswer, match=rule):
        saml.shape(sent(text))


@pytest.mark.parametrize(
    "content",
    [
        b"not base64!",
        b"QUJD====QUJD",
        base64.b64encode(ANSWER.encode("utf-16")),
        base64.b64encode(b"\xff\xfe<a/>"),
    ],
)
def test_what_is_no_text_in_base64_is_refused(content):
    with pytest.raises(saml.NotAnAnswer, match="base64"):
        saml.shape(content)


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=200)
    | st.text(string.printable, max_size=200).map(sent)
    | st.text("<>/a='r# &;!?[]-\n", max_size=120).map(lambda text: sent(with_inside(text)))
)
@example(sent(ANSWER))
def test_whatever_is_sent_is_within_bounds_or_refused(content):
    found = refusal = None
    try:
        found = saml.shape(content)
    except saml.NotAnAnswer as error:
        refusal = str(error)
    assert bool(found) != bool(refusal)
    if found:
        assert 0 < found["elements"] <= saml.ELEMENTS
        assert 0 < found["depth"] <= saml.DEEPEST
