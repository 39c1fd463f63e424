"""My data: every table with a person key is in the file, of others nothing is, and only its owner gets it."""

import datetime as dt
import io
import json
import zipfile

import pytest
from django.db import connection

from karmayogi.institutions import people
from karmayogi.institutions.people import NewPerson
from karmayogi.journeys import my_data
from karmayogi.policy import rules
from karmayogi.registry import files, jobs, keys, notices
from karmayogi.registry.acting import acting, as_worker

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 24, 5, 0, tzinfo=dt.UTC)


@pytest.fixture
def two():
    """Two people with an account each, a notice each, and a file of the first."""
    with as_worker():
        rules.issue(rules.HOUSE_DEFAULTS)
        people.enrol(
            [NewPerson("asha", "Asha Rao", "E1", "asha@example.org"), NewPerson("binod", "Binod Das", "E2")]
        )
        found = people.by_logins(["asha", "binod"])
        for login, card in found.items():
            notices.tell(card.id, "test", key=f"test:{login}", params={"n": login}, now=NOW)
        files.keep(
            io.BytesIO(b"hello"), name="a.txt", media_type="text/plain", owner=found["asha"].id, now=NOW
        )
    return found["asha"].id, found["binod"].id


def written(person, language="en"):
    stream = io.BytesIO()
    with as_worker():
        handed = my_data.write(stream, person, language=language, now=NOW)
    return handed, zipfile.ZipFile(stream)


def rows(archive, table):
    return [json.loads(line) for line in archive.read(f"tables/{table}.jsonl").decode().splitlines()]


def test_every_table_with_a_key_of_a_person_is_in_the_index(two):
    _, archive = written(two[0])
    index = json.loads(archive.read("index.json"))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT c.conrelid::regclass::text FROM pg_constraint c WHERE c.contype = 'f'"
            " AND c.confrelid IN ('institutions_person'::regclass, 'institutions_account'::regclass)"
        )
        pointing = {name for (name,) in cursor.fetchall()}
    assert len(pointing) > 25
    assert pointing - {t["table"] for t in index["tables"]} == set()
    assert {t["table"] for t in index["tables"]} == set(keys.tables())


@pytest.mark.parametrize("name", sorted(keys.tables()))
def test_every_table_can_be_asked(two, name):
    with as_worker():
        assert isinstance(my_data.collect(two[0])[name], list)


def test_the_file_holds_the_own_rows_and_nothing_of_another(two):
    asha, binod = two
    handed, archive = written(asha)
    assert rows(archive, "institutions_person")[0]["name"] == "Asha Rao"
    assert [row["params"] for row in rows(archive, "registry_notice")] == [{"n": "asha"}]
    assert handed.files == 1
    (kept,) = [n for n in archive.namelist() if n.startswith("files/")]
    assert archive.read(kept) == b"hello"
    whole = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert str(binod) not in whole
    assert "Binod" not in whole


def test_what_signs_in_is_left_out_and_said_so(two):
    _, archive = written(two[0])
    assert "password" not in rows(archive, "institutions_account")[0]
    index = {t["table"]: t for t in json.loads(archive.read("index.json"))["tables"]}
    assert index["institutions_account"]["left_out"] == ["password"]


def test_of_a_row_about_somebody_else_only_the_own_act_is_told(two):
    asha, binod = two
    with as_worker(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO learning_activity (id, person_id, kind, title, minutes, planned_on, done_on, state,"
            " confirmed_by_id, note)"
            " VALUES (gen_random_uuid(), %s, 'on_job', 'Sat with the cashier', 60, '2026-01-05', '2026-01-05',"
            " 'confirmed', %s, 'secret')",
            [binod, asha],
        )
    _, archive = written(asha)
    (row,) = rows(archive, "learning_activity")
    assert row["confirmed_by_id"] == str(asha)
    assert row["person_id"] is None
    assert (row["title"], row["note"]) == (None, None)


@pytest.mark.parametrize(("language", "way"), [("en", "ltr"), ("hi", "ltr"), ("ur", "rtl")])
def test_the_page_to_read_is_in_the_persons_language(two, language, way):
    _, archive = written(two[0], language)
    page = archive.read("my-data.html").decode()
    assert f'<html lang="{language}" dir="{way}">' in page
    assert ("Everything that is kept with your key" in page) == (language == "en")
    assert "asha@example.org" in page


def test_only_its_owner_opens_the_file(two):
    asha, binod = two
    with as_worker():
        card, _ = my_data.keep(asha, language="en", now=NOW)
    with acting(actor=asha):
        assert files.card(card.id).name == "my-data.zip"
    with acting(actor=binod), pytest.raises(files.NoSuchFile):
        files.card(card.id)


def test_the_page_asks_once_and_hands_out_to_the_owner_alone(two, client, settings):
    from django.utils import timezone

    settings.DEMO = True
    with as_worker():
        people.enrol([NewPerson("meenakshi", "Meenakshi Selvam"), NewPerson("devidas", "Devidas More")])
        person = people.by_logins(["meenakshi"])["meenakshi"].id
    client.post("/demo/", {"as": "meenakshi"})
    assert client.post("/record/my-data/").status_code == 302
    client.post("/record/my-data/")
    with as_worker():
        (run,) = jobs.of(person, kind=my_data.JOB)
        assert client.get(f"/record/my-data/{run.id}/file/").status_code == 404
        card, _ = my_data.keep(person, language="en", now=timezone.now())
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE registry_jobrun SET state = 'done', result = jsonb_build_object('file', %s::text, 'rows', 3,"
                " 'tables', 2) WHERE id = %s",
                [str(card.id), run.id],
            )
    answer = client.get(f"/record/my-data/{run.id}/file/")
    assert b"".join(answer.streaming_content)[:2] == b"PK"
    assert f"/record/my-data/{run.id}/file/" in client.get("/record/my-data/").content.decode()
    client.post("/account/sign-out/")
    client.post("/demo/", {"as": "devidas"})
    assert client.get(f"/record/my-data/{run.id}/file/").status_code == 404
