"""A result, a certificate and an order each hand out a proof that an outsider's program accepts, and only whole."""

import json
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from karmayogi.assessment import endings
from karmayogi.credentials import verify
from karmayogi.institutions import audit_channels, audit_sealing, audit_witnesses
from karmayogi.standards import verify_log

from ..signing import sign_in
from .oracle import rows


@pytest.fixture(scope="module")
def committed(databases, django_db_blocker):
    """The demonstration where what is written is committed, because only that is sealed."""
    with django_db_blocker.unblock(), databases.committed("demo") as address:
        yield address


@pytest.fixture(scope="module")
def issued(committed, tmp_path_factory):
    """(folder of a witness, addresses of the proofs by what they are of, who may open each) after a sealing."""
    order, official = an_order()
    her = sign_in(Client(), "meenakshi")
    sitting = a_result(her)
    code = next(c for c in codes("meenakshi") if held(verify.entry(c)))
    pages = {
        "result": (f"/checks/{sitting}/result/", f"/checks/{sitting}/result/proof/", her),
        "certificate": ("/record/", f"/verify/{code}/log/", Client()),
        "order": ("/posts/orders/", f"/posts/orders/{order}/proof/", sign_in(Client(), "khandelwal")),
        "own order": ("/record/orders/", f"/record/orders/{order}/proof/", sign_in(Client(), official)),
    }
    before = {what: client.get(address).content.decode() for what, (_, address, client) in pages.items()}
    missing = {
        what: client.get(f"{address}?as=file").status_code for what, (_, address, client) in pages.items()
    }
    while audit_sealing.seal(now=timezone.now()).left:
        pass
    folder = tmp_path_factory.mktemp("witness")
    channel = audit_channels.Folder(folder, audit_sealing.known_keys())
    audit_witnesses.deliver([channel], now=timezone.now())
    return folder, pages, before, missing, (order, official, her)


def held(entry):
    return bool(rows("SELECT 1 FROM institutions_auditrow WHERE id = %s", entry))


def a_result(client):
    """The id of a check that was begun and ended."""
    ((competency,),) = rows("SELECT id FROM competency_competency WHERE key = 'tender-evaluation'")
    sitting = client.post(f"/competencies/{competency}/check/begin/")["Location"].strip("/").split("/")[1]
    client.post(f"/checks/{sitting}/stop/")
    assert held(endings.entry_of(UUID(sitting)))
    return UUID(sitting)


def codes(login):
    return [c for (c,) in rows(
        "SELECT code FROM credentials_statement JOIN institutions_account a USING (person_id) WHERE a.login = %s", login
    )]  # fmt: skip


def an_order():
    """(id, official) of an order that the Board recommended and a second officer issued today."""
    board, code = sign_in(Client(), "khandelwal"), "MORD-1/SSO-PROC-1"
    board.post(f"/posts/vacancies/{code}/rank/")
    page = board.get(f"/posts/vacancies/{code}/").content.decode()
    ranking = page.partition('name="ranking" value="')[2].partition('"')[0]
    for piece in page.split('name="who" value="')[1:]:
        who = piece.partition('"')[0]
        board.post(
            f"/posts/vacancies/{code}/recommend/", {"who": who, "ranking": ranking, "why": "The best proof."}
        )
        made = rows("SELECT id FROM ehrms_order WHERE state = 'recommended' ORDER BY made_at DESC LIMIT 1")
        if made:
            sign_in(Client(), "hazarika").post(f"/posts/orders/{made[0][0]}/issue/")
            ((state,),) = rows("SELECT state FROM ehrms_order WHERE id = %s", made[0][0])
            assert state == "in_force"
            return made[0][0], UUID(who)
    raise AssertionError("no order was drafted")


def outsider(folder: Path, place: Path, proof) -> subprocess.CompletedProcess:
    """The verifier that the site hands out, as its own process, without this project on its path."""
    (place / "proof.json").write_text(json.dumps(proof), encoding="utf-8")
    (place / "verify_log.py").write_bytes(Client().get("/about/verifier/").content)
    command = [
        sys.executable,
        "-I",
        str(place / "verify_log.py"),
        str(folder),
        "--proof",
        str(place / "proof.json"),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False)


