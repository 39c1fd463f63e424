"""Which process a postmaster.pid names, and whether it is the server of this data folder."""

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
PROGRAMS = ("postgres", "postmaster")


@dataclass(frozen=True)
class Postmaster:
    """What postmaster.pid says; `port` is None while the server has not written it yet."""

    pid: int
    port: int | None
    ready: bool


def postmaster(data: Path) -> Postmaster | None:
    """The content of postmaster.pid in `data`; None without one."""
    try:
        lines = (data / "postmaster.pid").read_text(errors="replace").splitlines()
        pid = abs(int(lines[0]))  # negative for a single-user server
    except (FileNotFoundError, NotADirectoryError, IndexError, ValueError):
        return None
    port = int(lines[3]) if len(lines) > 3 and lines[3].strip().isdigit() else None
    return Postmaster(pid, port, len(lines) > 7 and lines[7].strip() == "ready")


def alive(pid: int) -> bool:
    """Whether `pid` runs; a zombie has ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        return (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()[
            0
        ] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return not (PROC / "self").exists()
    except (OSError, IndexError):
        return True


def program(pid: int) -> str | None:
    """The name of the program `pid` runs; None where the system does not tell."""
    try:
        return (PROC / str(pid) / "comm").read_text(errors="replace").strip()
    except OSError:
        return None


def folder(pid: int) -> Path | None:
    """The working folder of `pid`, which for PostgreSQL is its data; None where the system does not tell."""
    try:
        return Path(os.readlink(PROC / str(pid) / "cwd"))
    except OSError:
        return None


def belongs(pid: int, data: Path) -> bool:
    """Whether `pid` is certainly a PostgreSQL process of `data`."""
    return alive(pid) and program(pid) in PROGRAMS and folder(pid) == data.resolve()


def of_folder(data: Path) -> list[int]:
    """Every PostgreSQL process of `data` that still runs, the orphans of a killed postmaster included."""
    if not PROC.is_dir():
        return []
    return [
        int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit() and belongs(int(entry.name), data)
    ]


def send(sign: signal.Signals, data: Path) -> None:
    """Sends `sign` to every PostgreSQL process of `data`."""
    for pid in of_folder(data):
        with suppress(ProcessLookupError):
            os.kill(pid, sign)
