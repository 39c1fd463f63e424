"""What people do in a browser, one function for each doing; used by the journeys."""

import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from eyes import sign_in
from served import Site

ITEMS = Path(__file__).parents[2] / "src/karmayogi/journeys/demo/content/items/tender-evaluation.json"
LIKELY = re.compile(r"([\d.]+), likely ([\d.]+) to ([\d.]+)")
ROW = re.compile(r"([\d.]+)\s+likely ([\d.]+) to ([\d.]+), needs (\d)")

PACE = """
import datetime as dt
from karmayogi.institutions import bodies
from karmayogi.policy import rules
from karmayogi.registry.acting import as_worker
with as_worker():
    body = bodies.by_codes(["MORD-1"])["MORD-1"]
    today = dt.date.today()
    rules.issue([rules.NewRule("learning.least_share_of_time", "number", {share}, "test/1",
                               since=today, order_date=today, body=body.id)])
"""
"""A program that issues a dated rule for the department: pages there are done after this share of their minutes."""


class People:
    """The personas of one site, each in a browser of their own."""

    def __init__(self, browser: Any, site: Site, *, javascript: bool = True) -> None:
        self.browser, self.site, self.javascript = browser, site, javascript
        self.pages: dict[str, Any] = {}
        self.shots = 0

    def __call__(self, persona: str = "") -> Any:
        """The persona's page, signed in; '' is someone signed out."""
        if persona not in self.pages:
            context = self.browser.new_context(
                base_url=self.site.url,
                viewport={"width": 1280, "height": 900},
                java_script_enabled=self.javascript,
            )
            page = context.new_page()
            if persona:
                sign_in(page, self.site.url, persona)
            self.pages[persona] = page
        return self.pages[persona]

    def shoot(self, page: Any, name: str) -> None:
        """A picture of the whole page in the folder KARMAYOGI_SHOTS, if it is set."""
        if folder := os.environ.get("KARMAYOGI_SHOTS"):
            self.shots += 1
            page.screenshot(path=Path(folder) / f"{self.shots:02d}-{name}.png", full_page=True)

    def close(self) -> None:
        """Closes every browser."""
        for page in self.pages.values():
            page.context.close()


def right_answers() -> dict[str, str]:
    """Stem in English -> text of the right answer, as its author wrote it."""
    items = json.loads(ITEMS.read_text())
    return {
        item["stem"]["en"]: next(o["text"]["en"] for o in item["options"] if o["key"] == item["right"])
        for item in items
    }


def competency_row(page: Any, name: str) -> tuple[str, tuple[float, ...]]:
    """State word and (value, low, high) of a competency on "My competencies"."""
    page.goto("/competencies/")
    row = page.locator("tr", has=page.locator("th[scope=row]", has_text=name))
    found = ROW.search(row.inner_text())
    assert found, row.inner_text()
    return row.locator("td.st").inner_text().strip(), tuple(float(found[n]) for n in (1, 2, 3))


def candidate(page: Any, name: str) -> tuple[int, str]:
    """Place in the list, 1 is first, and the chance of meeting every essential need, as shown."""
    rows = page.locator("table.rank tr.c")
    names = [text.strip() for text in rows.locator("th bdi").all_inner_texts()]
    place = names.index(name)
    return place + 1, rows.nth(place).locator("td").first.inner_text().strip()


def wait_for(what: Callable[[], Any], *, seconds: float = 300.0) -> Any:
    """The first true answer of `what`, asked twice a second."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(0.5)
    raise AssertionError(f"nothing within {seconds} seconds")
