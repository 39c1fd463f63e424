"""Fixed forms: parallel, to an information target, under limits; and why a specification cannot be kept.

`assemble(pool, Specification(...), Target(...))` hands over the forms, or raises with the limits that clash.
"""

from karmayogi.science.assembly.clashes import Clash, Concession, FormsCannotBeAssembled, clash_of
from karmayogi.science.assembly.forms import Assembly, assemble
from karmayogi.science.assembly.programs import NotDecided
from karmayogi.science.assembly.specifications import (
    Specification,
    SpecificationCannotBeUsed,
    Target,
    target_of,
)

__all__ = [
    "Assembly",
    "Clash",
    "Concession",
    "FormsCannotBeAssembled",
    "NotDecided",
    "Specification",
    "SpecificationCannotBeUsed",
    "Target",
    "assemble",
    "clash_of",
    "target_of",
]
