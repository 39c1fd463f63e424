"""`karmayogi doctor`: says what is there and what to do about the rest, and starts nothing."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from karmayogi.cli import cli, doctor
from karmayogi.cli.finding import Finding

OF_AN_INSTALLATION = [
    "Settings", "Roles", "Row security", "Migrations", "Worker", "Clock", "Archive", "Backup", "Disk", "Root keys",
]  # fmt: skip
WELL = Finding("Python", True, "3.11.9")
MISSING = Finding("Browser", False, "none", "apt-get install chromium (tests only)")


@pytest.fixture
def look(monkeypatch):
    """Runs the command as if the machine had these findings."""

    def run(findings, *arguments):
        monkeypatch.setattr(doctor, "CHECKS", tuple(lambda f=f: f for f in findings))
        return CliRunner().invoke(cli, ["doctor", *arguments])

    return run


def test_a_machine_that_has_everything_is_well(look):
    shown = look([WELL])
    assert shown.exit_code == 0
    assert shown.output.split() == ["ok", "Python", "3.11.9"]


def test_what_is_missing_is_said_with_what_to_do_and_the_exit_code_says_so_too(look):
    shown = look([WELL, MISSING])
    assert shown.exit_code == 1
    assert "MISS  Browser" in shown.output
    assert shown.output.rstrip().endswith("apt-get install chromium (tests only)")


def test_programs_read_the_same_as_json(look):
    shown = look([WELL, MISSING], "--json")
    assert shown.exit_code == 1
    assert json.loads(shown.output) == [
        {"name": "Python", "well": True, "say": "3.11.9", "do": ""},
        {"name": "Browser", "well": False, "say": "none", "do": "apt-get install chromium (tests only)"},
    ]


def test_a_new_machine_is_looked_at_without_a_server_being_started(tmp_path):
    environment = {**os.environ, "KARMAYOGI_DATA": str(tmp_path), "DATABASE_URL": ""}
    shown = subprocess.run(
        [sys.executable, "-m", "karmayogi", "doctor", "--json"],
        env=environment, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    found = {f["name"]: f for f in json.loads(shown.stdout)}
    assert list(found) == [
        "Python",
        "PostgreSQL",
        "Collations",
        "Documents",
        "Fonts",
        "Browser",
        "Audit log",
        *OF_AN_INSTALLATION,
    ]
    assert found["Python"]["well"]
    assert all(f["do"] for f in found.values() if not f["well"])
    assert shown.returncode == (0 if all(f["well"] for f in found.values()) else 1)
    assert not (tmp_path / "postgres" / "data").exists()
