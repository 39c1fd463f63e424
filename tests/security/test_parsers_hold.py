"""Whatever bytes or text come in, a parser of ours answers or refuses in its own words: no other error gets out.

Beside these stand the tests of each room: notes, requests of witnesses, the log's exports and Markdown have theirs.
"""

import contextlib
import io
import json
import string
import uuid
from fractions import Fraction
from types import SimpleNamespace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from karmayogi.institutions import designations
from karmayogi.journeys import organogram_names
from karmayogi.policy import formulas
from karmayogi.registry import codes
from karmayogi.standards import (
    framework,
    markdown,
    merkle,
    notes,
    objects,
    responses,
    signing,
    tables,
    verify_log,
)
from karmayogi.standards.organogram import JUNIOR_COLUMNS, SENIOR_COLUMNS, junior_strengths, senior_posts
from karmayogi.web.accounts import sign_on_file

MANY = settings(max_examples=150, deadline=None)
LEAF = (
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
)
JSON = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)
COUNTED = st.dictionaries(
    st.text("0123456789-+", max_size=6), st.text("0123456789n/*+-", max_size=8), max_size=4
)
BASE64 = string.ascii_letters + string.digits + "+/="
CELL = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


READ, REFUSED = "read", "refused"


def outcome(reader, *own):
    """(READ, what was read) or (REFUSED, what was said); any other error is a failure, and so is an empty sentence."""
    told = REFUSED
    try:
        told, found = READ, reader()
    except own as error:
        found = str(error)
    except Exception as error:
        raise AssertionError(f"{type(error).__name__}: {error}") from error
    assert told == READ or found.strip(), "refused without a word"
    return told, found


def named(*names):
    """JSON objects in which some of these names stand."""
    return st.dictionaries(st.sampled_from(names) | st.text(max_size=6), JSON, max_size=4)


def table(columns):
    """CSV bytes under a header of these columns, as a sloppy program writes them."""
    rows = st.lists(st.lists(CELL, min_size=len(columns) - 1, max_size=len(columns) + 1), max_size=4)
    return rows.map(lambda found: "\n".join([",".join(columns), *(",".join(row) for row in found)]).encode())


@MANY
@given(st.binary(max_size=400))
@example(b"\x1f\x8b\x08\x00")
@example(b'a,b\n"')
def test_a_table_of_any_bytes_is_read_or_refused(content):
    told, found = outcome(
        lambda: list(tables.read(io.BytesIO(content), required=["a"], most_bytes=10_000, most_rows=50)),
        tables.UnreadableFile,
    )
    assert told in (READ, REFUSED)
    if told == READ:
        assert len([row for row in found if isinstance(row, tables.Row)]) <= 50
        assert all("a" in row.cells if isinstance(row, tables.Row) else row.mend for row in found)


@MANY
@given(st.lists(st.lists(CELL, min_size=2, max_size=2), min_size=1, max_size=5))
def test_what_a_csv_writer_wrote_is_read_as_it_was(rows):
    import csv

    told = io.StringIO()
    csv.writer(told).writerows([["a", "b"], *rows])
    found = list(
        tables.read(
            io.BytesIO(told.getvalue().encode()), required=["a", "b"], most_bytes=10_000, most_rows=50
        )
    )
    kept = [[row.cells["a"], row.cells["b"]] for row in found if isinstance(row, tables.Row)]
    assert len(kept) <= len(rows)
    plain = [row for row in rows if all(cell.isprintable() and cell == cell.strip() and cell for cell in row)]
    assert [row for row in plain if row not in kept] == []


@MANY
@given(table(["snapshot", "org_slug", "post_ref", "grade", "job_title", "fte", "reports_to", "name"]))
def test_senior_posts_of_any_cells_are_judged(content):
    rows = tables.read(io.BytesIO(content), required=[], most_bytes=10_000, most_rows=50)
    with_all = [r if isinstance(r, tables.Problem) else _whole(r, SENIOR_COLUMNS) for r in rows]
    assert senior_posts.seniors(with_all).read == len(with_all)


@MANY
@given(table(["snapshot", "org_slug", "reporting_senior_post", "grade", "posts_fte", "pay_min", "pay_max"]))
def test_junior_strengths_of_any_cells_are_judged(content):
    rows = tables.read(io.BytesIO(content), required=[], most_bytes=10_000, most_rows=50)
    with_all = [r if isinstance(r, tables.Problem) else _whole(r, JUNIOR_COLUMNS) for r in rows]
    assert junior_strengths.juniors(with_all).read == len(with_all)


