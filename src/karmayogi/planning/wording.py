"""Names of plan steps in the reader's language, read together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from karmayogi.competency import frameworks
from karmayogi.competency.frameworks import CompetencyCard
from karmayogi.learning import catalogue
from karmayogi.learning.catalogue import CourseCard
from karmayogi.planning.models import PlanItem
from karmayogi.registry import translations
from karmayogi.registry.translations import Texts


@dataclass(frozen=True)
class Names:
    """Competencies, courses and activities that the steps name."""

    competencies: Mapping[UUID, CompetencyCard]
    courses: Mapping[UUID, CourseCard]
    texts: Texts

    def competency(self, id: UUID) -> tuple[str, str]:
        """Key and name."""
        card = self.competencies.get(id)
        return (card.key, card.name) if card else ("", "")

    def step(self, row: PlanItem) -> tuple[str, str]:
        """Key and title of a step; the title it was planned under where its course is gone."""
        if row.kind == "check":
            key, name = self.competency(row.competency_id)
            return key, name or row.title
        if row.kind == "course":
            card = self.courses.get(row.ref)
            return (card.key, card.title) if card else ("", row.title)
        return "", self.texts.get(row.ref, "title", row.title)


def names(rows: Iterable[PlanItem], *, language: str) -> Names:
    """The names of all these steps; a few queries whatever their number."""
    held = list(rows)
    courses = {row.ref for row in held if row.kind == "course"}
    activities = {row.ref for row in held if row.kind in ("on_job", "with_others")}
    competencies = {row.competency_id for row in held}
    return Names(
        {card.id: card for card in frameworks.competencies(ids=competencies, language=language)}
        if competencies
        else {},
        catalogue.by_ids(courses, language=language) if courses else {},
        translations.read(activities, language=language),
    )
