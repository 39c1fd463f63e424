"""Providers of sign-on in processes of their own beside a site, on free ports of loopback; ended by process id."""

import datetime as dt
import json
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from served import HOST, free_port

PROGRAMS = Path(__file__).parent / "providers"
PATIENCE = 300.0
EMPLOYEE_NUMBER = "urn:oid:2.16.840.1.113730.3.1.3"
"""The attribute employeeNumber (RFC 2798) by the name under which SAML providers send it."""
SECRET = "shared with the provider"


class Providers:
    """One provider of OpenID Connect ("sso", which asks for two factors) and one of SAML ("state", which does not).

    They stand under the name localhost and the site under 127.0.0.1, so that to a browser they are other sites.
    `write_settings` comes first, then the site starts, then `start`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.oidc, self.saml = free_port(), free_port()
        self.running: list[subprocess.Popen[bytes]] = []

    def write_settings(self) -> str:
        """Makes key and certificate of the SAML provider; the path of the file for KARMAYOGI_SIGN_ON."""
        certificate = _certificate(self.folder)
        told = {
            "openid_connect": {"APPS": [{
                "provider_id": "sso", "name": "Central sign-on", "client_id": "karmayogi", "secret": SECRET,
                "settings": {
                    "server_url": f"http://localhost:{self.oidc}", "employee_code_claim": "employee_code",
                    "two_factors": True,
                },
            }]},
            "saml": {"APPS": [{
                "provider_id": "state", "name": "State sign-on",
                "settings": {
                    "idp": {
                        "entity_id": f"http://localhost:{self.saml}/metadata",
                        "sso_url": f"http://localhost:{self.saml}/sso", "x509cert": certificate,
                    },
                    "employee_code_claim": EMPLOYEE_NUMBER,
                },
            }]},
        }  # fmt: skip
        path = self.folder / "sign-on.json"
        path.write_text(json.dumps(told))
        return str(path)

    def start(self, site: str, people: list[dict[str, str]]) -> None:
        """Starts both, for a site that runs already; SAML learns of it from its metadata."""
        metadata = self.folder / "site.xml"
        with urllib.request.urlopen(f"{site}/account/sign-in/saml/state/metadata/") as answer:
            metadata.write_bytes(answer.read())
        back = f"{site}/account/sign-in/oidc/sso/back/"
        self._run("oidc", self.oidc, folder=str(self.folder), people=people,
                  client={"id": "karmayogi", "secret": SECRET, "back": back})  # fmt: skip
        self._run("saml", self.saml, url=f"http://localhost:{self.saml}", people=people,
                  key=str(self.folder / "idp.key"), certificate=str(self.folder / "idp.pem"),
                  metadata=str(metadata))  # fmt: skip
        self._wait("oidc", self.running[0], self.oidc)
        self._wait("saml", self.running[1], self.saml)

    def stop(self) -> None:
        """Ends both."""
        for process in self.running:
            process.terminate()
        for process in self.running:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _run(self, name: str, port: int, **told: Any) -> None:
        log = (self.folder / f"{name}.log").open("wb")
        command = [sys.executable, str(PROGRAMS / f"{name}.py"), json.dumps({"port": port, **told})]
        self.running.append(subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log))

    def _wait(self, name: str, process: subprocess.Popen[bytes], port: int) -> None:
        log, until = self.folder / f"{name}.log", time.monotonic() + PATIENCE
        while time.monotonic() < until:
            assert process.poll() is None, log.read_text()[-2000:]
            try:
                socket.create_connection((HOST, port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(f"{name} did not come up: {log.read_text()[-2000:]}")


def _certificate(folder: Path) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "identity provider of a test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "idp.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    (folder / "idp.pem").write_bytes(pem)
    return pem.decode()
