"""Sign-on of the government (OIDC or SAML): an account is joined on a verified employee code, never on an e-mail.

What a provider says about a person is read once and not kept, except the identifier it gave.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.http import HttpRequest
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from karmayogi.institutions import audit, people
from karmayogi.registry.acting import narrow, present

DEFAULT_CLAIM = "employee_code"


class NotKnownHere(Exception):
    """The provider vouches for somebody whose employee code is not in the service record, or for no code at all."""

    status = 403


class Identification(Protocol):
    """The one thing to write for a government sign-on of another kind; named in its settings as "identify"."""

    def __call__(self, claims: Mapping[str, Any], settings: Mapping[str, Any]) -> str | None:
        """The employee code the provider has verified, None if it vouches for none."""


def claimed_code(claims: Mapping[str, Any], settings: Mapping[str, Any]) -> str | None:
    """The employee code in the claim that the provider's settings name as "employee_code_claim"."""
    value = claims.get(str(settings.get("employee_code_claim", DEFAULT_CLAIM)))
    if isinstance(value, list | tuple):  # SAML attributes are lists
        value = value[0] if len(value) == 1 else None
    return value.strip() if isinstance(value, str) and value.strip() else None


class SignOn(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Knows a person by the identifier of the provider, and the first time by their employee code."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never: an identity comes from the service record."""
        return False

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: Mapping[str, Any]) -> Any:
        """Takes the code out of what the provider said, and opens the one account that is meant."""
        said = sociallogin.account
        sociallogin.employee_code = _code(sociallogin.provider.app.settings, said.extra_data)
        said.extra_data = {}
        sociallogin.email_addresses, sociallogin.phone = [], None
        present(said.uid)
        known = SocialAccount.objects.filter(provider=said.provider, uid=said.uid).values_list(
            "user_id", flat=True
        )
        present(str(known[0]) if known else "")
        return sociallogin.user

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Joins identifier and account, the first time; refuses who is not known."""
        if sociallogin.state.get("process") != AuthProcess.LOGIN:
            raise NotKnownHere(
                _("A sign-on opens your own account only. Sign out first, then sign in with it.")
            )
        if not sociallogin.is_existing:
            self._join(request, sociallogin)

    def _join(self, request: HttpRequest, sociallogin: Any) -> None:
        code = sociallogin.employee_code
        account = people.account_by_code(code) if code else None
        if account is None:
            raise NotKnownHere(
                _("Your sign-on was right, but your service record does not know its employee code. "
                  "Ask your establishment section to correct the code.")
            )  # fmt: skip
        said = sociallogin.account
        said.user = sociallogin.user = account
        said.save()
        # Nobody acts yet, also where somebody else was signed in to this browser.
        narrow(actor=None, purpose="sign-in")
        audit.record(
            "account.join", actor=None, object_kind="person", object_id=account.pk,
            reason="employee code verified by the sign-on", details={"provider": said.provider},
        )  # fmt: skip


def _code(settings: Mapping[str, Any], claims: Mapping[str, Any]) -> str | None:
    told = _of_one_person(claims) if "userinfo" in claims or "id_token" in claims else claims
    identify: Identification = (
        import_string(settings["identify"]) if settings.get("identify") else claimed_code
    )
    return identify(told, settings)


def _of_one_person(claims: Mapping[str, Any]) -> Mapping[str, Any]:
    """What OpenID Connect said in two places; nothing if the two speak of different people (Core 1.0, 5.3.2)."""
    asked, vouched = claims.get("userinfo") or {}, claims.get("id_token") or {}
    if asked and vouched and asked.get("sub") != vouched.get("sub"):
        raise NotKnownHere(
            _("The sign-on spoke of two different people. Try it again, or sign in another way.")
        )
    return {**asked, **vouched}
