"""Markdown pages: hostile text cannot run or fetch, and real pages read well."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karmayogi.standards import markdown

COURSE = Path(__file__).parents[3].parent / "shared" / "data" / "course_en_hi"
PAGES = sorted(COURSE.glob("*/[0-9]*.md"))
DANGER = re.compile(
    r"<\s*(script|style|iframe|img|svg|object|embed|form|input|base|meta|link)|<[^>]*\son\w+\s*=|<!--", re.I
)


def test_a_page_gives_its_title_and_sub_headings_from_level_two():
    page = markdown.to_page(
        "# The *title*\n\nOne two.\n\n# Part\n\n### Deep\n\n[there](https://a.example/?x=1&y=2)"
    )
    assert page.title == "The title"
    assert "<h1" not in page.html
    assert "<h2>Part</h2>" in page.html
    assert "<h3>Deep</h3>" in page.html
    assert page.words == 5
    assert page.links == (markdown.Link("https://a.example/?x=1&y=2", "there"),)
    assert 'rel="noopener"' in page.html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>after",
        "<style>p{}</style>after",
        '<iframe src="https://a.example">x</iframe>after',
        '<p onclick="alert(1)">after</p>',
        '<img src=x onerror="alert(1)">after',
        "<svg><a href='javascript:alert(1)'>x</a><script>alert(1)</script></svg>after",
        '<a href="java&#10;script:alert(1)">after</a>',
        "[after](javascript:alert%281%29)",
        "[after](data:text/html;base64,PHNjcmlwdD4=)",
        "<math><mi><table><mglyph><style><img src=x onerror=a()></style></mglyph></table></mi></math>after",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>after",
        "<!-- <script>alert(1)</script> -->after",
        '<form action="https://a.example"><input name=a></form>after',
        '<base href="https://a.example/">after',
        '<meta http-equiv="refresh" content="0;url=https://a.example">after',
        "<p style='background:url(https://a.example)'>after</p>",
    ],
)
def test_hostile_text_leaves_only_its_words(text):
    page = markdown.to_page(text)
    assert not DANGER.search(page.html)
    assert not re.search(r'href="(javascript|data|java)', page.html, re.I)
    assert "style=" not in page.html
    assert "after" in page.html
    assert page.links == ()


PIECES = [
    *("<script>", "</script>", "<style>", "<!--", "-->", "<img src=x onerror=a>", "<svg>", "<math>"),
    *(
        "<a href='",
        "javascript:a",
        "'>",
        "\n",
        "\n\n",
        "> ",
        "`",
        "```",
        "|",
        "<p",
        " onload=a ",
        ">",
        "&lt;",
    ),
    *("<iframe>", "</p>", "# ", "![a](b)", "[a](c)", "[a](http://b)", "<noscript>", "<template>", "<title>"),
    *("<textarea>", "<plaintext>", "]]>", "<![CDATA[", "<table>", "<select>", "<mglyph>", "<foreignObject>"),
]


class Seen(HTMLParser):
    """Every tag and attribute another parser finds in a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()
        self.comments = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes.update(attrs)

    def handle_comment(self, data):
        self.comments += 1


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=25))
def test_no_mixture_of_dangerous_pieces_survives(pieces):
    seen = Seen(markdown.to_page("".join(pieces)).html)
    calm = {
        "p",
        "h2",
        "h3",
        "a",
        "em",
        "strong",
        "code",
        "pre",
        "blockquote",
        "table",
        "thead",
        "tbody",
        "tr",
    }
    assert seen.tags <= calm | {"th", "td", "hr", "br", "ul", "ol", "li"}
    assert {name for name, _ in seen.attributes} <= {"href", "rel"}
    assert all(value.startswith("http://b") for name, value in seen.attributes if name == "href")
    assert seen.comments == 0


def test_pictures_give_way_to_their_alternative_text():
    page = markdown.to_page(
        '![A "map" of <posts>](https://a.example/x.png) and <img src="y.png" alt="a chart">'
    )
    assert page.html == '<p>A "map" of &lt;posts&gt; and a chart</p>'


def test_links_that_lead_nowhere_become_text():
    page = markdown.to_page("[one](../two.md) [three](#four) [five](//a.example/x) [six](mailto:a@b.example)")
    assert [link.href for link in page.links] == ["mailto:a@b.example"]
    assert page.words == 4


def test_a_table_and_a_code_block_are_kept():
    page = markdown.to_page("|a|b|\n|-|-|\n|1|2|\n\n```\n<b>x</b>\n```\n")
    assert "<td>2</td>" in page.html
    assert "&lt;b&gt;x&lt;/b&gt;" in page.html


@pytest.mark.parametrize(
    "text", ["", "   ", "<!-- only -->", "\0", "<blockquote>" * 5000, "> " * 5000, "[" * 5000]
)
def test_empty_and_extreme_text_still_gives_a_page(text):
    assert markdown.to_page(text).title == ""


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parent.name}-{path.name[:3]}")
def test_real_course_pages_parse_and_are_safe(path):
    page = markdown.to_page(path.read_text(encoding="utf-8"))
    assert page.words > 0
    assert not DANGER.search(page.html)
    assert "CO_OP_TRANSLATOR_METADATA" not in page.html
    assert bool(page.title) != path.name.startswith("5.2")
