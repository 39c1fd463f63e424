"""How an operation of the API is declared: once, for the gate as a route and for the OpenAPI document.

django-ninja reads and checks what is asked and writes what is answered. It decides nothing: who may ask, about whom
and how often is the gate's to say, from the same declaration that a page makes.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser

from karmayogi.institutions.roles import Audience
from karmayogi.registry.limits import Limit
from karmayogi.web import problems
from karmayogi.web.once import HEADER
from karmayogi.web.problems import Misfit, NotJson
from karmayogi.web.routes import READS, WRITES, Data, Scope, Subject, route

TITLE = "Karmayogi"
VERSION = "1"
MOST_FAULTS = 5
PROBLEM = {"$ref": "#/components/schemas/Problem"}
SESSION, CSRF_COOKIE, CSRF_HEADER = "session", "csrf_cookie", "csrf_header"
ALWAYS = {
    400: "The request does not fit; `detail` names what",
    429: "Too often; wait a minute",
}
SIGNED_IN = {
    401: "Nobody is signed in",
    403: "Another role, or a proof is missing that the role or the act asks for",
}
NAMED = {404: "Out of reach, or it does not exist; the two are not told apart"}
OPENED = {428: "Give the reason first"}
WRITTEN = {
    409: "The rules do not allow it now",
    415: "The body is not JSON",
    422: "The key was sent before with other content",
}
ONCE: Mapping[str, Any] = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "A key of your choice. The same request with the same key acts once and is answered alike.",
    "schema": {"type": "string", "pattern": "^[!-~]{8,200}$"},
}


class Json(Parser):
    """Reads a body that says it is JSON and is."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The body's content; raises `NotJson` or `Misfit`."""
        if request.content_type != "application/json":
            raise NotJson
        try:
            return json.loads(request.body)
        except (ValueError, RecursionError) as error:
            raise Misfit("The body is not well-formed JSON.") from error


class Api(NinjaAPI):
    """django-ninja with the house's refusals: every error goes on to the gate, which undoes and answers it."""

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        """Raises it; what does not fit the declared shape as `Misfit`, with the place."""
        if isinstance(exc, ValidationError):
            raise Misfit(_told(exc.errors)) from exc
        if isinstance(exc, HttpError) and exc.__cause__ is not None:
            raise exc.__cause__  # what `Json` said of the body; django-ninja has one word for all of it
        raise exc


API = Api(title=TITLE, version=VERSION, openapi_url=None, docs_url=None, parser=Json())
DECLARED: dict[str, Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]] = {}
"""Name of the operation -> what declares its view to the gate."""


def operation(
    method: str,
    address: str,
    audience: Audience,
    *,
    name: str,
    answers: Any,
    scope: Scope,
    data: Data,
    subject: Subject | None = None,
    opens: str = "",
    rate: Limit | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declares an operation under `/api/`; its first line of documentation is its summary, all of it counts.

    `address`: with Django's converters in braces, e.g. ``team/{uuid:person}``. `name`: of the route, in the access
    matrix and the OpenAPI. `answers`: the model of the answer. The rest as for `web.routes.route`; reads are counted.
    """
    often = rate or (READS if method == "GET" else WRITES)
    DECLARED[name] = route(
        audience, scope=scope, data=data, methods=(method,), rate=often, subject=subject, opens=opens
    )
    said: dict[str, Any] = {
        "responses": _refusals(method, audience, named="{" in address or subject is not None, opens=opens),
        "x-scope": scope.value,
        "x-data-class": data.value,
        "x-rate-limit": {"requests": often.times, "seconds": often.seconds},
    }
    if method != "GET":
        said["parameters"] = [ONCE]
    if audience is not Audience.ANYONE:
        needed = (SESSION,) if method == "GET" else (SESSION, CSRF_COOKIE, CSRF_HEADER)
        said["security"] = [{scheme: [] for scheme in needed}]

    def declare(view: Callable[..., Any]) -> Callable[..., Any]:
        summary, _, rest = (view.__doc__ or "").partition("\n")
        return API.api_operation(
            [method],
            address,
            response=answers,
            url_name=name,
            operation_id=name,
            summary=summary.strip(),
            description=" ".join(rest.split()) or summary.strip(),
            tags=[audience.value],
            openapi_extra=said,
        )(view)

    return declare


def patterns() -> list[URLPattern]:
    """The operations as routes of the site, each under its own name and with its declaration."""
    return [
        path(f"api/{entry.pattern}".replace("<uuidstr:", "<uuid:"), _declared(entry), name=entry.name)
        for entry in API.urls[0]
        if isinstance(entry, URLPattern) and entry.name in DECLARED
    ]


def _declared(entry: URLPattern) -> Callable[..., HttpResponse]:
    def view(request: Any, **address: Any) -> HttpResponse:
        # django-ninja knows no HEAD; it is a GET whose body the server leaves out.
        asked, request.method = request.method, "GET" if request.method == "HEAD" else request.method
        try:
            answer: HttpResponse = entry.callback(request, **address)
        finally:
            request.method = asked
        return answer

    return DECLARED[entry.name or ""](view)


def _refusals(method: str, audience: Audience, *, named: bool, opens: str) -> dict[int, Any]:
    said = {
        **ALWAYS,
        **(SIGNED_IN if audience is not Audience.ANYONE else {}),
        **(NAMED if named else {}),
        **(OPENED if opens else {}),
        **(WRITTEN if method != "GET" else {}),
    }
    content = {problems.MEDIA_TYPE: {"schema": PROBLEM}}
    return {status: {"description": said[status], "content": content} for status in sorted(said)}


def _told(faults: Iterable[Mapping[str, Any]]) -> str:
    """Where the request does not fit, and why: the part of the request, the name of the field, the fault."""
    told = [f"{f['loc'][0]}.{f['loc'][-1]}: {f['msg']}." for f in faults]
    return " ".join(told[:MOST_FAULTS])
