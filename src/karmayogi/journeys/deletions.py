"""Certificates of deletion: what went, when, by which order and register, signed by a key in custody.

The certificate names nobody: counts by table and purpose only. Its number is an entry of the sealed log.
"""

import base64
import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from karmayogi.institutions import audit
from karmayogi.policy import purposes
from karmayogi.registry import custody, ids

KEY = "deletion"
"""The purpose of the key that signs certificates of deletion."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """The signed text (canonical JSON), its Ed25519 signature and the id of the key. `entry`: its audit entry."""

    entry: UUID
    text: str
    key: UUID
    signature: bytes

    def as_json(self) -> dict[str, Any]:
        """The certificate as a file holds it: `text` is what was signed, byte for byte."""
        return {
            "text": self.text,
            "key": str(self.key),
            "signature": base64.b64encode(self.signature).decode(),
        }

    def readable(self) -> str:
        """The certificate as plain text, to be printed."""
        told = json.loads(self.text)
        lines = [
            f"CERTIFICATE OF DELETION {told['certificate']}",
            f"Act: {told['act']}    Done: {told['at']}    By order: {told['order']}",
            f"Register of purposes: {told['register']}",
            f"Legal holds that stood: {', '.join(told['what']['holds']) or 'none'}",
            "",
            f"{'Table':<36}{'past':>9}{'held':>9}{'needed':>9}{'deleted':>9}",
        ]
        for table, n in told["what"]["tables"].items():
            lines.append(f"{table:<36}{n['past']:>9}{n['held']:>9}{n['needed']:>9}{n['gone']:>9}")
        lines += [
            "", f"Files: {told['what']['files']}", f"Key: {self.key}",
            f"Signature (Ed25519): {self.as_json()['signature']}",
        ]  # fmt: skip
        return "\n".join(lines) + "\n"


def certify(
    act: str, *, what: Mapping[str, Any], order: str, asked_by: UUID, approved_by: UUID, now: dt.datetime
) -> Certificate:
    """Signs what went and writes its audit entry, inside the transaction of the deletion. As the worker role."""
    entry = ids.new()
    told = {
        "certificate": str(entry), "act": act, "at": now.isoformat(), "order": order,
        "register": purposes.digest(), "what": what,
    }  # fmt: skip
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    custody.ensure(KEY, name="karmayogi/deletion", now=now)
    signer = custody.signer(KEY)
    signature = signer.sign(text.encode())
    audit.record(
        act, actor=approved_by, object_kind="deletion", object_id=entry, reason=order, entry=entry,
        details={**what, "asked_by": str(asked_by), "key": str(signer.key.id)},
    )  # fmt: skip
    return Certificate(entry, text, signer.key.id, signature)


def genuine(certificate: Mapping[str, str]) -> bool:
    """True if a certificate as JSON was signed by a key of this installation, retired ones included."""
    keys = {str(card.id): card.public for card in custody.of(KEY)}
    public = keys.get(certificate["key"])
    if public is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(
            base64.b64decode(certificate["signature"]), certificate["text"].encode()
        )
    except InvalidSignature:
        return False
    return True
