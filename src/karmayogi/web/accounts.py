"""How django-allauth behaves here: nobody signs up by themselves; accounts come from enrolment."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest
from django.utils import timezone

from karmayogi.institutions import people
from karmayogi.registry import limits
from karmayogi.registry.acting import narrow
from karmayogi.registry.limits import Limit

ATTEMPTS = Limit(10, 300)


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]
    """Closed sign-up; after signing in everyone lands on their first page."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: an identity comes from the service record."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Counts attempts on one account from one address: an office shares one, and no stranger locks anyone out."""
        name = str(credentials.get("username", ""))[:80].lower()
        place = request.META.get("REMOTE_ADDR", "")
        limits.count(f"sign-in:{name}:{place}", ATTEMPTS, now=timezone.now())

    def login(self, request: HttpRequest, user: Any) -> None:
        """Starts the session. From here on the person acts: their own row is written (when they last came)."""
        narrow(actor=user.pk, on=timezone.localdate(), purpose="sign-in")
        super().login(request, user)

    def get_login_redirect_url(self, request: Any) -> str:
        """The first page, which sends each audience to its own."""
        return "/"


class Backend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's way to know an account; whose session it is, every request asks in one plain statement."""

    def get_user(self, user_id: Any) -> Any:
        """The person, if they may still sign in; Django then compares the password the session began with."""
        account = people.account_of(user_id)
        return account if account is not None and self.user_can_authenticate(account) else None
