"""The day of an instant: asked of the service's time zone, never cut off an instant that may be in another."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
SOURCE = Path(__file__).parents[2] / "src" / "karmayogi"
IN_THE_ZONE = {"journeys/demo", "cli/audit.py"}
"""Where moments are made in the service's zone in the first place, or typed without one."""


def cut_off(code: str) -> list[int]:
    """Lines that take `.date()` of something: `timezone.localdate` says the service's day."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr == "date" and not node.args
    ]


def test_no_room_takes_the_date_of_an_instant_without_asking_where() -> None:
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        place = path.relative_to(SOURCE).as_posix()
        if not place.startswith(tuple(IN_THE_ZONE)) and (lines := cut_off(path.read_text())):
            found[place] = lines
    assert found == {}


def of_utc(code: str) -> list[int]:
    """Lines that take the day of UTC, which for hours of every night is not the service's."""
    days = re.compile(r"now\(dt\.UTC\)\.date\(\)|\bcurrent_date\b")
    return [number for number, line in enumerate(code.splitlines(), 1) if days.search(line)]


def test_no_test_takes_the_day_of_utc() -> None:
    here = Path(__file__).name
    files = (path for path in sorted(TESTS.rglob("*.py")) if path.name != here)
    assert {path.name: lines for path in files if (lines := of_utc(path.read_text()))} == {}


def test_a_date_cut_off_an_instant_would_be_found() -> None:
    assert cut_off("on = now.date()\nother = timezone.localdate(now)\n") == [1]


def test_a_day_of_utc_would_be_found() -> None:
    assert of_utc("on = dt.datetime.now(dt.UTC).date()\nday = 'current_date - 1'\non = localdate()\n") == [
        1,
        2,
    ]
