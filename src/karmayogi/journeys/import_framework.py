"""Import of the UK Civil Service Competency Framework (2012): clusters, competencies, six levels, behaviours.

A row is one pair of an effective and an ineffective behaviour. The framework is published whole or not at all,
as a version named by its content, so that a corrected file becomes a new version and the same file changes nothing.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from karmayogi.competency import frameworks
from karmayogi.competency.frameworks import NewCompetency, NewFramework, NewLevel
from karmayogi.registry import imports
from karmayogi.registry.imports import Counts, Meter, Result
from karmayogi.standards import framework as codec
from karmayogi.standards.framework import Competency, Framework, Indicator, Level
from karmayogi.standards.tables import Problem, UnreadableFile

KEY = "uk-civil-service-2012"
ORDER_NO = "ukcsf/2012-07"
SINCE = dt.date(2012, 7, 1)
MOST_BYTES = 20_000_000
WHOLE = 1 << 31
"""A batch no file reaches: all rows in one transaction."""
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
    """One row: a pair of behaviours, with the framework it stands in."""

    framework: Framework
    version: str
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
    if source.stat().st_size > MOST_BYTES:
        raise UnreadableFile(
            f"The file is larger than {MOST_BYTES:,} bytes. Choose a competency framework file."
        )
    content = source.read_bytes()
    framework = codec.read(content)
    version = f"2012-{sha256(content).hexdigest()[:8]}"
    yield from framework.problems
    for _, level in _levels(framework):
        yield from (Pair(framework, version, indicator) for indicator in level.indicators)


def _levels(framework: Framework) -> Iterator[tuple[Competency, Level]]:
    for cluster in framework.clusters:
        for competency in cluster.competencies:
            for level in competency.levels:
                yield competency, level


def _write(pairs: Sequence[Pair], *, now: dt.datetime) -> Counts:
    standing = {card.version for card in frameworks.versions() if card.framework == KEY}
    framework, version = pairs[0].framework, pairs[0].version
    frameworks.publish(_published(framework, version), now=now)
    return Counts(same=len(pairs)) if version in standing else Counts(new=len(pairs))


def _published(framework: Framework, version: str) -> NewFramework:
    highest = max(level.number for _, level in _levels(framework))
    return NewFramework(
        key=KEY,
        title=(framework.title or "Civil Service Competency Framework")[:240],
        version=version,
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


def _grade(number: int) -> str:
    return GRADES[number - 1] if number <= len(GRADES) else ""


def _text(level: Level) -> str:
    """The behaviours of a level, one pair a paragraph, what works first."""
    return "\n\n".join(f"Effective: {i.effective}\nNot effective: {i.ineffective}" for i in level.indicators)
