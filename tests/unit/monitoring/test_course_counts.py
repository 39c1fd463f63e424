"""Counts of a provider's courses: people and not rows, whole publications, and no small group to be worked out."""

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.monitoring.conftest import DAY, NOW

from karmayogi.institutions import bodies
from karmayogi.institutions.models import PersonAlias
from karmayogi.learning.models import Course, CourseVersion, Enrolment
from karmayogi.monitoring import course_counts, indicators
from karmayogi.monitoring.course_counts import Counted, cells
from karmayogi.monitoring.models import CourseCount, Publication
from karmayogi.registry import ids
from karmayogi.registry.acting import acting, as_worker


@given(st.integers(0, 60), st.integers(0, 60))
def test_no_group_of_one_to_nine_stands_there_or_is_a_difference(enrolled, completed):
    completed = min(enrolled, completed)
    shown = cells(enrolled, completed, least=10)
    groups = [shown.enrolled, shown.completed]
    if shown.enrolled is not None and shown.completed is not None:
        groups.append(shown.enrolled - shown.completed)
    assert all(group is None or group == 0 or group >= 10 for group in groups)
    assert (shown.hidden == "") == (None not in groups)


def test_by_hand_what_is_shown_of_some_counts():
    assert cells(0, 0, least=10) == Counted(0, 0, "")
    assert cells(9, 9, least=10) == Counted(None, None, "small")
    assert cells(40, 3, least=10) == Counted(40, None, "part")
    assert cells(40, 35, least=10) == Counted(40, None, "part"), "five did not"
    assert cells(40, 40, least=10) == Counted(40, 40, "")
    assert cells(40, 20, least=10) == Counted(40, 20, "")


@pytest.fixture
def courses(service):
    """Two courses: "many" (30 on it, 12 of them completed) and "few" (4 on it), provided by one body."""
    with as_worker():
        provider = bodies.by_code("provider").id
        made = {key: a_course(key, provider) for key in ("many", "few")}
        people = service.people["dept-b"]
        put(made["many"], people[:30])
        put(made["few"], people[:4])
        complete(made["many"], people[:12])
    return made


def a_course(key, provider):
    course = Course.objects.create(key=key, state="draft", provider_id=provider, made_at=NOW)
    version = CourseVersion.objects.create(
        course=course, number=1, title="T", about="A", languages=["en"], minutes=10, pages=1, order_no="1",
        content_hash="x", published_at=NOW,
    )  # fmt: skip
    Course.objects.filter(pk=course.pk).update(state="live", version=version)
    course.refresh_from_db()
    return course


def put(course, people):
    Enrolment.objects.bulk_create(
        Enrolment(person_id=p, course=course, state="enrolled", enrolled_at=NOW) for p in people
    )


def complete(course, people):
    Enrolment.objects.filter(course=course, person_id__in=people).update(
        state="completed", completed_at=NOW, completed_version_id=course.version_id
    )


def publish():
    with as_worker():
        return indicators.publish(now=NOW)


def read(courses, *, code="provider", purpose="provider"):
    with as_worker():
        scopes = "{" + bodies.by_code(code).scope + "}"
    with acting(actor=ids.new(), scopes=scopes, on=DAY, purpose=purpose):
        found = course_counts.of(c.id for c in courses.values())
    return {key: found.get(c.id) for key, c in courses.items()}


@pytest.mark.django_db
def test_the_provider_reads_its_counts_and_no_other_does(courses):
    publish()
    assert read(courses) == {"many": Counted(30, 12, ""), "few": Counted(None, None, "small")}
    assert read(courses, code="min-1") == {"many": None, "few": None}
    assert read(courses, purpose="manager") == {"many": None, "few": None}


@pytest.mark.django_db
def test_joined_records_of_one_person_are_on_a_course_once(courses, service):
    one, other = service.people["dept-b"][0], service.people["dept-b"][29]
    with as_worker():
        PersonAlias.objects.create(
            person_id=one, other_id=other, alias=str(other), kind="person", order_no="1", since=NOW
        )
    publish()
    assert read(courses)["many"] == Counted(29, 12, "")


@pytest.mark.django_db
def test_what_is_hidden_is_not_stored_and_the_database_refuses_it(courses):
    publication = publish()
    row = CourseCount.objects.get(course=courses["few"])
    assert (row.enrolled, row.completed, row.publication_id) == (None, None, publication)
    with pytest.raises(IntegrityError, match="small_group"), transaction.atomic():
        CourseCount.objects.filter(pk=row.pk).update(enrolled=4)


@pytest.mark.django_db
def test_only_the_counts_of_the_last_publication_stay(courses):
    publish()
    last = publish()
    assert set(CourseCount.objects.values_list("publication_id", flat=True)) == {last}
    assert Publication.objects.filter(state="whole").count() == 2
