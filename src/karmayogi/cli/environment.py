"""Getting a command ready: a database to talk to, in the right role, and Django set up."""

import os
import sys
from pathlib import Path

from karmayogi.cli.databases import ensure_database, ensure_roles
from karmayogi.cli.server import Server
from karmayogi.registry import roles

VARIABLES = {
    roles.APP: "DATABASE_URL",
    roles.WORKER: "KARMAYOGI_WORKER_URL",
    roles.OWNER: "KARMAYOGI_OWNER_URL",
    roles.BACKUP: "KARMAYOGI_BACKUP_URL",
}


class NoDatabaseFor(Exception):
    """DATABASE_URL points at a server of yours, but the address for this role is missing."""


def data_folder() -> Path:
    """Where the project's own server, files and collected static files live: KARMAYOGI_DATA, else `.data`."""
    return Path(os.environ.get("KARMAYOGI_DATA", ".data")).resolve()


def own_server() -> Server:
    """The project's own server (not started)."""
    return Server(data_folder() / "postgres", durable=os.environ.get("KARMAYOGI_DURABLE", "1") != "0")


def database_name() -> str:
    """Name of the database on the project's own server."""
    return os.environ.get("KARMAYOGI_DATABASE", "karmayogi")


def address(role: str) -> str:
    """The postgresql:// address for a role, starting the project's own server where none is configured."""
    if os.environ.get("DATABASE_URL") and not os.environ.get("KARMAYOGI_OWN_SERVER"):
        found = os.environ.get(VARIABLES[role])
        if not found:
            raise NoDatabaseFor(
                f"DATABASE_URL is set, so set {VARIABLES[role]} too: this command works as {role}."
            )
        return found
    server = own_server().start()
    ensure_roles(server)
    ensure_database(server, database_name())
    return server.url(role, database_name())


def prepare(role: str) -> None:
    """Sets DATABASE_URL for the role and sets Django up; call once, before importing any room."""
    url = address(role)
    if not os.environ.get("DATABASE_URL"):
        os.environ["KARMAYOGI_OWN_SERVER"] = "1"
    os.environ["DATABASE_URL"] = url
    doing = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    # By this name the database lists who is connected, and the audit log who acted where no person did.
    os.environ["PGAPPNAME"] = f"karmayogi {doing}".strip()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "karmayogi.settings")
    import django

    django.setup()
    from karmayogi.registry import acting

    acting.SYSTEM.set("" if role == roles.APP else f"system:{doing or 'command'}")
