"""The words a page shows that stand in Latin letters, apart from those that are nobody's language."""

import re
from collections.abc import Collection
from html.parser import HTMLParser

SAID = ("aria-label", "alt", "title", "placeholder", "data-label")
SILENT = {"script", "style", "svg"}
NAMING = {"a", "b", "button", "code", "option", "span"}
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
CODE = re.compile(r"\S*[\d/@_]\S*|\b[\w-]+\.[\w.-]+|https?:\S+|\b[A-Z]\b|\b[A-Z]{4}(-[A-Z]{4}){2}\b")
"""What has a digit, a slash, an underscore or a dot within, or is one letter: orders, codes, addresses, candidates.
One verify code in a hundred has letters only."""
WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
MARKS = {
    "PDF",
    "JPEG",
    "PNG",
    "QR",
    "CSV",
    "OTP",
    "WCAG",
    "AA",
    "JavaScript",
    "FRAC",
    "APAR",
    "kB",
    "MB",
    "JSON",
    "OpenAPI",
    "POST",
    "English",
}
"""Marks and units that the catalogues leave in Latin letters too, and the name that English gives itself."""
INITIALS = "ava"
"""The class of the round mark with a person's initials."""


class Reader(HTMLParser):
    """Collects what a person reads or hears, in pieces; passes over what is said to be in another language."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language
        self.open: list[tuple[str, bool]] = []
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        foreign = (held.get("lang") or self.language).split("-")[0] != self.language
        # A language may be named in its own script; a passage may not be excused by saying that it is English.
        named = foreign and tag in NAMING
        heard = not (tag in SILENT or named or held.get("class") == INITIALS)
        if self._heard() and heard:
            self.pieces += [value for name in SAID if (value := held.get(name))]
            if tag == "input" and held.get("type") == "submit":
                self.pieces.append(held.get("value") or "")
        if tag not in VOID:
            self.open.append((tag, heard))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._heard() and data.strip():
            self.pieces.append(" ".join(data.split()))

    def _heard(self) -> bool:
        return all(heard for _, heard in self.open)


NAMES_OF_COLUMNS = re.compile(r'<ul dir="ltr" lang="en">.*?</ul>', re.DOTALL)
"""What says of itself that it is English: the names of tables and columns in the register of purposes, and
what the API calls its operations and shapes."""


def latin(page: str, *, language: str, names: Collection[str]) -> list[str]:
    """The pieces of a page with a Latin word that is no code, no mark and no part of `names`."""
    reader = Reader(language)
    reader.feed(NAMES_OF_COLUMNS.sub("", page))
    return [
        piece
        for piece in reader.pieces
        if any(word not in MARKS and word not in names for word in WORD.findall(CODE.sub(" ", piece)))
    ]
