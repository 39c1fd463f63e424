"""The drills with the faults that they must find; all but what is said of them runs with `make drills`."""

import json
import os
import subprocess
import sys

import pytest

from karmayogi.cli.drills.clocks import COMPILER
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


@pytest.mark.drill
def test_eight_clients_replay_and_effects_are_exactly_once():
    told, code = drill("replay", "--clients", 8)
    assert (code, told["sent"], told["effects"], told["duplicated"], told["lost"]) == (0, 480, 60, 0, 0), told
    assert told["answers"] == {"taken": 60, "kept": 420}


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
    told, code = drill("kill-worker", "--jobs", 60, "--kills", 6, "--torn")
    assert code == 1
    assert told["effects"] > told["jobs_with_effect"]


@pytest.mark.drill
def test_a_lost_machine_is_restored_to_the_moment_with_every_row_and_the_root_of_the_log():
    told, code = drill("restore")
    assert (code, told["tables_differing"], told["log_root_equal"], told["lost"]) == (0, 0, True, 0), told
    assert told["log_whole_by_witness"]


@pytest.mark.drill
def test_a_restore_beyond_the_moment_is_found():
    told, code = drill("restore", "--acts", 20, "--to-the-end")
    assert code == 1
    assert told["tables_differing"] > 0


@pytest.mark.drill
def test_upgrades_under_load_fail_no_request_and_hold_nobody_up():
    told, code = drill("upgrade")
    assert (code, told["failed_requests"], told["lost"]) == (0, 0, 0), told
    assert told["longest_wait_for_a_table"] < 2


@pytest.mark.drill
def test_a_column_that_old_code_cannot_fill_is_found():
    told, code = drill("upgrade", "--seconds", 2, "--careless")
    assert code == 1
    assert told["failed_requests"] > 0


@pytest.mark.drill
def test_a_cut_line_loses_nothing_and_doubles_nothing():
    told, code = drill("partition")
    assert (code, told["lost"], told["duplicated"]) == (0, 0, 0), told


@pytest.mark.drill
@pytest.mark.needs(os.geteuid() == 0, "a small disk needs root")
def test_a_full_disk_is_said_and_nothing_is_half_written():
    told, code = drill("disk-full")
    assert (code, told["lost"], told["duplicated"]) == (0, 0, 0), told


@pytest.mark.drill
@pytest.mark.needs(bool(COMPILER), "needs a C compiler")
def test_wrong_clocks_run_nothing_twice_and_are_seen():
    told, code = drill("clock-skew")
    assert (code, told["lost"], told["runs_of_the_clock"]) == (0, 0, told["ticks"]), told
    assert "ahead of the database" in told["doctor_says"]
