"""A hardware module (SoftHSM) and a key service, both real, for the tests of whoever wraps root keys."""

import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from karmayogi.registry.wrapping import Custody

HERE, HOST = Path(__file__).parent, "127.0.0.1"
LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")
MODULE_HERE = LIBRARY.exists() and importlib.util.find_spec("pkcs11") is not None
PIN, TOKEN = "764321", "a token of the tests"


def private(path: Path, text: str) -> Path:
    """A file that only its owner may read."""
    path.touch(mode=0o600)
    path.write_text(text + "\n")
    return path


class Token:
    """A software token in a folder of the tests; a process reads the place of its tokens once, from the environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "tokens").mkdir()
        settings = folder / "softhsm2.conf"
        settings.write_text(
            f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n"
        )
        os.environ["SOFTHSM2_CONF"] = str(settings)
        subprocess.run(
            [
                "softhsm2-util",
                "--init-token",
                "--free",
                "--label",
                TOKEN,
                "--so-pin",
                "12345678",
                "--pin",
                PIN,
            ],
            check=True,
            capture_output=True,
        )
        self.pin_file = private(folder / "pin", PIN)

    def custody(self, *, key: str = "karmayogi", pin_file: Path | None = None) -> Custody:
        """The custody of a key on this token."""
        return Custody(
            "pkcs11", pkcs11_module=str(LIBRARY), pkcs11_token=TOKEN, pkcs11_key=key,
            pkcs11_pin_file=str(pin_file or self.pin_file),
        )  # fmt: skip


class KeyService:
    """`key_service.py` in a process of its own, on a free port of loopback; ended by its process id."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            self.port = int(probe.getsockname()[1])
        self.token_file = private(folder / "service-token", "a token of the tests")
        told = json.dumps({"port": self.port, "token": "a token of the tests"})
        self.process = subprocess.Popen([sys.executable, str(HERE / "key_service.py"), told])
        self.url = f"http://{HOST}:{self.port}/v1/transit"
        until = time.monotonic() + 300
        while time.monotonic() < until:
            try:
                socket.create_connection((HOST, self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the key service did not come up")

    def custody(self, *, key: str = "karmayogi", token_file: Path | None = None) -> Custody:
        """The custody of a key of this service."""
        return Custody(
            "kms", kms_url=self.url, kms_key=key, kms_token_file=str(token_file or self.token_file)
        )

    def post(self, verb: str, key: str) -> dict:
        """Asks it something by itself."""
        request = urllib.request.Request(
            f"{self.url}/{verb}/{key}", data=b"{}", headers={"X-Vault-Token": "a token of the tests"}
        )
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read())

    def stop(self) -> None:
        """Ends it."""
        self.process.terminate()
        self.process.wait(10)
