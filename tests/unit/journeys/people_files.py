"""Small people files for tests, and offices with posts P1 to P8 for them; P8 reports to P1."""

import csv
import datetime as dt
from pathlib import Path

from karmayogi.ehrms import posts
from karmayogi.ehrms.posts import NewPost
from karmayogi.institutions import bodies
from karmayogi.institutions.bodies import NewBody
from karmayogi.journeys import import_people
from karmayogi.registry.acting import as_worker
from karmayogi.registry.imports import Result

NOW = dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)
BLANK = dict.fromkeys(import_people.COLUMNS, "") | {
    "employee_code": "E1", "name": "Asha Rao", "post_code": "P1", "since": "2020-01-01", "order_no": "O/1",
}  # fmt: skip


def offices() -> None:
    since = dt.date(2019, 1, 1)
    with as_worker():
        known = bodies.establish([NewBody("OFF", "Office", "office")], since=since, order_no="O/0")
        above = {8: "P1"}
        posts.sanction(
            [
                NewPost(f"P{n}", known["OFF"], "Clerk", "G", since, "O/0", reports_to=above.get(n))
                for n in range(1, 9)
            ]
        )


def table(folder: Path, *rows: dict[str, str], name: str = "people.csv") -> Path:
    path = folder / name
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, import_people.COLUMNS)
        writer.writeheader()
        writer.writerows(BLANK | row for row in rows)
    return path


def run(path: Path, *, now: dt.datetime = NOW, **options: object) -> Result:
    result = import_people.run(path, now=now, **options)  # type: ignore[arg-type]
    assert result.read == result.accepted + result.quarantined
    assert result.accepted == result.new + result.changed + result.same
    return result