WHAT = ("result", "certificate", "order", "own order")


@pytest.mark.parametrize("what", WHAT)
def test_the_page_leads_to_a_proof_that_an_outsider_accepts(issued, tmp_path, what):
    folder, pages, _before, _missing, _who = issued
    page, address, client = pages[what]
    if what != "certificate":
        assert f'href="{address}"' in client.get(page).content.decode()
    shown = client.get(address).content.decode()
    assert "It stands in the log" in shown
    assert "verify_log.py" in shown
    file = client.get(f"{address}?as=file")
    assert "attachment" in file["Content-Disposition"]
    proof = file.json()
    assert {"entry", "leaf", "position", "path", "checkpoint", "check"} <= set(proof)
    done = outsider(folder, tmp_path, proof)
    assert (done.returncode, "WHOLE" in done.stdout) == (0, True), done.stdout + done.stderr


@pytest.mark.parametrize("what", WHAT)
def test_a_proof_that_was_changed_anywhere_is_refused(issued, tmp_path, what):
    folder, pages, _before, _missing, _who = issued
    _page, address, client = pages[what]
    proof = client.get(f"{address}?as=file").json()
    leaf, size = json.loads(proof["leaf"]), proof["size"]
    changed = {
        "the act": {"leaf": proof["leaf"].replace('"act":"', '"act":"x')},
        "the time": {"leaf": proof["leaf"].replace(leaf["at"], "2020-01-01T00:00:00.000000Z")},
        "the entry": {"entry": "00000000-0000-8000-8000-000000000000"},
        "the place": {"position": proof["position"] + 1},
        "the path": {"path": [proof["path"][-1], *proof["path"][1:]] if len(set(proof["path"])) > 1 else []},
        "the checkpoint": {"checkpoint": proof["checkpoint"].replace(f"\n{size}\n", f"\n{size + 1}\n")},
    }
    for where, edit in changed.items():
        assert outsider(folder, tmp_path, proof | edit).returncode == 1, where


def test_the_proof_of_another_entry_does_not_pass_for_this_one(issued, tmp_path):
    folder, pages, _before, _missing, _who = issued
    one, other = (pages[w][2].get(f"{pages[w][1]}?as=file").json() for w in ("result", "order"))
    assert outsider(folder, tmp_path, one | {"leaf": other["leaf"]}).returncode == 1
    sitting = pages["result"][1].split("/")[2]
    assert one["entry"] == str(endings.entry_of(UUID(sitting))), "the id follows from what was issued"


def test_nothing_personal_stands_in_a_proof(issued):
    _folder, pages, _before, _missing, (_order, official, _her) = issued
    ((name, code),) = rows(
        "SELECT name, coalesce(employee_code, '-') FROM institutions_person WHERE id = %s", official
    )
    text = pages["order"][2].get(f"{pages['order'][1]}?as=file").content.decode()
    assert name not in text
    assert str(official) not in text
    assert code == "-" or code not in text


def test_what_is_not_sealed_yet_says_so_and_gives_no_file(issued):
    _folder, _pages, before, missing, _who = issued
    fresh = set(WHAT) - {"certificate"}  # those of the demonstration are sealed
    assert all("Not in the sealed log yet" in before[what] for what in fresh)
    assert {missing[what] for what in fresh} == {404}


def test_nobody_opens_the_proof_of_another_s_result_or_order(issued):
    _folder, pages, _before, _missing, (order, _official, her) = issued
    assert sign_in(Client(), "devidas").get(pages["result"][1]).status_code == 404
    assert her.get(f"/record/orders/{order}/proof/").status_code == 404


def test_the_verifier_that_is_handed_out_is_the_one_of_the_tests(issued):
    assert Client().get("/about/verifier/").content == Path(verify_log.__file__).read_bytes()
