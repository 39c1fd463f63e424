"""Every personal field has a purpose, a law and a time, and every table about people can be reached by their key."""

import pytest
from django.apps import apps
from django.db import models

from karmayogi.policy import purposes
from karmayogi.policy.defaults import HOUSE_DEFAULTS
from karmayogi.registry import keys, rows
from karmayogi.registry.fields import fields
from karmayogi.settings import FOREIGN_ROWS

NOT_PEOPLE = {
    "registry.Case.subject_id": "what is questioned, e.g. a sitting",
    "institutions.Assignment.post": "a post",
    "competency.Evidence.replaces": "a row of evidence",
    "learning.Activity.competency": "a competency",
    "planning.PlanItem.ref": "a course, a check or a task",
    "planning.PlanItem.entry": "an entry of the activity book",
}
"""Personal ids that are no person's."""


def personal_ids(model):
    """Plain id columns that are marked personal."""
    for field in model._meta.concrete_fields:
        plain = isinstance(field, models.UUIDField) and not field.is_relation and not field.primary_key
        if plain and field.name in getattr(model, "PERSONAL", ()):
            yield field.name


def unregistered(marked, lines):
    return sorted(set(marked) - set(lines))


def test_every_personal_field_has_a_line_with_a_purpose_that_exists():
    assert unregistered(purposes.marked(), purposes.lines()) == []
    assert {line.purpose for line in purposes.lines().values()} == set(purposes.purposes())


def test_no_line_is_left_over_from_a_field_that_is_gone():
    assert sorted(set(purposes.lines()) - purposes.marked()) == []


def test_a_personal_field_without_a_line_is_caught():
    class Unregistered(models.Model):
        person = models.ForeignKey("institutions.Person", models.PROTECT, related_name="+")
        mood = models.CharField(max_length=9)
        PERSONAL = fields("person mood")
        rows = rows.WORKERS_ONLY

        class Meta:
            app_label = "planted"
            managed = False

    planted = keys.table(Unregistered)
    marked = purposes.marked() | {(planted.table, name) for name in planted.columns}
    assert unregistered(marked, purposes.lines()) == [
        ("planted_unregistered", "mood"),
        ("planted_unregistered", "person"),
    ]


def test_every_purpose_has_a_law_and_a_time():
    (months,) = (rule.value for rule in HOUSE_DEFAULTS if rule.key == purposes.RETENTION)
    assert set(months) == set(purposes.purposes())
    assert purposes.without_time(months) == []
    assert all(p.ground and p.why and p.counted for p in purposes.purposes().values())


@pytest.mark.parametrize("time", [None, 0, -1, True, "ever", "12"])
def test_a_purpose_without_a_time_is_caught(time):
    (months,) = (rule.value for rule in HOUSE_DEFAULTS if rule.key == purposes.RETENTION)
    assert purposes.without_time({**months, "messages": time}) == ["messages"]
    assert purposes.without_time({key: m for key, m in months.items() if key != "log"}) == ["log"]


def test_every_table_about_people_has_a_clock_or_says_why_it_stays():
    clocks = purposes.clocks()
    assert sorted(set(keys.tables()) ^ set(clocks)) == []
    assert [c.table for c in clocks.values() if bool(c.since) == bool(c.stays)] == []
    assert {c.purpose for c in clocks.values()} <= set(purposes.purposes())


def test_whatever_is_kept_at_erasure_names_the_law():
    kept = {line.purpose for line in purposes.lines().values() if line.at_erasure == "keep"}
    assert [key for key in sorted(kept) if not purposes.purposes()[key].blocked_by] == []


@pytest.mark.parametrize("model", apps.get_models(), ids=lambda m: m._meta.label)
def test_every_personal_id_is_a_persons_or_said_to_be_something_else(model):
    named = set(getattr(model, "PEOPLE", ()))
    other = {name for name in personal_ids(model) if f"{model._meta.label}.{name}" in NOT_PEOPLE}
    assert set(personal_ids(model)) == named | other
    assert not named & other


def test_every_table_of_a_library_about_accounts_is_known():
    ours = {name for name in keys.tables() if name in FOREIGN_ROWS}
    assert ours == {
        "account_emailaddress",
        "account_emailconfirmation",
        "mfa_authenticator",
        "socialaccount_socialaccount",
        "socialaccount_socialtoken",
    }


def test_a_table_about_people_that_cannot_be_reached_is_caught():
    class Lost(models.Model):
        mood = models.CharField(max_length=9)
        PERSONAL = fields("mood")
        rows = rows.WORKERS_ONLY

        class Meta:
            app_label = "planted"
            managed = False

    with pytest.raises(keys.UnreachedTable):
        keys.table(Lost)
