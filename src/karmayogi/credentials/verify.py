"""Checking a statement by its code: anyone may, signed in or not, and sees only what the certificate says."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from karmayogi.credentials import awards, keys
from karmayogi.credentials.models import PublishedStatement
from karmayogi.registry import codes, showing
from karmayogi.standards import signing


class State(StrEnum):
    """The answer in one word."""

    VALID = "valid"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"
    CHANGED = "changed"
    CANNOT_CHECK = "cannot_check"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked, see `WHATS`; `passed` is None if it was not reached."""

    what: str
    passed: bool | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the statement says. `until`: first day on which it no longer counts; `replaced_by`: a shown code or ''.

    `competency_id`: under which the names stand in other languages than that of the statement.
    """

    code: str
    holder: str
    competency: str
    framework: str
    level: int
    levels: int
    level_name: str
    level_text: str
    kinds: tuple[str, ...]
    issuer: str
    issued: dt.datetime
    until: dt.date
    withdrawn_at: dt.datetime | None
    reason: str
    replaced_by: str
    competency_id: UUID


@dataclass(frozen=True, slots=True)
class Answer:
    """`facts` is None for an unknown code and for a document that is not as we signed it: it is not repeated."""

    state: State
    facts: Facts | None
    checks: tuple[Check, ...]
    document: Mapping[str, Any] | None = None


WHATS = ("code", "key", "document", "withdrawn", "date")


def check(code: str, *, now: dt.datetime) -> Answer:
    """Whether the statement with this code stands today. Never raises on what was typed."""
    try:
        known = codes.read(code)
    except codes.MistypedCode:
        return _answer(State.UNKNOWN, failed="code")
    with showing.code(known):
        row = PublishedStatement.objects.filter(code=known).first()
    if row is None:
        return _answer(State.UNKNOWN, failed="code")
    key = _key(row.document)
    if key is None:
        return _answer(State.CANNOT_CHECK, failed="key")
    verdict = signing.verify(row.document, public_keys={key.name: key.public})
    if not verdict.ok or row.document.get("code") != codes.shown(known):
        return _answer(State.CHANGED, failed="document")
    facts = _facts(row)
    if not key.signs_on(timezone.localdate(facts.issued)):
        return _answer(State.CANNOT_CHECK, failed="key", facts=facts)
    if row.state != "issued":
        return _answer(State.WITHDRAWN, failed="withdrawn", facts=facts)
    if facts.until <= timezone.localdate(now):
        return _answer(State.EXPIRED, failed="date", facts=facts)
    return _answer(State.VALID, facts=facts, document=row.document)


def entry(code: str) -> UUID:
    """The entry of the audit log that says the document with this code was issued.

    Raises `codes.MistypedCode`, `awards.NoSuchStatement`.
    """
    known = codes.read(code)
    with showing.code(known):
        row = PublishedStatement.objects.filter(code=known).first()
    if row is None:
        raise awards.NoSuchStatement(_("We have issued no certificate with this code."))
    return awards.entry_of(row.document["id"].removeprefix("urn:uuid:"), row.document)


def _key(document: Mapping[str, Any]) -> keys.KeyCard | None:
    proof = document.get("proof")
    name = proof.get("verificationMethod") if isinstance(proof, dict) else None
    return keys.by_names([name]).get(name) if isinstance(name, str) else None


def _answer(
    state: State,
    *,
    failed: str = "",
    facts: Facts | None = None,
    document: Mapping[str, Any] | None = None,
) -> Answer:
    place = WHATS.index(failed) if failed else len(WHATS)
    checks = tuple(
        Check(what, True if i < place else False if i == place else None) for i, what in enumerate(WHATS)
    )
    return Answer(state, facts, checks, document)


def _facts(row: PublishedStatement) -> Facts:
    said = row.document
    return Facts(
        code=said["code"], holder=said["holder"]["name"], competency=said["competency"]["name"],
        framework=said["competency"]["framework"], level=said["level"]["number"], levels=said["level"]["of"],
        level_name=said["level"]["name"], level_text=said["level"]["text"],
        kinds=tuple(e["kind"] for e in said["evidence"]), issuer=said["issuer"],
        issued=dt.datetime.fromisoformat(said["issued"]), until=dt.date.fromisoformat(said["validUntil"]),
        withdrawn_at=row.withdrawn_at, reason=row.reason,
        replaced_by=codes.shown(row.replaced_by) if row.replaced_by else "",
        competency_id=UUID(said["competency"]["id"].removeprefix("urn:uuid:")),
    )  # fmt: skip
