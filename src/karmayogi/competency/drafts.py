"""Drafting a framework version: its scale, its competencies, their level texts and cut scores."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from uuid import UUID

import numpy as np
from django.db import transaction
from django.utils import timezone

from karmayogi.competency.models import (
    Competency,
    CompetencyLevel,
    CutScore,
    Framework,
    FrameworkVersion,
    Level,
)
from karmayogi.registry import bulk, ids, translations
from karmayogi.registry.translations import Text

Words = str | Mapping[str, str]
"""English, or language -> text with English under "en"."""

PROVISIONAL = "provisional"
OUTERMOST = 2.0
"""Provisional cuts run evenly from -OUTERMOST to OUTERMOST logits."""


class FrameworkVersionExists(Exception):
    """This version was written before with other content; versions are never edited."""

    status = 409


class FrameworkNotConsistent(ValueError):
    """The framework contradicts itself; the message says where."""

    status = 400


@dataclass(frozen=True)
class NewLevel:
    """A step of the scale, numbered from 1."""

    number: int
    name: Words
    meaning: Words = ""


@dataclass(frozen=True)
class NewCompetency:
    """A competency with its text by level number. `cuts`: logits from level 1 up, or None for provisional ones."""

    key: str
    kind: str
    name: Words
    about: Words = ""
    levels: Mapping[int, Words] = field(default_factory=dict)
    cuts: Sequence[float] | None = None
    study: str = ""


@dataclass(frozen=True)
class NewFramework:
    """A version of a framework, whole. `since`: from when its first cut scores hold."""

    key: str
    title: str
    version: str
    levels: Sequence[NewLevel]
    competencies: Sequence[NewCompetency]
    order_no: str = "demo/1"
    since: dt.date | None = None


def provisional_cuts(levels: int) -> tuple[float, ...]:
    """Cuts for a scale without a standard-setting study: evenly from -2 to 2 logits."""
    return (
        tuple(round(float(c), 6) for c in np.linspace(-OUTERMOST, OUTERMOST, levels))
        if levels > 1
        else (0.0,)
    )


def draft(new: NewFramework, *, now: dt.datetime | None = None) -> UUID:
    """Writes the version as a draft and returns its id; the same content again returns the id it has.

    Raises `FrameworkNotConsistent` and `FrameworkVersionExists`.
    """
    now = now or timezone.now()
    _check(new)
    content = content_hash(asdict(new))
    with transaction.atomic():
        framework, _ = Framework.objects.get_or_create(key=new.key, defaults={"title": new.title})
        standing = FrameworkVersion.objects.filter(framework=framework, version=new.version).first()
        if standing and standing.content != content:
            raise FrameworkVersionExists(
                f"Version {new.version} of {new.key} was written before with other content. Give it a new version."
            )
        if standing:
            return standing.id
        version = FrameworkVersion.objects.create(
            framework=framework, version=new.version, order_no=new.order_no, content=content, drafted_at=now
        )
        texts = [*_write_levels(version.id, new.levels), *_write_competencies(version.id, new, now)]
        translations.put(texts)
    return version.id


def english(words: Words) -> str:
    """The English of a text."""
    return words if isinstance(words, str) else words["en"]


def content_hash(content: object) -> str:
    """SHA-256 of a structure, to tell the same content from another."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def texts_of(object_id: UUID, name: str, words: Words) -> Iterable[Text]:
    """The translations in `words` for the field `name` of an object."""
    if isinstance(words, str):
        return ()
    source = words["en"]
    return (Text(object_id, name, lang, text, source) for lang, text in words.items() if lang != "en")


def _check(new: NewFramework) -> None:
    numbers = [level.number for level in new.levels]
    if numbers != list(range(1, len(numbers) + 1)) or not numbers:
        raise FrameworkNotConsistent(f"The levels of {new.key} must be numbered 1, 2, 3 and so on.")
    keys = [c.key for c in new.competencies]
    twice = {key for key in keys if keys.count(key) > 1} if len(set(keys)) < len(keys) else set()
    if twice:
        raise FrameworkNotConsistent(f"Competencies of {new.key} stand twice: {', '.join(sorted(twice))}.")
    for c in new.competencies:
        if c.kind not in Competency.Kind.values:
            raise FrameworkNotConsistent(
                f"{c.key}: '{c.kind}' is no kind. Use {', '.join(Competency.Kind.values)}."
            )
        if not set(c.levels) <= set(numbers):
            raise FrameworkNotConsistent(f"{c.key} has a text for a level that is not on the scale.")
        check_cuts(c.key, c.cuts, len(numbers))


def check_cuts(key: str, cuts: Sequence[float] | None, levels: int) -> None:
    """Raises `FrameworkNotConsistent` unless there is one cut per level and they rise."""
    if cuts is None:
        return
    if len(cuts) != levels or any(a >= b for a, b in pairwise(cuts)):
        raise FrameworkNotConsistent(f"{key} needs {levels} cut scores that rise from level to level.")


def _write_levels(version: UUID, levels: Sequence[NewLevel]) -> list[Text]:
    named = [(ids.new(), level) for level in levels]
    rows = [(i, version, level.number, english(level.name), english(level.meaning)) for i, level in named]
    bulk.load(Level, ["id", "version_id", "number", "name", "meaning"], rows)
    names = [text for i, level in named for text in texts_of(i, "name", level.name)]
    return names + [text for i, level in named for text in texts_of(i, "meaning", level.meaning)]


def _write_competencies(version: UUID, new: NewFramework, now: dt.datetime) -> list[Text]:
    named = [(ids.new(), c) for c in new.competencies]
    bulk.load(
        Competency,
        ["id", "version_id", "key", "kind", "name", "about", "number"],
        [(i, version, c.key, c.kind, english(c.name), english(c.about), n) for n, (i, c) in enumerate(named)],
    )
    described = [(ids.new(), i, n, words) for i, c in named for n, words in c.levels.items()]
    bulk.load(
        CompetencyLevel,
        ["id", "competency_id", "number", "text"],
        [(level, i, n, english(words)) for level, i, n, words in described],
    )
    since, size = new.since or timezone.localdate(now), len(new.levels)
    write_cuts(
        ((i, c.cuts or provisional_cuts(size), c.study if c.cuts else PROVISIONAL) for i, c in named),
        since=since,
        now=now,
    )
    texts = [t for i, c in named for t in (*texts_of(i, "name", c.name), *texts_of(i, "about", c.about))]
    return texts + [t for level, _, _, words in described for t in texts_of(level, "text", words)]


def write_cuts(cuts: Iterable[tuple[UUID, Sequence[float], str]], *, since: dt.date, now: dt.datetime) -> int:
    """Appends cut scores of (competency, cuts, study) from `since` on; returns how many rows were new."""
    return bulk.load(
        CutScore,
        ["id", "competency_id", "number", "theta", "since", "study", "recorded_at"],
        [
            (ids.new(), competency, number, theta, since, study, now)
            for competency, thetas, study in cuts
            for number, theta in enumerate(thetas, start=1)
        ],
    )
