"""What django-allauth asks of us about accounts: closed sign-up, shared limits, codes by text message."""

from typing import Any
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.fields import PhoneField
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from karmayogi.institutions import identities, people, recoveries, sessions
from karmayogi.registry import jobs, limits, outbox
from karmayogi.registry.acting import narrow, present
from karmayogi.registry.limits import Limit

ATTEMPTS = Limit(10, 300)
"""Passwords tried on one account from one address: an office shares an address, and no stranger locks anyone out."""
CODES = Limit(3, 600)
"""Codes sent to one mobile, whoever asks."""
FROM_ONE_PLACE = Limit(300, 600)
"""Codes asked for from one address, behind which a whole office may sit."""


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]
    """An identity comes from the service record; after signing in everyone lands on their first page."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Counts the attempt, and tells the database which account may be looked up."""
        name = str(credentials.get("username") or credentials.get("phone") or "")[:80].lower()
        place = self.get_client_ip(request)
        limits.count(f"sign-in:{name}:{place}", ATTEMPTS, now=timezone.now())
        present(name)

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        """From here on it is known who is signing in; their second factors may be looked up."""
        present(str(user.pk))
        self._refuse_closed(user)
        return super().pre_login(request, user, **kwargs)

    def login(self, request: HttpRequest, user: Any) -> None:
        """Starts the session under a fresh key. From here on the person acts."""
        now = timezone.now()
        narrow(actor=user.pk, on=timezone.localdate(now), purpose="sign-in")
        # Again: some ways in do not pass the step before.
        self._refuse_closed(user)
        device = request.META.get("HTTP_USER_AGENT", "")[:200]
        sessions.began(request.session, place=self.get_client_ip(request), device=device, now=now)
        super().login(request, user)

    def _refuse_closed(self, user: Any) -> None:
        recoveries.refuse_closed(user.pk, now=timezone.now())
        identities.refuse_joined(user.pk)

    def get_login_redirect_url(self, request: Any) -> str:
        """The first page, which sends each audience to its own."""
        return "/"

    def set_password(self, user: Any, password: str) -> None:
        """Keeps a new password; nothing else of the account is the person's own to write."""
        user.set_password(password)
        user.save(update_fields=["password"])

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to where passwords are looked after."""
        return reverse("mfa_index")

    def phone_form_field(self, **kwargs: Any) -> Any:
        """A mobile number as people write it; ten digits are of this country."""
        return MobileField(**kwargs)

    def get_user_by_phone(self, phone: str) -> Any:
        """The account with this mobile number, if exactly one person has it."""
        now = timezone.now()
        limits.count(f"code:{phone}", CODES, now=now)
        limits.count(f"codes-from:{self.get_client_ip(self.request)}", FROM_ONE_PLACE, now=now)
        present(phone)
        return people.account_by_mobile(phone)

    def get_phone(self, user: Any) -> tuple[str, bool] | None:
        """The mobile number of an account; it was verified when it was entered in the service record."""
        return (user.mobile, True) if user.mobile else None

    def set_phone(self, user: Any, phone: str, verified: bool) -> None:
        """Refused: a number is changed at the help desk, by two people."""
        raise people.NumberIsNotYours

    def set_phone_verified(self, user: Any, phone: str) -> None:
        """Nothing to keep: every number that stands is verified."""

    def send_verification_code_sms(self, user: Any, phone: str, code: str, **kwargs: Any) -> None:
        """Puts the code into the outbox, to be sent when this request is kept."""
        said = _("%(code)s is your code to sign in to Karmayogi. Tell it to nobody.") % {"code": code}
        self._text(user.pk, phone, said)

    def send_unknown_account_sms(self, phone: str, **kwargs: Any) -> None:
        """The same work as for a known number, so that the time taken tells nothing; no message leaves."""
        self._text(None, phone, "")

    def _text(self, person: UUID | None, phone: str, text: str) -> None:
        present(phone)
        outbox.text(person, to=phone, text=text, now=timezone.now())
        jobs.nudge(outbox.SENDING)


class MobileField(PhoneField):  # type: ignore[misc]
    """Numbers with or without the code of the country."""

    def to_python(self, value: Any) -> str:
        """The number as it is kept, e.g. +919800000001."""
        return people.mobile(super().to_python(value) or "")


class Backend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's way to know an account; whose session it is, every request asks in one plain statement."""

    def get_user(self, user_id: Any) -> Any:
        """The person, if they may still sign in; Django then compares the password the session began with."""
        account = people.account_of(user_id)
        return account if account is not None and self.user_can_authenticate(account) else None
