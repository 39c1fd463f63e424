"""Every field is marked personal or not, and every table says who may reach its rows."""

import pytest
from django.apps import apps
from django.db import models

from karmayogi.registry import rows
from karmayogi.registry.fields import fields


def ours():
    return [m for m in apps.get_models(include_auto_created=True) if m.__module__.startswith("karmayogi.")]


def unmarked(model):
    """Fields of a model that are in neither list or in both, and listed names that are no fields."""
    names = {f.name for f in model._meta.get_fields() if getattr(f, "concrete", False)}
    names |= {"pk"} if model._meta.pk.name == "pk" else set()
    personal, plain = set(model.PERSONAL), set(model.PLAIN)
    return (names - personal - plain) | (personal & plain) | ((personal | plain) - names)


@pytest.mark.parametrize("model", ours(), ids=lambda m: m._meta.label)
def test_every_field_is_marked_personal_or_plain(model):
    assert unmarked(model) == set()


def test_every_table_declares_its_rows():
    assert {m._meta.db_table for m in ours()} <= set(rows.tables())


def test_an_unmarked_field_is_caught():
    class Planted(models.Model):
        name = models.CharField(max_length=9)
        PERSONAL = fields("")
        PLAIN = fields("id")

        class Meta:
            app_label = "planted"

    assert unmarked(Planted) == {"name"}


def test_a_table_without_a_declaration_is_caught(monkeypatch):
    from karmayogi.institutions.models import AuditWitness

    monkeypatch.delattr(AuditWitness, "rows")
    with pytest.raises(rows.UndeclaredRows, match="institutions_auditwitness"):
        rows.tables()
