"""The answer of a SAML provider, looked at before anybody trusts it: its shape only, no signature and no person.

Bounds and rules are those of a response sent by a form (Bindings 2.0, 3.5) whose signatures keep to the profile of
Core 2.0, 5.4: one reference to an element of the same document, and no transforms but enveloped and exclusive. What
could make a reader fetch, expand or run something (document types, style sheets, other transforms, references to
elsewhere) is refused. Run it apart (`registry.apart`): the XML library reads foreign bytes here.
"""

import base64
import binascii
from collections import Counter

from lxml import etree

DEEPEST, ELEMENTS, ATTRIBUTES, SIGNATURES = 32, 2_000, 24, 4
"""Most levels, elements, attributes of an element and signatures. Real responses have about 12, 60, 8 and 2."""
PROTOCOL, DSIG = "urn:oasis:names:tc:SAML:2.0:protocol", "http://www.w3.org/2000/09/xmldsig#"
XENC, XINCLUDE = "http://www.w3.org/2001/04/xmlenc#", "http://www.w3.org/2001/XInclude"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
TRANSFORMS = frozenset({f"{DSIG}enveloped-signature", EXCLUSIVE, f"{EXCLUSIVE}WithComments"})
BLANKS = b" \t\r\n"


class NotAnAnswer(ValueError):
    """These bytes are no answer of a SAML provider; the message says which rule they break."""


def shape(sent: bytes) -> dict[str, int]:
    """{"elements": how many, "depth": levels} of a response in base64, as a form sends it. Raises `NotAnAnswer`."""
    root = _tree(_decoded(sent))
    every = _walk(root)
    elements = [(found, level) for found, level in every if isinstance(found.tag, str)]
    depth = max(level for _, level in elements)
    if len(elements) > ELEMENTS or depth > DEEPEST:
        raise NotAnAnswer("It is nested deeper, or has more parts, than an answer.")
    if any(found.tag is etree.ProcessingInstruction for found, _ in every):
        raise NotAnAnswer("It holds an instruction to a program.")
    names: Counter[str] = Counter()
    for found, _ in elements:
        _judge(found)
        names.update(value for name, value in found.attrib.items() if name in ("ID", "Id"))
    if any(count > 1 for count in names.values()):
        raise NotAnAnswer("Two elements have the same ID.")
    _judge_signatures(root, names)
    return {"elements": len(elements), "depth": depth}


def _decoded(sent: bytes) -> bytes:
    try:
        content = base64.b64decode(sent.translate(None, BLANKS), validate=True)
        content.decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        raise NotAnAnswer("It is no UTF-8 text in base64.") from None
    return content


def _tree(content: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise NotAnAnswer("It is no well-formed XML.") from None
    information = root.getroottree().docinfo
    if information.doctype or information.internalDTD is not None:
        raise NotAnAnswer("It declares a document type.")
    if information.encoding and information.encoding.upper() not in ("UTF-8", "US-ASCII", "ASCII"):
        raise NotAnAnswer("It is not in UTF-8.")
    if root.tag != f"{{{PROTOCOL}}}Response":
        raise NotAnAnswer("It is not a SAML response.")
    return root


def _walk(root: etree._Element) -> list[tuple[etree._Element, int]]:
    found, waiting = [], [(root, 1)]
    while waiting:
        element, level = waiting.pop()
        found.append((element, level))
        waiting += [(child, level + 1) for child in element]
    beside = [*root.itersiblings(preceding=True), *root.itersiblings()]
    return found + [(element, 0) for element in beside]


def _judge(element: etree._Element) -> None:
    if len(element.attrib) > ATTRIBUTES:
        raise NotAnAnswer("A part of it has more attributes than an answer needs.")
    kept_elsewhere = element.tag == f"{{{XENC}}}CipherReference" or element.tag.startswith(f"{{{XINCLUDE}}}")
    key_elsewhere = element.tag == f"{{{DSIG}}}RetrievalMethod" and not element.get("URI", "").startswith("#")
    if kept_elsewhere or key_elsewhere:
        raise NotAnAnswer("It points to something elsewhere.")


def _judge_signatures(root: etree._Element, names: Counter[str]) -> None:
    signatures = list(root.iter(f"{{{DSIG}}}Signature"))
    if len(signatures) > SIGNATURES:
        raise NotAnAnswer("It has more signatures than an answer.")
    for signature in signatures:
        references = list(signature.iter(f"{{{DSIG}}}Reference"))
        told = [reference.get("URI", "") for reference in references]
        if len(told) != 1 or not told[0].startswith("#") or told[0][1:] not in names:
            raise NotAnAnswer("A signature refers to something else than one part of the answer.")
        used = {t.get("Algorithm") for t in signature.iter(f"{{{DSIG}}}Transform")}
        if not used <= TRANSFORMS:
            raise NotAnAnswer("A signature asks for a transformation that answers do not need.")
