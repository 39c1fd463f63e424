"""PDF kit: words come out as they went in, and nothing comes in from outside."""

import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from karmayogi.standards import documents

WORDS = {
    "hi": "मिशन कर्मयोगी प्रशिक्षण विद्यार्थी क्षत्रिय शक्ति राष्ट्रीय श्रृंखला कीर्ति",
    "bn": "প্রশিক্ষণ কর্মযোগী দক্ষতা",
    "ta": "தமிழ் கற்றுக்கொள்ள பயிற்சி",
    "te": "శిక్షణ కర్మయోగి",
    "kn": "ತರಬೇತಿ ಕರ್ಮಯೋಗಿ ಸಾಮರ್ಥ್ಯ",
    "gu": "તાલીમ કર્મયોગી ક્ષમતા",
    "pa": "ਸਿਖਲਾਈ ਕਰਮਯੋਗੀ ਯੋਗਤਾ",
    "or": "ପ୍ରଶିକ୍ଷଣ କର୍ମଯୋଗୀ ଦକ୍ଷତା",
    "as": "প্ৰশিক্ষণ কৰ্মযোগী",
    "sa": "संस्कृतम् प्रशिक्षणम्",
    "sat": "ᱥᱟᱱᱛᱟᱲᱤ ᱯᱟᱹᱨᱥᱤ",
    "mni": "ꯃꯩꯇꯩꯂꯣꯟ ꯇꯝꯕꯤꯕ",
    "sd": "سنڌي تربيت ڪرمچاري",
    "ml": "പരിശീലനം കർമ്മയോഗി",
    "ur": "سرکاری ملازم کی تربیت اور اہلیت کا خلاصہ",
}


def pdftotext(pdf: bytes, tmp_path, *options):
    (tmp_path / "a.pdf").write_bytes(pdf)
    command = ["pdftotext", *options, str(tmp_path / "a.pdf"), "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout.decode()


def page(language):
    return f'<h1>Certificate</h1><p lang="{language}" dir="auto">{WORDS[language]}</p>'


@pytest.mark.parametrize("language", WORDS)
def test_every_word_of_the_page_is_extracted_exactly(language, tmp_path):
    pdf = documents.render(page(language), title="Certificate", language=language)
    text = pdftotext(pdf, tmp_path).translate({0x202A: None, 0x202B: None, 0x202C: None})
    assert set(WORDS[language].split()) <= set(text.split())
    assert "Certificate" in text


def test_a_page_in_three_languages_keeps_every_word(tmp_path):
    html = "".join(f'<p lang="{language}" dir="auto">{WORDS[language]}</p>' for language in ("hi", "ur"))
    pdf = documents.render(html + "<p>Plain English words</p>", title="Mixed", language="en")
    text = pdftotext(pdf, tmp_path).translate({0x202A: None, 0x202B: None, 0x202C: None})
    assert set(f"{WORDS['hi']} {WORDS['ur']} Plain English words".split()) <= set(text.split())


def test_words_that_are_partly_bold_or_wrap_over_lines_stay_whole(tmp_path):
    html = "<p>" + "प्रशिक्षण कर्मयोगी " * 60 + "<b>राष्ट्रीय</b> शक्ति</p>"
    words = pdftotext(documents.render(html, title="x", language="hi"), tmp_path).split()
    assert (words.count("प्रशिक्षण"), words.count("कर्मयोगी"), words.count("राष्ट्रीय")) == (60, 60, 1)


def test_the_file_claims_pdf_ua_and_carries_title_language_and_tags(tmp_path):
    pdf = documents.render(page("hi"), title="प्रमाणपत्र", language="hi")
    (tmp_path / "a.pdf").write_bytes(pdf)
    described = subprocess.run(
        ["pdfinfo", str(tmp_path / "a.pdf")], capture_output=True, check=True
    ).stdout.decode()
    metadata = subprocess.run(
        ["pdfinfo", "-meta", str(tmp_path / "a.pdf")], capture_output=True, check=True
    ).stdout
    assert b"pdfuaid" in metadata
    assert "प्रमाणपत्र" in described
    assert any(line.split() == ["Tagged:", "yes"] for line in described.splitlines())


def test_the_same_input_gives_the_same_bytes_in_any_thread():
    def draw(_):
        return documents.render(
            page("hi") + documents.qr_svg("https://example.org/v/1"), title="x", language="hi"
        )

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(draw, range(8)))) == 1


@pytest.mark.parametrize(
    "html",
    [
        '<img src="http://127.0.0.1:9/x.png" alt="">',
        '<img src="file:///etc/hostname" alt="">',
        "<style>@import url(http://127.0.0.1:9/a.css);</style>",
        "<style>@font-face{font-family:q;src:url(file:///etc/hostname)} p{font-family:q}</style><p>x</p>",
        '<link rel="attachment" href="file:///etc/hostname">',
        '<object data="file:///etc/hostname"></object>',
        '<svg width="9" height="9"><image href="http://127.0.0.1:9/x.svg" width="5" height="5"/></svg>',
        '<base href="http://127.0.0.1:9/"><img src="x.png" alt="">',
    ],
)
def test_a_document_that_reaches_outside_is_refused(html):
    with pytest.raises(documents.ReachesOutside, match="data:"):
        documents.render(html, title="x", language="en")


def test_pictures_inside_the_document_and_links_to_the_web_are_allowed():
    picture = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"
    html = f'<img alt="A dot" src="{picture}"><a href="https://example.org">there</a>'
    assert documents.render(html, title="x", language="en").startswith(b"%PDF-1.7")


def test_a_document_without_a_title_is_refused():
    with pytest.raises(ValueError, match="title"):
        documents.render("<p>x</p>", title=" ", language="en")


@pytest.mark.parametrize(
    ("language", "expected"),
    [("ur", "rtl"), ("ur-IN", "rtl"), ("sd-Deva", "ltr"), ("ks", "rtl"), ("hi", "ltr")],
)
def test_the_reading_direction_follows_language_and_script(language, expected):
    assert documents.direction(language) == expected


def test_a_qr_code_has_a_title_and_no_inline_style():
    svg = documents.qr_svg("https://example.org/v/ABC", title="Check <this>")
    assert svg.startswith("<svg ")
    assert "<title>Check &lt;this&gt;</title>" in svg
    assert "style" not in svg
