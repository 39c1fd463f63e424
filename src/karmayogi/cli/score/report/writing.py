"""Reports as files: `report.md` with its pictures beside it, and `report.html`, one page that needs nothing else."""

import re
from html import escape
from importlib import resources
from pathlib import Path

from karmayogi.cli.score.report.blocks import (
    Block,
    Figure,
    Heading,
    Note,
    Paragraph,
    Points,
    Report,
    Table,
)
from karmayogi.cli.score.report.drawing import INKS

WORDS = {"fine": "In order", "look": "Please look", "stop": "Not reached"}
_NUMBER = re.compile(r"[−–]?[<]? ?[\d,.]*(%| %|∞)?")


def write(report: Report, folder: Path) -> list[Path]:
    """Writes both forms and the figures; what was written. The same report gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for block in report.blocks:
        if isinstance(block, Figure):
            (folder / "figures").mkdir(exist_ok=True)
            written.append(folder / "figures" / f"{block.name}.svg")
            written[-1].write_text(block.svg, encoding="utf-8")
    for name, text in (("report.md", markdown(report)), ("report.html", html(report))):
        written.append(folder / name)
        written[-1].write_text(text, encoding="utf-8")
    return written


def markdown(report: Report) -> str:
    """The report as Markdown."""
    lines = [
        f"# {_plain(report.title)}",
        _plain(report.summary),
        _md_table(Table("", ("", ""), report.facts)),
    ]
    for block in report.blocks:
        lines.append(_md(block))
    return "\n\n".join(lines) + "\n"


def _md(block: Block) -> str:
    match block:
        case Heading(text):
            return f"## {_plain(text)}"
        case Paragraph(text):
            return _plain(text)
        case Points(items):
            return "\n".join(f"- {_plain(item)}" for item in items)
        case Note(kind, text):
            return f"> **{WORDS[kind]}.** {_plain(text)}"
        case Table():
            return f"**{_plain(block.caption)}**\n\n{_md_table(block)}"
        case Figure():
            picture = f"![{_plain(block.title)}](figures/{block.name}.svg)"
            return f"### {_plain(block.title)}\n\n{_plain(block.says)}\n\n{picture}\n\n{_md(block.table)}"


def _md_table(table: Table) -> str:
    right = _numeric(table)
    rule = ["---:" if number else "---" for number in right]
    rows = [table.header, rule, *table.rows]
    return "\n".join(
        "| " + " | ".join(cell if row is rule else _plain(cell).replace("|", "\\|") for cell in row) + " |"
        for row in rows
    )


def _plain(text: str) -> str:
    """Text in which nothing is taken for markup."""
    return re.sub(r"([\\`*_\[\]<>#])", r"\\\1", " ".join(text.split()))


def html(report: Report) -> str:
    """The report as one page: styles and drawings inside, no script, light and dark, ready to print."""
    style = resources.files("karmayogi.cli.score.report").joinpath("report.css").read_text(encoding="utf-8")
    facts = "".join(f"<div><dt>{_e(term)}</dt><dd>{_e(said)}</dd></div>" for term, said in report.facts)
    parts, contents, section = [], [], 0
    for block in report.blocks:
        if isinstance(block, Heading):
            section += 1
            parts.append(("</section>" if section > 1 else "") + f'<section aria-labelledby="s{section}">')
            parts.append(f'<h2 id="s{section}">{_e(block.text)}</h2>')
            contents.append(f'<li><a href="#s{section}">{_e(block.text)}</a></li>')
        else:
            parts.append(_html(block))
    parts.append("</section>" if section else "")
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="light dark">\n<title>{_e(report.title)} · Karmayogi</title>\n'
        f"<style>\n{style}</style>\n</head>\n<body>\n"
        f'<header><div class="wrap"><p class="mark">Karmayogi <span>report</span></p></div></header>\n'
        f'<main class="wrap"><h1>{_e(report.title)}</h1>\n<p class="lead">{_e(report.summary)}</p>\n'
        f'<dl class="facts">{facts}</dl>\n'
        f'<nav aria-label="Contents"><ol>{"".join(contents)}</ol></nav>\n'
        + "\n".join(parts)
        + "\n</main>\n</body>\n</html>\n"
    )


def _html(block: Block) -> str:
    match block:
        case Heading():
            return ""
        case Paragraph(text):
            return f"<p>{_e(text)}</p>"
        case Points(items):
            return "<ul>" + "".join(f"<li>{_e(item)}</li>" for item in items) + "</ul>"
        case Note(kind, text):
            return f'<p class="note {kind}"><strong>{WORDS[kind]}.</strong> {_e(text)}</p>'
        case Table():
            if not block.folded:
                return _html_table(block)
            return (
                f"<details><summary>{_e(block.caption)}</summary>{_html_table(block, hidden=True)}</details>"
            )
        case Figure():
            table = _html_table(block.table, hidden=True, of=block.title)
            return (
                f'<figure><h3>{_e(block.title)}</h3><p>{_e(block.says)}</p><div class="scroll drawing" tabindex="0" '
                f'role="region" aria-label="{_e(block.title)}, drawing">{_inline(block)}</div>'
                f"<details><summary>{_e(block.table.caption)}</summary>{table}"
                "</details></figure>"
            )


def _html_table(table: Table, *, hidden: bool = False, of: str = "") -> str:
    right = _numeric(table)
    marks = [' class="n"' if number else "" for number in right]
    head = "".join(
        f'<th scope="col"{mark}>{_e(cell)}</th>' for cell, mark in zip(table.header, marks, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<th scope="row">{_e(cell)}</th>' if place == 0 else f"<td{marks[place]}>{_e(cell)}</td>"
            for place, cell in enumerate(row)
        )
        + "</tr>"
        for row in table.rows
    )
    label = _e(f"{of}: {table.caption}" if of else table.caption)
    above = "" if hidden else f'<p class="caption" aria-hidden="true">{label}</p>'
    return (
        f'{above}<div class="scroll" tabindex="0" role="region" aria-label="{label}, table">'
        f'<table><caption class="vh">{label}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _inline(figure: Figure) -> str:
    """The drawing as part of the page: its own ids, and colours that follow the page's."""
    drawn = figure.svg[figure.svg.index("<svg") :]
    drawn = re.sub(r'\bid="', f'id="{figure.name}-', drawn)
    drawn = re.sub(r'(url\(#|href="#)', rf"\g<1>{figure.name}-", drawn)
    for ink, name in INKS.items():
        drawn = drawn.replace(ink, f"var(--{name})")
    label = f'<svg role="img" aria-label="{_e(figure.title)}. {_e(figure.says)}" '
    return drawn.replace("<svg ", label, 1)


def _numeric(table: Table) -> list[bool]:
    """Which columns hold numbers alone; the first names the row."""
    columns = list(zip(*table.rows, strict=True)) if table.rows else [()] * len(table.header)
    return [
        place > 0 and bool(column) and all(_NUMBER.fullmatch(cell) for cell in column)
        for place, column in enumerate(columns)
    ]


def _e(text: str) -> str:
    return escape(text, quote=True)
