"""What a client sends, read tolerantly: names in any case, booleans as words, attributes we do not keep.

Microsoft Entra, among others, writes `"active": "True"`, `"op": "Add"`, paths with a filter that matches nothing yet,
and several attributes in one value. Whatever is declared read-only is left out of a whole resource, and refused in a
PATCH that names it (RFC 7644, 3.5.2).
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError
from scim2_models import (
    Context,
    InvalidSyntaxException,
    InvalidValueException,
    PatchOp,
    ScimPolicy,
    SearchRequest,
)
from scim2_models import Resource as AnyOne

from karmayogi.standards.scim.resources import WORK, Body, EnterpriseUser, Person

POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
AUTHORITY = frozenset({"roles", "entitlements", "groups", "members", "password", "x509certificates"})
"""Attributes by which a client tries to give authority or a way in, in small letters."""
DEEPEST = 12
"""How deep what a client sends may nest; a resource has four levels."""

_READ_ONLY = {"id", "meta", "groups", "roles", "entitlements", "department", "manager"}
_PRIMARY = re.compile(r"\[\s*primary\s+eq\s+\"?true\"?\s*\]", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9$_-]+")

R = TypeVar("R", bound="AnyOne[Any]")


@dataclass(frozen=True)
class SaidOfPerson:
    """What a client says of a person; '' where it says nothing."""

    login: str
    name: str
    active: bool
    email: str
    external_id: str
    employee_code: str


@dataclass(frozen=True)
class SaidOfBody:
    """What a client says of a body; `parent` is an id, '' for the body that the client looks after."""

    code: str
    name: str
    kind: str
    order_no: str
    parent: str
    external_id: str


def payload(body: bytes) -> dict[str, Any]:
    """The JSON object in a request; `InvalidSyntaxException` for anything else."""
    try:
        held = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidSyntaxException(detail="The request holds no JSON.") from error
    if not isinstance(held, dict):
        raise InvalidSyntaxException(detail="The request holds no JSON object.")
    _refuse_unkept(held, DEEPEST)
    return held


def attempts(held: Mapping[str, Any], *, present: Any = None) -> list[str]:
    """Which attributes of authority a resource or a PATCH tries to set, in small letters, sorted.

    An empty value tries nothing, nor does one that says only what the `present` resource says already.
    """
    told = {k.lower(): v for k, v in present.model_dump().items()} if present is not None else {}
    named: set[str] = set(_heads(k for k, v in held.items() if v and v != told.get(k.lower())))
    for operation in _operations(held):
        value = operation.get("value")
        path = str(operation.get("path") or "")
        named |= set(_heads([path])) if path else set()
        named |= set(_heads(value)) if isinstance(value, Mapping) and not path else set()
    return sorted(named & AUTHORITY)


def new(kind: type[R], held: Mapping[str, Any]) -> R:
    """A resource to be made; `ValidationError` says what is missing or wrong."""
    said = _tidy(kind, held, active=True)
    return kind.model_validate(said, scim_ctx=Context.RESOURCE_CREATION_REQUEST, scim_policy=POLICY)


def replaced(present: R, held: Mapping[str, Any]) -> R:
    """The resource as a PUT wants it; what is read-only or immutable stays as it is."""
    kind = type(present)
    said = _tidy(kind, held, active=getattr(present, "active", None))
    wanted = kind.model_validate(said, scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST, scim_policy=POLICY)
    with POLICY:
        wanted.replace(present)
    if kind is Person and (record := present[EnterpriseUser]) and not said_of_person(wanted).employee_code:
        # Left out is not taken away: many clients never send the extension back.
        wanted[EnterpriseUser] = record
    return wanted


def patched(present: R, held: Mapping[str, Any]) -> R:
    """The resource as a PATCH wants it; `present` is left as it was."""
    kind: Any = type(present)
    operations = [one for operation in _operations(held) for one in _apart(operation)]
    message = {"schemas": [str(PatchOp.__schema__)], "Operations": operations}
    change = PatchOp[kind].model_validate(
        message, scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=POLICY
    )
    wanted = present.model_copy(deep=True)
    change.patch(wanted, scim_policy=POLICY)
    return wanted


def search(kinds: Any, held: Mapping[str, Any]) -> SearchRequest[Any]:
    """A query, from the address or from the body of a POST; `kinds`: the resources it is about."""
    said = {name: value for name, value in held.items() if name.lower() != "schemas"}
    return SearchRequest[kinds].model_validate(said, scim_policy=POLICY)


def said_of_person(wanted: Any) -> SaidOfPerson:
    """What a resource says, as plain values."""
    record = wanted[EnterpriseUser]
    return SaidOfPerson(
        login=(wanted.user_name or "").strip().lower(),
        name=" ".join((wanted.display_name or "").split()),
        active=bool(wanted.active),
        email=_email(wanted.emails or ()),
        external_id=wanted.external_id or "",
        employee_code=((record.employee_number if record else None) or "").strip(),
    )


def said_of_body(wanted: Body) -> SaidOfBody:
    """What a resource says, as plain values."""
    above = wanted.parent
    named = (above.value or str(above.ref or "").rsplit("/", 1)[-1]) if above else ""
    return SaidOfBody(
        code=(wanted.code or "").strip(),
        name=" ".join((wanted.display_name or "").split()),
        kind=(wanted.kind or "").strip().lower(),
        order_no=(wanted.order_number or "").strip(),
        parent=named,
        external_id=wanted.external_id or "",
    )


def _tidy(kind: type[Any], held: Mapping[str, Any], *, active: bool | None) -> dict[str, Any]:
    urns = {str(urn).lower(): str(urn) for urn in kind.get_extension_models()}
    said: dict[str, Any] = {}
    for name, value in held.items():
        if name.lower() in urns and isinstance(value, Mapping):
            said[urns[name.lower()]] = {k: v for k, v in value.items() if k.lower() not in _READ_ONLY}
        elif name.lower() not in _READ_ONLY | {"schemas"}:
            said[name] = value
    said["schemas"] = [str(kind.__schema__), *(urn for urn in urns.values() if urn in said)]
    given = {name.lower() for name, value in said.items() if value not in (None, "")}
    if kind is Person:
        _complete(said, given, active=active)
    return said


def _complete(said: dict[str, Any], given: set[str], *, active: bool | None) -> None:
    if "displayname" not in given:
        name = _put_together(next((v for k, v in said.items() if k.lower() == "name"), None))
        if name:
            said["displayName"] = name
    if "active" not in given:
        said["active"] = active


def _put_together(name: object) -> str:
    if not isinstance(name, Mapping):
        return ""
    parts = {k.lower(): str(v).strip() for k, v in name.items() if isinstance(v, str)}
    return parts.get("formatted") or f"{parts.get('givenname', '')} {parts.get('familyname', '')}".strip()


def _email(emails: Iterable[Any]) -> str:
    given = [e for e in emails if e is not None and e.value]
    at_work = [e for e in given if (e.type or WORK).lower() == WORK]
    return (at_work or given)[0].value.strip() if given else ""


def _operations(held: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = next((v for k, v in held.items() if k.lower() == "operations"), None)
    if not isinstance(found, list):
        return []
    return [{k.lower(): v for k, v in one.items()} for one in found if isinstance(one, Mapping)]


def _apart(operation: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """The operation, with those of several attributes in one value taken apart that are paths with a filter."""
    path, value = operation.get("path"), operation.get("value")
    if path:
        yield {**operation, "path": _PRIMARY.sub(f'[type eq "{WORK}"]', str(path))}
    elif isinstance(value, Mapping):
        plain = {
            k: v for k, v in value.items() if "[" not in k and k.lower() not in ("schemas", "id", "meta")
        }
        for key in value:
            if "[" in key:
                yield {**operation, "path": _PRIMARY.sub(f'[type eq "{WORK}"]', key), "value": value[key]}
        if plain:
            yield {**operation, "value": plain}
    else:
        yield dict(operation)


def _heads(names: Iterable[str]) -> Iterable[str]:
    """The attribute at the head of each path: 'emails' of 'urn:…:User:emails[type eq "work"].value'."""
    for name in names:
        found = _NAME.match(name.partition("[")[0].rpartition(":")[2])
        if found:
            yield found[0].lower()


def _refuse_unkept(value: object, depth: int) -> None:
    """Refuses what no text of ours may hold, and what nests deeper than any resource."""
    if depth == 0:
        raise InvalidSyntaxException(detail="The request nests too deep.")
    if isinstance(value, str) and ("\0" in value or (not value.isprintable() and _surrogate(value))):
        raise InvalidValueException(detail="A text holds a character that cannot be kept.")
    if isinstance(value, Mapping):
        for key, held in value.items():
            _refuse_unkept(key, depth - 1)
            _refuse_unkept(held, depth - 1)
    elif isinstance(value, list):
        for held in value:
            _refuse_unkept(held, depth - 1)


def _surrogate(text: str) -> bool:
    return any("\ud800" <= c <= "\udfff" for c in text)


__all__ = [
    "AUTHORITY", "POLICY", "SaidOfBody", "SaidOfPerson", "ValidationError", "attempts", "new", "patched", "payload",
    "replaced", "said_of_body", "said_of_person", "search",
]  # fmt: skip
