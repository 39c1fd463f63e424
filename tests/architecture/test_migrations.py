"""Migrations run while the pages are served: squawk reads their SQL, and none waits long for a table."""

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from karmayogi.cli import cli, db

pytestmark = pytest.mark.django_db

STYLE = {
    "prefer-text-field": "a length that the model states; widening it needs no rewrite",
    "prefer-bigint-over-int": "small numbers: places on a page, levels, tree numbers",
    "prefer-bigint-over-smallint": "small numbers",
    "prefer-identity": "keys are UUIDs",
    "prefer-robust-stmts": "every migration is one transaction",
    "transaction-nesting": "sqlmigrate prints the transaction that Django opens",
    "require-statement-timeout": "a step that moves data may take long; waiting for a lock may not",
}
"""Rules that are about taste, or about what Django does by itself, with why they are off."""
BEFORE_RELEASE = {
    "assessment.0002_open_sittings", "competency.0002_guards", "ehrms.0002_latest_orders", "ehrms.0003_dated_lines",
    "institutions.0002_designations", "institutions.0003_spellings_in_time", "institutions.0004_audit_log",
    "institutions.0005_one_index_each", "learning.0002_kept_as_written", "monitoring.0002_need_counts",
    "monitoring.0003_seat_counts", "registry.0002_runs_of_the_clock", "registry.0003_whole_decisions",
    "registry.0004_custody", "ehrms.0004_no_index_twice", "institutions.0006_proposals",
    "institutions.0007_no_index_twice", "institutions.0008_provisioning",
    "institutions.0009_recoveries_and_joins",
    "institutions.0010_grants",
    "institutions.0011_assignments_by_body",
    "policy.0002_privacy",
    "registry.0005_proofs",
}  # fmt: skip
"""Written before anything was released: they run on tables without rows. The first ones of a room always do."""


def squawk(sql: str, folder: Path) -> list[str]:
    """What squawk says about the SQL, by rule."""
    file = folder / "migration.sql"
    file.write_text(f"SET lock_timeout = '{db.LONGEST_LOCK}';\n{sql}")
    told = subprocess.run(
        [str(Path(sys.executable).with_name("squawk")), "--reporter", "json", "--pg-version", "15",
         "--assume-in-transaction", f"--exclude={','.join(STYLE)}", str(file)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return [f"{w['rule_name']} (line {w['line']})" for w in json.loads(told.stdout or "[]")]


def later() -> list[tuple[str, str]]:
    """(app, name) of our migrations that meet tables with rows."""
    known = MigrationLoader(connection).disk_migrations.items()
    ours = {key for key, made in known if made.__module__.startswith("karmayogi.")}
    return sorted(k for k in ours if not k[1].startswith("0001") and ".".join(k) not in BEFORE_RELEASE)


def test_later_migrations_block_nobody(tmp_path):
    told = {}
    for app, name in later():
        sql = io.StringIO()
        call_command("sqlmigrate", app, name, stdout=sql, no_color=True)
        if found := squawk(sql.getvalue(), tmp_path):
            told[f"{app}.{name}"] = found
    assert told == {}, "Mend them; while nothing is released, name them in BEFORE_RELEASE."


def test_the_exempt_migrations_exist():
    known = {".".join(key) for key in MigrationLoader(connection).disk_migrations}
    assert known >= BEFORE_RELEASE


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("CREATE INDEX i ON institutions_person (name);", "require-concurrent-index-creation"),
        ("ALTER TABLE institutions_person ADD COLUMN x text NOT NULL;", "adding-required-field"),
        ("ALTER TABLE institutions_person DROP COLUMN name;", "ban-drop-column"),
        ("ALTER TABLE institutions_person ALTER COLUMN name TYPE text;", "changing-column-type"),
    ],
)
def test_a_migration_that_blocks_is_caught(tmp_path, sql, rule):
    """Planted bugs."""
    assert any(found.startswith(rule) for found in squawk(sql, tmp_path))


def test_a_migration_that_adds_is_let_through(tmp_path):
    sql = 'CREATE TABLE "t" ("id" uuid NOT NULL PRIMARY KEY); ALTER TABLE "t" ADD COLUMN "x" text NULL;'
    assert squawk(sql, tmp_path) == []


def test_migrations_give_up_waiting_for_a_table_after_two_seconds(monkeypatch):
    seen = {}

    def migrating(*_args, **_options):
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            (seen["lock_timeout"],) = cursor.fetchone()

    monkeypatch.setattr(db.environment, "prepare", lambda role: None)
    monkeypatch.setattr(db, "_waiting", lambda: True)
    monkeypatch.setattr("django.core.management.call_command", migrating)
    result = CliRunner().invoke(cli, ["db", "migrate"], catch_exceptions=False)
    assert result.exit_code == 0
    assert re.fullmatch(r"2s|2000ms", seen["lock_timeout"])
