"""Export and erasure on the demonstration: what no law keeps is gone, the rest explained, and the log verifies."""

import datetime as dt
import io
import json
import zipfile

import psycopg
import pytest
from click.testing import CliRunner
from django.core.files import storage
from django.db import connection
from django.utils import timezone

from karmayogi.cli import cli, environment
from karmayogi.institutions import audit, audit_channels, audit_export, audit_sealing, audit_witnesses, people
from karmayogi.institutions.models import PersonAlias
from karmayogi.institutions.people import NewPerson
from karmayogi.journeys import deletions, erasure, my_data, traces
from karmayogi.policy import holds, purposes
from karmayogi.registry import files, keys, notices
from karmayogi.registry.acting import as_worker
from karmayogi.standards import verify_log

TWO = ("--by", "nandini", "--approved-by", "khandelwal")
NAME = "Meenakshi Selvam"


@pytest.fixture
def committed(databases, django_db_blocker):
    """Django on a fresh copy of the demonstration as the worker role; its address as the superuser."""
    with django_db_blocker.unblock(), databases.committed("demo") as address:
        yield address


@pytest.fixture
def her(committed):
    """The id of an official with rows nearly everywhere, two entries in the log (one of them old) and an export."""
    with as_worker():
        (person,) = people.find("meenakshi")
        audit.record("test.act", actor=person, object_kind="test", object_id=1, reason="Her reason.")
        my_data.keep(person, language="hi", now=timezone.now())
    return person


def two():
    """Who asks for an erasure and who approves it."""
    with as_worker():
        (asks,), (approves,) = people.find("nandini"), people.find("khandelwal")
    return {"asked_by": asks, "approved_by": approves}


def found_by_an_outsider(url, person):
    """table -> rows with the id in any column of any table, read by the superuser past every policy."""
    with psycopg.connect(url) as open:
        tables = open.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        counts = {
            name: open.execute(
                f'SELECT count(*) FROM "{name}" t WHERE t::text LIKE %s', [f"%{person}%"]
            ).fetchone()[0]
            for (name,) in tables
        }
    return {name: count for name, count in counts.items() if count}


def seal():
    while audit_sealing.seal(now=timezone.now()).left:
        pass


def test_the_command_writes_one_zip_and_lists_every_table(committed, tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "prepare", lambda role: None)
    path = tmp_path / "her.zip"
    told = CliRunner().invoke(cli, ["privacy", "export", "meenakshi", "--to", str(path)])
    assert told.exit_code == 0, told.output
    index = json.loads(zipfile.ZipFile(path).read("index.json"))
    assert {t["table"] for t in index["tables"]} == set(keys.tables())
    assert all(t["table"] in told.output for t in index["tables"])
    assert sum(1 for t in index["tables"] if t["rows"]) > 12


def test_a_dry_run_tells_the_plan_and_changes_nothing(committed, her, monkeypatch):
    monkeypatch.setattr(environment, "prepare", lambda role: None)
    before = found_by_an_outsider(committed, her)
    told = CliRunner().invoke(cli, ["privacy", "erase", "meenakshi", "--dry-run"])
    assert told.exit_code == 0, told.output
    assert "Public Records Act 1993" in told.output
    assert "institutions_account" in told.output
    assert found_by_an_outsider(committed, her) == before


def test_what_is_left_is_explained_by_a_law_and_the_log_still_verifies(committed, her, tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "prepare", lambda role: None)
    seal()
    before = found_by_an_outsider(committed, her)
    with as_worker():
        digests = files.digests_of(her)
    assert digests
    paper = tmp_path / "certificate.json"
    told = CliRunner().invoke(
        cli,
        ["privacy", "erase", "meenakshi", "--order", "R/7", *TWO, "--certificate", str(paper)],
        catch_exceptions=False,
    )
    assert told.exit_code == 0, told.output
    after = found_by_an_outsider(committed, her)
    certificate = json.loads(paper.read_text())
    laws = {s["table"]: s["law"] for s in certificate["steps"] if s["does"] == "keep"}
    assert after == certificate["left"]
    assert [t for t in after if not (laws | traces.laws_by_table()).get(t)] == []
    assert {"institutions_account", "competency_evidence", "learning_enrolment", "assessment_sitting"} <= set(
        before
    )
    gone = {
        "institutions_account",
        "learning_enrolment",
        "assessment_sitting",
        "registry_file",
        "planning_plan",
    }
    assert not gone & set(after)
    assert not any(storage.default_storage.exists(f"{d[:2]}/{d[2:4]}/{d}") for d in digests)
    assert str(her) not in paper.read_text()
    assert NAME not in paper.read_text()
    seal()
    folder = audit_channels.Folder(tmp_path / "w", audit_sealing.known_keys())
    audit_witnesses.deliver([folder], now=timezone.now())
    with connection.cursor() as cursor:
        report = verify_log.verify(tmp_path / "w", list(audit_export.lines(cursor)))
    assert report.whole


