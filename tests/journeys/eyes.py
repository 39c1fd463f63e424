"""What a machine can see of a page: violations, overflow, clipped text, console messages, words left in English."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import axe_playwright_python
from babel.messages.pofile import read_po
from grid import NARROW, RIGHT_TO_LEFT, SCHEMES, WIDTHS, Page, examples
from served import Site, within

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOCALE = Path(__file__).parents[2] / "src" / "karmayogi" / "web" / "locale"
MARKERS = re.compile(r"\{\{|\{%|%\(|\[\[|\{[a-z_]+\}|^None$|^undefined$|\bNaN\b|gettext")

RUN_AXE = """tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})
  .then(found => found.violations.map(
    v => `axe ${v.id}: ` + v.nodes.slice(0, 3).map(n => n.html.slice(0, 120)).join(' | ')))"""
# Constructed sheets are not held back by the policy of the page, which therefore stays in force.
SPACE_OUT = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* {line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important}
    p {margin-block-end: 2em !important}`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}"""
TAKE_BACK = "() => { document.adoptedStyleSheets = [] }"
OVERFLOW = """() => {
  const width = document.documentElement.clientWidth, found = [];
  const wide = document.scrollingElement.scrollWidth;
  if (wide > width) found.push(`overflow: ${wide} px wide on ${width}`);
  const hides = style => /(auto|scroll)/.test(style.overflowX);
  for (const element of document.body.querySelectorAll('*')) {
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) continue;
    const own = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || element.closest('.vh, .skip, option')) continue;
    let inside = false;
    for (let up = element; up && up !== document.body; up = up.parentElement)
      if (hides(getComputedStyle(up)) || getComputedStyle(up).clipPath !== 'none') { inside = true; break; }
    if (inside) continue;
    const named = `${element.tagName} "${element.textContent.trim().slice(0, 40)}"`;
    if (box.right > width + 1 || box.left < -1)
      found.push(`outside: ${named} ${Math.round(box.left)}..${Math.round(box.right)} of ${width}`);
    else if (getComputedStyle(element).overflowX === 'hidden' && element.scrollWidth > element.clientWidth + 1)
      found.push(`clipped: ${named}`);
  }
  return found.slice(0, 6);
}"""
WORDS = """() => {
  const own = document.documentElement.lang, found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const up = node.parentElement, text = node.textContent.replace(/\\s+/g, ' ').trim();
    if (text && !up.closest(`script, style, bdi, .tongue, [lang]:not([lang="${own}"])`)) found.push(text);
  }
  return found;
}"""


class Eyes:
    """One browser context for each persona and language, kept for all pages of both."""

    def __init__(self, browser: Any, site: Site) -> None:
        self.browser, self.site = browser, site
        self.pages: dict[tuple[str, str], Any] = {}
        self.heard: list[str] = []

    def page(self, persona: str, language: str) -> Any:
        """A page of the persona's own context, signed in through the door of the demonstration."""
        key = (persona, language)
        if key not in self.pages:
            self.pages[key] = self._enter(persona, language)
        return self.pages[key]

    def look(self, shown: Page, language: str) -> list[str]:
        """What is wrong with a page, in sentences; empty if nothing is."""
        page = self.page(shown.persona, language)
        path = shown.path.format(**examples(self.site))
        self.heard.clear()
        found = []
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                if scheme == SCHEMES[0] and width == WIDTHS[0]:
                    found += self._open(page, path, shown.status, language)
                found += [f"{width} {scheme}: {line}" for line in violations(page) + overflow(page)]
        page.set_viewport_size({"width": NARROW, "height": 800})
        found += overflow(page) + overflow(page, spaced=True)
        # A refusal is a refusal for the console, too: the browser names the status of the page itself.
        wanted = f"the server responded with a status of {shown.status}"
        return found + [
            f"console: {line}" for line in self.heard if shown.status == 200 or wanted not in line
        ]

    def close(self) -> None:
        """Closes all contexts."""
        for page in self.pages.values():
            page.context.close()

    def _open(self, page: Any, path: str, status: int, language: str) -> list[str]:
        answer = page.goto(self.site.url + path)
        found = []
        if answer.status != status:
            found.append(f"status {answer.status} instead of {status}")
        if within(page.url) != path:
            found.append(f"led to {within(page.url)}")
        if "default-src 'none'" not in (answer.headers.get("content-security-policy") or ""):
            found.append("no strict content security policy")
        direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
        told = page.evaluate("[document.documentElement.lang, document.documentElement.dir]")
        if told != [language, direction]:
            found.append(f"lang and dir are {told}")
        return found + english(page, language)

    def _enter(self, persona: str, language: str) -> Any:
        # Without motion, so that no colour is measured half-way from one scheme to the other.
        context = self.browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
        context.add_cookies([{"name": "language", "value": language, "url": self.site.url}])
        page = context.new_page()
        if persona:
            sign_in(page, self.site.url, persona)
        listen(page, self.heard)
        return page


def listen(page: Any, heard: list[str]) -> None:
    """Keeps every console message, script error and failed request."""
    page.on("console", lambda message: heard.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: heard.append(f"error: {error}"))
    # The browser itself drops what it was still fetching when it goes on to another page.
    page.on(
        "requestfailed",
        lambda request: request.failure == "net::ERR_ABORTED" or heard.append(f"failed: {request.url}"),
    )


def sign_in(page: Any, url: str, persona: str) -> None:
    """Through the door of the demonstration, by the button with the persona's name."""
    page.goto(url + "/demo/")
    page.click(f"button[name=as][value={persona}]")


def violations(page: Any) -> list[str]:
    """What axe finds."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE)
    return list(page.evaluate(RUN_AXE, TAGS))


def overflow(page: Any, *, spaced: bool = False) -> list[str]:
    """What does not fit into the width, or is cut; `spaced` with the text spacing of WCAG 1.4.12."""
    if not spaced:
        return list(page.evaluate(OVERFLOW))
    page.evaluate(SPACE_OUT)
    found = page.evaluate(OVERFLOW)
    page.evaluate(TAKE_BACK)
    return [f"spaced {line}" for line in found]


def english(page: Any, language: str) -> list[str]:
    """Marks of an unfinished text, and words of ours that stand in English on a page in another language."""
    texts = page.evaluate(WORDS)
    found = [f"marker: {text[:80]}" for text in texts if MARKERS.search(text)]
    if language == "en":
        return found
    ours = catalogue(language)
    return found + [f"left in English: {text[:80]}" for text in texts if text in ours]


@cache
def catalogue(language: str) -> frozenset[str]:
    """The English texts that stand differently in a language."""
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return frozenset(
            str(m.id) for m in read_po(file) if m.id and isinstance(m.id, str) and m.string != m.id
        )
