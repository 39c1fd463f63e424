from django.db import models

from karmayogi.learning.models.courses import Page
from karmayogi.registry import roles
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import PUBLIC, Rows, own


class PracticeQuestion(Fact):
    """A question on a practice page: what the learner reads. `options` is a list of {key, text}."""

    page = models.ForeignKey(Page, models.PROTECT, related_name="questions")
    key = models.SlugField(max_length=80)
    number = models.SmallIntegerField()
    stem = models.TextField()
    options = models.JSONField()

    PLAIN = fields("id page key number stem options")
    rows = PUBLIC

    class Meta:
        constraints = [models.UniqueConstraint(fields=["page", "key"], name="page_keys_its_questions")]


class PracticeKey(Fact):
    """The right option and the reason for it, kept where the learner's role cannot read. `why`: language -> text."""

    question = models.OneToOneField(PracticeQuestion, models.PROTECT, related_name="+")
    right = models.SlugField(max_length=20)
    why = models.JSONField()

    PLAIN = fields("id question right why")
    rows = Rows(secret=roles.SCORER)


class PracticeAnswer(Fact):
    """One try at a practice question. Tries are kept, never changed, and are no evidence."""

    person = models.ForeignKey("institutions.Person", models.PROTECT, related_name="+")
    question = models.ForeignKey(PracticeQuestion, models.PROTECT, related_name="+")
    option = models.SlugField(max_length=20)
    right = models.BooleanField()
    at = models.DateTimeField()

    PERSONAL = fields("person option right at")
    PLAIN = fields("id question")
    rows = Rows(read=own("person_id"), insert=own("person_id"))

    class Meta:
        indexes = [models.Index(fields=["person", "question", "at"], name="answer_person_question")]
