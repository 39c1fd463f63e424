"""Designations: the titles of posts under one normal form, with a queue of pairs that may be the same.

The normal form undoes HTML entities, joins composed letters (Unicode NFC), and sets aside case, spacing, stops and
the sign for "and". A grade at the end (Grade-II, Gr. 2, -II, A) is read as a step of its own: titles of different
steps are never taken for one another. Titles of one normal form are one designation; titles that are merely alike
become suggestions for a person to decide.
"""

import datetime as dt
import html
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rapidfuzz import fuzz, process

from karmayogi.institutions.models import Designation, DesignationSpelling, DesignationSuggestion
from karmayogi.registry import bulk, ids

ALIKE = 88.0
"""The least score, of 100, at which two titles are suggested as one."""
COMMON = 3
"""A word in this many titles is a word of its own, not a slip for another one."""
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10}
_STEP = re.compile(
    r"^(?P<base>.*?\S)[\s-]*\(?\b(?P<sort>GRADE|GR|LEVEL|CLASS|CATEGORY)[\s.-]*(?P<named>[IVX]+|\d{1,2}|[A-H])\)?$"
    r"|^(?P<bare_base>.*?[^\s-])[\s-]+\(?(?P<bare>[IVX]+|\d{1,2}|[A-H])\)?$"
)
OTHER_STEP_WORD = 95.0
"""The score of two titles of the same words and step that name the step differently."""
NEAR = 78.0
"""The least likeness, of 100, of two words of which one may be a slip for the other."""
_HABITS = (
    *((r"S$", ""), (r"OR$", "ER"), (r"OUR", "OR"), (r"Z", "S"), (r"(.)\1", r"\1"), (r"^ENQ", "INQ")),
    (r"^DESP", "DISP"),
)
_OPPOSITES = frozenset({"UN", "RE", "NON", "IN", "IM", "DE", "DIS", "SUB", "E"})
_SMALL = frozenset({"and", "at", "by", "cum", "for", "in", "of", "on", "the", "to", "under", "with"})
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-") | dict.fromkeys("‘’`´", "'") | dict.fromkeys("“”", '"'))
State = DesignationSuggestion.State


class NotATitle(ValueError):
    """The text has no letter in it, or is longer than a title can be."""

    status = 400


class UnknownDesignation(LookupError):
    """No designation has the normal form of the title."""


class UnknownSuggestion(LookupError):
    """There is no such pair in the queue."""


class AlreadyDecided(Exception):
    """The pair was decided before; decisions stand."""

    status = 409


@dataclass(frozen=True, slots=True)
class Normal:
    """A title taken apart: `key` tells one designation from another, `base` and `grade` make it up, `name` shows."""

    key: str
    base: str
    grade: str
    name: str


@dataclass(frozen=True, slots=True)
class Title:
    """A title as a source says it; `ref` is its id there."""

    ref: str
    spelling: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording titles did: refs that were new or spelled otherwise, new designations, new pairs in the queue."""

    titles: frozenset[str]
    respelled: frozenset[str]
    designations: int
    suggestions: int


@dataclass(frozen=True, slots=True)
class SuggestionCard:
    """A pair in the queue: what would be kept, its variant, and the score of 0 to 100."""

    id: UUID
    kept: str
    variant: str
    score: float
    state: str


def normal(title: str) -> Normal:
    """The normal form of a title. Raises `NotATitle`."""
    text = unicodedata.normalize("NFC", html.unescape(html.unescape(title))).translate(_DASHES)
    text = " ".join(text.replace("\u200b", "").split()).strip(" ,;-")
    if not any(letter.isalpha() for letter in text):
        raise NotATitle(_("The title has no letters. Write what the post is called."))
    if len(text) > 200 or len(title) > 300:
        raise NotATitle(_("The title is longer than 200 characters. Write only what the post is called."))
    base, grade = _step(text.upper())
    plain = re.sub(
        r"[^\w/()]+", " ", base.replace("'S ", "S ").replace("&", " AND ").replace(".", "")
    ).strip()
    plain = " ".join(plain.replace("(", " ( ").replace(")", " ) ").replace("/", " / ").split())
    return Normal(f"{plain}|{grade}" if grade else plain, plain, grade, _shown(text))


def record(titles: Iterable[Title], *, source: str, now: dt.datetime) -> Recorded:
    """Records the titles of a source: new normal forms, new spellings, and pairs to be looked at.

    An id has one spelling at a time: another one closes the former, which stays as history. The same titles again
    change nothing. Raises `NotATitle`.
    """
    said = {title.ref: title for title in titles}
    held = dict(_current().filter(source=source, ref__in=list(said)).values_list("ref", "spelling"))
    respelled = {ref for ref, title in said.items() if held.get(ref, title.spelling) != title.spelling}
    read = [(t, normal(t.spelling)) for t in said.values() if t.ref not in held or t.ref in respelled]
    with transaction.atomic():
        first = {form.key: form for _, form in reversed(read)}
        designations = bulk.load(
            Designation, ["id", "key", "name", "grade", "recorded_at"],
            ((ids.new(), form.key, form.name, form.grade, now) for form in first.values()),
        )  # fmt: skip
        known = dict(Designation.objects.values_list("key", "id"))
        _close(source, respelled, now=now)
        bulk.load(
            DesignationSpelling, ["id", "designation_id", "source", "ref", "spelling", "recorded"],
            ((ids.new(), known[form.key], source, t.ref, t.spelling, f"[{now.isoformat()},)") for t, form in read),
        )  # fmt: skip
        suggestions = _suggest(known, now=now) if designations else 0
    return Recorded(frozenset(said.keys() - held.keys()), frozenset(respelled), designations, suggestions)


def _current() -> QuerySet[DesignationSpelling]:
    return DesignationSpelling.objects.filter(recorded__upper_inf=True)


def _close(source: str, refs: Collection[str], *, now: dt.datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE institutions_designationspelling SET recorded = tstzrange(lower(recorded), %s)"
            " WHERE source = %s AND ref = ANY(%s) AND upper_inf(recorded)",
            [now, source, list(refs)],
        )


def queue(*, state: str = State.SUGGESTED, limit: int = 100) -> list[SuggestionCard]:
    """The pairs in a state, most alike first."""
    query = DesignationSuggestion.objects.filter(state=state).select_related("kept", "variant")
    return [
        SuggestionCard(s.id, s.kept.name, s.variant.name, s.score, s.state)
        for s in query.order_by("-score", "kept__key", "variant__key")[:limit]
    ]


def decide(suggestion: UUID, *, same: bool, by: UUID | None, now: dt.datetime) -> None:
    """Accepts (`same`) or rejects a pair of the queue. Raises `UnknownSuggestion`, `AlreadyDecided`."""
    state = State.ACCEPTED if same else State.REJECTED
    waiting = DesignationSuggestion.objects.filter(id=suggestion, state=State.SUGGESTED)
    if waiting.update(state=state, decided_at=now, decided_by=by):
        return
    if DesignationSuggestion.objects.filter(id=suggestion).exists():
        raise AlreadyDecided("This pair has been decided. The decision stands.")
    raise UnknownSuggestion("There is no such pair in the queue.")


def resolve(titles: Iterable[str]) -> dict[str, str]:
    """title -> name of its designation, through accepted suggestions; titles that are not known are absent."""
    keys = {title: normal(title).key for title in titles}
    found = {d.key: d for d in Designation.objects.filter(key__in=set(keys.values()))}
    accepted = (
        DesignationSuggestion.objects.filter(state=State.ACCEPTED).select_related("kept").order_by("-score")
    )
    onward: dict[UUID, Designation] = {}
    for pair in accepted:
        onward.setdefault(pair.variant_id, pair.kept)
    return {title: _end(found[key], onward).name for title, key in keys.items() if key in found}


def entered(title: str) -> UUID:
    """The id of the designation that the normal form of the title names. Raises `UnknownDesignation`."""
    found = Designation.objects.filter(key=normal(title).key).values_list("id", flat=True).first()
    if found is None:
        raise UnknownDesignation(_("There is no designation of this title."))
    return found


def near(title: str, *, least: float = 75.0, limit: int = 6) -> list[tuple[str, float]]:
    """(name, score of 0 to 100) of the designations most like the title, whatever the order of its words.

    For a person who is about to ask for a new one: wider than the queue of suggestions, and of any step. One query.
    Raises `NotATitle`.
    """
    base = normal(title).base
    held = [(key.partition("|")[0], name) for key, name in Designation.objects.values_list("key", "name")]
    found = process.extract(
        base, [kept for kept, _name in held], scorer=fuzz.token_sort_ratio, score_cutoff=least, limit=limit
    )
    return [(held[place][1], round(score, 1)) for _kept, score, place in found]


def spellings(ref: str, *, source: str) -> list[tuple[str, dt.datetime, dt.datetime | None]]:
    """How a source has spelled the title of an id: each spelling with from when to when, oldest first."""
    found = DesignationSpelling.objects.filter(source=source, ref=ref).order_by("recorded")
    return [(s.spelling, s.recorded.lower, s.recorded.upper) for s in found]


def counts() -> dict[str, int]:
    """How many designations and spellings there are, and pairs by state."""
    states = Counter(DesignationSuggestion.objects.values_list("state", flat=True))
    return {
        "designations": Designation.objects.count(), "spellings": _current().count(),
        **{state: states[state] for state in State.values},
    }  # fmt: skip


def alike(
    forms: Mapping[str, tuple[str, str]], *, spellings: Mapping[str, int]
) -> Iterator[tuple[str, str, float]]:
    """Pairs (kept, variant, score) of keys that may be one title; `forms`: key -> (base, grade).

    Only titles of the same step are compared. A pair whose differing words are each common, such as Engineer and
    Engineering, is two titles. Kept is the title with more spellings, then the one of commoner words.
    """
    words = Counter(word for base, _ in forms.values() for word in set(base.split()))
    by_step: dict[str, list[str]] = defaultdict(list)
    for key in sorted(forms):
        by_step[forms[key][1].rpartition(" ")[2]].append(key)
    for keys in by_step.values():
        bases = [forms[key][0] for key in keys]
        scores = process.cdist(bases, bases, scorer=fuzz.ratio, score_cutoff=ALIKE)
        for i, j in zip(*scores.nonzero(), strict=True):
            if i >= j:
                continue
            same = bases[i] == bases[j]  # only the word before the step differs: Grade-II and -II
            score = OTHER_STEP_WORD if same else _score(bases[i], bases[j], float(scores[i, j]), words)
            if score >= ALIKE:
                kept, variant = sorted(
                    (keys[i], keys[j]),
                    key=lambda key: (-spellings.get(key, 0), -_commonness(forms[key][0], words), key),
                )
                yield kept, variant, round(score, 1)


def _suggest(known: Mapping[str, UUID], *, now: dt.datetime) -> int:
    forms = {key: (key.partition("|")[0], key.partition("|")[2]) for key in known}
    spellings = Counter(_current().values_list("designation__key", flat=True))
    held = set(DesignationSuggestion.objects.values_list("kept_id", "variant_id"))
    pairs = [(known[k], known[v], score) for k, v, score in alike(forms, spellings=spellings)]
    return bulk.load(
        DesignationSuggestion, ["id", "kept_id", "variant_id", "score", "state", "suggested_at"],
        (
            (ids.new(), kept, variant, score, State.SUGGESTED.value, now)
            for kept, variant, score in pairs
            if (variant, kept) not in held
        ),
    )  # fmt: skip


def _score(one: str, other: str, ratio: float, words: Counter[str]) -> float:
    """`ratio`, or 99 where only the spacing differs, or 0 where the difference is between words of their own."""
    if one.replace(" ", "") == other.replace(" ", ""):
        return 99.0
    mine, theirs = set(one.split()) - set(other.split()), set(other.split()) - set(one.split())
    if len(mine) != len(theirs) or not mine:
        return 0.0
    near = [(word, max(theirs, key=lambda their: fuzz.ratio(word, their))) for word in mine]
    return ratio if all(_slip(word, their, words) for word, their in near) else 0.0


def _slip(word: str, other: str, words: Counter[str]) -> bool:
    """True if the two words may be one: told apart by a habit of spelling, or one is rare and they are near."""
    if not (word.isalpha() and other.isalpha()):
        return False
    if _folded(word) == _folded(other):
        return True
    longer, shorter = max(word, other, key=len), min(word, other, key=len)
    if longer.endswith(shorter) and longer.removesuffix(shorter) in _OPPOSITES:
        return False
    return min(words[word], words[other]) < COMMON and fuzz.ratio(word, other) >= NEAR


def _folded(word: str) -> str:
    """The word without what habits of spelling differ in: -or and -er, -our and -or, z and s, plurals, doubling."""
    for said, meant in _HABITS:
        word = re.sub(said, meant, word)
    return word


def _commonness(base: str, words: Counter[str]) -> int:
    return min(words[word] for word in base.split())


def _step(text: str) -> tuple[str, str]:
    """The title without its step, and the step: sort and number, or the bare letter or number."""
    found = _STEP.match(text)
    if found is None or (found["base"] or found["bare_base"]) in _ROMAN:
        return text, ""
    said = found["named"] or found["bare"]
    number = str(_ROMAN.get(said, said))
    if not number.isdecimal() and len(number) > 1:
        return text, ""
    if found["named"]:
        sort = {"GR": "GRADE"}.get(found["sort"], found["sort"])
        return found["base"].rstrip(" -("), f"{sort} {number}"
    return found["bare_base"].rstrip(" -("), number


def _shown(text: str) -> str:
    """The title as it is shown: capitals are set as a title; steps and short forms without a vowel stay capitals."""
    if text != text.upper():
        return text
    parts = re.split(r"([\s/()\-]+)", text)
    return "".join(_cased(part, first=place == 0) for place, part in enumerate(parts))


def _cased(word: str, *, first: bool) -> str:
    if word in _ROMAN or "." in word or (word.isalpha() and not set("AEIOUY") & set(word)):
        return word
    if word.lower() in _SMALL and not first:
        return word.lower()
    return re.sub(r"[A-Z]{2,}('S\b)?", lambda letters: letters[0].capitalize(), word)


def _end(designation: Designation, onward: Mapping[UUID, Designation]) -> Designation:
    seen: Sequence[UUID] = ()
    while designation.id in onward and designation.id not in seen:
        seen = [*seen, designation.id]
        designation = onward[designation.id]
    return designation
