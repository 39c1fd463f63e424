"""The certificate of a statement: an accessible PDF with the code that checks it."""

import datetime as dt
from collections.abc import Mapping
from html import escape
from typing import Any

from babel.dates import format_date

from karmayogi.competency import frameworks
from karmayogi.credentials.awards import StatementCard
from karmayogi.credentials.words import WORDS
from karmayogi.registry import codes
from karmayogi.standards import documents

_DATE = "d MMMM y"


def address(code: str, *, base: str) -> str:
    """Where anyone checks the code: `base` is the address of the public page, e.g. https://example.gov.in/verify."""
    return f"{base.rstrip('/')}/{codes.shown(code)}"


def certificate(statement: StatementCard, *, language: str, base: str) -> bytes:
    """The PDF in English or Hindi (another language gets English); the same statement gives the same bytes.

    Competency and level are said in that language where a reviewed translation exists; the signed document, which
    the page at `base` shows, is in English.
    """
    language = language if language in WORDS else "en"
    words, said = WORDS[language], statement.document
    cards = frameworks.competencies(ids=[statement.competency], language=language)
    shown = {
        "competency": said["competency"]["name"],
        "name": said["level"]["name"],
        "text": said["level"]["text"],
    }
    if cards and language != "en":
        level = cards[0].levels[statement.level - 1]
        shown = {"competency": cards[0].name, "name": level.name, "text": level.text}
    html = _page(said, words, shown, link=address(statement.code, base=base), base=base, language=language)
    return documents.render(html, title=f"{words['title']}: {shown['competency']}", language=language)


def _page(
    said: Mapping[str, Any],
    words: Mapping[str, str],
    shown: Mapping[str, str],
    *,
    link: str,
    base: str,
    language: str,
) -> str:
    level = words["level"].format(
        number=said["level"]["number"], of=said["level"]["of"], name=escape(shown["name"])
    )
    holder = f'<strong lang="en" style="font-size:17pt">{escape(said["holder"]["name"])}</strong>'
    check = words["check_text"].format(address=f'<a href="{escape(link)}">{escape(base)}</a>')
    return f"""
<h1>{words["title"]}</h1>
<p>{words["states"]}</p><p>{holder}</p><p>{words["showed"]}</p>
<p style="font-size:14pt"><strong>{level}</strong></p>
<p>{words["in"]}: <strong>{escape(shown["competency"])}</strong></p>
<p>{escape(shown["text"])}</p>
<h2>{words["how"]}</h2>{_evidence(said, words, language)}
<table class="together"><tbody>{_rows(said, words, language)}</tbody></table>
<section class="together"><h2>{words["check"]}</h2>
<div style="float:right;width:32mm">{documents.qr_svg(link, title=words["qr"])}</div>
<p>{check}</p>
<p>{words["code"]}: <strong style="font-size:14pt" lang="en">{escape(said["code"])}</strong></p></section>
"""


def _evidence(said: Mapping[str, Any], words: Mapping[str, str], language: str) -> str:
    rows = "".join(
        f"<tr><td>{escape(words.get(e['kind'], e['kind']))}</td><td>{e['times']}</td>"
        f"<td>{_day(e['newest'], language)}</td></tr>"
        for e in said["evidence"]
    )
    head = "".join(f'<th scope="col">{words[key]}</th>' for key in ("kind", "times", "newest"))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _rows(said: Mapping[str, Any], words: Mapping[str, str], language: str) -> str:
    orders = ", ".join(sorted({rule["order"] for rule in said["rules"]}))
    last = dt.date.fromisoformat(said["validUntil"]) - dt.timedelta(days=1)
    facts = {
        "issued": _day(said["issued"][:10], language),
        "until": format_date(last, _DATE, locale=language),
        "issuer": escape(said["issuer"]),
        "framework": escape(said["competency"]["framework"]),
        "rules": escape(orders),
        "key": escape(said["proof"]["verificationMethod"].partition("#")[2]),
    }
    cell = '<th scope="row" style="white-space:nowrap">'
    return "".join(f"<tr>{cell}{words[key]}</th><td>{value}</td></tr>" for key, value in facts.items())


def _day(text: str, language: str) -> str:
    return format_date(dt.date.fromisoformat(text), _DATE, locale=language)
