"""The API on the demonstration: what the pages know, by the same gate, bounded, and in words that say what to do."""

import json
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from karmayogi.web.api.document import document

pytestmark = pytest.mark.django_db
MOST_STATEMENTS = 12
PROBLEM = "application/problem+json"


def as_(who: str) -> Client:
    client = Client(headers={"host": "localhost"})
    client.post("/demo/", {"as": who})
    return client


def send(client: Client, address: str, content, **headers):
    return client.post(address, json.dumps(content), content_type="application/json", headers=headers)


def me() -> str:
    return as_("meenakshi").get("/api/me").json()["person_id"]


@pytest.fixture
def asked() -> list[tuple[str, str]]:
    """Every read of the API with an address that names something, and who may ask it."""
    person, mine = me(), as_("meenakshi")
    code = mine.get("/api/me/certificates").json()["items"][0]["code"]
    post = as_("khandelwal").get("/api/vacancies").json()["items"][0]["post_code"].replace("/", "%2F")
    mine_too = [
        ("meenakshi", f"/api/{rest}") for rest in ("me", "me/competencies", "me/plan", "me/certificates")
    ]
    return [
        *mine_too,
        ("meenakshi", "/api/me/enrolments"),
        ("meenakshi", "/api/courses"),
        ("meenakshi", "/api/courses/tender-evaluation"),
        ("meenakshi", f"/api/certificates/{code}"),
        ("arvind", "/api/team"),
        ("arvind", f"/api/team/{person}"),
        ("nandini", "/api/bodies/MORD/needs"),
        ("khandelwal", "/api/vacancies"),
        ("khandelwal", f"/api/vacancies/{post}/ranking"),
        ("gogoi", "/api/comparisons"),
        ("gogoi", "/api/comparisons/MORD"),
    ]


OF_THE_TRANSACTION = ("SAVEPOINT", "RELEASE SAVEPOINT", "SELECT set_config", "SET ")


def statements(client: Client, ask) -> list[str]:
    """The statements of a request, what opens and narrows its transaction left out."""
    with CaptureQueriesContext(connection) as taken:
        answer = ask(client)
    assert answer.status_code < 300, answer.content
    return [q["sql"] for q in taken if not q["sql"].startswith(OF_THE_TRANSACTION)]


def test_no_read_takes_more_than_twelve_statements(asked) -> None:
    for who, address in asked:
        client = as_(who)
        client.get(address)  # names of languages and rules are read once for each process
        taken = statements(client, lambda c, address=address: c.get(address))
        assert len(taken) <= MOST_STATEMENTS, (address, taken)


def test_a_write_takes_no_more_than_twelve_but_for_the_one_that_works_out_a_level() -> None:
    person, seen = me(), {"competency_key": "noting-drafting", "level": 2}
    asked = [
        ("meenakshi", "/api/courses/grievance-handling/enrolment", {}, MOST_STATEMENTS),
        ("nandini", f"/api/officials/{person}/reason", {"purpose": "training"}, MOST_STATEMENTS),
        ("arvind", f"/api/team/{person}/observations", seen, 20),
    ]
    for who, address, content, most in asked:
        taken = statements(as_(who), lambda c, a=address, content=content: send(c, a, content))
        assert len(taken) <= most, (address, taken)


def test_my_competencies_say_what_the_page_says() -> None:
    client = as_("meenakshi")
    told = client.get("/api/me/competencies").json()
    page = client.get(reverse("competencies")).context
    shown = [row for group in page["groups"] for row in group.rows]
    known = {r["requirement"]["competency_key"]: r for r in told["requirements"]}
    assert {row.gap.key for row in shown} == set(known) != set()
    for row in shown:
        said = known[row.gap.key]
        assert said["requirement"]["statement"] == str(row.gap.statement)
        assert said["requirement"]["mean_logits"] == (row.gap.mean if row.gap.information else None)
        assert said["evidence_rows"] == len(row.proof)
        assert [line["says"] for line in said["evidence"]] == [line.says for line in row.proof][:20]
    assert "observer" not in json.dumps(told)


def test_the_catalogue_comes_in_pages_and_each_course_once() -> None:
    client, cursor, seen = as_("meenakshi"), "", []
    while cursor is not None:
        page = client.get("/api/courses", {"limit": 2, "cursor": cursor}).json()
        assert len(page["items"]) <= 2
        seen += [course["course_key"] for course in page["items"]]
        cursor = page["next_cursor"]
    whole = client.get("/api/courses", {"limit": 100}).json()["items"]
    assert seen == sorted(set(seen)) == [course["course_key"] for course in whole]
    assert len(seen) > 2
    assert client.get("/api/courses", {"limit": 101}).status_code == 400


