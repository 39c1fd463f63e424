"""`drill clock-skew`: a page server and a worker whose clocks are wrong beside others whose clocks are right."""

import json
import shutil
import subprocess
import time

from karmayogi.cli.drills.found import Found
from karmayogi.cli.drills.ground import DrillCannotRun, Ground, ground, until
from karmayogi.cli.drills.kills import count
from karmayogi.cli.drills.restoring import whole
from karmayogi.cli.drills.workers import WHOLE
from karmayogi.cli.drills.writers import Writers

COMPILER = shutil.which("cc") or shutil.which("gcc") or ""
AHEAD = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
static long ahead(void) { const char *said = getenv("DRILL_AHEAD"); return said ? atol(said) : 0; }
int clock_gettime(clockid_t clock, struct timespec *at) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  int done = real(clock, at);
  if (!done && clock == CLOCK_REALTIME) at->tv_sec += ahead();
  return done;
}
int gettimeofday(struct timeval *restrict at, void *restrict zone) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  at->tv_sec = now.tv_sec;
  at->tv_usec = now.tv_nsec / 1000;
  return 0;
}
time_t time(time_t *at) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (at) *at = now.tv_sec;
  return now.tv_sec;
}
"""
"""A clock that is wrong by DRILL_AHEAD seconds, laid before the C library's. libfaketime would do, but Python 3.11
sleeps until a moment of the steady clock, which the version of Debian 12 turns into an error."""
TICKS = (
    "SELECT count(*), count(DISTINCT (kind, scheduled_at)), count(DISTINCT scheduled_at) FROM registry_jobrun"
    " WHERE scheduled_at IS NOT NULL"
)
JOBS = 20


def run(*, ahead: int, writers: int, seconds: float) -> Found:
    """Pages and a worker `ahead` seconds of the database, beside a worker that is right, for `seconds`."""
    found = Found("clock-skew", {"ahead_seconds": ahead, "writers": writers})
    with ground(people=200) as place:
        wrong = place.environment() | _faked(place, ahead)
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


def _faked(place: Ground, ahead: int) -> dict[str, str]:
    if not COMPILER:
        raise DrillCannotRun(
            "A C compiler is missing: it makes the wrong clock (Debian: apt install gcc libc6-dev)."
        )
    source, library = place.folder / "ahead.c", place.folder / "ahead.so"
    source.write_text(AHEAD)
    done = subprocess.run(
        [COMPILER, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DrillCannotRun(f"The wrong clock could not be made: {done.stderr.strip()[-500:]}")
    return {"LD_PRELOAD": str(library), "DRILL_AHEAD": str(ahead)}


def _effects(place: Ground) -> tuple[int, int]:
    ((effects, distinct),) = place.rows(
        "SELECT count(*), count(DISTINCT object_id) FROM institutions_auditrow WHERE act = 'drill.job'"
    )
    return effects, distinct


def _clock(place: Ground, given: dict[str, str]) -> str:
    """What the doctor has against the clock; '' if nothing."""
    said = json.loads(place.attempt("doctor", "--json", given=given).stdout)
    return next((f["say"] for f in said if f["name"] == "Clock" and not f["well"]), "")