def test_entries_past_their_time_are_erased_by_the_next_seal_and_the_log_verifies(committed, her, tmp_path):
    seal()
    late = timezone.now() + dt.timedelta(days=400)
    done = erasure.erase(her, reason="R/8", now=late, **two())
    seal()
    assert "institutions_auditrow" in {s.table for s in done.steps if s.does == "delete"}
    assert "institutions_auditrow" not in found_by_an_outsider(committed, her)
    folder = audit_channels.Folder(tmp_path / "w", audit_sealing.known_keys())
    audit_witnesses.deliver([folder], now=late)
    with connection.cursor() as cursor:
        lines = list(audit_export.lines(cursor))
    report = verify_log.verify(tmp_path / "w", lines)
    assert report.whole
    assert report.erased >= 1
    assert "Her reason." not in "".join(lines)


def test_nobody_else_loses_a_row(committed, her):
    with as_worker():
        (other,) = people.find("devidas")
    before = found_by_an_outsider(committed, other)
    erasure.erase(her, reason="R/9", now=timezone.now(), **two())
    assert found_by_an_outsider(committed, other) == before


def test_somebody_without_a_service_record_leaves_nothing_but_young_log_entries(committed):
    with as_worker():
        people.enrol([people.NewPerson("guest", "Guest Lecturer")])
        (guest,) = people.find("guest")
        files.keep(io.BytesIO(b"cv"), name="cv.txt", media_type="text/plain", owner=guest, now=timezone.now())
    erasure.erase(guest, reason="R/10", now=timezone.now(), **two())
    assert found_by_an_outsider(committed, guest) == {}


def test_a_second_erasure_finds_only_what_the_law_keeps(committed, her):
    erasure.erase(her, reason="R/11", now=timezone.now(), **two())
    with as_worker():
        again = erasure.plan(her, now=timezone.now())
    assert {step.does for step in again} - {"keep"} <= {"empty"}
    assert {(s.table, s.field) for s in again if s.does == "empty"} <= {("institutions_person", "language")}


def test_a_row_that_is_forgotten_undoes_the_whole(committed, her, monkeypatch):
    whole = traces.deletions
    monkeypatch.setattr(traces, "deletions", lambda tables: whole(set(tables) - {"registry_notice"}))
    before = found_by_an_outsider(committed, her)
    with pytest.raises(erasure.UnexplainedRows, match="registry_notice"):
        erasure.erase(her, reason="R/12", now=timezone.now(), **two())
    assert found_by_an_outsider(committed, her) == before


def test_every_kept_row_of_the_register_names_its_law():
    kept = [line for line in purposes.lines().values() if line.at_erasure == "keep"]
    assert all(purposes.purposes()[line.purpose].blocked_by for line in kept)


def test_erasure_leaves_no_file_of_hers_and_none_that_no_row_explains(committed, her):
    with as_worker():
        proof = files.keep(
            io.BytesIO(b"%PDF-her"),
            name="proof.pdf",
            media_type="application/pdf",
            owner=her,
            now=timezone.now(),
        )
        before = files.walk()
    assert proof.sha256 not in before.strays
    seal()
    erasure.erase(her, reason="R/13", now=timezone.now(), **two())
    with as_worker():
        after = files.walk()
    assert set(after.strays) == set(before.strays)
    assert (after.missing, after.foreign) == (before.missing, before.foreign)
    assert after.files < before.files


def test_a_file_whose_row_went_without_its_bytes_is_found(committed, her):
    """Planted: the row goes, the bytes stay."""
    with as_worker():
        card = files.keep(
            io.BytesIO(b"left"), name="l.txt", media_type="text/plain", owner=her, now=timezone.now()
        )
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM registry_file WHERE id = %s", [card.id])
        assert card.sha256 in files.walk().strays
        files.discard([card.sha256])
        assert card.sha256 not in files.walk().strays


