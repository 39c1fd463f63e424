"""PDF kit: accessible documents (PDF/UA-1) in every Indian script, and QR codes, from HTML alone.

A document may use nothing but what stands in it: pictures and fonts come as ``data:`` addresses or not at
all.

Why WeasyPrint is wrapped. A PDF stores glyphs, and maps each glyph to one piece of text. In Indic scripts
vowel signs move and consonants join, so the glyphs of a word in drawing order do not spell it: copied text,
search and screen readers get broken words. PDF's answer is ActualText (ISO 32000-1, 14.9.4): the true text
of a piece of line, written beside its glyphs. WeasyPrint 70 does not write it, so the function that draws
one line is replaced, once, when this module is imported (Python runs a module once, under its import lock,
whatever the threads).

Right-to-left lines are left alone: their glyphs map back to letters one by one, and readers built on poppler
take ActualText to be in drawing order and would give the words backwards. Known limit: a vowel mark above
or below an Arabic letter (common in Kashmiri) is extracted beside its word instead of inside it.
"""

import functools
import io
import unicodedata
from collections.abc import Callable
from html import escape
from typing import Any

import segno
import weasyprint
import weasyprint.draw.text
import weasyprint.urls

_RIGHT_TO_LEFT = frozenset({"ur", "ks", "sd", "ar", "fa", "he"})
_STYLE = """
@page { size: A4; margin: 20mm 18mm 22mm;
  @bottom-center { content: counter(page) " / " counter(pages);
    font: 9pt "Noto Sans"; color: #555 } }
html { font-family: "Noto Sans", "Noto Sans Devanagari", "Noto Sans Bengali", "Noto Sans Tamil",
    "Noto Sans Telugu",
    "Noto Sans Gujarati", "Noto Sans Gurmukhi", "Noto Sans Kannada", "Noto Sans Malayalam", "Noto Sans Oriya",
    "Noto Sans Ol Chiki", "Noto Sans Meetei Mayek", "Noto Naskh Arabic", sans-serif;
  font-size: 10.5pt; line-height: 1.55; color: #1a1a1a; hyphens: manual }
:lang(ur), :lang(ks), :lang(sd) { font-family: "Noto Naskh Arabic", "Noto Sans", sans-serif }
h1 { font-size: 18pt; line-height: 1.3; margin-block: 0 6mm }
h2 { font-size: 13.5pt; margin-block: 7mm 2mm }
h3 { font-size: 11.5pt; margin-block: 5mm 1.5mm }
h1, h2, h3, h4 { break-after: avoid; font-weight: 600 }
p, ul, ol, dl { margin-block: 0 3mm }
ul, ol { padding-inline-start: 6mm }
table { border-collapse: collapse; inline-size: 100%; margin-block: 2mm 4mm }
th, td { text-align: start; vertical-align: top; padding: 1.2mm 2mm; border-block-end: 0.3mm solid #bbb }
thead { display: table-header-group }
tr, figure, .together { break-inside: avoid }
caption { text-align: start; font-weight: 600; padding-block-end: 1.5mm }
a { color: #0b4f8a }
svg, img { max-inline-size: 100% }
"""


class ReachesOutside(ValueError):
    """The document asks for ``addresses`` outside itself, on the web or on disk; nothing was fetched."""

    def __init__(self, addresses: list[str]) -> None:
        self.addresses = tuple(addresses)
        super().__init__(
            f"The document asks for {', '.join(addresses)}. Put what it needs in it, as a data: address."
        )


def render(html: str, *, title: str, language: str) -> bytes:
    """A tagged PDF/UA-1 of ``html`` (what stands inside ``<body>``); the same input gives the same bytes.

    ``language``: BCP 47 tag; it sets the reading direction, fonts and the document's language. Put a word in
    another language into an element with its own ``lang``, so that screen readers pronounce it.
    Raises `ReachesOutside`; ValueError when ``title`` is empty (PDF/UA requires one).
    """
    if not title.strip():
        raise ValueError("A document needs a title: screen readers say it first.")
    head = f'<html lang="{escape(language)}" dir="{direction(language)}"><head><meta charset="utf-8">'
    page = f"<!doctype html>{head}<title>{escape(title)}</title></head><body>{html}</body></html>"
    refused: list[str] = []
    fetcher = _fetcher(refused)
    try:
        document = weasyprint.HTML(string=page, url_fetcher=fetcher)
        style = weasyprint.CSS(string=_STYLE, url_fetcher=fetcher)
        pdf: bytes = document.write_pdf(stylesheets=[style], pdf_variant="pdf/ua-1")
    except weasyprint.urls.FatalURLFetchingError:
        raise ReachesOutside(refused) from None
    if refused:  # drawing an SVG swallows every error, so the list is looked at as well
        raise ReachesOutside(refused)
    return pdf


def _fetcher(refused: list[str]) -> Any:
    """A WeasyPrint fetcher that serves data: addresses only and notes every other one in ``refused``."""
    fetcher: Any = weasyprint.urls.URLFetcher(
        allowed_protocols=("data",), allow_redirects=False, fail_on_errors=True
    )
    serve = fetcher.fetch

    def fetch(url: str, headers: Any = None) -> Any:
        if not url.lower().startswith("data:"):
            refused.append(url)
        return serve(url, headers)

    fetcher.fetch = fetch
    return fetcher


def direction(language: str) -> str:
    """Reading direction of a BCP 47 tag, "rtl" or "ltr"; a script subtag decides (sd-Deva is ltr)."""
    primary, _, rest = language.lower().partition("-")
    script = next((part for part in rest.split("-") if len(part) == 4 and part.isalpha()), "")
    return "rtl" if script == "arab" or (not script and primary in _RIGHT_TO_LEFT) else "ltr"


def qr_svg(text: str, *, title: str = "QR code") -> str:
    """An inline SVG of the QR code of ``text`` (level M, quiet zone of 4), ``title`` for screen readers.

    Presentation attributes only, since an inline style would break the content security policy. Raises
    segno.DataOverflowError when the text is too long for a QR code (about 2,300 bytes).
    """
    stream = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        stream, kind="svg", xmldecl=False, svgns=True, border=4, title=title, dark="#000", light="#fff",
        omitsize=True, nl=False, svgclass="qr", lineclass=None,
    )  # fmt: skip
    return stream.getvalue().decode().replace("<svg ", '<svg role="img" ', 1)


def _with_actual_text(draw: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(draw)
    def draw_line(stream: Any, textbox: Any, *rest: Any, **options: Any) -> Any:
        text: str = textbox.text
        if text.isascii() or any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text):
            return draw(stream, textbox, *rest, **options)
        spelt = text.encode("utf-16-be").hex().upper().encode()
        stream.stream.append(b"/Span <</ActualText <FEFF" + spelt + b">>> BDC")
        try:
            return draw(stream, textbox, *rest, **options)
        finally:
            stream.stream.append(b"EMC")

    draw_line.writes_actual_text = True  # type: ignore[attr-defined]
    return draw_line


if not hasattr(weasyprint.draw.text.draw_first_line, "writes_actual_text"):
    weasyprint.draw.text.draw_first_line = _with_actual_text(weasyprint.draw.text.draw_first_line)
