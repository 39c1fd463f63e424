"""People and postings imported per second, as a ratio to raw COPY of the same bytes in the same run.

Usage: python bench/imports.py [--data FOLDER] [--people N] [--profile]. Works in a database of its own on the
project's server in FOLDER and drops it afterwards. Raw COPY goes into an unlogged table of text columns without any
key; the import judges every cell, enrols the person, enters the order, and writes posting and assignment under all
constraints. Seconds depend on the machine and on what else it does: quote the ratio.

A second ratio, for information: to COPY of the very rows the import wrote into tables with the same columns, indexes
and constraints. It says how much of the distance to bare COPY is the price of keys, and how much is ours.
"""

import argparse
import cProfile
import json
import os
import pstats
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
DATABASE = "karmayogi_bench_imports"
A_BODY = 250
LEAST_RATIO, LEAST_PEOPLE = 0.05, 5000.0
TIMES = 3


def prepare(folder: Path) -> None:
    """An empty migrated database, and Django on it as the worker role."""
    os.environ |= {"KARMAYOGI_DATA": str(folder), "KARMAYOGI_DATABASE": DATABASE}
    os.environ.pop("DATABASE_URL", None)
    from karmayogi.cli import environment
    from karmayogi.cli.databases import drop_database, ensure_roles

    server = environment.own_server().start()
    ensure_roles(server)
    drop_database(server, DATABASE)
    subprocess.run([sys.executable, "-m", "karmayogi", "db", "migrate"], check=True, stdout=sys.stderr)
    environment.prepare(environment.roles.WORKER)


