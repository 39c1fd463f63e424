"""Where people stand in the tables: every column that holds a person's id, and every personal field.

Computed from the models, so that export, erasure and the register of purposes miss no table: foreign keys to a
person or an account, plain columns named in `PEOPLE`, and rows that belong to a row with such a key.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models

PERSON = "institutions.Person"


class UnreachedTable(Exception):
    """A table has personal fields, but nothing leads from a person to its rows; give its model `PEOPLE` or `ABOUT`."""


@dataclass(frozen=True, slots=True)
class PersonKey:
    """A column that holds the id of a person. `nullable`: it can be emptied and the row stays."""

    table: str
    field: str
    column: str
    nullable: bool


@dataclass(frozen=True, slots=True)
class PersonTable:
    """A table with rows about people.

    `columns`: field -> column, for the personal fields in the order of the model. `emptied`: column -> SQL of the
    value that says nothing. `condition`: SQL that is true of the rows with the key of `%(person)s`; `about`: the part
    of it for rows that have no key of their own, "" if there is none.
    `hidden`: columns that are not handed out, because whoever has them could sign in or break the seal of the log.
    """

    table: str
    pk: str
    keys: tuple[PersonKey, ...]
    columns: dict[str, str]
    all_columns: tuple[str, ...]
    emptied: dict[str, str]
    condition: str
    about: str
    hidden: frozenset[str]


def tables() -> dict[str, PersonTable]:
    """Every table with rows about people, by name. Raises `UnreachedTable`."""
    found = [table(model) for model in _models() if _marked(model)]
    return {t.table: t for t in sorted(found, key=lambda t: t.table)}


def table(model: type[models.Model]) -> PersonTable:
    """What is known of the people in one model. Raises `UnreachedTable`."""
    concrete: Any = model._meta.concrete_fields
    personal = _marked(model)
    secret = _SECRETS if hasattr(model, "rows") else _SECRETS_OF_LIBRARIES
    return PersonTable(
        table=model._meta.db_table,
        pk=str(model._meta.pk.column),
        keys=keys(model),
        columns={f.name: f.column for f in concrete if f.name in personal},
        all_columns=tuple(f.column for f in concrete),
        emptied={f.column: _empty(f) for f in concrete},
        condition=condition(model),
        about=_about(model),
        hidden=frozenset(f.column for f in concrete if f.name in secret),
    )


def keys(model: type[models.Model]) -> tuple[PersonKey, ...]:
    """The columns of a model that hold a person's id."""
    people = {PERSON.lower(), settings.AUTH_USER_MODEL.lower()}
    named: frozenset[str] = getattr(model, "PEOPLE", frozenset())
    found = []
    fields: Any = model._meta.concrete_fields
    for field in fields:
        target = field.related_model._meta.label_lower if field.is_relation else ""
        itself = field.primary_key and model._meta.label == PERSON
        if itself or target in people or field.name in named:
            found.append(PersonKey(model._meta.db_table, field.name, field.column, field.null))
    return tuple(found)


def condition(model: type[models.Model]) -> str:
    """SQL that is true of the rows with the key of `%(person)s`. Raises `UnreachedTable`."""
    parts = [f'"{key.column}" = %(person)s' for key in keys(model)]
    found = " OR ".join([*parts, *filter(None, [_about(model)])])
    if not found:
        raise UnreachedTable(f"{model._meta.label} has personal fields, but no way from a person to them.")
    return found


def _about(model: type[models.Model]) -> str:
    said: str = getattr(model, "ABOUT", "")
    if said or keys(model):
        return said
    return " OR ".join(_through(f) for f in model._meta.concrete_fields if _leads_to_people(f))


def _models() -> Iterable[type[models.Model]]:
    return (m for m in apps.get_models(include_auto_created=True) if m._meta.managed and not m._meta.proxy)


def _marked(model: type[models.Model]) -> frozenset[str]:
    """The personal fields: those marked, and of a table of a library that leads to an account all but its own id."""
    if hasattr(model, "rows"):
        return getattr(model, "PERSONAL", frozenset())
    if keys(model) or any(_leads_to_people(f) for f in model._meta.concrete_fields):
        return frozenset(f.name for f in model._meta.concrete_fields if not f.primary_key)
    return frozenset()


def _leads_to_people(field: Any) -> bool:
    return field.is_relation and not field.null and bool(keys(field.related_model))


def _through(field: Any) -> str:
    parent = field.related_model
    where = " OR ".join(f'"{key.column}" = %(person)s' for key in keys(parent))
    target = parent._meta.pk.column
    return f'"{field.column}" IN (SELECT "{target}" FROM "{parent._meta.db_table}" WHERE {where})'  # noqa: S608


def _empty(field: Any) -> str:
    if field.null:
        return "NULL"
    if isinstance(field, models.JSONField):
        return "'{}'"
    if isinstance(field, models.CharField | models.TextField):
        return "id::text" if field.unique else "''"
    return ""


_SECRETS = frozenset({"password", "session_key", "session_data", "salt"})
_SECRETS_OF_LIBRARIES = frozenset({"data", "key", "token", "token_secret"})
