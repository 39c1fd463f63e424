"""The log at the command line: a witness in a second process, the status, the verifier, the tamper test."""

import json
import os
import subprocess
import sys

import psycopg
import pytest

from karmayogi.registry import roles

WRITE = """
from karmayogi.cli import environment
from karmayogi.registry import roles
environment.prepare(roles.WORKER)
from karmayogi.institutions import audit
from karmayogi.registry.acting import as_worker
with as_worker():
    print(*[audit.record("test.act", actor=None, object_kind="test", object_id=n) for n in range(3)])
"""


@pytest.fixture
def karmayogi(databases, tmp_path):
    """Runs `karmayogi audit ...` on a database of its own; the environment can be added to."""
    name = databases.clone("empty")
    given = {**databases.environment(name), "DATABASE_URL": "", "KARMAYOGI_LOG_NAME": "log.example/audit"}

    def run(*arguments, code=None):
        command = ["-c", code] if code else ["-m", "karmayogi", "audit", *map(str, arguments)]
        return subprocess.run(
            [sys.executable, *command], env=given, capture_output=True, text=True, check=False, timeout=300
        )

    run.environment = given
    run.url = databases.url(roles.SUPERUSER, name)
    return run


@pytest.fixture
def witness(karmayogi, tmp_path):
    """Starts a witness in a second process, on the same folder and port when it is started again."""
    running, ports = [], ["0"]
    folder = tmp_path / "signed"
    log = karmayogi("key").stdout.strip()

    def start():
        command = [sys.executable, "-m", "karmayogi", "audit", "witness", "--port", ports[0]]
        command += ["--folder", str(folder), "--log-key", log, "--name", "witness.example"]
        process = subprocess.Popen(command, env=karmayogi.environment, stdout=subprocess.PIPE, text=True)
        running.append(process)
        url, _, key = process.stdout.readline().strip().partition(" ")
        ports[0] = url.rpartition(":")[2]
        karmayogi.environment |= {"KARMAYOGI_WITNESS_URL": url, "KARMAYOGI_WITNESS_KEY": key}
        return process

    start.folder = folder
    yield start
    for process in running:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def status(karmayogi):
    done = karmayogi("status", "--json")
    assert done.stdout, done.stderr
    return json.loads(done.stdout), done.returncode


def stop(process):
    process.terminate()
    process.wait(10)


def test_a_witness_signs_is_missed_when_down_and_catches_up(karmayogi, witness, tmp_path):
    process = witness()
    karmayogi.environment["KARMAYOGI_WITNESS_FOLDER"] = str(tmp_path / "drop")
    entries = karmayogi(code=WRITE).stdout.split()
    before, code = status(karmayogi)
    assert (code, before["entries"], before["witnessed"]) == (0, 0, 0)
    assert 0 < before["oldest_unsealed"] < 30
    assert "3 entries sealed, 3 in all; 2 witnesses took the checkpoint" in karmayogi("seal").stdout
    after, code = status(karmayogi)
    assert (code, after["witnessed"], after["oldest_unsealed"]) == (0, 3, None)
    stop(process)
    karmayogi(code=WRITE)
    assert "1 witnesses took" in karmayogi("seal").stdout
    down, code = status(karmayogi)
    assert code == 0, "a witness may be down for a while"
    (signing,) = [w for w in down["witnesses"] if w["name"] == "witness.example"]
    assert (signing["failures"], signing["behind"], signing["refused"]) == (1, 3, False)
    witness()
    with psycopg.connect(karmayogi.url) as c:
        c.execute("UPDATE institutions_auditwitness SET again_at = now() - interval '1 second'")
    assert "1 witnesses took" in karmayogi("seal").stdout
    up, _ = status(karmayogi)
    assert all((w["size"], w["failures"]) == (6, 0) for w in up["witnesses"])
    outside(karmayogi, witness.folder, tmp_path, entries)


def outside(karmayogi, kept, place, entries):
    """An outsider with the printed verifier, an export, a proof, and what the witness keeps."""
    (place / "verify_log.py").write_text(karmayogi("verifier").stdout)
    (place / "export").write_text(karmayogi("export").stdout)
    (place / "proof").write_text(karmayogi("proof", entries[0]).stdout)
    for what in ([place / "export"], ["--proof", place / "proof"]):
        command = [sys.executable, "-I", place / "verify_log.py", kept, *what, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        told = json.loads(done.stdout)
        assert (done.returncode, told["whole"], told["cosigned"] > 0) == (0, True, True), done.stdout
    assert karmayogi("proof", "01919191-0000-7000-8000-000000000001").returncode == 1


def test_a_rewritten_log_is_refused_by_the_witness_and_shown(karmayogi, witness):
    witness()
    karmayogi(code=WRITE)
    karmayogi("seal")
    with psycopg.connect(karmayogi.url) as c:
        c.execute("SET LOCAL session_replication_role = replica")
        for table in ("auditleaf", "auditcheckpoint", "auditcosignature", "auditrow"):
            c.execute(f"DELETE FROM institutions_{table}")
    karmayogi(code=WRITE)
    assert "0 witnesses took" in karmayogi("seal").stdout, "three others in place of three"
    karmayogi(code=WRITE)
    assert "0 witnesses took" in karmayogi("seal").stdout
    with psycopg.connect(karmayogi.url) as c:
        c.execute("UPDATE institutions_auditwitness SET again_at = NULL, size = 0")
    karmayogi(code=WRITE)
    karmayogi("seal")
    told, code = status(karmayogi)
    (signing,) = told["witnesses"]
    assert (code, signing["refused"]) == (1, True)
    assert "422" in signing["said"]


def test_a_folder_has_one_witness_at_a_time(karmayogi, witness):
    witness()
    second = karmayogi("witness", "--folder", witness.folder, "--log-key", karmayogi("key").stdout.strip())
    assert second.returncode == 1
    assert "already runs" in second.stderr
    assert karmayogi("witness", "--folder", witness.folder, "--log-key", "nonsense").returncode == 1


@pytest.mark.parametrize(
    "given", [{"URL": "ftp://x"}, {"URL": "http://x"}, {"URL": "http://x", "KEY": "a+b+c"}], ids=str
)
def test_a_witness_that_is_named_wrongly_is_said(karmayogi, given):
    karmayogi.environment |= {f"KARMAYOGI_WITNESS_{name}": value for name, value in given.items()}
    done = karmayogi("status")
    assert done.returncode == 1
    assert "KARMAYOGI_WITNESS_" in done.stderr
    assert "Traceback" not in done.stderr


def tamper_test(databases, *arguments):
    given = {**databases.environment("unused"), "DATABASE_URL": ""}
    command = [sys.executable, "-m", "karmayogi", "audit", "tamper-test", "--json", *arguments]
    done = subprocess.run(command, env=given, capture_output=True, text=True, check=False, timeout=500)
    assert done.stdout, done.stderr
    return json.loads(done.stdout), done.returncode


def test_every_way_to_tamper_is_found_and_nothing_else(databases):
    told, code = tamper_test(databases, "--times", "11", "--seconds", "5")
    assert (code, told["found"], told["missed"], told["alarms"]) == (0, 11, [], []), told
    assert told["checks"] > 2
    assert told["entries"] > 100


@pytest.mark.drill
def test_a_hundred_tamperings_are_found(databases):
    told, code = tamper_test(databases, "--times", "100", "--seconds", "20", "--seed", str(os.getpid()))
    assert (code, told["found"], told["alarms"]) == (0, 100, []), told
