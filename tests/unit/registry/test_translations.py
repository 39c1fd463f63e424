"""Texts in other languages."""

import pytest

from karmayogi.registry import ids, translations
from karmayogi.registry.acting import acting, as_worker
from karmayogi.registry.translations import Text

pytestmark = pytest.mark.django_db


def test_a_text_is_read_in_its_language_and_falls_back_to_the_english():
    thing = ids.new()
    with as_worker():
        assert translations.put([Text(thing, "name", "hi", "निविदा मूल्यांकन", "Tender evaluation")]) == 1
    with acting():
        hindi = translations.read([thing], language="hi")
        assert hindi.get(thing, "name", "Tender evaluation") == "निविदा मूल्यांकन"
        assert hindi.get(thing, "about", "Reads bids") == "Reads bids"
        assert translations.read([thing], language="ur").get(thing, "name", "Tender") == "Tender"


def test_writing_the_same_text_again_changes_nothing_and_a_new_one_replaces():
    thing = ids.new()
    first = Text(thing, "name", "hi", "एक", "One")
    with as_worker():
        assert translations.put([first, first]) == 1
        assert translations.put([first]) == 0
        assert translations.put([Text(thing, "name", "hi", "पहला", "One")]) == 1
        assert translations.read([thing], language="hi").get(thing, "name", "One") == "पहला"


def test_a_text_goes_stale_when_the_english_moves_on():
    thing = ids.new()
    with as_worker():
        translations.put([Text(thing, "name", "hi", "एक", "One")])
        texts = translations.read([thing], language="hi")
        assert not texts.stale(thing, "name", "One")
        assert texts.stale(thing, "name", "The first one")


def test_a_draft_is_kept_but_not_shown():
    thing = ids.new()
    with as_worker():
        translations.put([Text(thing, "name", "hi", "एक", "One", state="draft")])
        assert translations.read([thing], language="hi").get(thing, "name", "One") == "One"
        assert translations.read([thing], language="hi", states=["draft"]).get(thing, "name", "One") == "एक"
