"""Reader of a course kept as Markdown pages, one folder per language, pages named ``Module.Page
Title.md``."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from . import markdown
from .tables import Problem, UnreadableFile

_NAME = re.compile(r"(\d+)\.(\d+)\s+(.+)\.md", re.IGNORECASE)
_MOST_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class CoursePage:
    """``title`` and ``texts`` by language; ``kind`` is "link" when the page of the first language that has
    one is nothing but one link (``href``), as a quiz kept elsewhere is; otherwise "text" and ``href`` is
    ''."""

    module: int
    number: int
    kind: Literal["text", "link"]
    href: str
    titles: Mapping[str, str]
    texts: Mapping[str, markdown.Page]


@dataclass(frozen=True, slots=True)
class Module:
    """``pages`` in the order of their numbers."""

    number: int
    pages: tuple[CoursePage, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """``modules`` in the order of their numbers; ``problems``: one for each missing translation, unreadable
    page or number used twice. Their ``row`` counts files of the folder in sorted order (0: no file), their
    ``column`` is the language and their ``value`` the file name or page number."""

    languages: tuple[str, ...]
    modules: tuple[Module, ...]
    problems: tuple[Problem, ...]


def read(folder: Path, *, languages: Sequence[str] = ("en", "hi")) -> Course:
    """The course under ``folder``, pages paired over ``languages`` (the first is the original) by their
    numbers.

    Files whose names do not begin with two numbers are not pages. A page without a title heading takes the
    title in its file name. Raises `UnreadableFile` when a language folder is missing.
    """
    problems: list[Problem] = []
    found = {
        language: _pages(folder / language, language=language, problems=problems) for language in languages
    }
    numbers = sorted(set().union(*found.values()))
    pages = []
    for number in numbers:
        texts = {language: found[language][number] for language in languages if number in found[language]}
        problems += [_missing(number, language=language) for language in languages if language not in texts]
        pages.append(_paired(number, texts=texts))
    modules = [
        Module(module, tuple(page for page in pages if page.module == module))
        for module in sorted({n for n, _ in numbers})
    ]
    return Course(tuple(languages), tuple(modules), tuple(problems))


def _pages(
    folder: Path, *, language: str, problems: list[Problem]
) -> dict[tuple[int, int], tuple[str, markdown.Page]]:
    if not folder.is_dir():
        raise UnreadableFile(f"The course has no folder '{language}'. Add it, or leave that language out.")
    pages: dict[tuple[int, int], tuple[str, markdown.Page]] = {}
    for row, path in enumerate(sorted(folder.iterdir()), start=1):
        if not (name := _NAME.fullmatch(path.name)):
            continue
        number = int(name[1]), int(name[2])
        if number in pages:
            problems.append(
                Problem(
                    row, language, path.name, "Two pages have this number", "Give one of them another number."
                )
            )
            continue
        try:
            page = markdown.to_page(_text(path))
        except ValueError as error:
            problems.append(
                Problem(
                    row, language, path.name, f"The page cannot be read: {error}", "Save it again as UTF-8."
                )
            )
            continue
        pages[number] = page.title or name[3].strip(), page
    return pages


def _text(path: Path) -> str:
    if path.stat().st_size > _MOST_BYTES:
        raise ValueError(f"it is larger than {_MOST_BYTES:,} bytes")
    return path.read_text(encoding="utf-8-sig")


def _paired(number: tuple[int, int], *, texts: Mapping[str, tuple[str, markdown.Page]]) -> CoursePage:
    original = next(iter(texts.values()))[1]
    only_link = len(original.links) == 1 and original.words == len(original.links[0].text.split())
    return CoursePage(
        module=number[0],
        number=number[1],
        kind="link" if only_link else "text",
        href=original.links[0].href if only_link else "",
        titles={language: title for language, (title, _) in texts.items()},
        texts={language: page for language, (_, page) in texts.items()},
    )


def _missing(number: tuple[int, int], *, language: str) -> Problem:
    name = f"{number[0]}.{number[1]}"
    return Problem(
        0,
        language,
        name,
        "The page is not there in this language",
        f"Add a page whose name begins with {name}.",
    )
