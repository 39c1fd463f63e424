"""What row-level security costs: the three reads every page stands on, on a million officials.

Usage: python bench/rls.py [--data FOLDER] [--people N] [--times N] [READ ...]. Lays out a service of N officials in
SQL, in a database of its own on the project's server in FOLDER, and drops it afterwards (`--keep` leaves it and finds
it again).

Each read is the function the screens call: one's own standing and levels, a supervisor's team with its levels, and a
manager's page of fifty officials out of a ministry, with the count and with a search. Each runs as the web role with
the actor and the reach that the gate computed, under all policies, and as the owner of the tables with row security
lifted. They take turns inside transactions that are already open; the figure is the median of the one over the median
of the other. What the gate itself adds to a request (who asks, which grants) is shown apart, in milliseconds.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

ROOT = Path(__file__).parents[1]
DATABASE = "karmayogi_bench_rls"
MOST_RATIO = 1.6
AN_OFFICE, OFFICES, A_TEAM, LEVELS = 250, 100, 10, 2
"""Officials of an office, offices of a ministry, officials of a team with its head, measured competencies each."""
A_PAGE = 50


def prepare(folder: Path, people: int, *, keep: bool) -> bool:
    """A migrated database with the service in it, and Django on it as the superuser; False if it stood already."""
    os.environ |= {"KARMAYOGI_DATA": str(folder), "KARMAYOGI_DATABASE": DATABASE}
    os.environ.pop("DATABASE_URL", None)
    from karmayogi.cli import environment
    from karmayogi.cli.databases import connect, drop_database, ensure_roles

    server = environment.own_server().start()
    ensure_roles(server)
    note = f"service of {people}"
    with connect(server) as connection:
        stands = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') = %s FROM pg_database WHERE datname = %s",
            (note, DATABASE),
        ).fetchone()
    found = keep and stands == (True,)
    if not found:
        drop_database(server, DATABASE)
    subprocess.run([sys.executable, "-m", "karmayogi", "db", "migrate"], check=True, stdout=sys.stderr)
    os.environ["KARMAYOGI_OWN_SERVER"] = "1"
    os.environ["DATABASE_URL"] = server.url(environment.roles.SUPERUSER, DATABASE)
    os.environ["DJANGO_SETTINGS_MODULE"] = "karmayogi.settings"
    import django

    django.setup()
    if not found:
        lay_out(people)
        with connect(server) as connection:
            connection.execute(f"COMMENT ON DATABASE {DATABASE} IS '{note}'")
    return not found


def lay_out(people: int) -> None:
    """Bodies, officials, where they serve and served, their levels, and the grant of a training manager: in sets."""
    from django.db import connection

    with connection.cursor() as cursor:
        # Triggers of foreign keys look every row up; what is laid out here names rows by their numbers.
        cursor.execute("SET session_replication_role = replica")
        indexes = secondary(cursor)
        for name, _made in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        cursor.execute(ID)
        for statement in SERVICE:
            cursor.execute(statement, {"people": people, "office": AN_OFFICE, "offices": OFFICES, "team": A_TEAM,
                                       "levels": LEVELS})  # fmt: skip
        for _name, made in indexes:
            cursor.execute(made)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE")


def secondary(cursor: Any) -> list[tuple[str, str]]:
    """(name, statement that makes it) of the indexes that stand behind no constraint: quicker made afterwards."""
    cursor.execute(
        "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE i.indrelid = ANY(ARRAY['institutions_person', 'institutions_assignment', 'competency_estimate']"
        "::regclass[]) AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)"
    )
    found: list[tuple[str, str]] = cursor.fetchall()
    return found


ID = """
CREATE FUNCTION pg_temp.key(kind text, number bigint) RETURNS uuid IMMUTABLE LANGUAGE sql AS
$$ SELECT ('018f0000-' || kind || '-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid $$
"""
"""A key that sorts by its number: kind 0001 a body, 0002 an official, 0003 a competency."""

SERVICE = (
    """
INSERT INTO institutions_body (id, code, name, kind, lower, upper)
SELECT pg_temp.key('0001', 0), 'SERVICE', 'The service', 'service', 0, 2000000000
UNION ALL
SELECT pg_temp.key('0001', n), CASE WHEN n %% (%(offices)s + 1) = 1 THEN 'M' ELSE 'O' END || n, 'Body ' || n,
  CASE WHEN n %% (%(offices)s + 1) = 1 THEN 'ministry' ELSE 'office' END, n,
  CASE WHEN n %% (%(offices)s + 1) = 1 THEN n + %(offices)s + 1 ELSE n + 1 END
FROM generate_series(1, (%(people)s / %(office)s + %(offices)s - 1) / %(offices)s * (%(offices)s + 1)) n
""",
    """
INSERT INTO institutions_person (id, employee_code, name, language, joined)
SELECT pg_temp.key('0002', n), 'E' || n,
  (ARRAY['Asha','Bimal','Chandra','Deepa','Eshan','Farida','Gopal','Hema','Indra','Jaya','Karim'])[1 + n %% 11] ||
  ' ' || (ARRAY['Lata','Mohan','Nisha','Om','Padma','Qadir','Ravi','Sita','Tara','Usha','Vimal'])[1 + n / 11 %% 11]
  || ' ' || n %% 9973, 'en', '2015-01-01'
FROM generate_series(0, %(people)s - 1) n
""",
    """
INSERT INTO institutions_assignment
  (id, person_id, body_id, post, position, designation, supervisor_id, kind, share, during, order_no)
SELECT gen_random_uuid(), pg_temp.key('0002', n), pg_temp.key('0001', office + 2 + office / %(offices)s),
  NULL, '', 'Clerk', CASE WHEN n %% %(team)s > 0 THEN pg_temp.key('0002', n - n %% %(team)s) END, 'substantive', 1,
  daterange('2020-01-01', NULL), 'B/1'
FROM (SELECT n, n / %(office)s AS office FROM generate_series(0, %(people)s - 1) n) laid
""",
    """
INSERT INTO institutions_assignment
  (id, person_id, body_id, post, position, designation, supervisor_id, kind, share, during, order_no)
SELECT gen_random_uuid(), pg_temp.key('0002', n), pg_temp.key('0001', office + 2 + office / %(offices)s),
  NULL, '', 'Clerk', pg_temp.key('0002', (n * 7 + 13) %% %(people)s), 'substantive', 1,
  daterange('2015-01-01', '2020-01-01'), 'B/0'
FROM (SELECT n, (n * 7 + 13) %% %(people)s / %(office)s AS office
      FROM generate_series(0, %(people)s - 1, 2) n) laid
""",
    """
INSERT INTO institutions_personalias (id, person_id, other_id, alias, kind, order_no, since)
SELECT gen_random_uuid(), pg_temp.key('0002', n), pg_temp.key('0002', n + 1), 'E' || n + 1, 'person', 'B/3',
  '2025-01-01'
FROM generate_series(4, %(people)s - 2, 500) n
""",
    """
INSERT INTO competency_estimate (id, person_id, competency_id, mean, sd, information, kinds, as_of, algorithm,
  calibration, rules, seen, recorded_at)
SELECT gen_random_uuid(), pg_temp.key('0002', n), pg_temp.key('0003', (n + c) %% 40), 0.1, 0.5, 4, ARRAY['test'],
  '2026-01-01', '1', 1, ARRAY[]::uuid[], '', '2026-01-01'
FROM generate_series(0, %(people)s - 1) n, generate_series(1, %(levels)s) c
""",
    """
INSERT INTO institutions_grant (id, person_id, role, body_id, during, order_no, recorded_at)
VALUES (gen_random_uuid(), pg_temp.key('0002', 3), 'training_manager', pg_temp.key('0001', 1),
  daterange('2020-01-01', NULL), 'B/2', '2020-01-01')
""",
)


def key(number: int) -> UUID:
    """The id of the official with that number."""
    return UUID(f"018f0000-0002-7000-8000-{number:012x}")


Read = Callable[[], object]


def reads(people: int) -> dict[str, tuple[str, UUID, Read]]:
    """name -> (audience, actor, the read): what the screens of each audience ask first."""
    import datetime as dt

    from karmayogi.competency import profile
    from karmayogi.institutions import assignments, bodies

    on, me, boss, manager = dt.date(2026, 1, 2), key(people // 2 + 1), key(people // 2), key(3)
    ministry = bodies.by_code("M1")

    def own() -> object:
        return assignments.standing([me], on=on), assignments.history([me]), profile.of([me])

    def team() -> object:
        return profile.of([s.person for s in assignments.team(boss, on=on)])

    def subtree(offset: int = 0, text: str = "") -> object:
        found, total = assignments.page(ministry, on=on, offset=offset, size=A_PAGE, text=text)
        assert len(found) == A_PAGE <= total
        return total, profile.of([s.person for s in found])

    return {
        "own": ("official", me, own),
        "team": ("supervisor", boss, team),
        "subtree": ("manager", manager, subtree),
        "subtree_search": ("manager", manager, lambda: subtree(text="asha")),
        "subtree_one_person": ("manager", manager, lambda: assignments.standing([key(77)], on=on)),
    }


def measure(people: int, times: int, chosen: set[str]) -> list[dict[str, object]]:
    """Prints the table; the figures of every read, or of those chosen."""
    print(f"{'read':<20}{'owner ms':>10}{'policies ms':>13}{'ratio':>8}{'gate ms':>9}")
    figures = []
    for name, (audience, actor, read) in reads(people).items():
        if chosen and name not in chosen:
            continue
        spent = by_turns(audience, actor, read, times)
        plain, kept, gate = (statistics.median(spent[kind]) * 1e3 for kind in ("owner", "app", "gate"))
        print(f"{name:<20}{plain:10.2f}{kept:13.2f}{kept / plain:8.2f}{gate:9.2f}")
        ratio = round(kept / plain, 3)
        figures += [
            {"name": f"{name}.ratio", "value": ratio, "target": MOST_RATIO, "holds": ratio <= MOST_RATIO},
            {"name": f"{name}.gate_ms", "value": round(gate, 3), "target": None, "holds": True},
        ]
    return figures


def by_turns(audience: str, actor: UUID, read: Read, times: int) -> dict[str, list[float]]:
    """Seconds of each read under the policies and without, and of what the gate does first; they see the same."""
    import datetime as dt

    from karmayogi.institutions import access
    from karmayogi.institutions.roles import Audience
    from karmayogi.registry import roles
    from karmayogi.registry.acting import acting, narrow

    on = dt.date(2026, 1, 2)
    spent: dict[str, list[float]] = {"owner": [], "app": [], "gate": []}
    seen = {}
    for turn in range(times + 3):
        for role in sorted(("owner", "app"), reverse=bool(turn % 2)):
            if role == "owner":
                with acting(roles.OWNER):
                    plainly()
                    took, seen[role] = clocked(read)
            else:
                with acting():
                    gate, _reached = clocked(lambda: enter(access, narrow, actor, Audience(audience), on))
                    took, seen[role] = clocked(read)
                if turn >= 3:
                    spent["gate"].append(gate)
            if turn >= 3:
                spent[role].append(took)
    assert seen["app"] == seen["owner"], f"the policies change what {audience} sees"
    return spent


def plain_tables() -> None:
    """The roll without its conditions, under the same name in a schema of its own, for the reads of the owner."""
    from django.db import connection

    from karmayogi.institutions.roll import ROLL

    bare = ROLL.query.partition(" WHERE ")[0]
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS plain")
        cursor.execute(f"CREATE OR REPLACE VIEW plain.{ROLL.name} AS {bare}")
        cursor.execute("GRANT USAGE ON SCHEMA plain TO PUBLIC")
        cursor.execute(f"GRANT SELECT ON plain.{ROLL.name} TO PUBLIC")


def plainly() -> None:
    """Until the transaction ends, the roll is the plain one."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = plain, public")


