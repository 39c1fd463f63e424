"""Our own PostgreSQL server, tried for real: starting, stopping, looking, being killed."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time

import psycopg
import pytest
from tests.unit.cli.clusters import ROOT, START, child, value

from karmayogi.cli.server import (
    Address,
    DataMissing,
    FolderIsForeign,
    SecretsMissing,
    ServerDidNotStart,
    ServerIsForeign,
    connect,
    ensure_database,
    ensure_roles,
    find_binaries,
)
from karmayogi.registry.roles import (
    APP,
    BACKUP,
    OWNER,
    SUPERUSER,
    WORKER,
)


def test_a_first_start_makes_a_server_that_answers_until_it_is_stopped(serve):
    server = serve()
    assert server.status().state == "absent"
    address = server.start()
    assert value(address, "SELECT 6 * 7") == 42
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
    assert value(address, "SHOW listen_addresses") == "127.0.0.1"
    assert value(address, "SHOW unix_socket_directories") == ""
    assert value(
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
    assert value(address, "SHOW server_encoding", database="karmayogi") == "UTF8"
    assert value(address, "SELECT 'B' < 'a' AND 'z' < 'क'", database="karmayogi") is True
    assert value(address, "SELECT similarity('प्रशिक्षण', 'प्रशिक्षन') > 0.5", database="karmayogi") is True
    assert value(address, "SELECT cardinality(show_trgm('தமிழ்')) > 2", database="karmayogi") is True


def test_a_server_for_tests_skips_the_disk_and_a_lasting_one_does_not(serve):
    quick, lasting = serve("quick").start(), serve("lasting", durable=True).start()
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert value(quick, f"SHOW {setting}") == "off"
        assert value(lasting, f"SHOW {setting}") == "on"
    assert value(lasting, "SHOW shared_buffers") == "256MB"
    assert value(quick, "SHOW jit") == "off"
    assert value(quick, "SHOW max_connections") == "100"


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
        assert value(address, "SELECT 1") == 1


def test_a_folder_with_spaces_quotes_and_dollars_in_its_name_works(serve):
    server = serve("""द्वार $HOME "x" 'y' `z`""")
    assert value(server.start(), "SELECT 1") == 1
    server.stop()
    assert value(server.start(), "SELECT 1") == 1


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
    parent = child(START, server.folder, 60)
    assert parent.stdout
    port = int(parent.stdout.readline())
    os.killpg(parent.pid, signal.SIGKILL)
    parent.wait()
    time.sleep(0.5)
    status = server.status()
    assert status.state == "running"
    assert status.address
    assert status.address.port == port
    assert value(status.address, "SELECT 1") == 1


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
    writer = child(WRITE, server.folder)
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
    assert value(server.start(), "SELECT 1") == 1
    busy.close()


def test_two_starts_at_once_make_one_server(serve):
    server = serve()
    pair = [child(START, server.folder, 0) for _ in range(2)]
    ports = {one.communicate()[0].strip() for one in pair}
    assert [one.returncode for one in pair] == [0, 0]
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
    assert value(server.start(), "SELECT 1") == 1
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
    assert value(other, "SELECT 1") == 1
    assert ours.status().data.exists()
    note.unlink()
    assert value(ours.start(), "SELECT 1") == 1


def test_a_copied_folder_does_not_pass_for_the_server_of_the_original(serve, room):
    original = serve("original")
    address = original.start()
    subprocess.run(["cp", "-a", original.folder, room / "copy"], check=True)
    copy = serve("copy")
    for act in (copy.start, copy.stop, copy.reset):
        with pytest.raises(ServerIsForeign, match=f"its data is in {original.status().data}"):
            act()
    assert value(address, "SELECT 1") == 1
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
    bystander = subprocess.Popen(["sleep", "600"], user=account if ROOT else None)
    try:
        time.sleep(0.2)
        note.write_text("\n".join([str(bystander.pid), *lines[1:]]) + "\n")
        assert server.status().state == "stopped"
        server.stop()
        assert value(server.start(), "SELECT 1") == 1
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
    assert value(address, "SELECT 1") == 1


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
    assert value(fresh, "SELECT to_regclass('gone')") is None


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
