"""Texts of objects in other languages than English. The English stands on the object's own row.

Each text remembers the hash of the English it was made from, so that one can tell when the English moved on.
Words that stand in many rows and have none of their own, such as the designations of posts, are phrases: their
object is made from the English itself.

Rooms read a row and its words in one statement: `spoken` and `phrased` in SQL, `said` and `said_phrase` in queries.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5, sha256
from uuid import UUID

from django.db import connection
from django.db.models import CharField, F, OuterRef, Subquery, UUIDField
from django.db.models.expressions import Combinable
from django.db.models.functions import MD5, Cast, Coalesce

from karmayogi.registry import ids
from karmayogi.registry.models import Translation

REVIEWED = ("reviewed",)
PHRASE = "phrase"
"""The field of phrases."""


@dataclass(frozen=True, slots=True)
class Text:
    """`field` of `object` said in `language` (BCP 47). `source`: the English it was made from.

    `state`: "machine", "draft" or "reviewed"; pages show reviewed texts only.
    """

    object: UUID
    field: str
    language: str
    text: str
    source: str
    state: str = "reviewed"


@dataclass(frozen=True, slots=True)
class Texts:
    """The translations of some objects in one language, read at once."""

    language: str
    found: Mapping[tuple[UUID, str], tuple[str, str]]

    def get(self, object: UUID, field: str, fallback: str) -> str:
        """The text in this language; `fallback` (the English on the row) where there is none."""
        held = self.found.get((object, field))
        return held[0] if held else fallback

    def stale(self, object: UUID, field: str, source: str) -> bool:
        """True if there is a text and it was made from another English than `source`."""
        held = self.found.get((object, field))
        return held is not None and held[1] != hashed(source)


def put(texts: Iterable[Text]) -> int:
    """Writes texts and returns how many were new or differed; the same texts again give 0.

    Of several texts for one object, field and language in the same call the last one stands.
    """
    last = {(t.object, t.field, t.language): t for t in texts}
    if not last:
        return 0
    rows = list(last.values())
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_translation AS held (id, object, field, language, text, source_hash, state)"
            " SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[],"
            " %s::text[])"
            " ON CONFLICT (object, language, field) DO UPDATE SET text = excluded.text,"
            " source_hash = excluded.source_hash, state = excluded.state"
            " WHERE (held.text, held.source_hash, held.state)"
            " IS DISTINCT FROM (excluded.text, excluded.source_hash, excluded.state)",
            [
                [ids.new() for _ in rows],
                [t.object for t in rows],
                [t.field for t in rows],
                [t.language for t in rows],
                [t.text for t in rows],
                [hashed(t.source) for t in rows],
                [t.state for t in rows],
            ],
        )
        changed: int = cursor.rowcount
    return changed


def read(objects: Iterable[UUID], *, language: str, states: Sequence[str] = REVIEWED) -> Texts:
    """All texts of `objects` in `language`, in one query; none is asked for in English."""
    if language == "en":
        return Texts(language, {})
    query = Translation.objects.filter(object__in=set(objects), language=language, state__in=states)
    held = query.values_list("object", "field", "text", "source_hash")
    return Texts(language, {(o, field): (text, made_from) for o, field, text, made_from in held})


def spoken(object: str, field: str, english: str) -> str:
    """SQL for the reviewed text of a row in the language `%(language)s`; `english` where there is none.

    `object` and `english` are columns of the statement it stands in: reading a row and its words is one statement.
    """
    return (
        f"coalesce((SELECT said.text FROM registry_translation said WHERE said.object = {object}"  # noqa: S608
        f" AND said.language = %(language)s AND said.field = '{field}' AND said.state = 'reviewed'), {english})"
    )


def phrased(english: str) -> str:
    """SQL as of `spoken` for a column whose words are phrases."""
    return spoken(f"md5({english})::uuid", PHRASE, english)


def said(object: str, field: str, english: str, *, language: str) -> Combinable:
    """`spoken` for a query of Django's: annotate with it. `object` and `english` are field paths of the query."""
    return _said(OuterRef(object), field, english, language=language)


def said_phrase(english: str, *, language: str) -> Combinable:
    """`phrased` for a query of Django's."""
    return _said(Cast(MD5(OuterRef(english)), UUIDField()), PHRASE, english, language=language)


def _said(object: Combinable, field: str, english: str, *, language: str) -> Combinable:
    if language == "en":
        return F(english)
    held = Translation.objects.filter(object=object, field=field, language=language, state__in=REVIEWED)
    return Coalesce(Subquery(held.values("text")), F(english), output_field=CharField())


def phrase(english: str) -> UUID:
    """The object under which the translations of a phrase stand: the MD5 of its English, no secret."""
    return UUID(bytes=md5(english.encode(), usedforsecurity=False).digest())


def phrases(language: str, words: Mapping[str, str]) -> Iterable[Text]:
    """The texts to `put` for phrases: English -> what it is called in `language`."""
    return (Text(phrase(english), PHRASE, language, text, english) for english, text in words.items())


def hashed(source: str) -> str:
    """SHA-256 of an English text, in hexadecimal."""
    return sha256(source.encode()).hexdigest()
