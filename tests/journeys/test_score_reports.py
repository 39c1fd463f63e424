"""Reports of `karmayogi score` as a person opens them: complete, readable on a phone, without violations."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from eyes import violations
from lxml import html

LSAT = Path(__file__).parents[1] / "unit" / "science" / "data" / "lsat.csv"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a calibration."""
    folder = tmp_path_factory.mktemp("report")
    subprocess.run(
        [
            sys.executable, "-m", "karmayogi", "score", "calibrate", str(LSAT), "--count", "section_6", "--ignore",
            "section_7", "--out", str(folder / "set.json"), "--report", str(folder),
        ],
        check=True, capture_output=True, timeout=600,
    )  # fmt: skip
    return folder


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_fits_and_has_no_violations(browser: Any, report: Path, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("request", lambda request: heard.append(request.url) if request.url.startswith("http") else None)
    page.goto((report / "report.html").as_uri())
    for each in page.query_selector_all("details"):
        each.evaluate("found => found.open = true")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert heard == []
    context.close()


def test_every_drawing_has_words_and_a_table_and_ids_are_unique(report: Path) -> None:
    tree = html.fromstring((report / "report.html").read_bytes())
    figures = tree.xpath("//figure")
    assert len(figures) == 3
    for figure in figures:
        assert figure.xpath(".//svg/@aria-label")
        assert figure.xpath(".//details//table//tr[td]")
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert tree.xpath("//script | //link | //img") == []


def test_markdown_says_what_the_page_says(report: Path) -> None:
    text = (report / "report.md").read_text(encoding="utf-8")
    page = html.fromstring((report / "report.html").read_bytes())
    heads = [head.text_content() for head in page.xpath("//h2")]
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == heads
    pictures = {line.split("(")[1].rstrip(")") for line in text.splitlines() if line.startswith("![")}
    assert pictures == {f"figures/{path.name}" for path in (report / "figures").iterdir()}
    assert all("<script" not in path.read_text() for path in (report / "figures").iterdir())


def test_names_in_a_file_are_never_markup(tmp_path: Path) -> None:
    rows = ["person,<b>q1</b>,q|2,q3"]
    rows += [f"<i>{n}</i>,{n % 2},{n // 2 % 2},{n // 3 % 2}" for n in range(40)] + [
        "<script>x</script>,9,y,1"
    ]
    (tmp_path / "a.csv").write_text("\n".join(rows) + "\n")
    command = [
        sys.executable,
        "-m",
        "karmayogi",
        "score",
        "calibrate",
        str(tmp_path / "a.csv"),
        "--model",
        "rasch",
    ]
    command += ["--out", str(tmp_path / "s.json"), "--report", str(tmp_path / "r")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    tree = html.fromstring((tmp_path / "r" / "report.html").read_bytes())
    assert tree.xpath("//main//b | //main//i | //script") == []
    assert "<b>" not in (tmp_path / "r" / "report.md").read_text().replace("\\<b\\>", "")
