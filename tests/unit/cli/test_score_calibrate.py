"""`karmayogi score calibrate` as a second process: known values, codes of several kinds, items set aside."""

import csv
import json

import pytest
from tests.unit.cli.scoring import LSAT, SCIENCE, WIDE, rows, score, write

from karmayogi.science import calibration_sets


def test_lsat_section_6_is_calibrated_to_the_published_values(tmp_path):
    told = score("calibrate", LSAT, *WIDE, "--out", tmp_path / "set.json", "--json")
    facts = json.loads(told.stdout)
    held = calibration_sets.read(tmp_path / "set.json")
    assert told.returncode == 0
    assert facts["log_likelihood"] == pytest.approx(-2466.653, abs=1e-3)
    assert (facts["people"], facts["set"], facts["converged"]) == (1000, held.hash, True)
    assert held.items is not None
    assert held.items.parameters.slope == pytest.approx([0.8257, 0.7227, 0.8909, 0.6884, 0.6569], abs=2e-3)
    assert (held.sample.people, held.sample.answers) == (1000, 5000)


def test_graded_items_and_codes_that_begin_at_one(tmp_path):
    zero = score(
        "calibrate",
        SCIENCE,
        "--model",
        "grm",
        "--ignore",
        "people",
        "--count",
        "people",
        "--out",
        tmp_path / "a.json",
    )
    assert zero.returncode == 0, zero.stderr
    shifted = [
        row if n == 0 else [*(int(cell) + 1 for cell in row[:-1]), row[-1]]
        for n, row in enumerate(csv.reader(SCIENCE.read_text().splitlines()))
    ]
    write(tmp_path / "one.csv", shifted)
    arguments = ("--model", "GRM", "--count", "people", "--lowest", "1", "--out", tmp_path / "b.json")
    assert score("calibrate", tmp_path / "one.csv", *arguments).returncode == 0
    one, two = (calibration_sets.read(tmp_path / name) for name in ("a.json", "b.json"))
    assert one.items is not None
    assert two.items is not None
    assert one.items.parameters.digest() == two.items.parameters.digest()
    assert (one.items.lowest.tolist(), two.items.lowest.tolist()) == ([0] * 4, [1] * 4)
    scored = score("people", tmp_path / "one.csv", "--set", tmp_path / "b.json", "--out", tmp_path / "p.csv")
    assert scored.returncode == 0, scored.stderr
    assert "0 set aside." in scored.stdout


def test_items_that_cannot_be_calibrated_are_named_and_the_others_are(tmp_path):
    lines = [["person", "q1", "q2", "q3", "same"]]
    lines += [[f"p{n}", n % 2, n // 2 % 2, n // 3 % 2, 1] for n in range(60)]
    lines += [["late", 1, 7, 0, 1]]
    write(tmp_path / "a.csv", lines)
    told = score(
        "calibrate",
        tmp_path / "a.csv",
        "--model",
        "rasch",
        "--out",
        tmp_path / "s.json",
        "--errors",
        tmp_path / "e.csv",
    )
    assert told.returncode == 0, told.stderr
    held = calibration_sets.read(tmp_path / "s.json")
    assert held.items is not None
    assert held.items.names == ("q1", "q2", "q3")
    said = {row["column"]: row["what"] for row in rows(tmp_path / "e.csv")}
    assert "All answers are 1" in said["same"]
    assert "above the 2 categories" in said["q2"]
    assert held.sample.answers == 60 * 3 + 2
