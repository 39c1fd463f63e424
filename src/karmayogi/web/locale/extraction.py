"""Collects the words of templates for Babel, with the message ids that Django looks up when a page is shown."""

import ast
import csv
import re
from collections.abc import Collection, Iterator
from typing import BinaryIO

from django.utils.translation.template import templatize

_TEXT = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(rf"\b(_|n?p?gettext)\(({_TEXT}(?:, ?{_TEXT})*)(?:, ?count)?\)", re.DOTALL)
_TEXTS = re.compile(_TEXT, re.DOTALL)

Message = tuple[int, str, str | tuple[str, ...], list[str]]


def extract_templates(
    file: BinaryIO, keywords: Collection[str], comment_tags: Collection[str], options: dict[str, str]
) -> Iterator[Message]:
    """Each message of one Django template as (line, function, text or texts, comments), in reading order.

    Django itself turns the tags into calls, so placeholders, ``trimmed`` and ``%%`` come out as it expects them;
    no outside program is needed. Babel's interface fixes the parameters; comments are not collected.
    """
    source = templatize(file.read().decode(options.get("encoding", "utf-8")))
    for call in _CALL.finditer(source):
        name = "gettext" if call[1] == "_" else call[1]
        if name not in keywords:
            continue
        texts = tuple(ast.literal_eval(text) for text in _TEXTS.findall(call[2]))
        yield source.count("\n", 0, call.start()) + 1, name, texts if len(texts) > 1 else texts[0], []


def extract_table(
    file: BinaryIO, keywords: Collection[str], comment_tags: Collection[str], options: dict[str, str]
) -> Iterator[Message]:
    """The words in the named columns of a CSV file of the package, as messages like those of templates."""
    rows = csv.DictReader(file.read().decode("utf-8").splitlines())
    for number, row in enumerate(rows, 2):
        for column in options["columns"].split():
            if row[column]:
                yield number, "gettext", row[column], []
