"""Which items and answers a calibration can use, and why it leaves the others out."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from karmayogi.cli.score.responses import Responses
from karmayogi.cli.score.tables import FileCannotBeUsed, opened
from karmayogi.science import irt
from karmayogi.science.calibration_sets import CalibratedItems
from karmayogi.standards.tables import Problem

TYPING_ERRORS = 0.05
"""Up to this share of codes above 1 an item of two categories has typing errors; beyond, it has more categories."""


def models_of(wish: str, items: Sequence[str]) -> list[str]:
    """The model of each item: a name of `irt.MODELS` for all, or a CSV file with the columns item and model."""
    known = {name.lower(): name for name in irt.MODELS}
    if wish.lower() in known:
        return [known[wish.lower()]] * len(items)
    path = Path(wish)
    if not path.is_file():
        raise FileCannotBeUsed(
            f"{wish} is neither a model nor a file. Models: {', '.join(irt.MODELS)}. "
            "A file has the columns item and model."
        )
    table = opened(path)
    for name in ("item", "model"):
        table.need(name, what="a model for each item")
    found = table.fetch('SELECT trim(item) AS item, lower(trim(model)) AS model FROM raw ORDER BY "#"')
    by_item = {str(item): str(model) for item, model in zip(found["item"], found["model"], strict=True)}
    missing = [name for name in items if name not in by_item]
    if missing:
        raise FileCannotBeUsed(
            f"{path.name} names no model for {', '.join(missing[:8])}. Add a line for each."
        )
    wrong = sorted({model for model in by_item.values() if model not in known})
    if wrong:
        raise FileCannotBeUsed(f"{path.name} names models that are not known: {', '.join(wrong[:5])}.")
    return [known[by_item[name]] for name in items]


def without_unknown_codes(found: Responses, categories: NDArray[np.int64], *, whose: str) -> Responses:
    """Without answers in a category that the item does not have; `categories` [I], 0: not known."""
    most = categories[found.item]
    wrong = (most > 0) & (found.code >= most)
    problems = [
        Problem(
            1, found.items[item], "", f"{number} answers lie above the {categories[item]} categories of {whose}",
            "Correct the codes, or calibrate the item anew.",
        )
        for item, number in enumerate(np.bincount(found.item[wrong], minlength=len(found.items)))
        if number
    ]  # fmt: skip
    return found.without(wrong, why=problems)


def usable(found: Responses, models: list[str], bank: CalibratedItems | None) -> tuple[Responses, list[str]]:
    """The answers and the models of the items that can be calibrated; items of the bank are fixed and stay."""
    fixed = np.array(
        [place >= 0 for place in (bank.places(found.items) if bank else [-1] * len(found.items))]
    )
    logistic = np.array([irt.MODELS[name].family == irt.Family.LOGISTIC for name in models])
    counts = _counts(found)
    above = counts[:, 2:].sum(axis=1) / np.maximum(counts.sum(axis=1), 1)
    typed = logistic & ~fixed & (above > 0) & (above <= TYPING_ERRORS)
    found = without_unknown_codes(found, np.where(typed, 2, 0), whose="the model")
    counts = _counts(found)
    kept = np.ones(len(models), np.bool_)
    problems = []
    for item, name in enumerate(found.items):
        why = None if fixed[item] else _unfit(counts[item], bool(logistic[item]))
        if why is not None:
            kept[item] = False
            problems.append(Problem(1, name, "", *why))
    if not kept.any():
        raise FileCannotBeUsed(
            f"No item can be calibrated. The first: {problems[0].column}: {problems[0].what}."
        )
    return found.only(kept, why=problems), [model for model, stays in zip(models, kept, strict=True) if stays]


def _counts(found: Responses) -> NDArray[np.int64]:
    """How often each code was given to each item, [I, K] with K at least 3."""
    most = max(int(found.code.max(initial=0)) + 1, 3)
    cells = found.item.astype(np.int64) * most + found.code
    return np.bincount(cells, minlength=len(found.items) * most).reshape(len(found.items), most)


def _unfit(counts: NDArray[np.int64], logistic: bool) -> tuple[str, str] | None:
    """Why an item with these counts by code cannot be calibrated, and what to do."""
    used = np.flatnonzero(counts)
    if len(used) == 0:
        return "Nobody answered the item", "Leave the item out, or collect answers."
    if len(used) == 1:
        return (
            f"All answers are {used[0]}, so nothing can be said of its difficulty",
            "Collect more answers first.",
        )
    if logistic and used[-1] > 1:
        return f"The item has {used[-1] + 1} categories, the model two", "Take GRM, GPCM or PCM for it."
    if len(used) <= used[-1]:
        gap = int(np.flatnonzero(counts[: used[-1]] == 0)[0])
        return (
            f"Nobody chose category {gap}",
            "Join it with its neighbour, or see --lowest if codes begin at 1.",
        )
    return None
