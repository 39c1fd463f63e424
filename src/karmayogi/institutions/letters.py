"""Notices that go by e-mail too: one letter each, in the person's language, kept in the outbox until it is sent."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from karmayogi.institutions import people
from karmayogi.registry import outbox, translations
from karmayogi.registry.notices import NewNotice
from karmayogi.registry.outbox import NewLetter

CHANNEL = "email"


def write_all(notices: Iterable[NewNotice], *, now: dt.datetime) -> int:
    """Writes one letter for each notice whose person has an e-mail address; how many.

    The same notice again changes nothing. Runs as a job: whoever acts on the web may not see the addresses.
    `params` of a notice: "competency" (its id), "name" (its English name) and what the kind asks for.
    """
    told = list(notices)
    language_of = people.languages_by_mail({notice.person for notice in told})
    by_language: dict[str, list[NewNotice]] = defaultdict(list)
    for notice in told:
        if notice.person in language_of:
            by_language[language_of[notice.person]].append(notice)
    written = [letter for language, group in by_language.items() for letter in _letters(group, language)]
    outbox.put_all(written, due=now)
    return len(written)


def _letters(notices: Sequence[NewNotice], language: str) -> list[NewLetter]:
    competencies = {UUID(notice.params["competency"]) for notice in notices}
    names = translations.read(competencies, language=language)
    with translation.override(language):
        return [
            NewLetter(
                notice.key,
                CHANNEL,
                notice.person,
                _words(notice, names.get(UUID(notice.params["competency"]), "name", notice.params["name"])),
            )
            for notice in notices
        ]


def _words(notice: NewNotice, name: str) -> Mapping[str, Any]:
    if notice.kind == "case_decided":
        subject = _("Your question is answered: {name}").format(name=name)
        text = _("Read the answer and its reason on the page of your question.")
    elif notice.kind == "statement_withdrawn":
        subject = _("Certificate withdrawn: {name}, level {level}").format(
            name=name, level=notice.params["level"]
        )
        reason = _("The reason: {reason}").format(reason=notice.params["reason"])
        text = f"{reason}\n\n" + _("The reason stands in your record, and you can question it.")
    else:
        subject = _("Certificate issued: {name}, level {level}").format(
            name=name, level=notice.params["level"]
        )
        text = _("It rests on rules over your evidence. Anyone with its code can check it.")
    address = settings.PUBLIC_URL.rstrip("/") + (notice.link or "/")
    return {"subject": subject, "text": f"{text}\n\n{address}\n"}