def _whole(row, known):
    """The row with every column that the file must have: the header was judged before."""
    columns = dict.fromkeys(known, "")
    return tables.Row(row.row, row.line, columns | row.cells)


@MANY
@given(st.binary(max_size=200), st.binary(max_size=200))
@example(b"i1,i2\n0,1\n", b"s1\n1\n0\n")
@example(b"\n\x01", b"")
def test_responses_and_needs_of_any_bytes_are_read_or_refused(scores, needs):
    told, found = outcome(
        lambda: responses.read(io.BytesIO(scores), needs=io.BytesIO(needs)),
        *(tables.UnreadableFile, responses.MatricesDiffer),
    )
    assert told in (READ, REFUSED)
    if told == READ:
        assert found.scores.shape[1] == len(found.items) == found.needs.shape[0]
        assert found.needs.shape[1] == len(found.skills)
        assert set(found.scores.flat) <= {-1, 0, 1}


@MANY
@given(st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()))
@example(b"[" * 5000)
@example(b'{"a":' * 5000)
def test_an_object_file_is_an_object_or_refused(content):
    told, found = outcome(lambda: objects.decode(content, what="a test"), tables.UnreadableFile)
    assert told in (READ, REFUSED)
    assert told == REFUSED or isinstance(found, dict)


@MANY
@given(named("competencies", "title", "copyright"))
@example({"competencies": {"people": {"leading": {"level1": [[]], "level2": [{"1": 2}]}}}})
def test_a_framework_of_any_document_is_read_or_refused(document):
    told, found = outcome(lambda: framework.of(document), tables.UnreadableFile)
    assert told in (READ, REFUSED)
    if told == READ:
        levels = [c.levels for cluster in found.clusters for c in cluster.competencies]
        assert all(
            [level.number for level in some] == sorted({level.number for level in some}) for some in levels
        )
        assert all(problem.mend for problem in found.problems)


@MANY
@given(st.text(max_size=80) | st.text("0123456789+-*/(). nmaxi,", max_size=40), st.integers(0, 500))
@example("1/0", 1)
@example("n/(n-1)", 1)
@example("((((((((((", 3)
def test_a_formula_has_a_value_or_is_not_understood(text, n):
    told, found = outcome(lambda: formulas.value(text, n=n), formulas.FormulaNotUnderstood)
    assert told in (READ, REFUSED)
    assert told == REFUSED or isinstance(found, Fraction)


@MANY
@given(
    st.dictionaries(st.text("0123456789-+", max_size=6), st.text("0123456789n/*+-", max_size=8), max_size=4),
    st.integers(0, 99),
)
def test_a_table_by_count_has_a_value_or_is_not_understood(entries, n):
    told, found = outcome(lambda: formulas.by_count(entries, n=n), formulas.FormulaNotUnderstood)
    assert told in (READ, REFUSED)
    assert told == REFUSED or (isinstance(found, Fraction) and entries)


@MANY
@given(st.text(max_size=320))
def test_a_designation_is_a_title_or_none_and_its_normal_form_stays(title):
    try:
        found = designations.normal(title)
    except designations.NotATitle:
        return
    assert found.key
    assert designations.normal(title) == found


@MANY
@given(st.text(max_size=16) | st.text(codes.ALPHABET + "-oOiIlL ", min_size=12, max_size=15))
def test_a_typed_code_is_read_or_mistyped(text):
    told, found = outcome(lambda: codes.read(text), codes.MistypedCode)
    assert told in (READ, REFUSED)
    assert told == REFUSED or (len(found) == codes.LENGTH and set(found) <= set(codes.ALPHABET))


@MANY
@given(st.text(codes.ALPHABET, min_size=codes.LENGTH - 1, max_size=codes.LENGTH - 1))
def test_a_code_is_read_from_what_is_printed(payload):
    code = payload + codes._check(payload)
    printed = "-".join(code[i : i + 4] for i in range(0, len(code), 4))
    assert codes.read(printed.lower()) == code


