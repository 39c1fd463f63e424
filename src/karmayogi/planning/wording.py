"""Names of plan steps in the reader's language, read together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from karmayogi.learning import catalogue
from karmayogi.learning.catalogue import CourseCard
from karmayogi.planning.models import PlanItem
from karmayogi.registry import translations
from karmayogi.registry.translations import Texts

ENGLISH = "en"


@dataclass(frozen=True)
class Names:
    """What the steps name, in one language; where there is no such text, the English they were planned under."""

    courses: Mapping[UUID, CourseCard]
    texts: Texts

    def competency(self, row: PlanItem) -> str:
        """Name of the competency."""
        return self.texts.get(row.competency_id, "name", row.competency_name)

    def title(self, row: PlanItem) -> str:
        """Title of the step; for a check the name of the competency."""
        if row.kind == "check":
            return self.competency(row)
        if row.kind == "course":
            card = self.courses.get(row.ref)
            return card.title if card else row.title
        return self.texts.get(row.ref, "title", row.title)


def names(rows: Iterable[PlanItem], *, language: str) -> Names:
    """The names of all these steps: no query in English, at most three in another language."""
    held = list(rows)
    courses = {row.ref for row in held if row.kind == "course"} if language != ENGLISH else set()
    objects = {row.competency_id for row in held} | {row.ref for row in held if row.kind in ("on_job", "with_others")}
    return Names(
        catalogue.by_ids(courses, language=language) if courses else {},
        translations.read(objects if held else (), language=language),
    )
