"""Ed25519 proofs over canonical JSON, so that anyone with the public key can check a document without asking
us.

The proof is the W3C Data Integrity cryptosuite ``eddsa-jcs-2022`` (Data Integrity EdDSA Cryptosuites v1.0,
3.3): SHA-256 of the RFC 8785 form of the proof options, then SHA-256 of the RFC 8785 form of the document,
signed with Ed25519 (RFC 8032). Public keys and proof values are multibase base58btc text (a leading ``z``);
a public key carries the multicodec prefix 0xed 0x01, as in ``did:key``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

Reason = Literal["valid", "changed", "unknown-key", "no-proof"]
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519 = b"\xed\x01"
_SUITE = {"type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022", "proofPurpose": "assertionMethod"}


class NotCanonical(ValueError):
    """The document holds something JSON cannot carry exactly (NaN, an integer beyond 2^53, a lone
    surrogate)."""


class AlreadySigned(ValueError):
    """The document has a ``proof`` member; take it out before signing again."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``ok`` only when ``reason`` is "valid". "changed": the document or its proof is not what was signed;
    "unknown-key": the proof names a key we were not given; "no-proof": there is nothing to check."""

    ok: bool
    reason: Reason


def new_key() -> bytes:
    """A fresh private seed of 32 bytes, from the operating system's generator. Keep it secret."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def public_key(seed: bytes) -> str:
    """The public key of ``seed`` as multibase text (48 characters, begins with ``z6Mk``)."""
    return _encode(_ED25519 + Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw())


def sign(document: Mapping[str, Any], *, seed: bytes, key_id: str, created: str) -> dict[str, Any]:
    """``document`` with a ``proof`` member; the same input gives the same proof (Ed25519 is deterministic).

    ``created`` is an XML Schema dateTimeStamp such as 2026-04-01T10:00:00Z. Raises `AlreadySigned`,
    `NotCanonical`.
    """
    if "proof" in document:
        raise AlreadySigned("The document already has a proof. Take it out, or keep it as it is.")
    options: dict[str, Any] = {**_SUITE, "created": created, "verificationMethod": key_id}
    if "@context" in document:
        options["@context"] = document["@context"]
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(_digest(document, options=options))
    return {**document, "proof": {**options, "proofValue": _encode(signature)}}


def verify(document: Mapping[str, Any], *, public_keys: Mapping[str, str]) -> Verdict:
    """Whether ``document`` is exactly what the holder of a known key signed. Never raises on a bad document.

    ``public_keys``: key id to multibase public key. Raises ValueError when one of *those* is not a public
    key.
    """
    proof = document.get("proof")
    if not isinstance(proof, Mapping):
        return Verdict(False, "no-proof")
    key_id = proof.get("verificationMethod")
    if not isinstance(key_id, str) or key_id not in public_keys:
        return Verdict(False, "unknown-key")
    key = _public(public_keys[key_id])
    if any(proof.get(name) != value for name, value in _SUITE.items()):
        return Verdict(False, "changed")
    if proof.get("@context") != document.get("@context"):
        return Verdict(False, "changed")
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    try:
        key.verify(_decode(proof.get("proofValue")), _digest(unsigned, options=options))
    except (InvalidSignature, ValueError):
        return Verdict(False, "changed")
    return Verdict(True, "valid")


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON (RFC 8785) of a document, its proof included, in hex. Raises `NotCanonical`."""
    return sha256(_canonical(document)).hexdigest()


def _digest(document: Mapping[str, Any], *, options: Mapping[str, Any]) -> bytes:
    return b"".join(sha256(_canonical(part)).digest() for part in (options, document))


def _canonical(document: Mapping[str, Any]) -> bytes:
    try:
        return rfc8785.dumps(dict(document))
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise NotCanonical(f"The document cannot be written as canonical JSON: {error}") from error


def _public(text: str) -> Ed25519PublicKey:
    raw = _decode(text)
    if len(raw) != 34 or not raw.startswith(_ED25519):
        raise ValueError("This is not an Ed25519 public key in multibase form (z6Mk...).")
    return Ed25519PublicKey.from_public_bytes(raw[2:])


def _encode(raw: bytes) -> str:
    number, digits = int.from_bytes(raw, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        digits = _ALPHABET[rest] + digits
    return "z" + "1" * (len(raw) - len(raw.lstrip(b"\0"))) + digits


def _decode(text: object) -> bytes:
    # 120 characters hold any key or signature of ours; a longer text would only cost time.
    if not isinstance(text, str) or not text.startswith("z") or len(text) > 120:
        raise ValueError("This is not multibase base58btc text.")
    number = 0
    for letter in text[1:]:
        number = number * 58 + _ALPHABET.index(letter)
    zeros = len(text) - 1 - len(text[1:].lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
