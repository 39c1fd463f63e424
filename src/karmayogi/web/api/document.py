"""What the API says of itself: the OpenAPI document for programs, and the same as a page for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from karmayogi.institutions.roles import Audience
from karmayogi.web import problems
from karmayogi.web.api.operations import API, CSRF_COOKIE, CSRF_HEADER, SESSION
from karmayogi.web.routes import Data, Scope, route

PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "A refusal (RFC 9457): `title` says of what sort, `detail` what happened and what to do.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail"],
}
IN_WORDS = str.maketrans({"{": ":", "}": ""})
"""On the page a part of an address that is to be filled in stands behind a colon."""


@dataclass(frozen=True)
class Field:
    """A parameter or a property: `shape` names the shape it has or is a list of, "" for a plain value."""

    name: str
    kind: str
    shape: str = ""
    says: str = ""


@dataclass(frozen=True)
class Described:
    """An operation as the page shows it."""

    method: str
    address: str
    summary: str
    description: str
    parameters: list[Field]
    sends: list[Field]
    answers: Field


@route(Audience.ANYONE, scope=Scope.NONE, data=Data.PUBLIC)
def openapi(request: Any) -> HttpResponse:
    """The OpenAPI 3.1 document."""
    return JsonResponse(document())


@route(Audience.ANYONE, scope=Scope.NONE, data=Data.PUBLIC)
def docs(request: Any) -> HttpResponse:
    """Every operation and every shape on one page of ours, without scripts."""
    said = document()
    context = {
        "title": _("The API"),
        "groups": _groups(said),
        "shapes": [
            (name, shape.get("description", ""), _fields(shape))
            for name, shape in sorted(said["components"]["schemas"].items())
        ],
        "root": problems.ROOT,
    }
    return render(request, "api.html", context)


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document of all operations, with the one shape of refusals and the one way to sign in."""
    said: dict[str, Any] = dict(API.get_openapi_schema(path_prefix=problems.ROOT.strip("/") + "/"))
    for methods in said["paths"].values():
        for operation in methods.values():
            if operation["description"].rstrip() == operation["summary"]:
                del operation[
                    "description"
                ]  # django-ninja says the summary again where there is nothing more
    said["components"] = {
        "schemas": {**said["components"]["schemas"], "Problem": PROBLEM},
        "securitySchemes": {
            SESSION: _key("cookie", settings.SESSION_COOKIE_NAME),
            CSRF_COOKIE: _key("cookie", settings.CSRF_COOKIE_NAME),
            CSRF_HEADER: _key("header", "X-CSRFToken"),
        },
    }
    return said


def _key(place: str, name: str) -> dict[str, str]:
    return {"type": "apiKey", "in": place, "name": name}


def _groups(said: Mapping[str, Any]) -> list[tuple[str, list[Described]]]:
    """The operations by audience, everyone's first."""
    words = {
        Audience.ANYONE: _("For anyone"),
        Audience.OFFICIAL: _("For an official, about themselves"),
        Audience.SUPERVISOR: _("For a supervisor, about the team"),
        Audience.MANAGER: _("For a training manager, about bodies in care"),
        Audience.AUTHORITY: _("For a posting authority"),
        Audience.COMMISSION: _("For the Commission: published figures"),
    }
    found: dict[str, list[Described]] = {word: [] for word in words.values()}
    for address, methods in said["paths"].items():
        for method, operation in methods.items():
            (tag,) = operation["tags"]
            found[words[Audience(tag)]].append(_described(method, address, operation))
    return list(found.items())


def _described(method: str, address: str, operation: Mapping[str, Any]) -> Described:
    sent = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    good = next(answer for status, answer in operation["responses"].items() if int(status) < 300)
    return Described(
        method=method.upper(),
        address=address.translate(IN_WORDS),
        summary=operation["summary"],
        description=operation.get("description", ""),
        parameters=[
            _field(p["name"], p["schema"], says=p.get("description", "")) for p in operation["parameters"]
        ],
        sends=[_field("", one) for one in sent.get("oneOf", [sent])] if sent else [],
        answers=_field("", good["content"]["application/json"]["schema"]),
    )


def _fields(shape: Mapping[str, Any]) -> list[Field]:
    return [
        _field(name, kind, says=kind.get("description", "")) for name, kind in shape["properties"].items()
    ]


def _field(name: str, kind: Mapping[str, Any], *, says: str = "") -> Field:
    """The field in a word or two of JSON."""
    either = [one for one in kind.get("anyOf", ()) if one.get("type") != "null"]
    if either:
        inner = _field(name, either[0], says=says)
        return Field(name, f"{inner.kind} or null".strip(), inner.shape, says)
    if "$ref" in kind:
        return Field(name, "", kind["$ref"].rsplit("/", 1)[-1], says)
    if kind.get("type") == "array":
        inner = _field(name, kind["items"])
        return Field(name, f"list of {inner.kind}".strip(), inner.shape, says)
    if "enum" in kind:
        return Field(name, " | ".join(kind["enum"]), "", says)
    return Field(name, str(kind.get("format") or kind.get("const") or kind.get("type", "")), "", says)
