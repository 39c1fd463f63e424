"""Import of a course kept as Markdown pages, one folder per language: published whole, with its translations.

A row is one page in one language. A page that is nothing but a link, as a quiz kept elsewhere, stays a link. A page
without the original language is set aside, because a course is published in the original first. Rows are counted
against the version that stood before.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from karmayogi.competency import frameworks
from karmayogi.learning import courses, differences
from karmayogi.learning.courses import NewCourse, NewModule, NewPage
from karmayogi.learning.differences import Difference
from karmayogi.registry import imports
from karmayogi.registry.imports import Counts, Meter, Result
from karmayogi.standards import course as codec
from karmayogi.standards.course import Course, CoursePage
from karmayogi.standards.tables import Problem, UnreadableFile

WORDS_A_MINUTE = 130
"""Reading with care, in a language that need not be one's own."""
MODULE = {"en": "Module", "hi": "मॉड्यूल", "ur": "ماڈیول"}
ORIGINAL = "en"
WHOLE = 1 << 31
"""All pages in one transaction: a course is published whole."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What the files do not say: key and title of the course, and what it builds up to which level."""

    key: str
    title: str
    about: str = ""
    competency: str = ""
    framework: str = ""
    level: int = 1


SECURITY_101 = Frame(
    "security-101", "Security 101", "The basics of information security in eight modules (open course, CC0)."
)


@dataclass(frozen=True, slots=True)
class Row:
    """A page in one language, with the course it belongs to."""

    course: Course
    page: CoursePage
    language: str


def run(
    source: Path,
    *,
    now: dt.datetime,
    frame: Frame = SECURITY_101,
    languages: Sequence[str] = ("en", "hi"),
    dry_run: bool = False,
    error_file: Path | None = None,
    progress: Meter | None = None,
) -> Result:
    """Imports the folder `source`. Raises `UnreadableFile` and `competency.frameworks.UnknownCompetency`."""
    return imports.run(
        "course", source, reader=lambda folder: read(folder, languages=languages),
        write=lambda rows: _write(rows, frame, now=now), dry_run=dry_run, now=now, batch=WHOLE,
        error_file=error_file, progress=progress,
    )  # fmt: skip


def read(folder: Path, *, languages: Sequence[str]) -> Iterator[Row | Problem]:
    """Every page in every language, in order; what is missing or unreadable stands in its place.

    Rows are numbered through the pages, their languages in turn; files that are no page of the grid come after.
    """
    if not folder.is_dir():
        raise UnreadableFile(
            "A course is a folder with one folder of pages for each language. Name that folder."
        )
    course = codec.read(folder, languages=languages)
    missing = {(p.column, p.value): p for p in course.problems if p.row == 0}
    number = 0
    for page in (page for module in course.modules for page in module.pages):
        for language in languages:
            number += 1
            problem = missing.get((language, f"{page.module}.{page.number}")) or _fault(page, language)
            if problem is not None:
                yield Problem(number, language, problem.value, problem.what, problem.mend)
            else:
                yield Row(course, page, language)
    for problem in (p for p in course.problems if p.row):
        number += 1
        yield Problem(number, problem.column, problem.value, problem.what, problem.mend)


def _fault(page: CoursePage, language: str) -> Problem | None:
    name = f"{page.module}.{page.number}"
    if ORIGINAL not in page.texts:
        return Problem(0, language, name, "The page is not there in the original", f"Add it in {ORIGINAL}.")
    if page.kind == "link" and not re.match(r"https?://", page.href):
        return Problem(
            0, language, page.href[:60], "The page links to no full address", "Begin it with https://."
        )
    if not page.texts[language].words:
        return Problem(0, language, name, "The page is empty", "Write it, or remove the file.")
    if not page.texts[ORIGINAL].words:
        return Problem(0, language, name, "The page is empty in the original", f"Write it in {ORIGINAL}.")
    return None


def _write(rows: Sequence[Row], frame: Frame, *, now: dt.datetime) -> Counts:
    course = _course(rows, frame)
    found = differences.of(course)
    published = courses.publish(course, order_no=f"import/{frame.key}", now=now)
    if not published.fresh:
        return Counts(same=len(rows))
    told = Counter(found[_key(row.page), row.language] for row in rows)
    if told[Difference.SAME] == len(rows):
        # What changed has no row of its own: the title, what the course builds, or a page that was left out.
        return Counts(changed=len(rows))
    return Counts(new=told[Difference.NEW], changed=told[Difference.CHANGED], same=told[Difference.SAME])


def _key(page: CoursePage) -> str:
    return f"{page.module}-{page.number}"


def _course(rows: Sequence[Row], frame: Frame) -> NewCourse:
    languages = rows[0].course.languages
    told: dict[tuple[int, int], list[Row]] = {}
    for row in rows:
        told.setdefault((row.page.module, row.page.number), []).append(row)
    modules: dict[int, list[NewPage]] = {}
    for (module, _), said in told.items():
        modules.setdefault(module, []).append(_page(said))
    about = frame.about or frame.title
    built = (
        frameworks.by_key(frame.competency, framework=frame.framework or None) if frame.competency else None
    )
    return NewCourse(
        key=frame.key, title=dict.fromkeys(languages, frame.title), about=dict.fromkeys(languages, about),
        modules=[
            NewModule({language: f"{MODULE.get(language, 'Module')} {number}" for language in languages}, pages)
            for number, pages in modules.items()
        ],
        competency=built.id if built else None, level=frame.level if built else None,
    )  # fmt: skip


def _page(said: Sequence[Row]) -> NewPage:
    page = said[0].page
    languages = [row.language for row in said]
    words = page.texts[ORIGINAL].words
    return NewPage(
        key=_key(page), kind=page.kind, minutes=max(1, -(-words // WORDS_A_MINUTE)),
        title={language: page.titles[language] for language in languages},
        texts={} if page.kind == "link" else {language: page.texts[language] for language in languages},
        href=page.href,
    )  # fmt: skip
