"""What a route declares: for whom, over which rows, which class of data, how often. Undeclared means refused."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from karmayogi.institutions.roles import Audience
from karmayogi.registry.limits import Limit
from karmayogi.web import opening


class Scope(StrEnum):
    """Whose rows a route may touch."""

    NONE = "none"
    OWN = "own"
    TEAM = "team"
    TREE = "subtree"
    PUBLISHED = "published"


class Data(StrEnum):
    """The most sensitive class of data a route shows or writes."""

    PUBLIC = "public"
    ACCOUNT = "account"
    LEARNING = "learning"
    COMPETENCY = "competency"
    SERVICE = "service"
    AGGREGATE = "aggregate"


READS = Limit(600, 60)
WRITES = Limit(60, 60)


@dataclass(frozen=True)
class Route:
    """The declaration the gate enforces."""

    audience: Audience
    scope: Scope
    data: Data
    writes: bool = False
    rate: Limit = READS
    demo: bool = False
    subject: "Subject | None" = None
    counted: bool = False
    step_up: bool = False
    machine: bool = False
    opens: str = ""


Subject = Callable[..., Any]
"""`subject(reach, **kwargs of the address)` returns what the route is about, or raises where it is out of reach.

The gate calls it before the view, so that no view can forget; the view finds the result in `request.subject`.
"""
View = Callable[..., HttpResponse]


def route(
    audience: Audience,
    *,
    scope: Scope,
    data: Data,
    methods: tuple[str, ...] = ("GET",),
    rate: Limit | None = None,
    demo: bool = False,
    subject: Subject | None = None,
    step_up: bool = False,
    machine: bool = False,
    opens: str = "",
) -> Callable[[View], View]:
    """Declares a view. It runs in a savepoint, so that an error undoes all of it.

    `rate`, where it is given, counts every request; otherwise posts are counted against `WRITES`.
    `step_up`: a post is let through only if the person proved within ten minutes who they are.
    `machine`: asked by a registered system with its token (`web.exchange.door`), never by a person with a session.
    `opens`: the subject is one person's record. `opening.REASON`: the page is shown after a reason was given, and
    answers the POST that gives it; `opening.GIVEN`: the same for a program, which gives the reason at an address of
    its own; `opening.CONSENT`: the person agreed, and every visit is written down.
    """
    writes = not {"POST", "PUT", "PATCH", "DELETE"}.isdisjoint(methods)
    declared = Route(
        audience,
        scope,
        data,
        writes,
        rate or (WRITES if writes else READS),
        demo,
        subject,
        rate is not None,
        step_up,
        machine,
        opens,
    )
    own_methods = _with_head(methods)

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            with transaction.atomic():
                answered = opening.stopped(request, own_methods=own_methods) if opens else None
                return answered or view(request, *args, **kwargs)

        guarded.route = declared  # type: ignore[attr-defined]
        guarded.methods = own_methods | ({"POST"} if opens == opening.REASON else set())  # type: ignore[attr-defined]
        return guarded

    return declare


def _with_head(methods: tuple[str, ...]) -> frozenset[str]:
    return frozenset({*methods, "HEAD"} if "GET" in methods else methods)


_SIGN_IN = Route(Audience.SIGN_IN, Scope.OWN, Data.ACCOUNT, writes=True, rate=Limit(300, 60))
_OWN_ACCOUNT = Route(Audience.OFFICIAL, Scope.OWN, Data.ACCOUNT, writes=True, rate=WRITES)

METHODS = frozenset({"GET", "HEAD", "POST"})
"""What a view of a library may be asked; ours say it themselves."""

_GUESSABLE = ("account_confirm_login_code", "mfa_authenticate", "mfa_login_webauthn")
_DOORS = (
    "account_login", "account_request_login_code", "account_inactive", "openid_connect_login",
    "openid_connect_callback", "saml_login", "saml_acs", "saml_finish_acs", "saml_metadata", "saml_sls",
    "socialaccount_login_cancelled", "socialaccount_login_error", *_GUESSABLE,
)  # fmt: skip
_OWN = (
    "account_logout", "account_reauthenticate", "account_change_password", "account_set_password", "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes", "mfa_add_webauthn", "mfa_remove_webauthn",
)  # fmt: skip

OF_LIBRARIES: dict[str, Route] = {
    **dict.fromkeys(_DOORS, _SIGN_IN),
    **dict.fromkeys(_OWN, _OWN_ACCOUNT),
}
"""Routes of django-allauth that are open; the others are not in our urls."""
