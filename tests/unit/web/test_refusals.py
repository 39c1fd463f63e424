"""What the domain refuses is said in the language of the reader: an exception that speaks so once always does."""

import ast
import datetime as dt
from collections import defaultdict
from pathlib import Path

import pytest
from django.utils import translation

from karmayogi.institutions.access import NotForYou, reach
from karmayogi.institutions.roles import Audience
from karmayogi.registry.limits import TooMany

SOURCE = Path(__file__).parents[3] / "src" / "karmayogi"
SPOKEN = {"_", "gettext_lazy"}


def raised():
    """Each (class, place, how its message is given: "said" by gettext, "bare" or in some other way)."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
                called = node.exc.func
                name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
                yield name, f"{path.relative_to(SOURCE)}:{node.lineno}", way(node.exc.args[0])


def way(message):
    if isinstance(message, ast.Call) and isinstance(message.func, ast.Attribute):
        message = message.func.value  # _("…").format(…)
    if isinstance(message, ast.Call) and getattr(message.func, "id", "") in SPOKEN:
        return "said"
    bare = isinstance(message, ast.JoinedStr) or (
        isinstance(message, ast.Constant) and isinstance(message.value, str)
    )
    return "bare" if bare else "other"


def test_an_exception_said_in_the_language_of_the_reader_is_nowhere_bare():
    ways = defaultdict(lambda: defaultdict(list))
    for name, place, how in raised():
        ways[name][how].append(place)
    spoken = {name for name, found in ways.items() if found["said"]}
    assert len(spoken) > 25
    assert {name: ways[name]["bare"] for name in spoken if ways[name]["bare"]} == {}


def test_a_refusal_is_english_in_the_log_and_hindi_on_the_page():
    with pytest.raises(NotForYou) as stopped:
        reach(None, Audience.OFFICIAL, on=dt.date(2026, 1, 1))
    with translation.override("en"):
        assert str(stopped.value) == "Sign in first."
    with translation.override("hi"):
        assert str(stopped.value) == "पहले साइन इन करें।"


def test_a_refusal_keeps_its_numbers_in_urdu():
    with translation.override("ur"):
        assert str(TooMany(30)) == "بہت زیادہ درخواستیں۔ 30 سیکنڈ بعد دوبارہ کوشش کریں۔"
