"""Numbers, dates and state tags read the way officials write them."""

import datetime as dt

from django.utils import translation

from karmayogi.web import dates, numbers
from karmayogi.web.templatetags import ui


def test_numbers_are_grouped_in_lakhs_with_latin_digits_in_every_language() -> None:
    for language in ("en", "hi", "ur", "mr"):
        with translation.override(language):
            assert numbers.num(1240000) == "12,40,000"


def test_a_missing_number_is_a_dash_and_a_negative_one_has_a_true_minus() -> None:
    assert numbers.num(None) == "–"
    assert numbers.num(-0.44, 1) == "−0.4"
    assert numbers.signed(3) == "+3.0"


def test_shares_money_and_sizes_carry_their_unit() -> None:
    assert numbers.pct(0.423) == "42%"
    assert numbers.rupees(1240000) == "₹12,40,000"
    assert numbers.size(42100) == "42 kB"
    assert numbers.size(1300000) == "1.3 MB"


def test_a_date_is_written_in_the_words_of_the_page() -> None:
    day = dt.date(2027, 3, 31)
    with translation.override("en"):
        assert dates.date(day) == "31 March 2027"
    with translation.override("hi"):
        assert dates.date(day) == "31 मार्च 2027"
    with translation.override("ur"):
        assert dates.date(day) == "31 مارچ 2027"
        assert dates.date(dt.date(2026, 11, 24), "day") == "منگل، 24 نومبر"


def test_a_moment_is_shown_in_the_time_of_the_office() -> None:
    with translation.override("en"):
        assert dates.date(dt.datetime(2026, 11, 24, 5, 12, tzinfo=dt.UTC), "time") == "24 Nov 2026, 10:42"


def test_a_state_tag_has_a_shape_a_word_and_a_colour_and_escapes_the_word() -> None:
    tag = ui.state("gap", "<b>Below</b>")
    assert 'class="tag t-gap"' in tag
    assert "<svg" in tag
    assert "&lt;b&gt;Below&lt;/b&gt;" in tag


def test_bdi_escapes_what_people_typed() -> None:
    assert ui.bdi("<x>") == "<bdi>&lt;x&gt;</bdi>"
