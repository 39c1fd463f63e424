"""The three courses, one page of them as a PDF in two languages, and who took them."""

import io
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from karmayogi.institutions import bodies
from karmayogi.journeys.demo import content
from karmayogi.journeys.demo.steps import roll
from karmayogi.journeys.demo.studies import Study
from karmayogi.journeys.demo.world import World
from karmayogi.learning import catalogue, courses, history
from karmayogi.learning.courses import NewCourse, NewModule, NewOption, NewPage, NewQuestion
from karmayogi.learning.history import HistoryRow
from karmayogi.registry import files
from karmayogi.standards import markdown

ORDER = "demo/courses"
LANGUAGES = ("en", "hi", "ur")
EMPTY_BOX, BOX = "- [ ] ", "- \u2610 "


def load_courses(world: World) -> int:
    """The courses as their authors wrote them; how many pages they have."""
    competencies = roll.competencies()
    providers = {code: card.id for code, card in bodies.by_codes(_provider_codes()).items()}
    count = 0
    for key in content.TESTED:
        outline = content.course(key)
        papers = {
            page["key"]: _papers(key, page, world) for page in _pages(outline) if page["kind"] == "file"
        }
        new = _course(outline, competencies[outline["competency"]], providers[outline["provider"]], papers)
        courses.publish(new, order_no=ORDER, now=world.founded)
        count += len(_pages(outline))
    return count


def load_studies(world: World) -> int:
    """Enrolments of the last two years with what was done; how many were new."""
    called = roll.call(world)
    keys = {card.key: card.id for card in catalogue.cards(language="en")}
    return history.record_history(
        [
            HistoryRow(
                person=called.people[study.person],
                course=keys[study.course],
                enrolled_at=study.began,
                finished_at=study.ended if study.whole else None,
                pages=study.pages,
                body=_body(study, world, called.bodies),
            )
            for study in world.studies
        ],
        now=world.now,
    )


def _body(study: Study, world: World, known: Mapping[str, UUID]) -> UUID | None:
    post = world.timeline.post(study.person, study.began.date())
    return known[post.body] if post else None


def _provider_codes() -> list[str]:
    return [content.course(key)["provider"] for key in content.TESTED]


def _pages(outline: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [page for module in outline["modules"] for page in module["pages"]]


def _course(
    outline: Mapping[str, Any], competency: UUID, provider: UUID, papers: Mapping[str, Mapping[str, UUID]]
) -> NewCourse:
    return NewCourse(
        key=outline["key"],
        title=outline["title"],
        about=outline["about"],
        modules=[
            NewModule(module["title"], [_page(outline["key"], page, papers) for page in module["pages"]])
            for module in outline["modules"]
        ],
        competency=competency,
        level=outline["level"],
        provider=provider,
    )


def _page(course: str, page: Mapping[str, Any], papers: Mapping[str, Mapping[str, UUID]]) -> NewPage:
    paper = papers.get(page["key"], {})
    written = {language: content.page(course, page["key"], language) for language in LANGUAGES}
    return NewPage(
        key=page["key"],
        # a machine that cannot draw PDFs still has the words
        kind="text" if page["kind"] == "file" and not paper else page["kind"],
        minutes=page["minutes"],
        title=page["title"],
        texts={language: markdown.to_page(text) for language, text in written.items() if text},
        file=paper.get("en"),
        other_files={language: file for language, file in paper.items() if language != "en"},
        questions=[
            NewQuestion(
                entry["key"],
                entry["stem"],
                [NewOption(option["key"], option["text"]) for option in entry["options"]],
                entry["right"],
                entry["why"],
            )
            for entry in page.get("questions", ())
        ],
    )


def _papers(course: str, page: Mapping[str, Any], world: World) -> dict[str, UUID]:
    """language -> the page as a PDF, kept in the registry; empty where the drawing libraries are missing."""
    try:
        from karmayogi.standards import documents
    except OSError:
        return {}
    kept = {}
    for language in LANGUAGES:
        text = content.page(course, page["key"], language)
        if text is None:
            continue
        title = page["title"][language]
        html = markdown.to_page(text.replace(EMPTY_BOX, BOX)).html
        pdf = documents.render(f"<h1>{title}</h1>{html}", title=title, language=language)
        card = files.keep(
            io.BytesIO(pdf), name=f"{page['file']}-{language}.pdf", media_type="application/pdf", now=world.founded,
            shared=True,
        )  # fmt: skip
        kept[language] = card.id
    return kept
