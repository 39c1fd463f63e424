"""Tags and filters of the screens, thin over ``web.charts``: ``{% load ui %}``.

Words come from gettext; numbers are grouped the Indian way in Latin digits in every language.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop, ngettext

from karmayogi.registry import ids, translations
from karmayogi.registry.translations import Texts
from karmayogi.web import charts
from karmayogi.web.dates import date
from karmayogi.web.languages import OWN_NAMES, RIGHT_TO_LEFT
from karmayogi.web.numbers import likely, minutes, num, pct, rupees, signed, size
from karmayogi.web.templatetags.icons import DIRECTED, PATHS

register = template.Library()


# --- icons and states ---------------------------------------------------------------------------


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """Return the line icon ``name`` (see ``icons.PATHS``), hidden from screen readers."""
    classes = "i flip" if name in DIRECTED else "i"
    return charts.draw_svg(f'<path d="{PATHS[name]}"/>', box="0 0 24 24", classes=classes)


@register.simple_tag
def once() -> SafeString:
    """Return the hidden field that makes a form count once, however often it is sent (``web.once``)."""
    return format_html('<input type="hidden" name="once" value="{}">', ids.new().hex)


@register.simple_tag
@cache
def way(name: str) -> str:
    """Return the address of the page ``name`` that stands on every page: it is looked up once, not each time."""
    return reverse(name)


def state_word(name: str) -> str:
    """Return the word of a state in the language of the page."""
    return gettext(STATES[name]) if STATES[name] else ""


STATES = {
    "met": gettext_noop("Met"),
    "gap": gettext_noop("Below"),
    "unsure": gettext_noop("Not sure yet"),
    "stop": gettext_noop("Not allowed"),
    "plain": "",
}
STATE_ICONS = {"met": "tick", "gap": "down", "unsure": "wave", "stop": "cross", "plain": "info"}


@register.simple_tag
def state(name: str, word: str = "", large: bool = False, sign: str = "") -> SafeString:
    """Return a state tag: shape, word and colour of met, gap, unsure, stop or plain.

    ``word`` (translated) replaces the usual one, ``sign`` names another icon, ``large`` is for verdicts.
    """
    return format_html(
        '<span class="tag t-{}{}">{}<span>{}</span></span>',
        name,
        " lg" if large else "",
        icon(sign or STATE_ICONS[name]),
        word or state_word(name),
    )


@register.simple_tag
def counts(met: int, below: int, unsure: int) -> SafeString:
    """Return the three counts of one's own requirements as state tags; a count of none is left out."""
    tags = []
    if met:
        word = ngettext("%(n)s at required level", "%(n)s at required level", met)
        tags.append(state("met", word % {"n": met}))
    if below:
        tags.append(state("gap", ngettext("%(n)s below", "%(n)s below", below) % {"n": below}))
    if unsure:
        word = ngettext("%(n)s not sure yet", "%(n)s not sure yet", unsure)
        tags.append(state("unsure", word % {"n": unsure}))
    return SafeString("".join(tags))


@register.simple_tag
def kind(name: str, word: str = "") -> SafeString:
    """Return icon and word of a kind of learning: check, job, people, book, video, page or office."""
    return format_html('<span class="kind">{}{}</span>', icon(name), word or gettext(KINDS[name]))


KINDS = {
    "check": gettext_noop("Short check"),
    "job": gettext_noop("On the job"),
    "people": gettext_noop("With others"),
    "book": gettext_noop("Course"),
    "video": gettext_noop("Video"),
    "page": gettext_noop("Text"),
    "office": gettext_noop("Not training"),
}


# --- pictures -----------------------------------------------------------------------------------


def _number(value: Any) -> float | None:
    return None if value in (None, "") else float(value)


@register.simple_tag
def scale(
    est: Any,
    lo: Any = None,
    hi: Any = None,
    need: Any = None,
    was_lo: Any = None,
    was_hi: Any = None,
    levels: int = 5,
) -> SafeString:
    """Return the level scale (see ``charts.draw_scale``); empty values leave their part out."""
    before = None if _number(was_lo) is None or _number(was_hi) is None else (float(was_lo), float(was_hi))
    return charts.draw_scale(_number(est), _number(lo), _number(hi), _number(need), was=before, levels=levels)


@register.simple_tag
@cache
def axis(last: int = 5, first: int = 1) -> SafeString:
    """Return the level numbers that stand exactly under the ticks of ``scale``."""
    numbers = format_html_join("", "<span>{}</span>", ((n,) for n in range(first, last + 1)))
    return format_html('<span class="axis" aria-hidden="true">{}</span>', numbers)


@register.simple_tag
def axis_of(low: float, high: float, step: float, unit: str = "") -> SafeString:
    """Return the numbers under an ``interval`` picture; ``unit`` follows the last."""
    count = int((high - low) / step) + 1
    marks = [num(low + i * step) for i in range(count)]
    marks[-1] += unit
    numbers = format_html_join("", "<span>{}</span>", ((mark,) for mark in marks))
    return format_html('<span class="axis" aria-hidden="true">{}</span>', numbers)


@register.simple_tag
@cache
def key_mark(part: str) -> SafeString:
    """Return the sample for a key: dt (estimate), bd (range), was (before), rq (need) or nat (base line)."""
    return charts.draw_mark(part)


