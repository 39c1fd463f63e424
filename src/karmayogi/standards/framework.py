"""Reader of the UK Civil Service Competency Framework (July 2012) in its JSON form.

The form: clusters under ``competencies``, each with a ``title`` and competencies; a competency has
``description``, ``title`` and ``level1`` to ``level6``, lists of an ``effective`` and an ``ineffective``
behaviour side by side. A cluster or competency may be wrapped in a list of one, as in the published file.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from . import objects
from .tables import Problem, UnreadableFile

WHAT = "a competency framework"


@dataclass(frozen=True, slots=True)
class Indicator:
    """What effective and ineffective behaviour look like, side by side."""

    effective: str
    ineffective: str


@dataclass(frozen=True, slots=True)
class Level:
    """``number``: 1 (lowest) upwards."""

    number: int
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True, slots=True)
class Competency:
    """``key``: its stable name in the file; ``levels``: in rising order."""

    key: str
    title: str
    description: str
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Cluster:
    """A group of competencies under one title."""

    key: str
    title: str
    competencies: tuple[Competency, ...]


@dataclass(frozen=True, slots=True)
class Framework:
    """``problems``: pairs and levels that were left out; their ``row`` counts pairs from 1 in file order and
    their ``column`` is the path, such as people/leading/level2."""

    title: str
    copyright: str
    clusters: tuple[Cluster, ...]
    problems: tuple[Problem, ...]


class _Count:
    """Numbers the pairs as they are met and gathers what is wrong with them."""

    def __init__(self) -> None:
        self.pairs = 0
        self.problems: list[Problem] = []

    def add(self, path: str, value: object, what: str, mend: str) -> None:
        self.problems.append(Problem(self.pairs, path, str(value)[:60], what, mend))


def read(content: bytes) -> Framework:
    """The framework in ``content`` (UTF-8 JSON). Raises `UnreadableFile` when it is not such a file at
    all."""
    return of(objects.decode(content, what=WHAT))


def of(document: Mapping[str, Any]) -> Framework:
    """The framework in a document that was read. Raises `UnreadableFile` when it holds none."""
    clusters = document.get("competencies")
    if not isinstance(clusters, dict):
        raise UnreadableFile("The file has no 'competencies'. Choose a competency framework file.")
    count = _Count()
    read_clusters = tuple(_cluster(key, body, count) for key, body in _named(clusters))
    return Framework(
        _text(document, "title"), _text(document, "copyright"), read_clusters, tuple(count.problems)
    )


def _named(group: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for key, body in group.items():
        inner = body[0] if isinstance(body, list) and len(body) == 1 else body
        if isinstance(inner, dict):
            yield key, inner


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    return value.strip() if isinstance(value, str) else ""


def _cluster(key: str, body: dict[str, Any], count: _Count) -> Cluster:
    competencies = tuple(_competency(f"{key}/{name}", inner, count) for name, inner in _named(body))
    return Cluster(key, _text(body, "title") or key, competencies)


def _competency(path: str, body: dict[str, Any], count: _Count) -> Competency:
    key = path.rpartition("/")[2]
    if not _text(body, "title"):
        count.add(path, "", "The competency has no title", "Give it a title; its key was used.")
    names = [name for name in body if name.startswith("level")]
    levels = [level for name in names if (level := _level(f"{path}/{name}", body[name], count))]
    levels.sort(key=lambda level: level.number)
    return Competency(key, _text(body, "title") or key, _text(body, "description"), tuple(levels))


def _level(path: str, pairs: object, count: _Count) -> Level | None:
    number = path.rpartition("/level")[2]
    if not (number.isdecimal() and isinstance(pairs, list)):
        count.add(
            path,
            number,
            "This is not a numbered level with a list of behaviours",
            "Name it level1, level2 and so on.",
        )
        return None
    return Level(int(number), tuple(_indicators(path, pairs, count)))


def _indicators(path: str, pairs: list[Any], count: _Count) -> Iterator[Indicator]:
    for pair in pairs:
        count.pairs += 1
        effective, ineffective = (
            _text(pair, name) if isinstance(pair, dict) else "" for name in ("effective", "ineffective")
        )
        if effective and ineffective:
            yield Indicator(effective, ineffective)
        else:
            count.add(
                path,
                pair,
                "The pair lacks one of its two sides",
                "Write both the effective and the ineffective side.",
            )
