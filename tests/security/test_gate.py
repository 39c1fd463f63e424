"""The gate in the small: refusals are kept, errors have their status, limits are shared, a failure undoes all."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.test import Client
from django.urls import clear_url_caches, path

from karmayogi.ehrms.orders import OrderStopped
from karmayogi.ehrms.vacancies import NoSuchRanking
from karmayogi.institutions import audit
from karmayogi.institutions.access import NotForYou, OutOfReach
from karmayogi.institutions.models import Session
from karmayogi.institutions.roles import Audience
from karmayogi.policy.rules import NoSuchRule
from karmayogi.registry.acting import acting
from karmayogi.registry.limits import Limit, TooMany
from karmayogi.web import urls
from karmayogi.web.accounts import adapter
from karmayogi.web.routes import Data, Scope, route

from ..signing import sign_in
from ..windows import LASTING, lasting
from .oracle import rows

pytestmark = pytest.mark.django_db
EVIL = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "javascript:alert(1)",
    "https:evil.example",
)


def signed_in(login: str, **options) -> Client:
    client = Client(raise_request_exception=False, **options)
    return sign_in(client, login)


@pytest.fixture
def her() -> Client:
    return signed_in("meenakshi")


@pytest.fixture
def quick_passwords(settings):
    """Hashing slowly is right, and not what is tested here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def plant(monkeypatch):
    """Adds a view under /planted/ for one test."""

    def add(view):
        monkeypatch.setattr(urls, "urlpatterns", [*urls.urlpatterns, path("planted/", view, name="planted")])
        clear_url_caches()

    yield add
    clear_url_caches()


def declared(view, **options):
    return route(Audience.OFFICIAL, scope=Scope.OWN, data=Data.ACCOUNT, **options)(view)


def kept() -> list[tuple]:
    said = "SELECT object_id, details->>'method', reason FROM institutions_auditrow"
    return rows(f"{said} WHERE act = 'request.refuse' ORDER BY at, id")


def planted_rows() -> int:
    return rows("SELECT count(*) FROM institutions_auditrow WHERE act = 'planted'")[0][0]


def write_and_raise(error):
    def view(request):
        audit.record("planted", actor=request.reach.actor, object_kind="test", object_id="1")
        raise error

    return view


# --- Refusals and statuses -----------------------------------------------------------------------------------------


def test_a_refusal_is_kept_with_actor_route_method_and_reason(her):
    before = kept()
    assert her.get("/office/needs/").status_code == 403
    ((name, method, reason),) = kept()[len(before) :]
    assert (name, method) == ("needs", "GET")
    assert reason.startswith("NotForYou")


def test_a_refusal_survives_the_rollback_of_what_it_refused(her, plant):
    plant(declared(write_and_raise(NotForYou("Not for you.")), methods=("POST",)))
    before = len(kept())
    assert her.post("/planted/").status_code == 403
    assert (planted_rows(), len(kept())) == (0, before + 1)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OutOfReach("No."), 404),
        (NotForYou("No."), 403),
        (TooMany(9), 429),
        (NoSuchRanking("No."), 404),
        (LookupError("a fault of ours"), 500),
        (NoSuchRule("a fault of ours"), 500),
        (OrderStopped("No."), 409),
        (KeyError("a fault of ours"), 500),
        (ValueError("a fault of ours"), 500),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_an_error_has_its_status_and_faults_of_ours_say_nothing(her, plant, error, status):
    plant(declared(write_and_raise(error)))
    response = her.get("/planted/")
    assert response.status_code == status
    assert "fault of ours" not in response.content.decode()


def test_an_undeclared_route_is_refused_before_its_view(her, plant):
    plant(lambda request: pytest.fail("reached"))
    assert her.get("/planted/").status_code == 403
    assert kept()[-1][2].startswith("UndeclaredRoute")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE"])
def test_other_methods_are_not_allowed(her, method):
    assert her.generic(method, "/home/").status_code == 405


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_what_only_post_may_do_no_safe_method_does(method, plant):
    """HEAD and OPTIONS pass the check against forged requests, so they must never reach a view that writes."""
    done = []
    plant(declared(lambda request: done.append(request.method) or HttpResponse(), methods=("POST",)))
    client = signed_in("meenakshi", enforce_csrf_checks=True)
    assert (client.generic(method, "/planted/").status_code, done) == (405, [])


