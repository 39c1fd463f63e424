"""The sealed log: nothing is lost, nothing is changed, and an outsider can tell."""

import datetime as dt
import json
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from karmayogi.institutions import (
    audit,
    audit_channels,
    audit_erasure,
    audit_export,
    audit_proofs,
    audit_sealing,
    audit_tree,
    audit_witnesses,
)
from karmayogi.institutions.audit import Trace
from karmayogi.institutions.models import AuditCheckpoint, AuditLeaf, AuditNode, AuditRow
from karmayogi.registry import ids, roles
from karmayogi.registry.acting import acting, as_worker
from karmayogi.standards import merkle, notes, verify_log

INSERT = (
    "INSERT INTO institutions_auditrow (id, at, act, object_kind, object_id, reason, details)"
    " VALUES (gen_random_uuid(), now(), 'test.act', 'test', %s, '', '{}')"
)


def now():
    return timezone.now()


def write(count, act="test.act"):
    with as_worker():
        return [audit.record(act, actor=None, object_kind="test", object_id=n) for n in range(count)]


def seal(**options):
    return audit_sealing.seal(now=now(), **options)


def sealed_objects():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.object_id FROM institutions_auditleaf l JOIN institutions_auditrow r ON r.id = l.id"
            " ORDER BY l.position"
        )
        return [text for (text,) in cursor.fetchall()]


def export(**options):
    with connection.cursor() as cursor:
        return list(audit_export.lines(cursor, **options))


def folder(path):
    return audit_channels.Folder(path, audit_sealing.known_keys())


def verified(path, lines, **options):
    return verify_log.verify(path, lines, **options)


# --- Sealing ---------------------------------------------------------------------------------------------------------


def test_what_is_committed_is_sealed_once_in_order(committed):
    first = write(3)
    assert (seal().entries, seal().entries) == (3, 0)
    second = write(2)
    done = seal()
    assert (done.entries, done.size, done.left) == (2, 5, False)
    assert list(AuditLeaf.objects.order_by("position").values_list("id", flat=True)) == [*first, *second]
    assert audit_sealing.oldest_unsealed() is None


def test_the_checkpoint_is_signed_and_names_the_root_over_all_leaves(committed):
    write(600)
    seal()
    point = AuditCheckpoint.objects.get()
    note = notes.read(point.note)
    (key,) = audit_sealing.known_keys()
    assert notes.signed_by(note, [key]) == [key]
    leaves = [bytes(h) for h in AuditLeaf.objects.order_by("position").values_list("hash", flat=True)]
    assert notes.read_checkpoint(note).root == merkle.root(leaves) == bytes(point.root)


