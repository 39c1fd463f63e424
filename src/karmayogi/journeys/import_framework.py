"""Import of the UK Civil Service Competency Framework (2012): clusters, competencies, six levels, behaviours.

A row is one pair of an effective and an ineffective behaviour. The framework is published whole or not at all,
as a version named by its content, so that a corrected file becomes a new version and the same content, however it is
laid out, changes nothing. Rows are counted against the version that stood before.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from itertools import groupby
from pathlib import Path

import msgspec

from karmayogi.competency import frameworks
from karmayogi.competency.frameworks import CompetencyCard, NewCompetency, NewFramework, NewLevel
from karmayogi.registry import imports
from karmayogi.registry.imports import Counts, Meter, Result
from karmayogi.standards import framework as codec
from karmayogi.standards import objects
from karmayogi.standards.framework import Competency, Framework, Indicator, Level
from karmayogi.standards.tables import Problem

KEY = "uk-civil-service-2012"
ORDER_NO = "ukcsf/2012-07"
SINCE = dt.date(2012, 7, 1)
MOST_BYTES = 20_000_000
WHOLE = 1 << 31
"""A batch no file reaches: all rows in one transaction."""
_FIRST = "Effective: "
GRADES = (
    "Administrative assistants and officers",
    "Executive officers",
    "Higher and senior executive officers",
    "Grades 7 and 6",
    "Deputy directors",
    "Directors and directors general",
)
"""Whom each level is meant for (Civil Service Competency Framework 2012-2017, July 2012)."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One row: a pair of behaviours, where it stands, and the framework it stands in."""

    framework: Framework
    competency: Competency
    level: int
    indicator: Indicator


def run(
    source: Path,
    *,
    now: dt.datetime,
    dry_run: bool = False,
    error_file: Path | None = None,
    progress: Meter | None = None,
) -> Result:
    """Imports the JSON file at `source`. Raises `UnreadableFile`."""
    return imports.run(
        "framework", source, reader=read, write=lambda pairs: _write(pairs, now=now), dry_run=dry_run, now=now,
        batch=WHOLE, error_file=error_file, progress=progress,
    )  # fmt: skip


def read(source: Path) -> Iterator[Pair | Problem]:
    """Every pair of the file, or what is wrong with it."""
    framework = codec.of(objects.read(source, most_bytes=MOST_BYTES, what=codec.WHAT))
    yield from framework.problems
    for competency, level in _levels(framework):
        yield from (Pair(framework, competency, level.number, indicator) for indicator in level.indicators)


def _levels(framework: Framework) -> Iterator[tuple[Competency, Level]]:
    for cluster in framework.clusters:
        for competency in cluster.competencies:
            for level in competency.levels:
                yield competency, level


def _write(pairs: Sequence[Pair], *, now: dt.datetime) -> Counts:
    new = _published(pairs[0].framework)
    known = {card.version for card in frameworks.versions() if card.framework == KEY}
    former = {card.key: card for card in frameworks.competencies(framework=KEY)}
    frameworks.publish(new, now=now)
    if new.version in known:
        return Counts(same=len(pairs))
    about = {competency.key: competency for competency in new.competencies}
    counts = _compared(pairs, about, former)
    # What changed has no row of its own: a title, the order, something that was left out.
    return counts if counts.new or counts.changed else Counts(changed=len(pairs))


def _compared(
    pairs: Sequence[Pair], about: Mapping[str, NewCompetency], former: Mapping[str, CompetencyCard]
) -> Counts:
    """How many pairs stood in their level before, were put in the place of others, or are new.

    A pair whose competency is called or described otherwise than before has changed with it.
    """
    new = changed = same = 0
    for (key, number), group in groupby(pairs, key=lambda pair: (pair.competency.key, pair.level)):
        now = Counter(_paragraph(pair.indicator) for pair in group)
        card = former.get(key)
        before = (
            Counter(_paragraphs(card.levels[number - 1].text))
            if card and number <= len(card.levels)
            else Counter()
        )
        stood, gone, fresh = (now & before).total(), (before - now).total(), (now - before).total()
        if card and (card.name, card.about) == (about[key].name, about[key].about):
            same += stood
        else:
            changed += stood
        changed += min(gone, fresh)
        new += max(0, fresh - gone)
    return Counts(new=new, changed=changed, same=same)


def _published(framework: Framework) -> NewFramework:
    highest = max(level.number for _, level in _levels(framework))
    new = NewFramework(
        key=KEY,
        title=(framework.title or "Civil Service Competency Framework")[:240],
        version="",
        levels=[NewLevel(n, f"Level {n}", _grade(n)) for n in range(1, highest + 1)],
        competencies=[
            NewCompetency(
                key=competency.key,
                kind="behavioural",
                name=competency.title,
                about=competency.description or cluster.title,
                levels={level.number: _text(level) for level in competency.levels},
            )
            for cluster in framework.clusters
            for competency in cluster.competencies
        ],
        order_no=ORDER_NO,
        since=SINCE,
    )
    return replace(new, version=f"2012-{sha256(msgspec.json.encode(asdict(new))).hexdigest()[:8]}")


def _grade(number: int) -> str:
    return GRADES[number - 1] if number <= len(GRADES) else ""


def _text(level: Level) -> str:
    """The behaviours of a level, one pair a paragraph, what works first."""
    return "\n\n".join(_paragraph(indicator) for indicator in level.indicators)


def _paragraph(indicator: Indicator) -> str:
    return f"{_FIRST}{indicator.effective}\nNot effective: {indicator.ineffective}"


def _paragraphs(text: str) -> list[str]:
    return [_FIRST + rest for rest in f"\n\n{text}".split(f"\n\n{_FIRST}")[1:]]
