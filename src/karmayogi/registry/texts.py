"""Text messages to mobiles: one gateway, chosen by the address in `KARMAYOGI_SMS`.

Operators in India carry a message only if its template was registered (TRAI, TCCCPR 2018); the number of the
template goes with each message.
"""

import json
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from karmayogi.registry.outbox import Channel, Posted

SECONDS = 10


class NotDelivered(Exception):
    """The gateway did not take the message; it is tried again later."""


class Gateway(Protocol):
    """What takes a text message out of the house."""

    def send(self, *, key: str, to: str, text: str) -> None:
        """Sends one message; the same `key` again is the same message. Raises any exception if it could not."""


class Folder:
    """Writes each message as a file, for demonstrations and tests: nothing leaves the machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, *, key: str, to: str, text: str) -> None:
        """One JSON file per message, named by its key."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = "".join(c if c.isalnum() else "-" for c in key)
        path = self.folder / f"{name}.json"
        fresh = path.with_suffix(".part")
        fresh.write_text(json.dumps({"to": to, "text": text}, ensure_ascii=False))
        fresh.replace(path)


class Posting:
    """Posts each message as JSON to an operator's address, which the settings name; never one a user entered."""

    def __init__(self, address: str, *, token: str, sender: str, template: str) -> None:
        self.address, self.token, self.sender, self.template = address, token, sender, template

    def send(self, *, key: str, to: str, text: str) -> None:
        """Raises `NotDelivered` for any answer but 2xx."""
        said = {"to": to, "text": text, "sender": self.sender, "template": self.template, "id": key}
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        request = urllib.request.Request(self.address, json.dumps(said).encode(), headers)  # noqa: S310 (ours)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 (ours)
                answer.read(1)
        except OSError as error:
            raise NotDelivered(f"The gateway for text messages did not take it: {error}") from None


def gateway(chosen: Mapping[str, Any] | None = None) -> Gateway:
    """The gateway of this installation."""
    said: Mapping[str, Any] = chosen or settings.SMS
    if not said["address"]:
        return Folder(Path(said["folder"]))
    return Posting(said["address"], token=said["token"], sender=said["sender"], template=said["template"])


def channel() -> Channel:
    """The outbox's channel for text messages. Payload: "to" and "text"."""
    through = gateway()

    def send(letter: Posted) -> None:
        through.send(key=letter.key, to=letter.payload["to"], text=letter.payload["text"])

    return send
