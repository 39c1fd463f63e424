"""Second factors: secrets encrypted at rest, a code good once, guesses counted by the account."""

import io
from typing import Any

import segno
from allauth.account.utils import url_str_to_user_pk
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base import forms
from allauth.mfa.webauthn.forms import LoginWebAuthnForm
from django.utils import timezone
from fido2.utils import websafe_decode

from karmayogi.registry import limits, vault
from karmayogi.registry.acting import present
from karmayogi.registry.limits import Limit

GUESSES = Limit(5, 300)
ONCE = Limit(1, 120)
"""A code of an app lives 30 s, and one step of tolerance either way; seen once, it is not taken again."""


class Factors(DefaultMFAAdapter):  # type: ignore[misc]
    """How second factors look and are kept."""

    def get_totp_label(self, user: Any) -> str:
        """The login; the app shows it beside the code."""
        return str(user.login)

    def get_totp_issuer(self) -> str:
        """What the app calls us."""
        return "Karmayogi"

    def build_totp_svg(self, url: str) -> str:
        """The QR code of an otpauth:// address."""
        picture = io.BytesIO()
        segno.make(url, error="m").save(picture, kind="svg", xmldecl=False, scale=5)
        return picture.getvalue().decode()

    def encrypt(self, text: str) -> str:
        """A secret as it is stored."""
        return vault.seal(text.encode(), purpose="second-factor").decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret of a stored text."""
        return vault.open_sealed(encrypted_text.encode(), purpose="second-factor").decode()

    def _get_user_identifier(self, user: Any) -> str:
        return str(user.login)


class _Counted:
    """Guesses of codes are counted by the account, in the table that all workers share."""

    user: Any
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        """The code, if it is right, was not used before, and not too many were tried."""
        now = timezone.now()
        limits.count(f"second-factor:{self.user.pk}", GUESSES, now=now)
        code: str = super().clean_code()  # type: ignore[misc]
        limits.count(f"second-factor:{self.user.pk}:{code.strip()}", ONCE, now=now)
        return code


class Authenticate(_Counted, forms.AuthenticateForm):  # type: ignore[misc]
    """A code while signing in."""


class Reauthenticate(_Counted, forms.ReauthenticateForm):  # type: ignore[misc]
    """A code before a sensitive act."""


class SignInByPasskey(LoginWebAuthnForm):  # type: ignore[misc]
    """A passkey says itself whose it is; the database is told before that account is looked up."""

    def clean_credential(self) -> Any:
        """The authenticator whose signature is right."""
        said = self.cleaned_data["credential"]
        try:
            handle = websafe_decode(said["response"]["userHandle"]).decode()
            present(str(url_str_to_user_pk(handle)))
        except (KeyError, TypeError, ValueError):
            present("")
        return super().clean_credential()
