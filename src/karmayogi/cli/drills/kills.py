"""`drill kill-db`: the database dies under writers, again and again; what was acknowledged is there, once."""

import time

from karmayogi.cli.drills.found import Found
from karmayogi.cli.drills.ground import ground, ready, until
from karmayogi.cli.drills.writers import Settled, Writers

FORGETFUL = "synchronous_commit = off\nwal_writer_delay = 10s\nwal_writer_flush_after = 0"
"""The planted fault: a commit is acknowledged before it is written."""
A_LIFE = 12
"""Acts that must be acknowledged between two kills."""


def run(*, kills: int, writers: int, forgetful: bool = False) -> Found:
    """SIGKILL to every process of the database, `kills` times under `writers`. `forgetful`: with the planted fault."""
    found = Found("kill-db", {"kills": 0, "writers": writers})
    slowest = 0.0
    with ground(people=200, configure=FORGETFUL if forgetful else "") as place:
        port = place.serve()
        with Writers(place, port, count=writers) as at_work:
            for _ in range(kills):
                found.expect(at_work.wait_for(A_LIFE), "The writers came to nothing between two kills.")
                place.kill_database()
                died = time.monotonic()
                place.revive()
                found.expect(until(lambda: ready(port) == 200), "The pages did not find the database again.")
                slowest = max(slowest, time.monotonic() - died)
                found.figures["kills"] += 1
            at_work.wait_for(A_LIFE)
        count(found, at_work)
        found.figures["slowest_return_seconds"] = slowest
    return found


def count(found: Found, at_work: Writers) -> Settled:
    """Adds what was acknowledged, lost and duplicated, and expects no loss and no double."""
    told, ledger = at_work.settle(), at_work.ledger
    found.figures |= {
        "acknowledged": told.acknowledged,
        "lost": told.lost,
        "duplicated": told.duplicated,
        **told.by_kind,
        "requests_without_answer": ledger.unanswered,
        "answered_from_what_was_kept": ledger.again,
    }
    found.expect(told.acknowledged > 0, "Nothing was acknowledged: nothing was shown.")
    found.expect(told.lost == 0, f"{told.lost} acknowledged acts are not in the tables.")
    found.expect(told.duplicated == 0, f"{told.duplicated} acts stand in the tables more than once.")
    found.expect(not ledger.refused, f"Acts were refused: {dict(ledger.refused)}")
    return told
