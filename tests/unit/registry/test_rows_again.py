"""Migrating a protected database again: the owner sees its rows meanwhile, and none afterwards."""

import subprocess
import sys

import psycopg
import pytest
from django.db import connection

from karmayogi.registry import locks, roles, rows

pytestmark = pytest.mark.django_db(transaction=True)
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


OTHERS = "SELECT oid FROM pg_policy WHERE polrelid <> 'learning_enrolment'::regclass ORDER BY 1"


@pytest.mark.parametrize(
    "changed",
    [
        "DROP POLICY app_select ON learning_enrolment",
        "ALTER POLICY app_select ON learning_enrolment USING (true)",
        "GRANT DELETE ON learning_enrolment TO karmayogi_app",
        "GRANT UPDATE (body_id) ON learning_enrolment TO karmayogi_monitor",
        "ALTER TABLE learning_enrolment DISABLE ROW LEVEL SECURITY",
        "CREATE POLICY more ON learning_enrolment USING (true)",
        "COMMENT ON TABLE learning_enrolment IS NULL",
    ],
)
def test_a_table_that_was_tampered_with_is_written_anew_and_no_other_is_touched(databases, changed):
    with databases.committed("empty") as url, psycopg.connect(url, autocommit=True) as c:
        connection.close()
        connection.settings_dict.update(USER=roles.OWNER, PASSWORD=databases.address.passwords[roles.OWNER])
        state = rows._found("learning_enrolment")["learning_enrolment"]
        others = c.execute(OTHERS).fetchall()
        rows.protect()
        assert rows._found("learning_enrolment")["learning_enrolment"] == state
        c.execute(changed)
        rows.protect()
        assert rows._found("learning_enrolment")["learning_enrolment"] == state
        assert c.execute(OTHERS).fetchall() == others


def test_a_busy_table_is_tried_again_and_holds_nobody_up_for_long(databases, monkeypatch):
    monkeypatch.setattr(locks, "PAUSE", 0.01)
    with databases.committed("empty") as url, psycopg.connect(url) as busy:
        busy.execute("SELECT count(*) FROM learning_enrolment")
        tries = []

        def change():
            tries.append(1)
            if len(tries) == 3:
                busy.rollback()
            with connection.cursor() as cursor:
                cursor.execute("LOCK TABLE learning_enrolment IN ACCESS EXCLUSIVE MODE")

        locks.patiently(change, within="50ms")
        assert len(tries) == 3
        busy.execute("SELECT count(*) FROM learning_enrolment")
        monkeypatch.setattr(locks, "TRIES", 2)
        with pytest.raises(locks.TableBusy):
            locks.patiently(lambda: tries.clear() or change(), within="50ms")