def test_a_record_opens_after_a_reason_and_the_official_reads_who_looked() -> None:
    person, manager = me(), as_("nandini")
    address = f"/api/officials/{person}"
    refused = manager.get(address)
    assert (refused.status_code, refused.headers["Content-Type"]) == (428, PROBLEM)
    assert send(manager, f"{address}/reason", {"purpose": "other", "reason": "why not"}).status_code == 400
    assert manager.get(address).status_code == 428
    given = send(manager, f"{address}/reason", {"purpose": "training", "reason": "For the plan of the year"})
    assert given.status_code == 201
    assert manager.get(address).json()["person_id"] == person
    looked = as_("meenakshi").get(reverse("who-looked")).context["looks"]
    assert ("api-official", "For the plan of the year") in {
        (look.card.page, look.card.reason) for look in looked
    }
    assert "api-" not in {str(look.extra) for look in looked}


def test_a_refusal_is_a_problem_that_says_what_to_do() -> None:
    stranger, official = Client(headers={"host": "localhost"}), as_("meenakshi")
    strict = as_("meenakshi")
    strict.handler.enforce_csrf_checks = True
    answers = {
        401: stranger.get("/api/me"),
        403: official.get("/api/team"),
        404: official.get("/api/courses/no-such-course"),
        405: official.post("/api/me"),
    }
    also = [
        official.get("/api/no/such/address"),
        official.get("/api/courses?cursor=%00"),
        strict.post("/api/courses/tender-evaluation/enrolment"),
        send(official, "/api/courses/tender-evaluation/enrolment", {}, **{"Idempotency-Key": ""}),
    ]
    for status, answer in answers.items():
        assert answer.status_code == status
    for answer in [*answers.values(), *also]:
        assert answer.headers["Content-Type"] == PROBLEM
        told = answer.json()
        assert told["status"] == answer.status_code
        assert told["detail"].endswith(".")
    assert [answer.status_code for answer in also] == [404, 400, 403, 400]
    assert "WWW-Authenticate" in answers[401].headers
    assert answers[405].headers["Allow"] == "GET, HEAD"


def test_a_refusal_comes_in_the_language_asked_for() -> None:
    client = Client(headers={"host": "localhost", "accept-language": "hi"})
    english = Client(headers={"host": "localhost"}).get("/api/me").json()["title"]
    assert client.get("/api/me").json()["title"] != english


@pytest.mark.parametrize(
    ("content", "kind", "status", "says"),
    [
        ('{"competency_key": "noting-drafting"', "application/json", 400, "JSON"),
        ("[" * 100_000, "application/json", 400, "JSON"),
        ('{"competency_key": "noting-drafting"}', "application/json", 400, "level"),
        ('{"competency_key": "noting-drafting", "level": "2x"}', "application/json", 400, "body.level"),
        (
            '{"competency_key": "noting-drafting", "level": 2, "note": 1}',
            "application/json",
            400,
            "body.note",
        ),
        ('{"competency_key": "noting-drafting", "level": 9}', "application/json", 409, "level"),
        ('{"competency_key": "no-such-thing", "level": 2}', "application/json", 404, "no-such-thing"),
        ("level=2", "application/x-www-form-urlencoded", 415, "JSON"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_written(content, kind, status, says) -> None:
    person, supervisor = me(), as_("arvind")
    before = as_("meenakshi").get("/api/me/competencies").json()
    answer = supervisor.post(f"/api/team/{person}/observations", content, content_type=kind)
    assert answer.status_code == status, answer.content
    assert says in answer.json()["detail"]
    assert as_("meenakshi").get("/api/me/competencies").json() == before


def test_an_observation_sent_twice_under_one_key_counts_once() -> None:
    person, supervisor = me(), as_("arvind")
    address, seen = f"/api/team/{person}/observations", {"competency_key": "noting-drafting", "level": 2}
    first = send(supervisor, address, seen, **{"Idempotency-Key": "one-observation"})
    again = send(supervisor, address, seen, **{"Idempotency-Key": "one-observation"})
    other = send(supervisor, address, {**seen, "level": 3}, **{"Idempotency-Key": "one-observation"})
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_certificate_is_checked_without_signing_in_and_an_unknown_code_is_no_fault() -> None:
    code = as_("meenakshi").get("/api/me/certificates").json()["items"][0]["code"]
    anyone = Client(headers={"host": "localhost"})
    told = anyone.get(f"/api/certificates/{code}").json()
    assert told["state"] == "valid"
    assert told["certificate"]["code"] == code
    assert anyone.get("/api/certificates/0000-0000-0000").status_code == 404


def test_the_page_of_the_api_names_every_operation_and_shape_and_loads_nothing_from_elsewhere() -> None:
    page = Client(headers={"host": "localhost"}).get("/api/docs")
    text = page.content.decode()
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "https://" not in text
    for address, methods in document()["paths"].items():
        written = address.replace("{", ":").replace("}", "")
        assert all(f"{method.upper()} {written}" in text for method in methods)
    shapes = document()["components"]["schemas"]
    assert all(f'id="shape-{name}"' in text for name in shapes)


def test_the_reference_names_every_operation() -> None:
    written = (Path(__file__).parents[2] / "docs/reference/api.md").read_text()
    for address, methods in document()["paths"].items():
        assert all(f"`{method.upper()} {address}`" in written for method in methods), address
