"""The roles and databases of our own PostgreSQL server."""

import psycopg
import pytest
from tests.unit.cli.clusters import value

from karmayogi.cli.server import (
    Address,
    DatabaseInUse,
    ServerError,
    connect,
    drop_database,
    ensure_database,
    ensure_roles,
)
from karmayogi.registry.roles import (
    APP,
    BACKUP,
    MONITOR,
    OWNER,
    PROVISIONER,
    SCORER,
    SIGNER,
    WORKER,
)


def test_roles_have_the_attributes_and_memberships_of_the_design_however_often_they_are_made(serve):
    address = serve().start()
    for _ in range(2):
        ensure_roles(address)
    columns = "rolcanlogin, rolcreatedb, rolinherit, rolsuper, rolbypassrls, rolcreaterole"
    with connect(address) as connection:
        found = {
            name: facts
            for name, *facts in connection.execute(
                f"SELECT rolname, {columns} FROM pg_roles WHERE rolname ~ '^karma'"
            )
        }
        members = {
            tuple(row)
            for row in connection.execute(
                "SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members"
                " WHERE member::regrole::text ~ '^karma'"
            )
        }
    assert found == {
        OWNER: [True, True, True, False, False, False],
        APP: [True, False, False, False, False, False],
        WORKER: [True, False, False, False, False, False],
        MONITOR: [False, False, True, False, False, False],
        SCORER: [False, False, True, False, False, False],
        SIGNER: [False, False, True, False, False, False],
        PROVISIONER: [False, False, True, False, False, False],
        BACKUP: [True, False, True, False, True, False],
    }
    assert members == {
        (MONITOR, WORKER),
        (APP, WORKER),
        (SCORER, APP),
        (SCORER, WORKER),
        (SIGNER, WORKER),
        (PROVISIONER, APP),
        (PROVISIONER, WORKER),
        ("pg_read_all_data", BACKUP),
    }


def test_a_member_gains_a_right_only_by_setting_the_role(serve):
    address = serve().start()
    ensure_roles(address)
    ensure_database(address, "karmayogi")
    with connect(address, role=OWNER, database="karmayogi") as connection:
        connection.execute("CREATE TABLE keys AS SELECT 'b' AS answer")
        connection.execute(f"GRANT SELECT ON keys TO {SCORER}")
    with connect(address, role=APP, database="karmayogi") as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT * FROM keys")
        connection.execute(f"SET ROLE {SCORER}")
        assert connection.execute("SELECT * FROM keys").fetchall() == [("b",)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"SET ROLE {MONITOR}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"SET ROLE {OWNER}")


def test_a_role_that_was_given_too_much_is_brought_back(serve):
    address = serve().start()
    ensure_roles(address)
    with connect(address) as connection:
        connection.execute(f"ALTER ROLE {APP} SUPERUSER BYPASSRLS INHERIT PASSWORD 'other'")
    ensure_roles(address)
    assert (
        value(
            address,
            "SELECT rolsuper OR rolbypassrls OR rolinherit FROM pg_roles WHERE rolname = current_user",
            role=APP,
        )
        is False
    )


def test_a_database_is_made_once_belongs_to_the_owner_and_has_the_extensions(serve):
    address = serve().start()
    ensure_roles(address)
    assert ensure_database(address, "karmayogi") is True
    assert ensure_database(address, "karmayogi") is False
    with psycopg.connect(address.url(OWNER, "karmayogi")) as connection:
        row = connection.execute(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        assert row == (OWNER,)
        names = {name for (name,) in connection.execute("SELECT extname FROM pg_extension")}
        assert {"btree_gist", "pg_trgm"} <= names
        connection.execute(
            "CREATE TABLE seats (room int, held tstzrange, EXCLUDE USING gist (room WITH =, held WITH &&))"
        )


def test_a_database_is_copied_from_a_template_unless_somebody_uses_it(serve, monkeypatch):
    address = serve().start()
    ensure_roles(address)
    ensure_database(address, "pattern")
    with connect(address, role=OWNER, database="pattern") as connection:
        connection.execute("CREATE TABLE carried AS SELECT 7 AS n")
        monkeypatch.setattr("karmayogi.cli.databases.PATIENCE", 0.3)
        with pytest.raises(DatabaseInUse, match="pattern"):
            ensure_database(address, "copy", template="pattern")
    assert ensure_database(address, "copy", template="pattern") is True
    assert value(address, "SELECT n FROM carried", role=OWNER, database="copy") == 7


def test_a_database_is_dropped_with_its_connections_and_the_built_in_ones_are_not(serve):
    address = serve().start()
    ensure_roles(address)
    ensure_database(address, "short_lived")
    with connect(address, role=OWNER, database="short_lived"):
        drop_database(address, "short_lived")
    drop_database(address, "short_lived")
    assert value(address, "SELECT count(*) FROM pg_database WHERE datname = 'short_lived'") == 0
    with pytest.raises(ServerError, match="not dropped"):
        drop_database(address, "template1")


def test_a_url_quotes_what_a_url_must_quote():
    address = Address("127.0.0.1", 5999, {APP: "a/b@c:d"})
    assert address.url(APP, "my db") == "postgresql://karmayogi_app:a%2Fb%40c%3Ad@127.0.0.1:5999/my%20db"
