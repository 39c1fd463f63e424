import datetime as dt
import uuid
from types import SimpleNamespace

import pytest

from karmayogi.competency import calibrations, evidence, frameworks, profile
from karmayogi.competency.calibrations import ItemParameter
from karmayogi.competency.evidence import NewEvidence, Source
from karmayogi.competency.frameworks import NewCompetency, NewFramework, NewLevel
from karmayogi.credentials import keys
from karmayogi.institutions import people
from karmayogi.institutions.people import NewPerson
from karmayogi.policy import rules
from karmayogi.registry.acting import as_worker

NOW = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)
EARLIER = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
ITEMS = [str(uuid.UUID(int=n)) for n in range(1, 41)]


class Service(SimpleNamespace):
    """Three people, one competency of five levels, forty calibrated items, and verbs to make evidence."""

    def test(self, person, *, right=40, when=NOW, key="sitting:1", source=Source.SUPERVISED_TEST):
        answers = [1] * right + [0] * (len(ITEMS) - right)
        self._record(person, source, {"items": ITEMS, "right": answers}, when, key)

    def rate(self, person, *, level=5.0, when=NOW, key="rating:1", observer=None):
        observer = observer or self.boss
        self._record(person, Source.RATING, {"level": level, "answers": 8}, when, key, observer)

    def _record(self, person, source, payload, when, key, observer=None):
        row = NewEvidence(
            person, self.competency, source, when, key, observer=observer, payload=payload, instrument="demo"
        )
        evidence.record([row], now=when)

    def refresh(self, *people, now=NOW):
        profile.refresh(people, now=now)


@pytest.fixture
def service():
    with as_worker():
        rules.issue(rules.HOUSE_DEFAULTS)
        names = ["boss", "anna", "bela"]
        people.enrol(NewPerson(login=n, name=n.title(), employee_code=n.upper()) for n in names)
        ids = people.by_codes([n.upper() for n in names])
        scale = [NewLevel(n, {"en": f"Level {n}", "hi": f"स्तर {n}"}) for n in range(1, 6)]
        tenders = NewCompetency(
            "tenders",
            "functional",
            {"en": "Tender evaluation", "hi": "निविदा मूल्यांकन"},
            "Weighs bids",
            {n: {"en": f"Weighs bids at {n}", "hi": f"निविदाओं को तौलता है {n}"} for n in range(1, 6)},
        )
        frameworks.publish(
            NewFramework("kmf", "Ours", "1", scale, [tenders], since=EARLIER.date()), now=EARLIER
        )
        calibrations.publish(
            [ItemParameter(uuid.UUID(item), 1.2, -1.5 + 0.075 * n) for n, item in enumerate(ITEMS)],
            label="demo",
            order_no="demo/1",
            now=EARLIER,
        )
        keys.make(now=NOW)
        competency = frameworks.by_key("tenders").id
    return Service(competency=competency, **{name: ids[name.upper()] for name in names})
