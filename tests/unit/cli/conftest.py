"""Servers of our own for tests, on the machine's PostgreSQL and on the wheel's; each is removed afterwards."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.unit.cli.clusters import PLACES

from karmayogi.cli.server import (
    Server,
)


@pytest.fixture(params=[name for name, place in PLACES.items() if place])
def binaries(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = PLACES[request.param]
    assert place
    monkeypatch.setenv("KARMAYOGI_PG_BIN", str(place))
    return place


@pytest.fixture
def room() -> Iterator[Path]:
    """A folder every account may enter, unlike pytest's own."""
    place = Path(tempfile.mkdtemp(prefix="karmayogi-server-"))
    place.chmod(0o711)
    yield place
    shutil.rmtree(place)


@pytest.fixture
def serve(binaries: Path, room: Path) -> Iterator[Callable[..., Server]]:
    """Makes servers in `room`; removes each of them afterwards."""
    made: list[Server] = []

    def make(name: str = "one", *, durable: bool = False, within: Path | None = None) -> Server:
        made.append(Server((within or room) / name, durable=durable))
        return made[-1]

    yield make
    for server in made:
        if (server.folder / "server.json").exists():
            server.reset()
