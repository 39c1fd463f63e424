"""Calibration sets: equal content has one hash, a changed byte is found, contradictions are refused."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karmayogi.science import calibration_sets as sets
from karmayogi.science import irt


def bank() -> sets.CalibratedItems:
    """Three items: 3PL, graded with four categories, 2PL with a parameter that has no error."""
    items = irt.Items.joined(
        [
            irt.Items.logistic([1.25], [-0.5], lower=[0.2]),
            irt.Items.graded([0.9], [[-1.0, 0.0, 1.5]]),
            irt.Items.logistic([1.5], [1.0]),
        ]
    )
    errors = {"slope": np.array([0.1, 0.2, np.nan]), "lower": np.array([0.05, np.nan, np.nan])}
    errors |= {name: np.full(items.intercepts.shape, 0.1) for name in ("intercepts", "b")}
    errors["upper"] = np.full(3, np.nan)
    return sets.CalibratedItems(
        ("q1", "q2", "q3"), ("3PL", "GRM", "2PL"), items, errors,
        np.array([900, 850, 10]), np.array([0, 1, 0]), np.array([False, False, True]),
    )  # fmt: skip


def whole(**changes: object) -> sets.CalibrationSet:
    """A set with every part."""
    parts: dict[str, object] = {
        "number": 1,
        "label": "Trial of January",
        "items": bank(),
        "cohorts": {"all": sets.Cohort(0.1, 1.2, 900, 0.001)},
        "cuts": {"writing": (-0.5, 0.4, 1.2)},
        "severities": {"r1": sets.Severity(0.3, 0.1, True), "r2": sets.Severity(None, None, False)},
        "scale": sets.RatingScale({"clarity": (-1.0, 1.0)}, {"clarity": (1.0, 2.0, 4.0)}, 1.1, 0.4),
        "crosswalks": {"marks": ((0.0, -2.0), (50.0, 0.0), (100.0, 2.5))},
        "sample": sets.Sample(900, 1760, {"a.csv": "0" * 64}, -1234.5, True, "karmayogi 0.1.0"),
        "linking": sets.Linking("a" * 64, "fixed anchors", 1.0, 0.0, ("q3",)),
    }
    return sets.CalibrationSet(**{**parts, **changes})  # type: ignore[arg-type]


def test_a_set_comes_back_from_its_file_with_every_digit(tmp_path):
    held = whole()
    path = tmp_path / "set.json"
    sets.write(held, path)
    found = sets.read(path)
    assert found == held
    assert found.items is not None
    assert found.items.parameters.digest() == bank().parameters.digest()
    assert np.array_equal(found.items.errors["slope"], [0.1, 0.2, np.nan], equal_nan=True)
    assert (found.scale, found.linking, found.sample) == (held.scale, held.linking, held.sample)
    assert found.severities == held.severities


def test_the_hash_is_that_of_plain_canonical_json():
    import hashlib

    held = whole()
    body = json.loads(sets.written(held))["set"]
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == held.hash


def test_the_order_in_which_parts_are_named_and_the_kind_of_number_do_not_matter():
    one = whole(cuts={"a": (0.0, 1.0), "b": (0.5,)})
    two = whole(cuts={"b": (0.5,), "a": (-0.0, 1)})
    assert one.hash == two.hash
    assert one != whole(cuts={"a": (0.0, 1.0000000000000002), "b": (0.5,)})


def test_every_single_changed_byte_is_found():
    data = sets.written(whole())
    known = (sets.CalibrationSetChanged, sets.CalibrationSetUnreadable, sets.CalibrationSetMalformed)
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1
        with pytest.raises(known):
            sets.read_bytes(bytes(changed))


@pytest.mark.parametrize(
    "damage", [lambda d: d[:-10], lambda d: d + b" ", lambda d: d.replace(b"\n", b"\r\n"), lambda d: b""]
)
def test_a_cut_or_lengthened_file_is_refused(damage):
    with pytest.raises((sets.CalibrationSetChanged, sets.CalibrationSetUnreadable)):
        sets.read_bytes(damage(sets.written(whole())))


def test_a_later_version_is_refused_with_what_to_do():
    data = sets.written(whole()).replace(b'"version":1', b'"version":2')
    with pytest.raises(sets.CalibrationSetUnreadable, match="version 2"):
        sets.read_bytes(data)


@pytest.mark.parametrize(
    "data", [b"{}", b"[]", b"null", b'{"hash":"x","set":{}}', b"\xff\xfe", b"[" * 100_000]
)
def test_what_is_no_set_is_refused(data):
    with pytest.raises(sets.CalibrationSetUnreadable):
        sets.read_bytes(data)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"cuts": {"writing": (0.5, 0.4)}}, "rise"),
        ({"cuts": {"writing": (0.4, 0.4)}}, "rise"),
        ({"cuts": {"writing": (0.4, math.nan)}}, "finite"),
        ({"cuts": {"writing": ()}}, "rise"),
        ({"cohorts": {"all": sets.Cohort(0.0, 0.0)}}, "above 0"),
        ({"cohorts": {"all": sets.Cohort(math.inf, 1.0)}}, "finite"),
        ({"severities": {"r": sets.Severity(0.1, 0.1, False)}}, "identified"),
        ({"severities": {"r": sets.Severity(None, None, True)}}, "identified"),
        ({"severities": {" r": sets.Severity(0.1, 0.1, True)}}, "blanks"),
        ({"crosswalks": {"m": ((0.0, 1.0), (0.0, 2.0))}}, "rise"),
        ({"crosswalks": {"m": ((0.0, 1.0),)}}, "two points"),
        ({"number": 2}, "former"),
        ({"number": 0}, "from 1"),
        ({"former": "a" * 64}, "former"),
        ({"label": " "}, "label"),
        ({"linking": sets.Linking("short", "x")}, "SHA-256"),
        ({"linking": sets.Linking("a" * 64, "x", slope=-1.0)}, "above 0"),
        ({"scale": sets.RatingScale({"c": (0.0,)}, {"c": (1.0,)}, 1.0, 0.5)}, "one value more"),
    ],
)
def test_contradictions_are_refused(changes, word):
    with pytest.raises(sets.CalibrationSetMalformed, match=word):
        whole(**changes)


def test_an_item_that_stands_twice_is_refused_also_from_a_file():
    rows = bank().rows()
    with pytest.raises(sets.CalibrationSetMalformed, match="q1 stands there twice"):
        sets.CalibratedItems.of_rows([rows[0], rows[0]])
    wrong = {**rows[0], "upper": 0.1}
    with pytest.raises(sets.CalibrationSetMalformed, match="describe no model"):
        sets.CalibratedItems.of_rows([wrong])


def test_the_next_set_keeps_what_is_not_restated_and_names_the_former():
    first = whole()
    second = first.followed(label="Trial of June", cuts={"writing": (-0.4, 0.5, 1.3)})
    assert (second.number, second.former) == (2, first.hash)
    assert second.items is first.items
    assert second.hash != first.hash


def test_a_set_is_never_written_over_another(tmp_path):
    path = tmp_path / "set.json"
    sets.write(whole(), path)
    sets.write(whole(), path)
    with pytest.raises(FileExistsError, match="never changed"):
        sets.write(whole(label="Another"), path)


def test_a_fit_becomes_items_with_its_errors():
    rng = np.random.default_rng(5)
    items = irt.Items.logistic([1.0, 1.4, 0.8], [0.0, -0.5, 0.7])
    codes = (rng.random((800, 3)) < irt.chances(rng.normal(size=800), items)[:, :, 1]).astype(np.int8)
    fit = irt.fit(codes)
    held = sets.of_fit(fit, ["a", "b", "c"], ["2PL"] * 3, asked=800)
    assert fit.errors is not None
    assert np.array_equal(held.errors["slope"], fit.errors.slope)
    assert held.places(["c", "x", "a"]) == [2, -1, 0]
    assert held.parameters.digest() == sets.CalibratedItems.of_rows(held.rows()).parameters.digest()


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(
        st.text(min_size=1, max_size=8).filter(lambda text: text.strip() == text and text.isprintable()),
        st.tuples(st.floats(-1e300, 1e300), st.floats(1e-300, 1e300)),
        max_size=4,
    )
)
def test_any_finite_numbers_and_any_names_come_back(cohorts):
    held = sets.CalibrationSet(1, "any", cohorts={name: sets.Cohort(*pair) for name, pair in cohorts.items()})
    assert sets.read_bytes(sets.written(held)) == held
