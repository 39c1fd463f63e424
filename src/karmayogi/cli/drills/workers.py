"""`drill kill-worker`: workers die while jobs run; every job finishes, and its effect is there once."""

import time

from karmayogi.cli.drills.found import Found
from karmayogi.cli.drills.ground import Ground, ground, until

STATES = "SELECT state, count(*), max(attempts) FROM registry_jobrun WHERE starts_with(kind, 'drill.') GROUP BY state"
EFFECTS = "SELECT count(*), count(DISTINCT object_id) FROM institutions_auditrow WHERE act = 'drill.job'"
HEARTBEAT = "0.5"
WHOLE, TORN = "drill.whole", "drill.torn"


def run(*, jobs: int, kills: int, torn: bool = False) -> Found:
    """SIGKILL to one of two workers, `kills` times while `jobs` jobs run. `torn`: jobs with the planted fault."""
    found = Found("kill-worker", {"jobs": jobs, "kills": 0})
    with ground(people=1) as place:
        place.program("karmayogi.cli.drills.world", "jobs", TORN if torn else WHOLE, str(jobs))
        for name in ("first", "second"):
            _start(place, name)
        found.expect(until(lambda: _done(place) > 0), f"No job was done: {place.said('first')}")
        for number in range(kills):
            if _done(place) >= jobs:
                break
            name = ("first", "second")[number % 2]
            killed = place.running.pop(name)
            killed.kill()
            killed.wait()
            found.figures["kills"] += 1
            _start(place, name)
            until(lambda before=_done(place): _done(place) > before, seconds=15)
            time.sleep(0.35)
        found.expect(until(lambda: _done(place) == jobs), "Not every job was done in time.")
        states = {state: (count, attempts) for state, count, attempts in place.rows(STATES)}
        ((effects, distinct),) = place.rows(EFFECTS)
    taken = max((attempts for _, attempts in states.values()), default=0)
    found.figures |= {state: count for state, (count, _) in states.items()}
    found.figures |= {"most_attempts": taken, "effects": effects, "jobs_with_effect": distinct}
    found.expect(found.figures["kills"] >= kills, "The jobs ended before all kills: ask for more jobs.")
    found.expect(taken > 1, "No job was hit by a kill: nothing was shown.")
    found.expect(effects == distinct, f"{effects - distinct} effects too many.")
    found.expect(distinct == jobs, f"{jobs - distinct} jobs without effect.")
    return found


def _start(place: Ground, name: str) -> None:
    place.start(
        name, "worker", "--heartbeat", HEARTBEAT, "--concurrency", "2", "--also", "karmayogi.cli.drills.work"
    )


def _done(place: Ground) -> int:
    return sum(count for state, count, _ in place.rows(STATES) if state == "done")