@register.simple_tag
def scale_key(before: bool = False) -> SafeString:
    """Return the whole key of the level scale in words; ``before`` adds the earlier range."""
    rows = [("dt", gettext("Assessed level")), ("bd", gettext("Likely range (9 in 10)"))]
    if before:
        rows.append(("was", gettext("Before")))
    rows.append(("rq", gettext("Required level")))
    body = format_html_join("", "<span>{}{}</span>", ((charts.draw_mark(part), word) for part, word in rows))
    return format_html('<p class="key" aria-hidden="true">{}</p>', body)


@register.simple_tag
def meter(value: float, total: float = 1, done: bool = False) -> SafeString:
    """Return a bar filled to ``value`` of ``total``; ``done`` paints it as met."""
    return charts.draw_meter(float(value or 0), float(total or 0), done=bool(done))


@register.simple_tag
def tally(met: int, gap: int, unsure: int) -> SafeString:
    """Return one bar of the three counts met, below and not sure yet."""
    return charts.draw_tally(int(met), int(gap), int(unsure))


@register.simple_tag
def pips(done: int, need: int, total: int) -> SafeString:
    """Return the boxes of a mandate: ``done`` of ``total`` ticked, ``need`` in all are wanted."""
    return charts.draw_pips(int(done), int(need), int(total))


@register.simple_tag
@cache
def weight(level: int) -> SafeString:
    """Return four bars, ``level`` of them filled: how much a piece of evidence counts."""
    return charts.draw_weight(int(level))


@register.simple_tag
def proof(evidence: Iterable[Any]) -> SafeString:
    """Return the lines of evidence: what it was, how much it counts as bars and word, and what it says.

    Rows have ``title``, ``weight`` (0 to 4), ``weight_word`` and ``says``.
    """
    line = '<li><b>{}</b><span class="weight">{}{}</span><small>{}</small></li>'
    rows = [(row.title, weight(row.weight), row.weight_word, row.says) for row in evidence]
    none = format_html("<li>{}</li>", gettext("No evidence yet. A 10-minute check is the quickest start."))
    return format_html('<ul class="proof">{}</ul>', format_html_join("", line, rows) if rows else none)


@register.simple_tag
def how(evidence: Iterable[Any], about: str, question: str = "") -> SafeString:
    """Return what stands under every judged number, to unfold: how we know, and the way to ``question`` it."""
    ask = '<p><a class="quiet" href="{}">{}</a></p>'
    return format_html(
        '<details class="more"><summary>{}<span class="vh">: {}</span></summary>{}{}</details>',
        gettext("How we know"),
        about,
        proof(evidence),
        format_html(ask, question, gettext("Question this result")) if question else "",
    )


@register.simple_tag
def chance(p: float, lo: float, hi: float) -> SafeString:
    """Return the strip of one likelihood with its range, shares from 0 to 1."""
    return charts.draw_chance(float(p), float(lo), float(hi))


@register.simple_tag
def pair(a: tuple[float, float, float], b: tuple[float, float, float]) -> SafeString:
    """Return two likelihoods on one axis; each is (value, low, high) in shares from 0 to 1."""
    return charts.draw_pair(a, b)


@register.simple_tag
def shares(job: float, people: float, course: float) -> SafeString:
    """Return the 70-20-10 bar of hours on the job, with others and in training."""
    return charts.draw_shares(float(job), float(people), float(course))


@register.simple_tag
def interval(
    est: float, lo: float, hi: float, base: float, low: float = 0, high: float = 100, step: float = 10
) -> SafeString:
    """Return an estimate with its range against a base line on the axis ``low`` to ``high``."""
    return charts.draw_interval(
        float(est), float(lo), float(hi), float(base), low=float(low), high=float(high), step=float(step)
    )


@register.simple_tag
def sparkline(values: Any, low: float | None = None, high: float | None = None) -> SafeString:
    """Return a small line of the values in their order."""
    return charts.draw_sparkline([float(v) for v in values], low=low, high=high)


@register.simple_tag
def months(start: float, end: float, kind: str = "course", today: float | None = None) -> SafeString:
    """Return one row of the year chart, April to March, in months from 1 April."""
    return charts.draw_months(float(start), float(end), kind, today=today)


@register.simple_tag
def phrase(said: Texts, english: str) -> str:
    """Return the phrase in the language it was read in (see `registry.translations`), else in English."""
    return said.get(translations.phrase(english), translations.PHRASE, english)


# --- numbers, dates, names ----------------------------------------------------------------------

for _said in (num, signed, pct, likely, rupees, size, minutes):
    register.filter(_said)
register.filter(date, expects_localtime=True)


@register.filter
def bdi(value: Any) -> SafeString:
    """Return the value in ``<bdi>``, so a name or number keeps its own direction in any sentence."""
    return format_html("<bdi>{}</bdi>", value)


@register.filter
def own_name(code: str) -> str:
    """Return a language's name in its own script: hi gives हिन्दी."""
    return OWN_NAMES.get(code.split("-")[0], code)


@register.filter
def direction(code: str) -> str:
    """Return rtl for languages written from right to left, else ltr."""
    return "rtl" if code.split("-")[0] in RIGHT_TO_LEFT else "ltr"
