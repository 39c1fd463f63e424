"""The official's pages where nothing is known yet: each says what it will show; sentences say what they should."""

import datetime as dt

import pytest
from django.utils import timezone

from karmayogi.competency.evidence import Source
from karmayogi.competency.proofs import Note, Proof
from karmayogi.institutions import people
from karmayogi.institutions.people import NewPerson
from karmayogi.policy import rules
from karmayogi.registry import ids, notices
from karmayogi.registry.acting import as_worker
from karmayogi.web.pages.official import news, proof, result

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 24, 5, 0, tzinfo=dt.UTC)


@pytest.fixture
def newcomer(client):
    """Somebody without a post, signed in; the rules of the house are in force."""
    with as_worker():
        rules.issue(rules.HOUSE_DEFAULTS)
        people.enrol([NewPerson("meenakshi", "Meenakshi Selvam")])
        person = people.by_logins(["meenakshi"])["meenakshi"].id
    assert client.post("/demo/", {"as": "meenakshi"}).status_code == 302
    return person


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/home/", "Your post is not described yet"),
        ("/competencies/", "Your office has not described the post yet"),
        ("/plan/", "Your plan appears here"),
        ("/learn/", "Courses of the institutes and providers appear here"),
        ("/record/", "Certificates of level appear here by themselves"),
        ("/notices/", "News about your results"),
    ],
)
def test_a_page_with_nothing_to_show_says_what_it_will_show(client, newcomer, address, says):
    answer = client.get(address)
    assert answer.status_code == 200
    assert says in answer.content.decode()


NOBODYS = "00000000-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    "address",
    [
        f"/competencies/{NOBODYS}/question/",
        f"/competencies/{NOBODYS}/check/",
        f"/checks/{NOBODYS}/",
        f"/checks/{NOBODYS}/result/",
        f"/record/certificates/{NOBODYS}/",
        "/learn/no-such-course/",
        "/learn/no-such-course/pages/1/",
    ],
)
def test_what_is_not_there_or_not_ones_own_is_not_found(client, newcomer, address):
    assert client.get(address).status_code == 404


def test_a_notice_is_new_until_the_button_says_seen(client, newcomer):
    with as_worker():
        told = {"competency": str(ids.new()), "name": "Noting", "level": 3}
        notices.tell(newcomer, "statement_issued", params=told, now=timezone.now(), key="statement:1")
    page = client.get("/notices/").content.decode()
    assert "Certificate issued: Noting, level 3" in page
    assert "1 new" in page
    assert "1 new" in client.get("/notices/").content.decode()
    client.post("/notices/")
    assert "Nothing new" in client.get("/notices/").content.decode()


def test_a_typed_code_leads_to_its_own_address_and_a_wrong_one_is_named(client):
    assert "not a code of ours" in client.get("/verify/", {"code": "K7QM"}).content.decode()
    answer = client.get("/verify/", {"code": "0000 0000 0000"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/verify/0000-0000-0000/")
    answer = client.get("/verify/0000-0000-0000/")
    assert answer.status_code == 404
    assert "We have issued no certificate with this code" in answer.content.decode()


def _proof(what, **told):
    values = {
        "when": NOW,
        "what": what,
        "strength": 0,
        "counts": False,
        "note": Note.NO_WEIGHT,
        "id": ids.new(),
    }
    return Proof(**{**values, **told})


def test_a_finished_course_is_shown_and_says_that_it_raises_nothing():
    (line,) = proof.said([_proof(Source.COMPLETED)])
    assert line.title == "Course finished, November 2026"
    assert (line.weight, line.weight_word) == (0, "Not counted")
    assert line.says == "Finishing a course does not by itself raise a level."


def test_a_check_says_how_many_questions_and_until_when_it_counts_and_nothing_on_right_or_wrong():
    (line,) = proof.said(
        [
            _proof(
                Source.TEST, strength=3, counts=True, note=Note.COUNTS, right=4, asked=7,
                counts_until=dt.date(2029, 11, 23),
            )
        ]
    )  # fmt: skip
    assert line.weight_word == "Strong"
    assert line.says == "7 questions. It counts until 23 November 2029 and fades with time."


def test_an_expired_row_says_until_when_it_counted():
    (line,) = proof.said(
        [_proof(Source.RATING, note=Note.EXPIRED, level=3.0, counts_until=dt.date(2025, 1, 2))]
    )
    assert line.says.endswith("It counted until 2 January 2025.")


def test_a_row_says_its_part_of_the_estimate_and_which_way_it_moved_the_level():
    rows = [
        _proof(Source.TEST, strength=3, note=Note.COUNTS, right=4, asked=7, share=0.614, shift=0.8),
        _proof(Source.RATING, strength=1, note=Note.COUNTS, level=2.0, share=0.2, shift=-0.3),
        _proof(Source.RATING, strength=1, note=Note.COUNTS, level=2.0, share=0.05, shift=0.01),
        _proof(Source.COMPLETED, share=0.0, shift=0.0),
    ]
    test, low, small, course = (line.says for line in proof.said(rows))
    assert "It is 61 of 100 parts of this estimate and raised the level." in test
    assert "It is 20 of 100 parts of this estimate and lowered the level." in low
    assert "It is 5 of 100 parts of this estimate and hardly changed the level." in small
    assert "parts" not in course, "a row without a part is not told as 0 of 100"
    assert proof.rest(rows) == "The other 14 of 100 parts are what is usual among officials."
    assert proof.rest([_proof(Source.TEST)]) == "", "where no part was asked, nothing is said of the rest"


def test_a_chance_is_never_told_as_none_or_all_of_a_hundred():
    assert [result._in_hundred(p) for p in (0.001, 0.93, 0.999)] == ["fewer than 1", "93", "more than 99"]


def test_an_unknown_kind_of_notice_still_has_a_sentence():
    card = notices.NoticeCard(ids.new(), "something", {}, "", NOW, False)
    (shown,) = news.news([card])
    assert shown.title == "Something changed in your record"