def enter(access: Any, narrow: Any, actor: UUID, audience: Any, on: Any) -> None:
    """What the gate does: says who asks, finds what they reach, and tells the database."""
    narrow(actor=actor, on=on, purpose=audience.value)
    reach = access.reach(actor, audience, on=on)
    if reach.scopes or reach.team:
        narrow(actor=actor, scopes=reach.scopes, team=reach.team, on=on, purpose=audience.value)


def clocked(work: Callable[[], object]) -> tuple[float, object]:
    """Seconds the work took, and what it gave."""
    begun = time.perf_counter()
    given = work()
    return time.perf_counter() - begun, given


def main() -> int:
    """Prints the table and one line of JSON; 1 if a target is missed."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--data", type=Path, default=ROOT / ".data" / "bench")
    arguments.add_argument("--people", type=int, default=1_000_000)
    arguments.add_argument("--times", type=int, default=60, help="Turns of each read.")
    arguments.add_argument("--keep", action="store_true", help="Leave the database for the next run.")
    arguments.add_argument("reads", nargs="*", help="Names of reads; all, if none is given.")
    chosen = arguments.parse_args()
    begun = time.perf_counter()
    made = prepare(chosen.data.resolve(), chosen.people, keep=chosen.keep)
    from karmayogi.registry import roles, rows
    from karmayogi.registry.acting import acting

    with acting(roles.OWNER):
        rows.open_to_owner()
    plain_tables()
    print(
        f"{chosen.people:,} officials {'laid out' if made else 'found'} in {time.perf_counter() - begun:.0f} s"
    )
    figures = measure(chosen.people, chosen.times, set(chosen.reads))
    with acting(roles.OWNER):
        rows.protect()
    if not chosen.keep:
        drop()
    print(json.dumps({"bench": "rls", "figures": figures}))
    return 0 if all(f["holds"] for f in figures) else 1


def drop() -> None:
    """Removes the database of this run."""
    from django.db import connections

    from karmayogi.cli import environment
    from karmayogi.cli.databases import drop_database

    connections.close_all()
    drop_database(environment.own_server().start(), DATABASE)


if __name__ == "__main__":
    sys.exit(main())
