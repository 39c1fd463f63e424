"""How we know, in sentences: each row of the ledger as what it was, when, how much it counts, and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from karmayogi.competency.evidence import Source
from karmayogi.competency.proofs import Note, Proof
from karmayogi.web import dates, numbers


@dataclass(frozen=True)
class Said:
    """A line of the tag ``how``: weight 0 (not counted) to 4."""

    title: str
    weight: int
    weight_word: str
    says: str


def said(proofs: Iterable[Proof], *, own: bool = True) -> list[Said]:
    """The proofs as lines, in the same order; `own`: said to the person they are about, else to a reviewer."""
    return [Said(title(p), p.strength, _(WEIGHTS[p.strength]), says(p, own=own)) for p in proofs]


WEIGHTS = (
    gettext_noop("Not counted"),
    gettext_noop("Weak"),
    gettext_noop("Medium"),
    gettext_noop("Strong"),
    gettext_noop("Very strong"),
)
"""Words for the strengths 0 to 4."""

SOURCES = {
    Source.TEST: gettext_noop("Short check"),
    Source.SUPERVISED_TEST: gettext_noop("Supervised test"),
    Source.RATING: gettext_noop("Seen at work"),
    Source.WORK_PRODUCT: gettext_noop("Work that was marked"),
    Source.COMPLETED: gettext_noop("Course finished"),
    Source.SELF_RATING: gettext_noop("Self-rating"),
}


HARDLY = 0.05
"""Logits below which a reader would see no difference on the scale."""


def source_word(what: Source) -> str:
    """What a row is, in two or three words."""
    return _(SOURCES[what])


def title(proof: Proof) -> str:
    """What it was and when."""
    return _("{what}, {when}").format(what=source_word(proof.what), when=dates.date(proof.when, "month"))


def says(proof: Proof, *, own: bool = True) -> str:
    """What it showed, and why it counts as it does."""
    parts = [_showed(proof) if own else _showed_of_another(proof)]
    if proof.note is Note.REPLACED:
        parts.append(_("A later entry took its place."))
    elif proof.note is Note.EXPIRED and proof.counts_until:
        parts.append(_("It counted until {day}.").format(day=dates.date(proof.counts_until)))
    elif proof.note is Note.NOT_MEASURABLE:
        parts.append(_("It cannot be measured yet."))
    elif proof.counts and proof.counts_until:
        parts.append(
            _("It counts until {day} and fades with time.").format(day=dates.date(proof.counts_until))
        )
    parts.append(_moved(proof))
    return " ".join(part for part in parts if part)


def _moved(proof: Proof) -> str:
    """Its part of the estimate and where it moved it, where that was asked."""
    if proof.share is None or proof.shift is None or not round(100 * proof.share):
        return ""
    parts = numbers.num(round(100 * proof.share))
    if abs(proof.shift) < HARDLY:
        return _("It is {n} of 100 parts of this estimate and hardly changed the level.").format(n=parts)
    if proof.shift > 0:
        return _("It is {n} of 100 parts of this estimate and raised the level.").format(n=parts)
    return _("It is {n} of 100 parts of this estimate and lowered the level.").format(n=parts)


def rest(proofs: Sequence[Proof]) -> str:
    """What the rows leave of the 100 parts of the estimate; empty where no part is known."""
    shares = [proof.share for proof in proofs if proof.share is not None]
    if not shares:
        return ""
    left = 100 - sum(round(100 * share) for share in shares)
    return _("The other {n} of 100 parts are what is usual among officials.").format(
        n=numbers.num(max(0, left))
    )


def _showed(proof: Proof) -> str:
    if proof.what in (Source.TEST, Source.SUPERVISED_TEST):
        asked = ngettext("{n} question.", "{n} questions.", proof.asked).format(n=proof.asked)
        return asked if proof.asked else ""
    if proof.what is Source.COMPLETED:
        return _("Finishing a course does not by itself raise a level.")
    if proof.what is Source.SELF_RATING:
        return _("What people say of themselves is shown and does not count.")
    if proof.level is None:
        return ""
    level = numbers.num(proof.level, 0 if float(proof.level).is_integer() else 1)
    if proof.what is Source.RATING:
        if proof.level_name:
            return _(
                "By who led you then: level {level}, {name}. Corrected for how strict they usually are."
            ).format(level=level, name=proof.level_name)
        return _("By who led you then: not yet at level 1. Corrected for how strict they usually are.")
    return _("Marked at level {level} without knowing your name.").format(level=level)


def _showed_of_another(proof: Proof) -> str:
    if proof.what not in (Source.RATING, Source.WORK_PRODUCT) or proof.level is None:
        return _showed(proof)
    level = numbers.num(proof.level, 0 if float(proof.level).is_integer() else 1)
    if proof.what is Source.RATING:
        return _(
            "By who led the official then: level {level}. Corrected for how strict they usually are."
        ).format(level=level)
    return _("Marked at level {level} without knowing the name.").format(level=level)
