"""Row-level security as declarations on the models.

Each model carries `rows = Rows(...)`: SQL conditions for what the web role may read and write. `protect()` turns
all declarations into grants and policies in one transaction; it is run after every migration, so that policies
always say what the code says. A model without a declaration stops it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, models, transaction

from karmayogi.registry import roles

ACTOR = "(select nullif(current_setting('app.actor', true), '')::uuid)"
PURPOSE = "current_setting('app.purpose', true)"
_REVIEWING = f"{PURPOSE} = 'reviewer'"
_NARROWED = f"{PURPOSE} in ('reviewer', 'help_desk', 'grantor', 'auditor', 'support')"
_SCOPES = "nullif(current_setting('app.scopes', true), '')::int4multirange"
SCOPES = f"(select case when {_NARROWED} then null else {_SCOPES} end)"
HELD = f"(select {_SCOPES})"
"""The bodies of the actor's grants, whatever they came for: only where a condition names the purpose beside it."""
HELPED = f"(select case when {PURPOSE} = 'help_desk' then {_SCOPES} end)"
"""The bodies whose officials the actor helps to sign in: it opens who they are and where they serve, nothing else."""
KEPT = f"(select case when {PURPOSE} = 'establishment' then {_SCOPES} end)"
"""The bodies whose records the actor keeps: it opens who serves or served there, on any day."""
OVERSEEN = f"(select case when {PURPOSE} in ('grantor', 'auditor', 'support') then {_SCOPES} end)"
"""The bodies in which the actor may learn who serves where, and nothing else about them."""
AUTHORISED = f"(select case when {PURPOSE} in ('grantor', 'auditor') then {_SCOPES} end)"
"""The bodies over which the actor may read who holds which authority."""
AUDITED = f"(select case when {PURPOSE} = 'auditor' then {_SCOPES} end)"
"""The bodies in which the actor audits who did what."""
REVIEWED = f"(select case when {_REVIEWING} then {_SCOPES} end)"
"""The bodies whose cases the actor answers. While answering nothing else of these bodies is in scope."""
REACHED = f"(select {_SCOPES})"
"""The bodies in scope, for conditions of a role that serves one purpose only."""
GIVEN = "(select nullif(current_setting('app.presented', true), ''))"
"""What was presented, for conditions of such a role."""
TEAM = "(select current_setting('app.team', true) = 'on')"
ON = "(select nullif(current_setting('app.on', true), '')::date)"

EVERYONE = "true"
NOBODY = "false"
SIGNED_IN = f"({ACTOR} is not null)"
PRESENTED = (
    "(select case when current_setting('app.purpose', true) = 'sign-in'"
    " then nullif(current_setting('app.presented', true), '') end)"
)
"""The handle of the one account that is being signed in to; null in every other request."""
DECIDING = "(select current_setting('app.purpose', true) in ('authority', 'order'))"
"""The request came in as a posting authority: the scopes are those of that authority, not of any other role."""


class UndeclaredRows(Exception):
    """A table has no `rows` declaration; say who may read and write it before it is used."""


@dataclass(frozen=True)
class Door:
    """What one further role may do with the rows of a table, as `Rows` says it of the web role.

    `reads`: the columns it may read, where that is not every column.
    """

    role: str
    read: str | None = None
    insert: str | None = None
    update: str | None = None
    delete: str | None = None
    reads: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rows:
    """Who reaches the rows of one table through the web role.

    `read`, `insert`, `update`, `delete`: SQL conditions over the table's columns; None means never.
    `secret`: the one role besides the worker that may read: `roles.SCORER` for answer keys, `roles.SIGNER` for seeds.
    `columns`: what an update may change, where that is not every column.
    `doors`: what other roles may do that the web becomes for one purpose.
    """

    read: str | None = None
    insert: str | None = None
    update: str | None = None
    delete: str | None = None
    secret: str = ""
    columns: tuple[str, ...] = ()
    doors: tuple[Door, ...] = ()


PUBLIC = Rows(read=EVERYONE)
"""Reference data: everyone reads it, only jobs and the command line write it."""

WORKERS_ONLY = Rows()


def own(column: str) -> str:
    """The actor's own rows: `column` holds the actor's person id."""
    return f"{column} = {ACTOR}"


