"""Nobody opens a record in an office without a reason; its person sees who did, who can, and lets the support look."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone

from karmayogi.institutions import access, looks, seers, support
from karmayogi.institutions.access import NotForYou, OutOfReach
from karmayogi.institutions.roles import Audience
from karmayogi.registry import roles
from karmayogi.registry.acting import acting, as_worker
from karmayogi.web import opening, routes
from karmayogi.web.pages import manager

from ..signing import sign_in
from .oracle import Facts, rows

pytestmark = pytest.mark.django_db
WHY = "She asked me to look at her levels today."


@pytest.fixture
def facts():
    return Facts(timezone.localdate())


def signed_in(login):
    return sign_in(Client(raise_request_exception=False), login)


def shows_levels(response):
    return b'id="levels"' in response.content


def opened(facts, login="meenakshi"):
    with as_worker():
        return looks.of(facts.ids[login])


def test_a_record_opens_after_a_reason_and_the_person_reads_who_and_why(facts):
    office, path = signed_in("nandini"), f"/office/officials/{facts.ids['meenakshi']}/"
    asked = office.get(path)
    assert (asked.status_code, shows_levels(asked)) == (200, False)
    assert office.post(path, {opening.FIELD: "training"}).status_code == 302
    assert shows_levels(office.get(path))
    page = signed_in("meenakshi").get("/record/who-looked/").content.decode()
    assert "Nandini Rao" in page
    assert "To plan training for this person" in page


def test_the_reason_is_kept_for_the_person_and_written_once_a_page(facts):
    office, path = signed_in("nandini"), f"/office/officials/{facts.ids['meenakshi']}/"
    office.post(path, {opening.FIELD: "other", "reason": WHY})
    office.get(path)
    office.get(path)
    (look,) = opened(facts)
    assert (look.who, look.reason, look.page, look.refused) == ("Nandini Rao", WHY, "officials-one", False)
    other = office.get(f"/office/officials/{facts.ids['arvind']}/")
    assert not shows_levels(other)


@pytest.mark.parametrize("given", [{}, {"open-for": "curiosity"}, {"open-for": "other", "reason": "so"}])
def test_without_a_purpose_nothing_opens(facts, given):
    office, path = signed_in("nandini"), f"/office/officials/{facts.ids['meenakshi']}/"
    office.post(path, {opening.FIELD: "", **given})
    assert not shows_levels(office.get(path))
    assert opened(facts) == []


def test_a_reason_runs_out(facts, monkeypatch):
    office, path = signed_in("nandini"), f"/office/officials/{facts.ids['meenakshi']}/"
    office.post(path, {opening.FIELD: "training"})
    later = timezone.now() + dt.timedelta(minutes=31)
    monkeypatch.setattr(opening.timezone, "now", lambda: later)
    assert not shows_levels(office.get(path))


def test_a_refusal_about_a_person_is_told_to_them(facts):
    stranger = signed_in("khandelwal")
    assert stranger.get(f"/office/officials/{facts.ids['devidas']}/").status_code == 403
    (look,) = opened(facts, "devidas")
    assert (look.who, look.refused) == ("Ritu Khandelwal", True)


def test_a_supervisor_needs_no_reason_for_the_team(facts):
    assert shows_levels(signed_in("arvind").get(f"/team/{facts.ids['meenakshi']}/"))
    assert opened(facts) == []


def test_a_page_that_forgets_to_ask_is_seen(facts, monkeypatch):
    """Planted bug: the page is shown without the reason."""
    monkeypatch.setattr(opening, "stopped", lambda *_, **__: None)
    assert routes.opening is opening
    assert shows_levels(signed_in("nandini").get(f"/office/officials/{facts.ids['meenakshi']}/"))
    assert manager.official.route.opens == opening.REASON


def test_who_can_see_is_what_the_oracle_says_and_what_the_gate_lets_in(facts):
    today = timezone.localdate()
    for login in ("meenakshi", "devidas", "nandini", "leela", "gogoi"):
        person = facts.ids[login]
        with acting(actor=person, on=today, purpose="official"):
            named = {s.person for s in seers.of(person, on=today)}
        assert named == facts.seers(person), login
    for login, person in facts.ids.items():
        if login in ("nandini", "khandelwal", "arvind", "thangi", "leela", "naeem"):
            assert _opens(person, facts.ids["meenakshi"], today) == (
                person in facts.seers(facts.ids["meenakshi"])
            )


def _opens(actor, person, today):
    """True if the gate's functions let the actor name the person on some screen about single officials."""
    if actor == person:
        return False
    for audience in (Audience.SUPERVISOR, Audience.MANAGER, Audience.AUTHORITY, Audience.AUDITOR):
        with acting(actor=actor, on=today, purpose=audience.value):
            try:
                reach = access.reach(actor, audience, on=today)
            except NotForYou:
                continue
        scope = {"scopes": reach.scopes, "team": reach.team}
        with acting(actor=actor, on=today, purpose=audience.value, **scope):
            try:
                reached = access.team_member if reach.team else access.official
                reached(reach, person)
            except OutOfReach:
                continue
            return True
    return False


