"""The gate: one middleware round every request. It opens the transaction, finds the declared route, works out what
the actor may reach, tells the database, counts, and keeps every refusal. Nothing reaches a view round it."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseRedirect,
)
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from karmayogi.institutions import access, audit, looks
from karmayogi.institutions.access import Reach
from karmayogi.institutions.roles import Audience
from karmayogi.registry import limits
from karmayogi.registry.acting import acting, narrow, present
from karmayogi.web import errors, once, problems
from karmayogi.web.accounts import assurance
from karmayogi.web.exchange import door
from karmayogi.web.routes import METHODS, OF_LIBRARIES, Route

ZERO = "A zero byte stands in the address or the form. Remove it and try again. Nothing was changed."
SURER = {
    "second_factor": _("This role asks for two proofs of who you are. This session rests on one."),
    "step_up": _("This act asks for a proof of who you are from the last ten minutes."),
}
"""What a program is told where a page would lead to a surer proof."""

REFUSALS = (403, 429)
"""Statuses that are always kept; a 404 only where the domain says so."""


class UndeclaredRoute(PermissionDenied):
    """A view without a declaration; it is refused whatever it would do."""


class Request(HttpRequest):
    """A request past the gate."""

    reach: Reach
    declared: Route
    subject: Any


class Gate:
    """Default deny. See the module's first lines."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.refused = ""  # type: ignore[attr-defined]
        session = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        if _holds_zero(request):
            response: HttpResponse = _zero(request)
        else:
            response = self._carried_out(request, session)
        if response.status_code in REFUSALS and not request.refused:  # type: ignore[attr-defined]
            # By what stands between gate and view: a form without its token, a library's own rule.
            request.refused = f"{response.reason_phrase}: {response.status_code}"  # type: ignore[attr-defined]
        if request.refused:  # type: ignore[attr-defined]
            _keep_refusal(request)
        response.headers.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def _carried_out(self, request: HttpRequest, session: str) -> HttpResponse:
        """The answer of everything behind the gate, in one transaction; 503 where the database cannot keep it."""
        try:
            with acting(session=session):
                response = self.get_response(request)
                once.after(request, response)
        except (OperationalError, InterfaceError) as error:
            request.refused = ""  # type: ignore[attr-defined]  # there is nowhere to keep it
            return errors.away(request, error)
        return response

    def process_view(
        self, request: Any, view: Callable[..., HttpResponse], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Lets the request in, or answers it here."""
        try:
            return _enter(request, view, kwargs) or once.before(request)
        except Exception as error:  # Django maps only errors of views; ours are mapped the same way
            response = self.process_exception(request, error)
            if response is None:
                raise  # a fault of ours: never let the request through because of it
            return response

    def process_exception(self, request: Any, error: Exception) -> HttpResponse | None:
        """Maps what the domain refuses to a page that says what to do; other errors stay errors."""
        declared = getattr(request, "declared", None)
        answered = door.answer if declared is not None and declared.machine else errors.answer
        response = answered(request, error)
        if response is not None and response.status_code in (*REFUSALS, 401, 404) and not request.refused:
            with override("en"):  # the log is read by others than the person refused
                request.refused = f"{type(error).__name__}: {error}"
        return response


def _enter(request: Any, view: Callable[..., HttpResponse], address: dict[str, Any]) -> HttpResponse | None:
    match = request.resolver_match
    declared = getattr(view, "route", None) or OF_LIBRARIES.get(match.url_name or "")
    if declared is None:
        raise UndeclaredRoute(f"{match.view_name} declares no audience.")
    if declared.demo and not settings.DEMO:
        raise Http404
    methods = getattr(view, "methods", METHODS)
    if declared.machine:
        _enter_machine(request, declared, methods)
        return None
    if request.method not in methods:
        return errors.not_allowed(request, methods)
    request.declared = declared
    actor = _actor(request, declared.audience, on=timezone.localdate())
    if actor is None and declared.audience not in (Audience.ANYONE, Audience.SIGN_IN):
        return _to(request, "account_login", request.get_full_path())
    _reach(request, declared, actor)
    if asked := _asked_again(request, declared):
        return asked
    _admit(request, declared, address)
    return None


def _enter_machine(request: Any, declared: Route, methods: frozenset[str]) -> None:
    request.declared = declared
    if request.method not in methods:
        raise door.NotAllowed(methods)
    door.admit(request)


def _asked_again(request: Any, declared: Route) -> HttpResponse | None:
    """Where the route needs a surer proof than the session gives: the way to it, and back to the page after it."""
    if declared.audience not in assurance.ONE_FACTOR and not assurance.two_factors(request):
        return _to(request, "second_factor", request.get_full_path())
    if declared.step_up and request.method == "POST" and not assurance.fresh(request):
        # Back to the page with the form: an act is never carried out from a stored request.
        page = urlsplit(request.META.get("HTTP_REFERER", "")).path or "/"
        return _to(request, "step_up", page)
    return None


def _to(request: Any, name: str, after: str) -> HttpResponse:
    if problems.spoken(request):  # a program is told; it follows no way through forms
        return errors.surer(request, str(SURER[name])) if name in SURER else errors.page(request, 401)
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({'next': after})}")


def _actor(request: Any, audience: Audience, *, on: dt.date) -> UUID | None:
    """Who acts, as the database knows from here on; None if nobody, or if the session outlived password or person."""
    held = request.session.get(SESSION_KEY)
    # The database is told as what the request came in: conditions ask for more than "has some scope".
    purpose = audience.value
    narrow(actor=UUID(held) if held else None, on=on, purpose=purpose)
    if audience is Audience.SIGN_IN:
        present(assurance.signing_in(request))
    if not held:
        return None
    if request.user.is_authenticated:  # active, and the session was opened with the present password
        return UUID(held)
    narrow(actor=None, on=on, purpose=purpose)
    return None


def _reach(request: Any, declared: Route, actor: UUID | None) -> None:
    today = timezone.localdate()
    request.reach = Reach(actor, declared.audience, today)  # whoever is refused from here on is known by id
    # Grants are the actor's own rows: the actor is known to the database before they are read.
    request.reach = access.reach(actor, declared.audience, on=today, language=get_language() or "en")
    if request.reach.scopes or request.reach.team:
        reach = request.reach
        narrow(actor=actor, scopes=reach.scopes, team=reach.team, on=today, purpose=declared.audience.value)


def _admit(request: Any, declared: Route, address: dict[str, Any]) -> None:
    if request.method == "POST" or declared.counted:
        who = str(request.reach.actor or request.META.get("REMOTE_ADDR", ""))
        limits.count(f"{request.resolver_match.url_name}:{who}", declared.rate, now=timezone.now())
    if declared.subject is not None:
        request.subject = declared.subject(request.reach, **address)


def _zero(request: HttpRequest) -> HttpResponse:
    if problems.spoken(request):
        return problems.answer(400, "Bad Request", ZERO)
    return HttpResponseBadRequest(ZERO)


def _holds_zero(request: HttpRequest) -> bool:
    """True if a NUL byte stands in the address or the form: PostgreSQL keeps none, so no text of ours has one."""
    if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
        return True
    return request.method == "POST" and any(
        "\0" in v for _name, values in request.POST.lists() for v in values
    )


def _keep_refusal(request: Any) -> None:
    match = request.resolver_match
    reach = getattr(request, "reach", None)
    actor = reach.actor if reach else None
    with acting(actor=actor):
        audit.refuse(
            actor=actor,
            route=(match.view_name if match else request.path)[:80],
            method=request.method or "",
            reason=request.refused,
        )
        person = match.kwargs.get("person") if match else None
        if reach and actor and person and person != actor:
            # Whoever was asked about may know it too.
            looks.refused(reach, person, page=match.view_name[:80], why=request.refused)
