"""Calibration sets as files: canonical bytes, their hash, and reading that a changed byte does not get past.

Canonical bytes are JSON in UTF-8 with sorted keys, no blanks and the shortest digits that give the same float64 back:
numpy and the standard library suffice, and any language can make them again.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from karmayogi.science.calibration_sets.bank import CalibratedItems
from karmayogi.science.calibration_sets.contents import (
    CalibrationSet,
    Cohort,
    Linking,
    RatingScale,
    Sample,
    Severity,
)

VERSION = 1
FORMAT = "karmayogi calibration set"
_AGAIN = "Get the file again from whoever made it."


class CalibrationSetUnreadable(ValueError):
    """The file is no calibration set, or one of a version that this program does not know."""


class CalibrationSetChanged(ValueError):
    """The file's content is not what its hash says: something was changed after it was written."""


def canonical(value: Any) -> bytes:
    """The bytes that are hashed. Raises ValueError for NaN and infinities."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def digest(held: CalibrationSet) -> str:
    """SHA-256, hexadecimal, of the canonical bytes of the set."""
    return sha256(canonical(_body(held))).hexdigest()


def written(held: CalibrationSet) -> bytes:
    """The file: one line for each part and for each item, so that two sets can be compared line by line."""
    body = _body(held)
    lines = []
    for key in sorted(body):
        value = body[key]
        if key == "items" and value:
            rows = ",\n  ".join(canonical(row).decode() for row in value)
            lines.append(f'"items":[\n  {rows}\n ]')
        else:
            lines.append(f'"{key}":{canonical(value).decode()}')
    inner = ",\n ".join(lines)
    return f'{{"hash":"{held.hash}",\n"set":{{\n {inner}\n}}}}\n'.encode()


def write(held: CalibrationSet, path: Path) -> None:
    """Writes the file. A file that is there already is replaced only by the same bytes: sets are never overwritten."""
    data = written(held)
    if path.exists() and path.read_bytes() != data:
        raise FileExistsError(f"{path} holds another set. A set is never changed: choose another name.")
    path.write_bytes(data)


def read(path: Path) -> CalibrationSet:
    """The set of a file. Raises as `read_bytes`, and OSError."""
    return read_bytes(path.read_bytes())


def read_bytes(data: bytes) -> CalibrationSet:
    """The set of a file's bytes.

    Raises `CalibrationSetUnreadable`, `CalibrationSetChanged` where a byte was changed, `CalibrationSetMalformed`.
    """
    body, stated = _opened(data)
    if sha256(canonical(body)).hexdigest() != stated:
        raise CalibrationSetChanged(
            f"The content was changed after the set was written: its hash differs. {_AGAIN}"
        )
    try:
        held = _set(body)
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise CalibrationSetUnreadable(
            f"A part of the set is missing or of another kind: {error}. {_AGAIN}"
        ) from error
    if written(held) != data:
        raise CalibrationSetChanged(f"The file differs from the set it holds, if only by a blank. {_AGAIN}")
    return held


def _opened(data: bytes) -> tuple[dict[str, Any], str]:
    try:
        whole = json.loads(data.decode(), parse_constant=_refuse)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise CalibrationSetUnreadable(
            f"This is no calibration set: not JSON in UTF-8 ({error}). {_AGAIN}"
        ) from error
    body = whole.get("set") if isinstance(whole, dict) else None
    if not isinstance(body, dict) or body.get("format") != FORMAT or not isinstance(whole.get("hash"), str):
        raise CalibrationSetUnreadable(f"This is JSON, but no calibration set. {_AGAIN}")
    if body.get("version") != VERSION:
        raise CalibrationSetUnreadable(
            f"The set is of version {body.get('version')}; this program reads version {VERSION}. Install a newer one."
        )
    return body, whole["hash"]


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _body(held: CalibrationSet) -> dict[str, Any]:
    """Everything in the set as plain JSON values; the same for equal sets."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "number": held.number,
        "label": held.label,
        "former": held.former,
        "items": [] if held.items is None else held.items.rows(),
        "cohorts": {name: _floats(asdict(cohort)) for name, cohort in held.cohorts.items()},
        "cuts": {name: _floats(cuts) for name, cuts in held.cuts.items()},
        "severities": {name: _floats(asdict(rater)) for name, rater in held.severities.items()},
        "scale": None if held.scale is None else _floats(asdict(held.scale)),
        "crosswalks": {name: _floats(points) for name, points in held.crosswalks.items()},
        "sample": _floats(asdict(held.sample)),
        "linking": None if held.linking is None else _floats(asdict(held.linking)),
    }


COUNTS = {"people", "answers"}


def _floats(value: Any, *, key: str = "") -> Any:
    """Plain values in which a number is a float unless it counts something, so that 1 and 1.0 are one set."""
    if isinstance(value, Mapping):
        return {name: _floats(inner, key=name) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_floats(inner) for inner in value]
    if isinstance(value, bool | str) or value is None:
        return value
    return int(value) if key in COUNTS else float(value) + 0.0


def _set(body: Mapping[str, Any]) -> CalibrationSet:
    scale, linking = body["scale"], body["linking"]
    return CalibrationSet(
        number=body["number"],
        label=body["label"],
        former=body["former"],
        items=CalibratedItems.of_rows(body["items"]) if body["items"] else None,
        cohorts={name: Cohort(**found) for name, found in body["cohorts"].items()},
        cuts={name: tuple(cuts) for name, cuts in body["cuts"].items()},
        severities={name: Severity(**found) for name, found in body["severities"].items()},
        scale=None if scale is None else _scale(scale),
        crosswalks={name: tuple((x, y) for x, y in points) for name, points in body["crosswalks"].items()},
        sample=Sample(**body["sample"]),
        linking=None if linking is None else Linking(**{**linking, "anchors": tuple(linking["anchors"])}),
    )


def _scale(found: Mapping[str, Any]) -> RatingScale:
    thresholds, values = (
        {name: tuple(row) for name, row in found[part].items()} for part in ("thresholds", "values")
    )
    return RatingScale(thresholds, values, found["spread"], found["halo_sd"])
