"""One real PostgreSQL for all tests: our own server, a template per state of the code, a clone per test process.

Tests connect as the superuser and take roles with `acting`, so that one connection can play the web, a job and
an outsider. Units, worked examples and architecture start from empty tables, everything else from the
demonstration.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "karmayogi"
os.environ.setdefault("KARMAYOGI_DATA", str(ROOT / ".data" / "test"))
os.environ["KARMAYOGI_DEMO"] = "1"
# The browser's driver keeps an event loop in this thread; Django would take every query after it for a mistake.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
# Small matrix products on several threads mostly wait for each other, the more so beside other test processes.
for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")
EMPTY, DEMO = "empty", "demo"
# An example may take as long as it takes: how long that is says something of the machine only. The same code is tried
# with the same examples, so that a change is not refused for what another one did; drills look for new ones.
settings.register_profile(
    "any machine",
    deadline=None,
    derandomize=not os.environ.get("KARMAYOGI_NEW_EXAMPLES"),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("any machine")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what this machine cannot run (`needs`), and says so once for each reason."""
    missing: dict[str, list[pytest.Item]] = {}
    for item in items:
        lacking = [mark.args[1] for mark in item.iter_markers("needs") if not mark.args[0]]
        if lacking:
            missing.setdefault(lacking[0], []).append(item)
    for what, left in missing.items():
        sys.stderr.write(f"left out {len(left)} tests: {what}\n")
        config.hook.pytest_deselected(items=left)
        items[:] = [i for i in items if i not in left]


class Databases:
    """Templates made once per state of the code, clones for this process."""

    def __init__(self) -> None:
        from karmayogi.cli.databases import ensure_roles
        from karmayogi.cli.server import Server

        self.folder = Path(os.environ["KARMAYOGI_DATA"])
        self.folder.mkdir(parents=True, exist_ok=True)
        self.address = Server(self.folder / "postgres", durable=False).start()
        with self._lock("roles"):
            ensure_roles(self.address)
        self.clones: dict[str, str] = {}
        self.extra = 0

    def use(self, kind: str) -> str:
        """Points Django's connection of this process at its clone of `kind`."""
        from django.db import connection

        name = self.clones.get(kind) or self.clone(kind)
        self.clones[kind] = name
        if connection.settings_dict["NAME"] != name:
            connection.close()
            connection.settings_dict.update(
                NAME=name,
                USER="postgres",
                PASSWORD=self.address.passwords["postgres"],
                HOST=self.address.host,
                PORT=str(self.address.port),
            )
        return name

    def clone(self, kind: str) -> str:
        """A fresh database like the template of `kind`; its name."""
        from karmayogi.cli.databases import ensure_database

        template = self.template(kind)
        self.extra += 1
        name = f"t{os.getpid()}_{self.extra}_{kind}"
        with self._lock(template):
            ensure_database(self.address, name, template=template)
        self.clones[name] = name
        return name

    def template(self, kind: str) -> str:
        """Name of the template database, built if the code changed since it was."""
        name = f"{kind}_{_fingerprint(kind)}"
        done = self.folder / f"{name}.done"
        with self._lock(name):
            if not done.exists():
                commands = [["db", "migrate"]] + (
                    [["demo", "--load-only", "--quiet"]] if kind == DEMO else []
                )
                for command in commands:
                    subprocess.run(
                        [sys.executable, "-m", "karmayogi", *command],
                        check=True,
                        env={**self.environment(name), "DATABASE_URL": ""},
                        cwd=ROOT,
                    )
                done.touch()
        return name

    def environment(self, database: str) -> dict[str, str]:
        """Environment of a second process that works on `database`."""
        return {
            **os.environ,
            "KARMAYOGI_DATA": str(self.folder),
            "KARMAYOGI_DATABASE": database,
            "KARMAYOGI_DURABLE": "0",
            "PYTHONPATH": str(ROOT / "src"),
        }

    def url(self, role: str, database: str) -> str:
        """postgresql:// address of `database` as `role`."""
        return self.address.url(role, database)

    @contextmanager
    def committed(self, kind: str) -> Iterator[str]:
        """Django as the worker role on a fresh clone where what is written is committed; its superuser's address."""
        from django.db import connection

        from karmayogi.registry import roles

        before = dict(connection.settings_dict)
        connection.close()
        name = self.clone(kind)
        connection.settings_dict.update(
            NAME=name,
            USER=roles.WORKER,
            PASSWORD=self.address.passwords[roles.WORKER],
            HOST=self.address.host,
            PORT=str(self.address.port),
        )
        try:
            yield self.url(roles.SUPERUSER, name)
        finally:
            connection.close()
            connection.settings_dict.update(before)

    def close(self) -> None:
        """Drops the clones of this process."""
        from django.db import connections

        from karmayogi.cli.databases import drop_database

        connections.close_all()
        for name in set(self.clones.values()):
            drop_database(self.address, name)

    def _lock(self, name: str) -> "_Lock":
        return _Lock(self.folder / f"{name}.lock")


class _Lock:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        self.file = self.path.open("w")
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self.file.close()


def _fingerprint(kind: str) -> str:
    from django.utils import timezone

    # What the demonstration did was done on the day it was built: pages of today's acts would stand empty tomorrow.
    digest = hashlib.sha256(timezone.localdate().isoformat().encode() if kind == DEMO else b"")
    for path in sorted(SOURCE.rglob("*")):
        shown = path.relative_to(SOURCE).parts
        if not path.is_file() or path.suffix in {".pyc", ".po", ".mo", ".css", ".js", ".html", ".md"}:
            if not ("content" in shown and path.is_file()):
                continue
        if kind == EMPTY and shown[0] in {"web", "journeys", "science", "standards", "cli"}:
            continue
        if kind == DEMO and shown[0] in {"web", "cli"}:
            continue
        digest.update(str(shown).encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@pytest.fixture(scope="session", autouse=True)
def _demonstration() -> None:
    """The settings of the demonstration; static files by their plain names, as nothing collects them here.

    pytest-django reads the settings before this file has said where the data of the tests lies, except in processes
    started by another: the files of the demonstration would be looked for where those of a person's own work lie.
    """
    from django.conf import settings

    settings.DEMO = True
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    kept = {
        **settings.STORAGES["default"],
        "OPTIONS": {"location": Path(os.environ["KARMAYOGI_DATA"]) / "files"},
    }
    settings.STORAGES = {**settings.STORAGES, "default": kept, "staticfiles": plain}


@pytest.fixture(autouse=True)
def _language() -> None:
    """Every test begins in the language of the settings: what a page was asked for in stays active after the answer."""
    from django.utils import translation

    translation.deactivate()


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """All databases of this test process."""
    made = Databases()
    yield made
    made.close()


@pytest.fixture(scope="session")
def django_db_setup(databases: Databases, django_db_blocker: pytest.FixtureRequest) -> None:
    """pytest-django's hook: our clones take the place of Django's test database."""


@pytest.fixture(scope="module", autouse=True)
def _state(request: pytest.FixtureRequest) -> None:
    """Chooses empty tables or the demonstration by where the test lives; modules without a database pay nothing."""
    if not any("db" in item.fixturenames or item.get_closest_marker("django_db") for item in _items(request)):
        return
    place = Path(str(request.path)).relative_to(ROOT / "tests").parts[0]
    databases = request.getfixturevalue("databases")
    databases.use(EMPTY if place in {"unit", "spec", "architecture"} else DEMO)


def _items(request: pytest.FixtureRequest) -> list[pytest.Item]:
    return [item for item in request.session.items if item.path == request.path]