def test_a_form_without_its_token_is_refused():
    client, before = signed_in("meenakshi", enforce_csrf_checks=True), len(kept())
    assert client.post("/notices/").status_code == 403
    assert kept()[before:] == [("notices", "POST", "Forbidden: 403")]
    ((actor,),) = rows("SELECT a.login FROM institutions_auditrow r JOIN institutions_account a ON a.person_id ="
                       " r.actor WHERE act = 'request.refuse' ORDER BY at DESC LIMIT 1")  # fmt: skip
    assert actor == "meenakshi"


def test_a_subject_that_breaks_stops_the_request_before_the_view(her, plant):
    """Fail closed: an error nobody mapped must not be taken for consent."""

    def broken(reach):
        raise RuntimeError("the subject broke")

    done = []
    plant(declared(lambda request: done.append(1) or HttpResponse(), subject=broken))
    assert (her.get("/planted/").status_code, done) == (500, [])


# --- Limits --------------------------------------------------------------------------------------------------------


def test_posts_beyond_the_limit_are_refused_and_the_count_is_shared(her, plant):
    plant(declared(lambda request: HttpResponse("done"), methods=("POST",), rate=Limit(3, LASTING)))
    assert [her.post("/planted/").status_code for _ in range(5)] == [200] * 3 + [429] * 2
    assert signed_in("meenakshi").post("/planted/").status_code == 429
    assert signed_in("arvind").post("/planted/").status_code == 200
    assert (5 + 1,) in rows("SELECT times FROM registry_tally")


def test_the_shared_count_does_not_say_who_did_what(her, plant):
    plant(declared(lambda request: HttpResponse(), methods=("POST",)))
    her.post("/planted/")
    ((actor,),) = rows("SELECT person_id::text FROM institutions_account WHERE login = 'meenakshi'")
    assert not [k for (k,) in rows("SELECT key FROM registry_tally") if "planted" in k or actor in k]


def test_a_limit_declared_for_reads_holds_for_reads(plant):
    plant(
        route(Audience.ANYONE, scope=Scope.NONE, data=Data.PUBLIC, rate=Limit(3, LASTING))(
            lambda r: HttpResponse()
        )
    )
    assert [Client().get("/planted/").status_code for _ in range(5)] == [200] * 3 + [429] * 2


def test_wrong_passwords_are_counted_by_account_where_all_processes_see_it(quick_passwords, monkeypatch):
    monkeypatch.setattr(adapter, "ATTEMPTS", lasting(adapter.ATTEMPTS))
    person = get_user_model().objects.get(login="arvind")
    person.set_password("correct horse battery")
    person.save()
    guess = {"login": "Arvind", "password": "a wrong guess"}
    there = {"REMOTE_ADDR": "10.0.0.1"}
    answers = [Client(**there).post("/account/sign-in/", guess).status_code for _ in range(12)]
    assert answers == [200] * 10 + [429] * 2
    right = {"login": "arvind", "password": "correct horse battery"}
    assert Client(**there).post("/account/sign-in/", right).status_code == 429
    assert (13,) in rows("SELECT times FROM registry_tally")
    # A stranger cannot lock the person out from elsewhere.
    assert Client(REMOTE_ADDR="10.0.0.2").post("/account/sign-in/", right).status_code == 302


# --- All or nothing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_view_that_fails_half_way_leaves_nothing(her, plant, method):
    plant(declared(write_and_raise(RuntimeError("half way")), methods=("GET", "POST")))
    assert her.generic(method, "/planted/").status_code == 500
    assert planted_rows() == 0


# --- Sessions ------------------------------------------------------------------------------------------------------


def test_a_request_reads_only_the_session_whose_key_it_presents(her):
    arvind = signed_in("arvind")
    mine, other = her.session.session_key, arvind.session.session_key
    with acting(session=mine):
        assert list(Session.objects.values_list("session_key", flat=True)) == [mine]
        assert Session.objects.filter(session_key=other).update(session_data="x") == 0
        assert Session.objects.filter(session_key=other).delete()[0] == 0
    with acting():
        assert Session.objects.count() == 0


@pytest.mark.parametrize("change", ["password = 'changed'", "is_active = false"])
def test_a_session_ends_with_the_password_or_the_person_it_was_opened_with(her, change):
    assert her.get("/home/").status_code == 200
    rows(f"UPDATE institutions_account SET {change} WHERE login = 'meenakshi'")
    assert her.get("/home/").status_code == 302