def write(path: Path, people: int) -> int:
    """Posts for everyone in the database, and the CSV of people and postings at `path`; its bytes."""
    import datetime as dt

    from karmayogi.ehrms import posts
    from karmayogi.ehrms.posts import NewPost
    from karmayogi.institutions import bodies
    from karmayogi.institutions.bodies import NewBody
    from karmayogi.registry.acting import as_worker

    since = dt.date(2015, 1, 1)
    with as_worker():
        codes = [f"B{n:04d}" for n in range(-(-people // A_BODY))]
        known = bodies.establish(
            [NewBody(c, f"Office {c}", "office") for c in codes], since=since, order_no="S/1"
        )
        posts.sanction(
            [
                NewPost(f"P{n:07d}", known[codes[n // A_BODY]], "Clerk", "Group C", since, "S/1", level=4,
                        reports_to=f"P{n // 10 * 10:07d}" if n % 10 else None)
                for n in range(people)
            ]
        )  # fmt: skip
    lines = ["employee_code,name,email,mobile,joined,post_code,since,until,order_no\n"]
    for n in range(people):
        day = f"{2016 + n % 9}-{1 + n % 12:02d}-{1 + n % 28:02d}"
        lines.append(
            f"E{n:07d},{NAMES[n % 23]} {NAMES[n * 7 % 23]} {n % 977},p{n}@example.org,98{n:08d},2015-0{1 + n % 9}-01,"
            f"P{n:07d},{day},,O/{n // A_BODY % 40}\n"
        )
    return path.write_text("".join(lines))


NAMES = [
    "Asha",
    "Bimal",
    "Chandra",
    "Deepa",
    "Eshan",
    "Farida",
    "Gopal",
    "Hema",
    "Indra",
    "Jaya",
    "Karim",
    "Lata",
]
NAMES += ["Mohan", "Nisha", "Om", "Padma", "Qadir", "Ravi", "Sita", "Tara", "Usha", "Vimal", "Yusuf"]


class Clock:
    """Wall seconds, and CPU seconds of this process and of one process of the database."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.before = time.perf_counter(), time.process_time(), self.server()

    def server(self) -> float:
        """CPU seconds of the database's process so far; 0 where the machine does not tell."""
        try:
            told = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            return 0.0
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")

    def read(self) -> tuple[float, float]:
        """Wall and CPU seconds since it was made."""
        wall, ours, theirs = self.before
        return time.perf_counter() - wall, time.process_time() - ours + self.server() - theirs


def copy(path: Path) -> tuple[float, float]:
    """Wall and CPU seconds of raw COPY of the file into an unlogged table, the best of a few."""
    import psycopg

    from karmayogi.cli import environment

    columns = ", ".join(f"c{n} text" for n in range(9))
    content = path.read_bytes()
    runs = []
    with psycopg.connect(environment.address(environment.roles.OWNER)) as connection:
        for _ in range(TIMES):
            connection.execute(f"CREATE UNLOGGED TABLE raw ({columns})")
            connection.commit()
            clock = Clock(connection.info.backend_pid)
            with connection.cursor().copy("COPY raw FROM STDIN (FORMAT csv, HEADER)") as stream:
                stream.write(content)
            connection.commit()
            runs.append(clock.read())
            connection.execute("DROP TABLE raw")
    return min(wall for wall, _ in runs), sum(cpu for _, cpu in runs) / TIMES


WRITTEN = (
    *(
        "institutions_person",
        "institutions_account",
        "ehrms_order",
        "ehrms_orderline",
        "ehrms_posting",
        "institutions_assignment",
    ),
)
"""What the import writes of people, in an order in which every row finds what it refers to."""


def copy_bound() -> tuple[float, float]:
    """Wall and CPU seconds of COPY of all rows the import wrote into like tables with all indexes and constraints.

    Each table whole, all in one transaction, from bytes in memory; the best of a few.
    """
    import psycopg

    from karmayogi.cli import environment

    runs = []
    with psycopg.connect(environment.own_server().start().url("postgres", DATABASE)) as connection:
        contents = {}
        for table in WRITTEN:
            with connection.cursor().copy(f"COPY {table} TO STDOUT") as stream:
                contents[table] = b"".join(stream)
        for _ in range(TIMES):
            connection.execute("CREATE SCHEMA bound")
            for table in WRITTEN:
                like(connection, table)
            connection.commit()
            clock = Clock(connection.info.backend_pid)
            for table, content in contents.items():
                with connection.cursor().copy(f"COPY bound.{table} FROM STDIN") as stream:
                    stream.write(content)
            connection.commit()
            runs.append(clock.read())
            connection.execute("DROP SCHEMA bound CASCADE")
            connection.commit()
    return min(wall for wall, _ in runs), sum(cpu for _, cpu in runs) / TIMES


def like(connection, table: str) -> None:
    """The table once more in the schema `bound`; its foreign keys lead to the copies where there are any."""
    connection.execute(f"CREATE TABLE bound.{table} (LIKE {table} INCLUDING ALL)")
    keys = connection.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype = 'f'",
        [table],
    ).fetchall()
    for name, definition in keys:
        for other in WRITTEN[: WRITTEN.index(table)]:
            definition = definition.replace(f"REFERENCES {other}(", f"REFERENCES bound.{other}(")
        connection.execute(f'ALTER TABLE bound.{table} ADD CONSTRAINT "{name}" {definition}')
    shape = (
        "SELECT contype::text, condeferrable FROM pg_constraint WHERE conrelid = %(table)s::regclass"
        " UNION ALL SELECT 'index', indisunique FROM pg_index WHERE indrelid = %(table)s::regclass ORDER BY 1, 2"
    )
    one, other = (connection.execute(shape, {"table": name}).fetchall() for name in (table, f"bound.{table}"))
    assert one == other, (table, one, other)


def main() -> int:
    """Prints the table and one line of JSON; 1 if a target is missed."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--data", type=Path, default=ROOT / ".data" / "bench")
    arguments.add_argument("--people", type=int, default=50_000)
    arguments.add_argument("--profile", action="store_true", help="Say where the import spends its time.")
    chosen = arguments.parse_args()
    prepare(chosen.data.resolve())
    from django.db import connection
    from django.utils import timezone

    from karmayogi.journeys import import_people

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        size = write(path, chosen.people)
        spent = {"raw COPY": copy(path)}
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        for name in ("import", "import again (same)"):
            with profiled(chosen.profile and name == "import"):
                clock = Clock(pid)
                result = import_people.run(path, now=timezone.now())
                spent[name] = clock.read()
            assert result.read == result.accepted == chosen.people, result
            assert result.new == (chosen.people if name == "import" else 0), result
            assert result.changed == 0, result
    spent["COPY, constraints"] = copy_bound()
    print(f"{'':<22}{'wall s':>9}{'rows/s':>11}{'MB/s':>8}{'CPU s':>9}{'µs/row':>9}")
    for name, (wall, cpu) in spent.items():
        rates = f"{chosen.people / wall:11,.0f}{size / wall / 1e6:8.1f}"
        print(f"{name:<22}{wall:9.2f}{rates}{cpu:9.2f}{cpu / chosen.people * 1e6:9.1f}")
    wall, cpu = spent["import"]
    rate, ratio, by_cpu = chosen.people / wall, spent["raw COPY"][0] / wall, spent["raw COPY"][1] / cpu
    print(f"{rate:,.0f} people a second, each with a posting ({chosen.people / cpu:,.0f} by CPU seconds)")
    print(f"{ratio:.4f} of raw COPY by the wall clock, {by_cpu:.4f} by CPU; load {os.getloadavg()[0]:.1f}")
    keyed = spent["COPY, constraints"][0] / wall, spent["COPY, constraints"][1] / cpu
    print(
        f"for information: {keyed[0]:.3f} of COPY of the same rows under the same indexes and constraints by the wall"
        f" clock, {keyed[1]:.3f} by CPU; that COPY is itself"
        f" {spent['raw COPY'][0] / spent['COPY, constraints'][0]:.4f} of raw COPY"
    )
    figures = [
        figure("people_per_second", round(rate), LEAST_PEOPLE),
        figure("ratio_to_copy", round(ratio, 4), LEAST_RATIO),
        figure("people_per_cpu_second", round(chosen.people / cpu)),
        figure("ratio_to_copy_by_cpu", round(by_cpu, 4)),
        figure("ratio_to_copy_with_constraints", round(keyed[0], 4)),
        figure("ratio_to_copy_with_constraints_by_cpu", round(keyed[1], 4)),
    ]
    drop()
    print(json.dumps({"bench": "imports", "figures": figures}))
    return 0 if all(f["holds"] for f in figures) else 1


def figure(name: str, value: float, target: float | None = None) -> dict:
    """One figure; a target, where there is one, must be reached."""
    return {"name": name, "value": value, "target": target, "holds": target is None or value >= target}


def drop() -> None:
    """Removes the database of this run."""
    from django.db import connections

    from karmayogi.cli import environment
    from karmayogi.cli.databases import drop_database

    connections.close_all()
    drop_database(environment.own_server().start(), DATABASE)


class profiled:  # noqa: N801
    """Python functions and SQL statements by time spent, on stderr, if asked for."""

    def __init__(self, wanted: bool) -> None:
        self.wanted = wanted
        self.profile = cProfile.Profile()
        self.statements: Counter[str] = Counter()

    def __enter__(self) -> None:
        if self.wanted:
            from django.db import connection

            self.wrapper = connection.execute_wrapper(self.statement)
            self.wrapper.__enter__()
            self.profile.enable()

    def statement(self, execute, sql, params, many, context):
        """Runs a statement of Django's and adds up its time."""
        before = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.statements[" ".join(str(sql).split())[:90]] += round((time.perf_counter() - before) * 1e6)

    def __exit__(self, *_: object) -> None:
        if self.wanted:
            self.profile.disable()
            self.wrapper.__exit__(None, None, None)
            pstats.Stats(self.profile, stream=sys.stderr).sort_stats("tottime").print_stats(20)
            for text, spent in self.statements.most_common(14):
                print(f"{spent / 1e6:8.2f} s  {text}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
