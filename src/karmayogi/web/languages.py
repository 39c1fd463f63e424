"""The languages of the interface: English and the 22 of the Eighth Schedule, with how complete each is."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent / "locale"

OWN_NAMES = {
    "en": "English",
    "as": "অসমীয়া",
    "bn": "বাংলা",
    "brx": "बर'",
    "doi": "डोगरी",
    "gu": "ગુજરાતી",
    "hi": "हिन्दी",
    "kn": "ಕನ್ನಡ",
    "ks": "کٲشُر",
    "kok": "कोंकणी",
    "mai": "मैथिली",
    "ml": "മലയാളം",
    "mni": "ꯃꯤꯇꯩꯂꯣꯟ",
    "mr": "मराठी",
    "ne": "नेपाली",
    "or": "ଓଡ଼ିଆ",
    "pa": "ਪੰਜਾਬੀ",
    "sa": "संस्कृतम्",
    "sat": "ᱥᱟᱱᱛᱟᱲᱤ",
    "sd": "سنڌي",
    "ta": "தமிழ்",
    "te": "తెలుగు",
    "ur": "اردو",
}
"""English and the languages of the Eighth Schedule (as of 2003), each named in its own script."""

RIGHT_TO_LEFT = ("ks", "sd", "ur")


@dataclass(frozen=True)
class Language:
    """One language and the share of the interface's words that are translated, 0 to 1."""

    code: str
    share: float


@cache
def offered() -> tuple[Language, ...]:
    """English and the scheduled languages, most complete first, then by code."""
    found = [Language(code, 1.0 if code == "en" else _share(code)) for code in OWN_NAMES]
    return tuple(sorted(found, key=lambda language: (-language.share, language.code)))


def _share(code: str) -> float:
    path = LOCALE / code / "LC_MESSAGES" / "django.po"
    if not path.exists():
        return 0.0
    with path.open("rb") as file:
        messages = [m for m in read_po(file) if m.id]
    done = sum(bool(m.string) and (not isinstance(m.string, tuple) or all(m.string)) for m in messages)
    return done / len(messages) if messages else 0.0
