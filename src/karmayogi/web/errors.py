"""The one place where what the domain refuses becomes HTTP: a status, and a page that says what to do."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from karmayogi.institutions.access import NotForYou, OutOfReach
from karmayogi.registry.limits import TooMany
from karmayogi.web import problems

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ErrorPage:
    """What error.html shows."""

    status: int
    title: str
    say: str
    do: str


REFUSALS: dict[type, int] = {
    OutOfReach: 404,
    Http404: 404,
    NotForYou: 403,
    PermissionDenied: 403,
    TooMany: 429,
}
"""Exceptions by class. A domain exception may say its own with an attribute `status`; its message is shown."""
ENDS = (".", "।", "۔")
"""The end of a sentence; what is not found by a key alone has none to show."""
OURS = "karmayogi."
"""What is not found by a class of ours is nothing for this person; a LookupError of Python's own is a fault."""


def answer(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """The page for an exception the domain raises on purpose; None for a fault of ours.

    A status of 500 says that the house is set up wrongly, e.g. that a rule is missing: that goes to the log for those
    who run it, and the person is shown none of it.
    """
    if isinstance(error, (OperationalError, InterfaceError)):
        return away(request, error)
    status = _status(error)
    if status is None or status < 500:
        return _waited(page(request, status, str(error)), error) if status else None
    log.error("%s %s: %s: %s", request.method, request.path, type(error).__name__, error)
    return broken(request)


def _waited(response: HttpResponse, error: Exception) -> HttpResponse:
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.seconds)
    return response


def _status(error: Exception) -> int | None:
    said = getattr(error, "status", None)
    if isinstance(said, int):
        return said
    found = (REFUSALS[kind] for kind in type(error).__mro__ if kind in REFUSALS)
    ours = isinstance(error, LookupError) and type(error).__module__.startswith(OURS)
    return next(found, 404 if ours else None)


def page(request: HttpRequest, status: int, say: str = "") -> HttpResponse:
    """error.html with the words for a status, or a problem for a program; `say`: the domain's own sentence, if any."""
    return _answer(request, _page(status, say))


def _answer(request: HttpRequest, error: ErrorPage) -> HttpResponse:
    if problems.spoken(request):
        return _problem(error)
    return render(request, "error.html", {"error": error}, status=error.status)


def _problem(error: ErrorPage) -> HttpResponse:
    """The same words for a program. A 401 has to name a scheme (RFC 9110, 15.5.2): ours is the session."""
    headers = {"WWW-Authenticate": 'Session realm="karmayogi"'} if error.status == 401 else {}
    return problems.answer(error.status, error.title, f"{error.say} {error.do}".strip(), headers=headers)


def _page(status: int, say: str = "") -> ErrorPage:
    titles = {
        400: _("This request is not complete"),
        401: _("Sign in first"),
        403: _("This page is for another role"),
        404: _("Nothing here for you"),
        405: _("This address does not do that"),
        409: _("This cannot be done now"),
        415: _("This is not JSON"),
        429: _("Too many requests"),
        422: _("This was sent before with other content"),
        428: _("Say first why you open this record"),
        500: _("Something broke on our side"),
        503: _("Nothing can be kept at the moment"),
    }
    does = {
        400: _("Go back, check what you entered, and send it again. Nothing was changed."),
        401: _("Sign in, then send the cookie of the session with every request. Nothing was changed."),
        403: _("If this role is yours, ask your establishment section for the grant. Nothing was changed."),
        404: _(
            "It may have moved, or be outside what you look after. Go to the first page and start from there."
        ),
        405: _("Read which methods the address takes, and use one of those. Nothing was changed."),
        409: _("Nothing was changed. Read the reason above, then go back."),
        415: _("Send the body as JSON, and say so. Nothing was changed."),
        422: _("What was sent first is kept. Open the page again before you send something new."),
        428: _("Give a purpose, then ask again. The person can see who looked and why."),
        429: _("Nothing was lost. Wait a minute and send it again."),
        500: _(
            "What you had saved before is kept. Try again; if it happens again, tell the help desk the time."
        ),
        503: _(
            "The service is being brought back. Wait a minute and send it again: what arrived already counts once."
        ),
    }
    text = "" if status == 404 and say[-1:] not in ENDS else say
    return ErrorPage(status, titles.get(status, titles[400]), text, does.get(status, does[400]))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Handler for 400."""
    return page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Handler for 403."""
    return page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Handler for 404."""
    return page(request, 404)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Handler for a post without the token that shows it comes from a page of ours (CSRF)."""
    say = _("The token that shows where the form comes from is missing or old.")
    do = _("Open the page again and send the form from there. Nothing was changed.")
    return _answer(request, ErrorPage(403, _("This form is not valid any more"), say, do))


def surer(request: HttpRequest, say: str) -> HttpResponse:
    """What a program is told where a person would be led to prove again who they are."""
    do = _("Sign in again as it says, then send the request again. Nothing was changed.")
    return _answer(request, ErrorPage(403, _("Prove again who you are"), say, do))


def not_allowed(request: HttpRequest, methods: Iterable[str]) -> HttpResponse:
    """The answer to a method that the address does not take."""
    if not problems.spoken(request):
        return HttpResponseNotAllowed(sorted(methods))
    response = page(request, 405)
    response.headers["Allow"] = ", ".join(sorted(methods))
    return response


def broken(request: HttpRequest) -> HttpResponse:
    """Handler for 500: drawn without the frame's questions to the database, which may be what broke."""
    return _bare(request, 500)


def away(request: HttpRequest, error: Exception) -> HttpResponse:
    """The page for a database that is away, full or too busy: nothing of the request was kept. 503, try again."""
    log.error("%s %s: %s: %s", request.method, request.path, type(error).__name__, str(error).strip())
    response = _bare(request, 503)
    response.headers["Retry-After"] = "10"
    return response


def _bare(request: HttpRequest, status: int) -> HttpResponse:
    error = _page(status)
    if problems.spoken(request):
        return _problem(error)
    return HttpResponse(render_to_string("error.html", {"error": error}), status=status)
