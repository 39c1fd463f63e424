"""A mobile number is kept one way, however and in whatever script it is written."""

import pytest

from karmayogi.institutions import people


@pytest.mark.parametrize(
    "said",
    ["9800000001", "098000 00001", "+91 98000-00001", "९८०००००००१", "+۹۱۹۸۰۰۰۰۰۰۰۱", " 9800000001 "],
)
def test_one_number_is_kept_one_way(said):
    assert people.mobile(said) == "+919800000001"


@pytest.mark.parametrize(
    ("said", "kept"), [("", ""), ("office desk", "office desk"), ("+44 20 7946 0000", "+442079460000")]
)
def test_what_is_no_national_number_keeps_its_country_or_its_words(said, kept):
    assert people.mobile(said) == kept
