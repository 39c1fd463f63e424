"""The page in the file of my data: one section a purpose, one table a kind of row, in the person's language."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from karmayogi.institutions.people import PersonCard
from karmayogi.policy import purposes
from karmayogi.policy.purposes import Purpose

Tables = Mapping[str, list[dict[str, Any]]]
STYLE = (
    "body{font:16px/1.5 sans-serif;margin:2rem;max-width:80rem}table{border-collapse:collapse;margin:.5rem 0 2rem}"
    "th,td{border:1px solid #888;padding:.2rem .5rem;text-align:start;vertical-align:top}"
    ".wide{overflow-x:auto}"
)


def page(found: Tables, card: PersonCard, *, language: str, now: dt.datetime) -> str:
    """The page as HTML that needs nothing beside it."""
    with override(language):
        sections = [_section(purpose, found) for purpose in purposes.purposes().values()]
        day = date_format(localtime(now), "DATETIME_FORMAT")
        return format_html(
            '<!doctype html><html lang="{}" dir="{}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width"><title>{}</title><style>{}</style></head>'
            "<body><h1>{}</h1><p>{}</p><p>{}</p>{}</body></html>",
            language,
            "rtl" if language in settings.LANGUAGES_BIDI else "ltr",
            _("My data"),
            mark_safe(STYLE),  # noqa: S308 (ours)
            _("My data"),
            _("{name}, as of {time}").format(name=card.name, time=day),
            _(
                "Everything that is kept with your key. The same rows for machines stand in the folder “tables”,"
                " your files in the folder “files”."
            ),
            mark_safe("".join(sections)),  # noqa: S308 (made by format_html)
        )


def _section(purpose: Purpose, found: Tables) -> SafeString:
    tables = [(name, found[name]) for name in purposes.of_purpose(purpose.key) if _main(name) == purpose.key]
    filled = [_table(name, rows) for name, rows in tables if rows]
    body = mark_safe("".join(filled)) if filled else format_html("<p>{}</p>", _("Nothing is kept here."))  # noqa: S308 (format_html)
    return format_html(
        "<h2>{}</h2><p>{} {}</p>{}",
        _(purpose.title),
        _(purpose.why),
        _("Allowed by: %(law)s.") % {"law": _(purpose.ground)},
        body,
    )


def _main(table: str) -> str:
    """The purpose under which a table is shown: that of its first field."""
    return next(line.purpose for line in purposes.lines().values() if line.table == table)


def _table(name: str, rows: list[dict[str, Any]]) -> SafeString:
    columns = [c for c in rows[0] if any(row[c] not in (None, "", {}, []) for row in rows)]
    head = format_html_join("", '<th scope="col">{}</th>', ((c,) for c in columns))
    cells = (format_html_join("", "<td>{}</td>", ((_text(row[c]),) for c in columns)) for row in rows)
    count = ngettext("{n} row", "{n} rows", len(rows)).format(n=len(rows))
    return format_html(
        '<h3><bdi dir="ltr">{}</bdi> · {}</h3><div class="wide" dir="ltr"><table><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>",
        name,
        count,
        head,
        format_html_join("", "<tr>{}</tr>", ((row,) for row in cells)),
    )


def _text(value: Any) -> str:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
