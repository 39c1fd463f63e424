"""Steps of the plan as screens show them: title, why, how long, and the one button."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from karmayogi.planning.plans import ItemCard
from karmayogi.web import numbers
from karmayogi.web.templatetags import ui

ICONS = {"check": "check", "course": "book", "on_job": "job", "with_others": "people"}


@dataclass(frozen=True)
class Step:
    """A plan item for a screen. `due`: its day has come; `button`: '' where nothing is to be opened."""

    id: UUID
    kind: str
    icon: str
    title: str
    why: str
    minutes: int
    day: dt.date
    due: bool
    href: str
    button: str
    competency: UUID
    beyond_share: bool
    done_at: dt.datetime | None
    entry: UUID | None


def steps(items: Iterable[ItemCard], *, on: dt.date) -> list[Step]:
    """The items in their order, on the day."""
    return [_step(item, on) for item in items]


def _step(item: ItemCard, on: dt.date) -> Step:
    href, button = _way(item)
    title = item.title
    if item.kind == "check":
        title = _("{name}: short check").format(name=item.competency_name or item.title)
    return Step(
        id=item.id, kind=item.kind, icon=ICONS[item.kind], title=title, why=why(item), minutes=item.minutes,
        day=item.planned_on, due=item.planned_on <= on, href=href, button=button, competency=item.competency,
        beyond_share=item.beyond_share, done_at=item.done_at, entry=item.entry,
    )  # fmt: skip


def why(item: ItemCard) -> str:
    """Why this step is in the plan, with the numbers it rests on."""
    level = numbers.num(item.because.get("level"))
    name = item.competency_name
    if item.why == "learned":
        return _("You learned for this since your last test. A check can now show it.")
    if item.kind == "check":
        return _(
            "We cannot yet tell whether you are at level {level}, which your post needs."
            " This check settles it in most cases."
        ).format(level=level)
    if item.why == "unsure":
        return _("Your post needs level {level} in {name}; it is not sure yet that you are there.").format(
            level=level, name=name
        )
    value = numbers.num(item.because.get("value"), 1)
    return _("Closes part of a gap: you are at {value} in {name}, your post needs {level}.").format(
        value=value, name=name, level=level
    )


def _way(item: ItemCard) -> tuple[str, str]:
    if item.kind == "check":
        return reverse("competencies-check", args=[item.competency]), _("To the check")
    if item.kind == "course":
        if not item.key:
            return ui.way("learn"), _("Find a course")
        return reverse("learn-course", args=[item.key]), _("Open the course")
    return ui.way("plan") + f"#step-{item.id}", _("See the task")
