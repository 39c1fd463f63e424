"""What a draft says otherwise than the version of the course that stands, page by page and language by language."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from uuid import UUID

from django.db.models import F

from karmayogi.learning import drafts
from karmayogi.learning.drafts import ORIGINAL, NewCourse, NewPage
from karmayogi.learning.models import Placement
from karmayogi.registry import translations
from karmayogi.registry.translations import Texts


class Difference(StrEnum):
    """How a page in a language compares with what stands."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


def of(course: NewCourse) -> dict[tuple[str, str], Difference]:
    """(page key, language) -> how it compares with the current version; all new where there is none.

    In the original a page is all that a learner meets on it; in other languages it is title and text.
    """
    current = Placement.objects.filter(version__course__key=course.key, version=F("version__course__version"))
    held = {
        key: (id, content)
        for id, key, content in current.values_list("page", "page__key", "page__content_hash")
    }
    languages = {language for page in drafts.pages(course) for language in page.title}
    texts = {
        x: translations.read([id for id, _ in held.values()], language=x) for x in languages - {ORIGINAL}
    }
    found: dict[tuple[str, str], Difference] = {}
    for page in drafts.pages(course):
        id, content = held.get(page.key, (None, ""))
        for language in page.title:
            if language == ORIGINAL:
                before, now = {"": content} if id else {}, {"": drafts.fingerprint_page(page)}
            else:
                now = _words(page, language)
                before = _held(texts[language], id, now) if id else {}
            found[page.key, language] = _compared(before, now)
    return found


def _compared(before: Mapping[str, str], now: Mapping[str, str]) -> Difference:
    if not before:
        return Difference.NEW
    return Difference.SAME if before == now else Difference.CHANGED


def _held(texts: Texts, page: UUID, fields: Iterable[str]) -> dict[str, str]:
    return {name: text for name in fields if (text := texts.get(page, name, ""))}


def _words(page: NewPage, language: str) -> dict[str, str]:
    """field -> text of the page in a language, as it is stored."""
    words = {"title": page.title[language]}
    if language in page.texts:
        words["html"] = page.texts[language].html
    return words
