"""The drills in small, each also with the fault it must find; the full ones run with `make drills`."""

import json
import os
import subprocess
import sys

import pytest

from karmayogi.cli.drills.found import Found


def drill(*arguments, seconds=600):
    """(what it found, exit code); the environment names a database that must not be touched."""
    given = {**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/not_to_be_touched"}
    command = [sys.executable, "-m", "karmayogi", "drill", *map(str, arguments), "--json"]
    done = subprocess.run(command, env=given, capture_output=True, text=True, check=False, timeout=seconds)
    assert done.stdout, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), done.returncode


def test_what_broke_is_told_and_makes_the_exit_code():
    found = Found("replay", {"sent": 3})
    assert found.held
    found.expect(False, "1 effect too many.")
    assert not found.held
    assert list(found.lines()) == [
        "drill replay: BROKEN",
        "  sent                         3",
        "  BROKEN  1 effect too many.",
    ]
    assert json.loads(found.as_json()) == {
        "drill": "replay", "held": False, "sent": 3, "broken": ["1 effect too many."],
    }  # fmt: skip


def test_requests_sent_by_many_at_once_take_effect_once():
    told, code = drill("replay", "--clients", 3, "--requests", 6)
    assert (code, told["effects"], told["duplicated"], told["lost"]) == (0, 6, 0, 0), told
    assert told["answers"] == {"taken": 6, "kept": 12}


@pytest.mark.drill
def test_eight_clients_replay_and_effects_are_exactly_once():
    told, code = drill("replay", "--clients", 8)
    assert (code, told["sent"], told["effects"], told["duplicated"]) == (0, 480, 60, 0), told


@pytest.mark.drill
def test_requests_without_their_key_are_found_as_duplicates():
    told, code = drill("replay", "--clients", 4, "--requests", 6, "--without-keys")
    assert code == 1
    assert told["duplicated"] > 0


@pytest.mark.drill
def test_twenty_kills_under_four_writers_lose_nothing_and_double_nothing():
    told, code = drill("kill-db")
    assert (code, told["kills"], told["lost"], told["duplicated"]) == (0, 20, 0, 0), told
    assert told["acknowledged"] > 240


@pytest.mark.drill
def test_a_database_that_tells_commits_before_it_writes_them_is_found():
    told, code = drill("kill-db", "--kills", 3, "--forgetful")
    assert code == 1
    assert told["lost"] > 0


@pytest.mark.drill
def test_every_job_of_killed_workers_finishes_with_one_effect():
    told, code = drill("kill-worker")
    assert (code, told["done"], told["effects"], told["jobs_with_effect"]) == (0, 60, 60, 60), told


@pytest.mark.drill
def test_jobs_that_keep_their_effect_before_they_are_done_are_found():
    told, code = drill("kill-worker", "--jobs", 30, "--kills", 3, "--torn")
    assert code == 1
    assert told["effects"] > told["jobs_with_effect"]
