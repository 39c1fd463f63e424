"""The pages written from the code say what the code says today."""

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "docs" / "write_reference.py"


def writer():
    """The script that writes the pages, as a module."""
    spec = importlib.util.spec_from_file_location("write_reference", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["commands.md", "data-model.md", "purposes.md"])
def test_a_page_of_the_reference_is_what_the_code_says(page):
    script = writer()
    assert (script.PAGES / page).read_text(encoding="utf-8") == script.WRITERS[page](), (
        "Run: python docs/write_reference.py"
    )


def test_every_table_is_said_to_hold_something():
    rows = [line for line in writer().data_model().splitlines() if line.startswith("| `")]
    assert len(rows) > 60
    assert [row for row in rows if row.split("|")[2].strip() == ""] == []
