"""The Hindi and Urdu words of the interface are complete, keep their placeholders and follow the rules of style."""

import io
import re
import unicodedata
from collections import Counter
from functools import cache
from gettext import GNUTranslations
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from karmayogi.web import languages
from karmayogi.web.locale.extraction import extract_templates

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "src" / "karmayogi"
LAZY = {"gettext_noop": None, "gettext_lazy": None, "ngettext_lazy": (1, 2), "pgettext_lazy": ((1, "c"), 2)}
WRITTEN = ("hi", "ur")
PLURALS = {"hi": "(n > 1)", "ur": "(n != 1)"}

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}")
MARKUP = re.compile(r"</?[a-z]+[^>]*>")
LATIN_ALLOWED = {
    "WCAG",
    "AA",
    "JavaScript",
    "QR",
    "PDF",
    "CSV",
    "OTP",
    "FRAC",
    "APAR",
    "JSON",
    "OpenAPI",
    "POST",
    "JPEG",
    "PNG",
    "kB",
    "MB",
}
FORBIDDEN = {
    "hi": ("हेतु", "एवं", "तथा", "क्लिक", "सकते हैं", "सकती हैं", "करेंगे", "करेंगी", "श्रीमान"),
    "ur": ("کیلئے", "کلک", "سکتے ہیں", "سکتی ہیں", "کریں گے", "کریں گی", "جناب"),
}
FORBIDDEN_MARKS = {"hi": "!…", "ur": "!…,;?।"}
ARABIC_LETTERS = "يكىه"
OTHER_DIGITS = re.compile("[०-९٠-٩۰-۹]")
ENDS = {"hi": {".": "।", "?": "?"}, "ur": {".": "۔", "?": "؟"}}

BUTTON = re.compile(r'<(button|a)[^>]*class="btn[^"]*"[^>]*>(.*?)</\1>', re.DOTALL)
TAG = re.compile(r'{% translate "([^"]*)" as (\w+) %}{% state [^%]*\b\2\b')
WORD = re.compile(r'{% translate "([^"]*)" %}')


@cache
def catalogue(code):
    with (languages.LOCALE / code / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file)


def messages(code):
    return [m for m in catalogue(code) if m.id]


def pairs(code):
    """Each (English, translation), plurals one form after the other."""
    for m in messages(code):
        if isinstance(m.id, tuple):
            yield from zip(m.id, m.string, strict=True)
        else:
            yield m.id, m.string


