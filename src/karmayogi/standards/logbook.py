"""One entry of the audit log as bytes: what goes into the tree, and how what is personal stays outside of it.

**The leaf** is the canonical JSON (RFC 8785) of one object whose values are strings or null, UTF-8, no newline:

    {"act":"order.issue","actor":H,"at":"2026-11-22T10:00:00.000000Z","body":null,"details":H,"format":
    "karmayogi-audit/1","id":"0191...","kind":"order","object":H,"reason":H}

`at` is UTC with six digits; ids are lower-case UUIDs; `body` an office or null; `actor` null where no person acted.

**H** is a salted hash in hex: with the entry's salt of 32 bytes, HMAC-SHA-256(HMAC-SHA-256(salt, name), value), where
name is the member's name and value the UTF-8 text of the actor's id, the object's id, the reason, or the details as
canonical JSON text. Whoever gets HMAC(salt, name) can check that one field and no other. Once salt and texts are
destroyed, nothing in the leaf leads back to a person, and the leaf stays as it was.
"""

import datetime as dt
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

FORMAT = "karmayogi-audit/1"
SALTED = ("actor", "details", "object", "reason")


@dataclass(frozen=True, slots=True)
class Entry:
    """One act. `salt`: 32 bytes. `details`: what JSON can carry."""

    id: UUID
    at: dt.datetime
    act: str
    kind: str
    body: UUID | None
    actor: UUID | None
    object: str
    reason: str
    details: Mapping[str, Any]
    salt: bytes


def leaf(entry: Entry) -> str:
    """The text that goes into the tree."""
    personal = texts(entry)
    return canonical(
        {
            "format": FORMAT,
            "id": str(entry.id),
            "at": moment(entry.at),
            "act": entry.act,
            "kind": entry.kind,
            "body": str(entry.body) if entry.body else None,
            **{name: salted(entry.salt, name, personal[name]) for name in SALTED},
        }
    )


def texts(entry: Entry) -> dict[str, str | None]:
    """The personal fields as the texts that are hashed."""
    return {
        "actor": str(entry.actor) if entry.actor else None,
        "object": entry.object,
        "reason": entry.reason,
        "details": canonical(entry.details),
    }


def salted(salt: bytes, name: str, value: str | None) -> str | None:
    """The salted hash of one field; None stays None."""
    if value is None:
        return None
    key = hmac.digest(salt, name.encode(), "sha256")
    return hmac.digest(key, value.encode(), "sha256").hex()


def moment(at: dt.datetime) -> str:
    """The time as leaves write it."""
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def entry_id(act: str, subject: str, *, digest: str = "") -> UUID:
    """The id of the one entry about an act that happens once to its object: whoever knows both finds the entry.

    A UUIDv8 (RFC 9562, 5.8) from SHA-256 over the lines act, subject and `digest` (of a document; '' without).
    """
    raw = bytearray(sha256(f"{act}\n{subject}\n{digest}\n".encode()).digest()[:16])
    raw[6], raw[8] = raw[6] & 0x0F | 0x80, raw[8] & 0x3F | 0x80
    return UUID(bytes=bytes(raw))


def canonical(value: Mapping[str, Any]) -> str:
    """JSON text of one form: RFC 8785 for strings, null and whole numbers; other numbers as Python writes them."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
