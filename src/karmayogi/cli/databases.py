"""Roles and databases on our server: made when missing, the same after every call."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, LiteralString
from urllib.parse import quote

import psycopg
from psycopg import sql

from karmayogi.cli.binaries import ServerError
from karmayogi.registry.roles import APP, MONITOR, OWNER, PROVISIONER, SCORER, SIGNER, SUPERUSER, WORKER

EXTENSIONS = ("btree_gist", "pg_trgm")
BUILT_IN = ("postgres", "template0", "template1")

_PLAIN = "NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS "
ATTRIBUTES: dict[str, LiteralString] = {
    OWNER: "LOGIN CREATEDB " + _PLAIN,
    APP: "LOGIN NOCREATEDB NOINHERIT " + _PLAIN,
    WORKER: "LOGIN NOCREATEDB NOINHERIT " + _PLAIN,
    MONITOR: "NOLOGIN NOCREATEDB " + _PLAIN,
    SCORER: "NOLOGIN NOCREATEDB " + _PLAIN,
    SIGNER: "NOLOGIN NOCREATEDB " + _PLAIN,
    PROVISIONER: "NOLOGIN NOCREATEDB " + _PLAIN,
}
MEMBERS = {
    MONITOR: (WORKER,),
    APP: (WORKER,),
    SCORER: (APP, WORKER),
    SIGNER: (WORKER,),
    PROVISIONER: (APP, WORKER),
}

PATIENCE = 5.0
"""Seconds to wait for a template that somebody is still connected to."""

_SINGLE_FILE = 0x6B61726D61  # any number nobody else locks: two set-ups at once take turns


class ExtensionMissing(ServerError):
    """The server's programs came without an extension we need."""


class DatabaseInUse(ServerError):
    """A template that somebody is connected to cannot be copied."""


@dataclass(frozen=True)
class Address:
    """Where a server answers and the password of each role that may sign in there."""

    host: str
    port: int
    passwords: Mapping[str, str] = field(repr=False)

    def url(self, role: str, database: str) -> str:
        """postgresql:// with the password in it: never print it. Raises KeyError for a role without LOGIN."""
        login = f"{quote(role, safe='')}:{quote(self.passwords[role], safe='')}"
        return f"postgresql://{login}@{self.host}:{self.port}/{quote(database, safe='')}"


def connect(
    address: Address, *, role: str = SUPERUSER, database: str = "postgres"
) -> psycopg.Connection[Any]:
    """An open connection in autocommit mode. Raises psycopg.OperationalError when refused."""
    # A stranger's server on our port must not talk us into sending the password in clear.
    proof: dict[str, Any] = {"require_auth": "scram-sha-256"} if psycopg.pq.version() >= 160000 else {}
    return psycopg.connect(
        host=address.host,
        port=address.port,
        user=role,
        password=address.passwords[role],
        dbname=database,
        connect_timeout=5,
        sslmode="disable",
        gssencmode="disable",
        application_name="karmayogi setup",
        autocommit=True,
        **proof,
    )


def ensure_roles(address: Address) -> None:
    """The roles with their attributes, passwords and memberships; running it again changes nothing."""
    with connect(address) as connection, _alone(connection):
        present = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for role, attributes in ATTRIBUTES.items():
            verb = sql.SQL("ALTER ROLE {} {}" if role in present else "CREATE ROLE {} {}")
            connection.execute(verb.format(sql.Identifier(role), sql.SQL(attributes)))
            if role in address.passwords:
                _set_password(connection, role=role, password=address.passwords[role])
        # From 16 on, inheriting belongs to the membership and no longer to the member alone.
        how = " WITH INHERIT FALSE, SET TRUE" if connection.info.server_version >= 160000 else ""
        for granted, members in MEMBERS.items():
            connection.execute(
                sql.SQL("GRANT {} TO {}" + how).format(
                    sql.Identifier(granted), sql.SQL(", ").join(map(sql.Identifier, members))
                )
            )


def _set_password(connection: psycopg.Connection[Any], *, role: str, password: str) -> None:
    # Sent hashed, so that no statement log can hold the password.
    scram = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(scram)))


def ensure_database(address: Address, name: str, *, template: str | None = None) -> bool:
    """True when `name` was made now, False when it was there; owned by OWNER, extensions present.

    `template` is the database to copy, template1 when None; an existing database is left as it is.
    Raises ExtensionMissing, and DatabaseInUse when somebody stays connected to `template`.
    """
    with connect(address) as connection:
        made = _create(connection, name=name, template=template or "template1")
    with connect(address, database=name) as connection, _alone(connection):
        for extension in EXTENSIONS:
            try:
                connection.execute(
                    sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension))
                )
            except (psycopg.errors.FeatureNotSupported, psycopg.errors.UndefinedFile) as error:
                raise ExtensionMissing(
                    f"This PostgreSQL has no {extension}. Install its contrib package "
                    "(Debian: part of postgresql-15; Red Hat: postgresql15-contrib)."
                ) from error
    return made


def _create(connection: psycopg.Connection[Any], *, name: str, template: str) -> bool:
    statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
        *map(sql.Identifier, (name, OWNER, template))
    )
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None:
            return False
        try:
            connection.execute(statement)
            return True
        except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            return False
        except psycopg.errors.ObjectInUse:
            time.sleep(0.1)
    raise DatabaseInUse(
        f"{name} cannot be copied from {template} while a program is connected to {template}. Close it."
    )


def drop_database(address: Address, name: str) -> None:
    """Removes the database `name` and ends its connections; nothing when it is not there."""
    if name in BUILT_IN:
        raise ServerError(f"{name} belongs to PostgreSQL itself and is not dropped.")
    with connect(address) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _alone(connection: psycopg.Connection[Any]) -> Iterator[None]:
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_SINGLE_FILE,))
        yield