@MANY
@given(
    st.text(max_size=120)
    | st.tuples(
        st.text(max_size=6), st.text("0123456789abcdef", max_size=8), st.text(BASE64, max_size=48)
    ).map("+".join)
)
@example("log.example+00000000+")
@example("log.example+00000000+AA==")
def test_verifier_keys_are_read_or_refused_by_both_readers(text):
    outside, keys = outcome(lambda: verify_log.read_keys(text), verify_log.Unusable)
    inside, verifier = outcome(lambda: notes.read_verifier(text), notes.MalformedNote)
    assert {outside, inside} <= {READ, REFUSED}
    if outside == READ:
        assert all((len(key.public), key.kind in (1, 4)) == (32, True) for key in keys)
    if inside == READ:
        assert (len(verifier.public), bool(verifier.name)) == (32, True)


@MANY
@given(named("path", "leaf", "position", "checkpoint", "entry") | JSON)
@example({"path": ["a"], "leaf": "{}", "position": "1", "checkpoint": "", "entry": 1})
def test_a_proof_of_any_shape_is_checked_or_refused(proof):
    report = verify_log.Report()
    told, _ = outcome(lambda: verify_log.check_proof(proof, {}, [], report), verify_log.Unusable)
    assert told in (READ, REFUSED)
    assert told == REFUSED or not report.whole, "without a key nothing is proved"
    assert len(report.findings) <= verify_log.MOST


