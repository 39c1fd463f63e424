"""Frameworks: versions with scales of their own, verified once and then final."""

import datetime as dt

import pytest
from django.db import connection, transaction
from tests.unit.competency.conftest import DAY, EARLIER, NOW, framework, scale

from karmayogi.competency import frameworks
from karmayogi.competency.frameworks import NewCompetency
from karmayogi.registry.acting import as_worker

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _worker():
    with as_worker():
        yield


def test_scales_of_three_five_and_six_levels_live_side_by_side():
    for size in (3, 5, 6):
        only = NewCompetency(f"c{size}", "domain", "Name")
        frameworks.publish(framework(key=f"f{size}", levels=scale(size), competencies=[only]))
    assert {card.key: len(card.levels) for card in frameworks.competencies()} == {"c3": 3, "c5": 5, "c6": 6}


def test_without_a_study_cuts_run_evenly_from_minus_two_to_two_and_say_so():
    frameworks.publish(framework())
    card = frameworks.by_key("tenders")
    assert card.cuts == (-2, -1, 0, 1, 2)
    assert card.study == "provisional"


def test_publishing_the_same_content_again_changes_nothing_and_other_content_is_refused():
    first = frameworks.publish(framework())
    assert frameworks.publish(framework()) == first
    with pytest.raises(frameworks.FrameworkVersionExists, match="new version"):
        frameworks.publish(framework(levels=scale(6)))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE competency_competency SET name = 'x'",
        "DELETE FROM competency_competencylevel",
        "INSERT INTO competency_level SELECT gen_random_uuid(), 9, 'x', '', id FROM competency_frameworkversion",
        "UPDATE competency_frameworkversion SET version = 'x'",
        "UPDATE competency_frameworkversion SET state = 'draft'",
        "DELETE FROM competency_frameworkversion",
    ],
)
def test_a_verified_version_is_final_in_the_database_itself(statement):
    frameworks.publish(framework())
    with pytest.raises(Exception, match="verified framework version is final"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_version_takes_only_the_steps_its_state_allows():
    version = frameworks.draft(framework(), now=EARLIER)
    assert frameworks.competencies() == []
    with pytest.raises(frameworks.VersionIsFinal, match="is draft"):
        frameworks.verify(version, by=None, now=NOW)
    frameworks.submit(version)
    frameworks.verify(version, by=None, now=NOW)
    assert [card.key for card in frameworks.competencies()] == ["tenders", "noting"]
    with pytest.raises(frameworks.VersionIsFinal, match="is verified"):
        frameworks.reject(version, by=None, now=NOW)
    frameworks.retire(version, now=NOW)
    assert frameworks.competencies() == []


def test_a_later_version_supersedes_and_the_earlier_one_stays_readable():
    frameworks.publish(framework(), now=EARLIER)
    old = frameworks.by_key("tenders")
    frameworks.publish(
        framework(version="2", competencies=[NewCompetency("tenders", "functional", "New")]), now=NOW
    )
    assert frameworks.by_key("tenders").name == "New"
    assert frameworks.competencies(ids=[old.id])[0].name == "Tenders"


def test_a_study_sets_cuts_from_its_day_on():
    frameworks.publish(framework())
    card = frameworks.by_key("tenders")
    day = dt.date(2026, 6, 1)
    frameworks.set_cuts(card.id, cuts=(-1.5, -0.5, 0.2, 0.9, 1.8), study="Angoff 2026", since=day, now=NOW)
    before = frameworks.competencies(keys=["tenders"], on=dt.date(2026, 5, 31))[0]
    after = frameworks.competencies(keys=["tenders"], on=DAY)[0]
    assert (before.cuts[2], after.cuts[2], after.study) == (0.0, 0.2, "Angoff 2026")
    with pytest.raises(frameworks.FrameworkNotConsistent, match="rise"):
        frameworks.set_cuts(card.id, cuts=(0, 0, 1, 2, 3), study="x", since=DAY, now=NOW)


def test_the_card_speaks_the_language_asked_for_and_falls_back_to_english():
    frameworks.publish(framework())
    card = frameworks.by_key("tenders", language="hi")
    assert (card.name, card.levels[0].name, card.levels[0].text, card.about) == (
        "निविदा",
        "स्तर 1",
        "काम 1",
        "Weighs bids",
    )


def test_a_key_in_two_frameworks_must_be_asked_for_by_framework():
    frameworks.publish(framework())
    frameworks.publish(framework(key="uk"))
    with pytest.raises(frameworks.SeveralCompetencies, match="kmf, uk"):
        frameworks.by_key("tenders")
    assert frameworks.by_key("tenders", framework="uk").framework == "uk"
    with pytest.raises(frameworks.UnknownCompetency):
        frameworks.by_key("nothing")
