"""The system in its own processes on a clone of the demonstration, and a plain client that asks it for bytes."""

import gzip
import http.client
import re
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

HOST = "127.0.0.1"
PATIENCE = 300.0
COMMAND = [sys.executable, "-m", "karmayogi"]


class Site:
    """Pages (and with `worker` jobs) of one database, on a free port of loopback; ended by process id."""

    def __init__(
        self, databases: Any, folder: Path, *, worker: bool = False, settings: dict[str, str] | None = None
    ) -> None:
        self.databases, self.folder, self.with_worker = databases, folder, worker
        self.settings = settings or {}
        self.running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        self.name = self.databases.clone("demo")
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}"
        # Static files are collected here, beside no other process; files of the demonstration stay where they are.
        (self.folder / "files").symlink_to(self.databases.folder / "files")
        self.environment = {
            **self.databases.environment(self.name),
            "KARMAYOGI_DATA": str(self.folder),
            "KARMAYOGI_CUSTODY_FILE": str(self.databases.folder / "custody.keys"),
            "KARMAYOGI_DEMO": "1",
            "KARMAYOGI_PUBLIC_URL": self.url,
            "DATABASE_URL": self.databases.url("karmayogi_app", self.name),
            "KARMAYOGI_WORKER_URL": self.databases.url("karmayogi_worker", self.name),
            "KARMAYOGI_OWNER_URL": self.databases.url("karmayogi_owner", self.name),
            **self.settings,
        }
        self.environment.pop("KARMAYOGI_OWN_SERVER", None)
        self._start("serve", "--port", str(self.port), "--workers", "1")
        if self.with_worker:
            self._start("worker", "--heartbeat", "5")
        self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.running:
            process.terminate()
        for process in self.running:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def run(self, *arguments: str) -> str:
        """What a command of the system prints; it must succeed."""
        done = subprocess.run(
            [*COMMAND, *arguments], env=self.environment, cwd=self.folder, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def act(self, program: str) -> str:
        """What a short program prints that runs as the worker role in a process of its own."""
        prologue = (
            "from karmayogi.cli import environment\n"
            "from karmayogi.registry import roles\n"
            "environment.prepare(roles.WORKER)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", prologue + program],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout.strip()

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the database, read past every rule: for a test's own bearings only."""
        import psycopg

        with psycopg.connect(self.databases.url("postgres", self.name)) as connection:
            return connection.execute(query, values).fetchall()

    def client(self, *, language: str = "en", persona: str = "") -> "Client":
        """A client without a browser, signed in by the door if a persona is named."""
        client = Client(self.port, language)
        if persona:
            client.get("/demo/")
            client.post("/demo/", {"as": persona})
        return client

    def _start(self, *arguments: str) -> None:
        log = (self.folder / f"{arguments[0]}.log").open("wb")
        self.running.append(
            subprocess.Popen(
                [*COMMAND, *arguments], env=self.environment, cwd=self.folder, stdout=log, stderr=log
            )
        )

    def _wait(self) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            assert self.running[0].poll() is None, (self.folder / "serve.log").read_text()[-2000:]
            try:
                socket.create_connection((HOST, self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the pages did not come up: " + (self.folder / "serve.log").read_text()[-2000:])


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: `weight` is the bytes of its body as they went over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes
    weight: int

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


class Client:
    """Cookies, the form token and gzip; nothing else. Follows no redirect."""

    def __init__(self, port: int, language: str) -> None:
        self.port, self.cookies = port, {"language": language}

    def get(self, path: str) -> Answer:
        """GET, with gzip accepted."""
        return self._send("GET", path, b"")

    def post(self, path: str, form: dict[str, str]) -> Answer:
        """POST of a form with its token."""
        body = urlencode({**form, "csrfmiddlewaretoken": self.cookies["csrftoken"]}).encode()
        return self._send("POST", path, body)

    def _send(self, method: str, path: str, body: bytes) -> Answer:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=300)
        headers = {
            "Accept-Encoding": "gzip",
            "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
        }
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            raw = answer.read()
        finally:
            connection.close()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            found = re.match(r"([^=]+)=([^;]*)", cookie)
            if found:
                self.cookies[found[1]] = found[2]
        told = {key.lower(): value for key, value in answer.headers.items()}
        body = gzip.decompress(raw) if told.get("content-encoding") == "gzip" else raw
        return Answer(answer.status, told, body, len(raw))


def within(address: str) -> str:
    """Path and query of an address."""
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
