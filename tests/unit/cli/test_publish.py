"""`karmayogi publish`, in a process of its own, on a database of its own."""

import json
import subprocess
import sys

import psycopg

from karmayogi.registry import roles

LOAD_RULES = """
from karmayogi.cli import environment
from karmayogi.registry import roles
environment.prepare(roles.WORKER)
from karmayogi.policy import rules
from karmayogi.registry.acting import as_worker
with as_worker():
    rules.issue(rules.HOUSE_DEFAULTS)
"""


def run(databases, name, *arguments):
    environment = {
        **databases.environment(name),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "karmayogi.settings",
    }
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_publishing_says_what_it_did_and_keeps_readers_on_the_newest(databases):
    name = databases.clone("empty")
    refused = run(databases, name, "-m", "karmayogi", "publish", "--json")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "rule-maker" in refused.stderr
    assert run(databases, name, "-c", LOAD_RULES).returncode == 0
    told = [json.loads(run(databases, name, "-m", "karmayogi", "publish", "--json").stdout) for _ in range(2)]
    assert {key: told[0][key] for key in ("indicators", "bodies", "hidden", "officials")} == {
        "indicators": 3,
        "bodies": 0,
        "hidden": 0,
        "officials": None,
    }
    with psycopg.connect(databases.url(roles.WORKER, name)) as connection:
        connection.execute(f"SET ROLE {roles.WORKER}")
        current = connection.execute("SELECT publication_id FROM monitoring_current").fetchall()
    assert [str(key) for (key,) in current] == [told[1]["publication"]]
