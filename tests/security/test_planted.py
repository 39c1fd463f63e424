"""Planted bugs: each protection is broken on purpose, and the check that guards it says so."""

import datetime as dt
from dataclasses import replace

import pytest
from django.conf import settings as live
from django.db import IntegrityError, connection, transaction
from django.test import Client

from karmayogi.institutions.roles import Audience
from karmayogi.registry import roles
from karmayogi.web.pages import authority, commission, manager, supervisor
from karmayogi.web.pages.official import record

from .matrix import Visits, cells
from .oracle import rows
from .stage import Stage
from .test_answer_keys import Learner, plant, read_all, selectable, sit_a_check
from .test_gate import inline, loose
from .test_matrix import faults, in_sight, named

pytestmark = pytest.mark.django_db


def wrong(*routes: str) -> list[str]:
    """Wrong cells of these routes, asked anew on a stage of their own."""
    with transaction.atomic():
        stage = Stage()
        found = Visits(stage).wrong(cells(stage, routes))
        transaction.set_rollback(True)
    return found


# --- The matrix ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("view", "route", "intruder"),
    [
        (authority.vacant, "vacancies", "meenakshi"),
        (authority.order_list, "orders", "leela"),
        (commission.compare, "benchmarks", "former manager"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_route_opened_to_every_official_is_caught(monkeypatch, view, route, intruder):
    assert wrong(route) == []
    monkeypatch.setattr(view, "route", replace(view.route, audience=Audience.OFFICIAL))
    assert f"GET {route} (-) as {intruder}: refused, not admitted" in wrong(route)


def test_a_route_of_managers_opened_to_officials_is_caught(monkeypatch):
    monkeypatch.setattr(
        manager.officials, "route", replace(manager.officials.route, audience=Audience.OFFICIAL)
    )
    assert wrong("officials")


def test_a_route_closed_to_its_own_audience_is_caught(monkeypatch):
    monkeypatch.setattr(supervisor.team, "route", replace(supervisor.team.route, audience=Audience.AUTHORITY))
    assert "GET team (-) as arvind: admitted, not refused" in wrong("team")


@pytest.mark.parametrize(
    ("view", "route", "cell"),
    [
        (manager.official, "officials-one", "GET officials-one (other) as nandini"),
        (supervisor.observe, "team-observe", "POST team-observe (former) as arvind"),
        (authority.issue, "orders-issue", "POST orders-issue (former) as hazarika"),
        (record.certificate, "record-certificate", "GET record-certificate (team) as arvind"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)
def test_a_subject_that_lets_everything_through_is_caught(monkeypatch, view, route, cell):
    monkeypatch.setattr(view, "route", replace(view.route, subject=lambda reach, **address: None))
    assert f"{cell}: refused, not admitted" in wrong(route)


def test_a_route_whose_post_is_open_by_mistake_is_caught(monkeypatch):
    monkeypatch.setattr(supervisor.member, "methods", frozenset({"GET", "POST"}))
    assert "POST team-member (team) as arvind: method not allowed, not admitted" in wrong("team-member")


def test_a_grant_that_outlives_its_last_day_is_caught(monkeypatch):
    from karmayogi.institutions import holding

    held = holding.of

    def forgetful(actor, wanted, *, on, **said):
        return held(actor, wanted, on=on - dt.timedelta(days=1), **said)

    monkeypatch.setattr(holding, "of", forgetful)
    assert "GET needs (-) as former manager: refused, not admitted" in wrong("needs")


def test_a_name_out_of_reach_on_a_page_is_caught():
    stage = Stage()
    (cell,) = [c for c in cells(stage, ["privacy"]) if (c.actor, c.method) == ("arvind", "GET")]
    stranger = stage.facts.names[stage.facts.ids["devidas"]]
    seen = named(stage.facts, f"<p>Seen with <b>{stranger}</b>.</p>")
    assert seen - in_sight(stage.facts, cell, stage.actors["arvind"]) == {stage.facts.ids["devidas"]}


def test_a_page_that_breaks_is_caught(monkeypatch):
    stage = Stage()
    (cell,) = [c for c in cells(stage, ["team"]) if (c.actor, c.method) == ("arvind", "GET")]
    visits = Visits(stage)
    assert faults(stage, visits, cell) == ""
    monkeypatch.setattr(supervisor, "_by_competency", lambda measured: 1 / 0)
    assert faults(stage, visits, cell).endswith("status 500")


# --- The database --------------------------------------------------------------------------------------------------


def test_answer_keys_readable_by_the_web_role_are_caught():
    plant()
    her = Learner("meenakshi")
    assert selectable(her.id) == []
    rows(f"GRANT SELECT ON assessment_answerkey TO {roles.APP}")
    assert selectable(her.id) == []  # the policy still stands
    rows(f"CREATE POLICY planted ON assessment_answerkey FOR SELECT TO {roles.APP} USING (true)")
    assert selectable(her.id) == ["assessment_answerkey"]


def test_an_explanation_put_into_a_page_is_caught(monkeypatch):
    from karmayogi.learning import practice

    plant()
    her = Learner("meenakshi")

    def chatty(page, *, person, language="en"):
        rows_of = practice.PracticeQuestion.objects.filter(page_id=page).order_by("number")
        keys = practice._keys([row.id for row in rows_of])
        return [
            replace(card, stem=f"{card.stem} {keys[card.id].right}") for card in silent(page, person=person)
        ]

    silent = practice.questions
    monkeypatch.setattr(practice, "questions", chatty)
    read_all(her)
    assert her.leaks


def test_a_right_answer_in_a_question_of_a_check_is_caught(monkeypatch):
    from karmayogi.assessment import keys, sittings

    plant()
    her = Learner("meenakshi")
    silent = sittings.question

    def chatty(sitting, **said):
        asked = silent(sitting, **said)
        return asked and replace(asked, stem=asked.stem + keys.right_options([asked.version])[asked.version])

    monkeypatch.setattr(sittings, "question", chatty)
    sit_a_check(her)
    assert her.leaks


def one_person_makes_and_checks() -> bool:
    """True if the database lets the maker of an order check it."""
    try:
        with transaction.atomic():
            stage = Stage()
            order = stage._ordered(stage.facts.codes["MORD-1"], stage.facts.ids["khandelwal"])
            rows("UPDATE ehrms_order SET checker_id = maker_id WHERE id = %s", order)
            transaction.set_rollback(True)
    except IntegrityError:
        return False
    return True


def test_an_order_checked_by_its_maker_is_stopped_by_the_database_and_its_loss_is_caught():
    assert not one_person_makes_and_checks()
    rows("ALTER TABLE ehrms_order DROP CONSTRAINT maker_is_not_checker")
    assert one_person_makes_and_checks()


def monitor_writes_beyond() -> list[str]:
    """Tables of other rooms that monitoring's role may write: by right, and by policy where rows are secured."""
    return [
        name
        for (name,) in rows(
            "SELECT c.relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
            " AND NOT starts_with(relname, 'monitoring_') AND (has_table_privilege(%s, c.oid, 'INSERT')"
            " OR has_table_privilege(%s, c.oid, 'UPDATE') OR has_table_privilege(%s, c.oid, 'DELETE')"
            " OR has_table_privilege(%s, c.oid, 'TRUNCATE')) ORDER BY 1",
            *[roles.MONITOR] * 4,
        )
    ]


def test_monitoring_writes_nowhere_else_and_a_right_to_do_so_is_caught():
    assert monitor_writes_beyond() == []
    rows(f"GRANT UPDATE ON competency_evidence TO {roles.MONITOR}")
    assert monitor_writes_beyond() == ["competency_evidence"]


def over_mighty() -> list[str]:
    """Roles of requests and jobs that could pass by row-level security or own a table."""
    return [
        name
        for (name,) in rows(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND (rolsuper OR rolbypassrls OR rolcreaterole"
            " OR EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = pg_roles.oid AND c.relkind = 'r')) ORDER BY 1",
            [roles.APP, roles.WORKER, roles.MONITOR, roles.SCORER, roles.SIGNER, roles.PROVISIONER],
        )
    ]


def test_no_role_passes_by_row_security_and_one_that_does_is_caught():
    assert over_mighty() == []
    rows(f"ALTER TABLE competency_evidence OWNER TO {roles.SCORER}")
    assert over_mighty() == [roles.SCORER]


# --- Headers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "policy",
    [
        "",
        "default-src 'self'",
        live.CONTENT_SECURITY_POLICY.replace("script-src 'self'", "script-src 'self' 'unsafe-inline'"),
        live.CONTENT_SECURITY_POLICY.replace("script-src 'self'", "script-src *"),
        live.CONTENT_SECURITY_POLICY.replace("base-uri 'none'; ", ""),
    ],
)
def test_a_loose_or_missing_policy_is_caught(settings, policy):
    assert loose(Client().get("/about/privacy/")["Content-Security-Policy"]) == []
    settings.CONTENT_SECURITY_POLICY = policy
    assert loose(Client().get("/about/privacy/")["Content-Security-Policy"])


@pytest.mark.parametrize(
    "page", ["<script>go()</script>", '<p style="x">', '<b onclick="go()">', "<style>b{}</style>"]
)
def test_inline_code_in_a_page_is_caught(page):
    assert inline(page)


def test_the_tests_run_inside_one_transaction_that_nothing_of_this_survives():
    assert connection.in_atomic_block
