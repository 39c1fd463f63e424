"""Writes three pages of `reference/` from the code: `python docs/write_reference.py`.

With `--check` nothing is written; exit code 1 says that a page is not what the code says today.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

PAGES = Path(__file__).parent / "reference"
WRITTEN = "<!-- Written by docs/write_reference.py; change the code, then run it again. -->"


def commands() -> str:
    """Every command with its help, as Markdown."""
    from karmayogi.cli import cli

    told = [
        "# Commands", WRITTEN,
        "What `karmayogi --help` and `karmayogi COMMAND --help` say. Exit codes: 0 done, 1 the work failed or found"
        " something wrong, 2 called wrongly.",
    ]  # fmt: skip
    told += _command(cli, "karmayogi", parent=None)
    return "\n\n".join(told) + "\n"


def _command(command: click.Command, name: str, *, parent: click.Context | None) -> Iterator[str]:
    settings = {**command.context_settings, "max_content_width": 100, "terminal_width": 100}
    context = click.Context(command, info_name=name, parent=parent, **settings)
    depth = 2 if parent is None or parent.parent is None else 3
    yield f"{'#' * depth} {context.command_path}"
    yield f"```text\n{command.get_help(context)}\n```"
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            found = command.get_command(context, each)
            if found is not None:
                yield from _command(found, each, parent=context)


def _models_ready() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "karmayogi.settings")
    os.environ.setdefault("KARMAYOGI_DEMO", "1")  # no secret is made for reading models
    import django

    django.setup()


def data_model() -> str:
    """Every table by room: what a row is, and which of its fields are personal data."""
    _models_ready()
    from django.apps import apps

    told = [
        "# Data model", WRITTEN,
        "Tables by room. Every field is marked personal or not; the personal ones are named here. Who reaches which"
        " row is declared at each model (`rows`), see [the gate](../explanation/the-gate.md).",
    ]  # fmt: skip
    for app in apps.get_app_configs():
        models = list(app.get_models(include_auto_created=True))
        if app.name.startswith("karmayogi.") and models:
            told.append(f"## {app.label}")
            rows = [_row(model) for model in sorted(models, key=lambda m: m._meta.db_table)]
            told.append("\n".join(["| table | a row is | personal |", "|---|---|---|", *rows]))
    return "\n\n".join(told) + "\n"


def _row(model: Any) -> str:
    about = " ".join((model.__doc__ or "").split("\n\n")[0].split())
    if about.startswith(f"{model.__name__}("):  # Django writes this where nobody wrote anything
        about = ""
    personal = ", ".join(sorted(getattr(model, "PERSONAL", ()))) or "no"
    return f"| `{model._meta.db_table}` | {about.replace('|', '/')} | {personal} |"


def purposes() -> str:
    """Every personal field by purpose, with ground, time and what erasure does to it."""
    _models_ready()
    from karmayogi.policy import purposes as register
    from karmayogi.policy.defaults import HOUSE_DEFAULTS

    (months,) = (rule.value for rule in HOUSE_DEFAULTS if rule.key == register.RETENTION)
    told = [
        "# Purposes", WRITTEN,
        "Why each personal field is kept, by which law, how long, and what erasure does to it. The times are those of"
        " the house's own rule `privacy.retention`; an order can set others. `*` stands for rows that are about a"
        " person through another row. At erasure a row is deleted (`delete`), a field is emptied (`empty`), kept"
        " (`keep`) or shares the fate of its row (`row`). How each law is known: `read` in its text, `partial`, from"
        " `memory`, or `ours`.",
    ]  # fmt: skip
    for key, purpose in register.purposes().items():
        time = (
            f"{months[key]} months {purpose.counted}"
            if months[key]
            else "until the record of the person ends"
        )
        told.append(f"## {purpose.title}")
        blocked = f"Blocks erasure: {purpose.blocked_by}. " if purpose.blocked_by else ""
        told.append(
            f"`{key}`. {purpose.why} Ground: {purpose.ground}. Kept: {time}. {blocked}({purpose.status})"
        )
        rows = [
            f"| `{line.table}` | {line.field.replace('*', chr(92) + '*')} | {line.at_erasure} |"
            for line in register.lines().values()
            if line.purpose == key
        ]
        told.append("\n".join(["| table | field | at erasure |", "|---|---|---|", *rows]))
    return "\n\n".join(told) + "\n"


WRITERS = {"commands.md": commands, "data-model.md": data_model, "purposes.md": purposes}


def main(arguments: list[str]) -> int:
    """Writes the pages, or says which are out of date."""
    old = [name for name, write in WRITERS.items() if _differs(PAGES / name, write())]
    if "--check" in arguments:
        for name in old:
            print(f"docs/reference/{name} is out of date: run python docs/write_reference.py")
        return 1 if old else 0
    for name in old:
        (PAGES / name).write_text(WRITERS[name](), encoding="utf-8")
        print(f"wrote docs/reference/{name}")
    return 0


def _differs(path: Path, text: str) -> bool:
    return not path.exists() or path.read_text(encoding="utf-8") != text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
