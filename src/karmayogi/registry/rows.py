"""Row-level security as declarations on the models.

Each model carries `rows = Rows(...)`: SQL conditions for what the web role may read and write. `protect()` turns
all declarations into grants and policies; it is run after every migration, so that policies
always say what the code says. A model without a declaration stops it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from django.apps import apps
from django.db import ProgrammingError, connection, models, transaction

from karmayogi.registry import locks, roles

ACTOR = "(select nullif(current_setting('app.actor', true), '')::uuid)"
PURPOSE = "current_setting('app.purpose', true)"
_REVIEWING = f"{PURPOSE} = 'reviewer'"
_NARROWING = "'reviewer', 'help_desk', 'grantor', 'auditor', 'support', 'registrar', 'operator', 'provider'"
_NARROWED = f"{PURPOSE} in ({_NARROWING})"
_SCOPES = "nullif(current_setting('app.scopes', true), '')::int4multirange"
SCOPES = f"(select case when {_NARROWED} then null else {_SCOPES} end)"
HELD = f"(select {_SCOPES})"
"""The bodies of the actor's grants, whatever they came for: only where a condition names the purpose beside it."""
HELPED = f"(select case when {PURPOSE} = 'help_desk' then {_SCOPES} end)"
"""The bodies whose officials the actor helps to sign in: it opens who they are and where they serve, nothing else."""
KEPT = f"(select case when {PURPOSE} = 'establishment' then {_SCOPES} end)"
"""The bodies whose records the actor keeps: it opens who serves or served there, on any day."""
_OVERSEEING = "'grantor', 'auditor', 'support', 'registrar', 'operator'"
OVERSEEN = f"(select case when {PURPOSE} in ({_OVERSEEING}) then {_SCOPES} end)"
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


