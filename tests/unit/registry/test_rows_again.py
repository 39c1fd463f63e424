"""Migrating a protected database again: the owner sees its rows meanwhile, and none afterwards."""

import subprocess
import sys

import psycopg

from karmayogi.registry import roles

FORCED = "SELECT count(*) FROM pg_class WHERE relname = 'institutions_person' AND relforcerowsecurity"


def test_a_second_migration_works_and_closes_the_tables_again(databases):
    name = databases.clone("empty")
    run = subprocess.run(
        [sys.executable, "-m", "karmayogi", "db", "migrate"],
        env={**databases.environment(name), "DATABASE_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    with psycopg.connect(databases.url(roles.OWNER, name)) as c:
        assert c.execute(FORCED).fetchone() == (1,)
        assert c.execute("SELECT count(*) FROM django_content_type").fetchone() == (0,)
