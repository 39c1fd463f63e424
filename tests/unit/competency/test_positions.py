"""Positions: what a post is for, dated and by order."""

import datetime as dt

import pytest
from tests.unit.competency.conftest import DAY, position

from karmayogi.competency import positions
from karmayogi.competency.positions import NewActivity, NewRequirement, NewRole
from karmayogi.registry.acting import acting, as_worker

pytestmark = pytest.mark.django_db
NEW_DAY = dt.date(2026, 1, 1)


def changed():
    return position(roles=[NewRole("Buys", [NewActivity("Plans", [NewRequirement("noting", 5)])])])


def test_a_requirement_is_the_highest_level_over_the_activities(service):
    with acting(actor=service.anna, on=DAY):
        found = positions.requirements_of(["so-procurement", "unknown"], on=DAY)
    shown = [(r.key, r.level, r.essential, r.cut) for r in found["so-procurement"]]
    assert list(found) == ["so-procurement"]
    assert shown == [("tenders", 4, True, 1.0), ("noting", 2, True, -1.0)]


def test_a_new_description_ends_the_former_one_on_its_day(service):
    with as_worker():
        assert positions.define([changed()], framework="kmf", order_no="9", since=NEW_DAY) == 1
        days = (NEW_DAY - dt.timedelta(1), NEW_DAY)
        before, after = [positions.requirements_of(["so-procurement"], on=day) for day in days]
    assert len(before["so-procurement"]) == 2
    assert [(r.key, r.level) for r in after["so-procurement"]] == [("noting", 5)]


def test_the_same_description_again_changes_nothing(service):
    with as_worker():
        assert positions.define([position()], framework="kmf", order_no="9", since=NEW_DAY) == 0


def test_a_description_replaced_on_its_first_day_never_held(service):
    with as_worker():
        positions.define([changed()], framework="kmf", order_no="9", since=dt.date(2024, 1, 1))
        found = positions.requirements_of(["so-procurement"], on=DAY)
    assert [(r.key, r.level) for r in found["so-procurement"]] == [("noting", 5)]


def test_a_description_before_a_later_one_is_refused(service):
    with as_worker(), pytest.raises(positions.PositionDescribedLater):
        positions.define([changed()], framework="kmf", order_no="9", since=dt.date(2023, 1, 1))


@pytest.mark.parametrize("need", [NewRequirement("tenders", 6), NewRequirement("nothing", 1)])
def test_a_level_or_competency_outside_the_framework_is_refused(service, need):
    asked = position(roles=[NewRole("Buys", [NewActivity("Plans", [need])])])
    with as_worker(), pytest.raises(positions.RequirementNotOnScale):
        positions.define([asked], framework="kmf", order_no="9", since=NEW_DAY)


def test_the_tree_shows_roles_activities_and_requirements_in_order(service):
    (role,) = positions.tree("so-procurement", on=DAY, language="hi")
    assert [a.title for a in role.activities] == ["Compares bids", "Writes the report"]
    assert [(r.name, r.level) for r in role.activities[0].requirements] == [("निविदा", 3), ("Noting", 2)]
    with pytest.raises(positions.UnknownPosition):
        positions.tree("so-procurement", on=dt.date(2020, 1, 1))


def test_the_card_of_a_position_says_by_which_order_and_from_when(service):
    card = positions.cards(["so-procurement"], on=DAY, language="hi")["so-procurement"]
    assert (card.title, card.order_no, card.since) == ("अनुभाग अधिकारी", "2/2024", dt.date(2024, 1, 1))
