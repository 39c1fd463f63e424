"""The catalogue of indicators: what each figure means, who answers for it, and which records it comes from.

Titles stand in every language they have; formula, owner and lineage are English sentences to be translated when shown.
"""

import json
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation.trans_null import gettext_noop as N_  # noqa: N812 (needs no settings)

from karmayogi.monitoring.models import Indicator
from karmayogi.registry import bulk, ids

OWNER = N_("Capacity Building Commission")
LEDGER = N_(
    "Assignments, requirements of the position on the day, estimates that stand, the rules of what counts as sure"
)
RECENT_DAYS = 90
"""The days of `learning-recent`, which its title and its formula name."""


@dataclass(frozen=True)
class IndicatorCard:
    """An entry of the catalogue. `titles`: language -> title; `number` is its place, shown as K-1, K-2, K-3."""

    key: str
    version: int
    number: int
    title: str
    titles: dict[str, str]
    formula: str
    owner: str
    unit: str
    lineage: str

    def title_in(self, language: str) -> str:
        """The title in a language, else in English."""
        return self.titles.get(language, self.title)


MET, UNSURE, LEARNED = "requirements-met", "requirements-unsure", "learning-recent"

CATALOGUE = (
    IndicatorCard(
        key=MET,
        version=1,
        number=1,
        title="Requirements of posts that are met",
        titles={
            "hi": "पदों की अपेक्षाएँ जो पूरी होती हैं",
            "ur": "عہدوں کے تقاضے جو پورے ہیں",
        },
        formula=N_(
            "Requirements stated Met, divided by all requirements of the posts held."
            " Officials counted: those with a substantive assignment on the day whose position is described with at"
            " least one requirement."
        ),
        owner=OWNER,
        unit="share of requirements",
        lineage=LEDGER,
    ),
    IndicatorCard(
        key=UNSURE,
        version=1,
        number=2,
        title="Requirements of posts that are not sure yet",
        titles={
            "hi": "पदों की अपेक्षाएँ जिन पर अभी स्पष्ट नहीं",
            "ur": "عہدوں کے تقاضے جن پر ابھی واضح نہیں",
        },
        formula=N_(
            "Requirements for which the evidence says neither Met nor Below, divided by all requirements of the posts"
            " held."
            " Officials counted: those with a substantive assignment on the day whose position is described with at"
            " least one requirement."
        ),
        owner=OWNER,
        unit="share of requirements",
        lineage=LEDGER,
    ),
    IndicatorCard(
        key=LEARNED,
        version=1,
        number=3,
        title="Officials who finished learning in the last 90 days",
        titles={
            "hi": "कार्मिक जिन्होंने पिछले 90 दिनों में कुछ सीखना पूरा किया",
            "ur": "اہلکار جنہوں نے پچھلے 90 دنوں میں کچھ سیکھنا مکمل کیا",
        },
        formula=N_(
            "Officials with a course completed or an item of their plan done in the last 90 days, divided by all"
            " officials counted."
            " Officials counted: those with a substantive assignment on the day whose position is described with at"
            " least one requirement."
        ),
        owner=OWNER,
        unit="share of officials",
        lineage=N_("Assignments, courses completed as evidence, items of plans that were done"),
    ),
)


def enter() -> dict[str, UUID]:
    """Enters what is not in the catalogue yet; key -> id of the version in force."""
    columns = ["id", "key", "version", "number", "title", "titles", "formula", "owner", "unit", "lineage"]
    bulk.load(Indicator, columns, (_row(card) for card in CATALOGUE))
    versions = {(row.key, row.version): row.id for row in Indicator.objects.all()}
    return {card.key: versions[card.key, card.version] for card in CATALOGUE}


def cards() -> list[IndicatorCard]:
    """The indicators in force, in order."""
    latest = {row.key: _card(row) for row in Indicator.objects.order_by("version")}
    return sorted(latest.values(), key=lambda card: card.number)


def _row(card: IndicatorCard) -> tuple[object, ...]:
    titles = json.dumps({"en": card.title, **card.titles}, ensure_ascii=False)
    return (
        ids.new(), card.key, card.version, card.number, card.title, titles, card.formula, card.owner, card.unit,
        card.lineage,
    )  # fmt: skip


def _card(row: Indicator) -> IndicatorCard:
    return IndicatorCard(
        row.key,
        row.version,
        row.number,
        row.title,
        dict(row.titles),
        row.formula,
        row.owner,
        row.unit,
        row.lineage,
    )