@cache
def in_use():
    """The id of every message that templates and code ask for today."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(SOURCE, methods, options, DEFAULT_KEYWORDS | LAZY)
    return {message[0] if isinstance(message, tuple) else message for _, _, message, _, _ in found}


def written(code):
    ids = {m.id[0] if isinstance(m.id, tuple) else m.id: m for m in messages(code)}
    return {
        key: m for key, m in ids.items() if (all(m.string) if isinstance(m.string, tuple) else bool(m.string))
    }


def width(text):
    """Letters that take room: marks that stand on another letter do not."""
    return sum(unicodedata.category(c) != "Mn" for c in text)


def extracted(source):
    return [
        message
        for _, _, message, _ in extract_templates(
            io.BytesIO(source.encode()), ["gettext", "ngettext", "pgettext"], (), {}
        )
    ]


def test_templates_give_the_ids_that_django_looks_up():
    assert extracted("<p class='a'>{% translate \"50% it's\" %}</p>") == ["50%% it's"]
    assert extracted(
        "{% blocktranslate trimmed with a=b.c asvar d %}\n  {{ a }} of\n  it{% endblocktranslate %}"
    ) == ["%(a)s of it"]
    assert extracted(
        "{% blocktranslate count n=x %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}"
    ) == [("%(n)s day", "%(n)s days")]
    assert extracted('{% translate "May" context "month" %}{{ _("or") }}') == [("month", "May"), "or"]
    assert extracted('{% if gettext %}pgettext("x"){% endif %}') == []


def test_the_words_in_use_are_found():
    assert {"Learn", "In an office", "%(n)s official", "{minutes} min"} <= in_use()
    assert len(in_use()) > 500


@pytest.mark.parametrize("code", WRITTEN)
def test_every_message_in_use_is_written(code):
    assert sorted(in_use() - set(written(code))) == []
    assert sorted(set(written(code)) - in_use()) == []


@pytest.mark.parametrize("code", WRITTEN)
def test_nothing_is_fuzzy_and_the_share_is_whole(code):
    assert [m.id for m in messages(code) if m.fuzzy] == []
    assert {x.code: x.share for x in languages.offered()}[code] == 1.0


@pytest.mark.parametrize("code", WRITTEN)
def test_the_catalogue_compiles_and_counts_as_its_language_does(code):
    assert (catalogue(code).num_plurals, catalogue(code).plural_expr) == (2, PLURALS[code])
    file = io.BytesIO()
    write_mo(file, catalogue(code))
    file.seek(0)
    compiled = GNUTranslations(file)
    one, many = catalogue(code)["%(n)s competency"].string
    assert compiled.ngettext("%(n)s competency", "%(n)s competencies", 1) == one
    assert compiled.ngettext("%(n)s competency", "%(n)s competencies", 2) == many
    zero = compiled.ngettext("%(n)s competency", "%(n)s competencies", 0)
    assert zero == (one if code == "hi" else many)


@pytest.mark.parametrize("code", WRITTEN)
def test_placeholders_and_markup_are_kept(code):
    for english, text in pairs(code):
        assert Counter(PLACEHOLDER.findall(text)) == Counter(PLACEHOLDER.findall(english)), english
        added, lost = (Counter(MARKUP.findall(x)) for x in (text, english))
        added, lost = added - lost, lost - added
        assert not lost, english
        assert added["<bdi>"] == added["</bdi>"] == added.total() / 2, english


@pytest.mark.parametrize("code", WRITTEN)
def test_no_english_word_is_left(code):
    for english, text in pairs(code):
        left = re.findall(r"[A-Za-z]+", MARKUP.sub(" ", PLACEHOLDER.sub(" ", text)))
        assert set(left) <= LATIN_ALLOWED, english


@pytest.mark.parametrize("code", WRITTEN)
def test_words_follow_the_style(code):
    for english, text in pairs(code):
        bare = PLACEHOLDER.sub("0", text)
        assert [word for word in FORBIDDEN[code] if re.search(rf"(?<!\w){word}(?!\w)", bare)] == [], english
        assert not set(bare) & set(FORBIDDEN_MARKS[code]), english
        assert not OTHER_DIGITS.search(bare), english
        assert unicodedata.normalize("NFC", text) == text, english
        assert text == text.strip(), english
        if english[-1] in ENDS[code]:
            assert text[-1:] == ENDS[code][english[-1]], english
        else:
            assert text[-1:] not in ("।", "۔"), english


def test_numbers_in_urdu_are_not_turned_round_by_what_stands_before_them():
    for english, text in pairs("ur"):
        assert not re.search(r"\d-\d", text), english
        assert "%%" not in re.sub(r"<bdi>.*?</bdi>", "", text), english


def test_urdu_has_no_arabic_letters():
    for english, text in pairs("ur"):
        assert not set(text) & set(ARABIC_LETTERS), english


@pytest.mark.parametrize("code", WRITTEN)
def test_buttons_and_tags_stay_short(code):
    strings = dict(pairs(code))
    for template in sorted(SOURCE.rglob("templates/**/*.html")):
        source = template.read_text()
        for _, inside in BUTTON.findall(source):
            for english in WORD.findall(re.sub(r'<span class="vh">.*?</span>', "", inside)):
                assert width(strings[english]) <= 26, (template.name, strings[english])
        for english, _ in TAG.findall(source):
            assert width(strings[english]) <= 28, (template.name, strings[english])
