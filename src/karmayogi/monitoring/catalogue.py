"""The catalogue of indicators: what each figure means, who answers for it, and which records it comes from."""

import json
from dataclasses import dataclass
from uuid import UUID

from karmayogi.monitoring.models import Indicator
from karmayogi.registry import bulk, ids

OWNER = "Capacity Building Commission"
OFFICIALS = (
    "Officials counted: those with a substantive assignment on the day whose position is described with at least"
    " one requirement."
)
LEDGER = (
    "institutions_assignment, competency requirements of the position on the day, competency_estimate (standing"
    " rows), rules evidence.sure and evidence.least_information"
)
RECENT_DAYS = 90


class UnknownIndicator(LookupError):
    """No indicator has this key; choose one of the catalogue."""


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
        formula=f"Requirements stated Met, divided by all requirements of the posts held. {OFFICIALS}",
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
        formula=(
            "Requirements for which the evidence says neither Met nor Below, divided by all requirements of the posts"
            f" held. {OFFICIALS}"
        ),
        owner=OWNER,
        unit="share of requirements",
        lineage=LEDGER,
    ),
    IndicatorCard(
        key=LEARNED,
        version=1,
        number=3,
        title=f"Officials who finished learning in the last {RECENT_DAYS} days",
        titles={
            "hi": f"कार्मिक जिन्होंने पिछले {RECENT_DAYS} दिनों में कुछ सीखना पूरा किया",
            "ur": f"اہلکار جنہوں نے پچھلے {RECENT_DAYS} دنوں میں کچھ سیکھنا مکمل کیا",
        },
        formula=(
            f"Officials with a course completed or an item of their plan done in the last {RECENT_DAYS} days, divided"
            f" by all officials counted. {OFFICIALS}"
        ),
        owner=OWNER,
        unit="share of officials",
        lineage="institutions_assignment, competency_evidence (completed), planning_planitem (done)",
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


def by_key(key: str) -> IndicatorCard:
    """The indicator in force under this key; `UnknownIndicator`."""
    found = {card.key: card for card in cards()}
    if key not in found:
        raise UnknownIndicator(f"There is no indicator {key}. Choose one of the list.")
    return found[key]


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
