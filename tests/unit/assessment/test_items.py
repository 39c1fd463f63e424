"""Items: written as versions, moved by different people, loaded as a set by order."""

import datetime as dt

import pytest

from karmayogi.assessment import items, pools
from karmayogi.assessment.items import NewItem, State
from karmayogi.assessment.models import ItemVersion, Wording
from karmayogi.competency import calibrations
from karmayogi.institutions import people
from karmayogi.institutions.people import NewPerson
from karmayogi.registry.acting import as_worker

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 6, 0, tzinfo=dt.UTC)


def new(*, stem="Which?", right="a"):
    options = {key: {"en": f"Option {key}"} for key in "abc"}
    return NewItem(key="n-1", area="x", stem={"en": stem}, options=options, right=right)


@pytest.fixture
def room(house):
    with as_worker():
        yield house


def write(room, *, author=None, **how):
    return items.write([new(**how)], competency=room.competency, now=NOW, author=author or room.anna)["n-1"]


def test_the_same_item_again_is_the_same_version(room):
    assert write(room) == write(room)


@pytest.mark.parametrize("change", [{"stem": "Which one?"}, {"right": "b"}])
def test_another_text_or_another_key_is_a_new_version(room, change):
    first, second = write(room), write(room, **change)
    assert first != second
    assert ItemVersion.objects.get(id=second).number == 2


def test_the_hash_of_what_is_shown_does_not_depend_on_the_key(room):
    assert new(right="a").content_hash == new(right="c").content_hash


def test_an_item_whose_key_is_not_among_its_options_is_refused(room):
    with pytest.raises(items.ItemIsFaulty, match="n-1"):
        write(room, right="z")


def test_author_and_reviewer_are_different_people(room):
    version = write(room)
    items.move([version], to=State.IN_REVIEW, by=room.anna, now=NOW)
    with pytest.raises(items.SamePersonTwice):
        items.move([version], to=State.LIVE, by=room.anna, now=NOW)
    assert items.move([version], to=State.LIVE, by=room.bela, now=NOW) == 1
    assert items.move([version], to=State.LIVE, by=room.bela, now=NOW) == 0


def test_reviewer_and_approver_are_different_people(room):
    people.enrol([NewPerson(login="chand", name="Chand", employee_code="chand")])
    chand = people.by_codes(["chand"])["chand"]
    version = write(room)
    items.move([version], to=State.IN_REVIEW, by=room.anna, now=NOW)
    items.move([version], to=State.PILOT, by=room.bela, now=NOW)
    with pytest.raises(items.SamePersonTwice):
        items.move([version], to=State.LIVE, by=room.bela, now=NOW)
    assert items.move([version], to=State.LIVE, by=chand, now=NOW) == 1


def test_a_draft_does_not_go_live_without_review(room):
    with pytest.raises(items.StepNotAllowed):
        items.move([write(room)], to=State.LIVE, by=room.bela, now=NOW)


def test_a_pool_takes_only_items_that_are_ready(room):
    with pytest.raises(pools.ItemsNotReady):
        pools.publish("P", competency=room.other, versions=[write(room)], order_no="1", now=NOW)


def test_loading_a_set_writes_items_languages_and_provisional_parameters(room):
    assert room.loaded.new == 12
    assert Wording.objects.filter(language="hi").count() == 12
    current = calibrations.current()
    found = calibrations.parameters(current, items=room.loaded.pool.items)
    assert current.label.startswith("Provisional")
    assert {p.a for p in found.values()} == {1.4}


def test_loading_the_same_set_again_changes_nothing(room, content):
    before = calibrations.current().number
    again = pools.load_items("noting", content, order_no="demo/1", now=NOW)
    assert (again.new, again.pool, again.versions) == (0, room.loaded.pool, room.loaded.versions)
    assert calibrations.current().number == before


def test_a_changed_item_makes_a_new_pool_version(room, content):
    changed = [{**content[0], "stem": {"en": "Anew"}}, *content[1:]]
    again = pools.load_items("noting", changed, order_no="demo/2", now=NOW)
    assert (again.new, again.pool.number) == (1, 2)
    assert again.pool.items[1:] == room.loaded.pool.items[1:]
