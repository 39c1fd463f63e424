"""Courses: published by order in numbered versions that never change, retired and flagged with a reason."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from karmayogi.institutions import audit
from karmayogi.learning import completions, drafts
from karmayogi.learning.drafts import (
    ORIGINAL,
    IncompleteCourse,
    NewCourse,
    NewModule,
    NewOption,
    NewPage,
    NewQuestion,
    Words,
)
from karmayogi.learning.models import (
    Course,
    CourseVersion,
    Module,
    Page,
    Placement,
    PracticeKey,
    PracticeQuestion,
)
from karmayogi.registry import ids, translations
from karmayogi.registry.translations import Text

__all__ = [
    "CourseCannotMove",
    "CourseOfAnotherProvider",
    "IncompleteCourse",
    "NewCourse",
    "NewModule",
    "NewOption",
    "NewPage",
    "NewQuestion",
    "Published",
    "UnknownCourse",
    "Words",
    "flag",
    "publish",
    "retire",
]


class UnknownCourse(LookupError):
    """No course in reach has this key or id."""


class CourseOfAnotherProvider(Exception):
    """The key belongs to a course of another provider; publish under a key of your own."""

    status = 409


class CourseCannotMove(Exception):
    """The course is not in a state from which this can be done."""

    status = 409


@dataclass(frozen=True, slots=True)
class Published:
    """What stands after `publish`; `fresh` is False when the content was already the current version."""

    course: UUID
    version: UUID
    number: int
    fresh: bool


def publish(course: NewCourse, *, order_no: str, now: dt.datetime) -> Published:
    """Publishes the content as the next version and makes the course live.

    The content of the current version again changes nothing, whatever the state. Pages with the same key and
    content keep their row, hence everybody's finished state; whoever has finished all that is left completes now.
    Raises `IncompleteCourse` or `CourseOfAnotherProvider`.
    """
    drafts.check(course)
    content_hash = drafts.fingerprint(course)
    with transaction.atomic():
        head = _head(course, now)
        current = head.version
        if current is not None and current.content_hash == content_hash:
            return Published(head.id, current.id, current.number, False)
        version = _version(head, course, content_hash, order_no=order_no, now=now)
        rows = _pages(head, course)
        texts = [*_texts_of_version(version, course), *_outline(version, course, rows)]
        translations.put([*texts, *_texts_of_pages(course, rows)])
        Course.objects.filter(id=head.id).update(state="live", version=version)
        details = {"version": version.number, "content_hash": content_hash, "order_no": order_no}
        audit.record(
            "course.publish", actor=None, object_kind="course", object_id=course.key, details=details
        )
        completions.settle([head.id], now=now)
    return Published(head.id, version.id, version.number, True)


def retire(key: str, *, order_no: str, reason: str) -> None:
    """Takes a course out of the catalogue; whoever is on it may finish it."""
    _move(key, "retired", states=("live", "flagged"), order_no=order_no, reason=reason)


def flag(key: str, *, order_no: str, reason: str) -> None:
    """Takes a live course out of the catalogue until its corrected version is published."""
    _move(key, "flagged", states=("live",), order_no=order_no, reason=reason)


def _move(key: str, state: str, *, states: tuple[str, ...], order_no: str, reason: str) -> None:
    with transaction.atomic():
        head = Course.objects.select_for_update().filter(key=key).first()
        if head is None:
            raise UnknownCourse(_("There is no course with the key {key}.").format(key=key))
        if head.state not in states:
            raise CourseCannotMove(
                f"The course {key} is {head.state}; only {' or '.join(states)} can become {state}."
            )
        details = {"from": head.state, "to": state, "order_no": order_no}
        Course.objects.filter(id=head.id).update(state=state)
        audit.record(
            "course.move", actor=None, object_kind="course", object_id=key, reason=reason, details=details
        )


def _head(course: NewCourse, now: dt.datetime) -> Course:
    Course.objects.bulk_create(
        [Course(key=course.key, provider_id=course.provider, made_at=now)], ignore_conflicts=True
    )
    head = Course.objects.select_for_update(of=("self",)).select_related("version").get(key=course.key)
    if head.provider_id != course.provider:
        raise CourseOfAnotherProvider(
            f"The course {course.key} belongs to another provider. Publish under a key of your own."
        )
    return head


def _version(
    head: Course, course: NewCourse, content_hash: str, *, order_no: str, now: dt.datetime
) -> CourseVersion:
    pages = list(drafts.pages(course))
    return CourseVersion.objects.create(
        course=head,
        number=head.version.number + 1 if head.version else 1,
        title=course.title[ORIGINAL],
        about=course.about[ORIGINAL],
        competency=course.competency,
        level=course.level,
        languages=drafts.languages(course),
        minutes=sum(page.minutes for page in pages),
        pages=len(pages),
        content_hash=content_hash,
        order_no=order_no,
        published_at=now,
    )


def _pages(head: Course, course: NewCourse) -> dict[str, UUID]:
    """key -> id of the row that holds the page's content; rows are made where the content is new."""
    wanted = {(page.key, drafts.fingerprint_page(page)): page for page in drafts.pages(course)}
    held = Page.objects.filter(course=head, key__in=[key for key, _ in wanted])
    rows = {(key, content): page for page, key, content in held.values_list("id", "key", "content_hash")}
    fresh = {address: ids.new() for address in wanted if address not in rows}
    Page.objects.bulk_create(
        Page(
            id=fresh[key, content],
            course=head,
            key=key,
            content_hash=content,
            kind=page.kind,
            minutes=page.minutes,
            title=page.title[ORIGINAL],
            html=page.texts[ORIGINAL].html if page.texts else "",
            href=page.href,
            file=page.file,
        )
        for (key, content), page in wanted.items()
        if (key, content) in fresh
    )
    _questions((fresh[address], wanted[address]) for address in fresh)
    _mend_reasons((rows[address], wanted[address]) for address in wanted if address in rows)
    return {key: (fresh | rows)[key, content] for key, content in wanted}


