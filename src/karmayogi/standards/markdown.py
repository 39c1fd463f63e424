"""CommonMark text to one safe HTML page: what a stranger wrote becomes headings, text, lists, tables, code
and links."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import nh3
from lxml import html as lxml_html
from markdown_it import MarkdownIt

SCHEMES = frozenset({"http", "https", "mailto"})
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_TAGS = {
    *_HEADINGS, "p", "br", "hr", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "b", "i", "s",
    "del", "sub", "sup", "a", "table", "thead", "tbody", "tr", "th", "td", "caption", "dl", "dt", "dd",
    "abbr", "kbd", "bdi",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href"},
    "ol": {"start"},
    "th": {"colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
    "bdi": {"dir"},
}
# What stands inside these is code or another document, never text to be read.
_WHOLE = {
    "script",
    "style",
    "iframe",
    "object",
    "embed",
    "noscript",
    "template",
    "noembed",
    "noframes",
    "svg",
    "math",
    "title",
}


@dataclass(frozen=True, slots=True)
class Link:
    """``href``: absolute, http, https or mailto; ``text``: what the reader sees."""

    href: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """``title``: text of the first level-1 heading ('' if none); ``html``: safe body without that heading,
    sub-headings from h2 with no level skipped; ``words``: number of words in the body; ``links``: in reading
    order."""

    title: str
    html: str
    words: int
    links: tuple[Link, ...]


def to_page(text: str) -> Page:
    """The page that ``text`` (CommonMark with tables) describes. Any text gives a page; nothing in it can
    run or fetch.

    Pictures give way to their alternative text, comments are dropped, relative links become plain text.
    """
    raw = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text)
    body = lxml_html.fragment_fromstring(_clean(raw, tags=_TAGS | {"img"}), create_parent="div")
    _replace_pictures(body)
    _keep_safe_links(body)
    title = _take_title(body)
    _shift_headings(body)
    # The tree was written anew, so it is cleaned once more: writer and browser may read one text differently.
    markup = lxml_html.tostring(body, encoding="unicode", method="html")
    safe = _clean(markup, tags=_TAGS).strip()
    links = tuple(Link(a.get("href"), " ".join(a.text_content().split())) for a in body.iter("a"))
    return Page(title=title, html=safe, words=len(_words(body)), links=links)


def _clean(markup: str, *, tags: set[str]) -> str:
    return nh3.clean(
        markup,
        tags=tags,
        attributes={**_ATTRIBUTES, **({"img": {"alt"}} if "img" in tags else {})},
        clean_content_tags=_WHOLE,
        url_schemes=set(SCHEMES),
        link_rel="noopener",
        strip_comments=True,
    )


def _replace_pictures(body: lxml_html.HtmlElement) -> None:
    for picture in list(body.iter("img")):
        picture.tail = (picture.get("alt") or "").strip() + (picture.tail or "")
        picture.drop_tag()


def _keep_safe_links(body: lxml_html.HtmlElement) -> None:
    for link in list(body.iter("a")):
        if not link.text_content().strip() or not _is_absolute(link.get("href") or ""):
            link.drop_tag()


def _is_absolute(href: str) -> bool:
    try:
        parts = urlsplit(href.strip())
    except ValueError:
        return False
    return parts.scheme in SCHEMES and bool(parts.netloc or (parts.scheme == "mailto" and parts.path))


def _take_title(body: lxml_html.HtmlElement) -> str:
    heading = next(body.iter("h1"), None)
    if heading is None:
        return ""
    title = " ".join(heading.text_content().split())
    heading.drop_tree()
    return title


def _shift_headings(body: lxml_html.HtmlElement) -> None:
    headings = list(body.iter(*_HEADINGS))
    shift = 2 - min((int(heading.tag[1]) for heading in headings), default=2)
    previous = 1
    for heading in headings:
        previous = min(int(heading.tag[1]) + shift, previous + 1, 6)
        heading.tag = f"h{previous}"


def _words(body: lxml_html.HtmlElement) -> list[str]:
    return " ".join(body.itertext()).split()
