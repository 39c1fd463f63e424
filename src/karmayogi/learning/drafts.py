"""The draft of a course, as an author or an import hands it over: its words by language, its faults, its hash.

Words are mappings language -> text and always hold the English ("en").
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

from karmayogi.standards import markdown

Words = Mapping[str, str]
Kind = Literal["text", "practice", "file", "link", "video"]
ORIGINAL = "en"


class IncompleteCourse(Exception):
    """The draft cannot be published as it is; `problems` are sentences that say what to mend."""

    status = 400

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class NewOption:
    """One option of a practice question, e.g. key "a"."""

    key: str
    text: Words


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A practice question; `right` is the key of an option, `why` is shown after answering."""

    key: str
    stem: Words
    options: Sequence[NewOption]
    right: str
    why: Words


@dataclass(frozen=True, slots=True)
class NewPage:
    """A page; `minutes` is what it takes to read or do. `key` is its identity through all versions of the course.

    `texts`: language -> page made by `standards.markdown.to_page`, the only maker of pages, so that nothing
    unsafe gets in. `file`: id of a file of the registry; `other_files`: language -> the same file in that
    language. `href`: for links and videos kept elsewhere.
    """

    key: str
    kind: Kind
    minutes: int
    title: Words
    texts: Mapping[str, markdown.Page] = field(default_factory=dict)
    href: str = ""
    file: UUID | None = None
    other_files: Mapping[str, UUID] = field(default_factory=dict)
    questions: Sequence[NewQuestion] = ()


@dataclass(frozen=True, slots=True)
class NewModule:
    """A part of the course with its heading."""

    title: Words
    pages: Sequence[NewPage]


@dataclass(frozen=True, slots=True)
class NewCourse:
    """A course to be published. `competency` and `level`: what it builds, and up to which level."""

    key: str
    title: Words
    about: Words
    modules: Sequence[NewModule]
    competency: UUID | None = None
    level: int | None = None
    provider: UUID | None = None


def pages(course: NewCourse) -> Iterator[NewPage]:
    """All pages in reading order."""
    return (page for module in course.modules for page in module.pages)


def check(course: NewCourse) -> None:
    """Raises `IncompleteCourse` with every fault at once."""
    faults = [*_faults_of_course(course)]
    for page in pages(course):
        faults += _faults_of_page(page)
    if faults:
        raise IncompleteCourse(faults)


def languages(course: NewCourse) -> list[str]:
    """Languages in which every heading, page and question is there; English first, the others by code."""
    whole = set.intersection(*(set(words) for words in _words(course)))
    return [ORIGINAL, *sorted(whole - {ORIGINAL})]


def fingerprint(course: NewCourse) -> str:
    """SHA-256 over everything that is published, all languages included."""
    return _hashed(
        {
            "course": [course.key, course.competency, course.level, course.provider],
            "words": [dict(words) for words in _words(course)],
            "pages": [[fingerprint_page(page) for page in module.pages] for module in course.modules],
            "files": [dict(page.other_files) for page in pages(course)],
        }
    )


def fingerprint_page(page: NewPage) -> str:
    """SHA-256 over what a learner of the original meets on the page.

    Other languages are left out on purpose: mending a translation must not take anybody's finished page away.
    """
    return _hashed(
        {
            "page": [page.key, page.kind, page.minutes, page.href, page.file],
            "words": [page.title[ORIGINAL], page.texts[ORIGINAL].html if page.texts else ""],
            "questions": [
                [
                    q.key,
                    q.stem[ORIGINAL],
                    [[o.key, o.text[ORIGINAL]] for o in q.options],
                    q.right,
                    q.why[ORIGINAL],
                ]
                for q in page.questions
            ],
        }
    )


def _hashed(value: Any) -> str:
    return sha256(json.dumps(value, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()


def _words(course: NewCourse) -> Iterator[Words]:
    yield from (course.title, course.about)
    for module in course.modules:
        yield module.title
        for page in module.pages:
            yield page.title
            if page.texts:
                yield {language: text.html for language, text in page.texts.items()}
            for question in page.questions:
                yield from (question.stem, question.why, *(option.text for option in question.options))


def _faults_of_course(course: NewCourse) -> Iterator[str]:
    if any(ORIGINAL not in words for words in _words(course)):
        yield "Some title, page or question has no English. Add it; the other languages may follow later."
    keys = [page.key for page in pages(course)]
    if not keys or not all(module.pages for module in course.modules):
        yield "A module has no page. Give every module at least one."
    for key in _repeated(keys):
        yield f"Two pages have the key {key}. Give one of them another key."
    if (course.competency is None) != (course.level is None):
        yield "Name both the competency and the level the course builds, or neither."


def _faults_of_page(page: NewPage) -> Iterator[str]:
    has = {
        "text": bool(page.texts),
        "practice": bool(page.questions),
        "file": page.file is not None,
        "link": bool(page.href),
        "video": bool(page.href or page.file),
    }
    if page.kind not in has:
        yield f"Page {page.key} has the kind {page.kind}, which is not known. Use one of: {', '.join(has)}."
    elif not has[page.kind]:
        yield f"Page {page.key} is of the kind {page.kind} but has nothing of it. Add it."
    if page.href and not page.href.startswith(("https://", "http://")):
        yield f"Page {page.key} links to {page.href}. Give a full address that begins with https://."
    if page.minutes < 1:
        yield f"Page {page.key} states no time. Give whole minutes, at least 1."
    for key in _repeated([question.key for question in page.questions]):
        yield f"Two questions of page {page.key} have the key {key}. Give one of them another key."
    for question in page.questions:
        if question.right not in [option.key for option in question.options]:
            yield f"The right answer of question {question.key} on page {page.key} is not among its options."


def _repeated(keys: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    return sorted({key for key in keys if key in seen or seen.add(key)})  # type: ignore[func-returns-value]
