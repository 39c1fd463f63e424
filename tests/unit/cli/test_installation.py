"""What the doctor says of a real installation, and that it sees each thing that is wrong with one."""

import base64
import os
import subprocess
import sys
import time

import psycopg
import pytest

from karmayogi.cli import doctor, installation
from karmayogi.cli.finding import Finding
from karmayogi.registry import roles, wrapping
from karmayogi.registry.vault import FileKeeper

from ..registry.custodies import KeyService

GOOD = {
    "KARMAYOGI_HTTPS": "1",
    "KARMAYOGI_SECRET_KEY": "x" * 50,
    "KARMAYOGI_HOSTS": "karmayogi.example.gov",
    "KARMAYOGI_PUBLIC_URL": "https://karmayogi.example.gov",
}


@pytest.fixture
def installed(databases, monkeypatch, tmp_path):
    """An installation on a server of its own, as its environment names it; the superuser's connection."""
    name = databases.clone("empty")
    monkeypatch.delenv("KARMAYOGI_DEMO")
    monkeypatch.delenv("KARMAYOGI_OWN_SERVER", raising=False)
    mark = tmp_path / "backup"
    mark.touch()
    given = {**GOOD, "KARMAYOGI_BACKUP_MARK": str(mark), "KARMAYOGI_CUSTODY_FILE": str(tmp_path / "keys")}
    given |= {"DATABASE_URL": databases.url(roles.APP, name)}
    given |= {"KARMAYOGI_WORKER_URL": databases.url(roles.WORKER, name)}
    given |= {"KARMAYOGI_OWNER_URL": databases.url(roles.OWNER, name)}
    for key, value in given.items():
        monkeypatch.setenv(key, value)
    with psycopg.connect(databases.url(roles.SUPERUSER, name), autocommit=True) as connection:
        yield connection


def found():
    return {f.name: f for f in (look() for look in doctor.CHECKS)}


def unwell():
    return sorted(name for name, f in found().items() if not f.well)


def sign_of_life(connection):
    connection.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")


def test_an_installation_without_worker_and_archive_is_told_so_and_else_is_well(installed):
    assert unwell() == ["Archive", "Worker"]
    sign_of_life(installed)
    assert unwell() == ["Archive"]
    assert all(f.do for f in found().values() if not f.well)


@pytest.mark.parametrize(
    ("statement", "name", "says"),
    [
        ("ALTER TABLE learning_enrolment NO FORCE ROW LEVEL SECURITY", "Row security", "learning_enrolment"),
        (
            "DELETE FROM django_migrations WHERE app = 'registry' AND name LIKE '0002%'",
            "Migrations",
            "1 wait",
        ),
        (
            "INSERT INTO django_migrations (app, name, applied) VALUES ('registry', '9999_later', now())",
            "Migrations",
            "later version: registry 9999_later",
        ),
    ],
)
def test_what_is_wrong_with_the_tables_is_seen(installed, statement, name, says):
    sign_of_life(installed)
    installed.execute(statement)
    assert unwell() == sorted(["Archive", name])
    assert says in found()[name].say


@pytest.mark.parametrize(
    ("key", "value", "name"),
    [
        ("KARMAYOGI_DEMO", "1", "Settings"),
        ("KARMAYOGI_HTTPS", "0", "Settings"),
        ("KARMAYOGI_SECRET_KEY", "short", "Settings"),
        ("KARMAYOGI_PUBLIC_URL", "http://karmayogi.example.gov", "Settings"),
        ("KARMAYOGI_BACKUP_MARK", "/nowhere/backup", "Backup"),
        ("DATABASE_URL", "postgresql://karmayogi_app@127.0.0.1:1/none", "PostgreSQL"),
    ],
)
def test_what_is_wrong_with_the_environment_is_seen(installed, monkeypatch, key, value, name):
    sign_of_life(installed)
    monkeypatch.setenv(key, value)
    assert unwell() == sorted(["Archive", name])


def test_an_old_backup_and_keys_that_others_can_read_are_seen(installed, tmp_path):
    sign_of_life(installed)
    os.utime(tmp_path / "backup", (time.time() - 30 * 3600,) * 2)
    (tmp_path / "keys").write_text(base64.b64encode(b"k" * 32).decode())
    (tmp_path / "keys").chmod(0o640)
    assert unwell() == ["Archive", "Backup", "Root keys"]
    (tmp_path / "keys").chmod(0o600)
    assert unwell() == ["Archive", "Backup"]


def test_the_custody_in_force_is_asked_and_lines_that_it_did_not_wrap_are_counted(monkeypatch, tmp_path):
    service = KeyService(tmp_path)
    monkeypatch.setenv("KARMAYOGI_CUSTODY_FILE", str(tmp_path / "keys"))
    assert installation.custody().say.startswith("none made yet; will be open in a file")
    keeper = FileKeeper(tmp_path / "keys")
    keeper.rotate()
    assert installation.custody() == Finding("Root keys", True, "open in a file, readable by its owner only")
    monkeypatch.setenv("KARMAYOGI_CUSTODY", "kms")
    assert "KARMAYOGI_KMS_URL" in installation.custody().say
    monkeypatch.setenv("KARMAYOGI_KMS_URL", service.url)
    monkeypatch.setenv("KARMAYOGI_KMS_TOKEN_FILE", str(service.token_file))
    looked = installation.custody()
    assert (looked.well, looked.do) == (False, "Run `karmayogi keys rewrap`.")
    assert looked.say.endswith("which answers; 2 still as file has them")
    FileKeeper(tmp_path / "keys", wrapping.read(os.environ)).rewrap()
    assert installation.custody().well
    service.stop()
    looked = installation.custody()
    assert (looked.well, looked.do) == (False, "See how-to/keep-the-keys.md.")
    assert "does not answer" in looked.say


def test_the_command_wraps_the_root_keys_and_writes_it_down(databases, tmp_path):
    service, name = KeyService(tmp_path), databases.clone("empty")
    given = {
        **databases.environment(name), "DATABASE_URL": "", "KARMAYOGI_CUSTODY_FILE": str(tmp_path / "keys"),
        "KARMAYOGI_KMS_URL": service.url, "KARMAYOGI_KMS_TOKEN_FILE": str(service.token_file),
    }  # fmt: skip

    def keys(*arguments, custody="kms"):
        command = [sys.executable, "-m", "karmayogi", "keys", *arguments]
        return subprocess.run(
            command, env={**given, "KARMAYOGI_CUSTODY": custody}, capture_output=True, text=True, check=False
        )

    try:
        before = keys("list", custody="file").stdout.split()
        assert [before[0], before[2], before[3]] == ["root", "seals", "file"]
        done = keys("rewrap")
        assert done.stdout.startswith("1 root keys: wrapped by karmayogi of the key service"), done.stderr
        after = keys("list").stdout.split()
        assert (after[1], after[3]) == (before[1], "kms")
        with psycopg.connect(databases.url("postgres", name)) as connection:
            told = connection.execute("SELECT count(*) FROM institutions_auditrow WHERE act = 'keys.rewrap'")
            assert told.fetchone() == (1,)
    finally:
        service.stop()
    gone = keys("list")
    assert (gone.returncode, "does not answer" in gone.stderr) == (1, True)


def test_a_wrong_clock_is_seen(installed, monkeypatch):
    sign_of_life(installed)
    right = time.time
    monkeypatch.setattr(installation.time, "time", lambda: right() + 30)
    assert "30.0 seconds ahead" in found()["Clock"].say
    assert "Clock" in unwell()
