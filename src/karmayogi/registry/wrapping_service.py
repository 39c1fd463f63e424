"""A wrapping key in a key service, over the two calls that Vault's and OpenBao's transit engine have (documented in
how-to/keep-the-keys.md): encrypt and decrypt with a named key, JSON with base64, a token in a header. A cloud's own
service needs a gateway that speaks these two.
"""

import base64
import http.client
import json
import ssl
import urllib.request
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit

from karmayogi.registry.wrapping import CONTEXT, CustodyAway, CustodyNotSet

SECONDS, MOST = 5.0, 64 * 1024
"""Patience, and bytes of an answer that are read."""
HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class Service:
    """A named key behind an address; the token is read from a file that nobody else may read."""

    def __init__(self, url: str, key: str, token_file: str, ca_file: str = "") -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in HERE):
            raise CustodyNotSet("KARMAYOGI_KMS_URL must begin with https://.")
        self.url, self.key, self.token_file, self.ca_file = url.rstrip("/"), key, Path(token_file), ca_file

    def wrap(self, root: bytes) -> bytes:
        """What the service made of it; its own text, with the version of its key."""
        return str(self._ask("encrypt", "ciphertext", plaintext=_text(root))).encode()

    def unwrap(self, wrapped: bytes) -> bytes:
        """The root key; any version of the key that the service still has."""
        told = self._ask("decrypt", "plaintext", ciphertext=wrapped.decode("ascii", "replace"))
        try:
            return base64.b64decode(told, validate=True)
        except ValueError:
            raise CustodyAway("The key service answered something that is no key.") from None

    def describe(self) -> str:
        """The key and the service, which was asked to wrap and unwrap something that is no secret."""
        probe = b"a probe, not a key"
        if self.unwrap(self.wrap(probe)) != probe:
            raise CustodyAway("The key service does not give back what it was given.")
        return f"wrapped by {self.key} of the key service at {urlsplit(self.url).netloc}, which answers"

    def _ask(self, verb: str, wanted: str, **said: str) -> str:
        request = urllib.request.Request(  # noqa: S310 (the scheme is checked above)
            f"{self.url}/{verb}/{quote(self.key, safe='')}",
            data=json.dumps({**said, "associated_data": _text(CONTEXT)}).encode(),
            headers={"Content-Type": "application/json", "X-Vault-Token": self._token()},
            method="POST",
        )
        try:
            with self._opener().open(request, timeout=SECONDS) as answer:
                told: Any = json.loads(answer.read(MOST))
            found = told["data"][wanted]
        except HTTPError as error:
            raise CustodyAway(f"The key service refuses to {verb}: status {error.code}.") from error
        except (OSError, http.client.HTTPException) as error:
            raise CustodyAway(f"The key service does not answer: {type(error).__name__}.") from error
        except (ValueError, KeyError, TypeError):
            raise CustodyAway("The key service answered something else than it should.") from None
        if not isinstance(found, str):
            raise CustodyAway("The key service answered something else than it should.")
        return found

    def _token(self) -> str:
        try:
            if self.token_file.stat().st_mode & 0o077:
                raise CustodyNotSet(f"Others may read {self.token_file.name}. Run: chmod 600 on it.")
            return self.token_file.read_text().strip()
        except OSError as error:
            raise CustodyNotSet(f"{self.token_file.name} cannot be read: {error.strerror}.") from error

    def _opener(self) -> urllib.request.OpenerDirector:
        """No proxy of the environment, no redirect: the token goes to the named address only."""
        trusted = ssl.create_default_context(cafile=self.ca_file or None)
        return urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusted), _NoWayRound
        )


class _NoWayRound(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follows none: the redirect itself becomes the error."""


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
