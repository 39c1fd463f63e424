"""`drill upgrade`: three releases in a row under load, each beside the one before, as expand and contract ask for.

There is no earlier release to run, so the drill plants two later ones, as copies of this code: the next adds a column
and an index to a busy table and writes the column; the one after no longer knows the column, and drops it. Old code
meets the new tables in the first step; new code meets the old tables in the second.
"""

import re
import shutil
import threading
import time
from pathlib import Path

import karmayogi
from karmayogi.cli.drills.found import Found
from karmayogi.cli.drills.ground import DrillCannotRun, Ground, ground, until
from karmayogi.cli.drills.kills import count
from karmayogi.cli.drills.writers import Writers

LONGEST = 2.0
"""Seconds anybody may wait for the lock of a table."""
PATIENCE = 10.0
"""Seconds anybody may wait for an answer, also from pages that have just begun; a proxy gives up after some more."""
BUSY = "learning_practiceanswer"
MODEL, CLASS = "learning/models/practice.py", "class PracticeAnswer(Fact):"
PLAIN = 'PLAIN = fields("id question")\n    rows = Rows(read=own("person_id")'
EXPAND = """
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("learning", "{last}")]
    operations = [
        migrations.AddField("practiceanswer", "drilled", models.CharField(max_length=20, {options})),
        AddIndexConcurrently("practiceanswer", models.Index(fields=["drilled"], name="answer_drilled")),
    ]
"""
CONTRACT = """
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("learning", "9001_expand")]
    operations = [
        migrations.RemoveIndex("practiceanswer", "answer_drilled"),
        migrations.RemoveField("practiceanswer", "drilled"),
    ]
"""
TALKATIVE = "log_min_duration_statement = 500"
SLOW = re.compile(r"karmayogi_app@\S+ LOG:  duration: ([\d.]+) ms  (?:statement|execute \S+): (\w+(?: \w+)?)")
WAITING = """
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - waitstart)), 0)::float
  FROM pg_locks WHERE NOT granted AND locktype = 'relation'
"""


def run(*, writers: int, seconds: float, careless: bool = False) -> Found:
    """Two upgrades under `writers`, `seconds` of load in each state. `careless`: the added column must not be empty."""
    found = Found("upgrade", {"writers": writers})
    with ground(people=240, configure=TALKATIVE) as place:
        following = _release(place, "following", expand=True, careless=careless)
        last = _release(place, "last", expand=False, careless=careless)
        with (
            Writers(place, place.serve("this"), count=writers, retry=False) as at_work,
            Waits(place) as waits,
        ):
            at_work.wait_for(10)
            found.figures["expand_seconds"] = _migrate(place, following)
            time.sleep(seconds)
            found.figures["acts_of_old_code_on_new_tables"] = at_work.ledger.acknowledged.total()
            _roll(place, at_work, source=following, old="this", new="following")
            time.sleep(seconds)
            _roll(place, at_work, source=last, old="following", new="last")
            before = at_work.ledger.acknowledged.total()
            time.sleep(seconds)
            found.figures["acts_of_new_code_on_old_tables"] = at_work.ledger.acknowledged.total() - before
            found.figures["contract_seconds"] = _migrate(place, last)
            time.sleep(seconds)
        ledger = at_work.ledger
        found.figures["slowest_statement"] = _slowest(place)
        found.figures["why"] = dict(ledger.why)
        found.figures["pages_said"] = _complaints(place)
        # A fault of the pages is among both: what got no answer to keep, and what was refused with a number.
        failed = ledger.unanswered + sum(n for said, n in ledger.refused.items() if not said.isdigit())
        count(found, at_work)
    found.figures |= {"requests": ledger.sent, "failed_requests": failed}
    found.figures |= {"longest_wait_for_a_table": waits.longest, "slowest_request_seconds": ledger.slowest}
    found.expect(failed == 0, f"{failed} requests failed.")
    found.expect(waits.longest < LONGEST, f"Somebody waited {waits.longest:.1f} s for a table.")
    found.expect(ledger.slowest < PATIENCE, f"Somebody waited {ledger.slowest:.1f} s for an answer.")
    return found


class Waits(threading.Thread):
    """Looks fifty times a second how long anybody has been waiting for the lock of a table."""

    def __init__(self, place: Ground) -> None:
        super().__init__(name="waits", daemon=True)
        self.place, self.longest, self.over = place, 0.0, threading.Event()

    def __enter__(self) -> "Waits":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.join(10)

    def run(self) -> None:
        """Until the drill is over."""
        import psycopg

        from karmayogi.cli.drills.ground import DATABASE
        from karmayogi.registry import roles

        url = self.place.address.url(roles.SUPERUSER, DATABASE)
        with psycopg.connect(url, autocommit=True) as connection:
            while not self.over.wait(0.02):
                (waited,) = connection.execute(WAITING).fetchone() or (0.0,)
                self.longest = max(self.longest, waited)


def _release(place: Ground, name: str, *, expand: bool, careless: bool) -> Path:
    """The folder of a planted release."""
    source = place.folder / name
    here = Path(karmayogi.__file__).parent
    shutil.copytree(here, source / "karmayogi", ignore=shutil.ignore_patterns("__pycache__"))
    migrations = source / "karmayogi" / "learning" / "migrations"
    present = max(p.stem for p in migrations.glob("0*.py"))
    options = 'default=""' if careless else "null=True"
    (migrations / "9001_expand.py").write_text(EXPAND.format(last=present, options=options))
    if not expand:
        (migrations / "9002_contract.py").write_text(CONTRACT)
        return source
    model = source / "karmayogi" / MODEL
    text = model.read_text()
    if CLASS not in text or PLAIN not in text:
        raise DrillCannotRun(f"{MODEL} has changed: plant the column of this drill elsewhere.")
    text = text.replace(PLAIN, PLAIN.replace("id question", "id question drilled"))
    field = f"\n    drilled = models.CharField(max_length=20, {options})\n    right = models.BooleanField()\n    at ="
    text = text.replace("\n    right = models.BooleanField()\n    at =", field)
    model.write_text(text)
    return source


def _slowest(place: Ground) -> str:
    """The slowest statement of the pages, to tell a slow disk (COMMIT) from a lock; '' if none took half a second."""
    found = SLOW.findall((place.server.folder / "server.log").read_text(errors="replace"))
    milliseconds, words = max(((float(ms), words) for ms, words in found), default=(0.0, ""))
    return f"{words} {milliseconds / 1000:.1f} s" if words else ""


def _complaints(place: Ground) -> list[str]:
    """Errors that the pages of any release wrote down, without their times; none as long as no request fails."""
    logs = (place.folder / f"{name}.log" for name in ("this", "following", "last"))
    lines = (line for log in logs if log.exists() for line in log.read_text(errors="replace").splitlines())
    return sorted({line[24:][:300] for line in lines if " ERROR " in line})


def _migrate(place: Ground, source: Path) -> float:
    began = time.monotonic()
    place.command("db", "migrate", given=place.environment(source=source))
    return time.monotonic() - began


def _roll(place: Ground, at_work: Writers, *, source: Path, old: str, new: str) -> None:
    """Starts the new code beside the old one, leads everyone there, then ends the old one."""
    before = at_work.port
    at_work.lead(place.serve(new, given=place.environment(source=source)))
    if not until(lambda: at_work.left(before)):
        raise DrillCannotRun("Somebody still waits for an answer of the old pages.")
    place.end(old)
