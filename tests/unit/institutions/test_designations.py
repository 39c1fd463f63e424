import datetime as dt

import pytest

from karmayogi.institutions import designations
from karmayogi.institutions.designations import AlreadyDecided, NotATitle, Title
from karmayogi.registry.acting import as_worker

NOW = dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("LABOUR &amp; EMPLOYMENT ADVISER", "Labour and  Employment Adviser"),
        ("ASSISTANT  PROVIDENT FUND COMMISSIONER ", "ASSISTANT PROVIDENT FUND COMMISSIONER"),
        ("CAMERAMAN GRADE-I", "Cameraman Gr. 1"),
        ("SCIENTIST &#39;B&#39;", "Scientist ‘B’"),
        ("Cafe\u0301 Manager", "CAF\u00c9 MANAGER"),
    ],
)
def test_entities_case_spaces_and_signs_make_no_difference(one: str, other: str) -> None:
    assert designations.normal(one).key == designations.normal(other).key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ACCOUNTS OFFICER - I", "ACCOUNTS OFFICER - II"),
        ("ACCOUNTS OFFICER GRADE-II", "ACCOUNTS OFFICER"),
        ("HELPER A", "HELPER B"),
    ],
)
def test_grades_are_kept_apart(one: str, other: str) -> None:
    assert designations.normal(one).key != designations.normal(other).key


def test_capitals_are_shown_as_a_title_and_steps_stay_as_they_are() -> None:
    shown = [designations.normal(t).name for t in ("ACCOUNTS OFFICER GRADE-II", "DIRECTOR OF LANDS", "LDC")]
    assert shown == ["Accounts Officer Grade-II", "Director of Lands", "LDC"]


def test_a_title_without_letters_is_refused() -> None:
    with pytest.raises(NotATitle):
        designations.normal(" - 12 ")


def test_steps_are_never_suggested_and_common_words_are_not_slips() -> None:
    titles = ["SECURITY HAVALDAR", "SECURITY HAVILDAR", "POLICE INSPECTOR ARMED", "POLICE INSPECTOR UNARMED"]
    titles += ["WELDER GRADE-I", "WELDER GRADE-II"]
    forms = {n.key: (n.base, n.grade) for n in map(designations.normal, titles)}
    assert [set(pair[:2]) for pair in designations.alike(forms, spellings={})] == [set(titles[:2])]


@pytest.mark.django_db
def test_like_titles_wait_in_a_queue_until_a_person_decides() -> None:
    titles = [
        Title("1", "SECURITY HAVALDAR"),
        Title("2", "SECURITY HAVILDAR"),
        Title("3", "SECURITY  HAVILDAR"),
    ]
    with as_worker():
        recorded = designations.record(titles, source="list", now=NOW)
        assert (len(recorded.titles), recorded.designations, recorded.suggestions) == (3, 2, 1)
        assert designations.resolve(["security havaldar"]) == {"security havaldar": "Security Havaldar"}
        (pair,) = designations.queue()
        assert (pair.kept, pair.variant) == ("Security Havildar", "Security Havaldar")
        designations.decide(pair.id, same=True, by=None, now=NOW)
        assert designations.resolve(["security havaldar"]) == {"security havaldar": "Security Havildar"}
        with pytest.raises(AlreadyDecided):
            designations.decide(pair.id, same=False, by=None, now=NOW)
        assert designations.record(titles, source="list", now=NOW).titles == frozenset()
        assert designations.counts() == {
            "designations": 2, "spellings": 3, "suggested": 0, "accepted": 1, "rejected": 0,
        }  # fmt: skip
