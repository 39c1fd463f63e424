"""A key service in a process of its own: encrypt, decrypt and rotate as a transit engine has them, on loopback.

Its one argument is JSON: token, and port. A key whose name begins with "odd-" answers in an odd way.
"""

import base64
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TOLD = json.loads(sys.argv[1])
KEYS: dict[str, list[bytes]] = {}
SEEN = {"elsewhere": 0}


class Refused(Exception):
    """The call is answered with 400."""


def key(name: str) -> list[bytes]:
    """All versions of a key, the newest last; made at first use."""
    return KEYS.setdefault(name, [AESGCM.generate_key(256)])


def encrypt(name: str, said: dict[str, str]) -> dict[str, str]:
    """{"ciphertext": "vault:v<version>:<base64>"}."""
    versions, iv = key(name), os.urandom(12)
    context = base64.b64decode(said.get("associated_data", ""))
    made = iv + AESGCM(versions[-1]).encrypt(iv, base64.b64decode(said["plaintext"]), context)
    return {"ciphertext": f"vault:v{len(versions)}:{base64.b64encode(made).decode()}"}


def decrypt(name: str, said: dict[str, str]) -> dict[str, str]:
    """{"plaintext": base64}; refused where version, key or context is another."""
    try:
        _, version, told = said["ciphertext"].split(":")
        made, versions = base64.b64decode(told), key(name)
        context = base64.b64decode(said.get("associated_data", ""))
        plain = AESGCM(versions[int(version[1:]) - 1]).decrypt(made[:12], made[12:], context)
    except (InvalidTag, ValueError, IndexError) as error:
        raise Refused from error
    return {"plaintext": base64.b64encode(plain).decode()}


def rotate(name: str, said: dict[str, str]) -> dict[str, str]:
    """A newer version of the key; the older ones still decrypt."""
    key(name).append(AESGCM.generate_key(256))
    return {}


VERBS = {"encrypt": encrypt, "decrypt": decrypt, "rotate": rotate}
ODD = {
    "odd-text": lambda: b"<html>",
    "odd-shape": lambda: b'{"data": ["ciphertext"]}',
    "odd-number": lambda: b'{"data": {"ciphertext": 7, "plaintext": 7}}',
    "odd-other": lambda: b'{"data": {"ciphertext": "vault:v1:AA==", "plaintext": "AAAA"}}',
    "odd-huge": lambda: b'{"data": {"ciphertext": "' + b"x" * 10**6 + b'"}}',
    "odd-slow": lambda: time.sleep(3) or b"{}",
}


class Handler(BaseHTTPRequestHandler):
    """POST /v1/transit/VERB/KEY."""

    def do_POST(self) -> None:
        """Answers one call."""
        said = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        *_, verb, name = self.path.split("/")
        if verb == "elsewhere":
            SEEN["elsewhere"] += 1
        if self.headers.get("X-Vault-Token") != TOLD["token"]:
            self.answer(403, b'{"errors": ["permission denied"]}')
        elif name == "odd-redirect":
            self.send_response(307)
            self.send_header("Location", "/v1/transit/elsewhere/key")
            self.end_headers()
        elif name in ODD:
            self.answer(200, ODD[name]())
        elif verb == "seen":
            self.answer(200, json.dumps(SEEN).encode())
        else:
            self.carry_out(verb, name, said)

    def carry_out(self, verb: str, name: str, said: dict[str, str]) -> None:
        """One of the verbs."""
        try:
            self.answer(200, json.dumps({"data": VERBS[verb](name, said)}).encode())
        except (Refused, KeyError):
            self.answer(400, b'{"errors": ["refused"]}')

    def answer(self, status: int, body: bytes) -> None:
        """JSON."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", TOLD["port"]), Handler).serve_forever()
