"""A decision in a plain English sentence, for reports and for the person who questions it."""

from karmayogi.science.adaptive.decisions import Decision, Lifted, Why
from karmayogi.science.adaptive.designs import Design

_LIFTED = {
    Lifted.EXPOSURE: "the cap on how often items are shown was put aside",
    Lifted.LEAST: "the least numbers of the areas were put aside",
}


def words(design: Design, decision: Decision) -> str:
    """Where the sitting stands, what comes next or how it ended, and why."""
    after = "1 answer" if decision.step == 1 else f"{decision.step} answers"
    here = f"After {after} the estimate is {decision.mean:.2f}, sd {decision.sd:.2f}."
    return f"{here} {_end(design, decision) if decision.item is None else _choice(design, decision)}"


def _choice(design: Design, decision: Decision) -> str:
    name, few = design.pool.names[decision.item or 0], min(design.policy.top, decision.open)
    how = {
        Why.BEST: f"it tells most ({decision.worth:.3f}) of {decision.open} that may be asked",
        Why.AMONG_BEST: (
            f"the seed drew it among the {few} that tell most of {decision.open} that may be asked: number "
            f"{decision.rank}, worth {decision.worth:.3f}"
        ),
        Why.DRAWN: f"the seed drew it among {decision.open} that may be asked",
    }[decision.why]
    whole = ", from the best whole test that keeps every limit" if design.policy.shadow else ""
    owed = f", all of {' or '.join(decision.owed)}, whose least number is still owed" if decision.owed else ""
    owed += _behind(design, decision)
    lifted = "; ".join(["", *(_LIFTED[limit] for limit in decision.lifted)])
    return f"Next is item {name}: {how}{whole}{owed}{lifted}."


def _behind(design: Design, decision: Decision) -> str:
    if design.policy.balance is None:
        return ""
    code = design.pool.codes[design.balanced][decision.item or 0]
    return f", all of {':'.join(design.pool.places[code])}, the area furthest behind its share"


def _end(design: Design, decision: Decision) -> str:
    policy = design.policy
    if decision.why is Why.PRECISE:
        return f"It ends: the sd is at most {policy.precision:g}."
    if decision.why is Why.CLASSIFIED:
        cuts = ", ".join(f"{cut:g}" for cut in policy.cuts)
        return (
            f"It ends: {decision.level} of the cuts {cuts} are passed and the others are not, each with a chance of "
            f"{policy.sure:g} or more."
        )
    if decision.why is Why.LONGEST:
        return f"It ends: {policy.longest} items are the most this test asks."
    return "It ends: no item is left that keeps the limits."