# --- Headers and cookies -------------------------------------------------------------------------------------------

PAGES = (
    "/",
    "/home/",
    "/record/",
    "/learn/",
    "/office/needs/",
    "/no/such/page/",
    "/notices/",
    "/account/sign-out/",
)
OPEN = (
    "/demo/",
    "/languages/",
    "/about/privacy/",
    "/about/help/",
    "/verify/",
    "/account/sign-in/",
    "/home/",
    "/no/",
)


def loose(policy: str) -> list[str]:
    """What in a content security policy would let foreign or inline code run."""
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";") if rule.strip())
    wanted = {
        "default-src": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "form-action": "'self'",
    }
    found = [name for name, value in wanted.items() if rules.get(name) != value]
    return found + re.findall(r"unsafe-\w+|\*|https?:|blob:|(?:script|style)-src [^;]*data:", policy)


def inline(page: str) -> list[str]:
    """Inline code in a page, which the policy would stop."""
    code = r"<script(?![^>]*(?:\bsrc=|type=\"application/json\"))[^>]*>"  # JSON is read, never run
    return re.findall(code + r"|<style\b|\sstyle=|\son\w+=|href=.javascript:", page)


@pytest.mark.parametrize("address", PAGES)
def test_every_answer_carries_a_strict_policy_that_its_page_keeps(her, address):
    response = her.get(address)
    assert loose(response["Content-Security-Policy"]) == []
    assert inline(response.content.decode()) == []
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("address", OPEN)
def test_the_policy_stands_on_pages_for_everyone_too(address):
    response = Client().get(address)
    assert loose(response["Content-Security-Policy"]) == []
    assert inline(response.content.decode()) == []


def test_errors_of_ours_and_forged_forms_carry_the_policy_too(her, plant):
    plant(declared(write_and_raise(RuntimeError("broken")), methods=("GET", "POST")))
    forged = signed_in("meenakshi", enforce_csrf_checks=True).post("/planted/")
    for response in (her.get("/planted/"), forged, her.put("/home/")):
        assert loose(response["Content-Security-Policy"]) == []


@pytest.mark.parametrize(
    "address", ["/about/privacy/", "/verify/0000-0000-0000/", "/no/such/page/", "/home/"]
)
def test_no_cookie_but_that_of_the_forms_is_set_for_readers(address, her):
    assert set(Client().get(address).cookies) <= {"csrftoken"}
    assert set(her.get(address).cookies) <= {"csrftoken"}


def test_the_cookies_are_as_narrow_as_their_use_allows():
    client = Client()
    language = client.post("/language/", {"language": "hi"}).cookies["language"]
    assert (language.value, language["samesite"], language["path"]) == ("hi", "Lax", "/")
    assert 0 < language["max-age"] <= 366 * 86400
    client.post("/demo/", {"as": "meenakshi"})
    session = client.cookies["sessionid"]
    assert (bool(session["httponly"]), session["samesite"]) == (True, "Lax")


def test_an_unknown_language_sets_no_cookie():
    assert "language" not in Client().post("/language/", {"language": "../../etc"}).cookies


# --- Foreign input -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", EVIL)
def test_nobody_is_sent_to_a_foreign_site(target, quick_passwords):
    client = Client()
    assert client.post("/language/", {"language": "hi", "next": target})["Location"] == "/"
    assert target not in client.get("/languages/", {"next": target}).content.decode()
    person = get_user_model().objects.get(login="arvind")
    person.set_password("correct horse battery")
    person.save()
    form = {"login": "arvind", "password": "correct horse battery", "next": target}
    assert client.post("/account/sign-in/", form)["Location"] == "/"


@pytest.mark.parametrize(
    "address",
    ["/learn/a%00b/", "/learn/?q=%00", "/verify/?code=%00", "/verify/a%00b/"],
)
def test_a_zero_byte_is_a_bad_request_and_no_fault_of_ours(her, address):
    assert her.get(address).status_code in (200, 400, 404)


@pytest.mark.parametrize("address", ["/learn/a%00b/", "/verify/?code=%00"])
def test_the_answer_to_a_zero_byte_carries_the_policy(address):
    assert loose(Client().get(address).headers.get("Content-Security-Policy", "")) == []


def test_a_zero_byte_in_a_form_is_a_bad_request(her):
    assert her.post("/notices/", {"note": "a\0b"}).status_code == 400