def any_of(*conditions: str) -> str:
    """True where any of the conditions holds."""
    return "(" + " OR ".join(conditions) + ")"


def tables() -> dict[str, tuple[str, Rows]]:
    """Every table of our rooms and of the libraries we store through: name -> (app label, declaration)."""
    found: dict[str, tuple[str, Rows]] = {}
    for model in apps.get_models(include_auto_created=True):
        declared = getattr(model, "rows", None)
        if declared is not None:
            found[model._meta.db_table] = (model._meta.app_label, declared)
    found.update({name: ("", declared) for name, declared in foreign().items()})
    missing = {m._meta.db_table for m in _managed()} - set(found)
    if missing:
        raise UndeclaredRows(f"No rows declaration for: {', '.join(sorted(missing))}")
    return found


def foreign() -> Mapping[str, Rows]:
    """Declarations for tables of libraries, from the setting `FOREIGN_ROWS`."""
    from django.conf import settings

    declared: Mapping[str, Rows] = settings.FOREIGN_ROWS
    return declared


def _managed() -> Iterable[type[models.Model]]:
    return (m for m in apps.get_models(include_auto_created=True) if m._meta.managed and not m._meta.proxy)


def protect() -> int:
    """Writes all grants and policies; returns how many tables it protected. Run as the owner of the tables."""
    declared = tables()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT c.relname, p.polname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid")
        for table, policy in cursor.fetchall():
            cursor.execute(f'DROP POLICY "{policy}" ON "{table}"')
        for role in (roles.APP, roles.WORKER, roles.MONITOR, roles.SCORER, roles.SIGNER, roles.PROVISIONER):
            cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
            cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
            cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
        for table, (label, rows) in declared.items():
            for statement in _statements(table, label, rows):
                cursor.execute(statement)
    return len(declared)


def open_to_owner() -> None:
    """Lets the owner of the tables see their rows until `protect` closes them again; run before a migration.

    Under FORCE the owner sees no row, so Django would write its list of models anew and be refused, and a migration
    that moves data would move none.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT oid::regclass::text FROM pg_class"
            " WHERE relforcerowsecurity AND relowner = current_user::regrole AND relkind IN ('r', 'p')"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")


def _statements(table: str, label: str, rows: Rows) -> Iterable[str]:
    name = f'"{table}"'
    yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO {roles.WORKER}"
    yield f"CREATE POLICY worker ON {name} TO {roles.WORKER} USING (true) WITH CHECK (true)"
    if rows.secret:
        yield f"GRANT SELECT ON {name} TO {rows.secret}"
        yield f"CREATE POLICY secret ON {name} FOR SELECT TO {rows.secret} USING (true)"
    else:
        yield f"GRANT SELECT ON {name} TO {roles.MONITOR}"
        yield f"CREATE POLICY monitor_reads ON {name} FOR SELECT TO {roles.MONITOR} USING (true)"
    if label == "monitoring":
        yield f"GRANT INSERT, UPDATE, DELETE ON {name} TO {roles.MONITOR}"
        yield f"CREATE POLICY monitor_writes ON {name} TO {roles.MONITOR} USING (true) WITH CHECK (true)"
    web = Door(roles.APP, rows.read, rows.insert, rows.update, rows.delete, columns=rows.columns)
    for door in (web, *rows.doors):
        yield from _opened(name, door)


def _opened(name: str, door: Door) -> Iterable[str]:
    clauses = {
        "SELECT": (door.read, f"USING ({door.read})", door.reads),
        "INSERT": (door.insert, f"WITH CHECK ({door.insert})", ()),
        "UPDATE": (door.update, f"USING ({door.update}) WITH CHECK ({door.update})", door.columns),
        "DELETE": (door.delete, f"USING ({door.delete})", ()),
    }
    called = door.role.removeprefix(roles.PREFIX)
    for command, (condition, clause, columns) in clauses.items():
        if condition is not None:
            only = f" ({', '.join(columns)})" if columns else ""
            yield f"GRANT {command}{only} ON {name} TO {door.role}"
            yield f"CREATE POLICY {called}_{command.lower()} ON {name} FOR {command} TO {door.role} {clause}"
