"""A dump by the backup role holds every row, and a database made from it is the same; no other role can do it."""

import subprocess
import sys

import psycopg
import pytest

from karmayogi.cli import backups
from karmayogi.cli.databases import ensure_database
from karmayogi.registry import roles

COUNTS = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
SOME = """
INSERT INTO institutions_auditrow (id, at, act, object_kind, object_id, reason, details)
SELECT gen_random_uuid(), now(), 'test.act', 'test', n::text, '', '{}' FROM generate_series(1, 500) n
"""


def counts(url):
    with psycopg.connect(url) as c:
        names = [name for (name,) in c.execute(COUNTS)]
        return {name: c.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}


def karmayogi(databases, name, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "karmayogi", "db", *map(str, arguments)],
        env={**databases.environment(name), "DATABASE_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_the_backup_role_writes_makes_the_same_database_again(databases, tmp_path):
    name, copy = databases.clone("empty"), None
    with psycopg.connect(databases.url(roles.SUPERUSER, name)) as c:
        c.execute(SOME)
    file = tmp_path / "all.dump"
    done = karmayogi(databases, name, "backup", file)
    assert done.returncode == 0, done.stderr
    assert file.stat().st_mode & 0o077 == 0
    copy = f"{name}_copy"
    ensure_database(databases.address, copy)
    databases.clones[copy] = copy
    done = karmayogi(databases, copy, "restore", file)
    assert done.returncode == 0, done.stderr
    before = counts(databases.url(roles.SUPERUSER, name))
    assert counts(databases.url(roles.SUPERUSER, copy)) == before
    assert before["institutions_auditrow"] == 500
    assert karmayogi(databases, copy, "migrate").returncode == 0
    with psycopg.connect(databases.url(roles.APP, copy)) as c:
        assert c.execute("SELECT count(*) FROM institutions_auditrow").fetchone() == (0,), (
            "policies hold there"
        )
    again = karmayogi(databases, copy, "restore", file)
    assert again.returncode == 1
    assert "empty" in again.stderr


def test_a_dump_by_the_owner_is_refused_and_leaves_no_file(databases, tmp_path):
    name = databases.clone("empty")
    with pytest.raises(backups.BackupFailed, match="row-level security"):
        backups.dump(databases.url(roles.OWNER, name), tmp_path / "none.dump")
    assert list(tmp_path.iterdir()) == []


def test_the_backup_role_reads_every_row_and_writes_none(databases):
    name = databases.clone("empty")
    with psycopg.connect(databases.url(roles.BACKUP, name), autocommit=True) as c:
        assert c.execute("SELECT count(*) FROM django_content_type").fetchone()[0] > 50
        for statement in (SOME, "DELETE FROM django_content_type", "CREATE TABLE t (n int)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                c.execute(statement)