def test_who_is_under_hold_is_not_erased(committed, her):
    with as_worker():
        holds.place("H/1", reason="Court case 7", person=her, now=timezone.now(), **two())
    before = found_by_an_outsider(committed, her)
    with pytest.raises(erasure.UnderHold, match="H/1"):
        erasure.erase(her, reason="R/14", now=timezone.now(), **two())
    assert found_by_an_outsider(committed, her) == before


def test_nobody_erases_alone_nor_approves_their_own_erasure(committed, her):
    for asks, approves in [(two()["asked_by"],) * 2, (two()["asked_by"], her)]:
        with pytest.raises(holds.SamePerson):
            erasure.erase(her, reason="R/15", now=timezone.now(), asked_by=asks, approved_by=approves)


def test_the_list_covers_every_table_with_a_key_of_a_person(committed, monkeypatch):
    monkeypatch.setattr(environment, "prepare", lambda role: None)
    told = CliRunner().invoke(cli, ["privacy", "export", "--list"], catch_exceptions=False)
    assert told.exit_code == 0, told.output
    assert " 0 not covered." in told.output
    assert all(name in told.output for name in keys.tables())


def test_the_log_verifies_after_retention_by_order_and_a_held_person_keeps_everything(
    committed, her, tmp_path, monkeypatch
):
    monkeypatch.setattr(environment, "prepare", lambda role: None)
    with as_worker():
        holds.place("H/2", reason="Court case 8", person=her, now=timezone.now(), **two())
        with connection.cursor() as cursor:
            # Everything that may age does: as if ten years had passed.
            cursor.execute("UPDATE registry_notice SET at = at - interval '10 years'")
            cursor.execute("UPDATE registry_jobrun SET finished_at = finished_at - interval '10 years'")
    seal()
    before = found_by_an_outsider(committed, her)
    paper = tmp_path / "deletion.json"
    ran = CliRunner().invoke(
        cli,
        ["privacy", "retain", "--order", "R/20", *TWO, "--certificate", str(paper)],
        catch_exceptions=False,
    )
    assert ran.exit_code == 0, ran.output
    after = found_by_an_outsider(committed, her)
    assert {k: v for k, v in after.items() if not k.startswith("institutions_audit")} == {
        k: v for k, v in before.items() if not k.startswith("institutions_audit")
    }
    with as_worker():
        assert deletions.genuine(json.loads(paper.read_text()))
    assert "registry_notice" in paper.with_suffix(".txt").read_text()
    seal()
    folder = audit_channels.Folder(tmp_path / "w", audit_sealing.known_keys())
    audit_witnesses.deliver([folder], now=timezone.now())
    with connection.cursor() as cursor:
        assert verify_log.verify(tmp_path / "w", list(audit_export.lines(cursor))).whole


def test_a_joined_set_is_handed_out_and_erased_whole_and_the_log_verifies(committed, her, tmp_path):
    """Two records of one person: the copy holds both, the erasure leaves neither, and nobody approves their own."""
    now = timezone.now()
    with as_worker():
        people.enrol([NewPerson("meena.old", "Meenakshi Selvan", "OLD-1")])
        old = people.by_codes(["OLD-1"])["OLD-1"]
        notices.tell(old, "observed", params={}, now=now, key="old:1")
        audit.record("test.act", actor=old, object_kind="test", object_id=2, reason="Her other reason.")
        PersonAlias.objects.create(
            person_id=her, other_id=old, alias=str(old), kind="person", order_no="1", since=now
        )
        found = my_data.collect(her)
    assert {row["employee_code"] for row in found["institutions_person"]} >= {"OLD-1"}
    assert any(row["key"] == "old:1" for row in found["registry_notice"])
    seal()
    both = two()
    with pytest.raises(holds.SamePerson):
        erasure.erase(her, reason="R/9", asked_by=both["asked_by"], approved_by=old, now=now)
    done = erasure.erase(her, reason="R/9", now=now, **both)
    for id in (her, old):
        left = found_by_an_outsider(committed, id)
        assert [table for table in left if table not in done.left] == []
        assert not {"institutions_account", "registry_notice", "learning_enrolment", "planning_plan"} & set(
            left
        )
    seal()
    folder = audit_channels.Folder(tmp_path / "w", audit_sealing.known_keys())
    audit_witnesses.deliver([folder], now=timezone.now())
    with connection.cursor() as cursor:
        assert verify_log.verify(tmp_path / "w", list(audit_export.lines(cursor))).whole
