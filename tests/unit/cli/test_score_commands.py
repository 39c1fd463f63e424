"""`karmayogi score` as a second process: the same bytes twice, refusals in sentences, no Django."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.unit.cli.scoring import WITHOUT, answers, ratings, rows, score, write

from karmayogi.cli import cli
from karmayogi.science import calibration_sets


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with answers, a set calibrated from them, and a report."""
    folder = tmp_path_factory.mktemp("score")
    answers(folder / "wide.csv")
    made = score(
        "calibrate", folder / "wide.csv", "--groups", "sex", "--cuts", "work=-0.5,0.6",
        "--out", folder / "set.json", "--report", folder / "report",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return folder


def test_the_same_file_gives_the_same_bytes(tmp_path, room):
    for turn in ("one", "two"):
        folder = tmp_path / turn
        folder.mkdir()
        arguments = ("--groups", "sex", "--cuts", "work=-0.5,0.6", "--out", folder / "set.json")
        assert (
            score("calibrate", room / "wide.csv", *arguments, "--report", folder / "report").returncode == 0
        )
    names = sorted(
        path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file()
    )
    assert len(names) >= 6
    assert [
        str(name)
        for name in names
        if (tmp_path / "one" / name).read_bytes() != (tmp_path / "two" / name).read_bytes()
    ] == []
    assert (tmp_path / "one" / "set.json").read_bytes() == (room / "set.json").read_bytes()


@pytest.mark.parametrize("unwanted", WITHOUT)
def test_a_command_that_loads_django_or_pyplot_fails_in_every_test_here(tmp_path, room, unwanted):
    (tmp_path / "duckdb.py").write_text(f"import {unwanted}\n")  # which every command reads its file with
    arguments = ("people", room / "wide.csv", "--set", room / "set.json", "--out", tmp_path / "p.csv")
    told = score(*arguments, path=tmp_path)
    assert told.returncode != 0
    assert f"import of {unwanted} halted" in told.stderr


def test_people_are_scored_with_levels_and_the_hash_of_the_set(tmp_path, room):
    held = calibration_sets.read(room / "set.json")
    for method, more in (("eap", ("--report", tmp_path / "report")), ("map", ()), ("wle", ())):
        out = tmp_path / f"{method}.csv"
        told = score(
            "people", room / "wide.csv", "--set", room / "set.json", "--method", method, "--out", out, *more
        )
        assert told.returncode == 0, told.stderr
        assert held.hash in told.stdout
        found = rows(out)
        assert len(found) == 600
        assert {row["set"] for row in found} == {held.hash}
        assert {row["level_1"] for row in found} <= {"met", "below", "unsure"}
        assert all(float(row["low_95"]) < float(row["ability"]) < float(row["high_95"]) for row in found)
    assert (tmp_path / "report" / "report.html").exists()


def test_parquet_out_says_what_csv_out_says(tmp_path, room):
    import duckdb

    for name in ("p.csv", "p.parquet", "again.parquet"):
        told = score("people", room / "wide.csv", "--set", room / "set.json", "--out", tmp_path / name)
        assert told.returncode == 0, told.stderr
    one, two = (
        duckdb.sql(f"SELECT person, ability, se FROM '{tmp_path / name}' ORDER BY person").fetchall()
        for name in ("p.csv", "p.parquet")
    )
    assert one == two
    assert (tmp_path / "p.parquet").read_bytes() == (tmp_path / "again.parquet").read_bytes()


def test_anchors_keep_their_parameters_and_the_next_set_names_the_former(tmp_path, room):
    first = calibration_sets.read(room / "set.json")
    told = score(
        "calibrate", room / "wide.csv", "--items", "q2,q3,q5,q12", "--anchors", _part(first, tmp_path), "--out",
        tmp_path / "next.json",
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    base, held = calibration_sets.read(tmp_path / "part.json"), calibration_sets.read(tmp_path / "next.json")
    assert (held.number, held.former) == (base.number + 1, base.hash)
    assert held.linking is not None
    assert held.linking.base == base.hash
    assert held.linking.anchors == ("q2", "q3")
    assert held.items is not None
    assert base.items is not None
    assert held.items.names == ("q1", "q2", "q3", "q5", "q12")
    assert held.items.parameters.taken([0, 1, 2]).digest() == base.items.parameters.digest()
    assert held.items.anchored.tolist() == [True, True, True, False, False]
    assert held.cuts == base.cuts


def _part(held: calibration_sets.CalibrationSet, folder: Path) -> Path:
    """The first three items of a set, as a set of its own."""
    assert held.items is not None
    items = calibration_sets.CalibratedItems.of_rows(held.items.rows()[:3])
    calibration_sets.write(
        calibration_sets.CalibrationSet(1, "Part", items=items, cuts=held.cuts), folder / "part.json"
    )
    return folder / "part.json"


def test_a_model_for_each_item_comes_from_a_file(tmp_path, room):
    models = [["item", "model"], *([f"q{n}", "rasch" if n < 7 else "2PL"] for n in range(1, 13))]
    write(tmp_path / "models.csv", models)
    arguments = (
        "--ignore",
        "sex",
        "--ignore",
        "q4",
        "--model",
        tmp_path / "models.csv",
        "--out",
        tmp_path / "s.json",
    )
    assert score("calibrate", room / "wide.csv", *arguments).returncode == 0
    held = calibration_sets.read(tmp_path / "s.json")
    assert held.items is not None
    assert held.items.parameters.slope[:3].tolist() == [1.0, 1.0, 1.0]
    assert held.items.models[-1] == "2PL"


def test_a_planted_difference_is_found_and_the_others_are_not(tmp_path, room):
    told = score(
        "dif",
        room / "wide.csv",
        "--group",
        "sex",
        "--reference",
        "f",
        "--out",
        tmp_path / "dif.csv",
        "--report",
        tmp_path / "report",
        "--json",
    )
    assert told.returncode == 0, told.stderr
    assert (tmp_path / "report" / "report.html").exists()
    found = {row["item"]: row for row in rows(tmp_path / "dif.csv")}
    assert [item for item, row in found.items() if row["class"] == "C"] == ["q1"]
    assert float(found["q1"]["d_dif"]) < -1.5
    assert json.loads(told.stdout)["classes"]["C"] == 1


def test_a_simulation_keeps_its_seed_and_its_policy(tmp_path, room):
    policy = {
        "longest": 8,
        "shortest": 3,
        "precision": 0.55,
        "top": 2,
        "quotas": [{"attribute": "area", "value": "x", "least": 1}],
    }
    (tmp_path / "policy.json").write_text(json.dumps(policy))
    write(tmp_path / "areas.csv", [["item", "area"], *([f"q{n}", "xy"[n % 2]] for n in range(1, 13))])
    said = []
    for name in ("a.csv", "b.csv"):
        told = score(
            "simulate", room / "set.json", "--policy", tmp_path / "policy.json", "--areas", tmp_path / "areas.csv",
            "--people", "200", "--seed", "5", "--out", tmp_path / name, "--report", tmp_path / name[0], "--json",
        )  # fmt: skip
        assert told.returncode == 0, told.stderr
        said.append(json.loads(told.stdout))
    reports = [(tmp_path / name / "report.html").read_bytes() for name in "ab"]
    assert [{**each, "report": ""} for each in said] == [{**said[0], "report": ""}] * 2
    assert reports[0] == reports[1]
    assert said[0]["items"] == 11
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert {int(row["items"]) for row in rows(tmp_path / "a.csv")} <= set(range(3, 9))


def test_raters_are_ordered_and_a_lonely_one_is_not_compared(tmp_path):
    ratings(tmp_path / "ratings.csv")
    told = score(
        "raters", tmp_path / "ratings.csv", "--out", tmp_path / "raters.csv", "--ratees", tmp_path / "ratees.csv",
        "--set", tmp_path / "set.json", "--report", tmp_path / "report",
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert (tmp_path / "report" / "report.html").exists()
    found = {row["rater"]: row for row in rows(tmp_path / "raters.csv")}
    severity = {name: float(row["severity"]) for name, row in found.items() if row["severity"]}
    assert sorted(severity, key=severity.__getitem__)[0] in "AB"
    assert severity["E"] > severity["A"]
    assert (found["F"]["severity"], found["F"]["identified"]) == ("", "false")
    held = calibration_sets.read(tmp_path / "set.json")
    assert not held.severities["F"].identified
    assert held.severities["A"].severity == pytest.approx(severity["A"], abs=1e-6)
    assert len(rows(tmp_path / "ratees.csv")) == 44


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("calibrate", "wide.csv", "--out", "x.json", "--model", "5pl"), 1, "neither a model nor a file"),
        (("calibrate", "wide.csv", "--out", "x.json", "--groups", "gender"), 1, "no column gender"),
        (
            ("calibrate", "wide.csv", "--out", "x.json", "--groups", "sex", "--reference", "z"),
            1,
            "no group z",
        ),
        (("calibrate", "wide.csv", "--out", "x.json", "--cuts", "work=1,0"), 1, "rise"),
        (("calibrate", "wide.csv", "--out", "x.json", "--cuts", "1,2"), 1, "names no scale"),
        (("calibrate", "wide.csv", "--out", "set.json", "--ignore", "sex"), 1, "never changed"),
        (("calibrate", "wide.csv"), 2, "--out"),
        (("people", "wide.csv", "--set", "wide.csv", "--out", "p.csv"), 1, "no calibration set"),
        (("people", "wide.csv", "--set", "set.json", "--out", "p.xlsx"), 1, ".csv or .parquet"),
        (("people", "other.csv", "--set", "set.json", "--out", "p.csv"), 1, "No item"),
        (
            ("people", "wide.csv", "--set", "set.json", "--out", "p.csv", "--sure", "0.2"),
            2,
            "between 0.5 and 1",
        ),
        (("dif", "wide.csv", "--group", "sex", "--reference", "x"), 1, "no group x"),
        (("simulate", "set.json", "--cap", "0"), 1, "cap must be above 0"),
        (("simulate", "set.json", "--policy", "wide.csv"), 1, "no JSON"),
        (("raters", "wide.csv"), 1, "no column for the"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(room, arguments, code, word):
    write(room / "other.csv", [["person", "a1"], ["p", 1], ["q", 0]])
    named = [str(room / part) if "." in part and not part.startswith("0") else part for part in arguments]
    told = CliRunner().invoke(cli, ["score", *named])
    assert told.exit_code == code, told.output
    assert word in told.output
    assert told.exception is None or isinstance(told.exception, SystemExit)


def test_a_changed_set_is_refused(tmp_path, room):
    data = (room / "set.json").read_bytes().replace(b'"slope":1', b'"slope":2', 1)
    (tmp_path / "set.json").write_bytes(data)
    told = score("people", room / "wide.csv", "--set", tmp_path / "set.json", "--out", tmp_path / "p.csv")
    assert (told.returncode, "changed after" in told.stderr) == (1, True)
