"""`drill clock-skew`: a page server and a worker whose clocks are wrong beside others whose clocks are right."""

import glob
import json
import time

from karmayogi.cli.drills.found import Found
from karmayogi.cli.drills.ground import DrillCannotRun, Ground, ground, until
from karmayogi.cli.drills.kills import count
from karmayogi.cli.drills.restoring import whole
from karmayogi.cli.drills.workers import WHOLE
from karmayogi.cli.drills.writers import Writers

LIBRARIES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib64/faketime/libfaketimeMT.so.1")
TICKS = (
    "SELECT count(*), count(DISTINCT (kind, scheduled_at)), count(DISTINCT scheduled_at) FROM registry_jobrun"
    " WHERE scheduled_at IS NOT NULL"
)
JOBS = 20


def run(*, ahead: int, writers: int, seconds: float) -> Found:
    """Pages and a worker `ahead` seconds of the database, beside a worker that is right, for `seconds`."""
    found = Found("clock-skew", {"ahead_seconds": ahead, "writers": writers})
    with ground(people=200) as place:
        wrong = place.environment() | _faked(ahead)
        port = place.serve(given=wrong)
        options = ("--heartbeat", "1", "--also", "karmayogi.cli.drills.work")
        place.start("right", "worker", *options)
        place.start("wrong", "worker", *options, given=wrong)
        place.program("karmayogi.cli.drills.world", "jobs", WHOLE, str(JOBS))
        began = time.monotonic()
        with Writers(place, port, count=writers) as at_work:
            time.sleep(seconds)
        found.expect(until(lambda: _effects(place)[0] >= JOBS), "Not every job was done.")
        time.sleep(max(0.0, seconds - (time.monotonic() - began)))
        for name in ("right", "wrong"):
            place.end(name)
        ((runs, ticks, minutes),) = place.rows(TICKS)
        effects, distinct = _effects(place)
        count(found, at_work)
        found.figures |= {"runs_of_the_clock": runs, "ticks": ticks, "minutes": minutes}
        found.figures |= {"jobs": JOBS, "effects": effects, "log_whole_by_witness": whole(place)}
        found.figures["doctor_says"] = _clock(place, wrong) or "well"
        found.expect(runs == ticks, f"{runs - ticks} ticks of the clock ran twice.")
        found.expect((effects, distinct) == (JOBS, JOBS), "A job had its effect twice, or never.")
        found.expect(found.figures["log_whole_by_witness"], "The verifier does not find the log whole.")
        found.expect(bool(_clock(place, wrong)), "The doctor does not see the wrong clock.")
        found.expect(not _clock(place, place.environment()), "The doctor finds fault with a right clock.")
    return found


def _faked(ahead: int) -> dict[str, str]:
    library = next((path for pattern in LIBRARIES for path in glob.glob(pattern)), "")
    if not library:
        raise DrillCannotRun("libfaketime is missing (Debian: apt install libfaketime).")
    return {"LD_PRELOAD": library, "FAKETIME": f"+{ahead}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def _effects(place: Ground) -> tuple[int, int]:
    ((effects, distinct),) = place.rows(
        "SELECT count(*), count(DISTINCT object_id) FROM institutions_auditrow WHERE act = 'drill.job'"
    )
    return effects, distinct


def _clock(place: Ground, given: dict[str, str]) -> str:
    """What the doctor has against the clock; '' if nothing."""
    said = json.loads(place.attempt("doctor", "--json", given=given).stdout)
    return next((f["say"] for f in said if f["name"] == "Clock" and not f["well"]), "")