def test_who_looked_shows_no_look_at_anybody_else(facts):
    today = timezone.localdate()
    with acting(actor=facts.ids["nandini"], on=today):
        reach = access.reach(facts.ids["nandini"], Audience.MANAGER, on=today)
        looks.opened(reach, facts.ids["meenakshi"], page="officials-one", purpose="training", reason="")
    with acting(actor=facts.ids["arvind"], on=today, purpose="official"):
        assert looks.of(facts.ids["meenakshi"]) == []
    with acting(actor=facts.ids["meenakshi"], on=today, purpose="official"):
        assert len(looks.of(facts.ids["meenakshi"])) == 1


# --- Support -------------------------------------------------------------------------------------------------------


def consent(facts):
    """Naeem asks Meenakshi and she agrees; her client and his."""
    his, hers = signed_in("naeem"), signed_in("meenakshi")
    ((code,),) = rows("SELECT employee_code FROM institutions_person WHERE id = %s", facts.ids["meenakshi"])
    assert his.post("/support/", {"code": code, "reason": WHY}).status_code == 302
    assert his.get(f"/support/{facts.ids['meenakshi']}/").status_code == 404
    page = hers.get("/record/who-looked/").content.decode()
    (answer,) = re.findall(r'action="(/record/support/[0-9a-f-]{36}/)"', page)
    assert hers.post(answer, {"consent": "yes"}).status_code == 302
    return his, hers


def test_the_support_looks_only_with_consent_and_every_page_is_told(facts):
    his, hers = consent(facts)
    page = his.get(f"/support/{facts.ids['meenakshi']}/")
    assert (page.status_code, shows_levels(page)) == (200, True)
    assert b"with their consent" in page.content
    assert his.post(f"/support/{facts.ids['meenakshi']}/").status_code == 405
    told = [look for look in opened(facts) if not look.refused]
    assert [(look.who, look.purpose) for look in told] == [("Naeem Wani", looks.SUPPORT)]
    assert "Naeem Wani" in hers.get("/record/who-looked/").content.decode()


def test_the_person_ends_it_at_once(facts):
    his, hers = consent(facts)
    (end,) = re.findall(
        r'action="(/record/support/[0-9a-f-]{36}/end/)"', hers.get("/record/who-looked/").content.decode()
    )
    assert hers.post(end).status_code == 302
    assert his.get(f"/support/{facts.ids['meenakshi']}/").status_code == 404


def estimates(facts, person):
    """Levels of the person that the support reads past all nouns."""
    with acting(actor=facts.ids["naeem"], on=timezone.localdate(), scopes="{[1,2000)}", purpose="support"):
        return rows("SELECT count(*) FROM competency_estimate WHERE person_id = %s", facts.ids[person])[0][0]


def test_the_database_opens_nothing_without_consent_nor_after_its_time(facts):
    assert estimates(facts, "meenakshi") == 0
    consent(facts)
    assert estimates(facts, "meenakshi") > 0
    assert estimates(facts, "arvind") == 0
    rows(
        "UPDATE institutions_supportvisit SET begins_at = now() - interval '2 hours', until = now() - interval '1 hour'"
    )
    assert estimates(facts, "meenakshi") == 0


def test_a_policy_without_the_time_is_caught(facts):
    """Planted bug: the policy forgets that a consent runs out."""
    consent(facts)
    rows(
        "UPDATE institutions_supportvisit SET begins_at = now() - interval '2 hours', until = now() - interval '1 hour'"
    )
    rows(
        f"CREATE POLICY planted ON competency_estimate FOR SELECT TO {roles.APP} USING (exists (select 1 from"
        " institutions_supportvisit look where look.person_id = competency_estimate.person_id))"
    )
    assert estimates(facts, "meenakshi") > 0


def test_support_is_no_door_to_the_scopes_of_a_role(facts):
    with as_worker():
        assert support.running(now=timezone.now(), supporter=facts.ids["naeem"]) == []
