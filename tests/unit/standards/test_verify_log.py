"""The outside verifier, on logs made by hand: whole ones pass, every change is found, and it needs no project code."""

import ast
import datetime as dt
import json
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from karmayogi.standards import logbook, merkle, notes, verify_log
from karmayogi.standards.logbook import Entry
from karmayogi.standards.notes import Checkpoint, Note, Verifier

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = Verifier("log.example/audit", notes.LOG, PRIVATE.public_key().public_bytes_raw())
AT = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
SIZE = 12


def entry(number):
    return Entry(
        UUID(int=number + 1),
        AT,
        "test.act",
        "test",
        None,
        UUID(int=77),
        f"o{number}",
        "",
        {},
        bytes([number]) * 32,
    )


def line(number):
    one = entry(number)
    row = {"id": str(one.id), "at": logbook.moment(AT), "act": one.act, "kind": one.kind, "body": None}
    row |= {"salt": one.salt.hex(), **logbook.texts(one)}
    return {"position": number, "leaf": logbook.leaf(one), "row": row}


LINES = [line(n) for n in range(SIZE)]
LEAVES = [merkle.leaf_hash(told["leaf"].encode()) for told in LINES]


def checkpoint(size, root=None, private=PRIVATE):
    text = Checkpoint(KEY.name, size, root or merkle.root(LEAVES[:size])).text
    return str(Note(text, (notes.sign(text, key=KEY, by=private.sign),)))


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """What a witness keeps of this log: checkpoints of 5 and of 12 entries."""
    folder = tmp_path_factory.mktemp("kept")
    (folder / "keys").write_text(f"# of the log\n{KEY.text}\n")
    for size in (5, SIZE):
        (folder / f"{size}.checkpoint").write_text(checkpoint(size))
    return folder


def told(kept, lines, module=verify_log):
    return module.verify(kept, [json.dumps(each) + "\n" for each in lines])


def kinds(report):
    return [finding["kind"] for finding in report.findings]


def test_a_whole_log_is_found_whole(kept):
    report = told(kept, LINES)
    assert (report.whole, report.entries, report.covered, report.checkpoints) == (True, SIZE, SIZE, 2)


def test_entries_behind_the_newest_checkpoint_are_counted_only(kept):
    report = told(kept, [*LINES, line(SIZE)])
    assert (report.whole, report.entries, report.covered) == (True, SIZE + 1, SIZE)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (LINES[:-1], ["truncated"]),
        ([], ["truncated"]),
        (LINES[1:], ["order"] * 11 + ["changed", "truncated"]),
        ([LINES[1], LINES[0], *LINES[2:]], ["order", "order", "changed"]),
        ([*LINES[:6], *LINES[6:7], *LINES[6:]], ["order", "repeated", *["order"] * 5, "changed"]),
        ([LINES[0] | {"leaf": LINES[1]["leaf"]}, *LINES[1:]], ["edited", "repeated", "changed"]),
        ([LINES[0] | {"row": None}, *LINES[1:]], ["missing"]),
        ([LINES[0] | {"row": LINES[0]["row"] | {"reason": "x"}}, *LINES[1:]], ["edited"]),
        ([LINES[0] | {"row": LINES[0]["row"] | {"salt": "zz"}}, *LINES[1:]], ["edited"]),
        ([LINES[0] | {"row": LINES[0]["row"] | dict.fromkeys(("salt", *logbook.SALTED))}, *LINES[1:]], ["missing"]),
        ([{"nothing": 1}, *LINES[1:]], ["malformed", "changed"]),
    ],
)  # fmt: skip
def test_what_was_done_to_a_log_is_named(kept, lines, found):
    assert sorted(kinds(told(kept, lines))) == sorted(found)


def test_places_are_renumbered_in_vain(kept):
    swapped = [LINES[1], LINES[0], *LINES[2:]]
    renumbered = [each | {"position": n} for n, each in enumerate(swapped)]
    assert kinds(told(kept, renumbered)) == ["changed"]


def test_a_verifier_that_passes_over_the_root_is_caught(kept):
    """Planted bug: without the comparison of roots the renumbered log passes."""
    source = Path(verify_log.__file__).read_text(encoding="utf-8")
    bent = source.replace("point.root != tree.root()", "False")
    assert bent != source
    planted = type(verify_log)("planted")
    sys.modules["planted"] = planted
    exec(compile(bent, "planted", "exec"), planted.__dict__)
    renumbered = [each | {"position": n} for n, each in enumerate([LINES[1], LINES[0], *LINES[2:]])]
    assert told(kept, renumbered, planted).whole
    assert not told(kept, renumbered).whole


@pytest.mark.parametrize(
    ("note", "kind"),
    [
        (checkpoint(5, bytes(32)), "fork"),
        (checkpoint(5, private=Ed25519PrivateKey.generate()), "signature"),
        (checkpoint(5).replace("log.example", "other.example"), "signature"),
        ("nonsense\n", "malformed"),
        (checkpoint(5).replace("\n5\n", "\n6\n"), "signature"),
    ],
)
def test_a_checkpoint_that_is_not_right_is_named(kept, tmp_path, note, kind):
    file = tmp_path / "all"
    file.write_text(checkpoint(5) + note + "\n" + checkpoint(SIZE))
    (tmp_path / "keys").write_text(f"{KEY.text}\n")
    assert kind in kinds(told(file, LINES))


def test_without_a_checkpoint_nothing_is_whole(tmp_path):
    (tmp_path / "keys").write_text(f"{KEY.text}\n")
    assert kinds(told(tmp_path, LINES)) == ["signature"]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_no_change_of_one_covered_line_passes(kept, data):
    number = data.draw(st.integers(0, SIZE - 1))
    one = json.loads(json.dumps(LINES[number]))
    name = data.draw(st.sampled_from(sorted(one["row"])))
    value = data.draw(st.one_of(st.none(), st.text(), st.integers()))
    if one["row"][name] in (value, str(value)):
        return
    one["row"][name] = value
    assert not told(kept, [*LINES[:number], one, *LINES[number + 1 :]]).whole


@given(st.text())
def test_no_checkpoint_breaks_the_verifier(kept, text):
    report = verify_log.Report()
    verify_log.read_points(verify_log.split_notes(text), [], report)
    assert report.checkpoints == 0


@given(st.lists(st.text()))
def test_no_export_breaks_the_verifier(kept, lines):
    assert not verify_log.verify(kept, lines).whole


def test_the_file_needs_the_standard_library_and_cryptography_only(kept, tmp_path):
    tree = ast.parse(Path(verify_log.__file__).read_text(encoding="utf-8"))
    names = {a.name.partition(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    names |= {(n.module or "").partition(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert names - {"cryptography"} <= set(sys.stdlib_module_names)
    (tmp_path / "verify_log.py").write_text(Path(verify_log.__file__).read_text(encoding="utf-8"))
    (tmp_path / "log").write_text("".join(json.dumps(each) + "\n" for each in LINES))
    (tmp_path / "short").write_text("".join(json.dumps(each) + "\n" for each in LINES[:9]))
    shown = {}
    for name in ("log", "short", "absent"):
        command = [sys.executable, "-I", tmp_path / "verify_log.py", kept, tmp_path / name]
        shown[name] = subprocess.run(command, capture_output=True, text=True, check=False)
    assert [done.returncode for done in shown.values()] == [0, 1, 2]
    assert shown["log"].stdout.startswith("WHOLE: 12 entries, 12 covered by 2 checkpoints")
    assert "the log has 9 entries and once had 12" in shown["short"].stdout
