"""One person at a page, over HTTP: a session, the token of forms, and a key of its own for each act."""

import http.client
import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlencode

from karmayogi.cli.cluster import HOST

TOKEN = re.compile(r"csrftoken=([^;]+)")


class NoAnswer(Exception):
    """The connection broke, or nobody answered; whether the act was kept is not known."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer. `again`: what was kept for an earlier request with the same key."""

    status: int
    location: str
    text: str
    again: bool

    @property
    def acknowledged(self) -> bool:
        """The act was taken: a redirect that does not lead to the door."""
        return self.status in (302, 303) and "/sign-in" not in self.location


@dataclass
class Visitor:
    """A signed-in person at the pages on `port`. `with_keys`: False leaves the key out (a planted fault)."""

    port: int
    session: str
    with_keys: bool = True
    timeout: float = 30.0
    token: str = field(default_factory=lambda: secrets.token_hex(16))

    def get(self, path: str) -> Answer:
        """GET. Raises NoAnswer."""
        return self._send("GET", path, "", {})

    def post(self, path: str, form: dict[str, str], *, key: str = "") -> Answer:
        """POST of a form with its token, and with a key where one is given. Raises NoAnswer."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if key and self.with_keys:
            headers["Idempotency-Key"] = key
        return self._send("POST", path, urlencode({**form, "csrfmiddlewaretoken": self.token}), headers)

    def _send(self, method: str, path: str, body: str, headers: dict[str, str]) -> Answer:
        cookies = f"sessionid={self.session}; csrftoken={self.token}; language=en"
        connection = http.client.HTTPConnection(HOST, self.port, timeout=self.timeout)
        try:
            connection.request(method, path, body or None, {**headers, "Cookie": cookies})
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(f"{type(error).__name__}: {error}") from error
        finally:
            connection.close()
        return Answer(
            answer.status,
            answer.headers.get("Location", ""),
            text,
            answer.headers.get("Idempotent-Replayed") == "true",
        )