@pytest.mark.parametrize("limit", [1, 7, 300])
def test_sealing_in_pieces_gives_the_same_tree_as_at_once(committed, limit):
    write(min(700, 40 * limit))
    while seal(limit=limit).left:
        pass
    leaves = [bytes(h) for h in AuditLeaf.objects.order_by("position").values_list("hash", flat=True)]
    size = len(leaves)
    assert audit_tree.root(size) == merkle.root(leaves)
    assert AuditNode.objects.filter(level=1).count() == size // 256
    for first in {1, size // 3, size - 1} - {0}:
        stored = audit_tree.hashes(merkle.consistency_ranges(first, size=size))
        assert stored == merkle.consistency_proof(leaves, first=first)


def late_commit(url, sealing):
    """A transaction writes first and commits after another one was sealed; what is in the log at the end."""
    with psycopg.connect(url) as slow, psycopg.connect(url, autocommit=True) as quick:
        slow.execute(INSERT, ["slow"])
        quick.execute(INSERT, ["quick"])
        sealing()
        between = sealed_objects()
        slow.commit()
    sealing()
    return between, sealed_objects()


def test_a_row_that_commits_late_holds_nobody_up_and_is_not_lost(committed):
    write(1)
    seal()
    assert late_commit(committed, seal) == (["0", "quick"], ["0", "quick", "slow"])


def test_a_sealer_that_goes_by_the_highest_number_loses_rows(committed, monkeypatch):
    """Planted bug: "everything up to the newest sealed transaction is done". The test above sees what it loses."""
    write(1)
    seal()
    forgetful = audit_sealing.TAKE.replace(
        "AND NOT pg_visible_in_snapshot(r.xid, %(before)s::pg_snapshot)", ""
    ).replace(
        "r.xid >= pg_snapshot_xmin(%(before)s::pg_snapshot)",
        "%(before)s <> '' AND r.xid > (SELECT max(s.xid) FROM institutions_auditrow s"
        " JOIN institutions_auditleaf t ON t.id = s.id)",
    )
    assert forgetful != audit_sealing.TAKE
    monkeypatch.setattr(audit_sealing, "TAKE", forgetful)
    assert late_commit(committed, seal)[1] == ["0", "quick"]


def test_what_was_rolled_back_never_enters_the_log(committed):
    with psycopg.connect(committed) as c:
        c.execute(INSERT, ["undone"])
        c.rollback()
    write(1)
    seal()
    assert sealed_objects() == ["0"]


def test_many_writers_and_two_sealers_lose_and_double_nothing(committed):
    over, written = threading.Event(), []

    def writer(number):
        with psycopg.connect(committed) as c:
            for n in range(25):
                c.execute(INSERT, [f"{number}.{n}"])
                time.sleep(0.002 * (number % 4))
                if n % 9 == 8:
                    c.rollback()
                else:
                    c.commit()
                    written.append(f"{number}.{n}")

    def sealer():
        while not over.is_set():
            try:
                seal()
            except audit_sealing.AnotherSeals:
                time.sleep(0.001)
        connection.close()

    writers = [threading.Thread(target=writer, args=(n,)) for n in range(8)]
    sealers = [threading.Thread(target=sealer) for _ in range(2)]
    for thread in (*writers, *sealers):
        thread.start()
    for thread in writers:
        thread.join()
    over.set()
    for thread in sealers:
        thread.join()
    seal()
    assert sorted(sealed_objects()) == sorted(written)


def test_sealing_inside_a_transaction_is_refused(committed):
    with as_worker(), pytest.raises(audit_sealing.SealsAlone):
        seal()


def test_numbers_that_began_anew_elsewhere_lose_no_row(committed):
    """After a restore into another cluster the old snapshot says nothing; every unsealed row is looked for."""
    write(2)
    seal()
    with psycopg.connect(committed) as c:
        c.execute("SET LOCAL session_replication_role = replica")
        c.execute("UPDATE institutions_auditcheckpoint SET system = '1', snapshot = '999999999:999999999:'")
    write(2)
    assert (seal().entries, seal().entries) == (2, 0)


# --- Protection ------------------------------------------------------------------------------------------------------

CHANGES = (
    "UPDATE institutions_auditrow SET reason = 'x'",
    "UPDATE institutions_auditrow SET salt = NULL",
    "DELETE FROM institutions_auditrow",
    "UPDATE institutions_auditleaf SET leaf = 'x'",
    "DELETE FROM institutions_auditleaf",
    "UPDATE institutions_auditnode SET hash = ''",
    "DELETE FROM institutions_auditcheckpoint",
    "UPDATE institutions_auditcheckpoint SET note = ''",
    "DELETE FROM institutions_auditcosignature",
)


def refused(change, who, match):
    """Tries one change in a role's own transaction."""
    with pytest.raises(Exception, match=match), who(), connection.cursor() as cursor:
        cursor.execute(change)


def test_neither_the_worker_nor_the_web_role_changes_what_was_written(committed, tmp_path):
    write(256)
    seal()
    audit_witnesses.deliver([folder(tmp_path)], now=now())
    for change in CHANGES:
        refused(change, as_worker, r"kept as it was written|appended to")
        refused(change, acting, "permission denied")


def test_nobody_chooses_salt_or_transaction_of_a_row(committed):
    row = AuditRow(at=now(), act="test.act", object_kind="t", object_id="1", salt=b"mine", xid="3")
    with as_worker():
        row.save(force_insert=True)
    kept = AuditRow.objects.get()
    assert len(bytes(kept.salt)) == 32
    assert int(kept.xid) > 3
    with as_worker():
        other = AuditRow.objects.get(id=audit.record("a.b", actor=None, object_kind="t", object_id=1))
    assert bytes(other.salt) != bytes(kept.salt)


def test_the_web_role_writes_in_its_own_name_only(committed):
    me, other = ids.new(), ids.new()
    with acting(actor=me):
        audit.record("test.act", actor=me, object_kind="t", object_id=1)
    for wrong in (other, None):
        with pytest.raises(Exception, match="row-level security"), acting(actor=me):
            audit.record("test.act", actor=wrong, object_kind="t", object_id=1)


def test_what_happens_once_is_written_once(committed):
    entry = audit.entry_of("order.issue", 5)
    with as_worker():
        assert audit.record("order.issue", actor=None, object_kind="order", object_id=5, entry=entry) == entry
        again = [Trace(ids.new(), {}, entry)]
        assert (
            audit.record_all("order.issue", again, actor=None, object_kind="order", reason="", now=now()) == 0
        )


# --- Export, erasure, proof ------------------------------------------------------------------------------------------


def test_an_untouched_log_is_found_whole(committed, tmp_path):
    for _ in range(3):
        write(5)
        seal()
        assert audit_witnesses.deliver([folder(tmp_path)], now=now()) == 1
    write(1)
    seal()
    report = verified(tmp_path, export())
    assert report.findings == []
    assert (report.entries, report.covered, report.checkpoints) == (16, 15, 3)
    assert verified(tmp_path, export(leaves_only=True), leaves_only=True).whole
    assert not verified(tmp_path, export(leaves_only=True)).whole


@contextmanager
def vandal(url):
    with psycopg.connect(url) as c:
        c.execute("SET LOCAL session_replication_role = replica")
        yield c


def test_a_changed_row_is_found_by_its_place(committed, tmp_path):
    entries = write(5)
    seal()
    audit_witnesses.deliver([folder(tmp_path)], now=now())
    with vandal(committed) as c:
        c.execute("UPDATE institutions_auditrow SET reason = 'other' WHERE id = %s", [entries[3]])
    (found,) = verified(tmp_path, export()).findings
    assert (found["kind"], found["position"]) == ("edited", 3)


def test_erasing_keeps_the_log_whole_and_says_so(committed, tmp_path):
    person = ids.new()
    with as_worker():
        mine = audit.record("test.act", actor=person, object_kind="t", object_id=9, reason="Private.")
        about = audit.record("test.act", actor=None, object_kind="person", object_id=person)
    write(2)
    with as_worker(), pytest.raises(audit_erasure.NotSealedYet):
        audit_erasure.erase([mine], by=None, reason="R", now=now())
    seal()
    with as_worker():
        assert audit_erasure.about(person) == [mine, about]
        assert audit_erasure.erase([mine, about], by=None, reason="R", now=now()) == 2
        assert audit_erasure.erase([mine, about], by=None, reason="R", now=now()) == 0
    audit_witnesses.deliver([folder(tmp_path)], now=now())
    assert verified(tmp_path, export()).whole, "nothing is gone that the sealed log does not explain"
    seal()
    audit_witnesses.deliver([folder(tmp_path)], now=now() + dt.timedelta(seconds=9))
    assert audit_erasure.about(person) == []
    report = verified(tmp_path, export())
    assert (report.whole, report.erased, report.entries) == (True, 2, 6)
    assert not any(word in "".join(export()) for word in ("Private.", str(person)))


def test_the_web_role_erases_nothing(committed):
    (entry,) = write(1)
    seal()
    with pytest.raises(Exception, match="row-level security"), acting():
        audit.record("audit.erase", actor=None, object_kind="audit", object_id=entry)


def test_erasing_is_all_or_nothing_of_a_row(committed):
    (entry,) = write(1)
    seal()
    half = "UPDATE institutions_auditrow SET salt = NULL, act = 'other' WHERE id = %s"
    with as_worker(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.purpose', 'erasure', true)")
        with pytest.raises(IntegrityError, match="erased, whole"):
            cursor.execute(half, [entry])
        transaction.set_rollback(True)


def test_the_proof_of_an_entry_holds_for_an_outsider(committed, tmp_path):
    entries = write(300)
    seal()
    audit_witnesses.deliver([folder(tmp_path)], now=now())
    write(9)
    seal()
    for entry in (entries[0], entries[255], entries[299]):
        proof = audit_proofs.proof_of(entry)
        assert (proof.size, proof.witnesses) == (300, (folder(tmp_path).name,))
        leaf = merkle.leaf_hash(proof.leaf.encode())
        root = notes.read_checkpoint(notes.read(proof.checkpoint)).root
        assert merkle.verify_inclusion(leaf, position=proof.position, size=300, proof=proof.path, root=root)
    assert outsider(tmp_path, tmp_path, proof.as_json()) == 0
    assert outsider(tmp_path, tmp_path, proof.as_json() | {"leaf": proof.leaf.replace("test", "best")}) == 1
    assert outsider(tmp_path, tmp_path, proof.as_json() | {"entry": str(ids.new())}) == 1
    with acting():
        assert audit_proofs.proof_of(entries[0]).position == 0
    with pytest.raises(audit_proofs.NotInLog):
        audit_proofs.proof_of(ids.new())


def outsider(checkpoints: Path, place: Path, proof) -> int:
    """The verifier as its own process, without this project on its path."""
    (place / "proof.json").write_text(json.dumps(proof), encoding="utf-8")
    command = [sys.executable, "-I", verify_log.__file__, checkpoints, "--proof", place / "proof.json"]
    return subprocess.run(command, capture_output=True, check=False).returncode


# --- Witnesses -------------------------------------------------------------------------------------------------------


def test_a_folder_that_cannot_be_reached_is_caught_up_later(committed, tmp_path):
    blocked = tmp_path / "drive"
    blocked.write_text("not a folder")
    witness = folder(blocked)
    write(2)
    seal()
    at = now()
    assert audit_witnesses.deliver([witness], now=at) == 0
    (standing,) = audit_witnesses.standings([witness.name])
    assert (standing.failures, standing.behind, standing.well, standing.refused) == (1, 2, False, False)
    blocked.unlink()
    assert audit_witnesses.deliver([witness], now=at) == 0, "it is not asked again at once"
    write(1)
    seal()
    assert audit_witnesses.deliver([witness], now=at + dt.timedelta(seconds=2)) == 1
    (standing,) = audit_witnesses.standings([witness.name])
    assert (standing.size, standing.behind, standing.well) == (3, 0, True)


def test_a_log_that_was_rolled_back_and_went_on_is_refused(committed, tmp_path):
    write(3)
    seal()
    audit_witnesses.deliver([folder(tmp_path)], now=now())
    with vandal(committed) as c:
        for table in ("auditleaf", "auditcheckpoint", "auditcosignature", "auditwitness", "auditrow"):
            c.execute(f"DELETE FROM institutions_{table}")
    write(3)
    seal()
    assert audit_witnesses.deliver([folder(tmp_path)], now=now()) == 0
    (standing,) = audit_witnesses.standings([folder(tmp_path).name])
    assert standing.refused
    assert "something else about 3 entries" in standing.said
    assert not verified(tmp_path, export()).whole


def test_the_seed_of_the_log_is_closed_to_everyone_but_the_signer(committed):
    write(1)
    seal()
    with pytest.raises(Exception, match="permission denied"), acting(), connection.cursor() as cursor:
        cursor.execute("SELECT seed FROM registry_signingseed")
    with as_worker(), connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(%s, 'registry_signingseed', 'SELECT')", [roles.MONITOR])
        assert cursor.fetchone() == (False,)
