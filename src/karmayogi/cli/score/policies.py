"""Adaptive policies and item pools out of files and options."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

from karmayogi.cli.score.tables import FileCannotBeUsed, opened, quoted
from karmayogi.science import adaptive, irt
from karmayogi.science.calibration_sets import CalibrationSet

KNOWN = {field.name for field in fields(adaptive.Policy)}


def policy_of(path: Path | None, options: dict[str, Any]) -> adaptive.Policy:
    """The policy of a JSON file with the fields of `adaptive.Policy`, options first."""
    said: dict[str, Any] = {}
    if path is not None:
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise FileCannotBeUsed(f"{path.name} is no JSON: {error}.") from error
        if not isinstance(said, dict) or set(said) - KNOWN:
            wrong = sorted(set(said) - KNOWN) if isinstance(said, dict) else []
            raise FileCannotBeUsed(
                f"{path.name} must be an object with fields of a policy; not known: {', '.join(wrong[:5]) or 'all'}. "
                f"There are: {', '.join(sorted(KNOWN))}."
            )
    said |= {name: value for name, value in options.items() if value is not None}
    try:
        return adaptive.Policy(**_parts(said))
    except (TypeError, KeyError) as error:
        raise FileCannotBeUsed(f"The policy cannot be read: {error}.") from error


def _parts(said: dict[str, Any]) -> dict[str, Any]:
    """Lists as tuples, quotas and balance as what they are."""
    made = {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
    if "quotas" in made:
        made["quotas"] = tuple(adaptive.Quota(**quota) for quota in made["quotas"])
    if made.get("balance"):
        balance: dict[str, Any] = said["balance"]
        shares = tuple((str(name), float(share)) for name, share in dict(balance["shares"]).items())
        made["balance"] = adaptive.Balance(str(balance["attribute"]), shares)
    return made


def pool_of(held: CalibrationSet, areas: Path | None) -> tuple[adaptive.Pool, list[str]]:
    """The items of the set that an adaptive test can use (two categories, slope above 0), and those it cannot."""
    bank = held.items
    if bank is None:
        raise FileCannotBeUsed("The set holds no items. Take a set that karmayogi score calibrate wrote.")
    items = bank.parameters
    fit = (items.family == irt.Family.LOGISTIC) & (items.slope > 0.0)
    left_out = [name for name, stays in zip(bank.names, fit, strict=True) if not stays]
    if not fit.any():
        raise FileCannotBeUsed("No item of the set has two categories and a slope above 0.")
    names = tuple(name for name, stays in zip(bank.names, fit, strict=True) if stays)
    held_areas, enemies = _areas(areas, names)
    pool = adaptive.Pool(items.taken(fit), names=names, areas=held_areas, enemies=enemies)
    return pool, left_out


def _areas(
    path: Path | None, names: tuple[str, ...]
) -> tuple[dict[str, tuple[str, ...]], tuple[tuple[int, ...], ...]]:
    """Areas by attribute, and enemy sets, of a file with the column item, attributes, and perhaps enemies."""
    if path is None:
        return {}, ()
    table = opened(path)
    table.need("item", what="the item's name")
    every = ", ".join(f"coalesce(trim({quoted(name)}), '') AS {quoted(name)}" for name in table.columns)
    found = table.fetch(f'SELECT {every} FROM raw ORDER BY "#"')  # noqa: S608
    row = {str(name): place for place, name in enumerate(found["item"])}
    missing = [name for name in names if name not in row]
    if missing:
        raise FileCannotBeUsed(
            f"{path.name} has no line for {', '.join(missing[:8])}. Add one for each item."
        )
    places = [row[name] for name in names]
    attributes = [name for name in table.columns if name not in ("item", "enemies")]
    areas = {name: tuple(str(found[name][place]) for place in places) for name in attributes}
    sets: dict[str, list[int]] = {}
    if "enemies" in table.columns:
        for number, place in enumerate(places):
            for label in filter(None, str(found["enemies"][place]).split(";")):
                sets.setdefault(label.strip(), []).append(number)
    return areas, tuple(tuple(group) for _, group in sorted(sets.items()))
