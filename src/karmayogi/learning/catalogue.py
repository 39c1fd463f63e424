"""The catalogue: live courses as cards, one course with its outline, one page to read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Case, F, Q, QuerySet, TextField, Value, When
from django.utils.translation import gettext_lazy as _

from karmayogi.learning.courses import UnknownCourse
from karmayogi.learning.models import Course, Enrolment, Placement
from karmayogi.registry import joined, translations
from karmayogi.registry.translations import Texts


class UnknownPage(LookupError):
    """The current version of the course has no such page; open the course again."""


@dataclass(frozen=True, slots=True)
class CourseCard:
    """A course as lists show it. `minutes` is what all its pages take; `languages` are the complete ones."""

    id: UUID
    key: str
    state: str
    title: str
    about: str
    provider: UUID | None
    provider_name: str
    competency: UUID | None
    level: int | None
    languages: tuple[str, ...]
    minutes: int
    pages: int
    version: int

    @property
    def hours(self) -> float:
        """What the course takes, in hours."""
        return round(self.minutes / 60, 2)


@dataclass(frozen=True, slots=True)
class PageCard:
    """A page in an outline; `number` counts through the course from 1."""

    id: UUID
    key: str
    number: int
    kind: str
    minutes: int
    title: str


@dataclass(frozen=True, slots=True)
class ModuleCard:
    """A part of a course with its pages in order."""

    number: int
    title: str
    pages: tuple[PageCard, ...]


@dataclass(frozen=True, slots=True)
class CourseOutline:
    """A course and everything in it, in order."""

    card: CourseCard
    modules: tuple[ModuleCard, ...]

    @property
    def pages(self) -> tuple[PageCard, ...]:
        """All pages in reading order."""
        return tuple(page for module in self.modules for page in module.pages)


@dataclass(frozen=True, slots=True)
class PageView:
    """A page to read. `language` is the language `html` is really in; `before` and `after` are keys, '' at the ends.
    `file`: id in the registry, in the language asked for where there is one.

    Practice questions come from `practice.questions`.
    """

    card: PageCard
    html: str
    language: str
    href: str
    file: UUID | None
    before: str
    after: str


def cards(*, language: str, competencies: Iterable[UUID] | None = None) -> list[CourseCard]:
    """The live courses by title, or those of them that build one of these competencies; two queries."""
    query = _shown().filter(state="live")
    if competencies is not None:
        query = query.filter(version__competency__in=list(competencies))
    return sorted(_cards(query, language=language), key=lambda card: (card.title, card.key))


def after(key: str, *, limit: int, language: str = "en") -> list[CourseCard]:
    """Up to `limit` live courses by their keys, from the one behind `key` on ("": from the first); two queries."""
    found = _shown().filter(state="live", key__gt=key).order_by("key")[:limit]
    return _cards(found, language=language)


def by_ids(keys: Iterable[UUID], *, language: str = "en") -> dict[UUID, CourseCard]:
    """id -> course, retired ones too: records and plans name courses that are no longer offered."""
    return {card.id: card for card in _cards(_shown().filter(id__in=list(keys)), language=language)}


def provided_by(bodies: Iterable[tuple[int, int]], *, language: str) -> list[CourseCard]:
    """The courses of providers in these subtrees [lower, upper), by title, retired ones too; two queries."""
    under = Q(pk__in=[])
    for lower, upper in bodies:
        under |= Q(provider__lower__gte=lower, provider__lower__lt=upper)
    found = _cards(_shown().filter(under, state__in=("live", "flagged", "retired")), language=language)
    return sorted(found, key=lambda card: (card.title, card.key))


def titled(course: str, english: str) -> str:
    """SQL for the title of a course, by its id, in the language `%(language)s`; `english` where there is none."""
    version = f"(SELECT version_id FROM learning_course WHERE id = {course})"  # noqa: S608
    return translations.spoken(version, "title", english)


def course(key: str, *, language: str = "en", person: UUID | None = None) -> CourseOutline:
    """A live course with its outline; one out of the catalogue only for a `person` who is on it.

    Raises `UnknownCourse`.
    """
    return _outline(*_read(key, language=language, person=person))


def page(key: str, page: str, *, language: str = "en", person: UUID | None = None) -> PageView:
    """A page of the current version, with its neighbours. Raises `UnknownCourse` or `UnknownPage`."""
    return opened(key, page, language=language, person=person)[1]


def opened(
    key: str, page: str, *, language: str = "en", person: UUID | None = None
) -> tuple[CourseOutline, PageView]:
    """`course` and `page` at once, in one query and one for the words of another language than English."""
    placements, texts = _read(key, language=language, person=person, page=page)
    return _outline(placements, texts), _view(placements, texts, page)


def _read(
    key: str, *, language: str, person: UUID | None, page: str = ""
) -> tuple[Sequence[Placement], Texts]:
    """The places of the current version in order, with its course; `written` is the English of the page asked for."""
    rows = Placement.objects.filter(version__course__key=key, version=F("version__course__version"))
    rows = rows.select_related("module", "page", "version__course__provider").defer("page__html")
    written = Case(When(page__key=page, then=F("page__html")), default=Value(""), output_field=TextField())
    placements = list(rows.annotate(written=written).order_by("number"))
    head = placements[0].version.course if placements else None
    if head is None or (head.state != "live" and not _is_on(person, head)):
        raise UnknownCourse(_("There is no such course in the catalogue today."))
    named = [*_named([head]), *(row.page_id for row in placements), *(row.module_id for row in placements)]
    return placements, translations.read(named, language=language)


def _outline(placements: Sequence[Placement], texts: Texts) -> CourseOutline:
    pages: dict[int, list[PageCard]] = {}
    titles: dict[int, str] = {}
    for row in placements:
        pages.setdefault(row.module.number, []).append(_page_card(row, texts))
        titles[row.module.number] = texts.get(row.module_id, "title", row.module.title)
    modules = tuple(ModuleCard(number, titles[number], tuple(held)) for number, held in pages.items())
    version = placements[0].version
    return CourseOutline(_card(version.course, version, texts), modules)


def _view(placements: Sequence[Any], texts: Texts, page: str) -> PageView:
    keys = [row.page.key for row in placements]
    if page not in keys:
        raise UnknownPage(_("This course has no such page today. Open the course again and choose a page."))
    place = keys.index(page)
    row = placements[place]
    html, file = texts.get(row.page_id, "html", ""), texts.get(row.page_id, "file", "")
    return PageView(
        card=_page_card(row, texts),
        html=html or row.written,
        language=texts.language if html else "en",
        href=row.page.href,
        file=UUID(file) if file else row.page.file,
        before=keys[place - 1] if place else "",
        after=keys[place + 1] if place + 1 < len(keys) else "",
    )


def _is_on(person: UUID | None, head: Course) -> bool:
    if person is None:
        return False
    on_it = Enrolment.objects.filter(joined.under("person_id", person), course=head)
    return on_it.exclude(state="unenrolled").exists()


def _shown() -> QuerySet[Course]:
    return Course.objects.filter(version__isnull=False).select_related("version", "provider")


def _named(heads: Iterable[Course]) -> set[UUID]:
    """What the names on the cards of these courses stand on: their versions and their providers."""
    return {key for head in heads for key in (head.version_id, head.provider_id) if key}


def _cards(query: QuerySet[Course], *, language: str) -> list[CourseCard]:
    found = list(query)
    texts = translations.read(_named(found), language=language)
    return [_card(head, head.version, texts) for head in found]


def _card(head: Course, version: Any, texts: Texts) -> CourseCard:
    return CourseCard(
        id=head.id,
        key=head.key,
        state=head.state,
        title=texts.get(version.id, "title", version.title),
        about=texts.get(version.id, "about", version.about),
        provider=head.provider_id,
        provider_name=texts.get(head.provider.id, "name", head.provider.name) if head.provider else "",
        competency=version.competency,
        level=version.level,
        languages=tuple(version.languages),
        minutes=version.minutes,
        pages=version.pages,
        version=version.number,
    )


def _page_card(row: Placement, texts: Texts) -> PageCard:
    page = row.page
    return PageCard(
        page.id, page.key, row.number, page.kind, page.minutes, texts.get(page.id, "title", page.title)
    )
