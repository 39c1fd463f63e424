"""The documentation holds: links lead somewhere, commands exist, one term means one thing, nothing is left unsaid."""

import re
from pathlib import Path

import click
import pytest

from karmayogi.cli import cli
from karmayogi.policy.defaults import HOUSE_DEFAULTS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
WRITTEN_BY_CODE = {
    DOCS / "reference" / name for name in ("access.md", "commands.md", "data-model.md", "purposes.md")
}
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
FORBIDDEN = re.compile(
    r"\b(TODO|FIXME|TBD|lorem|seamless|cutting-edge|state-of-the-art|revolutionary|world-class|simply|robust)\b"
    r"|(?<![\w.])/(root|work)/|/home/\w",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"")


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def links(text: str) -> list[str]:
    """Targets of links and pictures outside code; line breaks inside a link's words do not matter."""
    return [a or b for a, b in _LINK.findall(_FENCE.sub("", text)) if not re.match(r"[a-z]+:", a or b)]


def anchors(text: str) -> set[str]:
    """Anchors of the headings, as code hosts make them."""
    heads = re.findall(r"^#+ (.+)$", _FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def broken(page: Path, text: str) -> list[str]:
    """Links of a page that lead nowhere."""
    bad = []
    for link in links(text):
        target, _, anchor = link.partition("#")
        found = page.parent / target if target else page
        if not found.exists() or (anchor and anchor not in anchors(found.read_text(encoding="utf-8"))):
            bad.append(link)
    return bad


def said(text: str) -> list[list[str]]:
    """Command lines in shell blocks that begin with karmayogi, as words without the first."""
    shell = "\n".join(body for _, kind, body in _FENCE.findall(text) if kind == "sh")
    lines = [line.strip() for line in shell.splitlines()]
    return [line.split("#")[0].split()[1:] for line in lines if re.match(r"karmayogi\b", line)]


def unknown(words: list[str]) -> str:
    """What of a command line does not exist: a command or an option; '' if all of it does."""
    found: click.Command = cli
    options: set[str] = {"--help"}
    for word in words:
        if isinstance(found, click.Group) and not word.startswith("-"):
            inner = found.get_command(click.Context(found), word)
            if inner is None:
                return word
            found = inner
            options |= {option for p in found.params for option in (*p.opts, *p.secondary_opts)}
        elif word.startswith("--") and word not in options:
            return word
    return ""


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_of_a_page_leads_somewhere(page):
    assert broken(page, page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("page", [p for p in PAGES if p not in WRITTEN_BY_CODE], ids=name)
def test_every_command_of_a_page_exists(page):
    assert [why for words in said(page.read_text(encoding="utf-8")) if (why := unknown(words))] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_page_praises_itself_or_names_the_workplace(page):
    assert [m[0] for m in FORBIDDEN.finditer(page.read_text(encoding="utf-8"))] == []


def test_broken_links_and_unknown_commands_are_caught(tmp_path):
    page = tmp_path / "page.md"
    assert broken(page, "see [a](nowhere.md) and [b](#nothing)") == ["nowhere.md", "#nothing"]
    assert [unknown(words) for words in said("```sh\nkarmayogi fly\nkarmayogi db migrate --fast\n```\n")] == [
        "fly",
        "--fast",
    ]


def test_a_term_stands_once_in_the_glossary():
    rows = re.findall(r"^\| ([^|]+) \|", (DOCS / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE)
    terms = [row.strip().lower() for row in rows if row.strip() != "term" and not row.startswith("-")]
    assert len(terms) > 60
    assert sorted(terms) == sorted(set(terms))


def test_every_page_is_reached_from_the_index():
    index = links((DOCS / "index.md").read_text(encoding="utf-8"))
    reached = {(DOCS / link.partition("#")[0]).resolve() for link in index}
    pages = {p for p in DOCS.rglob("*.md") if p.parent.name != "decisions" and p.name != "index.md"}
    assert pages - reached == set()


def test_every_decision_record_is_short():
    long = [
        p.name for p in (DOCS / "decisions").glob("*.md") if len(p.read_text(encoding="utf-8").split()) > 400
    ]
    assert long == []


def test_every_variable_of_the_environment_is_described():
    described = (DOCS / "reference" / "environment.md").read_text(encoding="utf-8")
    sources = [p.read_text(encoding="utf-8") for p in (ROOT / "src").rglob("*.py")]
    used = {found for text in sources for found in re.findall(r"\bKARMAYOGI_[A-Z_]+\b", text)}
    assert {v for v in used if f"`{v}`" not in described} == set()


def test_every_rule_of_the_house_is_described():
    described = (DOCS / "reference" / "rules.md").read_text(encoding="utf-8")
    assert {r.key for r in HOUSE_DEFAULTS if f"`{r.key}`" not in described} == set()