_GRANTED = (roles.APP, roles.WORKER, roles.MONITOR, roles.SCORER, roles.SIGNER, roles.PROVISIONER)


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
    `monitored`: whether figures may be made of it; how people sign in is nobody's figure.
    """

    read: str | None = None
    insert: str | None = None
    update: str | None = None
    delete: str | None = None
    secret: str = ""
    columns: tuple[str, ...] = ()
    doors: tuple[Door, ...] = ()
    monitored: bool = True


@dataclass(frozen=True)
class View:
    """A query of several tables that says itself who sees which of its rows, once for all of them.

    It belongs to the owner of the tables and is read with the owner's rights: the conditions of the tables `through`
    do not count in it, hence its own WHERE must. A model declares it in `views`; row conditions may look into it.
    """

    name: str
    through: tuple[str, ...]
    query: str
    monitored: bool = True


@dataclass(frozen=True)
class Question:
    """A yes or no about the person `asked`, for row conditions: `name(column)`.

    For what few requests ask: a function is planned when it is first asked, where a condition that spells its query out
    is planned with every query of its table; but asking it of many rows is slower. It has the rights of who asks.
    `body`, in PL/pgSQL, names every relation with its schema, or a temporary table of the same name would answer.
    """

    name: str
    body: str


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


def views() -> list[View]:
    """Every view that a model declares."""
    return [view for model in apps.get_models() for view in getattr(model, "views", ())]


def questions() -> list[Question]:
    """Every question that a model declares."""
    return [question for model in apps.get_models() for question in getattr(model, "row_questions", ())]


def foreign() -> Mapping[str, Rows]:
    """Declarations for tables of libraries, from the setting `FOREIGN_ROWS`."""
    from django.conf import settings

    declared: Mapping[str, Rows] = settings.FOREIGN_ROWS
    return declared


def _managed() -> Iterable[type[models.Model]]:
    return (m for m in apps.get_models(include_auto_created=True) if m._meta.managed and not m._meta.proxy)


def protect() -> int:
    """Writes the grants and policies that differ from the declarations; returns how many tables are protected.

    Run as the owner of the tables. What a table was given, and what that made of it, stands in its comment: a table
    where both are as they were is left alone, for changing a policy stops everybody who uses the table. Each table is
    a transaction of its own.
    """
    declared = tables()
    found = _found()
    for table in found.keys() - declared.keys():
        locks.patiently(lambda name=table: _run(_bare(name, found[name].policies)))  # type: ignore[misc]
    locks.patiently(lambda: _run(_general()))
    for view in views():
        locks.patiently(lambda v=view: _show(v))  # type: ignore[misc]
    for question in questions():
        locks.patiently(lambda q=question: _pose(q))  # type: ignore[misc]
    found = _found()
    for table, (label, rows) in declared.items():
        statements = [*_statements(table, label, rows), *_through(table)]
        wanted = sha256("\n".join(statements).encode()).hexdigest()[:16]
        held = found.get(table)
        if held is None or held.comment != _comment(wanted, held.actual):
            locks.patiently(lambda t=table, s=statements, w=wanted: _write(t, s, w))  # type: ignore[misc]
        elif not held.forced:
            locks.patiently(lambda t=table: _run([f'ALTER TABLE "{t}" FORCE ROW LEVEL SECURITY']))  # type: ignore[misc]
    return len(declared)


def _show(view: View) -> None:
    """The view as it is declared, if it is not so already."""
    wanted = sha256(f"{view.query} {view.monitored}".encode()).hexdigest()[:16]
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regclass(%s), 'pg_class')", [view.name])
        (held,) = cursor.fetchone()
    if held == wanted:
        return
    try:
        with transaction.atomic():
            _run([f'CREATE OR REPLACE VIEW "{view.name}" WITH (security_barrier) AS {view.query}'])
    except ProgrammingError:  # other columns: the policies that look into it go with it, and are written anew
        _run([f'DROP VIEW "{view.name}" CASCADE'])
        _run([f'CREATE VIEW "{view.name}" WITH (security_barrier) AS {view.query}'])
    readers = (roles.APP, roles.WORKER, *((roles.MONITOR,) if view.monitored else ()))
    _run([f'REVOKE ALL ON "{view.name}" FROM {roles.MONITOR}'])
    _run(f'GRANT SELECT ON "{view.name}" TO {role}' for role in readers)
    _run([f"COMMENT ON VIEW \"{view.name}\" IS '{wanted}'"])


def _pose(question: Question) -> None:
    """The question as it is declared, if it is not so already."""
    whole = f"BEGIN {question.body} END"
    wanted = sha256(whole.encode()).hexdigest()[:16]
    signature = f"public.{question.name}(uuid)"
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regprocedure(%s), 'pg_proc')", [signature])
        (held,) = cursor.fetchone()
    if held != wanted:
        _run(
            (
                f"CREATE OR REPLACE FUNCTION public.{question.name}(asked uuid) RETURNS boolean"
                f" LANGUAGE plpgsql STABLE PARALLEL SAFE AS $question$ {whole} $question$",
                f"COMMENT ON FUNCTION {signature} IS '{wanted}'",
            )
        )


def _through(table: str) -> Iterable[str]:
    if any(table in view.through for view in views()):
        # Rows are read as the owner, but on behalf of another: who signs in as the owner sees none.
        yield (
            f'CREATE POLICY through ON "{table}" FOR SELECT TO {roles.OWNER}'
            f" USING (current_user <> '{roles.OWNER}')"
        )


def open_to_owner() -> None:
    """Lets the owner of the tables see their rows until `protect` closes them again; run before a migration.

    Under FORCE the owner sees no row, so Django would write its list of models anew and be refused, and a migration
    that moves data would move none.
    """
    for table, held in _found().items():
        if held.forced:
            locks.patiently(lambda t=table: _run([f'ALTER TABLE "{t}" NO FORCE ROW LEVEL SECURITY']))  # type: ignore[misc]


@dataclass(frozen=True)
class _Held:
    """What the database says of a table. `actual`: a hash of its policies and grants."""

    comment: str
    actual: str
    forced: bool
    policies: tuple[str, ...]


_FOUND = """
SELECT c.relname, coalesce(obj_description(c.oid, 'pg_class'), ''), c.relforcerowsecurity,
  md5(concat_ws(';', c.relrowsecurity, c.relacl,
    (SELECT string_agg(a.attname || a.attacl::text, ',' ORDER BY a.attname) FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL),
    (SELECT string_agg(concat_ws('|', p.polname, p.polcmd, p.polroles, pg_get_expr(p.polqual, p.polrelid),
      pg_get_expr(p.polwithcheck, p.polrelid)), ',' ORDER BY p.polname) FROM pg_policy p WHERE p.polrelid = c.oid))),
  array(SELECT p.polname::text FROM pg_policy p WHERE p.polrelid = c.oid ORDER BY 1)
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND (%s = '' OR c.relname = %s)
"""


def _found(table: str = "") -> dict[str, _Held]:
    """The tables of the database, or the one."""
    with connection.cursor() as cursor:
        cursor.execute(_FOUND, [table, table])
        return {
            name: _Held(comment, actual, forced, tuple(policies))
            for name, comment, forced, actual, policies in cursor.fetchall()
        }


def _comment(wanted: str, actual: str) -> str:
    return f"rows {wanted} {actual}"


def _write(table: str, statements: Iterable[str], wanted: str) -> None:
    """All policies and grants of one table anew, and in its comment what they came to."""
    _run(_bare(table, _found(table)[table].policies))
    _run(statements)
    _run([f"COMMENT ON TABLE \"{table}\" IS '{_comment(wanted, _found(table)[table].actual)}'"])


def _bare(table: str, policies: Iterable[str]) -> Iterable[str]:
    yield from (f'DROP POLICY "{policy}" ON "{table}"' for policy in policies)
    yield f'REVOKE ALL ON "{table}" FROM {", ".join(_GRANTED)}'


def _general() -> Iterable[str]:
    for role in _GRANTED:
        yield f"GRANT USAGE ON SCHEMA public TO {role}"
        yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}"


def _run(statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _statements(table: str, label: str, rows: Rows) -> Iterable[str]:
    name = f'"{table}"'
    yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO {roles.WORKER}"
    yield f"CREATE POLICY worker ON {name} TO {roles.WORKER} USING (true) WITH CHECK (true)"
    if rows.secret:
        yield f"GRANT SELECT ON {name} TO {rows.secret}"
        yield f"CREATE POLICY secret ON {name} FOR SELECT TO {rows.secret} USING (true)"
    elif rows.monitored:
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
