"""The API against its own OpenAPI document, by schemathesis in a process of its own, with real sessions."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from urllib.request import urlopen

import pytest

from ..journeys.served import HOST, Site

HERE = Path(__file__).parent
PLANTED = HERE / "planted"
SOURCE = HERE.parents[1] / "src"
SHARE = 0.95
PERSONAS = {
    "official": "meenakshi",
    "supervisor": "arvind",
    "manager": "nandini",
    "authority": "khandelwal",
    "commission": "gogoi",
}
SETTINGS = "[warnings]\nfail-on = true\n"


def sessions(site):
    """Tag of operations -> cookies of somebody of the demonstration who may ask them."""
    return {tag: site.client(persona=who).cookies for tag, who in PERSONAS.items()}


def objects(site):
    """Operation -> arguments of its address, and a body, that name something within reach of whoever asks."""
    ((person, code),) = site.ask(
        "SELECT k.person_id, s.code FROM institutions_account k JOIN credentials_statement s USING (person_id)"
        " WHERE k.login = 'meenakshi' LIMIT 1"
    )
    ((post,),) = site.ask(
        "SELECT code FROM ehrms_post WHERE code LIKE 'MORD-1/SO-PROC%%' ORDER BY code LIMIT 1"
    )
    them = {"person": str(person)}
    return {
        "api-verify": {"code": code},
        "api-course": {"course": "tender-evaluation"},
        "api-enrol": {"course": "tender-evaluation"},
        "api-member": them,
        "api-observe": {**them, "body": {"competency_key": "noting-drafting", "level": 2}},
        "api-needs": {"code": "MORD"},
        "api-official": them,
        "api-official-reason": {
            **them,
            "body": {"purpose": "training", "reason": "For the plan of the year."},
        },
        "api-ranking": {"code": post},
        "api-comparisons-body": {"code": "MORD"},
    }


def rank(site, post):
    """Stores a ranking for the post, so that there is one to tell."""
    board = site.client(persona=PERSONAS["authority"])
    board.get("/posts/vacancies/")
    assert board.post(f"/posts/vacancies/{post}/rank/", {}).status == 302


def give_reason(site, cookies, person):
    """Lets the manager's session open the record; what comes without a reason is tried in test_api.py."""
    connection = http.client.HTTPConnection(HOST, site.port, timeout=300)
    headers = {
        "Content-Type": "application/json",
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "X-CSRFToken": cookies["csrftoken"],
    }
    connection.request(
        "POST", f"/api/officials/{person}/reason", json.dumps({"purpose": "training"}), headers
    )
    assert connection.getresponse().status == 201
    connection.close()


def fuzz(url, folder, *, sessions, objects, only="."):
    """How schemathesis ends with the operations whose name fits `only`, and the statuses each of them gave."""
    answers, settings = folder / "answers", folder / "schemathesis.toml"
    settings.write_text(SETTINGS)
    # One thread: two that read source code at the same time make Python 3.11 lose count of how deep it is in a tree.
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(settings), "run",
            f"{url}/api/openapi.json", "--workers", "1", "--max-examples", "8", "--seed", "20260",
            "--phases", "examples,coverage,fuzzing", "--suppress-health-check", "too_slow",
            "--continue-on-failure", "--no-color",
            "--include-operation-id-regex", only,
        ],
        env={
            **os.environ,
            "PYTHONPATH": str(HERE),
            "SCHEMATHESIS_HOOKS": "api_hooks",
            "API_SESSIONS": json.dumps(sessions),
            "API_OBJECTS": json.dumps(objects),
            "API_ANSWERS": str(answers),
        },
        cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    statuses = defaultdict(list)
    for line in answers.read_text().splitlines() if answers.exists() else ():
        operation, status = line.split()
        statuses[operation].append(int(status))
    return done, statuses


def reached(statuses):
    """The operations that answered 2xx at least once."""
    return {operation for operation, given in statuses.items() if any(200 <= s < 300 for s in given)}


def names(url):
    """Every operation of the document."""
    with urlopen(f"{url}/api/openapi.json") as answer:
        paths = json.load(answer)["paths"]
    return {operation["operationId"] for methods in paths.values() for operation in methods.values()}


def test_every_answer_is_as_the_document_says(databases, tmp_path, capsys):
    with Site(databases, tmp_path) as site:
        held, known = sessions(site), objects(site)
        give_reason(site, held["manager"], known["api-official"]["person"])
        rank(site, known["api-ranking"]["code"])
        begun = time.monotonic()
        done, statuses = fuzz(site.url, tmp_path, sessions=held, objects=known)
        took, operations = time.monotonic() - begun, names(site.url)
    asked, met = sum(map(len, statuses.values())), reached(statuses)
    with capsys.disabled():
        print(
            f"\nschemathesis: {len(operations)} operations, {len(met)} reach 2xx, {asked} requests, {took:.0f} s"
        )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert "WARNINGS" not in done.stdout, done.stdout[-8000:]
    assert not [s for given in statuses.values() for s in given if s >= 500]
    assert len(met) >= SHARE * len(operations), operations - met


@pytest.fixture(scope="module")
def planted(databases, tmp_path_factory):
    """The same site with operations that break their promise."""
    settings = {
        "PYTHONPATH": os.pathsep.join((str(SOURCE), str(PLANTED))),
        "DJANGO_SETTINGS_MODULE": "planted_settings",
    }
    with Site(databases, tmp_path_factory.mktemp("planted"), settings=settings) as site:
        yield site


@pytest.mark.parametrize(
    ("operation", "says"),
    [
        ("planted-shape", "Response violates schema"),
        ("planted-fault", "Server error"),
        ("planted-shut", "Missing test data"),
    ],
)
def test_an_operation_that_breaks_its_promise_is_found(planted, tmp_path, operation, says):
    done, statuses = fuzz(planted.url, tmp_path, sessions={}, objects={}, only=f"^{operation}$")
    assert done.returncode != 0
    assert says in done.stdout, done.stdout[-4000:]
    assert set(statuses) == {operation}
    assert (operation in reached(statuses)) == (operation == "planted-shape")
