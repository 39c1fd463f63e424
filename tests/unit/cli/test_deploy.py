"""The files of an installation say what the code says: units that systemd takes, roles as the code makes them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from karmayogi.cli import cli
from karmayogi.cli.databases import ATTRIBUTES, MEMBERS

DEPLOY = Path(__file__).parents[3] / "deploy"
PROGRAM = "/opt/karmayogi/bin/karmayogi"
UNITS = sorted((DEPLOY / "systemd").iterdir())


def commands(text):
    """Every command of ours that a file starts, as words."""
    listed = [re.findall(r'"([^"]+)"', line) for line in re.findall(r"\[\"karmayogi\".*\]", text)]
    return [line.split()[1:] for line in re.findall(rf"{PROGRAM} .*", text)] + [words[1:] for words in listed]


def unknown(words):
    """What of a command does not exist."""
    found = cli
    while hasattr(found, "get_command") and words:
        name = words.pop(0)
        found = found.get_command(None, name)
        if found is None:
            return [name]
    known = {option for parameter in found.params for option in parameter.opts}
    return sorted({w for w in words if w.startswith("--")} - known)


@pytest.mark.parametrize(
    "path", [*UNITS, DEPLOY / "compose.yaml", DEPLOY / "Containerfile"], ids=lambda p: p.name
)
def test_every_command_that_is_started_exists_with_its_options(path):
    assert [said for words in commands(path.read_text()) for said in unknown(words)] == []


def test_pages_worker_and_migrations_are_started_by_unit_and_by_compose():
    started = {" ".join(words[:2]) for path in UNITS for words in commands(path.read_text())}
    assert {"serve --host", "worker --concurrency", "db migrate", "doctor"} <= started
    composed = {" ".join(words[:2]) for words in commands((DEPLOY / "compose.yaml").read_text())}
    assert {"worker --concurrency", "db migrate"} <= composed


@pytest.mark.needs(bool(shutil.which("systemd-analyze")), "needs systemd-analyze")
def test_systemd_takes_every_unit(tmp_path):
    for path in UNITS:
        text = path.read_text().replace(PROGRAM, "/bin/true").replace("/usr/bin/pgbackrest", "/bin/true")
        (tmp_path / path.name).write_text(text)
    files = sorted(str(p) for p in tmp_path.iterdir())
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *files], capture_output=True, text=True, check=False
    )
    said = [line for line in done.stderr.splitlines() if "karmayogi" in line]
    assert said == []


@pytest.mark.parametrize("fault", ["serve --hots 1", "serv", "db migrat"])
def test_a_unit_that_starts_what_is_not_there_is_found(fault):
    (words,) = commands(f"ExecStart={PROGRAM} {fault}")
    assert unknown(words) != []


def test_the_script_makes_the_roles_that_the_code_makes():
    text = (DEPLOY / "roles.sh").read_text()
    made = dict(re.findall(r"CREATE ROLE (\w+)\s+(.*);", text))
    assert made.keys() == ATTRIBUTES.keys()
    for name, attributes in ATTRIBUTES.items():
        assert made[name].split()[0] == attributes.split()[0], name
        assert ("BYPASSRLS" in made[name].split()) == ("BYPASSRLS" in attributes.split()), name
        assert ("NOINHERIT" in made[name].split()) == ("NOINHERIT" in attributes.split()), name
    granted = {
        (role.strip(), member)
        for roles, member in re.findall(r"GRANT ([\w, ]+) TO (\w+);", text)
        for role in roles.split(",")
    }
    assert granted - {("pg_read_all_data", "karmayogi_backup")} == {
        (role, member) for role, members in MEMBERS.items() for member in members
    }
