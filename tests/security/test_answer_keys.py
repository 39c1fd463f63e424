"""Canaries in every answer key: nothing a learner receives, and nothing the web role can select, holds one."""

import uuid

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from karmayogi.registry import roles
from karmayogi.registry.acting import acting, as_worker

from ..signing import sign_in
from .oracle import rows

pytestmark = pytest.mark.django_db
CANARY = "canary"
PLACES = (
    "/home/", "/competencies/", "/plan/", "/learn/", "/record/", "/notices/",
    "/learn/tender-evaluation/", "/learn/noting-drafting/", "/learn/grievance-handling/",
)  # fmt: skip


def plant() -> int:
    """A marker in place of every right option and every explanation, items' and practice questions'; how many."""
    # Keys are kept as written, by triggers too; for the markers they are put to sleep as only the superuser can.
    rows("SET LOCAL session_replication_role = replica")
    planted = 0
    with as_worker():
        for table, about in (
            ("assessment_answerkey", "item_version_id"),
            ("learning_practicekey", "question_id"),
        ):
            rows(
                f"UPDATE {table} SET \"right\" = 'canary', why = jsonb_build_object('en', 'canary ' || {about}, 'hi',"
                f" 'canary ' || {about}, 'ur', 'canary ' || {about})"
            )
            planted += rows(f"SELECT count(*) FROM {table} WHERE \"right\" = 'canary'")[0][0]
    rows("SET LOCAL session_replication_role = origin")
    return planted


def everything(response) -> str:
    """All that reaches the learner: headers, cookies and body."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return f"{response.headers} {response.cookies.output()} {body.decode(errors='replace')}"


class Learner:
    """A client that keeps every answer in which a canary sings."""

    def __init__(self, login: str) -> None:
        person = get_user_model().objects.get(login=login)
        self.id, self.client = person.pk, sign_in(Client(), login)
        self.received, self.leaks = 0, []

    def get(self, address: str):
        return self._look("GET", address, self.client.get(address))

    def post(self, address: str, form: dict | None = None):
        return self._look("POST", address, self.client.post(address, form or {}))

    def _look(self, method, address, response):
        self.received += 1
        if CANARY in everything(response):
            self.leaks.append(f"{method} {address}")
        return response


def sit_a_check(her: Learner) -> int:
    """Begins the check of a competency, answers to its end in three languages; returns how many questions."""
    ((competency,),) = rows(
        "SELECT competency_id FROM assessment_blueprint b WHERE kind = 'adaptive' AND NOT EXISTS (SELECT 1 FROM"
        " assessment_sitting s WHERE s.person_id = %s AND s.competency_id = b.competency_id AND s.started_at >"
        " now() - interval '1 year') ORDER BY competency_id LIMIT 1",
        her.id,
    )
    her.get(f"/competencies/{competency}/check/")
    sitting = her.post(f"/competencies/{competency}/check/begin/")["Location"]
    for asked in range(60):
        page = her.get(sitting)
        if page.status_code == 302:
            her.get(page["Location"])
            her.get(f"/competencies/{competency}/question/")
            return asked
        question = page.context["q"]
        for language in ("hi", "ur"):
            her.get(f"{sitting}?lang={language}")
        her.post(sitting, {"item": question.version, "option": "no such option"})
        her.post(sitting, {"item": question.version, "option": question.options[0][0]})
    raise AssertionError("The check never ended.")


def course_pages() -> list[tuple[str, str, uuid.UUID]]:
    """(address, kind, page id) of every page of every course."""
    return [
        (f"/learn/{course}/pages/{page}/", kind, key)
        for course, page, kind, key in rows(
            "SELECT c.key, p.key, p.kind, p.id FROM learning_course c JOIN learning_placement l ON l.version_id ="
            " c.version_id JOIN learning_page p ON p.id = l.page_id WHERE c.state = 'live' ORDER BY c.key, l.number"
        )
    ]


def read_all(her: Learner) -> None:
    """Enrols everywhere and opens every page and file, answering nothing."""
    for (course,) in rows("SELECT key FROM learning_course WHERE state = 'live'"):
        her.post(f"/learn/{course}/enrol/")
    for address, kind, _ in course_pages():
        her.get(address)
        her.get(f"{address}?again=1")
        if kind == "file":
            her.get(f"{address}file/")
        her.post(f"{address}finish/")
    for place in PLACES:
        her.get(place)


def selectable(actor: uuid.UUID | None, role: str = roles.APP) -> list[str]:
    """Tables in which the role, acting for the actor, can select a canary."""
    tables = [t for (t,) in rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")]
    with acting(role, actor=actor, on=timezone.localdate(), team=True):
        return [
            table
            for table in tables
            if rows("SELECT has_table_privilege(current_user, %s, 'SELECT')", table)[0][0]
            and rows(f"SELECT EXISTS (SELECT 1 FROM \"{table}\" t WHERE t::text LIKE '%%canary%%')")[0][0]
        ]


@pytest.fixture
def her() -> Learner:
    assert plant() >= 60 + 18
    return Learner("meenakshi")


def test_no_answer_of_a_check_or_a_course_holds_a_key(her):
    assert sit_a_check(her) >= 5
    read_all(her)
    assert her.received > 80
    assert her.leaks == []


def test_a_practice_question_is_explained_once_it_is_answered_and_no_other_with_it(her):
    read_all(her)
    address, _, page = next(p for p in course_pages() if p[1] == "practice")
    questions = [
        q
        for (q,) in rows("SELECT id FROM learning_practicequestion WHERE page_id = %s ORDER BY number", page)
    ]
    ((option,),) = rows(
        "SELECT options->0->>'key' FROM learning_practicequestion WHERE id = %s", questions[0]
    )
    her.post(f"{address}answer/", {"question": questions[0], "option": option})
    shown = everything(her.get(address))
    assert [q for q in questions if f"canary {q}" in shown] == questions[:1]


def test_raw_sql_of_the_web_role_finds_no_key_even_while_a_check_is_open(her):
    sit_a_check(her)
    read_all(her)
    assert selectable(her.id) == []
    assert selectable(None) == []


def test_the_scorer_reads_the_keys_and_the_monitor_does_not(her):
    assert selectable(None, roles.SCORER) == ["assessment_answerkey", "learning_practicekey"]
    assert selectable(None, roles.MONITOR) == []
