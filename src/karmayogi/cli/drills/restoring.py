"""`drill restore`: a hot backup, an archive of what came after, a mistake, a lost machine; back to the moment."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from karmayogi.cli.binaries import account_for, find_binaries
from karmayogi.cli.cluster import give
from karmayogi.cli.drills.found import Found
from karmayogi.cli.drills.ground import DrillCannotRun, Ground, ground, ready, until
from karmayogi.cli.drills.workers import WHOLE
from karmayogi.cli.drills.writers import Writers
from karmayogi.cli.server import Server
from karmayogi.registry import roles

MOMENT = "before the mistake"
TABLES = (
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') ORDER BY 1"
)
ROOT = "SELECT size, encode(root, 'hex') FROM institutions_auditcheckpoint ORDER BY size DESC LIMIT 1"


def run(*, acts: int, writers: int, to_the_end: bool = False) -> Found:
    """Restores to the moment before a mistake. `to_the_end`: the planted fault, the mistake is restored with it."""
    found = Found("restore", {"writers": writers})
    with ground(people=120, configure="archive_mode = on\narchive_command = '/bin/true'") as place:
        archive = _archive(place)
        port = place.serve()
        with Writers(place, port, count=writers) as at_work:
            at_work.wait_for(acts)
            _jobs(place)
            began = time.monotonic()
            _back_up(place)
            found.figures["backup_seconds"] = time.monotonic() - began
            at_work.wait_for(acts)
        _jobs(place)
        place.end("serve")
        before = _facts(place)
        place.rows("SELECT pg_create_restore_point(%s)", MOMENT)
        place.rows("DELETE FROM learning_practiceanswer")
        _hand_over(place)
        began = time.monotonic()
        _lose(place)
        _restore(place, archive, target="" if to_the_end else MOMENT)
        port = place.serve()
        found.expect(until(lambda: ready(port) == 200), "The pages do not find the restored database.")
        found.figures["restore_seconds"] = time.monotonic() - began
        after = _facts(place)
        found_whole = whole(place)
        told = at_work.settle()
    _compare(found, before, after)
    found.figures |= {
        "acknowledged": told.acknowledged,
        "lost": told.lost,
        "log_whole_by_witness": found_whole,
    }
    found.expect(told.lost == 0, f"{told.lost} acknowledged acts are not in the restored tables.")
    found.expect(found_whole, "The outside verifier does not find the restored log whole.")
    return found


def _archive(place: Ground) -> Path:
    archive = place.folder / "archive"
    archive.mkdir(mode=0o700)
    give(archive, account_for(place.server.status().data))
    place.rows(f"ALTER SYSTEM SET archive_command = 'cp %p {archive}/%f'")
    place.rows("SELECT pg_reload_conf()")
    return archive


def _jobs(place: Ground) -> None:
    """Twenty acts of the audit log, sealed and told to the witness."""
    place.program("karmayogi.cli.drills.world", "jobs", WHOLE, "20")
    place.command("worker", "--until-idle", "--concurrency", "4", "--also", "karmayogi.cli.drills.work")


def _back_up(place: Ground) -> None:
    binaries = find_binaries(int((place.server.status().version or "0").split(".")[0]))
    program = binaries.folder / "pg_basebackup"
    if not program.exists():
        raise DrillCannotRun(f"{program} is missing. Install PostgreSQL's client programs for this drill.")
    given = {**os.environ, "PGPASSWORD": place.address.passwords[roles.SUPERUSER]}
    command: list[str | Path] = [
        program,
        "-h",
        place.address.host,
        "-p",
        str(place.address.port),
        "-U",
        roles.SUPERUSER,
    ]
    command += ["-D", place.folder / "backup", "-X", "none", "-c", "fast", "--no-manifest"]
    done = subprocess.run(command, env=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DrillCannotRun(f"pg_basebackup: {done.stderr.strip()[-1000:]}")


def _hand_over(place: Ground) -> None:
    """Waits until the last page of the log of changes lies in the archive."""
    ((last,),) = place.rows("SELECT pg_walfile_name(pg_switch_wal())")
    if not until(lambda: (place.folder / "archive" / last).exists(), seconds=30):
        raise DrillCannotRun(f"{last} did not reach the archive.")


def _lose(place: Ground) -> None:
    """The machine is gone; secrets and marker were kept elsewhere."""
    home = place.server.folder
    kept = place.folder / "restored"
    kept.mkdir(mode=0o711)
    for name in ("secrets.json", "server.json"):
        shutil.copy(home / name, kept / name)
    place.kill_database()
    place.server.reset()


def _restore(place: Ground, archive: Path, *, target: str) -> None:
    home = place.folder / "restored"
    data = home / "data"
    account = account_for(archive)
    (place.folder / "backup").rename(data)
    lines = [f"restore_command = 'cp {archive}/%f %p'"]
    lines += [f"recovery_target_name = '{target}'", "recovery_target_action = 'promote'"] if target else []
    with (data / "postgresql.auto.conf").open("a") as file:
        file.write("\n".join(["", "archive_mode = off", *lines, ""]))
    (data / "recovery.signal").touch()
    for path in [data, *data.rglob("*")]:
        give(path, account)
    data.chmod(0o700)
    place.server = Server(home)
    place.address = place.server.start()
    until(lambda: place.rows("SELECT pg_is_in_recovery()") == [(False,)])


def _facts(place: Ground) -> dict[str, Any]:
    """Rows of every table, and size and root of the log."""
    counts: dict[str, Any] = {}
    for (table,) in place.rows(TABLES):
        ((counts[table],),) = place.rows(f'SELECT count(*) FROM "{table}"')  # noqa: S608
    return counts | {"": place.rows(ROOT)}


def _compare(found: Found, before: dict[str, Any], after: dict[str, Any]) -> None:
    (size, root), (size_after, root_after) = before.pop("")[0], after.pop("")[0]
    differing = sorted(t for t in before.keys() | after.keys() if before.get(t) != after.get(t))
    found.figures |= {"tables": len(before), "rows": sum(before.values()), "tables_differing": len(differing)}
    found.figures |= {"log_entries": size, "log_root": root[:16], "log_root_equal": root == root_after}
    found.expect(not differing, f"Rows differ in {', '.join(differing)}.")
    found.expect((size, root) == (size_after, root_after), "Size or root of the audit log differ.")


def whole(place: Ground) -> bool:
    """What the outside verifier says, with what the witness kept."""
    (place.folder / "verify_log.py").write_text(place.command("audit", "verifier"))
    place.command("audit", "export", str(place.folder / "export"))
    command: list[str | Path] = [
        sys.executable,
        "-I",
        place.folder / "verify_log.py",
        place.folder / "witness",
        place.folder / "export",
    ]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