def _questions(pages: Iterable[tuple[UUID, NewPage]]) -> None:
    questions, keys = [], []
    for page_id, page in pages:
        for number, new in enumerate(page.questions, start=1):
            options = [{"key": option.key, "text": option.text[ORIGINAL]} for option in new.options]
            question = PracticeQuestion(
                page_id=page_id, key=new.key, number=number, stem=new.stem[ORIGINAL], options=options
            )
            questions.append(question)
            keys.append(PracticeKey(question=question, right=new.right, why=dict(new.why)))
    PracticeQuestion.objects.bulk_create(questions)
    PracticeKey.objects.bulk_create(keys)


def _mend_reasons(pages: Iterable[tuple[UUID, NewPage]]) -> None:
    """The English of a reason is part of the page's content; its translations may come later."""
    wanted = {(page_id, new.key): dict(new.why) for page_id, page in pages for new in page.questions}
    held = PracticeKey.objects.filter(question__page__in={page_id for page_id, _ in wanted})
    mended = []
    for key in held.select_related("question"):
        why = wanted[key.question.page_id, key.question.key]
        if key.why != why:
            key.why = why
            mended.append(key)
    PracticeKey.objects.bulk_update(mended, ["why"])


def _outline(version: CourseVersion, course: NewCourse, rows: dict[str, UUID]) -> list[Text]:
    modules: list[Module] = []
    placements: list[Placement] = []
    texts: list[Text] = []
    for module_number, new in enumerate(course.modules, start=1):
        module = Module(version=version, number=module_number, title=new.title[ORIGINAL])
        modules.append(module)
        texts += _others(module.id, "title", new.title)
        for page in new.pages:
            number = len(placements) + 1
            placements.append(
                Placement(version=version, module=module, page_id=rows[page.key], number=number)
            )
    Module.objects.bulk_create(modules)
    Placement.objects.bulk_create(placements)
    return texts


def _texts_of_version(version: CourseVersion, course: NewCourse) -> Iterator[Text]:
    yield from _others(version.id, "title", course.title)
    yield from _others(version.id, "about", course.about)


def _texts_of_pages(course: NewCourse, rows: dict[str, UUID]) -> Iterator[Text]:
    """Texts of all pages, of those that kept their row too: their translation may be the thing that was mended."""
    held = PracticeQuestion.objects.filter(page__in=rows.values()).values_list("page_id", "key", "id")
    questions = {(page, key): question for page, key, question in held}
    for page in drafts.pages(course):
        row = rows[page.key]
        yield from _others(row, "title", page.title)
        yield from _others(row, "html", {language: text.html for language, text in page.texts.items()})
        for language, file in page.other_files.items():
            yield Text(row, "file", language, str(file), str(page.file))
        for new in page.questions:
            question = questions[row, new.key]
            yield from _others(question, "stem", new.stem)
            for option in new.options:
                yield from _others(question, f"option.{option.key}", option.text)


def _others(row: UUID, field: str, words: Words) -> Iterator[Text]:
    for language, text in words.items():
        if language != ORIGINAL:
            yield Text(row, field, language, text, words[ORIGINAL])
