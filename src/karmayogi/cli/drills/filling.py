"""`drill disk-full`: the disk of the database fills up under writers; they are told, and nothing is half written."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from karmayogi.cli.drills.found import Found
from karmayogi.cli.drills.ground import DrillCannotRun, Ground, ground, ready, until
from karmayogi.cli.drills.kills import count
from karmayogi.cli.drills.visitor import NoAnswer, Visitor
from karmayogi.cli.drills.writers import Writers

SMALL = "max_wal_size = '64MB'\nmin_wal_size = '32MB'\nshared_buffers = '32MB'"
SAID = "Nothing can be kept at the moment"


def run(*, writers: int, megabytes: int) -> Found:
    """Fills a disk of `megabytes` (a file system in memory; needs root), gives the space back, and counts."""
    found = Found("disk-full", {"writers": writers, "disk_megabytes": megabytes})
    with _disk(megabytes) as disk, ground(people=200, place=disk, configure=SMALL) as place:
        port = place.serve()
        with Writers(place, port, count=writers) as at_work:
            at_work.wait_for(20)
            before = at_work.ledger.unanswered
            ballast = _fill(disk)
            refused = until(lambda: at_work.ledger.unanswered > before + writers, seconds=90)
            found.expect(refused, "The full disk was noticed by nobody.")
            found.figures["said_while_full"] = _said(place, port)
            found.figures["pages_ready_while_full"] = ready(port)
            ballast.unlink()
            began = time.monotonic()
            if place.server.status().state != "running":
                found.figures["database_had_stopped"] = True
                place.revive()
            found.expect(until(lambda: ready(port) == 200), "The pages did not come back.")
            found.expect(at_work.wait_for(20), "No act was taken once there was space again.")
            found.figures["seconds_until_acts_are_taken"] = time.monotonic() - began
        count(found, at_work)
    found.expect(found.figures["said_while_full"] == SAID, "People were not told that nothing can be kept.")
    return found


@contextmanager
def _disk(megabytes: int) -> Iterator[Path]:
    point = Path(tempfile.mkdtemp(prefix="karmayogi-disk-"))
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0711", "karmayogi-drill", str(point)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise DrillCannotRun(
                f"A small disk could not be made; this drill needs root. {done.stderr.strip()}"
            )
        try:
            yield point
        finally:
            subprocess.run(["umount", "--lazy", str(point)], check=False)
    finally:
        point.rmdir()


def _fill(disk: Path) -> Path:
    """A file that takes all the space there is."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 65536)
    with ballast.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 512)
    os.sync()
    return ballast


def _said(place: Ground, port: int) -> str:
    """What somebody is told who wants to write now; tried until the writing needs new space."""
    course, page, question, option = place.house["tries"][0]
    address, form = f"/learn/{course}/pages/{page}/answer/", {"question": question, "option": option}
    people, end = list(place.house["people"].values()), time.monotonic() + 30
    while time.monotonic() < end:
        for session in people[-20:]:
            with suppress(NoAnswer):
                answer = Visitor(port, session).post(address, form)
                if answer.status >= 500:
                    return SAID if SAID in answer.text else f"{answer.status}: {answer.text[:200]}"
    return "nothing"