@MANY
@given(st.binary(max_size=120) | JSON.map(lambda value: json.dumps(value).encode()))
def test_the_command_reads_any_proof_file_without_a_trace(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("proof")
    (folder / "proof.json").write_bytes(content)
    (folder / "keys").write_text("")
    assert verify_log.main([str(folder), "--proof", str(folder / "proof.json")]) in (1, 2)


@MANY
@given(st.dictionaries(st.text(max_size=8), JSON, max_size=4), JSON)
def test_a_signed_document_of_any_shape_is_valid_or_not(document, proof):
    assert not signing.verify({**document, "proof": proof}, public_keys={}).ok


@MANY
@given(st.text(max_size=300))
@example("<script>alert(1)</script>[x](javascript:alert(1))")
def test_a_page_of_any_markdown_has_no_script(text):
    page = markdown.to_page(text)
    assert "<script" not in str(page).lower()


@MANY
@given(st.text(max_size=80), st.text(max_size=120))
def test_names_made_from_an_organogram_fit_their_columns(department, slug):
    import datetime as dt

    assert len(organogram_names.code_of_group(department)) <= 80
    assert len(organogram_names.order_no(slug, dt.date(2026, 1, 1))) <= 80


@MANY
@given(
    st.binary(max_size=120)
    | (named("openid_connect", "saml") | JSON).map(lambda value: json.dumps(value).encode())
)
@example(b'{"saml": {"APPS": [{"provider_id": "a", "settings": []}]}}')
@example(b'{"openid_connect": {"APPS": [{"provider_id": [1]}]}}')
def test_a_file_of_sign_ons_is_safe_or_refused(tmp_path_factory, content):
    file = tmp_path_factory.mktemp("sign-on") / "sign-on.json"
    file.write_bytes(content)
    told, found = outcome(lambda: sign_on_file.read(str(file)), sign_on_file.SignOnNotSafe)
    assert told in (READ, REFUSED)
    if told == READ:
        assert set(found) <= set(sign_on_file.KINDS)
        apps = [app for kind in found.values() for app in kind["APPS"]]
        assert all(isinstance(app["provider_id"], str) and app["provider_id"] for app in apps)
        assert all(app["settings"]["advanced"]["strict"] for app in found.get("saml", {"APPS": []})["APPS"])


@MANY
@given(st.lists(st.binary(max_size=20), max_size=9), st.integers(0, 12))
def test_an_inclusion_proof_leads_to_the_root(entries, position):
    leaves = [merkle.leaf_hash(entry) for entry in entries]
    if position < len(leaves):
        path = merkle.inclusion_proof(leaves, position=position)
        assert verify_log.leads_to(leaves[position], position, len(leaves), path) == merkle.root(leaves)


A_KEY = "log.example+c7bf3d51+AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"
SENIOR = b"snapshot,org_slug,post_ref,grade,job_title,fte,reports_to,name\n,,,,,,,\n"
JUNIOR = b"snapshot,org_slug,reporting_senior_post,grade,posts_fte,pay_min,pay_max\n,,,,,,\n"
HELD = {
    test_a_table_of_any_bytes_is_read_or_refused: ((b"a\n1\n",), (tables, "read"), [1] * 60),
    test_what_a_csv_writer_wrote_is_read_as_it_was: (([["x", "y"]],), (tables, "read"), []),
    test_senior_posts_of_any_cells_are_judged: ((SENIOR,), (senior_posts, "seniors"), None),
    test_junior_strengths_of_any_cells_are_judged: ((JUNIOR,), (junior_strengths, "juniors"), None),
    test_responses_and_needs_of_any_bytes_are_read_or_refused: (
        (b"i1,i2\n0,1\n", b"s1\n1\n0\n"), (responses, "read"), None,
    ),
    test_an_object_file_is_an_object_or_refused: ((b"{}",), (objects, "decode"), []),
    test_a_framework_of_any_document_is_read_or_refused: (({"competencies": {}},), (framework, "of"), None),
    test_a_formula_has_a_value_or_is_not_understood: (("n+1", 2), (formulas, "value"), 0.1),
    test_a_table_by_count_has_a_value_or_is_not_understood: (({"1-9": "n"}, 2), (formulas, "by_count"), None),
    test_a_designation_is_a_title_or_none_and_its_normal_form_stays: (
        ("Section Officer",), (designations, "normal"), SimpleNamespace(key=""),
    ),
    test_a_typed_code_is_read_or_mistyped: (("0000-0000-0000",), (codes, "read"), "short"),
    test_a_code_is_read_from_what_is_printed: (("0" * (codes.LENGTH - 1),), (codes, "read"), "short"),
    test_verifier_keys_are_read_or_refused_by_both_readers: (
        (A_KEY,), (notes, "read_verifier"), SimpleNamespace(public=b"", name=""),
    ),
    test_a_proof_of_any_shape_is_checked_or_refused: (({},), (verify_log, "check_proof"), None),
    test_a_signed_document_of_any_shape_is_valid_or_not: (({}, {}), (signing, "verify"), SimpleNamespace(ok=True)),
    test_a_page_of_any_markdown_has_no_script: (("a",), (markdown, "to_page"), "<script>"),
    test_names_made_from_an_organogram_fit_their_columns: (
        ("a", "b"), (organogram_names, "order_no"), "x" * 81,
    ),
    test_an_inclusion_proof_leads_to_the_root: (([b"a"], 0), (verify_log, "leads_to"), b""),
}  # fmt: skip
IN_FILES = {
    test_the_command_reads_any_proof_file_without_a_trace: ((b"{}",), (verify_log, "main"), 0),
    test_a_file_of_sign_ons_is_safe_or_refused: ((b"{}",), (sign_on_file, "read"), {"saml": {"APPS": [{}]}}),
}
"""Each test -> an example, the reader under test, and an answer of it beyond what the test allows."""


@pytest.mark.parametrize("test", [*HELD, *IN_FILES], ids=lambda test: test.__name__)
@pytest.mark.parametrize("fault", ["another error", "a wrong answer", "none"])
def test_every_test_of_this_file_can_fail(monkeypatch, tmp_path_factory, test, fault):
    """Planted bugs: each reader breaks with an error that is not its own, or answers beyond its limits."""
    example, reader, wrong = (HELD | IN_FILES)[test]
    given = (tmp_path_factory, *example) if test in IN_FILES else example
    holds = test.hypothesis.inner_test
    if fault == "none":
        assert holds(*given) is None
        return

    def broken(*_, **__):
        if fault == "another error":
            raise KeyError("id")
        return wrong

    monkeypatch.setattr(*reader, broken)
    with pytest.raises((AssertionError, KeyError, AttributeError, TypeError)):
        holds(*given)


def test_no_test_of_this_file_is_left_out_of_that():
    here = {
        value
        for name, value in globals().items()
        if name.startswith("test_") and hasattr(value, "hypothesis")
    }
    assert here == HELD.keys() | IN_FILES.keys()


def test_a_parser_that_lets_another_error_out_is_caught():
    """Planted bug: the property of this file, on a reader that trusts what it is given."""

    def careless(text):
        return uuid.UUID(json.loads(text)["id"])

    @settings(max_examples=50, database=None)
    @given(st.text() | st.just("{}"))
    @example("{}")
    def holds(text):
        with contextlib.suppress(json.JSONDecodeError):
            careless(text)

    with pytest.raises(KeyError):
        holds()
