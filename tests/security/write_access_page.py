"""Writes docs/reference/access.md from the oracle. Run `python -m tests.security.write_access_page` after a change."""

import sys
from pathlib import Path

from .oracle import AUDIENCES, DECIDED_IN_THE_VIEW, GRANTS, ROUTES, WHOSE

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "access.md"

HEAD = """# Who may open what

Every address of the site, for whom it is and whose rows it may name. `make check` asks the running gate about every
address for somebody signed out, the people of the demonstration, somebody whose grants ended yesterday, somebody
who left a team yesterday and, for every role there is, somebody who holds that grant alone; about objects of their own,
of the team, of a sibling unit, of another ministry, of a former place and about objects that do not exist; with GET,
HEAD, POST, PUT, PATCH and DELETE. Whatever differs from this page fails.

This page is written by `python -m tests.security.write_access_page`; the tables stand in `tests/security/oracle.py`.

Four answers are possible. *Admitted*: the page opens. *To sign-in*: nobody is signed in and the page is not for
everyone; a program gets status 401. *Refused*: status 403 where the audience is another one, 404 where the object is
out of reach or does not exist; the two are not told apart, and the refusal is kept. *Method not allowed*: status 405.
"""


def text() -> str:
    """The page."""
    parts = [HEAD, *(_audience(who, title) for who, title in AUDIENCES.items()), _grants(), _late()]
    return "\n".join(parts)


def _audience(who: str, title: str) -> str:
    lines = [f"## {title}", "", "| Route | Address | Methods | Whose |", "| --- | --- | --- | --- |"]
    for name, line in ROUTES.items():
        if line.who == who:
            about = f"{line.about}: " if line.about else ""
            whose = f"{about}{WHOSE[line.whose]}"
            lines.append(f"| {name} | `{_address(name)}` | {line.methods.replace(' ', ', ')} | {whose} |")
    return "\n".join([*lines, ""])


def _address(name: str) -> str:
    from django.urls import get_resolver

    return next("/" + str(entry.pattern) for entry in get_resolver().url_patterns if entry.name == name)


def _grants() -> str:
    lines = ["## Grants that open pages", "", "| Pages | Grants |", "| --- | --- |"]
    lines += [f"| {who} | {', '.join(sorted(held))} |" for who, held in GRANTS.items()]
    return "\n".join([*lines, ""])


def _late() -> str:
    lines = ["## Objects decided after the gate", ""]
    lines += [f"- `{route}`: {why}." for route, why in DECIDED_IN_THE_VIEW.items()]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    import os

    import django

    sys.path.insert(0, str(ROOT / "src"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "karmayogi.settings")
    django.setup()
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(text())
